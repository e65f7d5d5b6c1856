"""The groups an actor sees, with counts and sums of what is open in each: one query for all of them."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from recon.access import Actor, Permission
from recon.database.models import AccountGroup, GroupLine
from recon.services.find_group import groups_of


@dataclass(frozen=True)
class GroupCounts:
    """Lines of a group by side as (left, right): all, open, held by a suggestion; open remainders in minor units."""

    group: AccountGroup
    lines: tuple[int, int] = (0, 0)
    open: tuple[int, int] = (0, 0)
    suggested: tuple[int, int] = (0, 0)
    open_minor: tuple[int, int] = (0, 0)


def list_groups(session: Session, actor: Actor) -> list[GroupCounts]:
    """By company and name."""
    groups = groups_of(session, actor, Permission.VIEW)
    is_open = GroupLine.is_open & (GroupLine.state == "active")
    sums = (
        select(
            GroupLine.group_id,
            GroupLine.side,
            func.count(),
            func.count(case((is_open, 1))),
            func.count(GroupLine.held_by_match_id),
            func.coalesce(func.sum(case((is_open, GroupLine.open_minor))), 0),
        )
        .where(GroupLine.group_id.in_([group.id for group in groups]))
        .group_by(GroupLine.group_id, GroupLine.side)
    )
    found = {(group_id, side): [int(figure) for figure in rest] for group_id, side, *rest in session.execute(sums)}
    nothing = [0, 0, 0, 0]
    return [
        GroupCounts(
            group, *zip(found.get((group.id, "left"), nothing), found.get((group.id, "right"), nothing), strict=True)
        )
        for group in groups
    ]
