"""Run by Alembic with the connection that `migrations.upgrade` or `migrations.revise` gives it."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context
from sqlalchemy import Connection

from recon.database.models import Base
from recon.database.models.base import UtcTime
from recon.database.models.people import Words

OWN_TYPES = (UtcTime, Words)


def rendered(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    """How a new step writes our own column types; False leaves the rest to Alembic."""
    return f"{type(item).__name__}()" if kind == "type" and isinstance(item, OWN_TYPES) else False


def run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=connection.dialect.name == "sqlite",
        render_item=rendered,
        compare_type=True,
    )
    with context.begin_transaction():
        context.run_migrations()


run(context.config.attributes["connection"])
