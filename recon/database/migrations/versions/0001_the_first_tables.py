"""the first tables"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from recon.database.models.base import UtcTime
from recon.database.models.people import Words

revision: str = "0001"
down_revision: str | None = None


def upgrade() -> None:
    op.create_table(
        "company",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("organisation_number", sa.String(length=40), nullable=True),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("four_eyes", sa.Boolean(), nullable=False),
        sa.Column("locked_on", sa.Date(), nullable=True),
        sa.Column("transit_account", sa.String(length=40), nullable=True),
        sa.Column("default_entry_type", sa.String(length=40), nullable=True),
        sa.Column("hide_voided", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_company")),
        sa.UniqueConstraint("name", name=op.f("uq_company_name")),
    )
    op.create_table(
        "role",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("description", sa.String(length=255), nullable=True),
        sa.Column("permissions", Words(), nullable=True),
        sa.Column("update_datetime", sa.DateTime(), server_default=sa.func.now(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_role")),
        sa.UniqueConstraint("name", name=op.f("uq_role_name")),
    )
    op.create_table(
        "user",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("email", sa.String(length=255), nullable=False),
        sa.Column("username", sa.String(length=255), nullable=True),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("locale", sa.String(length=10), nullable=False),
        sa.Column("operator", sa.Boolean(), nullable=False),
        sa.Column("password", sa.String(length=255), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("fs_uniquifier", sa.String(length=64), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(), nullable=True),
        sa.Column("last_login_at", sa.DateTime(), nullable=True),
        sa.Column("current_login_at", sa.DateTime(), nullable=True),
        sa.Column("last_login_ip", sa.String(length=64), nullable=True),
        sa.Column("current_login_ip", sa.String(length=64), nullable=True),
        sa.Column("login_count", sa.Integer(), nullable=True),
        sa.Column("tf_primary_method", sa.String(length=64), nullable=True),
        sa.Column("tf_totp_secret", sa.String(length=255), nullable=True),
        sa.Column("tf_phone_number", sa.String(length=128), nullable=True),
        sa.Column("us_totp_secrets", sa.Text(), nullable=True),
        sa.Column("us_phone_number", sa.String(length=128), nullable=True),
        sa.Column("fs_webauthn_user_handle", sa.String(length=64), nullable=True),
        sa.Column("mf_recovery_codes", Words(), nullable=True),
        sa.Column("create_datetime", sa.DateTime(), server_default=sa.func.now(), nullable=False),
        sa.Column("update_datetime", sa.DateTime(), server_default=sa.func.now(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user")),
        sa.UniqueConstraint("email", name=op.f("uq_user_email")),
        sa.UniqueConstraint("fs_uniquifier", name=op.f("uq_user_fs_uniquifier")),
        sa.UniqueConstraint("fs_webauthn_user_handle", name=op.f("uq_user_fs_webauthn_user_handle")),
        sa.UniqueConstraint("us_phone_number", name=op.f("uq_user_us_phone_number")),
        sa.UniqueConstraint("username", name=op.f("uq_user_username")),
    )
    op.create_table(
        "column_mapping",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("company_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("body", sa.JSON(none_as_null=True), nullable=False),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_column_mapping_company_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_column_mapping")),
        sa.UniqueConstraint("company_id", "name", name=op.f("uq_column_mapping_company_id_name")),
    )
    op.create_table(
        "company_role",
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("company_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.CheckConstraint(
            "role IN ('admin', 'author', 'preparer', 'approver', 'auditor')", name=op.f("ck_company_role_role")
        ),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_company_role_company_id")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_company_role_user_id")),
        sa.PrimaryKeyConstraint("user_id", "company_id", "role", name=op.f("pk_company_role")),
    )
    op.create_table(
        "event",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("actor_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("company_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("verb", sa.String(length=40), nullable=False),
        sa.Column("object", sa.Text(), nullable=False),
        sa.Column("before", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("after", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("digest", sa.String(length=64), nullable=True),
        sa.Column("prev_hash", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["user.id"], name=op.f("fk_event_actor_id")),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_event_company_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event")),
        sa.UniqueConstraint("hash", name=op.f("uq_event_hash")),
    )
    with op.batch_alter_table("event", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_event_company_id_id"), ["company_id", "id"], unique=False)

    op.create_table(
        "number_series",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("company_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("next_number", sa.Integer(), nullable=False),
        sa.CheckConstraint("kind IN ('document', 'voucher')", name=op.f("ck_number_series_kind")),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_number_series_company_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_number_series")),
        sa.UniqueConstraint("company_id", "name", name=op.f("uq_number_series_company_id_name")),
    )
    op.create_table(
        "roles_users",
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("role_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["role_id"], ["role.id"], name=op.f("fk_roles_users_role_id")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_roles_users_user_id")),
        sa.PrimaryKeyConstraint("user_id", "role_id", name=op.f("pk_roles_users")),
    )
    op.create_table(
        "rule_set",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("company_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_rule_set_company_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rule_set")),
        sa.UniqueConstraint("company_id", "name", name=op.f("uq_rule_set_company_id_name")),
    )
    op.create_table(
        "webauthn",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("credential_id", sa.LargeBinary(length=1024), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", sa.Integer(), nullable=True),
        sa.Column("transports", Words(), nullable=True),
        sa.Column("backup_state", sa.Boolean(), nullable=False),
        sa.Column("device_type", sa.String(length=64), nullable=False),
        sa.Column("extensions", sa.String(length=255), nullable=True),
        sa.Column("create_datetime", sa.DateTime(), server_default=sa.func.now(), nullable=False),
        sa.Column("lastuse_datetime", sa.DateTime(), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("usage", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_webauthn_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webauthn")),
        sa.UniqueConstraint("credential_id", name=op.f("uq_webauthn_credential_id")),
    )
    op.create_table(
        "account",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("company_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("iban", sa.String(length=40), nullable=True),
        sa.Column("requires_reconciliation", sa.Boolean(), nullable=False),
        sa.Column("series_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.CheckConstraint("kind IN ('ledger', 'customer', 'supplier', 'bank')", name=op.f("ck_account_kind")),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_account_company_id")),
        sa.ForeignKeyConstraint(["series_id"], ["number_series.id"], name=op.f("fk_account_series_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("company_id", "kind", "number", name=op.f("uq_account_company_id_kind_number")),
    )
    with op.batch_alter_table("account", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_account_iban"), ["iban"], unique=False)

    op.create_table(
        "account_group",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("company_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("start_on", sa.Date(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("rule_set_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("preparer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("approver_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("due_day", sa.Integer(), nullable=True),
        sa.Column("approval_required", sa.Boolean(), nullable=False),
        sa.Column("archived_at", UtcTime(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('bank', 'intercompany', 'interim', 'statement', 'control')", name=op.f("ck_account_group_kind")
        ),
        sa.ForeignKeyConstraint(["approver_id"], ["user.id"], name=op.f("fk_account_group_approver_id")),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_account_group_company_id")),
        sa.ForeignKeyConstraint(["preparer_id"], ["user.id"], name=op.f("fk_account_group_preparer_id")),
        sa.ForeignKeyConstraint(["rule_set_id"], ["rule_set.id"], name=op.f("fk_account_group_rule_set_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_group")),
        sa.UniqueConstraint("company_id", "name", name=op.f("uq_account_group_company_id_name")),
    )
    op.create_table(
        "batch",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("company_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("file_name", sa.String(length=200), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("reader", sa.String(length=40), nullable=False),
        sa.Column("actor_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("new_rows", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("covers_from", sa.Date(), nullable=True),
        sa.Column("covers_to", sa.Date(), nullable=True),
        sa.Column("balances", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("event_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("undone_event_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(["actor_id"], ["user.id"], name=op.f("fk_batch_actor_id")),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_batch_company_id")),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_batch_event_id")),
        sa.ForeignKeyConstraint(["undone_event_id"], ["event.id"], name=op.f("fk_batch_undone_event_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batch")),
    )
    with op.batch_alter_table("batch", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_batch_company_id"), ["company_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_batch_sha256"), ["sha256"], unique=False)

    op.create_table(
        "entry_type",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("company_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("debit_account", sa.String(length=40), nullable=True),
        sa.Column("credit_account", sa.String(length=40), nullable=True),
        sa.Column("dimensions", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("vat_code", sa.String(length=40), nullable=True),
        sa.Column("series_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_entry_type_company_id")),
        sa.ForeignKeyConstraint(["series_id"], ["number_series.id"], name=op.f("fk_entry_type_series_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entry_type")),
        sa.UniqueConstraint("company_id", "key", name=op.f("uq_entry_type_company_id_key")),
    )
    op.create_table(
        "rule_set_version",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("rule_set_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("no", sa.Integer(), nullable=False),
        sa.Column("body", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("author_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("activated_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("activated_at", UtcTime(), nullable=True),
        sa.ForeignKeyConstraint(["activated_by"], ["user.id"], name=op.f("fk_rule_set_version_activated_by")),
        sa.ForeignKeyConstraint(["author_id"], ["user.id"], name=op.f("fk_rule_set_version_author_id")),
        sa.ForeignKeyConstraint(["rule_set_id"], ["rule_set.id"], name=op.f("fk_rule_set_version_rule_set_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rule_set_version")),
        sa.UniqueConstraint("rule_set_id", "no", name=op.f("uq_rule_set_version_rule_set_id_no")),
    )
    op.create_table(
        "account_import",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("company_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("source_account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("filter", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("negate", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_account_import_company_id")),
        sa.ForeignKeyConstraint(
            ["source_account_id"], ["account.id"], name=op.f("fk_account_import_source_account_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_import")),
        sa.UniqueConstraint("company_id", "name", name=op.f("uq_account_import_company_id_name")),
    )
    with op.batch_alter_table("account_import", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_account_import_source_account_id"), ["source_account_id"], unique=False)

    op.create_table(
        "document",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("company_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("group_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=True),
        sa.Column("figures", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("conclusion", sa.Text(), nullable=True),
        sa.Column("prepared_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("prepared_at", UtcTime(), nullable=True),
        sa.Column("approved_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("approved_at", UtcTime(), nullable=True),
        sa.Column("pdf_sha256", sa.String(length=64), nullable=True),
        sa.Column("supersedes_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("event_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint("state IN ('on_hold', 'balanced', 'approved', 'void')", name=op.f("ck_document_state")),
        sa.ForeignKeyConstraint(["approved_by"], ["user.id"], name=op.f("fk_document_approved_by")),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_document_company_id")),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_document_event_id")),
        sa.ForeignKeyConstraint(["group_id"], ["account_group.id"], name=op.f("fk_document_group_id")),
        sa.ForeignKeyConstraint(["prepared_by"], ["user.id"], name=op.f("fk_document_prepared_by")),
        sa.ForeignKeyConstraint(["supersedes_id"], ["document.id"], name=op.f("fk_document_supersedes_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document")),
        sa.UniqueConstraint("company_id", "number", name=op.f("uq_document_company_id_number")),
    )
    with op.batch_alter_table("document", schema=None) as batch_op:
        batch_op.create_index(
            "uq_document_live",
            ["group_id", "to_on"],
            unique=True,
            sqlite_where=sa.text("state <> 'void'"),
            postgresql_where=sa.text("state <> 'void'"),
        )

    op.create_table(
        "job",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("arguments", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("actor_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("company_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("group_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("step", sa.Text(), nullable=True),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("result", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("failure", sa.Text(), nullable=True),
        sa.Column("worker", sa.String(length=200), nullable=True),
        sa.Column("cancel_requested", sa.Boolean(), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("started_at", UtcTime(), nullable=True),
        sa.Column("heartbeat_at", UtcTime(), nullable=True),
        sa.Column("finished_at", UtcTime(), nullable=True),
        sa.CheckConstraint("state IN ('queued', 'running', 'done', 'failed', 'cancelled')", name=op.f("ck_job_state")),
        sa.ForeignKeyConstraint(["actor_id"], ["user.id"], name=op.f("fk_job_actor_id")),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_job_company_id")),
        sa.ForeignKeyConstraint(["group_id"], ["account_group.id"], name=op.f("fk_job_group_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job")),
    )
    with op.batch_alter_table("job", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_job_company_id_id"), ["company_id", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_job_state"), ["state"], unique=False)

    op.create_table(
        "line",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("only_group_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("origin", sa.String(length=40), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("occurrence", sa.Integer(), nullable=False),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("booked_on", sa.Date(), nullable=False),
        sa.Column("valued_on", sa.Date(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("original_minor", sa.BigInteger(), nullable=True),
        sa.Column("original_currency", sa.String(length=3), nullable=True),
        sa.Column("reference", sa.Text(), nullable=True),
        sa.Column("archive_reference", sa.Text(), nullable=True),
        sa.Column("end_to_end_id", sa.Text(), nullable=True),
        sa.Column("kid", sa.Text(), nullable=True),
        sa.Column("invoice_number", sa.Text(), nullable=True),
        sa.Column("voucher_number", sa.Text(), nullable=True),
        sa.Column("voucher_type", sa.Text(), nullable=True),
        sa.Column("entry", sa.Text(), nullable=True),
        sa.Column("counterparty", sa.Text(), nullable=True),
        sa.Column("counterparty_account", sa.Text(), nullable=True),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("transaction_code", sa.Text(), nullable=True),
        sa.Column("account_number", sa.Text(), nullable=True),
        sa.Column("customer_number", sa.Text(), nullable=True),
        sa.Column("supplier_number", sa.Text(), nullable=True),
        sa.Column("department", sa.Text(), nullable=True),
        sa.Column("project", sa.Text(), nullable=True),
        sa.Column("period", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("extra", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("final", sa.Boolean(), nullable=False),
        sa.Column("row_hash", sa.String(length=64), nullable=False),
        sa.Column("event_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("withdrawn_event_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.CheckConstraint("origin IN ('imported', 'manual', 'opening', 'adjustment')", name=op.f("ck_line_origin")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_line_account_id")),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_line_event_id")),
        sa.ForeignKeyConstraint(["only_group_id"], ["account_group.id"], name=op.f("fk_line_only_group_id")),
        sa.ForeignKeyConstraint(["withdrawn_event_id"], ["event.id"], name=op.f("fk_line_withdrawn_event_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_line")),
    )
    with op.batch_alter_table("line", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_line_account_id_booked_on"), ["account_id", "booked_on"], unique=False)
        batch_op.create_index(batch_op.f("ix_line_event_id"), ["event_id"], unique=False)
        batch_op.create_index(
            "uq_line_live",
            ["account_id", "fingerprint", "occurrence", "part"],
            unique=True,
            sqlite_where=sa.text("withdrawn_event_id IS NULL"),
            postgresql_where=sa.text("withdrawn_event_id IS NULL"),
        )

    op.create_table(
        "refusal",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("group_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("set_hash", sa.String(length=64), nullable=False),
        sa.Column("rule_hash", sa.String(length=64), nullable=False),
        sa.Column("event_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("cleared_event_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(["cleared_event_id"], ["event.id"], name=op.f("fk_refusal_cleared_event_id")),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_refusal_event_id")),
        sa.ForeignKeyConstraint(["group_id"], ["account_group.id"], name=op.f("fk_refusal_group_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refusal")),
    )
    with op.batch_alter_table("refusal", schema=None) as batch_op:
        batch_op.create_index(
            "uq_refusal_live",
            ["group_id", "set_hash", "rule_hash"],
            unique=True,
            sqlite_where=sa.text("cleared_event_id IS NULL"),
            postgresql_where=sa.text("cleared_event_id IS NULL"),
        )

    op.create_table(
        "run",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("group_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("version_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("summary", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("event_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("undone_event_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_run_event_id")),
        sa.ForeignKeyConstraint(["group_id"], ["account_group.id"], name=op.f("fk_run_group_id")),
        sa.ForeignKeyConstraint(["undone_event_id"], ["event.id"], name=op.f("fk_run_undone_event_id")),
        sa.ForeignKeyConstraint(["version_id"], ["rule_set_version.id"], name=op.f("fk_run_version_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_run")),
    )
    with op.batch_alter_table("run", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_run_group_id"), ["group_id"], unique=False)

    op.create_table(
        "statement_balance",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("on_date", sa.Date(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("batch_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("typed_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("event_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("withdrawn_event_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.CheckConstraint("kind IN ('opening', 'closing')", name=op.f("ck_statement_balance_kind")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_statement_balance_account_id")),
        sa.ForeignKeyConstraint(["batch_id"], ["batch.id"], name=op.f("fk_statement_balance_batch_id")),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_statement_balance_event_id")),
        sa.ForeignKeyConstraint(["typed_by"], ["user.id"], name=op.f("fk_statement_balance_typed_by")),
        sa.ForeignKeyConstraint(
            ["withdrawn_event_id"], ["event.id"], name=op.f("fk_statement_balance_withdrawn_event_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_statement_balance")),
    )
    with op.batch_alter_table("statement_balance", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_statement_balance_batch_id"), ["batch_id"], unique=False)
        batch_op.create_index(
            "uq_statement_balance_live",
            ["account_id", "kind", "on_date"],
            unique=True,
            sqlite_where=sa.text("withdrawn_event_id IS NULL"),
            postgresql_where=sa.text("withdrawn_event_id IS NULL"),
        )

    op.create_table(
        "batch_line",
        sa.Column("batch_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("line_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["batch_id"], ["batch.id"], name=op.f("fk_batch_line_batch_id")),
        sa.ForeignKeyConstraint(["line_id"], ["line.id"], name=op.f("fk_batch_line_line_id")),
        sa.PrimaryKeyConstraint("batch_id", "line_id", name=op.f("pk_batch_line")),
    )
    with op.batch_alter_table("batch_line", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_batch_line_line_id"), ["line_id"], unique=False)

    op.create_table(
        "choice",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("group_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("run_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("rule_key", sa.String(length=200), nullable=False),
        sa.Column("rule_hash", sa.String(length=64), nullable=False),
        sa.Column("event_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("closed_event_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(["closed_event_id"], ["event.id"], name=op.f("fk_choice_closed_event_id")),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_choice_event_id")),
        sa.ForeignKeyConstraint(["group_id"], ["account_group.id"], name=op.f("fk_choice_group_id")),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name=op.f("fk_choice_run_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_choice")),
    )
    with op.batch_alter_table("choice", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_choice_group_id"), ["group_id"], unique=False)

    op.create_table(
        "document_line",
        sa.Column("document_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("line_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("block", sa.String(length=40), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("later_period", sa.String(length=20), nullable=True),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name=op.f("fk_document_line_document_id")),
        sa.ForeignKeyConstraint(["line_id"], ["line.id"], name=op.f("fk_document_line_line_id")),
        sa.PrimaryKeyConstraint("document_id", "line_id", name=op.f("pk_document_line")),
    )
    op.create_table(
        "group_account",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("group_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("side", sa.String(length=5), nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("account_import_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("filter", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("negate", sa.Boolean(), nullable=False),
        sa.Column("opening_minor", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("side IN ('left', 'right')", name=op.f("ck_group_account_side")),
        sa.CheckConstraint(
            "(account_id IS NULL) <> (account_import_id IS NULL)", name=op.f("ck_group_account_one_source")
        ),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_group_account_account_id")),
        sa.ForeignKeyConstraint(
            ["account_import_id"], ["account_import.id"], name=op.f("fk_group_account_account_import_id")
        ),
        sa.ForeignKeyConstraint(["group_id"], ["account_group.id"], name=op.f("fk_group_account_group_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_group_account")),
        sa.UniqueConstraint("group_id", "side", "account_id", name=op.f("uq_group_account_group_id_side_account_id")),
        sa.UniqueConstraint(
            "group_id", "side", "account_import_id", name=op.f("uq_group_account_group_id_side_account_import_id")
        ),
    )
    with op.batch_alter_table("group_account", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_group_account_account_id"), ["account_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_group_account_account_import_id"), ["account_import_id"], unique=False)

    op.create_table(
        "match",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("group_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("run_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("document_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("rule_key", sa.String(length=200), nullable=True),
        sa.Column("rule_hash", sa.String(length=64), nullable=True),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("set_hash", sa.String(length=64), nullable=False),
        sa.Column("alternatives", sa.Integer(), nullable=False),
        sa.Column("difference_minor", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("event_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("undone_event_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.CheckConstraint("state IN ('suggested', 'confirmed', 'approved')", name=op.f("ck_match_state")),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name=op.f("fk_match_document_id")),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_match_event_id")),
        sa.ForeignKeyConstraint(["group_id"], ["account_group.id"], name=op.f("fk_match_group_id")),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name=op.f("fk_match_run_id")),
        sa.ForeignKeyConstraint(["undone_event_id"], ["event.id"], name=op.f("fk_match_undone_event_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_match")),
    )
    with op.batch_alter_table("match", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_match_document_id"), ["document_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_match_event_id"), ["event_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_match_group_id_rule_key"), ["group_id", "rule_key"], unique=False)
        batch_op.create_index(batch_op.f("ix_match_run_id"), ["run_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_match_undone_event_id"), ["undone_event_id"], unique=False)
        batch_op.create_index(
            "uq_match_live",
            ["group_id", "set_hash"],
            unique=True,
            sqlite_where=sa.text("undone_event_id IS NULL"),
            postgresql_where=sa.text("undone_event_id IS NULL"),
        )

    op.create_table(
        "sealed_pdf",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("document_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("event_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("superseded_event_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name=op.f("fk_sealed_pdf_document_id")),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_sealed_pdf_event_id")),
        sa.ForeignKeyConstraint(["superseded_event_id"], ["event.id"], name=op.f("fk_sealed_pdf_superseded_event_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sealed_pdf")),
    )
    with op.batch_alter_table("sealed_pdf", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sealed_pdf_document_id"), ["document_id"], unique=False)

    op.create_table(
        "adjustment",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("company_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("group_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("match_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("from_line_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("entry_type_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("booked_on", sa.Date(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("dimensions", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("vat_code", sa.String(length=40), nullable=True),
        sa.Column("series", sa.String(length=40), nullable=True),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("line_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("event_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint(
            "state IN ('proposed', 'unreleased', 'released', 'reversed', 'dropped')", name=op.f("ck_adjustment_state")
        ),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_adjustment_account_id")),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_adjustment_company_id")),
        sa.ForeignKeyConstraint(["entry_type_id"], ["entry_type.id"], name=op.f("fk_adjustment_entry_type_id")),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_adjustment_event_id")),
        sa.ForeignKeyConstraint(["from_line_id"], ["line.id"], name=op.f("fk_adjustment_from_line_id")),
        sa.ForeignKeyConstraint(["group_id"], ["account_group.id"], name=op.f("fk_adjustment_group_id")),
        sa.ForeignKeyConstraint(["line_id"], ["line.id"], name=op.f("fk_adjustment_line_id")),
        sa.ForeignKeyConstraint(["match_id"], ["match.id"], name=op.f("fk_adjustment_match_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_adjustment")),
        sa.UniqueConstraint("company_id", "series", "number", name=op.f("uq_adjustment_company_id_series_number")),
    )
    with op.batch_alter_table("adjustment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_adjustment_match_id"), ["match_id"], unique=False)
        batch_op.create_index(
            "uq_adjustment_live",
            ["group_id", "from_line_id"],
            unique=True,
            sqlite_where=sa.text("state NOT IN ('reversed', 'dropped')"),
            postgresql_where=sa.text("state NOT IN ('reversed', 'dropped')"),
        )

    op.create_table(
        "choice_member",
        sa.Column("choice_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("option", sa.Integer(), nullable=False),
        sa.Column("line_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("side", sa.String(length=5), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("side IN ('left', 'right')", name=op.f("ck_choice_member_side")),
        sa.ForeignKeyConstraint(["choice_id"], ["choice.id"], name=op.f("fk_choice_member_choice_id")),
        sa.ForeignKeyConstraint(["line_id"], ["line.id"], name=op.f("fk_choice_member_line_id")),
        sa.PrimaryKeyConstraint("choice_id", "option", "line_id", name=op.f("pk_choice_member")),
    )
    with op.batch_alter_table("choice_member", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_choice_member_line_id"), ["line_id"], unique=False)

    op.create_table(
        "group_line",
        sa.Column("group_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("line_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("side", sa.String(length=5), nullable=False),
        sa.Column("booked_on", sa.Date(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("open_minor", sa.BigInteger(), nullable=False),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("held_by_match_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("cleared", sa.Boolean(), nullable=False),
        sa.Column("period_on", sa.Date(), nullable=True),
        sa.CheckConstraint("side IN ('left', 'right')", name=op.f("ck_group_line_side")),
        sa.CheckConstraint("state IN ('active', 'deactivated')", name=op.f("ck_group_line_state")),
        sa.CheckConstraint("is_open OR open_minor = 0", name=op.f("ck_group_line_is_open")),
        sa.CheckConstraint(
            "open_minor BETWEEN 0 AND amount_minor OR open_minor BETWEEN amount_minor AND 0",
            name=op.f("ck_group_line_remainder"),
        ),
        sa.ForeignKeyConstraint(["group_id"], ["account_group.id"], name=op.f("fk_group_line_group_id")),
        sa.ForeignKeyConstraint(["held_by_match_id"], ["match.id"], name=op.f("fk_group_line_held_by_match_id")),
        sa.ForeignKeyConstraint(["line_id"], ["line.id"], name=op.f("fk_group_line_line_id")),
        sa.PrimaryKeyConstraint("group_id", "line_id", name=op.f("pk_group_line")),
    )
    with op.batch_alter_table("group_line", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_group_line_held_by_match_id"), ["held_by_match_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_group_line_line_id"), ["line_id"], unique=False)
        batch_op.create_index(
            "ix_group_line_open",
            ["group_id", "side", "booked_on", "line_id"],
            unique=False,
            sqlite_where=sa.text("is_open"),
            postgresql_where=sa.text("is_open"),
        )

    op.create_table(
        "note",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("group_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("line_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("match_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("document_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("author_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("event_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["user.id"], name=op.f("fk_note_author_id")),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name=op.f("fk_note_document_id")),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_note_event_id")),
        sa.ForeignKeyConstraint(["group_id"], ["account_group.id"], name=op.f("fk_note_group_id")),
        sa.ForeignKeyConstraint(["line_id"], ["line.id"], name=op.f("fk_note_line_id")),
        sa.ForeignKeyConstraint(["match_id"], ["match.id"], name=op.f("fk_note_match_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_note")),
    )
    with op.batch_alter_table("note", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_note_group_id_line_id"), ["group_id", "line_id"], unique=False)

    op.create_table(
        "allocation",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("match_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("line_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("adjustment_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("side", sa.String(length=5), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("event_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("undone_event_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.CheckConstraint("side IN ('left', 'right')", name=op.f("ck_allocation_side")),
        sa.CheckConstraint("(line_id IS NULL) <> (adjustment_id IS NULL)", name=op.f("ck_allocation_one_member")),
        sa.ForeignKeyConstraint(["adjustment_id"], ["adjustment.id"], name=op.f("fk_allocation_adjustment_id")),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_allocation_event_id")),
        sa.ForeignKeyConstraint(["line_id"], ["line.id"], name=op.f("fk_allocation_line_id")),
        sa.ForeignKeyConstraint(["match_id"], ["match.id"], name=op.f("fk_allocation_match_id")),
        sa.ForeignKeyConstraint(["undone_event_id"], ["event.id"], name=op.f("fk_allocation_undone_event_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_allocation")),
        sa.UniqueConstraint("match_id", "adjustment_id", name=op.f("uq_allocation_match_id_adjustment_id")),
        sa.UniqueConstraint("match_id", "line_id", name=op.f("uq_allocation_match_id_line_id")),
    )
    with op.batch_alter_table("allocation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_allocation_event_id"), ["event_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_allocation_line_id"), ["line_id"], unique=False)
    triggers = SQLITE_TRIGGERS if op.get_bind().dialect.name == "sqlite" else POSTGRESQL_TRIGGERS
    for statement in triggers:
        op.get_bind().exec_driver_sql(statement)


# Frozen here: what `recon.database.audit` has may change later, by a step of its own.
SQLITE_TRIGGERS = (
    "CREATE TRIGGER event_no_update BEFORE UPDATE ON event BEGIN SELECT RAISE(ABORT, 'events are append-only'); END",
    "CREATE TRIGGER event_no_delete BEFORE DELETE ON event BEGIN SELECT RAISE(ABORT, 'events are append-only'); END",
)
POSTGRESQL_TRIGGERS = (
    "CREATE OR REPLACE FUNCTION event_refuse() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN RAISE EXCEPTION 'events are append-only'; END $$",
    "CREATE TRIGGER event_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON event "
    "FOR EACH STATEMENT EXECUTE FUNCTION event_refuse()",
)
