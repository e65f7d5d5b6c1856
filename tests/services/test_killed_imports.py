"""Killed at random moments while files come in: each is there whole or not at all, and taking up the work doubles none.

RECON_KILLS says how often (a few in CI, fifty in `script/acceptance lines-in`; half as often where each needs a new
pool of processes); the moments are random by seed, within the time that the same work takes undisturbed.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from recon.database.models import Batch, CollectedFile, GroupLine, Job, Line
from recon.database.session import make_engine, session_factory
from recon.jobs import Jobs
from recon.jobs.jobs import InTurn
from recon.services.collect import collect
from recon.services.import_file import import_file
from recon.services.sources import add_source
from recon.services.verify_lines import line_findings
from recon.services.verify_matches import match_findings
from tests.books import Books, make_books
from tests.deliveries import Entry, camt053, camt054
from tests.files import csv_file

KILLS = int(os.environ.get("RECON_KILLS", "2"))
SEED = int(os.environ.get("RECON_SEED", "20240131"))
ROWS, LUMPS, PARTS = 300, 20, 5


def files_of(turn: int) -> dict[str, tuple[bytes, int]]:
    """The files of a turn, each with the number of lines that it leaves standing: a table, a statement of sums, and the
    details of these sums, which take their place."""
    day = f"20{26 + turn // 12:02}-{1 + turn % 12:02}-"
    rows = [(f"{day}{1 + n % 28:02}", f"{n + 1}.00", f"t{turn}r{n}") for n in range(ROWS)]
    parts = {n: [(f"{100 + n}.0{p}", f"{turn}{n:03}{p}") for p in range(PARTS)] for n in range(LUMPS)}
    sums = {n: f"{sum(float(amount) for amount, _kid in each):.2f}" for n, each in parts.items()}
    days = (f"{day}01", f"{day}28")
    whole = [Entry(f"{day}{1 + n:02}", sums[n], f"L{turn}n{n}") for n in parts]
    told = [Entry(f"{day}{1 + n:02}", sums[n], f"L{turn}n{n}", details=each) for n, each in parts.items()]
    return {
        f"{turn:03}-1.csv": (csv_file(rows), ROWS),
        f"{turn:03}-2.xml": (camt053(whole, number=f"S{turn}", days=days), LUMPS),
        f"{turn:03}-3.xml": (camt054(told, number=f"N{turn}"), LUMPS * PARTS - LUMPS),
    }


@dataclass
class Place:
    """A database with books, and a folder that is watched."""

    url: str
    sessions: sessionmaker[Session]
    books: Books
    source_id: int
    inbox: Path
    struck: dict[str, int] = field(default_factory=lambda: dict.fromkeys(("before", "amid", "after"), 0))

    def worker(self, way: str) -> subprocess.Popen[str]:
        """At work, in a session of its own, which is killed with all its processes."""
        books = self.books
        told = [way, self.url, books.preparer.user_id, books.company.id, self.source_id, self.inbox]
        command = [sys.executable, "-m", "tests.services.killed_worker", *map(str, told)]
        worker = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True)
        assert worker.stdout is not None
        assert worker.stdout.readline() == "ready\n"
        return worker


@pytest.fixture
def place(database_url: str, tmp_path: Path) -> Iterator[Place]:
    engine = make_engine(database_url)
    sessions = session_factory(engine)
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    with sessions.begin() as session:
        books = make_books(session)
        told = {"name": "inbox", "kind": "folder", "place": {"path": str(inbox)}}
        source = add_source(session, books.actors["admin"], books.company.id, **told)  # type: ignore[arg-type]
        session.flush()
        source_id = source.id
    yield Place(database_url, sessions, books, source_id, inbox)
    engine.dispose()


def by_import(place: Place) -> None:
    for path in sorted(path for path in place.inbox.iterdir() if path.is_file()):
        with place.sessions.begin() as session:
            import_file(session, place.books.preparer, path)
        path.unlink()


def by_pickup(place: Place) -> None:
    collect(place.sessions, place.books.preparer, place.source_id, settle=0)


def by_restart(place: Place) -> None:
    """As the web application starts again: what was queued goes on; then the user imports what has failed once more."""
    Jobs(place.url, InTurn).recover()
    with place.sessions() as session:
        assert set(session.scalars(select(Job.state))) <= {"done", "failed"}
    by_import(place)


RESUMED: Mapping[str, Callable[[Place], None]] = {
    "imported": by_import,
    "collected": by_pickup,
    "as jobs": by_restart,
}


@pytest.mark.parametrize("way", RESUMED)
def test_nothing_is_half_stored_and_nothing_twice(
    place: Place, way: str, record_property: Callable[[str, object], None]
) -> None:
    dice, kills = random.Random(f"{way} {SEED}"), KILLS // 2 if way == "as jobs" else KILLS
    undisturbed = 0.0
    standing = 0
    for turn in range(kills + 1):
        files = files_of(turn)
        for name, (content, _lines) in files.items():
            (place.inbox / name).write_bytes(content)
        worker = place.worker(way)
        if turn:
            kill(worker, dice.uniform(0, undisturbed))
            note(place, [lines for _content, lines in files.values()], standing)
        else:
            started = time.monotonic()
            assert worker.communicate()[0] == "done\n"
            undisturbed = time.monotonic() - started
        RESUMED[way](place)
        standing += sum(lines for _content, lines in files.values())
        with place.sessions() as session:
            assert count(session) == standing
            require_each_once(session, place)
    with place.sessions() as session:
        assert [*line_findings(session), *match_findings(session)] == []
    told = ", ".join(f"{number} {when}" for when, number in place.struck.items())
    database = place.url.partition(":")[0].partition("+")[0]
    record_property("figure", f"{way} on {database}: {kills} kills within {undisturbed:.1f} s, {told} the files")


def kill(worker: subprocess.Popen[str], after: float) -> None:
    time.sleep(after)
    with suppress(ProcessLookupError):
        os.killpg(worker.pid, signal.SIGKILL)
    worker.communicate()


def note(place: Place, lines: list[int], standing: int) -> None:
    """Which files of the turn were stored when the kill struck: the first so many, or one of them would be in part."""
    with place.sessions() as session:
        found = count(session) - standing
    whole = [sum(lines[:n]) for n in range(len(lines) + 1)]
    assert found in whole
    place.struck["before" if not found else "after" if found == whole[-1] else "amid"] += 1


def count(session: Session) -> int:
    """Live lines, which are also those that stand in the group."""
    lines = session.scalar(select(func.count(Line.id)).where(Line.withdrawn_event_id.is_(None))) or 0
    assert session.scalar(select(func.count()).select_from(GroupLine)) == lines
    return lines


def require_each_once(session: Session, place: Place) -> None:
    """No line has a double, no file was stored twice, and what was picked up lies in the archive under one name."""
    live = select(func.count(Line.id), func.count(func.distinct(Line.fingerprint)))
    lines, prints = session.execute(live.where(Line.withdrawn_event_id.is_(None))).one()
    assert lines == prints
    stored = session.scalars(select(Batch.sha256).where(Batch.new_rows > 0)).all()
    assert len(stored) == len(set(stored))
    assert [path for path in place.inbox.iterdir() if path.is_file()] == []
    entries = session.scalars(select(CollectedFile)).all()
    assert all(entry.filed_at for entry in entries)
    archive = place.inbox / "archive"
    assert len(entries) == (len(list(archive.iterdir())) if archive.exists() else 0)
