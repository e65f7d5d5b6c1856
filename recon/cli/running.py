"""`recon run` and `recon why`."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

import click
from sqlalchemy.orm import Session, sessionmaker

from recon.access import Actor, Permission
from recon.cli import commands
from recon.cli.acting import as_user, looking
from recon.database.migrations import require_current
from recon.database.session import database_url, make_engine, read_only, session_factory
from recon.errors import Refusal
from recon.services.find_group import find_group, groups_of
from recon.services.reconcile_group import preview_run
from recon.services.run_group import run_group
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
    day = as_of.date() if as_of else None
    try:
        actor, groups = _asked_for(sessions, user, group)
        results = [_attempt(sessions, actor, each, dry_run, day, every) for each in groups]
    finally:
        engine.dispose()
    done = [result for result in results if result is not None]
    if as_json:
        click.echo(json.dumps(done if every else done[0], ensure_ascii=False))
    else:
        for result in done:
            click.echo(_sentences(result))
    if len(done) < len(results):
        sys.exit(1)


@dataclass(frozen=True, slots=True)
class _Asked:
    """A group to reconcile: its key, its name with the company's, its currency."""

    group_id: int
    name: str
    currency: str


def _asked_for(sessions: sessionmaker[Session], user: str | None, group: str | None) -> tuple[Actor, list[_Asked]]:
    with sessions() as session:
        actor = load_actor(read_only(session), user)
        found = [find_group(session, actor, group)] if group else groups_of(session, actor, Permission.RUN)
        return actor, [_Asked(each.id, f"{each.company.name}/{each.name}", each.currency) for each in found]


def _attempt(
    sessions: sessionmaker[Session], actor: Actor, asked: _Asked, dry_run: bool, as_of: date | None, go_on: bool
) -> dict[str, Any] | None:
    """The run as plain values; with `go_on` a refused group is told on stderr and the others follow."""
    try:
        return _run_one(sessions, actor, asked, dry_run, as_of)
    except Refusal as refused:
        if not go_on:
            raise
        click.echo(f"{asked.name}: {refused}", err=True)
        return None


def _run_one(
    sessions: sessionmaker[Session], actor: Actor, asked: _Asked, dry_run: bool, as_of: date | None
) -> dict[str, Any]:
    progress = _progress if sys.stderr.isatty() else None
    if dry_run:
        with sessions() as session:
            plan = plan_run(read_only(session), actor, asked.group_id, as_of=as_of, progress=progress)
            report = preview_run(session, plan)
    else:
        report = run_group(sessions, actor, asked.group_id, as_of=as_of, progress=progress)
    return told(report, asked.name, asked.currency, dry_run)


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
        "postings": [
            {
                "rule": count.rule,
                "name": count.name,
                "entry_type": count.entry_type,
                "outcome": count.outcome,
                "lines": count.lines,
                "amount": from_minor(count.amount_minor, currency),
            }
            for count in report.postings
        ],
        "kept_postings": report.kept_postings,
        "withdrawn_postings": report.withdrawn_postings,
        "choices": report.choices,
        "excluded": report.excluded,
        "facts": report.facts,
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
