"""Reconcile a group as a person means it: its sources are read first, then the rules run over what is there."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from recon.access import Actor, Permission
from recon.database.models import AccountGroup, BankService, Batch, BatchStatement, CollectedFile
from recon.intake.connection import silent
from recon.services.bank_services import services_of
from recon.services.collect import Collected, collect
from recon.services.find_group import group_for
from recon.services.reconcile_group import reconcile_apart
from recon.services.run_plan import Progress
from recon.services.run_report import RunReport
from recon.services.sources import sources_of
from rules.errors import Finding, Severity
from rules.values import said_day
from rules.wording import _

Sessions = Callable[[], Session]


def run_group(
    sessions: Sessions,
    actor: Actor,
    group_id: int,
    *,
    as_of: dt.date | None = None,
    progress: Progress | None = None,
) -> RunReport:
    """Read the sources of the group's company, then reconcile. A source that fails is a finding, and the run goes on.

    Raises what `reconcile_apart` raises.
    """
    findings = read_sources(sessions, actor, group_id, progress)
    done = reconcile_apart(sessions, actor, group_id, as_of=as_of, progress=progress)
    return replace(done, findings=(*findings, *done.findings))


def read_sources(
    sessions: Sessions, actor: Actor, group_id: int, progress: Progress | None = None
) -> tuple[Finding, ...]:
    """Read them, those of companies it imports accounts from too, where the actor may import; what they gave, what they
    could not, and which bank is silent."""
    with sessions() as session:
        group = group_for(session, actor, group_id, Permission.RUN)
        companies = [key for key in companies_read(group) if actor.may(key, Permission.IMPORT)]
        reading = [s for key in companies for s in sources_of(session, key) if not s.paused]
        names = {source.id: source.name for source in reading}
    findings: list[Finding] = []
    for source_id, name in names.items():
        if progress:
            progress(name, 0.0)
        findings += told(collect(sessions, actor, source_id))
    with sessions() as session:
        findings += silences(session, group.company_id, dt.datetime.now(dt.UTC).date())
    return tuple(findings)


def companies_read(group: AccountGroup) -> list[int]:
    """The group's own company, then those from which it imports accounts."""
    views = [member.account_import for member in group.members if member.account_import is not None]
    return list(dict.fromkeys([group.company_id, *(view.source_account.company_id for view in views)]))


def told(collected: Collected) -> list[Finding]:
    """What is to be said of a source that was read: nothing, where it gave nothing."""
    where = f"source {collected.source}"
    if not collected.reached:
        sentence = _("Source {source}: {said}.").format(source=collected.source, said=collected.said)
        return [Finding("source-unreachable", "warning", where, sentence)]
    findings = []
    for taken in collected.files:
        severity: Severity = "warning" if taken.outcome == "refused" else "info"
        sentence = _("Source {source}, {file}: {said}.").format(
            source=collected.source, file=taken.name, said=taken.said.rstrip(".")
        )
        findings.append(Finding(f"source-{taken.outcome}", severity, where, sentence))
    return findings


def silences(session: Session, company_id: int, today: dt.date) -> list[Finding]:
    """Active statement services that have brought nothing for more than two banking days."""
    found = []
    for service in services_of(session, company_id):
        heard = last_heard(session, service)
        if service.state == "active" and silent(heard, today, service.account.company.country):
            sentence = _("{bank} has brought no statement of account {account} since {day}.").format(
                bank=service.bank, account=service.account.number, day=said_day(heard)
            )
            found.append(Finding("bank-silent", "warning", f"account {service.account.number}", sentence))
    return found


def last_heard(session: Session, service: BankService) -> dt.date:
    """The day of the last delivery that held the account; before the first one, the day it became active."""
    query = (
        select(func.max(CollectedFile.at))
        .join(Batch, Batch.collected_id == CollectedFile.id)
        .join(BatchStatement, BatchStatement.batch_id == Batch.id)
        .where(BatchStatement.account_id == service.account_id)
    )
    at = session.scalar(query)
    return at.date() if at else (service.first_on or service.from_on)
