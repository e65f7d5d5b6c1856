"""Accept or reject what a rule only suggested, one by one or many at once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from recon.access import Actor, Permission
from recon.database.audit import allocation_digest, record
from recon.database.models import AccountGroup, Adjustment, Allocation, GroupLine, Match
from recon.database.remainders import dissolve, settle, touch_group
from recon.services.find_group import first_open_day, group_for
from recon.services.standing_matches import remember_refusals, standing_matches, taken_rows


def accept_suggestions(session: Session, actor: Actor, group_id: int, match_ids: Sequence[int]) -> int:
    """Confirm suggestions; how many. A proposed adjustment becomes unreleased.

    The match takes effect on the later of its newest line and the first day that is not approved now.
    """
    group = group_for(session, actor, group_id, Permission.MATCH)
    matches = standing_matches(session, group, match_ids, ("suggested",))
    ids = [match.id for match in matches]
    digest = allocation_digest(taken_rows(session, ids))
    after = {"matches": len(ids)}
    record(session, actor, group.company_id, "accept", f"group {group.id}", after=after, digest=digest)
    touch_group(session, group.id, seen=group.revision)
    earliest, newest = first_open_day(session, group), _newest_lines(session, group, ids)
    for match in matches:
        match.state = "confirmed"
        match.effective_on = max(earliest, newest[match.id])
    session.execute(
        update(Adjustment)
        .where(Adjustment.match_id.in_(ids), Adjustment.state == "proposed")
        .values(state="unreleased")
    )
    session.flush()
    settle(session, group.id, select(Match.id).where(Match.id.in_(ids)))
    return len(ids)


def reject_suggestions(session: Session, actor: Actor, group_id: int, match_ids: Sequence[int]) -> int:
    """Let the lines of suggestions go; how many. The same rule never suggests the same lines again until cleared."""
    group = group_for(session, actor, group_id, Permission.MATCH)
    matches = standing_matches(session, group, match_ids, ("suggested",))
    ids = [match.id for match in matches]
    digest = allocation_digest(taken_rows(session, ids))
    after = {"matches": len(ids)}
    event = record(session, actor, group.company_id, "reject", f"group {group.id}", after=after, digest=digest)
    touch_group(session, group.id, seen=group.revision)
    remember_refusals(session, group, matches, event.id)
    return dissolve(session, group.id, event.id, select(Match.id).where(Match.id.in_(ids)))


def _newest_lines(session: Session, group: AccountGroup, match_ids: Sequence[int]) -> dict[int, date]:
    """Match -> the day from which the last of its lines counts."""
    counted = func.max(func.coalesce(GroupLine.period_on, GroupLine.booked_on))
    query = (
        select(Allocation.match_id, counted)
        .join(GroupLine, (GroupLine.line_id == Allocation.line_id) & (GroupLine.group_id == group.id))
        .where(Allocation.match_id.in_(match_ids))
        .group_by(Allocation.match_id)
    )
    return dict(session.execute(query).all())
