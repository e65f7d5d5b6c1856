"""What the overview and a group's head show of each group: read in a handful of queries for all groups at once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from recon.database.models import AccountGroup, Choice, Document, GroupLine, Job, Match, Run
from recon.services.read_balances import display_name
from recon.web.pages.standing import Standing, standing_of
from recon.web.wording import _
from recon.web.work import WORKING

SHOWN_ACCOUNTS = 2


@dataclass(frozen=True)
class OpenSide:
    """Open lines of a side: how many, their sum in minor units, and the oldest one's date."""

    count: int = 0
    amount_minor: int = 0
    oldest_on: dt.date | None = None


@dataclass
class GroupRow:
    """A group as the overview lists it."""

    group: AccountGroup
    left: OpenSide = field(default_factory=OpenSide)
    right: OpenSide = field(default_factory=OpenSide)
    suggested: int = 0
    choices: int = 0
    matched: int = 0
    standing: Standing | None = None
    last_run_at: dt.datetime | None = None
    approved_to: dt.date | None = None
    job: Job | None = None

    @property
    def accounts(self) -> str:
        """The accounts of both sides, as the head of the group names them."""
        sides = ([display_name(m) for m in self.group.members if m.side == side] for side in ("left", "right"))
        return " ↔ ".join(_shortened(names) for names in sides if names)


def _shortened(names: Sequence[str]) -> str:
    rest = len(names) - SHOWN_ACCOUNTS
    return ", ".join(names[:SHOWN_ACCOUNTS]) + (_(" and %(count)s more", count=rest) if rest > 0 else "")


def rows_of(session: Session, groups: Sequence[AccountGroup], period: dt.date | None) -> list[GroupRow]:
    """`period` is the day as of which the balances are looked at; None leaves them out."""
    rows = {group.id: GroupRow(group) for group in groups}
    for row in rows.values():
        row.standing = standing_of(session, row.group, period) if period else None
    _open_lines(session, rows)
    _matches(session, rows)
    _runs(session, rows)
    _approvals(session, rows)
    _jobs(session, rows)
    return list(rows.values())


def row_of(session: Session, group: AccountGroup, period: dt.date | None = None) -> GroupRow:
    return rows_of(session, [group], period)[0]


def _open_lines(session: Session, rows: dict[int, GroupRow]) -> None:
    counted = (
        select(
            GroupLine.group_id,
            GroupLine.side,
            func.count(),
            func.coalesce(func.sum(GroupLine.open_minor), 0),
            func.min(GroupLine.booked_on),
        )
        .where(GroupLine.group_id.in_(rows), GroupLine.is_open, GroupLine.state == "active")
        .group_by(GroupLine.group_id, GroupLine.side)
    )
    for group_id, side, count, minor, oldest in session.execute(counted):
        setattr(rows[group_id], side, OpenSide(count, int(minor), oldest))


def _matches(session: Session, rows: dict[int, GroupRow]) -> None:
    live = (Match.group_id.in_(rows), Match.undone_event_id.is_(None))
    counted = select(Match.group_id, Match.state, func.count()).where(*live).group_by(Match.group_id, Match.state)
    for group_id, state, count in session.execute(counted):
        row = rows[group_id]
        if state == "suggested":
            row.suggested += count
        else:
            row.matched += count
    waiting = (Choice.group_id.in_(rows), Choice.closed_event_id.is_(None))
    choices = select(Choice.group_id, func.count()).where(*waiting).group_by(Choice.group_id)
    for group_id, count in session.execute(choices):
        rows[group_id].choices = count


def _runs(session: Session, rows: dict[int, GroupRow]) -> None:
    """The last press of Reconcile: a finished job also where it had nothing new to write."""
    written = select(Run.group_id, func.max(Run.at)).where(Run.group_id.in_(rows)).group_by(Run.group_id)
    pressed = (
        select(Job.group_id, func.max(Job.finished_at))
        .where(Job.group_id.in_(rows), Job.state == "done")
        .group_by(Job.group_id)
    )
    for group_id, at in [*session.execute(written), *session.execute(pressed)]:
        known = rows[group_id].last_run_at
        rows[group_id].last_run_at = max(known, at) if known else at


def _approvals(session: Session, rows: dict[int, GroupRow]) -> None:
    approved = (Document.state == "approved") & Document.group_id.in_(rows)
    newest = select(Document.group_id, func.max(Document.to_on)).where(approved).group_by(Document.group_id)
    for group_id, to_on in session.execute(newest):
        rows[group_id].approved_to = to_on


def _jobs(session: Session, rows: dict[int, GroupRow]) -> None:
    working = select(Job).where(Job.group_id.in_(rows), Job.state.in_(WORKING)).order_by(Job.id)
    for job in session.scalars(working):
        rows[job.group_id or 0].job = job
