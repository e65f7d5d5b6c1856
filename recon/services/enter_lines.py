"""Lines into the groups that read their accounts: sign, filter and start of the group, and the period of late lines."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session, aliased, joinedload

from recon.database.bulk import CHUNK, write_table
from recon.database.line_tables import LINE_COLUMNS, frame_of, parts_of, stored_lines
from recon.database.models import Account, AccountGroup, AccountImport, GroupAccount, GroupLine, Line
from recon.database.remainders import touch_group
from recon.errors import Refusal
from recon.services.find_group import newest_approved
from recon.services.line_filters import passing
from rules.wording import _

Mask = NDArray[np.bool_]


DECIDING = (
    *("account_id", "only_group_id", "origin", "booked_on"),
    *("amount_minor", "currency", "original_minor", "original_currency"),
)
"""The columns of a line that decide which groups read it, and with what amount; filters may need any other."""


@dataclass(frozen=True)
class Reader:
    """A group reading an account: from when, through which filters, in which sign."""

    group: AccountGroup
    member: GroupAccount
    account: Account
    negate: bool
    filters: tuple[dict[str, Any] | None, ...]

    @classmethod
    def of(cls, member: GroupAccount) -> Reader:
        if member.account is not None:
            return cls(member.group, member, member.account, member.negate, (member.filter,))
        assert member.account_import is not None
        view = member.account_import
        negate = member.negate != view.negate
        return cls(member.group, member, view.source_account, negate, (view.filter, member.filter))


def readers_of_accounts(session: Session, account_ids: Iterable[int]) -> list[Reader]:
    """Every group, archived ones aside, that reads one of these accounts, itself or through an account import."""
    ids = sorted(set(account_ids))
    through = select(AccountImport.id).where(AccountImport.source_account_id.in_(ids))
    reading = (GroupAccount.account_id.in_(ids)) | (GroupAccount.account_import_id.in_(through))
    return _readers(session, reading)


def readers_of_group(session: Session, group: AccountGroup) -> list[Reader]:
    return _readers(session, GroupAccount.group_id == group.id)


def members_on(readers: Iterable[Reader], side: str) -> list[Reader]:
    """The members of one side, in their order."""
    return [reader for reader in readers if reader.member.side == side]


def _readers(session: Session, which: ColumnElement[bool]) -> list[Reader]:
    members = session.scalars(
        select(GroupAccount)
        .join(AccountGroup)
        .where(which, AccountGroup.archived_at.is_(None))
        .options(
            joinedload(GroupAccount.group),
            joinedload(GroupAccount.account),
            joinedload(GroupAccount.account_import).joinedload(AccountImport.source_account),
        )
        .order_by(GroupAccount.group_id, GroupAccount.id)
    )
    return [Reader.of(member) for member in members]


def enter_lines(session: Session, readers: Sequence[Reader], lines: pa.Table) -> dict[int, int]:
    """Let live lines into the groups that read them; how many into each group.

    `lines` has `id` and what is known of the lines (`line_tables.whole`, `live_lines`). A line before its group's start
    stays out, unless it is one of the group's opening items. Raises Refusal when a line would stand twice in one group,
    or in two groups of one company, or is in a currency its group does not have.
    """
    counts: Counter[int] = Counter()
    for part in parts_of(lines, CHUNK):
        counts += _enter(session, readers, part)
    if lines.num_rows:
        _refuse_two_groups(session, _shared(session, readers))
    for group_id in counts:
        touch_group(session, group_id)
    return dict(counts)


def _enter(session: Session, readers: Sequence[Reader], lines: pa.Table) -> Counter[int]:
    entering = [(reader, _admitted(reader, lines)) for reader in readers]
    _refuse_both_sides(entering)
    counts: Counter[int] = Counter()
    for reader, mask in entering:
        if mask.any():
            entered = lines if mask.all() else lines.filter(pa.array(mask))
            write_table(session, "group_line", _group_lines(session, reader, entered))
            counts[reader.group.id] += entered.num_rows
    return counts


def lines_of_group(session: Session, group: AccountGroup) -> set[tuple[int, str]]:
    """Key and side of every live line that the group reads, whether it stands in it or not."""
    readers = readers_of_group(session, group)
    lines = live_lines(session, readers)
    return {
        (key, reader.member.side)
        for reader in readers
        for key in lines.filter(pa.array(_admitted(reader, lines)))["id"].to_pylist()
    }


def live_lines(session: Session, readers: Sequence[Reader], where: str = "1 = 1") -> pa.Table:
    """Live lines `l` of the readers' accounts for which a condition in SQL holds: `id` and LINE_COLUMNS, or without
    filters only what decides who reads a line."""
    listed = ", ".join(map(str, sorted({reader.account.id for reader in readers}))) or "0"
    filtered = any(condition is not None for reader in readers for condition in reader.filters)
    chosen = f"l.account_id IN ({listed}) AND l.withdrawn_event_id IS NULL AND ({where})"
    return stored_lines(session, chosen, LINE_COLUMNS if filtered else DECIDING)


def _shared(session: Session, readers: Sequence[Reader]) -> list[int]:
    """Accounts of the readers that groups of one company read in several places, those of other groups among them."""
    everyone = readers_of_accounts(session, [reader.account.id for reader in readers])
    places = Counter((reader.account.id, reader.group.company_id) for reader in everyone)
    return sorted({account_id for (account_id, _company_id), count in places.items() if count > 1})


def _admitted(reader: Reader, lines: pa.Table) -> Mask:
    mine = _mask(pc.equal(lines["account_id"], reader.account.id))
    only = lines["only_group_id"]
    own = _mask(pc.fill_null(pc.equal(only, reader.group.id), False))
    timely = _mask(pc.greater_equal(lines["booked_on"], pa.scalar(reader.group.start_on)))
    opening = own & _mask(pc.equal(lines["origin"], "opening"))
    admitted = mine & (opening | (timely & (own | _mask(pc.is_null(only)))))
    for condition in reader.filters:
        if condition is not None and admitted.any():
            # What a person put into this group by hand stays in it, whatever its filter says.
            admitted &= own | passing(condition, frame_of(lines, {reader.account.id: reader.account.number}))
    return admitted


def _mask(values: pa.ChunkedArray) -> Mask:
    return np.asarray(values.to_numpy(), dtype=np.bool_)


def _group_lines(session: Session, reader: Reader, lines: pa.Table) -> pa.Table:
    amounts = _in_group_currency(reader, lines)
    count = lines.num_rows
    return pa.table(
        {
            "group_id": pa.repeat(reader.group.id, count),
            "line_id": lines["id"],
            "side": pa.repeat(reader.member.side, count),
            "booked_on": lines["booked_on"],
            "amount_minor": amounts,
            "open_minor": amounts,
            "is_open": pa.repeat(True, count),
            "state": pa.repeat("active", count),
            "cleared": pa.repeat(False, count),
            "period_on": _late(session, reader.group, lines["booked_on"]),
        }
    )


def _in_group_currency(reader: Reader, lines: pa.Table) -> pa.ChunkedArray:
    currency = reader.group.currency
    same = pc.equal(lines["currency"], currency)
    original = pc.fill_null(pc.equal(lines["original_currency"], currency), False)
    neither = pc.invert(pc.or_(same, original))
    if pc.any(neither).as_py():
        other = lines.filter(neither)["currency"][0].as_py()
        told = _("account {account} has lines in {other}, and the group {group} is in {currency}")
        raise Refusal(
            told.format(account=reader.account.number, other=other, group=reader.group.name, currency=currency)
        )
    amounts = pc.if_else(same, lines["amount_minor"], lines["original_minor"])
    return pc.negate(amounts) if reader.negate else amounts


def _late(session: Session, group: AccountGroup, booked_on: pa.ChunkedArray) -> pa.ChunkedArray:
    approved = newest_approved(session, group.id)
    if approved is None:
        return pa.nulls(len(booked_on), pa.date32())
    day = pa.scalar(approved.to_on + dt.timedelta(days=1), pa.date32())
    return pc.if_else(pc.less(booked_on, day), day, pa.scalar(None, pa.date32()))


def _refuse_both_sides(entering: Sequence[tuple[Reader, Mask]]) -> None:
    seen: dict[int, tuple[Reader, Mask]] = {}
    for reader, mask in entering:
        other, taken = seen.get(reader.group.id, (reader, np.zeros(len(mask), dtype=np.bool_)))
        if (taken & mask).any():
            told = _("a line of account {account} would stand twice in group {group}: give its places filters")
            raise Refusal(told.format(account=reader.account.number, group=reader.group.name))
        seen[reader.group.id] = (other, taken | mask)


def _refuse_two_groups(session: Session, accounts: Sequence[int]) -> None:
    """An account may stand in several groups of a company, itself or imported, only with filters that no line passes
    twice."""
    if not accounts:
        return
    first, second = aliased(AccountGroup), aliased(AccountGroup)
    there, here = aliased(GroupLine), aliased(GroupLine)
    twice = (
        select(Account.number, first.name, second.name)
        .join(Line, Line.account_id == Account.id)
        .join(there, there.line_id == Line.id)
        .join(here, (here.line_id == Line.id) & (here.group_id > there.group_id))
        .join(first, first.id == there.group_id)
        .join(second, (second.id == here.group_id) & (second.company_id == first.company_id))
        .where(Account.id.in_(accounts), first.archived_at.is_(None), second.archived_at.is_(None))
        .limit(1)
    )
    if found := session.execute(twice).first():
        told = _("a line of account {account} would stand in the groups {first} and {second}: give them filters")
        raise Refusal(told.format(account=found[0], first=found[1], second=found[2]))
