"""What is left of a group's lines once matches have taken theirs, kept true by whole statements, never row by row."""

from __future__ import annotations

from sqlalchemy import Select, and_, case, func, select, update
from sqlalchemy.orm import Session

from recon.database.models import AccountGroup, Adjustment, Allocation, GroupLine, Match
from recon.errors import Conflict, Refusal
from rules.wording import _


def touch_group(session: Session, group_id: int, seen: int | None = None) -> None:
    """Raise the group's revision; with `seen`, refuse (`Conflict`) if somebody raised it since it was read."""
    statement = update(AccountGroup).where(AccountGroup.id == group_id).values(revision=AccountGroup.revision + 1)
    if seen is not None:
        statement = statement.where(AccountGroup.revision == seen)
    changed = session.execute(statement.execution_options(synchronize_session=False))
    if changed.rowcount != 1:  # type: ignore[attr-defined]
        raise Conflict(_("somebody else changed this group in the meantime; nothing was written"))
    _forget(session)


def settle(session: Session, group_id: int, matches: Select[int]) -> None:
    """Recompute `open_minor`, `is_open` and `held_by_match_id` of every line that these matches of the group name.

    To be called after matches were written, accepted or undone; `matches` selects their ids.
    """
    session.flush()
    named = (
        select(Allocation.line_id)
        .where(Allocation.match_id.in_(matches), Allocation.line_id.is_not(None))
        .distinct()
        .subquery("named")
    )
    taking = Match.state != "suggested"
    live = and_(Allocation.line_id == named.c.line_id, Allocation.undone_event_id.is_(None))
    taken = (
        select(
            named.c.line_id,
            func.coalesce(func.sum(case((taking, Allocation.amount_minor), else_=0)), 0).label("minor"),
            func.count(case((taking, 1))).label("times"),
            func.max(case((Match.state == "suggested", Match.id))).label("holder"),
        )
        .select_from(named)
        .outerjoin(Allocation.__table__.join(Match), and_(live, Match.group_id == group_id))
        .group_by(named.c.line_id)
        .subquery("taken")
    )
    remainder = GroupLine.amount_minor - taken.c.minor
    session.execute(
        update(GroupLine)
        .where(GroupLine.group_id == group_id, GroupLine.line_id == taken.c.line_id)
        .values(
            open_minor=remainder,
            is_open=(remainder != 0) | (taken.c.times == 0),
            held_by_match_id=taken.c.holder,
        )
        .execution_options(synchronize_session=False)
    )
    _forget(session)


def dissolve(session: Session, group_id: int, event_id: int, matches: Select[int]) -> int:
    """Undo live matches of a group with their allocations and unreleased adjustments; how many there were.

    Raises Refusal if one of them is approved or holds a released adjustment. The lines are open again afterwards.
    """
    session.flush()
    mine = and_(Match.group_id == group_id, Match.undone_event_id.is_(None))
    ids = list(session.scalars(select(Match.id).where(mine, Match.id.in_(matches)).order_by(Match.id)))
    _refuse_if_fixed(session, ids)
    for start in range(0, len(ids), 10_000):
        _undo(session, event_id, ids[start : start + 10_000])
    settle(session, group_id, select(Match.id).where(Match.undone_event_id == event_id, Match.group_id == group_id))
    if ids:
        touch_group(session, group_id)
    return len(ids)


def _refuse_if_fixed(session: Session, ids: list[int]) -> None:
    for start in range(0, len(ids), 10_000):
        some = ids[start : start + 10_000]
        approved = session.scalars(select(Match.id).where(Match.id.in_(some), Match.state == "approved").limit(1))
        if (match_id := approved.first()) is not None:
            raise Refusal(_("match {match} is approved: withdraw the approval first").format(match=match_id))
        released = select(Adjustment.match_id).where(Adjustment.match_id.in_(some), Adjustment.state == "released")
        if (match_id := session.scalars(released.limit(1)).first()) is not None:
            told = _("match {match} holds a released adjustment: reverse its voucher first")
            raise Refusal(told.format(match=match_id))


def _undo(session: Session, event_id: int, ids: list[int]) -> None:
    quiet = {"synchronize_session": False}
    session.execute(update(Match).where(Match.id.in_(ids)).values(undone_event_id=event_id).execution_options(**quiet))
    session.execute(
        update(Allocation)
        .where(Allocation.match_id.in_(ids), Allocation.undone_event_id.is_(None))
        .values(undone_event_id=event_id)
        .execution_options(**quiet)
    )
    session.execute(
        update(Adjustment)
        .where(Adjustment.match_id.in_(ids), Adjustment.state.in_(("proposed", "unreleased")))
        .values(state="dropped")
        .execution_options(**quiet)
    )


def _forget(session: Session) -> None:
    """Objects read before a whole-table statement would tell old figures."""
    stale = (AccountGroup, Adjustment, Allocation, GroupLine, Match)
    for held in session.identity_map.values():
        if isinstance(held, stale):
            session.expire(held)
