"""`recon db`, `recon user`, `recon verify` and `recon worker`."""

from __future__ import annotations

import json
import sys
import time
from dataclasses import asdict
from pathlib import Path

import click
from sqlalchemy import select

from recon.cli import commands
from recon.cli.acting import as_user, looking, opened
from recon.database import backup as copies
from recon.database import migrations
from recon.database.models import Source
from recon.database.session import database_url, make_engine, read_only, session_factory
from recon.errors import NotFound
from recon.jobs import Jobs
from recon.services.collect import collect
from recon.services.set_up_company import find_company
from recon.services.users import actor_of, add_user, grant_roles, load_actor
from recon.services.verify_database import verify_database
from rules.wording import _, ngettext

FILE = click.Path(path_type=Path, dir_okay=False)
AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
PAUSE = 1.0
"""Seconds between two looks of a worker at the queue."""

BETWEEN_READINGS = 300.0
"""Seconds between two readings of the sources by a worker; every run reads those of its company anyway."""


@commands.group("db")
def database() -> None:
    """The database as a whole.

    \b
    Example: recon db upgrade
    """


@database.command("upgrade")
@AS_JSON
def upgrade(as_json: bool) -> None:
    """Make the tables, or bring them to this version.

    \b
    Example: recon db upgrade
    """
    engine = make_engine(database_url())
    changed = migrations.upgrade(engine)
    engine.dispose()
    if as_json:
        click.echo(json.dumps({"changed": changed, "version": migrations.head()}))
    else:
        click.echo(_("The database is at this version now.") if changed else _("The database is up to date."))


@database.command("backup")
@click.argument("file", type=FILE)
@AS_JSON
def backup(file: Path, as_json: bool) -> None:
    """Write the whole database to a new FILE.

    \b
    Example: recon db backup recon-2025-01-31.backup
    """
    copies.backup(database_url(), file)
    click.echo(json.dumps({"file": str(file)}) if as_json else _("Written to {file}.").format(file=file))


@database.command("restore")
@click.argument("file", type=FILE)
@AS_JSON
def restore(file: Path, as_json: bool) -> None:
    """Fill an empty database from FILE.

    \b
    Example: recon db restore recon-2025-01-31.backup
    """
    copies.restore(database_url(), file)
    click.echo(json.dumps({"file": str(file)}) if as_json else _("Restored from {file}.").format(file=file))


@commands.group("user")
def users() -> None:
    """Users and their roles.

    \b
    Example: recon user add kari --role "Fjord AS:preparer"
    """


@users.command("add")
@click.argument("username", required=False)
@click.option("--operator", is_flag=True, help="The operator of the installation, who may do everything everywhere.")
@click.option("--email", help="E-mail address (default: USERNAME@localhost).")
@click.option("--name", default="", help="The person's name.")
@click.option("--role", "roles", multiple=True, metavar="COMPANY:ROLE", help="A role in a company; may be repeated.")
@click.option("--password", is_flag=True, help="Ask for a password (read from standard input where it is no terminal).")
@AS_JSON
@as_user
def add(
    username: str | None,
    operator: bool,
    email: str | None,
    name: str,
    roles: tuple[str, ...],
    password: bool,
    as_json: bool,
    user: str | None,
) -> None:
    """Add a user. The first one is added by nobody; without a name the operator is called "operator".

    \b
    Example: recon user add kari --role "Fjord AS:preparer" --password
    """
    if username is None and not operator:
        raise click.UsageError(_("Name the user."))
    wanted = _roles(roles)
    secret = _password() if password else None
    username = username or "operator"
    if operator:
        _make_tables()
    with opened() as session:
        actor = None if operator and user is None else load_actor(session, user)
        made = add_user(session, actor, username, email=email, name=name, password=secret, operator=operator)
        for company_name, held in wanted.items():
            grant_roles(
                session,
                actor or actor_of(made),
                made,
                find_company(session, actor or actor_of(made), company_name),
                held,
            )
        session.commit()
    click.echo(json.dumps({"user": username}) if as_json else _("Added the user {name}.").format(name=username))


def _make_tables() -> None:
    """The operator is the first thing an installation needs: an empty database gets its tables here."""
    engine = make_engine(database_url())
    with engine.connect() as connection:
        empty = migrations.current(connection) is None
    if empty:
        migrations.upgrade(engine)
    engine.dispose()


def _roles(told: tuple[str, ...]) -> dict[str, list[str]]:
    wanted: dict[str, list[str]] = {}
    for each in told:
        company, colon, role = each.rpartition(":")
        if not colon:
            raise click.UsageError(_("Write a role as COMPANY:ROLE, not “{value}”.").format(value=each))
        wanted.setdefault(company, []).append(role)
    return wanted


def _password() -> str:
    if sys.stdin.isatty():
        return str(click.prompt(_("Password"), hide_input=True, confirmation_prompt=True, err=True))
    return sys.stdin.readline().rstrip("\n")


@commands.command("verify")
@AS_JSON
@as_user
def verify(as_json: bool, user: str | None) -> None:
    """Check the whole database; exit 1 with the rows that do not hold.

    \b
    Example: recon verify
    """
    with looking(user) as (session, actor):
        findings = verify_database(session, actor)
    if as_json:
        click.echo(json.dumps([asdict(finding) for finding in findings], ensure_ascii=False))
    elif not findings:
        click.echo(_("Everything holds."))
    else:
        for finding in findings:
            click.echo(finding.sentence, err=True)
        told = ngettext("{n} row does not hold.", "{n} rows do not hold.", len(findings))
        click.echo(told.format(n=len(findings)), err=True)
    if findings:
        sys.exit(1)


@commands.command("worker")
@click.option("--once", is_flag=True, help="Do what is queued, read every source, and end.")
@as_user
def worker(once: bool, user: str | None) -> None:
    """Do the jobs that are queued in the database and read the sources of all companies, until interrupted.

    \b
    Example: recon worker
    """
    with opened():
        pass  # refuses a database of another version before anything is taken
    jobs = Jobs(database_url())
    next_reading = time.monotonic()
    try:
        jobs.recover()
        while True:
            if time.monotonic() >= next_reading:
                _read_sources(user)
                next_reading = time.monotonic() + BETWEEN_READINGS
            if once:
                break
            time.sleep(PAUSE)
            jobs.recover()
    finally:
        jobs.stop(finish=once)


def _read_sources(user: str | None) -> None:
    """Each source that is not paused, told on stderr where it gave something or could not be read."""
    engine = make_engine(database_url())
    sessions = session_factory(engine)
    try:
        with sessions() as session:
            try:
                actor = load_actor(read_only(session), user)
            except NotFound:
                return  # nobody to act as yet: a fresh installation
            reading = list(session.scalars(select(Source.id).where(Source.paused.is_(False)).order_by(Source.id)))
        for source_id in reading:
            done = collect(sessions, actor, source_id)
            if done.files or not done.reached:
                click.echo(f"{done.source}: {done.said}", err=True)
    finally:
        engine.dispose()
