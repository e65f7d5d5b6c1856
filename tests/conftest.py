"""Databases to test on: SQLite files, and a PostgreSQL cluster of our own, one a session.

`database_url` runs a test on both. Each test gets a copy of a prepared database (a file, or a template database), so
that nothing is created twice. Without PostgreSQL 15's programs the PostgreSQL half is skipped; REQUIRE_POSTGRES=1 makes
it fail.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from sqlalchemy.orm import Session

from recon.database.models import Base
from recon.database.session import make_engine, session_factory
from tests.books import Books, make_books
from tests.postgres import Cluster, start_cluster
from tests.required import pytest_make_collect_report, pytest_runtest_makereport

__all__ = ["pytest_make_collect_report", "pytest_runtest_makereport"]

os.environ["LC_ALL"] = "C.UTF-8"  # commands speak English here, whoever runs the tests

# A busy machine makes any example late; how fast things are is measured by the benchmarks.
settings.register_profile("untimed", settings(), deadline=None)
settings.load_profile("untimed")


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A running cluster with the database `prepared`, which holds all tables."""
    cluster = start_cluster(tmp_path_factory.mktemp("postgres"))
    try:
        cluster.execute("CREATE DATABASE prepared")
        _create_tables(cluster.url("prepared"))
        yield cluster
    finally:
        cluster.stop()


@pytest.fixture(scope="session")
def prepared_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with all tables, closed."""
    path = tmp_path_factory.mktemp("sqlite") / "prepared.sqlite3"
    _create_tables(f"sqlite:///{path}")
    return path


def _create_tables(url: str) -> None:
    engine = make_engine(url)
    Base.metadata.create_all(engine)
    engine.dispose()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of an empty database with all tables, once on SQLite and once on PostgreSQL."""
    if request.param == "sqlite":
        yield sqlite_copy(request.getfixturevalue("prepared_sqlite"), tmp_path)
        return
    cluster: Cluster = request.getfixturevalue("postgres")
    name = cluster.copy("prepared")
    yield cluster.url(name)
    cluster.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def sqlite_url(prepared_sqlite: Path, tmp_path: Path) -> str:
    """The same on SQLite only, for tests of what lies above the database."""
    return sqlite_copy(prepared_sqlite, tmp_path)


def sqlite_copy(prepared: Path, folder: Path) -> str:
    shutil.copy(prepared, folder / "test.sqlite3")
    return f"sqlite:///{folder / 'test.sqlite3'}"


@pytest.fixture
def session(database_url: str) -> Iterator[Session]:
    """A writing session on an empty database; what is not committed is gone after the test."""
    engine = make_engine(database_url)
    with session_factory(engine)() as opened:
        yield opened
    engine.dispose()


@pytest.fixture
def books(session: Session) -> Books:
    """The company most tests work on."""
    return make_books(session)
