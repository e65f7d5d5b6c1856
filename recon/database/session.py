"""Engines and sessions for SQLite and PostgreSQL. A session writes unless it was told to read only."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.orm import Session, sessionmaker

from recon.places import instance

BUSY_MILLISECONDS = 30_000
_READING = "recon_reading"
_CHANGES_BEFORE = "recon_changes_before"


def database_url() -> str:
    """The database to work on: RECON_DATABASE_URL, else a SQLite file in the instance folder."""
    return os.environ.get("RECON_DATABASE_URL") or f"sqlite:///{instance() / 'recon.sqlite3'}"


def make_engine(url: str | URL) -> Engine:
    """An engine for `sqlite:///file` or `postgresql://…` (always through psycopg)."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "postgresql":
        return create_engine(parsed.set(drivername="postgresql+psycopg"), pool_pre_ping=True)
    if parsed.database and parsed.database != ":memory:":
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(parsed)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def session_factory(engine: Engine) -> sessionmaker[Session]:
    """Sessions whose objects stay readable after the commit of the edge that opened them."""
    return sessionmaker(engine, expire_on_commit=False)


def read_only(session: Session) -> Session:
    """Begin the session's transaction as a reader, which in SQLite waits for nobody; call it before the first query."""
    session.connection(execution_options={_READING: True})
    return session


def _prepare_sqlite(connection: sqlite3.Connection, _record: Any) -> None:
    # The driver's own idea of when a transaction begins would come after the first SELECT: too late for a snapshot.
    connection.isolation_level = None
    for pragma in (
        "journal_mode = WAL",
        "synchronous = NORMAL",
        "foreign_keys = ON",
        f"busy_timeout = {BUSY_MILLISECONDS}",
        "cache_size = -65536",
        "temp_store = MEMORY",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    # A deferred transaction that read first cannot become a writer once another has committed: take the lock at once.
    mode = "DEFERRED" if connection.get_execution_options().get(_READING) else "IMMEDIATE"
    connection.exec_driver_sql(f"BEGIN {mode}")
    connection.info[_CHANGES_BEFORE] = _changes(connection)


def has_written(session: Session) -> bool:
    """Whether the session's transaction holds changes that no other connection can see yet."""
    connection = session.connection()
    if connection.dialect.name == "postgresql":
        return bool(connection.exec_driver_sql("SELECT pg_current_xact_id_if_assigned() IS NOT NULL").scalar())
    return bool(_changes(connection) != connection.info[_CHANGES_BEFORE])


def _changes(connection: Connection) -> int:
    driver: Any = connection.connection.driver_connection
    return int(driver.total_changes)
