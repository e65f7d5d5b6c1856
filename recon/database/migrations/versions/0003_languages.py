"""languages"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision: str = "0003"
down_revision: str | None = "0002"


def upgrade() -> None:
    with op.batch_alter_table("user") as batch:
        batch.alter_column("locale", existing_type=sa.String(length=10), nullable=True)
    op.execute(sa.text('UPDATE "user" SET locale = NULL'))  # until now nobody could choose one
    with op.batch_alter_table("job") as batch:
        batch.add_column(sa.Column("language", sa.String(length=10), nullable=False, server_default="en"))
    with op.batch_alter_table("job") as batch:
        batch.alter_column("language", server_default=None)
