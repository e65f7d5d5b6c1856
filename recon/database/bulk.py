"""Whole tables in and out as Arrow, beside the session and in its transaction.

PostgreSQL is read by ADBC on a connection of its own while the session has written nothing, and through the session's
connection once it has, for nobody else can see what it wrote. SQLite is always read through the session's connection: a
second SQLite library on the same file in one process loses locks and data (docs/decisions/bulk.md). Writing always
happens in the session's own transaction, because a run or an import is there whole or not at all.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping
from contextlib import closing
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv
from numpy.typing import NDArray
from sqlalchemy.engine import URL, Connection
from sqlalchemy.orm import Session

from recon.database.session import has_written

CHUNK = 50_000
WRITTEN = 10_000
"""Rows that are Python objects at a time while they are written."""

Keys = NDArray[np.int64]
Schema = Mapping[str, pa.DataType]
"""What a query's columns are, in their order: text, int64, date32 or bool."""


def read_table(session: Session, query: str, schema: Schema) -> pa.Table:
    """The rows of a query without parameters, in the columns and types of `schema`."""
    if session.new or session.dirty or session.deleted:
        session.flush()
    engine = session.connection().engine
    if engine.dialect.name == "postgresql" and not has_written(session):
        table = _by_adbc(engine.url, query)
    else:
        table = _by_cursor(session, query, schema)
    return pa.table({name: column.cast(schema[name]) for name, column in zip(schema, table.columns, strict=True)})


def filled_columns(session: Session, columns: Iterable[str], source: str) -> list[str]:
    """Which columns hold a value in some row of `source` (what follows FROM): cheaper than reading empty ones."""
    names = list(columns)
    counts = ", ".join(f"COUNT({name})" for name in names)
    row = session.connection().exec_driver_sql(f"SELECT {counts} FROM {source}".replace("%", "%%")).one()  # noqa: S608
    return [name for name, count in zip(names, row, strict=True) if count]


def write_table(session: Session, name: str, rows: pa.Table) -> None:
    """Append rows in the session's transaction. Give them sorted by primary key: unsorted costs twice the time."""
    if not rows.num_rows:
        return
    session.flush()
    rows = rows.select([name for name, column in _columns(rows) if column.null_count < len(column)])
    driver: Any = session.connection().connection.driver_connection
    columns = ", ".join(f'"{column}"' for column in rows.column_names)
    # pyarrow writes rubbish for an empty batch before a full one; and memory stays that of a batch.
    batches = (batch for batch in rows.to_batches(WRITTEN) if batch.num_rows)
    if session.get_bind().dialect.name == "postgresql":
        with driver.cursor() as cursor, cursor.copy(f'COPY "{name}" ({columns}) FROM STDIN (FORMAT csv)') as copy:
            for batch in batches:
                text = io.BytesIO()
                pyarrow.csv.write_csv(batch, text, pyarrow.csv.WriteOptions(include_header=False))
                copy.write(text.getbuffer())
        return
    marks = ", ".join("?" for _ in rows.column_names)
    statement = f'INSERT INTO "{name}" ({columns}) VALUES ({marks})'  # noqa: S608
    for batch in batches:
        driver.executemany(statement, zip(*(_stored(column) for column in batch.columns), strict=True))


def _columns(table: pa.Table) -> Iterable[tuple[str, pa.ChunkedArray]]:
    return zip(table.column_names, table.columns, strict=True)


def reserve_keys(session: Session, table: str, count: int) -> Keys:
    """`count` keys for new rows of a table, ascending; nobody else gets them."""
    connection = session.connection()
    if connection.dialect.name == "postgresql":
        # A chunk at a time: a million keys as Python's numbers take a hundred megabytes.
        parts = [_next_keys(connection, table, min(CHUNK, count - start)) for start in range(0, count, CHUNK)]
        return np.sort(np.concatenate([np.empty(0, dtype=np.int64), *parts]))
    session.flush()
    last = connection.exec_driver_sql(f'SELECT COALESCE(MAX(id), 0) FROM "{table}"').scalar_one()  # noqa: S608
    return np.arange(last + 1, last + 1 + count, dtype=np.int64)


def _next_keys(connection: Connection, table: str, count: int) -> Keys:
    query = f"SELECT nextval(pg_get_serial_sequence('\"{table}\"', 'id')) FROM generate_series(1, {count})"  # noqa: S608
    return np.array(connection.exec_driver_sql(query).scalars().all(), dtype=np.int64)


def _by_adbc(url: URL, query: str) -> pa.Table:
    import adbc_driver_postgresql.dbapi

    address = url.set(drivername="postgresql").render_as_string(hide_password=False)
    with adbc_driver_postgresql.dbapi.connect(address) as connection, connection.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetch_arrow_table()


def _by_cursor(session: Session, query: str, schema: Schema) -> pa.Table:
    """Through the driver's own cursor: wrapping each row once more would cost a fifth of the time."""
    kinds = [_fetched(kind, session) for kind in schema.values()]
    chunks = [pa.table([pa.array([], kind) for kind in kinds], names=list(schema))]
    with closing(session.connection().connection.cursor()) as cursor:
        cursor.execute(query)
        while rows := cursor.fetchmany(CHUNK):
            columns = zip(*rows, strict=True)
            chunks.append(
                pa.table([pa.array(column, kind) for column, kind in zip(columns, kinds, strict=True)], list(schema))
            )
    return pa.concat_tables(chunks)


def _fetched(kind: pa.DataType, session: Session) -> pa.DataType:
    """As what the driver delivers a type: SQLite has dates as text and truths as numbers."""
    if session.get_bind().dialect.name == "sqlite":
        if pa.types.is_date(kind):
            return pa.string()
        if pa.types.is_boolean(kind):
            return pa.int64()
    return kind


def _stored(column: pa.Array) -> list[Any]:
    """A column as SQLite stores it: dates as ISO text, truths as 0 and 1."""
    if pa.types.is_date(column.type):
        column = column.cast(pa.string())
    elif pa.types.is_boolean(column.type):
        column = column.cast(pa.int8())
    return list(column.to_pylist())
