"""Reconcile a group: the rules in force over its open lines, written whole or not at all.

A run first withdraws the suggestions of earlier runs; one that comes out again keeps its row, and so its age and notes.
Where nothing would change, nothing is written: no run and no event.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from recon.access import Actor, Permission
from recon.database.audit import record
from recon.database.models import Match, Run
from recon.database.remainders import dissolve, touch_group
from recon.database.session import read_only
from recon.errors import Conflict
from recon.services.find_group import group_for
from recon.services.match_drafts import Tables, tables, write_drafts
from recon.services.run_changes import Changes, changes
from recon.services.run_choices import replace_choices
from recon.services.run_plan import Progress, RunPlan, plan_run
from recon.services.run_postings import write_postings
from recon.services.run_report import RunReport, report
from rules.wording import _

ATTEMPTS = 5


def reconcile_group(
    session: Session,
    actor: Actor,
    group_id: int,
    *,
    dry_run: bool = False,
    as_of: date | None = None,
    progress: Progress | None = None,
) -> RunReport:
    """Plan and write in one transaction of the caller's. `dry_run` writes nothing and tells what would be written."""
    plan = plan_run(session, actor, group_id, as_of=as_of, progress=progress)
    return preview_run(session, plan) if dry_run else write_run(session, actor, plan)


def reconcile_apart(
    sessions: Callable[[], Session],
    actor: Actor,
    group_id: int,
    *,
    as_of: date | None = None,
    progress: Progress | None = None,
) -> RunReport:
    """Compute while others may write, then write in one short transaction; computed anew if the group changed.

    For edges that own their sessions (jobs, the command line): this is the one service that commits, because its two
    transactions cannot be the caller's one. Raises Conflict when the group never stands still.
    """
    for _attempt in range(ATTEMPTS):
        with sessions() as reading:
            plan = plan_run(read_only(reading), actor, group_id, as_of=as_of, progress=progress)
        try:
            with sessions() as writing, writing.begin():
                return write_run(writing, actor, plan)
        except Conflict:
            continue
    raise Conflict(_("the group changes faster than it can be reconciled; try again"))


def preview_run(session: Session, plan: RunPlan) -> RunReport:
    """What writing the plan would change."""
    return report(session, plan, changes(session, plan), run_id=None)


def write_run(session: Session, actor: Actor, plan: RunPlan) -> RunReport:
    """Write what the plan changes. Raises Conflict if the group changed since the plan was made."""
    group = group_for(session, actor, plan.group_id, Permission.RUN)
    if group.revision != plan.revision:
        raise Conflict(_("somebody else changed this group in the meantime; nothing was written"))
    changed = changes(session, plan)
    if changed.nothing:
        return report(session, plan, changed, run_id=None)
    drafts = tables(plan.matches.iloc[changed.new], plan.members, changed.new)
    run = _write(session, actor, group.company_id, plan, changed, drafts)
    return report(session, plan, changed, run_id=run.id)


def _write(session: Session, actor: Actor, company_id: int, plan: RunPlan, changed: Changes, drafts: Tables) -> Run:
    digest = drafts.digest
    summary = {
        "version": plan.rules.version_id,
        "matches": drafts.matches.num_rows,
        "withdrawn": len(changed.withdrawn),
        "rows": drafts.allocations.num_rows,
    }
    if changed.postings.new or changed.postings.withdrawn:
        summary |= {"postings": len(changed.postings.new), "postings_withdrawn": len(changed.postings.withdrawn)}
    event = record(session, actor, company_id, "reconcile", f"group {plan.group_id}", after=summary, digest=digest)
    # After the event: recording it locks the chain, so that no other writer is between it and this check.
    touch_group(session, plan.group_id, seen=plan.revision)
    dissolve(session, plan.group_id, event.id, select(Match.id).where(Match.id.in_(changed.withdrawn)))
    run = Run(
        group_id=plan.group_id,
        version_id=plan.rules.version_id,
        at=dt.datetime.now(dt.UTC),
        rows=drafts.allocations.num_rows,
        digest=digest,
        summary=summary,
        event_id=event.id,
    )
    session.add(run)
    session.flush()
    write_drafts(session, plan.group_id, company_id, event.id, run.id, drafts)
    replace_choices(session, plan, changed, run.id, event.id)
    write_postings(session, plan, changed.postings, run.id, event.id)
    return run
