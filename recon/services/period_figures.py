"""What the store sums for a group as of a date: per account, per side, and what is open then.

A line counts from `period_on` where it came late, else from its booking date. Open as of D: what is open now, and
what is matched now but only by matches that take effect after D.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, Subquery, and_, case, func, select
from sqlalchemy.orm import Session

from recon.closing.balances import Sums
from recon.closing.proof import SideTotals
from recon.database.models import Adjustment, Allocation, GroupAccount, GroupLine, Line, Match

OUTSIDE = ("opening", "adjustment")
"""Lines that no sum of an account counts: opening items are in its opening balance, vouchers not yet in the ledger."""


@dataclass(frozen=True, slots=True)
class OpenLine:
    """A line with what of it is open as of a date; `later_on` is when a later match takes effect."""

    line_id: int
    side: str
    amount_minor: int
    later_on: date | None = None


@dataclass(frozen=True, slots=True)
class NotInLedger:
    """What the ledger does not show yet, in the group's sign: Σ and how many."""

    amount_minor: int
    count: int


def counted_on() -> ColumnElement[date]:
    return func.coalesce(GroupLine.period_on, GroupLine.booked_on)


def sums_of_accounts(
    session: Session, group_id: int, to_on: date, after: date | None, closings: dict[int, int]
) -> dict[int, Sums]:
    """Group account -> its sums for the days after `after` up to `to_on`; `closings` are the document before's."""
    amount, counted = GroupLine.amount_minor, counted_on()
    until = and_(counted <= to_on)
    inside = and_(until, counted > after) if after else until
    query = (
        select(
            GroupLine.side,
            Line.account_id,
            func.coalesce(func.sum(case((inside, amount), else_=0)), 0),
            func.coalesce(func.sum(case((until, amount), else_=0)), 0),
            func.coalesce(func.sum(amount), 0),
            func.max(GroupLine.booked_on),
        )
        .join(Line, Line.id == GroupLine.line_id)
        .where(GroupLine.group_id == group_id, Line.origin.not_in(OUTSIDE), Line.withdrawn_event_id.is_(None))
        .group_by(GroupLine.side, Line.account_id)
    )
    found = {(side, account): figures for side, account, *figures in session.execute(query)}
    sums = {}
    for member in members_of(session, group_id):
        inside_minor, until_minor, all_minor, last_on = found.get(
            (member.side, source_account(member)), (0, 0, 0, None)
        )
        sums[member.id] = Sums(
            opening_minor=member.opening_minor,
            in_period_minor=int(inside_minor),
            until_minor=int(until_minor),
            so_far_minor=int(all_minor),
            last_line_on=last_on,
            closing_before_minor=closings.get(member.id),
        )
    return sums


def members_of(session: Session, group_id: int) -> list[GroupAccount]:
    """The group's accounts, left before right, in the order in which they were set up."""
    query = select(GroupAccount).where(GroupAccount.group_id == group_id)
    return list(session.scalars(query.order_by(GroupAccount.side, GroupAccount.id)))


def source_account(member: GroupAccount) -> int:
    """The account whose lines the member reads, its own company's or another's."""
    if member.account_import is not None:
        return member.account_import.source_account_id
    return member.account_id or 0


def open_of_sides(session: Session, group_id: int, to_on: date, balances: dict[str, int]) -> dict[str, SideTotals]:
    """Side -> its totals as of `to_on`; `balances` are the sides' balances that the proof starts from."""
    counts: dict[tuple[str, str], tuple[int, int]] = {}
    now = (
        select(GroupLine.side, GroupLine.state, func.count(), func.coalesce(func.sum(GroupLine.open_minor), 0))
        .where(GroupLine.group_id == group_id, GroupLine.is_open, counted_on() <= to_on)
        .group_by(GroupLine.side, GroupLine.state)
    )
    taken = _taken_after(group_id, to_on)
    later = (
        select(
            GroupLine.side,
            GroupLine.state,
            func.count(case((~GroupLine.is_open, 1))),
            func.coalesce(func.sum(taken.c.minor), 0),
        )
        .select_from(taken)
        .join(GroupLine, and_(GroupLine.group_id == group_id, GroupLine.line_id == taken.c.line_id))
        .where(counted_on() <= to_on)
        .group_by(GroupLine.side, GroupLine.state)
    )
    for query in (now, later):
        for side, state, count, minor in session.execute(query):
            before = counts.get((side, state), (0, 0))
            counts[side, state] = (before[0] + count, before[1] + int(minor))
    return {side: _totals(side, balances[side], counts) for side in ("left", "right")}


def _totals(side: str, balance: int, counts: dict[tuple[str, str], tuple[int, int]]) -> SideTotals:
    active, idle = counts.get((side, "active"), (0, 0)), counts.get((side, "deactivated"), (0, 0))
    return SideTotals(balance, active[1], active[0], idle[1], idle[0])


def _taken_after(group_id: int, to_on: date) -> Subquery:
    """What live confirmed matches that take effect after `to_on` take of each line: line_id, minor, effective_on.

    Grouped on its own, so that every store reads the few matches first and then looks their lines up by key.
    """
    query = (
        select(
            Allocation.line_id,
            func.sum(Allocation.amount_minor).label("minor"),
            func.min(Match.effective_on).label("effective_on"),
        )
        .select_from(Match)
        .join(Allocation, Allocation.match_id == Match.id)
        .where(
            Match.group_id == group_id,
            Match.undone_event_id.is_(None),
            Match.state != "suggested",
            Match.effective_on > to_on,
            Allocation.line_id.is_not(None),
        )
        .group_by(Allocation.line_id)
    )
    return query.subquery("taken")


def accepted_differences(session: Session, group_id: int, to_on: date) -> NotInLedger:
    """Differences (right - left) that matches in effect by `to_on` treat, and whose adjustments are not released."""
    query = (
        select(func.coalesce(func.sum(Allocation.amount_minor), 0), func.count())
        .join(Match, Match.id == Allocation.match_id)
        .join(Adjustment, Adjustment.id == Allocation.adjustment_id)
        .where(
            Match.group_id == group_id,
            Match.undone_event_id.is_(None),
            Match.state != "suggested",
            Match.effective_on <= to_on,
            Allocation.undone_event_id.is_(None),
            Adjustment.line_id.is_(None),
        )
    )
    minor, count = session.execute(query).one()
    return NotInLedger(int(minor), count)


def exported_vouchers(session: Session, group_id: int, to_on: date) -> NotInLedger:
    """Lines of released adjustments up to `to_on` in whose place no line of the ledger has come yet."""
    query = (
        select(func.coalesce(func.sum(GroupLine.amount_minor), 0), func.count())
        .join(Line, Line.id == GroupLine.line_id)
        .where(GroupLine.group_id == group_id, Line.origin == "adjustment", counted_on() <= to_on)
    )
    minor, count = session.execute(query).one()
    return NotInLedger(int(minor), count)


def open_lines_as_of(session: Session, group_id: int, to_on: date) -> list[OpenLine]:
    """Every active line that is open as of `to_on`, in the order of its key."""
    active = GroupLine.state == "active"
    now = select(GroupLine.line_id, GroupLine.side, GroupLine.open_minor).where(
        GroupLine.group_id == group_id, GroupLine.is_open, active, counted_on() <= to_on
    )
    lines = {line: OpenLine(line, side, minor) for line, side, minor in session.execute(now)}
    taken = _taken_after(group_id, to_on)
    later = (
        select(GroupLine.line_id, GroupLine.side, taken.c.minor, taken.c.effective_on)
        .select_from(taken)
        .join(GroupLine, and_(GroupLine.group_id == group_id, GroupLine.line_id == taken.c.line_id))
        .where(active, counted_on() <= to_on)
    )
    for line, side, minor, effective_on in session.execute(later):
        rest = lines[line].amount_minor if line in lines else 0
        lines[line] = OpenLine(line, side, rest + int(minor), effective_on)
    return [lines[line] for line in sorted(lines)]
