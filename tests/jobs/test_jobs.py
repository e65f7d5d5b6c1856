"""Jobs: their rows from queued to done, and what becomes of them when a worker is killed."""

from __future__ import annotations

import datetime as dt
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session, sessionmaker

from recon.access import Actor
from recon.database.models import Job
from recon.database.session import make_engine, session_factory
from recon.errors import NotAllowed, Refusal
from recon.jobs import Jobs, submit
from recon.jobs.jobs import InTurn
from recon.jobs.perform import ENDED, Cancelled, _begun, _Progress, claim, lost
from recon.languages import speaking_in
from tests.books import Books, make_books
from tests.files import csv_file


@pytest.fixture
def place(database_url: str) -> Any:
    """An address, its sessions and committed books."""
    engine = make_engine(database_url)
    sessions = session_factory(engine)
    with sessions.begin() as session:
        books = make_books(session)
    yield database_url, sessions, books
    engine.dispose()


def submitted(sessions: sessionmaker[Session], books: Books, path: Path, actor: Actor | None = None) -> int:
    arguments = {"path": str(path), "name": "bank.csv", "company_id": books.company.id}
    with sessions.begin() as session:
        return submit(session, actor or books.preparer, "import", arguments, company_id=books.company.id).id


def row(sessions: sessionmaker[Session], job_id: int) -> Job:
    with sessions() as session:
        return session.get_one(Job, job_id)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "upload"
    path.write_bytes(csv_file([("2025-01-03", "5.00", "a")]))
    return path


def test_a_job_ends_done_with_its_result(place: Any, file: Path) -> None:
    url, sessions, books = place
    job_id = submitted(sessions, books, file)
    assert row(sessions, job_id).state == "queued"
    Jobs(url, InTurn).start(job_id)
    job = row(sessions, job_id)
    assert (job.state, job.failure, job.done, job.total) == ("done", None, 1000, 1000)
    assert job.result is not None
    assert (job.result["new"], job.result["groups"]) == (1, [[books.group.id, 1]])


class Held(Executor):
    """Takes tasks, and does none until it is told to."""

    def __init__(self) -> None:
        self.taken: list[tuple[Future[Any], Callable[[], Any]]] = []

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        ending: Future[Any] = Future()
        self.taken.append((ending, lambda: fn(*args, **kwargs)))
        return ending

    def do_last(self) -> None:
        ending, task = self.taken[-1]
        ending.set_result(task())


def test_jobs_in_turn_are_begun_one_after_the_other(place: Any, file: Path, tmp_path: Path) -> None:
    url, sessions, books = place
    jobs = [submitted(sessions, books, path) for path in (file, tmp_path / "gone", file)]
    held = Held()
    Jobs(url, lambda: held).start_in_turn(jobs)
    for begun, ended in enumerate(("done", "failed", "done"), start=1):
        assert len(held.taken) == begun
        held.do_last()
        assert row(sessions, jobs[begun - 1]).state == ended
    assert len(held.taken) == 3


def test_a_refusal_is_the_job_s_sentence(place: Any, tmp_path: Path) -> None:
    url, sessions, books = place
    job_id = submitted(sessions, books, tmp_path / "gone")
    Jobs(url, InTurn).start(job_id)
    job = row(sessions, job_id)
    assert job.state == "failed"
    assert job.failure is not None
    assert "cannot be opened" in job.failure


def test_only_who_may_submits(place: Any, file: Path) -> None:
    _url, sessions, books = place
    with pytest.raises(NotAllowed):
        submitted(sessions, books, file, books.actors["auditor"])
    with sessions() as session, pytest.raises(Refusal, match="no kind of job"):
        submit(session, books.preparer, "dance", {})


def test_one_worker_claims_a_job(place: Any, file: Path) -> None:
    _url, sessions, books = place
    job_id = submitted(sessions, books, file)
    assert [claim(sessions, job_id), claim(sessions, job_id)] == [True, False]


def test_progress_is_kept_and_a_cancelled_job_stops(place: Any, file: Path) -> None:
    _url, sessions, books = place
    job_id = submitted(sessions, books, file)
    claim(sessions, job_id)
    _Progress(sessions, job_id)("Same reference", 0.25)
    job = row(sessions, job_id)
    assert (job.step, job.done) == ("Same reference", 250)
    with sessions.begin() as session:
        session.get_one(Job, job_id).cancel_requested = True
    with pytest.raises(Cancelled):
        _Progress(sessions, job_id)("Same amount", 0.5)


def wait_until(holds: Callable[[], bool], seconds: float = 180) -> None:
    until = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < until, "it did not come to hold in time"
        time.sleep(0.05)


def test_a_killed_worker_fails_its_job_and_the_next_one_runs(sqlite_url: str, file: Path, tmp_path: Path) -> None:
    sessions = session_factory(make_engine(sqlite_url))
    with sessions.begin() as session:
        books = make_books(session)
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)  # a file that never ends: its reader is at work until it is killed
    stuck, waiting = submitted(sessions, books, pipe), submitted(sessions, books, file)
    jobs = Jobs(sqlite_url, lambda: ProcessPoolExecutor(1, mp_context=get_context("spawn")))
    jobs.start(stuck)
    jobs.start(waiting)
    wait_until(lambda: row(sessions, stuck).state == "running")
    worker = row(sessions, stuck).worker
    assert worker is not None
    os.kill(int(worker.rpartition("/")[2].partition(".")[0]), signal.SIGKILL)
    wait_until(lambda: row(sessions, waiting).state == "done")
    assert row(sessions, stuck).state == "failed"
    assert row(sessions, stuck).failure == "The job was stopped from outside; nothing of it was stored."
    jobs.stop()


def test_after_a_restart_queued_jobs_start_and_orphans_have_failed(place: Any, file: Path) -> None:
    url, sessions, books = place
    orphan, alive, queued = (submitted(sessions, books, file) for _ in range(3))
    with sessions.begin() as session:
        gone, here = session.get_one(Job, orphan), session.get_one(Job, alive)
        gone.state, gone.worker = "running", "elsewhere/1"
        gone.heartbeat_at = dt.datetime.now(dt.UTC) - dt.timedelta(hours=2)
        here.state, here.worker = "running", f"{os.uname().nodename}/{os.getpid()}"
    assert Jobs(url, InTurn).recover() == [queued]
    assert [row(sessions, job_id).state for job_id in (orphan, alive, queued)] == ["failed", "running", "done"]


def test_a_job_speaks_the_language_that_was_spoken_when_it_was_submitted(place: Any, file: Path) -> None:
    url, sessions, books = place
    with speaking_in("nb"):
        refused, killed = (submitted(sessions, books, path) for path in (file.with_name("gone"), file))
    Jobs(url, InTurn).start(refused).result()
    assert claim(sessions, killed)
    with sessions.begin() as session:
        session.get_one(Job, killed).worker = f"{socket.gethostname()}/999999999"
    Jobs(url, InTurn).recover()
    assert row(sessions, refused).failure == "bank.csv kan ikke åpnes: No such file or directory."
    assert row(sessions, killed).failure == "Jobben ble stoppet utenfra; ingenting av den er lagret."


def test_a_worker_that_has_ended_is_lost_though_its_number_still_answers() -> None:
    """Killed with the process that would hear of its end, or its number given to another since."""
    job, host = Job(), os.uname().nodename
    job.worker = f"{host}/{os.getpid()}.{_begun(os.getpid())}"
    assert not lost(job)
    job.worker = f"{host}/{os.getpid()}.1"
    assert lost(job)
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        wait_until(lambda: _begun(ended.pid) == ENDED)
        job.worker = f"{host}/{ended.pid}.7"
        assert lost(job)
