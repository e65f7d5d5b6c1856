"""Adjustments become vouchers: numbered, with a line each on the group's ledger account."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyarrow as pa
from sqlalchemy.orm import Session

from recon.access import Actor
from recon.database.audit import record
from recon.database.line_tables import add_lines, lines_digest, row_hashes
from recon.database.models import AccountGroup, Adjustment, Event, NumberSeries
from recon.database.remainders import touch_group
from recon.errors import Refusal
from recon.services.enter_lines import enter_lines, readers_of_group
from recon.services.number_series import next_number, series_named
from recon.services.vouchers import ledger_account, posted_from, require_two_accounts, told, voucher_lines
from rules.wording import _

VOUCHERS = "ADJ"
"""The series of entry types that name none."""


def write_vouchers(
    session: Session,
    actor: Actor,
    group: AccountGroup,
    adjustments: Sequence[Adjustment],
    verb: str,
    after: dict[str, Any] | None = None,
) -> Event:
    """Number and release flushed adjustments and let their provisional lines into the group; one event.

    The event tells every voucher, and its digest is over their lines. Raises Refusal where a voucher lacks an account.
    """
    accounts = {}
    for adjustment in adjustments:
        reader = ledger_account(session, group, adjustment.account_id)
        adjustment.account_id = reader.account.id
        accounts[reader.account.id] = reader
        if not adjustment.counter_account:
            raise Refusal(_("Adjustment {id} has no counter account: give it one first.").format(id=adjustment.id))
        require_two_accounts(reader.account, adjustment.counter_account)
    _number(session, group, adjustments)
    lines = voucher_lines(group, accounts, adjustments, posted_from(session, adjustments))
    hashes = row_hashes(lines)
    known = (after or {}) | {"vouchers": [told(adjustment) for adjustment in adjustments]}
    digest = lines_digest(hashes)
    event = record(session, actor, group.company_id, verb, f"group {group.id}", after=known, digest=digest)
    touch_group(session, group.id, seen=group.revision)
    keys = add_lines(session, event.id, lines, hashes)
    for adjustment, key in zip(adjustments, keys.tolist(), strict=True):
        adjustment.line_id, adjustment.released_event_id, adjustment.state = key, event.id, "released"
    session.flush()
    enter_lines(session, readers_of_group(session, group), lines.add_column(0, "id", pa.array(keys)))
    return event


def _number(session: Session, group: AccountGroup, adjustments: Sequence[Adjustment]) -> None:
    """Numbers in the order of the adjustments; series one after another, so that two releases do not lock crosswise."""
    numbered: dict[int, tuple[NumberSeries, list[Adjustment]]] = {}
    for adjustment in adjustments:
        series = adjustment.entry_type.series or series_named(session, group.company_id, VOUCHERS, "voucher")
        numbered.setdefault(series.id, (series, []))[1].append(adjustment)
    for _key, (series, members) in sorted(numbered.items()):
        name = series.name
        for adjustment in members:
            adjustment.series, adjustment.number = name, next_number(session, series)
    session.flush()
