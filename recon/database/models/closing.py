"""Reconciliation documents with their sealed PDFs and stored open lists, adjustments, and notes."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import Index, LargeBinary, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from recon.database.models.base import Base, Code, Currency, Key, Minor, Moment, Name, Sha256, one_of, refers
from recon.database.models.base import Document as Json
from recon.database.models.ledger import Account, AccountGroup, EntryType

DOCUMENT_STATES = ("on_hold", "balanced", "approved", "void")
ADJUSTMENT_STATES = ("proposed", "unreleased", "released", "reversed", "dropped")


class Document(Base):
    """The reconciliation of a group for the days `from_on` to `to_on`. Live unless void; the number is never reused."""

    __tablename__ = "document"
    __table_args__ = (
        one_of("state", DOCUMENT_STATES),
        UniqueConstraint("company_id", "number"),
        Index(
            "uq_document_live",
            "group_id",
            "to_on",
            unique=True,
            sqlite_where=text("state <> 'void'"),
            postgresql_where=text("state <> 'void'"),
        ),
    )

    id: Mapped[Key]
    company_id: Mapped[int] = refers("company")
    group_id: Mapped[int] = refers("account_group")
    from_on: Mapped[dt.date]
    to_on: Mapped[dt.date]
    state: Mapped[Code]
    number: Mapped[Code | None]
    figures: Mapped[Json]
    reason: Mapped[str | None]
    conclusion: Mapped[str | None]
    prepared_by: Mapped[int | None] = refers("user")
    prepared_at: Mapped[Moment | None]
    approved_by: Mapped[int | None] = refers("user")
    approved_at: Mapped[Moment | None]
    pdf_sha256: Mapped[Sha256 | None]
    supersedes_id: Mapped[int | None] = refers("document")
    event_id: Mapped[int] = refers("event")
    group: Mapped[AccountGroup] = relationship()


class DocumentLine(Base):
    """A line of the document's stored open list (`block` names the list), or one counted late. Read, never recomputed.

    `later_period` is filled when the line is matched into a later period (the footnote of the report).
    """

    __tablename__ = "document_line"

    document_id: Mapped[int] = refers("document", primary_key=True)
    line_id: Mapped[int] = refers("line", primary_key=True)
    block: Mapped[Code]
    amount_minor: Mapped[Minor]
    later_period: Mapped[str | None] = mapped_column(String(20))


class SealedPdf(Base):
    """A PDF as it was approved. A later one supersedes it; none is deleted. The event holds the same SHA-256."""

    __tablename__ = "sealed_pdf"
    __table_args__ = (Index(None, "document_id"),)

    id: Mapped[Key]
    document_id: Mapped[int] = refers("document")
    sha256: Mapped[Sha256]
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    event_id: Mapped[int] = refers("event")
    superseded_event_id: Mapped[int | None] = refers("event")


class Adjustment(Base):
    """A voucher to be: for the difference of a match, for an open line, or by itself. Positive debits the bank account.

    `account_id` is the ledger account of the group that stands for the bank, `counter_account` the other one.
    `line_id`: once released the line it became, provisional until the ledger's own line takes its place. `rule_key`,
    `rule_hash` and `run_id` say which post rule made it; `reverses_id` which released one it takes back.
    """

    __tablename__ = "adjustment"
    __table_args__ = (
        one_of("state", ADJUSTMENT_STATES),
        UniqueConstraint("company_id", "series", "number"),
        Index(
            "uq_adjustment_live",
            "group_id",
            "from_line_id",
            unique=True,
            sqlite_where=text("state NOT IN ('reversed', 'dropped')"),
            postgresql_where=text("state NOT IN ('reversed', 'dropped')"),
        ),
        Index(None, "match_id"),
    )

    id: Mapped[Key]
    company_id: Mapped[int] = refers("company")
    group_id: Mapped[int] = refers("account_group")
    match_id: Mapped[int | None] = refers("match")
    from_line_id: Mapped[int | None] = refers("line")
    entry_type_id: Mapped[int] = refers("entry_type")
    account_id: Mapped[int | None] = refers("account")
    booked_on: Mapped[dt.date]
    amount_minor: Mapped[Minor]
    currency: Mapped[Currency]
    text: Mapped[str | None]
    dimensions: Mapped[Json | None]
    vat_code: Mapped[Code | None]
    series: Mapped[Code | None]
    number: Mapped[int | None]
    state: Mapped[Code]
    line_id: Mapped[int | None] = refers("line")
    counter_account: Mapped[Code | None]
    rule_key: Mapped[str | None] = mapped_column(String(200))
    rule_hash: Mapped[Sha256 | None]
    run_id: Mapped[int | None] = refers("run", index=True)
    reverses_id: Mapped[int | None] = refers("adjustment")
    event_id: Mapped[int] = refers("event")
    released_event_id: Mapped[int | None] = refers("event", index=True)
    entry_type: Mapped[EntryType] = relationship()
    group: Mapped[AccountGroup] = relationship()
    account: Mapped[Account | None] = relationship()


class Note(Base):
    """A person's words on a line in a group, a match or a document. They follow an open item to later periods."""

    __tablename__ = "note"
    __table_args__ = (Index(None, "group_id", "line_id"),)

    id: Mapped[Key]
    group_id: Mapped[int] = refers("account_group")
    line_id: Mapped[int | None] = refers("line")
    match_id: Mapped[int | None] = refers("match")
    document_id: Mapped[int | None] = refers("document")
    author_id: Mapped[int] = refers("user")
    at: Mapped[Moment]
    body: Mapped[str]
    event_id: Mapped[int] = refers("event")


class Attachment(Base):
    """A file that a person put to a line in a group, a match or a document. Taken away, its row stays as a record."""

    __tablename__ = "attachment"
    __table_args__ = (Index(None, "group_id", "line_id"),)

    id: Mapped[Key]
    group_id: Mapped[int] = refers("account_group")
    line_id: Mapped[int | None] = refers("line")
    match_id: Mapped[int | None] = refers("match")
    document_id: Mapped[int | None] = refers("document")
    name: Mapped[Name]
    media_type: Mapped[Code]
    size: Mapped[int]
    sha256: Mapped[Sha256]
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    author_id: Mapped[int] = refers("user")
    at: Mapped[Moment]
    event_id: Mapped[int] = refers("event")
    removed_event_id: Mapped[int | None] = refers("event")
