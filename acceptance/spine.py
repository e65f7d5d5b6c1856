"""The spine in one go on the demo company: loaded, reconciled, approved, sealed; then verified, and tampered with."""

from __future__ import annotations

import atexit
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from datetime import date
from functools import cache, partial
from pathlib import Path

from sqlalchemy import func, select

from acceptance.check import Check, Outcome
from recon.database.migrations import upgrade
from recon.database.models import AccountGroup, Allocation, Match
from recon.database.session import make_engine, session_factory
from recon.services.approve_document import approve_document
from recon.services.demo import load_demo
from recon.services.reconcile_group import reconcile_group
from recon.services.users import load_actor

JANUARY = date(2026, 1, 31)


@cache
def _folder() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="recon-acceptance-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


@cache
def _worked_on() -> tuple[Path, str]:
    """A database in which every group of the demo was reconciled and its January approved, and what that came to."""
    path = _folder() / "demo.sqlite3"
    engine = make_engine(f"sqlite:///{path}")
    upgrade(engine)
    with session_factory(engine)() as session:
        started = time.perf_counter()
        load_demo(session)
        loaded = time.perf_counter() - started
        actor = load_actor(session, "demo")
        groups = session.scalars(select(AccountGroup.id)).all()
        for group in groups:
            reconcile_group(session, actor, group)
            sealed = approve_document(session, actor, group, JANUARY)
            if not sealed.pdf.startswith(b"%PDF-"):
                raise ValueError(f"group {group} was sealed with something that is no PDF")
        matches, members = (session.scalar(select(func.count(model.id))) for model in (Match, Allocation))
        session.commit()
    engine.dispose()
    figure = f"{len(groups)} groups, {matches:,} matches of {members:,} lines, {len(groups)} sealed PDFs"
    return path, f"{figure}; the demo loads in {loaded:.1f} s"


def worked_on() -> Outcome:
    return Outcome(True, _worked_on()[1])


def second_run() -> Outcome:
    """Pressing Reconcile again on unchanged data writes nothing, in any group."""
    engine = make_engine(f"sqlite:///{_worked_on()[0]}")
    with session_factory(engine)() as session:
        actor = load_actor(session, "demo")
        groups = session.scalars(select(AccountGroup)).all()
        changed = [group.name for group in groups if reconcile_group(session, actor, group.id).changed]
        session.rollback()
    engine.dispose()
    return Outcome(not changed, f"{len(changed)} of {len(groups)} groups changed", ", ".join(changed))


TAMPERING = {
    "an amount": ("line", "UPDATE line SET amount_minor = amount_minor + 100 WHERE id = {id}"),
    "an allocation": ("allocation", "UPDATE allocation SET amount_minor = amount_minor + 1 WHERE id = {id}"),
    "an event": ("event", "UPDATE event SET verb = 'nothing' WHERE id = {id}"),
    "a PDF": ("sealed_pdf", "UPDATE sealed_pdf SET content = x'255044462d' WHERE id = {id}"),
}
"""What is tampered with: the table, and how one row of it is changed."""

_NAMES = {"allocation": "SELECT 'match ' || match_id FROM allocation WHERE id = {id}"}
"""How verify names a changed row, where it is not by its table and key."""


def verified() -> Outcome:
    done = _verify(_worked_on()[0])
    return Outcome(done.returncode == 0, f"exit {done.returncode}", done.stdout + done.stderr)


def tampered(what: str) -> Outcome:
    table, statement = TAMPERING[what]
    path = Path(shutil.copy(_worked_on()[0], _folder() / f"{table}.sqlite3"))
    with sqlite3.connect(path) as database:
        (key,) = database.execute(f"SELECT id FROM {table} ORDER BY id LIMIT 1 OFFSET 3").fetchone()
        for (trigger,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            database.execute(f"DROP TRIGGER {trigger}")
        database.execute(statement.format(id=key))
        naming = _NAMES.get(table, f"SELECT '{table.replace('_', ' ')} ' || {{id}}")
        (name,) = database.execute(naming.format(id=key)).fetchone()
    done = _verify(path)
    said = done.stdout + done.stderr
    return Outcome(done.returncode == 1 and name in said, f"exit {done.returncode}, names {name}: {name in said}", said)


def _verify(path: Path) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"RECON_DATABASE_URL": f"sqlite:///{path}", "RECON_INSTANCE": str(_folder())}
    command = [sys.executable, "-m", "recon", "verify"]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


CHECKS = [
    Check("spine on the demo", "every group reconciles and its month is approved with a PDF", worked_on),
    Check("second run", "writes nothing", second_run),
    Check("verify", "exit 0 after everything above", verified),
    *(Check(f"verify after tampering with {w}", "exit 1, names the row", partial(tampered, w)) for w in TAMPERING),
]
