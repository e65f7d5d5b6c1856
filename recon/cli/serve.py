"""`recon serve`: the web application on this machine, with the demo company on request."""

from __future__ import annotations

import socket
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
from sqlalchemy import Engine, func, inspect, select
from sqlalchemy.orm import Session

from recon import places
from recon.cli import commands
from recon.database.migrations import require_current, upgrade
from recon.database.models import Company, User
from recon.database.session import database_url, make_engine, session_factory
from recon.demo.firms import FIRMS
from recon.errors import Refusal
from recon.services.demo import LOGINS, load_demo, write_demo_files
from recon.web.factory import create_app
from recon.web.serving import serve as serve_until_interrupted
from recon.web.work import jobs_of
from rules.wording import _


@commands.command("serve")
@click.option("--demo", is_flag=True, help="On an empty database, load the demo company first.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=5000, show_default=True, type=click.IntRange(1, 65535), help="Port to listen on.")
def serve(demo: bool, host: str, port: int) -> None:
    """Serve the web application until interrupted.

    \b
    Example: recon serve --demo --port 5055
    """
    _require_free(host, port)
    url = database_url()
    engine = make_engine(url)
    try:
        shown = prepare(engine, demo)
    finally:
        engine.dispose()
    app = create_app({"DATABASE_URL": url, "DEMO": bool(shown), "DEMO_USERS": shown})
    for login in shown:
        click.echo(f"  {login['name']:<10} {login['password']:<16} {_(login['does'])}")
    click.echo(_("Recon is at {address} (Ctrl+C stops it)").format(address=f"http://{host}:{port}"))
    jobs = jobs_of(app)
    jobs.recover()
    try:
        serve_until_interrupted(app, host, port)
    finally:
        jobs.stop()


def prepare(engine: Engine, demo: bool) -> Sequence[dict[str, Any]]:
    """Tables where there are none, and the demo on an empty database; the demo's sign-ins if it is what is served."""
    if not inspect(engine).get_table_names():
        upgrade(engine)
    require_current(engine)
    with session_factory(engine)() as session:
        if demo and not session.scalar(select(func.count(Company.id))):
            click.echo(_("Loading the demo company …"), err=True)
            files = write_demo_files(load_demo(session), places.instance() / "demo-files")
            session.commit()
            _tell_files(files)
        if not session.scalar(select(func.count(User.id))):
            click.echo(_("There are no users yet: make one with `recon user add NAME --operator`."), err=True)
        return LOGINS if demo and _is_demo(session) else ()


def _tell_files(files: Sequence[Path]) -> None:
    if files:
        told = _("The files of the next month, to import by hand, are in {folder}")
        click.echo(told.format(folder=files[0].parent), err=True)


def _is_demo(session: Session) -> bool:
    """The demo's companies and no others: its open passwords are never shown beside real books."""
    names = set(session.scalars(select(Company.name)))
    return names == {firm.name for firm in FIRMS}


def _require_free(host: str, port: int) -> None:
    """Raises Refusal if something listens there already, or the address is not this machine's."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(found[0], found[1]) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(found[4])
    except OSError as error:
        told = _("cannot listen on {host}:{port}: {reason}; choose another with --port")
        raise Refusal(told.format(host=host, port=port, reason=error.strerror or error)) from None
