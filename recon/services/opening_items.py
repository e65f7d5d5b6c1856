"""Opening items: open lines inside a group's opening balance, written, read and corrected."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from recon.database.audit import canonical
from recon.database.line_tables import TEXT_COLUMNS, line_table, stored_lines
from recon.database.models import AccountGroup, Allocation, GroupLine, Line
from recon.errors import Refusal
from recon.intake.fingerprint import occurrences
from recon.services.enter_lines import Reader
from recon.services.setup_plan import OpeningItem
from rules.values import said_day
from rules.wording import _


def opening_lines(group: AccountGroup, side: str, readers: Sequence[Reader], items: Sequence[OpeningItem]) -> pa.Table:
    """Opening items of a side as LINE_COLUMNS, in the sign of their accounts; `readers` are the side's members."""
    placed = [readers[item.member] for item in items]
    prints = pa.array([_fingerprint(group, side, item) for item in items], pa.string())
    signed = [
        -item.amount_minor if reader.negate else item.amount_minor for item, reader in zip(items, placed, strict=True)
    ]
    count = len(items)
    return line_table(
        {
            "account_id": pa.array([reader.account.id for reader in placed], pa.int64()),
            "only_group_id": pa.repeat(group.id, count),
            "origin": pa.repeat("opening", count),
            "fingerprint": prints,
            "occurrence": occurrences(prints),
            "booked_on": pa.array([item.booked_on for item in items], pa.date32()),
            "due_on": pa.array([item.due_on for item in items], pa.date32()),
            "amount_minor": pa.array(signed, pa.int64()),
            "currency": pa.repeat(group.currency, count),
            **{name: pa.array([dict(i.fields).get(name) for i in items], pa.string()) for name in TEXT_COLUMNS},
        },
        count,
    )


def _fingerprint(group: AccountGroup, side: str, item: OpeningItem) -> str:
    """All that is told of the item: an item of which anything changes is another item."""
    days = [item.booked_on.isoformat(), item.due_on and item.due_on.isoformat()]
    content = ["opening", group.id, side, item.member, *days, item.amount_minor, item.fields]
    return hashlib.sha256(canonical(content).encode()).hexdigest()[:32]


def stored_openings(session: Session, group: AccountGroup) -> pa.Table:
    """The live opening lines of a group, both sides, in the order in which they were written."""
    mine = f"l.only_group_id = {int(group.id)} AND l.origin = 'opening' AND l.withdrawn_event_id IS NULL"
    return stored_lines(session, mine)


def items_of_side(
    session: Session, group: AccountGroup, side: str, readers: Sequence[Reader]
) -> tuple[OpeningItem, ...]:
    """The live opening items of a side."""
    standing = select(GroupLine.line_id).where(GroupLine.group_id == group.id, GroupLine.side == side)
    here = set(session.scalars(standing.join(Line, Line.id == GroupLine.line_id).where(Line.origin == "opening")))
    members = {reader.account.id: place for place, reader in enumerate(readers)}
    rows = (row for row in stored_openings(session, group).to_pylist() if row["id"] in here)
    items = [_item(row, members[row["account_id"]], readers) for row in rows]
    return tuple(sorted(items, key=lambda item: item.order))


def _item(row: dict[str, Any], member: int, readers: Sequence[Reader]) -> OpeningItem:
    return OpeningItem(
        booked_on=row["booked_on"],
        due_on=row["due_on"],
        amount_minor=-row["amount_minor"] if readers[member].negate else row["amount_minor"],
        member=member,
        fields=tuple(sorted((name, row[name]) for name in TEXT_COLUMNS if row[name] is not None)),
    )


def missing_from(wanted: pa.Table, stored: pa.Table) -> pa.Table:
    """Rows of `wanted` that are not in `stored`, by account, fingerprint and occurrence."""
    known = set(_identities(stored))
    return wanted.filter(pa.array([identity not in known for identity in _identities(wanted)], pa.bool_()))


def _identities(lines: pa.Table) -> list[tuple[int, str, int]]:
    columns = (lines[name].to_pylist() for name in ("account_id", "fingerprint", "occurrence"))
    return list(zip(*columns, strict=True))


def withdraw_openings(session: Session, group: AccountGroup, event_id: int, lines: pa.Table) -> None:
    """Take opening lines out of their group. Raises Refusal if one of them is matched."""
    ids = lines["id"].to_pylist()
    live = select(Allocation.line_id).where(Allocation.line_id.in_(ids), Allocation.undone_event_id.is_(None))
    if (matched := session.scalars(live.limit(1)).first()) is not None:
        day = lines.filter(pc.equal(lines["id"], matched))["booked_on"][0].as_py()
        raise Refusal(_("the opening item of {day} is matched: take the match apart first").format(day=said_day(day)))
    quiet = {"synchronize_session": False}
    standing = delete(GroupLine).where(GroupLine.group_id == group.id, GroupLine.line_id.in_(ids))
    session.execute(standing.execution_options(**quiet))
    withdrawing = update(Line).where(Line.id.in_(ids)).values(withdrawn_event_id=event_id)
    session.execute(withdrawing.execution_options(**quiet))
