"""What is open in a group now."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from recon.database.models import GroupLine


@dataclass(frozen=True, slots=True)
class Remaining:
    """Open lines of a side, minor units in the group's sign."""

    count: int
    amount_minor: int


def remaining(session: Session, group_id: int) -> dict[str, Remaining]:
    """What is open on each side, suggestions counted as open."""
    query = (
        select(GroupLine.side, func.count(), func.coalesce(func.sum(GroupLine.open_minor), 0))
        .where(GroupLine.group_id == group_id, GroupLine.is_open, GroupLine.state == "active")
        .group_by(GroupLine.side)
    )
    found = {side: Remaining(count, int(minor)) for side, count, minor in session.execute(query)}
    return {side: found.get(side, Remaining(0, 0)) for side in ("left", "right")}
