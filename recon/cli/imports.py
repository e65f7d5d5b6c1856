"""`recon import`, `recon lines` and `recon matches`."""

from __future__ import annotations

import datetime as dt
import json
import sys
from pathlib import Path
from typing import Any, cast

import click
import yaml
from sqlalchemy.orm import Session

from recon.access import Actor
from recon.cli import commands
from recon.cli.acting import acting, as_user, is_ready, looking
from recon.cli.import_report import sentences, told
from recon.cli.tables import write_rows
from recon.database.models import Account, ColumnMapping
from recon.errors import Refusal
from recon.intake.detect import read_file
from recon.intake.duplicates import Rung
from recon.intake.mapping import Profile, open_table, read_with
from recon.intake.revisions import Covered
from recon.intake.statement import Reading
from recon.services.column_mappings import mapping_named
from recon.services.find_account import account_named
from recon.services.find_group import find_group
from recon.services.import_file import Missing, import_file
from recon.services.judge_lines import Decisions
from recon.services.list_lines import list_lines
from recon.services.list_matches import list_matches
from recon.services.plan_import import plan_import
from recon.services.read_delivery import digest_of, read_delivery
from recon.services.set_up_company import find_company
from rules.wording import _

EXISTING = click.Path(path_type=Path)


@commands.command("import")
@click.argument("file", type=EXISTING)
@click.option("--account", metavar="NO", help="The account the file is of, where the file does not say.")
@click.option("--company", metavar="C", help="The company the accounts are looked for in.")
@click.option("--format", "format_", metavar="F", help="The file's format, where several readers claim it.")
@click.option(
    "--missing",
    type=click.Choice(["skip", "create", "refuse"]),
    default="skip",
    show_default=True,
    help="What becomes of accounts in the file that are not set up.",
)
@click.option(
    "--create", multiple=True, metavar="NO", help="Create this account of the file, if it is not set up; repeatable."
)
@click.option("--mapping", metavar="M", help="What a table's columns mean: a saved mapping's name, or a file of one.")
@click.option("--covers", metavar="FROM..TO", help="The days of which a ledger's table holds everything.")
@click.option("--accept-changes", is_flag=True, help="Take over what a ledger's new export changes or lacks.")
@click.option(
    "--anyway",
    multiple=True,
    type=click.Choice([rung.value for rung in Rung if rung is not Rung.CHANGED]),
    help="Store lines that this rung of the control for duplicates keeps out.",
)
@click.option("--dry-run", is_flag=True, help="Say what would be stored and store nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@as_user
def import_(
    file: Path,
    account: str | None,
    company: str | None,
    format_: str | None,
    missing: str,
    create: tuple[str, ...],
    mapping: str | None,
    covers: str | None,
    accept_changes: bool,
    anyway: tuple[str, ...],
    dry_run: bool,
    as_json: bool,
    user: str | None,
) -> None:
    """Import FILE, or every file of a folder; each is stored whole or not at all.

    With --create the other accounts that are not set up are left out.

    \b
    Example: recon import statement.xml --dry-run --json
    """
    decisions = Decisions(frozenset(anyway), accept_changes, _days(covers))
    absent = frozenset(create) if create else cast(Missing, missing)
    choice = _Choice(account, company, format_, absent, user, mapping, decisions)
    results: list[dict[str, Any]] = []
    refused: list[str] = []
    for path in _files(file):
        try:
            result = choice.dry_run(path) if dry_run else choice.store(path)
        except Refusal as refusal:
            if not file.is_dir():
                raise
            refused.append(str(refusal))
            click.echo(str(refusal), err=True)
            continue
        results.append({"file": path.name, **result} if file.is_dir() else result)
        if not as_json:
            for line in sentences(path.name, result, dry_run):
                click.echo(line)
    if as_json:
        click.echo(json.dumps(results if file.is_dir() else results[0], ensure_ascii=False))
    if refused:
        sys.exit(1)


def _files(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    found = sorted(each for each in path.iterdir() if each.is_file() and not each.name.startswith("."))
    if not found:
        raise Refusal(_("{folder} holds no files.").format(folder=path))
    return found


def _days(text: str | None) -> Covered | None:
    if text is None:
        return None
    first, _dots, last = text.partition("..")
    try:
        return Covered(dt.date.fromisoformat(first), dt.date.fromisoformat(last))
    except ValueError:
        raise Refusal(_("{text} are no days; write 2026-01-01..2026-12-31.").format(text=text)) from None


def profile_file(name: str) -> Profile | None:
    """The mapping that a YAML or JSON file holds; None where there is no such file."""
    if not Path(name).is_file():
        return None
    try:
        document = yaml.safe_load(Path(name).read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError):
        document = None
    if not isinstance(document, dict):
        raise Refusal(_("{file} holds no mapping.").format(file=name))
    return Profile.from_document(document)


class _Choice:
    """What the options say about every file."""

    def __init__(
        self,
        account: str | None,
        company: str | None,
        format_: str | None,
        missing: Missing,
        user: str | None,
        mapping: str | None,
        decisions: Decisions,
    ) -> None:
        self._account, self._company, self._format = account, company, format_
        self._missing, self._user = missing, user
        self._mapping, self._decisions = mapping, decisions

    def store(self, path: Path) -> dict[str, Any]:
        with acting(self._user) as (session, actor):
            company_id, account = self._place(session, actor)
            done = import_file(
                session,
                actor,
                path,
                format=self._format,
                company_id=company_id,
                account=account,
                missing=self._missing,
                mapping=self._mapped(session, actor, company_id),
                decisions=self._decisions,
            )
        return told(done.plan.reading, done.new, done.known, done.plan.findings)

    def dry_run(self, path: Path) -> dict[str, Any]:
        """Needs neither an account nor a database: without one every line would be new."""
        reading = self._read(path)
        lines = sum(statement.lines.num_rows for statement in reading.statements)
        nameless = self._account is None and any(statement.account is None for statement in reading.statements)
        if nameless or not is_ready(self._user):
            return told(reading, lines, 0, reading.findings)
        with looking(self._user) as (session, actor):
            company_id, account = self._place(session, actor)
            plan = plan_import(
                session, actor, reading, company_id=company_id, account=account, decisions=self._decisions
            )
        return told(reading, lines - plan.known, plan.known, plan.findings)

    def _read(self, path: Path) -> Reading:
        """By the mapping of a file without a database, by a saved one with it, else by the format that claims it."""
        if self._mapping is None:
            return read_file(path, format=self._format)
        if (profile := profile_file(self._mapping)) is not None:
            return read_with(open_table(path, path.name), profile).with_sha256(digest_of(path, path.name))
        with looking(self._user) as (session, actor):
            company_id, account = self._place(session, actor)
            mapping = self._mapped(session, actor, company_id)
            return read_delivery(session, path, path.name, account=account, mapping=mapping).reading

    def _mapped(self, session: Session, actor: Actor, company_id: int | None) -> ColumnMapping | None:
        if self._mapping is None:
            return None
        if (profile := profile_file(self._mapping)) is not None:
            return ColumnMapping(name=self._mapping, body=profile.to_document(), fingerprint=profile.fingerprint)
        return mapping_named(session, actor, company_id, self._mapping)

    def _place(self, session: Session, actor: Actor) -> tuple[int | None, Account | None]:
        company = find_company(session, actor, self._company) if self._company else None
        company_id = company.id if company else None
        return company_id, account_named(session, actor, self._account, company_id) if self._account else None


@commands.command("lines")
@click.argument("group")
@click.option("--open", "which", flag_value="open", help="Only lines with something open.")
@click.option("--matched", "which", flag_value="matched", help="Only lines that are matched whole.")
@click.option("--side", type=click.Choice(["left", "right"]))
@click.option("--format", "format_", type=click.Choice(["csv", "json", "xlsx"]), default="csv", show_default=True)
@click.option("--out", type=EXISTING, help="File to write to (default: standard output).")
@click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
@as_user
def lines(
    group: str,
    which: str | None,
    side: str | None,
    format_: str,
    out: Path | None,
    as_json: bool,
    user: str | None,
) -> None:
    """The lines of GROUP (company/name), what of them is open and what takes them.

    \b
    Example: recon lines "Fjord AS/1920-bank" --open --side right
    """
    with looking(user) as (session, actor):
        found = find_group(session, actor, group)
        frame = list_lines(session, actor, found.id, which or "all", side)
    write_rows(frame.drop(columns="line_id"), "lines", found.currency, "json" if as_json else format_, out)


@commands.command("matches")
@click.argument("group")
@click.option("--format", "format_", type=click.Choice(["csv", "json", "xlsx"]), default="csv", show_default=True)
@click.option("--out", type=EXISTING, help="File to write to (default: standard output).")
@click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
@as_user
def matches(group: str, format_: str, out: Path | None, as_json: bool, user: str | None) -> None:
    """The matches of GROUP (company/name), one row a line.

    \b
    Example: recon matches "Fjord AS/1920-bank"
    """
    with looking(user) as (session, actor):
        found = find_group(session, actor, group)
        frame = list_matches(session, actor, found.id)
    shown = frame.drop(columns=["line_id", "adjustment_id"])
    write_rows(shown, "matches", found.currency, "json" if as_json else format_, out)
