"""What importing costs: a CSV of a million lines into an empty account, against the bare parse and the bare insert.

    python -m benchmarks.imports [--rows 1000000] [--json]

The floor is pyarrow's CSV reader plus `executemany` of the same rows into the same table with its indexes, 50,000 at a
time, on SQLite with the product's settings. Floor and import have a process each, so that peak memory is their own.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv as pacsv
from sqlalchemy.orm import Session

from recon.access import Actor
from recon.database.bulk import write_table
from recon.database.line_tables import row_hashes
from recon.database.models import Account, Base, Company, User
from recon.database.session import make_engine, session_factory
from recon.intake.detect import read_file
from recon.services.import_file import import_file
from recon.services.judge_lines import to_line_table

FIRST = date(2025, 1, 1)
NUMBER = "12345678903"
MOST_TIMES, MOST_MEGABYTES = 4, 600


def write_file(path: Path, rows: int) -> None:
    """A year of payments, every one different."""
    with path.open("w", encoding="utf-8") as file:
        file.write("id,booking_date,amount,currency,account_number,reference,archive_reference,counterparty,text\n")
        for n in range(rows):
            on = FIRST + timedelta(days=n * 365 // rows)
            minor = (n * 7919) % 20_000_001 - 10_000_000
            amount = f"{'-' if minor < 0 else ''}{abs(minor) // 100}.{abs(minor) % 100:02}"
            told = f"R{(n * 104729) % 10**9},A{n},Customer {n % 50_000} AS,Payment of invoice {n % 10**6}"
            file.write(f"{n},{on},{amount},NOK,{NUMBER},{told}\n")


def prepared(folder: Path) -> tuple[Any, Actor, int]:
    """Sessions on an empty database with one account, and who imports."""
    engine = make_engine(f"sqlite:///{folder / 'bench.sqlite3'}")
    Base.metadata.create_all(engine)
    sessions = session_factory(engine)
    with sessions.begin() as session:
        company = Company(name="Bench AS", country="NO", currency="NOK")
        user = User(email="bench@test", name="Bench", fs_uniquifier="bench", active=True, operator=True)
        session.add_all([company, user])
        session.flush()
        account = Account(company_id=company.id, kind="bank", number=NUMBER, currency="NOK")
        session.add(account)
        session.flush()
        return sessions, Actor(user.id, operator=True, name="Bench"), account.id


def floor(path: Path, folder: Path) -> dict[str, float]:
    """Seconds of the bare parse and of the bare insert."""
    started = time.perf_counter()
    pacsv.read_csv(path)
    parsed = time.perf_counter() - started
    sessions, _actor, account_id = prepared(folder)
    with sessions.begin() as session:
        rows = _rows(session, path, account_id)
        started = time.perf_counter()
        write_table(session, "line", rows)
    return {"parse_seconds": parsed, "insert_seconds": time.perf_counter() - started}


def _rows(session: Session, path: Path, account_id: int) -> pa.Table:
    lines = read_file(path).statements[0].lines
    table = to_line_table(session.get_one(Account, account_id), lines)
    count = table.num_rows
    table = table.append_column("row_hash", row_hashes(table)).append_column("event_id", pa.repeat(1, count))
    # The event is not there: the floor is the insert, not what it refers to.
    session.connection().exec_driver_sql("PRAGMA defer_foreign_keys = ON")
    session.connection().exec_driver_sql(
        "INSERT INTO event (id, at, actor_id, verb, object, prev_hash, hash) "
        "VALUES (1, '2025-01-01', 1, 'bench', 'bench', '', '')"
    )
    return table.add_column(0, "id", pa.array(range(1, count + 1)))


def whole(path: Path, folder: Path) -> dict[str, float]:
    """Seconds of the import, committed."""
    sessions, actor, account_id = prepared(folder)
    started = time.perf_counter()
    with sessions.begin() as session:
        done = import_file(session, actor, path, account=session.get_one(Account, account_id))
    return {"import_seconds": time.perf_counter() - started, "new": done.new}


def measured(what: str, path: Path) -> dict[str, float]:
    """One measurement in a process of its own, with its peak memory in megabytes."""
    command = [sys.executable, "-m", "benchmarks.imports", "--only", what, "--file", str(path)]
    told: dict[str, float] = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return told


def one(what: str, path: Path) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        found = (floor if what == "floor" else whole)(path, Path(folder))
    return found | {"megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}


def compared(rows: int) -> dict[str, float]:
    """Ratio of the import to its floor, and its peak memory."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "million.csv"
        write_file(path, rows)
        bare, imported = measured("floor", path), measured("import", path)
    floor_seconds = bare["parse_seconds"] + bare["insert_seconds"]
    return {
        "rows": rows,
        "floor_seconds": round(floor_seconds, 1),
        "import_seconds": round(imported["import_seconds"], 1),
        "times": round(imported["import_seconds"] / floor_seconds, 2),
        "megabytes": round(imported["megabytes"]),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--only", choices=["floor", "import"], help=argparse.SUPPRESS)
    parser.add_argument("--file", type=Path, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.only:
        print(json.dumps(one(args.only, args.file)))
        return
    found = compared(args.rows)
    holds = found["times"] <= MOST_TIMES and found["megabytes"] <= MOST_MEGABYTES
    told = "{rows} rows: floor {floor_seconds} s, import {import_seconds} s = {times} times, peak {megabytes} MB"
    print(json.dumps(found) if args.json else told.format(**found))
    sys.exit(0 if holds else 1)


if __name__ == "__main__":
    main()
