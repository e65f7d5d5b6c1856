"""rules and imports"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from recon.database.models.base import UtcTime

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

ADJUSTMENT_KEYS = (("run_id", "run"), ("reverses_id", "adjustment"), ("released_event_id", "event"))

revision: str = "0002"
down_revision: str | None = "0001"


def upgrade() -> None:
    with op.batch_alter_table("rule_set_version") as batch:
        batch.add_column(sa.Column("inactive", sa.JSON(none_as_null=True), nullable=True))
    _create_batch_statement()
    _create_replacement()
    _create_attachment()
    _create_connections()
    with op.batch_alter_table("batch") as batch:
        batch.add_column(sa.Column("undone_parts", sa.JSON(none_as_null=True), nullable=True))
        batch.add_column(sa.Column("collected_id", KEY, nullable=True))
        batch.create_foreign_key(op.f("fk_batch_collected_id"), "collected_file", ["collected_id"], ["id"])
        batch.create_index(op.f("ix_batch_collected_id"), ["collected_id"])
    with op.batch_alter_table("column_mapping") as batch:
        batch.add_column(sa.Column("account_id", KEY, nullable=True))
        batch.add_column(sa.Column("fingerprint", sa.String(length=40), nullable=False, server_default=""))
        batch.create_foreign_key(op.f("fk_column_mapping_account_id"), "account", ["account_id"], ["id"])
        batch.create_index(op.f("ix_column_mapping_company_id_fingerprint"), ["company_id", "fingerprint"])
    with op.batch_alter_table("column_mapping") as batch:
        batch.alter_column("fingerprint", server_default=None)
    with op.batch_alter_table("batch_line") as batch:
        batch.add_column(sa.Column("undone_event_id", KEY, nullable=True))
        batch.create_foreign_key(op.f("fk_batch_line_undone_event_id"), "event", ["undone_event_id"], ["id"])
    _extend_adjustment()


def _extend_adjustment() -> None:
    with op.batch_alter_table("adjustment") as batch:
        batch.add_column(sa.Column("counter_account", sa.String(length=40), nullable=True))
        batch.add_column(sa.Column("rule_key", sa.String(length=200), nullable=True))
        batch.add_column(sa.Column("rule_hash", sa.String(length=64), nullable=True))
        for column, target in ADJUSTMENT_KEYS:
            batch.add_column(sa.Column(column, KEY, nullable=True))
            batch.create_foreign_key(op.f(f"fk_adjustment_{column}"), target, [column], ["id"])
    for column in ("run_id", "released_event_id"):
        op.create_index(op.f(f"ix_adjustment_{column}"), "adjustment", [column])


def _create_batch_statement() -> None:
    op.create_table(
        "batch_statement",
        sa.Column("id", KEY, nullable=False),
        sa.Column("batch_id", KEY, nullable=False),
        sa.Column("account_id", KEY, nullable=False),
        sa.Column("number", sa.Text(), nullable=True),
        sa.Column("from_on", sa.Date(), nullable=True),
        sa.Column("to_on", sa.Date(), nullable=True),
        sa.Column("opening_minor", sa.BigInteger(), nullable=True),
        sa.Column("closing_minor", sa.BigInteger(), nullable=True),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("ledger", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batch_statement")),
        sa.ForeignKeyConstraint(["batch_id"], ["batch.id"], name=op.f("fk_batch_statement_batch_id")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_batch_statement_account_id")),
    )
    op.create_index(op.f("ix_batch_statement_batch_id"), "batch_statement", ["batch_id"])
    op.create_index(op.f("ix_batch_statement_account_id_from_on"), "batch_statement", ["account_id", "from_on"])


def _create_replacement() -> None:
    op.create_table(
        "replacement",
        sa.Column("id", KEY, nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("old_line_id", KEY, nullable=True),
        sa.Column("new_line_id", KEY, nullable=True),
        sa.Column("adjustment_id", KEY, nullable=True),
        sa.Column("event_id", KEY, nullable=False),
        sa.Column("undone_event_id", KEY, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_replacement")),
        sa.CheckConstraint("kind IN ('parts', 'changed', 'gone', 'voucher')", name=op.f("ck_replacement_kind")),
        *(
            sa.ForeignKeyConstraint([column], [f"{target}.id"], name=op.f(f"fk_replacement_{column}"))
            for column, target in (
                ("old_line_id", "line"),
                ("new_line_id", "line"),
                ("adjustment_id", "adjustment"),
                ("event_id", "event"),
                ("undone_event_id", "event"),
            )
        ),
    )
    for column in ("old_line_id", "new_line_id", "event_id"):
        op.create_index(op.f(f"ix_replacement_{column}"), "replacement", [column])


def _create_attachment() -> None:
    op.create_table(
        "attachment",
        sa.Column("id", KEY, nullable=False),
        sa.Column("group_id", KEY, nullable=False),
        sa.Column("line_id", KEY, nullable=True),
        sa.Column("match_id", KEY, nullable=True),
        sa.Column("document_id", KEY, nullable=True),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("media_type", sa.String(length=40), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("author_id", KEY, nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("event_id", KEY, nullable=False),
        sa.Column("removed_event_id", KEY, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachment")),
        *(
            sa.ForeignKeyConstraint([column], [f"{target}.id"], name=op.f(f"fk_attachment_{column}"))
            for column, target in (
                ("group_id", "account_group"),
                ("line_id", "line"),
                ("match_id", "match"),
                ("document_id", "document"),
                ("author_id", "user"),
                ("event_id", "event"),
                ("removed_event_id", "event"),
            )
        ),
    )
    op.create_index(op.f("ix_attachment_group_id_line_id"), "attachment", ["group_id", "line_id"])


def _create_connections() -> None:
    op.create_table(
        "bank_service",
        sa.Column("id", KEY, nullable=False),
        sa.Column("account_id", KEY, nullable=False),
        sa.Column("bank", sa.String(length=200), nullable=False),
        sa.Column("agreement", sa.String(length=200), nullable=True),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("first_on", sa.Date(), nullable=True),
        sa.Column("last_on", sa.Date(), nullable=True),
        sa.Column("event_id", KEY, nullable=False),
        sa.Column("ended_event_id", KEY, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_service")),
        sa.CheckConstraint("state IN ('pending', 'active', 'deactivated')", name=op.f("ck_bank_service_state")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_bank_service_account_id")),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_bank_service_event_id")),
        sa.ForeignKeyConstraint(["ended_event_id"], ["event.id"], name=op.f("fk_bank_service_ended_event_id")),
    )
    live = sa.text("state <> 'deactivated'")
    op.create_index(
        "uq_bank_service_live", "bank_service", ["account_id"], unique=True, sqlite_where=live, postgresql_where=live
    )
    op.create_table(
        "source",
        sa.Column("id", KEY, nullable=False),
        sa.Column("company_id", KEY, nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("place", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("pattern", sa.String(length=200), nullable=False),
        sa.Column("account_id", KEY, nullable=True),
        sa.Column("paused", sa.Boolean(), nullable=False),
        sa.Column("heard_at", UtcTime(), nullable=True),
        sa.Column("reached", sa.Boolean(), nullable=False),
        sa.Column("said", sa.Text(), nullable=True),
        sa.Column("event_id", KEY, nullable=False),
        sa.Column("removed_event_id", KEY, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_source")),
        sa.UniqueConstraint("company_id", "name", name=op.f("uq_source_company_id_name")),
        sa.CheckConstraint("kind IN ('folder', 'sftp', 'sql')", name=op.f("ck_source_kind")),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_source_company_id")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_source_account_id")),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_source_event_id")),
        sa.ForeignKeyConstraint(["removed_event_id"], ["event.id"], name=op.f("fk_source_removed_event_id")),
    )
    op.create_table(
        "collected_file",
        sa.Column("id", KEY, nullable=False),
        sa.Column("source_id", KEY, nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("outcome", sa.String(length=40), nullable=False),
        sa.Column("said", sa.Text(), nullable=False),
        sa.Column("new_rows", sa.Integer(), nullable=False),
        sa.Column("known_rows", sa.Integer(), nullable=False),
        sa.Column("filed_at", UtcTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_collected_file")),
        sa.CheckConstraint(
            "outcome IN ('stored', 'known', 'refused', 'withdrawn')", name=op.f("ck_collected_file_outcome")
        ),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name=op.f("fk_collected_file_source_id")),
    )
    op.create_index(op.f("ix_collected_file_source_id_sha256"), "collected_file", ["source_id", "sha256"])


def downgrade() -> None:
    for column in ("released_event_id", "run_id"):
        op.drop_index(op.f(f"ix_adjustment_{column}"), "adjustment")
    with op.batch_alter_table("adjustment") as batch:
        for column, _target in reversed(ADJUSTMENT_KEYS):
            batch.drop_constraint(op.f(f"fk_adjustment_{column}"), type_="foreignkey")
            batch.drop_column(column)
        for column in ("rule_hash", "rule_key", "counter_account"):
            batch.drop_column(column)
    with op.batch_alter_table("batch_line") as batch:
        batch.drop_constraint(op.f("fk_batch_line_undone_event_id"), type_="foreignkey")
        batch.drop_column("undone_event_id")
    with op.batch_alter_table("batch") as batch:
        batch.drop_index(op.f("ix_batch_collected_id"))
        batch.drop_constraint(op.f("fk_batch_collected_id"), type_="foreignkey")
        batch.drop_column("collected_id")
        batch.drop_column("undone_parts")
    with op.batch_alter_table("column_mapping") as batch:
        batch.drop_index(op.f("ix_column_mapping_company_id_fingerprint"))
        batch.drop_constraint(op.f("fk_column_mapping_account_id"), type_="foreignkey")
        batch.drop_column("fingerprint")
        batch.drop_column("account_id")
    for table in ("collected_file", "source", "bank_service", "attachment", "replacement", "batch_statement"):
        op.drop_table(table)
    with op.batch_alter_table("rule_set_version") as batch:
        batch.drop_column("inactive")
