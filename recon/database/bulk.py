"""Whole tables in and out as Arrow, beside the session and in its transaction.

Out: a session that has written nothing yet is read by ADBC, on a connection of its own; one that has is read through
its own connection, for nobody else can see what it wrote. In: always in the session's own transaction, because a run or
an import is there whole or not at all, and an ADBC connection cannot join it (docs/decisions/bulk.md has the figures).
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
from numpy.typing import NDArray
from sqlalchemy.engine import URL
from sqlalchemy.orm import Session

from recon.database.session import has_written

Keys = NDArray[np.int64]
Schema = Mapping[str, pa.DataType]
"""What a query's columns are, in their order: text, int64, date32 or bool."""


def read_table(session: Session, query: str, schema: Schema) -> pa.Table:
    """The rows of a query without parameters; an empty text and a null are both null.

    Text columns must come as `COALESCE(column, '')` and numbers as never null: ADBC for SQLite tells a column's type
    from its first rows. Dates come as they are stored.
    """
    if session.new or session.dirty or session.deleted:
        session.flush()
    clean = not has_written(session) and _on_disk(session)
    table = _by_adbc(session, query) if clean else _by_cursor(session, query, schema)
    return pa.table({name: _typed(table[name], kind) for name, kind in schema.items()})


def write_table(session: Session, name: str, rows: pa.Table) -> None:
    """Append rows in the session's transaction. Give them sorted by primary key: unsorted costs twice the time."""
    if not rows.num_rows:
        return
    session.flush()
    driver: Any = session.connection().connection.driver_connection
    columns = ", ".join(f'"{column}"' for column in rows.column_names)
    if session.get_bind().dialect.name == "postgresql":
        text = io.BytesIO()
        pyarrow.csv.write_csv(rows, text, pyarrow.csv.WriteOptions(include_header=False))
        with driver.cursor() as cursor, cursor.copy(f'COPY "{name}" ({columns}) FROM STDIN (FORMAT csv)') as copy:
            copy.write(text.getbuffer())
        return
    marks = ", ".join("?" for _ in rows.column_names)
    statement = f'INSERT INTO "{name}" ({columns}) VALUES ({marks})'  # noqa: S608
    driver.executemany(statement, zip(*(_stored(column) for column in rows.columns), strict=True))


def reserve_keys(session: Session, table: str, count: int) -> Keys:
    """`count` keys for new rows of a table, ascending; nobody else gets them."""
    connection = session.connection()
    if connection.dialect.name == "postgresql":
        query = f"SELECT nextval(pg_get_serial_sequence('\"{table}\"', 'id')) FROM generate_series(1, {count})"  # noqa: S608
        return np.sort(np.array(connection.exec_driver_sql(query).scalars().all(), dtype=np.int64))
    session.flush()
    last = connection.exec_driver_sql(f'SELECT COALESCE(MAX(id), 0) FROM "{table}"').scalar_one()  # noqa: S608
    return np.arange(last + 1, last + 1 + count, dtype=np.int64)


def _on_disk(session: Session) -> bool:
    url = session.connection().engine.url
    return url.get_backend_name() == "postgresql" or bool(url.database and url.database != ":memory:")


def _by_adbc(session: Session, query: str) -> pa.Table:
    with _adbc_connection(session.connection().engine.url) as connection, connection.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetch_arrow_table()


def _adbc_connection(url: URL) -> Any:
    if url.get_backend_name() == "postgresql":
        import adbc_driver_postgresql.dbapi

        address = url.set(drivername="postgresql").render_as_string(hide_password=False)
        return adbc_driver_postgresql.dbapi.connect(address)
    import adbc_driver_sqlite.dbapi

    return adbc_driver_sqlite.dbapi.connect(url.database)


def _by_cursor(session: Session, query: str, schema: Schema) -> pa.Table:
    rows = session.connection().exec_driver_sql(query.replace("%", "%%")).fetchall()
    columns = zip(*rows, strict=True) if rows else ([] for _ in schema)
    return pa.table({name: pa.array(list(column)) for name, column in zip(schema, columns, strict=True)})


def _typed(column: pa.ChunkedArray, kind: pa.DataType) -> pa.ChunkedArray:
    if pa.types.is_string(kind):
        text = column.cast(pa.string())
        return pc.if_else(pc.equal(text, ""), pa.scalar(None, pa.string()), text)
    if pa.types.is_date(kind) and pa.types.is_string(column.type):
        empty = pc.equal(column, "")
        column = pc.if_else(empty, pa.scalar(None, pa.string()), column)
    return column.cast(kind)


def _stored(column: pa.ChunkedArray) -> list[Any]:
    """A column as SQLite stores it: dates as ISO text, truths as 0 and 1."""
    if pa.types.is_date(column.type):
        column = column.cast(pa.string())
    elif pa.types.is_boolean(column.type):
        column = column.cast(pa.int8())
    return list(column.to_pylist())
