"""Brings files in until it is killed: `python -m tests.services.killed_worker WAY URL USER COMPANY SOURCE FOLDER`."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from sqlalchemy import select

from recon.access import Actor
from recon.database.models import Job
from recon.database.session import make_engine, session_factory
from recon.jobs import Jobs, submit
from recon.jobs.jobs import spawned_pool
from recon.services.collect import collect
from recon.services.import_file import import_file


def main(way: str, url: str, actor: Actor, source_id: int, folder: Path) -> None:
    """By import, as a watched folder is picked up, or by the jobs of the web application."""
    sessions = session_factory(make_engine(url))
    files = sorted(path for path in folder.iterdir() if path.is_file())
    print("ready", flush=True)
    if way == "collected":
        collect(sessions, actor, source_id, settle=0)
    elif way == "imported":
        for path in files:
            with sessions.begin() as session:
                import_file(session, actor, path)
    else:
        _as_jobs(url, actor, files)
    print("done", flush=True)


def _as_jobs(url: str, actor: Actor, files: list[Path]) -> None:
    jobs, sessions = Jobs(url, spawned_pool), session_factory(make_engine(url))
    with sessions.begin() as session:
        rows = [submit(session, actor, "import", {"path": str(path), "name": path.name}) for path in files]
        keys = [row.id for row in rows]
    jobs.start_in_turn(keys)
    while True:
        with sessions() as session:
            if set(session.scalars(select(Job.state).where(Job.id.in_(keys)))) <= {"done", "failed"}:
                break
        time.sleep(0.05)
    jobs.stop()


if __name__ == "__main__":
    way, url, user, company, source, folder = sys.argv[1:]
    actor = Actor(int(user), {int(company): frozenset({"preparer"})})
    main(way, url, actor, int(source), Path(folder))
