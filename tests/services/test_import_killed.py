"""Killed at random moments during imports: afterwards every file is there whole or not at all, and nothing twice.

RECON_KILLS says how often (a few in CI; `RECON_KILLS=50 pytest tests/services/test_import_killed.py` by hand).
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from recon.database.models import Batch, GroupLine, Line
from recon.database.session import make_engine, session_factory
from recon.services.import_file import import_file
from recon.services.verify_lines import line_findings
from recon.services.verify_matches import match_findings
from tests.books import make_books
from tests.files import csv_file

KILLS = int(os.environ.get("RECON_KILLS", "3"))
FILES, ROWS = 6, 800

WORKER = """
import sys
from pathlib import Path
from recon.access import Actor
from recon.database.session import make_engine, session_factory
from recon.services.import_file import import_file
sessions = session_factory(make_engine(sys.argv[1]))
actor = Actor(int(sys.argv[2]), {int(sys.argv[3]): frozenset({"preparer"})})
print("ready", flush=True)
for path in sorted(Path(sys.argv[4]).glob("*.csv")):
    with sessions.begin() as session:
        import_file(session, actor, path)
print("done", flush=True)
"""


def write_files(folder: Path) -> None:
    for number in range(1, FILES + 1):
        rows = [(f"2025-{number:02}-{1 + n % 28:02}", f"{n + 1}.00", f"f{number}r{n}") for n in range(ROWS)]
        (folder / f"{number}.csv").write_bytes(csv_file(rows))


def require_whole(session: Session) -> int:
    """Every import that stands has all its lines, in the books and in the group; how many there are."""
    batches = [batch for batch in session.scalars(select(Batch)) if batch.new_rows]
    assert all(batch.new_rows == ROWS for batch in batches)
    lines = session.scalar(select(func.count(Line.id)).where(Line.withdrawn_event_id.is_(None)))
    assert lines == ROWS * len(batches) == session.scalar(select(func.count()).select_from(GroupLine))
    assert [*line_findings(session), *match_findings(session)] == []
    return len(batches)


def test_nothing_is_half_stored_and_nothing_twice(sqlite_url: str, tmp_path: Path) -> None:
    sessions = session_factory(make_engine(sqlite_url))
    with sessions.begin() as session:
        books = make_books(session)
    write_files(tmp_path)
    told = [sqlite_url, str(books.preparer.user_id), str(books.company.id), str(tmp_path)]
    rng = random.Random(KILLS)
    for _turn in range(KILLS):
        worker = subprocess.Popen([sys.executable, "-c", WORKER, *told], stdout=subprocess.PIPE, text=True)
        assert worker.stdout is not None
        assert worker.stdout.readline() == "ready\n"
        time.sleep(rng.uniform(0, 1.5))
        worker.kill()
        worker.wait()
        worker.stdout.close()
        with sessions() as session:
            require_whole(session)
            session.rollback()
    with sessions.begin() as session:
        for path in sorted(tmp_path.glob("*.csv")):
            import_file(session, books.preparer, path)
    with sessions() as session:
        live = select(func.count(Line.id), func.count(func.distinct(Line.fingerprint)))
        assert session.execute(live.where(Line.withdrawn_event_id.is_(None))).one() == (FILES * ROWS, FILES * ROWS)
