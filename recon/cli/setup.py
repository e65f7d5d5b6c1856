"""`recon setup apply` and `recon setup export`."""

from __future__ import annotations

import json
from pathlib import Path

import click

from recon.cli import commands
from recon.cli.acting import acting, as_user, looking
from recon.errors import Refusal
from recon.services.apply_setup import apply_setup
from recon.services.export_setup import export_setup
from recon.services.setup_document import read_setup
from recon.services.setup_yaml import write_setup
from rules.wording import _, ngettext

FILE = click.Path(path_type=Path, dir_okay=False)


@commands.group("setup")
def setup() -> None:
    """Companies, accounts, groups, account imports, entry types, series, users' roles as one YAML file.

    \b
    Example: recon setup apply company.yaml
    """


@setup.command("apply")
@click.argument("file", type=FILE)
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@as_user
def apply(file: Path, as_json: bool, user: str | None) -> None:
    """Make or change what FILE names; applying it again changes nothing.

    \b
    Example: recon setup apply company.yaml
    """
    plan = read_setup(_text(file), file.name)
    with acting(user) as (session, actor):
        changes = apply_setup(session, actor, plan)
    if as_json:
        click.echo(json.dumps({"changes": changes}))
    elif changes:
        click.echo(ngettext("{n} change.", "{n} changes.", changes).format(n=changes))
    else:
        click.echo(_("Nothing to change: the set-up stands so already."))


@setup.command("export")
@click.argument("file", type=FILE, required=False)
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@as_user
def export(file: Path | None, as_json: bool, user: str | None) -> None:
    """Write the set-up of the companies you see to FILE, or to standard output.

    \b
    Example: recon setup export company.yaml
    """
    with looking(user) as (session, actor):
        found = export_setup(session, actor)
    text = write_setup(found)
    if file is None:
        click.echo(text, nl=False)
        return
    file.write_text(text, encoding="utf-8")
    told = {"file": str(file), "companies": len(found.companies)}
    click.echo(json.dumps(told) if as_json else _("Written to {file}.").format(file=file))


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise Refusal(
            _("{file}: byte {place} is not UTF-8 text.").format(file=file.name, place=error.start + 1)
        ) from None
