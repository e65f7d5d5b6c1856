"""Lines as they came in, and the balances that came with them. Nothing here says what is matched."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from recon.database.models.base import Base, Code, Currency, Document, Key, Minor, Name, Sha256, one_of, refers
from recon.database.models.ledger import Account

ORIGINS = ("imported", "manual", "opening", "adjustment")
BALANCE_KINDS = ("opening", "closing")
REPLACEMENT_KINDS = ("parts", "changed", "gone", "voucher")


class Batch(Base):
    """One file's delivery to one company. `digest` is over the lines that were new; undone, it stays as a record.

    `balances` are those the file gave, known before or not. `undone_parts` lists what of it was taken back by account
    and days (`account_id`, `from`, `to`, `event_id`; null days are open ends). `collected_id`: a source delivered it.
    """

    __tablename__ = "batch"
    __table_args__ = (Index(None, "sha256"),)

    id: Mapped[Key]
    company_id: Mapped[int] = refers("company", index=True)
    file_name: Mapped[Name]
    sha256: Mapped[Sha256]
    reader: Mapped[Code]
    actor_id: Mapped[int] = refers("user")
    rows: Mapped[int]
    new_rows: Mapped[int]
    digest: Mapped[Sha256]
    covers_from: Mapped[dt.date | None]
    covers_to: Mapped[dt.date | None]
    collected_id: Mapped[int | None] = refers("collected_file", index=True)
    balances: Mapped[list[Document]]
    undone_parts: Mapped[list[Document] | None]
    event_id: Mapped[int] = refers("event")
    undone_event_id: Mapped[int | None] = refers("event")


class BatchStatement(Base):
    """A statement as a file gave it: which account and days, under which number, and its two balances.

    `rows` counts its lines. The bank's own identity of a statement is (account, `number`, days, closing balance);
    `ledger` marks an export of a ledger that states the days it covers.
    """

    __tablename__ = "batch_statement"
    __table_args__ = (Index(None, "account_id", "from_on"),)

    id: Mapped[Key]
    batch_id: Mapped[int] = refers("batch", index=True)
    account_id: Mapped[int] = refers("account")
    number: Mapped[str | None]
    from_on: Mapped[dt.date | None]
    to_on: Mapped[dt.date | None]
    opening_minor: Mapped[Minor | None]
    closing_minor: Mapped[Minor | None]
    rows: Mapped[int]
    ledger: Mapped[bool] = mapped_column(default=False)
    batch: Mapped[Batch] = relationship()


class BatchLine(Base):
    """A batch saw a line, as a new or as a known one. A line lives while one standing batch has seen it.

    Taken back by account or days, a batch no longer counts as having seen the line (`undone_event_id`).
    """

    __tablename__ = "batch_line"
    __table_args__ = (Index(None, "line_id"),)

    batch_id: Mapped[int] = refers("batch", primary_key=True)
    line_id: Mapped[int] = refers("line", primary_key=True)
    undone_event_id: Mapped[int | None] = refers("event")


class Replacement(Base):
    """A line that stands in the place of another, or of a released adjustment that had no line yet.

    `parts`: details of a lump, of equal sum together. `changed`: a ledger's voucher as it was exported again. `gone`: a
    line that a later export no longer has; nothing stands in its place. `voucher`: an own voucher that came back. The
    old line is withdrawn while the replacement stands.
    """

    __tablename__ = "replacement"
    __table_args__ = (
        one_of("kind", REPLACEMENT_KINDS),
        Index(None, "old_line_id"),
        Index(None, "new_line_id"),
        Index(None, "event_id"),
    )

    id: Mapped[Key]
    kind: Mapped[Code]
    old_line_id: Mapped[int | None] = refers("line")
    new_line_id: Mapped[int | None] = refers("line")
    adjustment_id: Mapped[int | None] = refers("adjustment")
    event_id: Mapped[int] = refers("event")
    undone_event_id: Mapped[int | None] = refers("event")


class Line(Base):
    """One transaction on an account, immutable; into the account is positive.

    `fingerprint`, `occurrence` and `part` say which line it is across files (by the source's own words,
    not its row number). `row_hash` is the SHA-256 of all that is stored of it, so that a changed row is
    named. Manual lines and opening items name the one group they live in. Withdrawn lines are not live.
    """

    __tablename__ = "line"
    __table_args__ = (
        one_of("origin", ORIGINS),
        Index(
            "uq_line_live",
            "account_id",
            "fingerprint",
            "occurrence",
            "part",
            unique=True,
            sqlite_where=text("withdrawn_event_id IS NULL"),
            postgresql_where=text("withdrawn_event_id IS NULL"),
        ),
        Index(None, "account_id", "booked_on"),
        Index(None, "event_id"),
    )

    id: Mapped[Key]
    account_id: Mapped[int] = refers("account")
    only_group_id: Mapped[int | None] = refers("account_group")
    origin: Mapped[Code]
    fingerprint: Mapped[Sha256]
    occurrence: Mapped[int] = mapped_column(default=1)
    part: Mapped[int] = mapped_column(default=0)
    booked_on: Mapped[dt.date]
    valued_on: Mapped[dt.date | None]
    due_on: Mapped[dt.date | None]
    amount_minor: Mapped[Minor]
    currency: Mapped[Currency]
    original_minor: Mapped[Minor | None]
    original_currency: Mapped[Currency | None]
    reference: Mapped[str | None]
    archive_reference: Mapped[str | None]
    end_to_end_id: Mapped[str | None]
    kid: Mapped[str | None]
    invoice_number: Mapped[str | None]
    voucher_number: Mapped[str | None]
    voucher_type: Mapped[str | None]
    entry: Mapped[str | None]
    counterparty: Mapped[str | None]
    counterparty_account: Mapped[str | None]
    text: Mapped[str | None]
    transaction_code: Mapped[str | None]
    account_number: Mapped[str | None]
    customer_number: Mapped[str | None]
    supplier_number: Mapped[str | None]
    department: Mapped[str | None]
    project: Mapped[str | None]
    period: Mapped[str | None]
    note: Mapped[str | None]
    extra: Mapped[Document | None]
    final: Mapped[bool] = mapped_column(default=True)
    row_hash: Mapped[Sha256]
    event_id: Mapped[int] = refers("event")
    withdrawn_event_id: Mapped[int | None] = refers("event")
    account: Mapped[Account] = relationship()


class StatementBalance(Base):
    """A balance given for the start or the end of a day, in the account's own sign: by a file, or typed by a person."""

    __tablename__ = "statement_balance"
    __table_args__ = (
        one_of("kind", BALANCE_KINDS),
        Index(
            "uq_statement_balance_live",
            "account_id",
            "kind",
            "on_date",
            unique=True,
            sqlite_where=text("withdrawn_event_id IS NULL"),
            postgresql_where=text("withdrawn_event_id IS NULL"),
        ),
    )

    id: Mapped[Key]
    account_id: Mapped[int] = refers("account")
    kind: Mapped[Code]
    on_date: Mapped[dt.date]
    amount_minor: Mapped[Minor]
    batch_id: Mapped[int | None] = refers("batch", index=True)
    typed_by: Mapped[int | None] = refers("user")
    event_id: Mapped[int] = refers("event")
    withdrawn_event_id: Mapped[int | None] = refers("event")


class ColumnMapping(Base):
    """What the columns of a CSV or Excel source mean (`body` is a profile of recon.intake.mapping), saved and reused.

    It reads files of its account whose headings have its `fingerprint`; without an account, such files of any.
    """

    __tablename__ = "column_mapping"
    __table_args__ = (UniqueConstraint("company_id", "name"), Index(None, "company_id", "fingerprint"))

    id: Mapped[Key]
    company_id: Mapped[int] = refers("company")
    name: Mapped[Name]
    account_id: Mapped[int | None] = refers("account")
    fingerprint: Mapped[Code]
    body: Mapped[Document]
