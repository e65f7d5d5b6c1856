"""The pool that jobs are done on: processes that were spawned, behind the interface of `concurrent.futures`."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import BrokenExecutor, Executor, Future, ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from recon.database.models import Job
from recon.database.session import make_engine, session_factory
from recon.jobs.perform import fail, language_of, lost, perform
from recon.languages import speaking_in
from rules.wording import _

WORKERS = 2
JOBS_A_WORKER = 20
"""After so many jobs a worker is replaced, and what large frames left in its memory with it."""


class InTurn(Executor):
    """Does each task at once, where it is submitted: for tests and the command line."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        done: Future[Any] = Future()
        try:
            done.set_result(fn(*args, **kwargs))
        except Exception as error:
            done.set_exception(error)
        return done


def spawned_pool() -> Executor:
    """Spawned, not forked: a fork of a process with threads and open databases may hang or lose its locks."""
    return ProcessPoolExecutor(WORKERS, mp_context=get_context("spawn"), max_tasks_per_child=JOBS_A_WORKER)


class Jobs:
    """Starts submitted jobs on a pool, which is made when the first comes and made anew when a worker was killed."""

    def __init__(self, url: str, make_pool: Callable[[], Executor] = spawned_pool) -> None:
        self._url, self._make_pool = url, make_pool
        self._pool: Executor | None = None
        self._handed_out: set[int] = set()
        self._lock = threading.Lock()

    def start(self, job_id: int) -> Future[Any]:
        """Have a queued job done; its row must be committed. What becomes of it stands in the row."""
        with self._lock:
            self._handed_out.add(job_id)
            try:
                started = self._on_pool(job_id)
            except BrokenExecutor:
                self._pool = None
                started = self._on_pool(job_id)
        started.add_done_callback(lambda future: self._ended(job_id, future))
        return started

    def start_in_turn(self, job_ids: Sequence[int]) -> None:
        """Have queued jobs done one after the other, each begun when the one before it has ended, however it ended."""
        if job_ids:
            self.start(job_ids[0]).add_done_callback(lambda _ended: self.start_in_turn(job_ids[1:]))

    def recover(self) -> list[int]:
        """Fail what has lost its worker and start what is queued: when an installation starts. The jobs started."""
        with self._sessions() as sessions, sessions() as session:
            running = session.scalars(select(Job).where(Job.state == "running"))
            orphans = [job.id for job in running if lost(job)]
            waiting = session.scalars(select(Job.id).where(Job.state == "queued").order_by(Job.id))
            queued = [job_id for job_id in waiting if job_id not in self._handed_out]
        for job_id in orphans:
            self._failed(job_id)
        for job_id in queued:
            self.start(job_id)
        return queued

    def stop(self, finish: bool = False) -> None:
        """Let the jobs at work end; those still waiting stay queued in the database, or are done too (`finish`)."""
        with self._lock:
            pool, self._pool = self._pool, None
        if pool is not None:
            pool.shutdown(cancel_futures=not finish)

    def _on_pool(self, job_id: int) -> Future[Any]:
        if self._pool is None:
            self._pool = self._make_pool()
        return self._pool.submit(perform, self._url, job_id)

    def _ended(self, job_id: int, future: Future[Any]) -> None:
        """A killed worker takes the whole pool with it: the jobs at work have failed, those waiting start anew."""
        with self._lock:
            self._handed_out.discard(job_id)
        if future.cancelled() or future.exception() is None:
            return
        broken = isinstance(future.exception(), BrokenExecutor)
        if broken:
            with self._lock:
                self._pool = None
        if not self._failed(job_id) and broken and self._state(job_id) == "queued":
            self.start(job_id)

    def _failed(self, job_id: int) -> bool:
        with self._sessions() as sessions, speaking_in(language_of(sessions, job_id)):
            return fail(sessions, job_id, "running", _("The job was stopped from outside; nothing of it was stored."))

    def _state(self, job_id: int) -> str:
        with self._sessions() as sessions, sessions() as session:
            return session.get_one(Job, job_id).state

    @contextmanager
    def _sessions(self) -> Iterator[sessionmaker[Session]]:
        engine = make_engine(self._url)
        try:
            yield session_factory(engine)
        finally:
            engine.dispose()
