"""`recon rules`: check a rule file, move rule sets in and out."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from recon.access import Actor
from recon.cli import commands
from recon.cli.acting import acting, as_user, looking
from recon.cli.trials import backtest, preview
from recon.database.models import Company, RuleSet
from recon.errors import NotFound
from recon.services.check_rules import check_rules
from recon.services.rule_versions import in_force
from recon.services.save_rule_set import save_rule_set
from rules.codec import dump_json, dump_yaml, from_document, load_file, set_hash
from rules.wording import _


@commands.group("rules")
def rules() -> None:
    """Check, import, export, preview and backtest rule sets.

    \b
    Example: recon rules check my-rules.yaml
    """


rules.add_command(preview)
rules.add_command(backtest)


@rules.command("check")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--on",
    "files",
    nargs=2,
    type=click.Path(path_type=Path),
    metavar="LEFT RIGHT",
    help="Two files of lines: name the rules that find nothing there because others take it first.",
)
@click.option("--country", help="Country of the banking days, for example NO.")
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
def check(file: Path, files: tuple[Path, Path] | None, country: str | None, as_json: bool) -> None:
    """Say what is wrong with a rule FILE (YAML or JSON), or plainly unwise; exit 1 where something is wrong.

    \b
    Example: recon rules check my-rules.yaml --on ledger.csv bank.csv
    """
    rule_set = load_file(file)
    findings = check_rules(rule_set, files, country=country.upper() if country else None)
    if as_json:
        told = {
            "name": rule_set.name,
            "rules": len(rule_set.rules),
            "sha256": set_hash(rule_set),
            "findings": [asdict(finding) for finding in findings],
        }
        click.echo(json.dumps(told, ensure_ascii=False))
    else:
        click.echo(_("{name}: {count} rules.").format(name=rule_set.name, count=len(rule_set.rules)))
        for finding in findings:
            click.echo(f"{finding.severity}: {finding.where}: {finding.sentence}")
    if any(finding.severity == "error" for finding in findings):
        sys.exit(1)


@rules.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--company", help="The company it belongs to (default: the installation).")
@click.option("--no-activate", "inactive", is_flag=True, help="Store the version without putting it in force.")
@click.option("--json", "as_json", is_flag=True, help="Print the version as JSON.")
@as_user
def import_(file: Path, company: str | None, inactive: bool, as_json: bool, user: str | None) -> None:
    """Store a rule FILE as a new version of the rule set of its name, in force for every linked group.

    \b
    Example: recon rules import my-rules.yaml --company "Fjord AS"
    """
    rule_set = load_file(file)
    with acting(user) as (session, actor):
        version = save_rule_set(session, actor, _company_id(session, actor, company), rule_set, activate=not inactive)
        active = version.activated_at is not None
        told = {"name": rule_set.name, "version": version.no, "sha256": version.sha256, "active": active}
    waits = _("{name}, version {version}; it waits for somebody else to put it in force.")
    said = waits if not (active or inactive) else _("{name}, version {version}.")
    sentence = said.format(name=rule_set.name, version=told["version"])
    click.echo(json.dumps(told, ensure_ascii=False) if as_json else sentence)


@rules.command("export")
@click.argument("name")
@click.argument("file", required=False, type=click.Path(dir_okay=False, path_type=Path))
@click.option("--company", help="The company it belongs to (default: the installation).")
@click.option("--json", "as_json", is_flag=True, help="Write JSON, not YAML.")
@as_user
def export(name: str, file: Path | None, company: str | None, as_json: bool, user: str | None) -> None:
    """Write the version in force of rule set NAME, to FILE or standard output.

    \b
    Example: recon rules export "Standard bank" standard.yaml
    """
    with looking(user) as (session, actor):
        owner = _company_id(session, actor, company)
        mine = RuleSet.company_id.is_(None) if owner is None else RuleSet.company_id == owner
        found = session.scalars(select(RuleSet).where(RuleSet.name == name, mine)).one_or_none()
        version = in_force(session, found.id) if found else None
    if version is None:
        raise NotFound(_("There is no rule set {name} in force.").format(name=name))
    rule_set = from_document(version.body)
    text = dump_json(rule_set) if as_json or (file and file.suffix == ".json") else dump_yaml(rule_set)
    if file:
        file.write_text(text, encoding="utf-8")
    else:
        click.echo(text, nl=False)


def _company_id(session: Session, actor: Actor, name: str | None) -> int | None:
    if name is None:
        return None
    company = session.scalars(select(Company).where(Company.name == name)).one_or_none()
    if company is None or not actor.sees(company.id):
        raise NotFound(_("There is no company {name}.").format(name=name))
    return company.id
