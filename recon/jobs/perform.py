"""What a worker does with a job: claim its row, do it, write how it went. Importing this starts nothing."""

from __future__ import annotations

import datetime as dt
import logging
import os
import socket
import time
from pathlib import Path
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session, sessionmaker

from recon.database.models import Job
from recon.database.session import make_engine, session_factory
from recon.errors import Refusal
from recon.jobs.kinds import KINDS
from recon.languages import speaking_in
from recon.services.users import load_actor_by_id
from rules.errors import RuleErrors
from rules.wording import _

SHORTEST_PAUSE = 0.25
"""Seconds between two writings of a job's progress."""

STEPS = 1_000
"""`total` of a job at work: progress is kept in thousandths."""

STALE = dt.timedelta(hours=1)
ENDED = "ended"
_TICKS = 18
"""Place of `starttime` behind the state in /proc/PID/stat."""

log = logging.getLogger(__name__)


class Cancelled(Exception):
    """Somebody asked the job to stop."""


def perform(url: str, job_id: int) -> None:
    """Do one job, in a process or thread of its own. Does nothing if another worker has claimed it."""
    engine = make_engine(url)
    try:
        sessions = session_factory(engine)
        if claim(sessions, job_id):
            with speaking_in(language_of(sessions, job_id)):
                _do(sessions, job_id)
    finally:
        engine.dispose()


def language_of(sessions: sessionmaker[Session], job_id: int) -> str:
    with sessions() as session:
        return session.get_one(Job, job_id).language


def claim(sessions: sessionmaker[Session], job_id: int) -> bool:
    """Take a queued job; of several workers one gets it."""
    now = dt.datetime.now(dt.UTC)
    me = f"{socket.gethostname()}/{os.getpid()}.{_begun(os.getpid())}"
    started = {"state": "running", "started_at": now, "heartbeat_at": now, "total": STEPS, "worker": me}
    return _write(sessions, job_id, "queued", started)


def fail(sessions: sessionmaker[Session], job_id: int, state: str, sentence: str) -> bool:
    """Mark a job in that state as failed."""
    return _write(sessions, job_id, state, {"failure": sentence, **_end("failed")})


def lost(job: Job) -> bool:
    """Whether a running job's worker is gone: its process on this machine, or any sign of it for STALE elsewhere."""
    host, _slash, process = (job.worker or "").rpartition("/")
    pid, _dot, begun = process.partition(".")
    if host == socket.gethostname() and pid.isdecimal():
        return not _alive(int(pid)) or begun not in ("", _begun(int(pid)))
    return job.heartbeat_at is None or dt.datetime.now(dt.UTC) - job.heartbeat_at > STALE


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return _begun(pid) != ENDED


def _begun(pid: int) -> str:
    """When a process began, in the kernel's ticks, by which it is told from a later one of the same number.

    ENDED for one that only waits for its parent to hear of its end; "" where the system does not tell.
    """
    try:
        state, *rest = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (OSError, ValueError):
        return ""
    return ENDED if state in "ZX" else rest[_TICKS]


def _do(sessions: sessionmaker[Session], job_id: int) -> None:
    try:
        with sessions() as session:
            job = session.get_one(Job, job_id)
            actor = load_actor_by_id(session, job.actor_id)
        result = KINDS[job.kind](sessions, actor, job.arguments, _Progress(sessions, job_id))
    except Cancelled:
        _write(sessions, job_id, "running", _end("cancelled"))
    except (Refusal, RuleErrors) as refusal:
        fail(sessions, job_id, "running", str(refusal))
    except Exception:
        log.exception("job %s", job_id)
        sentence = _("The job stopped on an unexpected error; the log has it as job {number}.").format(number=job_id)
        fail(sessions, job_id, "running", sentence)
    else:
        ended = {"result": result, "done": STEPS, "step": None, **_end("done")}
        _write(sessions, job_id, "running", ended)


def _end(state: str) -> dict[str, Any]:
    return {"state": state, "finished_at": dt.datetime.now(dt.UTC)}


def _write(sessions: sessionmaker[Session], job_id: int, state: str, values: dict[str, Any]) -> bool:
    """Change the row if it is in that state still."""
    with sessions.begin() as session:
        changing = update(Job).where(Job.id == job_id, Job.state == state).values(**values).returning(Job.id)
        return session.scalars(changing).first() is not None


class _Progress:
    """Writes the step and its share, a few times a second at most, and stops a job that is to be cancelled."""

    def __init__(self, sessions: sessionmaker[Session], job_id: int) -> None:
        self._sessions, self._job_id, self._written = sessions, job_id, 0.0

    def __call__(self, step: str, share: float) -> None:
        if time.monotonic() - self._written < SHORTEST_PAUSE:
            return
        now = dt.datetime.now(dt.UTC)
        with self._sessions.begin() as session:
            job = session.get_one(Job, self._job_id)
            job.step, job.done, job.heartbeat_at = step, min(int(share * STEPS), STEPS), now
            stop = job.cancel_requested
        self._written = time.monotonic()
        if stop:
            raise Cancelled
