"""How many rows there are: what a command that writes nothing leaves as it was."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from recon.database.models import Base


def row_counts(session: Session) -> dict[str, int]:
    """Rows of every table by its name."""
    tables = Base.metadata.sorted_tables
    return {table.name: session.scalar(select(func.count()).select_from(table)) or 0 for table in tables}
