"""Own vouchers that come back: a released adjustment, exported and booked, arrives as a line of the ledger.

The imported line takes the place of the adjustment, or of its provisional line, and its place in the match. It is the
adjustment's if it has its series and number, else its account, amount, day and reference.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from recon.access import Actor
from recon.database.models import Adjustment, GroupLine, Line, Replacement
from recon.services.replace_lines import QUIET, withdraw
from recon.services.succeed_matches import Member, Swap, succeed_matches

Row = Mapping[str, Any]


def return_vouchers(
    session: Session, actor: Actor, company_id: int, event_id: int, new_lines: Callable[[], Sequence[Row]]
) -> int:
    """Give released adjustments the new ledger lines that are their vouchers; how many.

    `new_lines` is asked only where an adjustment waits; its rows have `id`, day, amount, voucher, reference and text.
    """
    waiting = _waiting(session, company_id)
    if not waiting:
        return 0
    found = list(_returned(session, waiting, new_lines()))
    swaps = [swap for adjustment, line_id in found for swap in _swap(session, adjustment, line_id)]
    succeed_matches(session, actor, company_id, "returned vouchers", swaps)
    for adjustment, line_id in found:
        provisional = adjustment.line_id
        if provisional is not None:
            leaving = delete(GroupLine).where(GroupLine.line_id == provisional)
            session.execute(leaving.execution_options(**QUIET))
            withdraw(session, event_id, [provisional])
        session.add(
            Replacement(
                kind="voucher",
                old_line_id=provisional,
                new_line_id=line_id,
                adjustment_id=adjustment.id,
                event_id=event_id,
            )
        )
        adjustment.line_id = line_id
    session.flush()
    return len(found)


def _waiting(session: Session, company_id: int) -> list[Adjustment]:
    """Released adjustments of the company that no imported line stands for."""
    query = select(Adjustment).outerjoin(Line, Line.id == Adjustment.line_id)
    ours = (Adjustment.company_id == company_id, Adjustment.state == "released")
    missing = or_(Adjustment.line_id.is_(None), Line.origin == "adjustment")
    return list(session.scalars(query.where(*ours, missing).order_by(Adjustment.id)))


def _returned(session: Session, waiting: Sequence[Adjustment], rows: Sequence[Row]) -> Iterable[tuple[Adjustment, int]]:
    """Each adjustment with the one new line that is its voucher, first by number, then by account, amount and day."""
    left = list(rows)
    for is_it in (_same_number, _same_content):
        for adjustment in waiting:
            places = _places(session, adjustment, left)
            row = next((row for row in left if is_it(adjustment, row) and row["id"] in places), None)
            if row is not None:
                left.remove(row)
                waiting = [other for other in waiting if other is not adjustment]
                yield adjustment, row["id"]


def _places(session: Session, adjustment: Adjustment, rows: Sequence[Row]) -> set[int]:
    """Lines that stand on the left of the adjustment's group with its amount."""
    wanted = [row["id"] for row in rows if abs(row["amount_minor"]) == abs(adjustment.amount_minor)]
    standing = select(GroupLine.line_id).where(
        GroupLine.group_id == adjustment.group_id,
        GroupLine.side == "left",
        GroupLine.amount_minor == adjustment.amount_minor,
        GroupLine.line_id.in_(wanted),
    )
    return set(session.scalars(standing))


def _same_number(adjustment: Adjustment, row: Row) -> bool:
    number = (row.get("voucher_number") or "").lstrip("0")
    return number == str(adjustment.number) and (row.get("voucher_type") or "") == (adjustment.series or "")


def _same_content(adjustment: Adjustment, row: Row) -> bool:
    called = {f"{adjustment.series}{adjustment.number}", f"{adjustment.series} {adjustment.number}", adjustment.text}
    said = {row.get("reference"), row.get("text")}
    return row["booked_on"] == adjustment.booked_on and bool((called & said) - {None})


def _swap(session: Session, adjustment: Adjustment, line_id: int) -> Iterable[Swap]:
    """The line in the place of the adjustment, or of its provisional line, inside its match."""
    new = Member(adjustment.amount_minor, line_id)
    if adjustment.line_id is not None:
        yield Swap(adjustment.group_id, Member(adjustment.amount_minor, adjustment.line_id), (new,))
    elif adjustment.match_id is not None:
        yield Swap(adjustment.group_id, Member(adjustment.amount_minor, adjustment_id=adjustment.id), (new,))
