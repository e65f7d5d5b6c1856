"""`recon run` and `recon why`."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

import click
from sqlalchemy.orm import Session, sessionmaker

from recon.access import Actor, Permission
from recon.cli import commands
from recon.cli.acting import as_user, looking
from recon.database.migrations import require_current
from recon.database.models import AccountGroup
from recon.database.session import database_url, make_engine, session_factory
from recon.services.find_group import find_group, groups_of
from recon.services.reconcile_group import preview_run, reconcile_apart
from recon.services.run_plan import plan_run
from recon.services.run_report import RunReport
from recon.services.users import load_actor
from rules.values import from_minor
from rules.wording import _

DAY = click.DateTime(formats=["%Y-%m-%d"])


@commands.command("run")
@click.argument("group", required=False)
@click.option("--all", "every", is_flag=True, help="Every group in which you may reconcile.")
@click.option("--dry-run", is_flag=True, help="Say what would be matched and write nothing.")
@click.option("--as-of", type=DAY, help="Leave later lines out.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@as_user
def run(group: str | None, every: bool, dry_run: bool, as_of: datetime | None, as_json: bool, user: str | None) -> None:
    """Reconcile GROUP (company/name), or all of them.

    \b
    Example: recon run "Fjord AS/1920-bank"
    """
    if bool(group) == every:
        raise click.UsageError(_("Name one group as company/name, or give --all."))
    engine = make_engine(database_url())
    require_current(engine)
    sessions = session_factory(engine)
    try:
        actor, groups = _asked_for(sessions, user, group)
        told = [_run_one(sessions, actor, each, dry_run, as_of.date() if as_of else None) for each in groups]
    finally:
        engine.dispose()
    if as_json:
        click.echo(json.dumps(told if every else told[0], ensure_ascii=False))
        return
    for result in told:
        click.echo(_sentences(result))


def _asked_for(
    sessions: sessionmaker[Session], user: str | None, group: str | None
) -> tuple[Actor, list[AccountGroup]]:
    with sessions() as session:
        actor = load_actor(session, user)
        return actor, [find_group(session, actor, group)] if group else groups_of(session, actor, Permission.RUN)


def _run_one(
    sessions: sessionmaker[Session], actor: Actor, group: AccountGroup, dry_run: bool, as_of: date | None
) -> dict[str, Any]:
    progress = _progress if sys.stderr.isatty() else None
    if dry_run:
        with sessions() as session:
            plan = plan_run(session, actor, group.id, as_of=as_of, progress=progress)
            report = preview_run(session, plan)
            session.rollback()
    else:
        report = reconcile_apart(sessions, actor, group.id, as_of=as_of, progress=progress)
    return told(report, group.name, group.currency, dry_run)


def told(report: RunReport, group: str, currency: str, dry_run: bool) -> dict[str, Any]:
    """A run as plain values; amounts as decimal text."""
    return {
        "group": group,
        "currency": currency,
        "dry_run": dry_run,
        "run": report.run_id,
        "changed": report.changed,
        "matches": report.matches,
        "rules": [
            {
                "rule": count.rule,
                "name": count.name,
                "outcome": count.outcome,
                "matches": count.matches,
                "lines": count.lines,
                "left": from_minor(count.left_minor, currency),
                "right": from_minor(count.right_minor, currency),
            }
            for count in report.rules
        ],
        "kept_suggestions": report.kept_suggestions,
        "withdrawn_suggestions": report.withdrawn_suggestions,
        "choices": report.choices,
        "excluded": report.excluded,
        "open": {
            side: {"lines": rest.count, "amount": from_minor(rest.amount_minor, currency)}
            for side, rest in report.remaining.items()
        },
        "findings": [asdict(finding) for finding in report.findings],
    }


def _progress(step: str, share: float) -> None:
    click.echo(f"\r\x1b[K{share:4.0%}  {step}" if share < 1 else "\r\x1b[K", err=True, nl=False)


def _sentences(result: dict[str, Any]) -> str:
    width = max([4, *(len(rule["name"]) for rule in result["rules"])])
    rows = [f"{result['group']} ({result['currency']})"]
    rows += [
        f"  {rule['name']:{width}}  {rule['outcome']:9}  {rule['matches']:>8}  {rule['lines']:>8}  {rule['right']:>18}"
        for rule in result["rules"]
    ]
    if not result["changed"]:
        rows.append("  " + _("Nothing to change; nothing was written."))
    elif result["dry_run"]:
        rows.append("  " + _("Dry run: nothing was written."))
    rows += [f"  {side:5}  {rest['lines']:>8} open  {rest['amount']:>18}" for side, rest in result["open"].items()]
    rows += [f"  {finding['sentence']}" for finding in result["findings"]]
    return "\n".join(rows)


@commands.command("why")
@click.argument("group")
@click.argument("line")
@click.option("--json", "as_json", is_flag=True, help="Print the answer as JSON.")
@as_user
def why(group: str, line: str, as_json: bool, user: str | None) -> None:
    """Why LINE of GROUP is matched, or its nearest misses and the first failing test of each.

    \b
    Example: recon why "Fjord AS/1920-bank" 4711
    """
    from recon.services.explain_line import explain_line

    with looking(user) as (session, actor):
        found = find_group(session, actor, group)
        answer = explain_line(session, actor, found.id, line)
    click.echo(json.dumps(answer.plain(), ensure_ascii=False) if as_json else "\n".join(answer.sentences()))
