"""The tables' history, applied by program: `upgrade(engine)`. There is no alembic.ini; `revise` writes a new step.

Every command asks whether the tables are of this version; only a change of them needs Alembic, which is loaded then.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, inspect

from recon.errors import Refusal
from rules.wording import N_, _

if TYPE_CHECKING:
    from alembic.config import Config

NO_TABLES = N_("the database has no tables yet: run `recon db upgrade`")
FOLDER = Path(__file__).parent


def upgrade(engine: Engine) -> bool:
    """Bring the database to this version's tables, in one transaction; whether there was anything to do."""
    from alembic import command

    with engine.connect() as connection, _tables_may_be_made_anew(connection), connection.begin():
        if current(connection) == head():
            return False
        command.upgrade(_config(connection), "head")
        _require_references(connection)
    return True


@contextmanager
def _tables_may_be_made_anew(connection: Connection) -> Iterator[None]:
    """SQLite changes a column by making its table anew, which rows that refer to it would forbid. Its check of
    references can only be turned off outside a transaction."""
    if connection.dialect.name != "sqlite":
        yield
        return
    sqlite = connection.connection.driver_connection
    assert sqlite is not None
    sqlite.execute("PRAGMA foreign_keys = OFF")
    try:
        yield
    finally:
        sqlite.execute("PRAGMA foreign_keys = ON")


def _require_references(connection: Connection) -> None:
    """The check that was off while tables were made anew."""
    if connection.dialect.name == "sqlite":
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
        if broken:
            raise Refusal(
                _("the tables were not changed: a row of {table} refers to nothing").format(table=broken[0][0])
            )


def head() -> str:
    """The newest revision this version knows: the number that the name of its file begins with."""
    return max(step.name.partition("_")[0] for step in (FOLDER / "versions").glob("[0-9]*.py"))


def current(connection: Connection) -> str | None:
    """The revision the database stands at; None for an empty one."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalars().one_or_none()
    return None if found is None else str(found)


def require_current(engine: Engine) -> None:
    """Raises Refusal if the database has no tables yet or those of another version."""
    if engine.dialect.name == "sqlite" and not Path(engine.url.database or "").exists():
        raise Refusal(_(NO_TABLES))  # a look at it would make the file
    with engine.connect() as connection:
        found = current(connection)
        if found == head():
            return
        if found is None and inspect(connection).get_table_names():
            raise Refusal(_("this database holds tables that are not Recon's; give another with RECON_DATABASE_URL"))
    if found is None:
        raise Refusal(_(NO_TABLES))
    raise Refusal(_("the database has the tables of another version: run `recon db upgrade`"))


def revise(engine: Engine, message: str, number: str) -> None:
    """Write the step from the database's tables to the models', for a developer to read and correct."""
    from alembic import command

    with engine.begin() as connection:
        command.revision(_config(connection), message=message, autogenerate=True, rev_id=number)


def _config(connection: Connection) -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.attributes["connection"] = connection
    return config
