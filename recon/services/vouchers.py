"""What a voucher says, and the line of the ledger that it is until the ledger's own line takes its place."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import pyarrow as pa
from sqlalchemy import select
from sqlalchemy.orm import Session

from recon.database.audit import canonical
from recon.database.line_tables import LINE_COLUMNS, line_table
from recon.database.models import Account, AccountGroup, Adjustment, Company, EntryType, Line
from recon.errors import NotFound, Refusal
from recon.services.enter_lines import Reader, members_on, readers_of_group
from rules.values import said_day
from rules.wording import _

COPIED = ("reference", "archive_reference", "end_to_end_id", "kid", "invoice_number", "counterparty")
"""What the line of a voucher has from the line it was posted from, so that rules find the two."""


@dataclass(frozen=True, slots=True)
class Voucher:
    """What a person says of a voucher; what is None comes from its entry type, its line or its group.

    `amount_minor` is in the group's sign and currency: positive debits the bank account, negative credits it.
    """

    entry_type: str | None = None
    booked_on: date | None = None
    amount_minor: int | None = None
    account_id: int | None = None
    counter_account: str | None = None
    dimensions: Mapping[str, str] | None = None
    vat_code: str | None = None
    text: str | None = None


def entry_type_for(session: Session, group: AccountGroup, key: str | None, amount_minor: int) -> EntryType:
    """The entry type of that key; without one, for a receipt, the company's default. NotFound, or Refusal for none."""
    usual = session.get_one(Company, group.company_id).default_entry_type if amount_minor > 0 else None
    wanted = key or usual
    if wanted is None:
        raise Refusal(_("Say as what entry type it is to be booked."))
    query = select(EntryType).where(EntryType.company_id == group.company_id, EntryType.key == wanted)
    found = session.scalars(query).one_or_none()
    if found is None:
        raise NotFound(_("There is no entry type {key}.").format(key=wanted))
    return found


def usual_counter_account(entry_type: EntryType, amount_minor: int, own: Account | None = None) -> str | None:
    """Money into the bank account is credited to the other account, money out of it debited.

    An entry type that names the bank's `own` account on that side means the account on its other side.
    """
    named = (entry_type.credit_account, entry_type.debit_account)
    first, second = named if amount_minor > 0 else named[::-1]
    return second if own is not None and first == own.number else first


def ledger_accounts(session: Session, group: AccountGroup) -> list[Reader]:
    """The accounts of the group's own ledger, on which its vouchers can be booked."""
    return members_on(readers_of_group(session, group), "left")


def ledger_account(session: Session, group: AccountGroup, account_id: int | None) -> Reader:
    """The account that stands for the bank in a voucher. Raises Refusal where it must be named, or cannot be booked."""
    readers = ledger_accounts(session, group)
    found = [reader for reader in readers if account_id in (None, reader.account.id)]
    if len(found) != 1:
        numbers = ", ".join(reader.account.number for reader in readers)
        raise Refusal(_("Say on which of the accounts {numbers} it is to be booked.").format(numbers=numbers))
    account = found[0].account
    if account.currency != group.currency:
        told = _("Account {account} is in {currency} and the group in {other}: book this voucher in the ledger itself.")
        raise Refusal(told.format(account=account.number, currency=account.currency, other=group.currency))
    return found[0]


def usual_ledger_account(session: Session, group: AccountGroup) -> Account | None:
    """The group's only ledger account; None where a person has to say which."""
    readers = ledger_accounts(session, group)
    return readers[0].account if len(readers) == 1 else None


def fill(session: Session, group: AccountGroup, adjustment: Adjustment, voucher: Voucher) -> None:
    """Let an adjustment say what the voucher says. `adjustment.amount_minor` must stand. Raises Refusal."""
    entry_type = entry_type_for(session, group, voucher.entry_type, adjustment.amount_minor)
    own = ledger_account(session, group, voucher.account_id).account
    counter = voucher.counter_account or usual_counter_account(entry_type, adjustment.amount_minor, own)
    if not counter:
        side = _("credit") if adjustment.amount_minor > 0 else _("debit")
        told = _("Entry type {key} names no {side} account; say which account is to be used.")
        raise Refusal(told.format(key=entry_type.key, side=side))
    require_two_accounts(own, counter)
    if adjustment.booked_on < group.start_on:
        told = _("{day} is before the group's start, {start}.")
        raise Refusal(told.format(day=said_day(adjustment.booked_on), start=said_day(group.start_on)))
    adjustment.entry_type = entry_type
    adjustment.account_id = own.id
    adjustment.counter_account = counter
    adjustment.vat_code = voucher.vat_code or entry_type.vat_code
    dimensions = voucher.dimensions if voucher.dimensions is not None else entry_type.dimensions
    adjustment.dimensions = dict(dimensions) if dimensions else None
    adjustment.text = voucher.text or adjustment.text or entry_type.name


def require_two_accounts(own: Account, counter: str) -> None:
    """A voucher moves money between two accounts. Raises Refusal."""
    if counter == own.number:
        raise Refusal(_("Account {number} cannot be booked against itself.").format(number=own.number))


def told(adjustment: Adjustment) -> list[Any]:
    """A voucher as its release tells it and `recon verify` reads it again."""
    return [
        adjustment.id,
        adjustment.series,
        adjustment.number,
        adjustment.booked_on.isoformat(),
        adjustment.account_id,
        adjustment.counter_account,
        adjustment.amount_minor,
        adjustment.currency,
        adjustment.entry_type_id,
        adjustment.vat_code,
        adjustment.dimensions,
        adjustment.text,
    ]


def voucher_lines(
    group: AccountGroup, readers: Mapping[int, Reader], adjustments: Sequence[Adjustment], sources: Mapping[int, Line]
) -> pa.Table:
    """The lines that numbered adjustments become, as LINE_COLUMNS in the sign of their accounts.

    `readers` is account -> the group's member that reads it; `sources` line -> the line that was posted.
    """
    rows = [_row(group, readers, adjustment, sources.get(adjustment.from_line_id or 0)) for adjustment in adjustments]
    count = len(rows)
    columns = {name: pa.array([row.get(name) for row in rows], kind) for name, kind in LINE_COLUMNS.items()}
    kept = {name: column for name, column in columns.items() if name not in ("occurrence", "part", "final")}
    return line_table(kept, count)


def _row(
    group: AccountGroup, readers: Mapping[int, Reader], adjustment: Adjustment, source: Line | None
) -> dict[str, Any]:
    reader = readers[adjustment.account_id or 0]
    copied = {name: getattr(source, name) for name in COPIED} if source else {}
    named = adjustment.dimensions or {}
    return copied | {
        "account_id": reader.account.id,
        "only_group_id": group.id,
        "origin": "adjustment",
        "fingerprint": hashlib.sha256(canonical(["adjustment", adjustment.id]).encode()).hexdigest()[:32],
        "booked_on": adjustment.booked_on,
        "amount_minor": -adjustment.amount_minor if reader.negate else adjustment.amount_minor,
        "currency": adjustment.currency,
        "text": adjustment.text,
        "voucher_type": adjustment.series,
        "voucher_number": str(adjustment.number),
        "department": named.get("department"),
        "project": named.get("project"),
    }


def posted_from(session: Session, adjustments: Iterable[Adjustment]) -> dict[int, Line]:
    """The lines that adjustments were posted from, by key."""
    ids = {adjustment.from_line_id for adjustment in adjustments if adjustment.from_line_id}
    return {line.id: line for line in session.scalars(select(Line).where(Line.id.in_(ids)))}
