"""How lines come in by themselves: services ordered at banks, sources that are read, and the files they gave."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from recon.database.models.base import Base, Code, Document, Key, Moment, Name, Sha256, one_of, refers
from recon.database.models.ledger import Account

SERVICE_STATES = ("pending", "active", "deactivated")
"""An account without a row has none."""

SOURCE_KINDS = ("folder", "sftp", "sql")
OUTCOMES = ("stored", "known", "refused", "withdrawn")


class BankService(Base):
    """The statement service of an account in an agreement with a bank. `from_on` is the day of activation.

    `first_on` is the day on which the first delivered statement made it active. A deactivated one stays as a record;
    of the others an account has at most one.
    """

    __tablename__ = "bank_service"
    __table_args__ = (
        one_of("state", SERVICE_STATES),
        Index(
            "uq_bank_service_live",
            "account_id",
            unique=True,
            sqlite_where=text("state <> 'deactivated'"),
            postgresql_where=text("state <> 'deactivated'"),
        ),
    )

    id: Mapped[Key]
    account_id: Mapped[int] = refers("account")
    bank: Mapped[Name]
    agreement: Mapped[Name | None]
    state: Mapped[Code]
    from_on: Mapped[dt.date]
    first_on: Mapped[dt.date | None]
    last_on: Mapped[dt.date | None]
    event_id: Mapped[int] = refers("event")
    ended_event_id: Mapped[int | None] = refers("event")
    account: Mapped[Account] = relationship()


class Source(Base):
    """A place that files or lines are taken from. `place` holds no secret, only the names of environment variables.

    folder: `path`. sftp: `host`, `port`, `user`, `folder`, `host_key` (SHA256:…), `key_file` or `password` (variables).
    sql: `url` (a variable), `lines`, `balances`, `columns` (our field -> theirs), `days`. `pattern` chooses file names.
    An `account_id` is needed where the files do not name their account. `heard_at` and `said` tell of the last reading.
    """

    __tablename__ = "source"
    __table_args__ = (UniqueConstraint("company_id", "name"), one_of("kind", SOURCE_KINDS))

    id: Mapped[Key]
    company_id: Mapped[int] = refers("company")
    name: Mapped[Name]
    kind: Mapped[Code]
    place: Mapped[Document]
    pattern: Mapped[Name] = mapped_column(default="*")
    account_id: Mapped[int | None] = refers("account")
    paused: Mapped[bool] = mapped_column(default=False)
    heard_at: Mapped[Moment | None]
    reached: Mapped[bool] = mapped_column(default=True)
    said: Mapped[str | None]
    event_id: Mapped[int] = refers("event")
    removed_event_id: Mapped[int | None] = refers("event")
    account: Mapped[Account | None] = relationship()


class CollectedFile(Base):
    """A file that a source gave, and what became of it. `filed_at` is when it was put away: without it the file lies in
    its place still, and is only put away when it is met again. `withdrawn`: stored, and taken back since."""

    __tablename__ = "collected_file"
    __table_args__ = (one_of("outcome", OUTCOMES), Index(None, "source_id", "sha256"))

    id: Mapped[Key]
    source_id: Mapped[int] = refers("source")
    name: Mapped[Name]
    sha256: Mapped[Sha256]
    size: Mapped[int]
    at: Mapped[Moment]
    outcome: Mapped[Code]
    said: Mapped[str]
    new_rows: Mapped[int] = mapped_column(default=0)
    known_rows: Mapped[int] = mapped_column(default=0)
    filed_at: Mapped[Moment | None]
    source: Mapped[Source] = relationship()
