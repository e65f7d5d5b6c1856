"""The tables' history ends in the tables of the models, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, inspect, text
from sqlalchemy.exc import IntegrityError

from recon.database import migrations
from recon.database.models import Base
from recon.database.session import make_engine
from recon.errors import Refusal


@pytest.fixture
def empty_engine(request: pytest.FixtureRequest, database_url: str, tmp_path: Path) -> Iterator[Engine]:
    """An engine on a database without any table, of the kind that `database_url` has."""
    if database_url.startswith("sqlite"):
        engine = make_engine(f"sqlite:///{tmp_path / 'empty.sqlite3'}")
    else:
        cluster = request.getfixturevalue("postgres")
        engine = make_engine(cluster.url(cluster.copy("template1")))
    yield engine
    engine.dispose()


def described(engine: Engine) -> dict[str, Any]:
    """Columns, checks and indexes (with their conditions) of every table."""
    look = inspect(engine)
    return {
        name: (
            sorted((c["name"], str(c["type"]), c["nullable"]) for c in look.get_columns(name)),
            sorted((c["name"], c["sqltext"]) for c in look.get_check_constraints(name)),
            sorted(index_text(index) for index in look.get_indexes(name)),
            sorted(str(key) for key in look.get_foreign_keys(name)),
            look.get_pk_constraint(name),
        )
        for name in look.get_table_names()
        if name != "alembic_version"
    }


def index_text(index: Any) -> str:
    conditions = {key: str(value) for key, value in index["dialect_options"].items()}
    return f"{index['name']} {index['column_names']} {index['unique']} {conditions}"


def test_the_steps_end_in_the_tables_of_the_models(empty_engine: Engine, database_url: str) -> None:
    with pytest.raises(Refusal, match="no tables yet"):
        migrations.require_current(empty_engine)
    assert migrations.upgrade(empty_engine)
    assert not migrations.upgrade(empty_engine)
    migrations.require_current(empty_engine)
    with empty_engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []
    by_models = make_engine(database_url)
    assert described(empty_engine) == described(by_models)
    by_models.dispose()


def test_rows_that_refer_to_one_another_outlive_the_steps(empty_engine: Engine) -> None:
    """SQLite makes a table anew to change it, and may not take what refers to it along."""
    with empty_engine.begin() as connection:
        command.upgrade(migrations._config(connection), "0002")
        for row in (
            "company (id, name, country, currency, four_eyes, hide_voided) VALUES (1, 'F', 'NO', 'NOK', false, false)",
            '"user" (id, email, name, password, active, fs_uniquifier, operator, locale)'
            " VALUES (1, 'a@b.test', 'a', 'x', true, 'u', false, 'nb')",
            "company_role (user_id, company_id, role) VALUES (1, 1, 'admin')",
        ):
            connection.execute(text(f"INSERT INTO {row}"))
    assert migrations.upgrade(empty_engine)
    with empty_engine.begin() as connection:
        assert connection.execute(text("SELECT user_id, role FROM company_role")).all() == [(1, "admin")]
        with pytest.raises(IntegrityError), connection.begin_nested():
            connection.execute(text("INSERT INTO company_role (user_id, company_id, role) VALUES (2, 1, 'admin')"))


def test_the_newest_step_is_the_one_that_alembic_finds() -> None:
    assert migrations.head() == ScriptDirectory(str(migrations.FOLDER)).get_current_head()


def test_a_strange_database_is_refused(tmp_path: Path) -> None:
    engine = make_engine(f"sqlite:///{tmp_path / 'strange.sqlite3'}")
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE customers (id INTEGER)"))
    with pytest.raises(Refusal, match="not Recon's"):
        migrations.require_current(engine)
    engine.dispose()
