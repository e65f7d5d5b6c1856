"""`recon import` of large files beside its floor: the bare parse plus the bare insert into the same table.

    python -m benchmarks.imports [camt|csv|bank-csv ...] [--server postgresql://... | --postgresql] [--rows N]
                                 [--megabytes N] [--json]

A camt.053 of 100 MB, a CSV of our own columns and one of a bank, each of a million rows. What is timed is the command
that users run, from its start to its end, as a process of its own: into an account that a group reads, committed. Its
peak memory is that process's; it starts no others. The floor (`benchmarks.floor_import`) inserts the same rows into
a database set up alike. On the PostgreSQL `--server` two databases are made and dropped; `--postgresql` starts one for
the time of the measurement, as the tests do (it does not wait for the disk). Without either, SQLite is used.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from pathlib import Path

from sqlalchemy import create_engine, make_url, text

from benchmarks.intake import bank_csv, camt
from benchmarks.match import run
from recon.database.session import make_engine
from tests.postgres import start_cluster

FIRST = date(2025, 1, 1)
ACCOUNT = "NO2486011117947"
SETUP = f"""
version: 1
companies:
  - name: Bench AS
    currency: NOK
    accounts:
      - {{kind: ledger, number: 1920}}
      - {{kind: bank, number: {ACCOUNT}}}
    groups:
      - name: Bank
        kind: bank
        start_on: 2024-01-01
        left: [{{account: {{kind: ledger, number: 1920}}, opening: "0.00"}}]
        right: [{{account: {{kind: bank, number: {ACCOUNT}}}, opening: "0.00"}}]
"""
WARM_UP = "id,booking_date,amount,currency\nwarm,2023-01-01,1.00,NOK\n"
MOST_TIMES, MOST_BYTES = 4.0, 600 * 10**6
ROWS, MEGABYTES = 1_000_000, 100


@dataclass(frozen=True)
class Cost:
    """Seconds of wall clock and of processor of `recon import` and of its floor, and the import's peak in bytes.

    On PostgreSQL the processor's are those of the client alone.
    """

    file: str
    database: str
    lines: int
    seconds: float
    processor: float
    floor_seconds: float
    floor_processor: float
    peak_bytes: int

    @property
    def times(self) -> float:
        return self.seconds / self.floor_seconds

    @property
    def processor_times(self) -> float:
        return self.processor / self.floor_processor

    @property
    def holds(self) -> bool:
        return self.times <= MOST_TIMES and self.peak_bytes < MOST_BYTES

    def sentence(self) -> str:
        return (
            f"{self.file} into {self.database}, {self.lines:,} lines: {self.seconds:.1f} s, "
            f"floor {self.floor_seconds:.1f} s, {self.times:.2f} times (asked at most {MOST_TIMES:g}; "
            f"{self.processor_times:.2f} in processor time), "
            f"peak {self.peak_bytes / 1e6:.0f} MB (asked below {MOST_BYTES / 1e6:.0f})"
        )


def own_csv(path: Path, rows: int) -> None:
    """A year of payments, every one different."""
    with path.open("w", encoding="utf-8") as file:
        file.write("id,booking_date,amount,currency,account_number,reference,archive_reference,counterparty,text\n")
        for n in range(rows):
            on = FIRST + timedelta(days=n * 365 // rows)
            minor = (n * 7919) % 20_000_001 - 10_000_000
            amount = f"{'-' if minor < 0 else ''}{abs(minor) // 100}.{abs(minor) % 100:02}"
            told = f"R{(n * 104729) % 10**9},A{n},Customer {n % 50_000} AS,Payment of invoice {n % 10**6}"
            file.write(f"{n},{on},{amount},NOK,{ACCOUNT},{told}\n")


FILES: dict[str, tuple[str, Callable[[Path, int, int], None]]] = {
    "camt": ("statement.xml", lambda path, _rows, megabytes: camt(path, megabytes)),
    "csv": ("own.csv", lambda path, rows, _megabytes: own_csv(path, rows)),
    "bank-csv": ("bank.csv", lambda path, rows, _megabytes: bank_csv(path, rows)),
}


def recon(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "recon", *arguments]


def set_up(url: str, folder: Path) -> None:
    """Tables, the operator, a company with an account that a group reads; and every module compiled by being used."""
    os.environ["RECON_DATABASE_URL"] = url
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # what users run is compiled
    (folder / "company.yaml").write_text(SETUP, encoding="utf-8")
    (folder / "warm.csv").write_text(WARM_UP, encoding="utf-8")
    for arguments in (
        ("user", "add", "--operator"),
        ("setup", "apply", str(folder / "company.yaml")),
        ("import", str(folder / "warm.csv"), "--account", ACCOUNT),
    ):
        run(recon(*arguments))


def floor(path: Path, full: str, empty: str) -> dict[str, tuple[float, float]]:
    command = [sys.executable, "-m", "benchmarks.floor_import", str(path), full, empty]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    parts: dict[str, tuple[float, float]] = json.loads(done.stdout)
    return parts


def counted(url: str) -> int:
    """Lines in the group: every one of the file, or the import did something else than what is to be timed."""
    engine = make_engine(url)
    with engine.connect() as connection:
        count = connection.scalar(text("SELECT COUNT(*) FROM group_line"))
    engine.dispose()
    return int(count or 0)


@contextmanager
def databases(server: str | None, folder: Path) -> Iterator[tuple[str, str]]:
    """URLs of two databases, one to import into and one for the floor."""
    if server is None:
        yield f"sqlite:///{folder / 'imported.sqlite3'}", f"sqlite:///{folder / 'floor.sqlite3'}"
        return
    address = make_url(server).set(drivername="postgresql+psycopg")
    names = [f"recon_bench_{os.getpid()}_{n}" for n in range(2)]
    engine = create_engine(address, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for name in names:
            connection.execute(text(f"CREATE DATABASE {name}"))
        try:
            first, second = (address.set(database=name).render_as_string(hide_password=False) for name in names)
            yield first, second
        finally:
            for name in names:
                connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    engine.dispose()


@contextmanager
def started() -> Iterator[str]:
    """URL of a PostgreSQL server that runs meanwhile."""
    with tempfile.TemporaryDirectory() as folder:
        cluster = start_cluster(Path(folder))
        try:
            yield cluster.url("postgres")
        finally:
            cluster.stop()


def compare(kind: str, server: str | None = None, rows: int = ROWS, megabytes: int = MEGABYTES) -> Cost:
    """Make the file, import it into one database, and its rows by the floor into another."""
    name, write = FILES[kind]
    with tempfile.TemporaryDirectory() as made, databases(server, Path(made)) as urls:
        path = Path(made) / name
        write(path, rows, megabytes)
        for url in urls:
            set_up(url, path.parent)
        os.environ["RECON_DATABASE_URL"] = urls[0]
        done = run(recon("import", str(path), "--account", ACCOUNT))
        parts = floor(path, *urls).values()
        return Cost(
            file=name,
            database="PostgreSQL" if server else "SQLite",
            lines=counted(urls[0]),
            seconds=done.seconds,
            processor=done.processor,
            floor_seconds=sum(wall for wall, _used in parts),
            floor_processor=sum(used for _wall, used in parts),
            peak_bytes=done.peak_bytes,
        )


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.imports", description="recon import beside its floor.")
    parser.add_argument("kinds", nargs="*", metavar="KIND", help=f"of {', '.join(FILES)}; all without")
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--server", help="URL of a PostgreSQL server, instead of SQLite")
    where.add_argument("--postgresql", action="store_true", help="start a PostgreSQL server, instead of SQLite")
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--megabytes", type=int, default=MEGABYTES)
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    costs = []
    with started() if args.postgresql else nullcontext(args.server) as server:
        for kind in args.kinds or FILES:
            costs.append(compare(kind, server, args.rows, args.megabytes))
            print(json.dumps(asdict(costs[-1])) if args.json else costs[-1].sentence(), flush=True)
    sys.exit(0 if all(cost.holds for cost in costs) else 1)


if __name__ == "__main__":
    main()
