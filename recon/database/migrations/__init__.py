"""The tables' history, applied by program: `upgrade(engine)`. There is no alembic.ini; `revise` writes a new step."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, inspect

from recon.errors import Refusal

NO_TABLES = "the database has no tables yet: run `recon db upgrade`"
FOLDER = Path(__file__).parent


def upgrade(engine: Engine) -> bool:
    """Bring the database to this version's tables, in one transaction; whether there was anything to do."""
    with engine.begin() as connection:
        if current(connection) == head():
            return False
        command.upgrade(_config(connection), "head")
    return True


def head() -> str:
    """The newest revision this version knows."""
    newest = ScriptDirectory(str(FOLDER)).get_current_head()
    assert newest is not None
    return newest


def current(connection: Connection) -> str | None:
    """The revision the database stands at; None for an empty one."""
    return MigrationContext.configure(connection).get_current_revision()


def require_current(engine: Engine) -> None:
    """Raises Refusal if the database has no tables yet or those of another version."""
    if engine.dialect.name == "sqlite" and not Path(engine.url.database or "").exists():
        raise Refusal(NO_TABLES)  # a look at it would make the file
    with engine.connect() as connection:
        found = current(connection)
        if found == head():
            return
        if found is None and inspect(connection).get_table_names():
            raise Refusal("this database holds tables that are not Recon's; give another with RECON_DATABASE_URL")
    if found is None:
        raise Refusal(NO_TABLES)
    raise Refusal("the database has the tables of another version: run `recon db upgrade`")


def revise(engine: Engine, message: str, number: str) -> None:
    """Write the step from the database's tables to the models', for a developer to read and correct."""
    with engine.begin() as connection:
        command.revision(_config(connection), message=message, autogenerate=True, rev_id=number)


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.attributes["connection"] = connection
    return config
