"""The row of a job: made when it is submitted, and the one place that says what may be asked for."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy.orm import Session

from recon.access import Actor, Permission, require
from recon.database.models import AccountGroup, Job
from recon.errors import Refusal
from recon.jobs.kinds import KINDS
from rules.wording import _, spoken

PERMISSIONS = {
    "collect": Permission.IMPORT,
    "import": Permission.IMPORT,
    "run": Permission.RUN,
    "preview": Permission.VIEW,
    "backtest": Permission.VIEW,
}


def submit(
    session: Session,
    actor: Actor,
    kind: str,
    arguments: dict[str, Any],
    *,
    company_id: int | None = None,
    group_id: int | None = None,
) -> Job:
    """A queued job, whose sentences will be in the language spoken now; the edge commits and then starts it. What the
    job changes is recorded by its own service's event.

    Raises NotAllowed if the actor may not do such a thing there; the worker asks again when it comes to it.
    """
    if kind not in KINDS:
        raise Refusal(_("there is no kind of job {kind}").format(kind=kind))
    if group_id is not None:
        company_id = session.get_one(AccountGroup, group_id).company_id
        arguments = arguments | {"group_id": group_id}
    if company_id is not None:
        require(actor, company_id, PERMISSIONS[kind])
    now = dt.datetime.now(dt.UTC)
    job = Job(kind=kind, arguments=arguments, actor_id=actor.user_id, created_at=now, state="queued", done=0, total=0)
    job.company_id, job.group_id, job.language = company_id, group_id, spoken()
    session.add(job)
    session.flush()
    return job
