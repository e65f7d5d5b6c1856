"""Groups, lines and matches as plain values, a page at a time: what machines read. Amounts are decimal text."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from recon.access import Actor, Permission
from recon.database.models import Allocation, GroupLine, Line, Match
from recon.errors import Refusal
from recon.services.find_group import group_for, groups_of
from rules.values import from_minor
from rules.wording import _

MOST = 1000
USUAL = 100
STATES = {
    "suggested": ("suggested",),
    "matched": ("confirmed", "approved"),
    "all": ("suggested", "confirmed", "approved"),
}


def page_groups(session: Session, actor: Actor) -> list[dict[str, Any]]:
    """Every group the actor sees."""
    return [
        {
            "group": group.id,
            "name": group.name,
            "company": group.company.name,
            "kind": group.kind,
            "currency": group.currency,
            "start": group.start_on.isoformat(),
        }
        for group in groups_of(session, actor, Permission.VIEW)
    ]


def page_lines(
    session: Session,
    actor: Actor,
    group_id: int,
    *,
    side: str | None = None,
    only_open: bool = False,
    after: int = 0,
    most: int = USUAL,
) -> list[dict[str, Any]]:
    """Lines of a group by key, from above `after`; amounts in the group's sign and currency."""
    group = group_for(session, actor, group_id, Permission.VIEW)
    query = (
        select(GroupLine, Line)
        .join(Line, Line.id == GroupLine.line_id)
        .where(GroupLine.group_id == group.id, GroupLine.line_id > after)
        .order_by(GroupLine.line_id)
        .limit(_checked(most))
    )
    if side is not None:
        query = query.where(GroupLine.side == side)
    if only_open:
        query = query.where(GroupLine.is_open, GroupLine.state == "active")
    return [
        {
            "line": line.id,
            "side": standing.side,
            "date": standing.booked_on.isoformat(),
            "amount": from_minor(standing.amount_minor, group.currency),
            "open": from_minor(standing.open_minor, group.currency),
            "currency": group.currency,
            "state": standing.state,
            "held_by": standing.held_by_match_id,
            "reference": line.reference,
            "text": line.text,
            "counterparty": line.counterparty,
        }
        for standing, line in session.execute(query)
    ]


def page_matches(
    session: Session, actor: Actor, group_id: int, *, state: str = "all", after: int = 0, most: int = USUAL
) -> list[dict[str, Any]]:
    """Live matches of a group by key, from above `after`, with their members."""
    group = group_for(session, actor, group_id, Permission.VIEW)
    if state not in STATES:
        raise Refusal(_("The state of matches is one of {known}.").format(known=", ".join(STATES)))
    live = (Match.group_id == group.id, Match.undone_event_id.is_(None), Match.state.in_(STATES[state]))
    query = select(Match).where(*live, Match.id > after).order_by(Match.id).limit(_checked(most))
    matches = session.scalars(query).all()
    members: dict[int, list[dict[str, Any]]] = {match.id: [] for match in matches}
    taken = select(Allocation).where(Allocation.match_id.in_(members)).order_by(Allocation.side, Allocation.id)
    for allocation in session.scalars(taken):
        members[allocation.match_id].append(
            {
                "side": allocation.side,
                "line": allocation.line_id,
                "adjustment": allocation.adjustment_id,
                "amount": from_minor(allocation.amount_minor, group.currency),
            }
        )
    return [
        {
            "match": match.id,
            "rule": match.rule_key,
            "state": match.state,
            "effective_on": match.effective_on.isoformat(),
            "difference": from_minor(match.difference_minor, group.currency),
            "alternatives": match.alternatives,
            "members": members[match.id],
        }
        for match in matches
    ]


def _checked(most: int) -> int:
    if not 1 <= most <= MOST:
        raise Refusal(_("A page holds from 1 to {most}.").format(most=MOST))
    return most
