"""The floor of an import: the bare parse of its file, and the bare insert of its rows into the same table.

    python -m benchmarks.floor_import FILE IMPORTED EMPTY

IMPORTED and EMPTY are URLs of two databases that were set up alike; the first has then imported FILE. Prints as JSON
the seconds of wall clock and of processor of each part. Parsing is lxml's iterparse of the entries, or pyarrow's CSV.
Inserting puts the rows that IMPORTED's table `line` has more into EMPTY's, with all its indexes and constraints, in the
columns that hold something: `executemany` of tuples on SQLite, COPY on PostgreSQL, committed. Fetching the rows is not
counted.
"""

from __future__ import annotations

import json
import sqlite3
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from benchmarks.intake import parse_csv, parse_xml
from recon.database.bulk import filled_columns
from recon.database.models import Event, Line
from recon.database.session import make_engine

ROWS = 50_000

Seconds = tuple[float, float]
"""Of wall clock and of processor."""


def timed(work: Callable[[], object]) -> Seconds:
    started, used = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - started, time.process_time() - used


def parse(path: Path) -> Seconds:
    return timed(lambda: parse_xml(path) if path.suffix == ".xml" else parse_csv(path))


def insert_lines(imported: Session, empty: Session) -> Seconds:
    source = f"line WHERE id > {empty.scalar(select(func.max(Line.id))) or 0}"
    columns = ", ".join(filled_columns(imported, [column.name for column in Line.__table__.columns], source))
    _add_events(imported, empty)
    query = f"SELECT {columns} FROM {source} ORDER BY id"
    spent = [timed(work) for work in _inserts(_driver(imported), _driver(empty), query, columns)]
    spent.append(timed(empty.commit))
    return sum(wall for wall, _used in spent), sum(used for _wall, used in spent)


def _driver(session: Session) -> Any:
    return session.connection().connection.driver_connection


def _add_events(imported: Session, empty: Session) -> None:
    """The events that the lines name."""
    last = empty.scalar(select(func.max(Event.id))) or 0
    events = imported.execute(select(Event.__table__).where(Event.id > last)).mappings()
    empty.execute(insert(Event), [dict(event) for event in events])


def _inserts(source: Any, target: Any, query: str, columns: str) -> Iterator[Callable[[], object]]:
    """What is to be timed, one part of the rows after another."""
    if not isinstance(source, sqlite3.Connection):
        with source.cursor() as cursor, cursor.copy(f"COPY ({query}) TO STDOUT") as copy:
            blocks = list(copy)
        yield lambda: _copy(target, f"COPY line ({columns}) FROM STDIN", blocks)
        return
    statement = f"INSERT INTO line ({columns}) VALUES ({', '.join('?' for _ in columns.split(', '))})"
    cursor = source.execute(query)
    while rows := cursor.fetchmany(ROWS):
        yield partial(target.executemany, statement, rows)


def _copy(target: Any, statement: str, blocks: list[Any]) -> None:
    with target.cursor() as cursor, cursor.copy(statement) as copy:
        for block in blocks:
            copy.write(block)


def main() -> None:
    path, imported, empty = sys.argv[1:]
    engines = make_engine(imported), make_engine(empty)
    with Session(engines[0]) as full, Session(engines[1]) as fresh:
        found = {"parse": parse(Path(path)), "insert": insert_lines(full, fresh)}
    for engine in engines:
        engine.dispose()
    print(json.dumps(found))


if __name__ == "__main__":
    main()
