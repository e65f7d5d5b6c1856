"""Take back a whole run. Undoing a run is no refusal: the next run may make the same matches again."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from recon.access import Actor, Permission
from recon.database.audit import record
from recon.database.models import Adjustment, Choice, Match, Run
from recon.database.remainders import dissolve, touch_group
from recon.errors import NotFound, Refusal
from recon.services.find_group import group_for
from recon.services.run_choices import close_choices
from recon.services.standing_adjustments import LIVE, drop
from rules.wording import _


def undo_run(session: Session, actor: Actor, run_id: int) -> int:
    """Dissolve what the run matched, whole; how many matches there were. Refused if one of them is approved."""
    run = session.get(Run, run_id)
    if run is None:
        raise NotFound(_("There is no such run."))
    group = group_for(session, actor, run.group_id, Permission.RUN)
    if run.undone_event_id is not None:
        raise Refusal(_("The run is already undone."))
    mine = select(Match.id).where(Match.run_id == run_id)
    if session.scalars(mine.where(Match.state == "approved", Match.undone_event_id.is_(None)).limit(1)).first():
        raise Refusal(_("The run cannot be undone: some of its matches are approved. Withdraw the approval first."))
    postings = _postings(session, run_id)
    event = record(session, actor, group.company_id, "undo run", f"run {run_id}", digest=run.digest)
    touch_group(session, group.id, seen=group.revision)
    count = dissolve(session, group.id, event.id, mine)
    choices = select(Choice.id).where(Choice.run_id == run_id, Choice.closed_event_id.is_(None))
    close_choices(session, event.id, list(session.scalars(choices)))
    drop(session, postings)
    run.undone_event_id = event.id
    session.flush()
    return count


def _postings(session: Session, run_id: int) -> list[int]:
    """The adjustments the run made by post rules. Raises Refusal if one of them is released."""
    query = select(Adjustment).where(Adjustment.run_id == run_id, Adjustment.state.in_(LIVE))
    found = list(session.scalars(query))
    for adjustment in found:
        if adjustment.state == "released":
            told = _("The run cannot be undone: voucher {series} {number} is released. Reverse it first.")
            raise Refusal(told.format(series=adjustment.series, number=adjustment.number))
    return [adjustment.id for adjustment in found]
