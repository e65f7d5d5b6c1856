"""Reconciliation documents with their sealed PDFs and stored open lists, adjustments, and notes."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import Index, LargeBinary, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from recon.database.models.base import Base, Code, Currency, Key, Minor, Moment, Sha256, one_of, refers
from recon.database.models.base import Document as Json
from recon.database.models.ledger import AccountGroup, EntryType

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
    """A proposed voucher: for the difference of a match, or for an open bank line. Positive debits the bank account."""

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
    event_id: Mapped[int] = refers("event")
    entry_type: Mapped[EntryType] = relationship()


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
