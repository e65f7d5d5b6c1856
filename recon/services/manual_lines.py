"""Lines that a person enters on either side of a group: they change its calculated balance and never leave it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

import pyarrow as pa
from sqlalchemy import select
from sqlalchemy.orm import Session

from recon.access import Actor, Permission
from recon.database.audit import canonical, record
from recon.database.line_tables import TEXT_COLUMNS, add_lines, line_table, lines_digest, row_hashes
from recon.database.models import AccountGroup, Allocation, GroupLine, Line
from recon.database.remainders import touch_group
from recon.errors import NotFound, Refusal
from recon.services.bank_services import refuse_by_hand
from recon.services.enter_lines import Reader, enter_lines, members_on, readers_of_group
from recon.services.find_group import first_open_day, group_for
from recon.services.replace_lines import leave_groups, withdraw
from rules.values import said_day
from rules.wording import _

FIELDS = ("text", "reference", "archive_reference", "invoice_number", "kid", "counterparty", "voucher_number")
"""What a person may write on a manual line, beside day and amount."""


@dataclass(frozen=True)
class ManualLine:
    """`amount_minor` is in the group's sign and currency; `member` is the place of its account on the side."""

    side: str
    booked_on: date
    amount_minor: int
    member: int = 0
    fields: Mapping[str, str] = field(default_factory=dict)


def add_manual_line(session: Session, actor: Actor, group_id: int, wanted: ManualLine) -> int:
    """Enter a line by hand; its key. It is open, marked, in the balances, and matched like any other.

    Raises Refusal for a day before the group's start or in an approved period, and for an amount of 0.
    """
    group = group_for(session, actor, group_id, Permission.MATCH)
    reader = _reader(session, group, wanted)
    _check(session, group, wanted)
    refuse_by_hand(session, reader.account, [wanted.booked_on])
    line = _line(session, group, reader, wanted)
    hashes = row_hashes(line)
    after = {"side": wanted.side, "on": wanted.booked_on.isoformat(), "minor": wanted.amount_minor}
    digest = lines_digest(hashes)
    event = record(session, actor, group.company_id, "add line", f"group {group.id}", after=after, digest=digest)
    touch_group(session, group.id, seen=group.revision)
    keys = add_lines(session, event.id, line, hashes)
    enter_lines(session, readers_of_group(session, group), line.add_column(0, "id", pa.array(keys)))
    return int(keys[0])


def change_manual_line(session: Session, actor: Actor, group_id: int, line_id: int, wanted: ManualLine) -> int:
    """Another line in a manual line's place, for lines are immutable; the new key. Refused while it is matched."""
    remove_manual_line(session, actor, group_id, line_id)
    return add_manual_line(session, actor, group_id, wanted)


def remove_manual_line(session: Session, actor: Actor, group_id: int, line_id: int) -> None:
    """Take a manual line away. Raises Refusal if it is matched, or lies in an approved period."""
    group = group_for(session, actor, group_id, Permission.MATCH)
    line = session.get(Line, line_id)
    if line is None or line.only_group_id != group.id or line.origin != "manual" or line.withdrawn_event_id is not None:
        raise NotFound(_("There is no such manual line in {group}.").format(group=group.name))
    taken = select(Allocation.id).where(Allocation.line_id == line_id, Allocation.undone_event_id.is_(None)).limit(1)
    if session.scalars(taken).first() is not None:
        raise Refusal(_("The manual line is matched: take the match apart first."))
    standing = session.get(GroupLine, (group.id, line_id))
    counted = (standing.period_on if standing else None) or line.booked_on
    if counted < first_open_day(session, group):
        raise Refusal(_("The manual line lies in an approved period: withdraw the approval first."))
    before = {"on": line.booked_on.isoformat(), "minor": line.amount_minor, "text": line.text}
    event = record(session, actor, group.company_id, "remove line", f"group {group.id}", before=before)
    touch_group(session, group.id, seen=group.revision)
    leave_groups(session, event.id, [line_id])
    withdraw(session, event.id, [line_id])
    session.flush()


def _reader(session: Session, group: AccountGroup, wanted: ManualLine) -> Reader:
    """The account of the side that the line stands on."""
    members = members_on(readers_of_group(session, group), wanted.side)
    if not 0 <= wanted.member < len(members):
        raise Refusal(_("{group} has no such account on that side.").format(group=group.name))
    return members[wanted.member]


def _check(session: Session, group: AccountGroup, wanted: ManualLine) -> None:
    if wanted.amount_minor == 0:
        raise Refusal(_("A manual line needs an amount."))
    if wanted.booked_on < group.start_on:
        told = _("{day} is before {group} starts, at {start}.")
        raise Refusal(told.format(day=said_day(wanted.booked_on), group=group.name, start=said_day(group.start_on)))
    if wanted.booked_on < first_open_day(session, group):
        raise Refusal(_("{day} lies in an approved period.").format(day=said_day(wanted.booked_on)))
    unknown = set(wanted.fields) - set(FIELDS)
    if unknown:
        raise Refusal(_("A manual line has no {fields}.").format(fields=", ".join(sorted(unknown))))


def _line(session: Session, group: AccountGroup, reader: Reader, wanted: ManualLine) -> pa.Table:
    """LINE_COLUMNS in the sign of the account; equal lines are told apart by number, those removed included."""
    fields = {name: text.strip() for name, text in wanted.fields.items() if text.strip()}
    day = wanted.booked_on.isoformat()
    content = ["manual", group.id, wanted.side, wanted.member, day, wanted.amount_minor, fields]
    mark = hashlib.sha256(canonical(content).encode()).hexdigest()[:32]
    minor = -wanted.amount_minor if reader.negate else wanted.amount_minor
    return line_table(
        {
            "account_id": pa.array([reader.account.id]),
            "only_group_id": pa.array([group.id]),
            "origin": pa.array(["manual"]),
            "fingerprint": pa.array([mark]),
            "occurrence": pa.array([_next(session, reader.account.id, mark)]),
            "booked_on": pa.array([wanted.booked_on]),
            "amount_minor": pa.array([minor]),
            "currency": pa.array([group.currency]),
            **_texts(fields),
        },
        1,
    )


def _texts(fields: Mapping[str, str]) -> dict[str, pa.Array]:
    return {name: pa.array([fields[name]]) for name in TEXT_COLUMNS if name in fields}


def _next(session: Session, account_id: int, mark: str) -> int:
    taken: Iterable[int] = session.scalars(
        select(Line.occurrence).where(Line.account_id == account_id, Line.fingerprint == mark)
    )
    return max(taken, default=0) + 1
