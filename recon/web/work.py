"""Handing work to the jobs room: what takes long never runs inside a request."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import Flask, current_app
from sqlalchemy import select

from recon.database.models import AccountGroup, Job
from recon.jobs import Jobs, submit
from recon.jobs.jobs import InTurn, spawned_pool
from recon.services.judge_lines import Decisions
from recon.services.try_rules import What
from recon.web.pages.uploads import Upload
from recon.web.person import actor, here
from recon.web.storage import command, database
from recon.web.wording import _

WORKING = ("queued", "running")


def register(app: Flask) -> None:
    """`JOBS_IN_TURN` does each job inside the request that asks for it: for tests only."""
    pool = InTurn if app.config.get("JOBS_IN_TURN") else spawned_pool
    app.extensions["recon_jobs"] = Jobs(app.config["DATABASE_URL"], pool)


def jobs_of(app: Flask) -> Jobs:
    held: Jobs = app.extensions["recon_jobs"]
    return held


def titles() -> dict[str, str]:
    """What each kind of job is called."""
    return {
        "run": _("Reconcile"),
        "import": _("Import"),
        "collect": _("Source"),
        "preview": _("Preview of rules"),
        "backtest": _("Backtest of rules"),
    }


def reconcile(group: AccountGroup) -> Job:
    """A run of the group; the one at work already, if there is one."""
    working = select(Job).where(Job.group_id == group.id, Job.kind == "run", Job.state.in_(WORKING)).order_by(Job.id)
    return database().scalars(working).first() or _started("run", {}, group_id=group.id)


@dataclass(frozen=True)
class Wanted:
    """An uploaded file, with what its owner chose for it."""

    upload: Upload
    create: list[str]
    account_id: int | None
    format: str | None
    decisions: Decisions

    def arguments(self) -> dict[str, Any]:
        return {
            "path": str(self.upload.path.absolute()),
            "name": self.upload.name,
            "create": self.create,
            "account_id": self.account_id,
            "format": self.format,
            "decisions": self.decisions.to_json(),
        }


def import_files(files: Sequence[Wanted]) -> list[Job]:
    """Uploaded files into the active company, in their order: each is judged by what the one before it has stored."""
    company = here().company_id
    with command() as session:
        jobs = [
            submit(session, actor(), "import", each.arguments() | {"company_id": company}, company_id=company)
            for each in files
        ]
    jobs_of(current_app).start_in_turn([job.id for job in jobs])
    return jobs


def collect(source_id: int) -> Job:
    """Whatever lies in a source of the active company."""
    return _started("collect", {"source_id": source_id}, company_id=here().company_id)


def try_rules(what: What, arguments: dict[str, Any], group_id: int) -> Job:
    """A preview or backtest over many lines; `arguments` as the service takes them, and the page's `set_id`."""
    return _started(what, arguments, group_id=group_id)


def _started(kind: str, arguments: dict[str, Any], **where: int) -> Job:
    with command() as session:
        job = submit(session, actor(), kind, arguments, **where)
    jobs_of(current_app).start(job.id)
    return job
