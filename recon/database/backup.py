"""A copy of the whole database in one file, taken while others work, and put back into an empty place."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

from sqlalchemy import inspect
from sqlalchemy.engine import URL, make_url

from recon.database.session import make_engine
from recon.errors import Refusal
from rules.wording import _


def backup(url: str, target: Path) -> None:
    """Write the database to a new file: a SQLite database, or PostgreSQL's own archive (pg_dump -Fc)."""
    if target.exists():
        raise Refusal(_("{file} is there already; give another name.").format(file=target))
    parsed = make_url(url)
    if parsed.get_backend_name() == "postgresql":
        _run("pg_dump", parsed, "--format=custom", f"--file={target}")
        return
    source = _file(parsed)
    if not source.exists():
        raise Refusal(_("there is no database at {file}").format(file=source))
    with closing(sqlite3.connect(source)) as connection:
        connection.execute("VACUUM INTO ?", (str(target),))


def restore(url: str, source: Path) -> None:
    """Fill an empty database from a backup. Raises Refusal if there is one with tables already."""
    if not source.is_file():
        raise Refusal(_("there is no file {file}").format(file=source))
    parsed = make_url(url)
    if _has_tables(parsed):
        raise Refusal(_("the database is not empty: restore into a new one and point RECON_DATABASE_URL there"))
    if parsed.get_backend_name() == "postgresql":
        _run("pg_restore", parsed, "--no-owner", "--exit-on-error", f"--dbname={parsed.database}", str(source))
        return
    if source.read_bytes()[:15] != b"SQLite format 3":
        raise Refusal(_("{file} is not a backup of a SQLite database").format(file=source))
    target = _file(parsed)
    for leftover in (target, *(target.with_name(target.name + end) for end in ("-wal", "-shm"))):
        leftover.unlink(missing_ok=True)
    shutil.copyfile(source, target)


def _file(url: URL) -> Path:
    return Path(url.database or "")


def _has_tables(url: URL) -> bool:
    engine = make_engine(url)
    try:
        return bool(inspect(engine).get_table_names())
    finally:
        engine.dispose()


def _run(program: str, url: URL, *arguments: str) -> None:
    """PostgreSQL's own program; the password goes by the environment, where other users cannot read it."""
    if shutil.which(program) is None:
        raise Refusal(
            _("{program} is not installed; it comes with PostgreSQL's client programs").format(program=program)
        )
    where = {"PGHOST": url.host or url.query.get("host"), "PGPORT": url.port, "PGUSER": url.username}
    known = where | {"PGDATABASE": url.database, "PGPASSWORD": url.password}
    environment = os.environ | {name: str(value) for name, value in known.items() if value}
    done = subprocess.run([program, *arguments], env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Refusal(_("{program} failed: {reason}").format(program=program, reason=done.stderr.strip()))
