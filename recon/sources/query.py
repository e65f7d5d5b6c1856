"""Lines and balances out of another program's database, read and never written."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import pyarrow as pa
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError

from recon.sources.place import Unreachable
from rules.wording import _

MOST_ROWS = 5_000_000


def read_query(
    variable: str,
    query: str,
    first: dt.date,
    last: dt.date,
    environment: Mapping[str, str] = os.environ,
) -> pa.Table:
    """The rows of a query as a table of texts (null: missing). `variable` names the environment variable with the
    SQLAlchemy URL; the query may use `:first` and `:last`. Raises Unreachable."""
    url = environment.get(variable, "")
    if not url:
        raise Unreachable(_("the environment variable {name} is not set").format(name=variable))
    try:
        engine = create_engine(url)
    except (ArgumentError, NoSuchModuleError, ImportError) as error:
        raise Unreachable(
            _("{name} holds no database address that can be used: {reason}").format(
                name=variable, reason=type(error).__name__
            )
        ) from None
    try:
        with engine.connect() as connection:
            _read_only(connection)
            rows = connection.execution_options(stream_results=True).execute(text(query), _bound(query, first, last))
            return _table(list(rows.keys()), rows.fetchmany(MOST_ROWS))
    except SQLAlchemyError as error:
        raise Unreachable(
            _("the database of {name} does not answer the query: {reason}").format(name=variable, reason=_short(error))
        ) from None
    finally:
        engine.dispose()


def _bound(query: str, first: dt.date, last: dt.date) -> dict[str, str]:
    days = {"first": first.isoformat(), "last": last.isoformat()}
    return {name: day for name, day in days.items() if f":{name}" in query}


def _read_only(connection: Connection) -> None:
    """The database itself refuses to write, whatever the query says."""
    if connection.dialect.name == "sqlite":
        connection.execute(text("PRAGMA query_only = ON"))
    elif connection.dialect.name in ("postgresql", "mysql", "mariadb"):
        connection.execute(text("SET TRANSACTION READ ONLY"))


def _table(names: Sequence[str], rows: Sequence[Any]) -> pa.Table:
    columns = zip(*rows, strict=True) if rows else ((),) * len(names)
    return pa.table(
        {
            name: pa.array([_written(value) for value in column], pa.string())
            for name, column in zip(names, columns, strict=True)
        }
    )


def _written(value: object) -> str | None:
    """A value as our own tables write it; a float as its shortest exact digits."""
    match value:
        case None | "":
            return None
        case dt.datetime():
            return value.date().isoformat()
        case Decimal():
            return format(value, "f")
        case float():
            return format(Decimal(repr(value)), "f")
        case _:
            return str(value)


def _short(error: SQLAlchemyError) -> str:
    return " ".join(str(getattr(error, "orig", None) or error).split())[:300]
