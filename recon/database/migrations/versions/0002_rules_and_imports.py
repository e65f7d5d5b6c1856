"""rules and imports"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision: str = "0002"
down_revision: str | None = "0001"


def upgrade() -> None:
    with op.batch_alter_table("rule_set_version") as batch:
        batch.add_column(sa.Column("inactive", sa.JSON(none_as_null=True), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("rule_set_version") as batch:
        batch.drop_column("inactive")
