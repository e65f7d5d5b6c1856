"""What was done and what is being done: events in a hash chain, and jobs."""

from __future__ import annotations

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from recon.database.models.base import Base, BigKey, Code, Document, Key, Moment, Name, Sha256, one_of, refers

JOB_STATES = ("queued", "running", "done", "failed", "cancelled")


class Event(Base):
    """One command that changed something. Append-only: triggers refuse UPDATE and DELETE.

    The actor is a number only, so that a person can be anonymised without breaking the chain. `digest` is over the rows
    the command wrote; `hash` is the SHA-256 of all other columns with the previous event's hash.
    """

    __tablename__ = "event"
    __table_args__ = (Index(None, "company_id", "id"),)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True, autoincrement=False)
    at: Mapped[Moment]
    actor_id: Mapped[int] = refers("user")
    company_id: Mapped[int | None] = refers("company")
    verb: Mapped[Code]
    object: Mapped[str]
    before: Mapped[Document | None]
    after: Mapped[Document | None]
    digest: Mapped[Sha256 | None]
    prev_hash: Mapped[Sha256]
    hash: Mapped[Sha256] = mapped_column(unique=True)


class Job(Base):
    """Work that outlives a request: state, progress (`done` of `total` steps) and result. `failure` is one sentence.

    `worker` is the machine and process that claimed it, written `host/pid.ticks`, ticks being when it began;
    `language` is that of its sentences.
    """

    __tablename__ = "job"
    __table_args__ = (one_of("state", JOB_STATES), Index(None, "state"), Index(None, "company_id", "id"))

    id: Mapped[Key]
    kind: Mapped[Code]
    arguments: Mapped[Document]
    actor_id: Mapped[int] = refers("user")
    language: Mapped[str] = mapped_column(String(10), default="en")
    company_id: Mapped[int | None] = refers("company")
    group_id: Mapped[int | None] = refers("account_group")
    state: Mapped[Code] = mapped_column(default="queued")
    step: Mapped[str | None]
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    result: Mapped[Document | None]
    failure: Mapped[str | None]
    worker: Mapped[Name | None]
    cancel_requested: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[Moment]
    started_at: Mapped[Moment | None]
    heartbeat_at: Mapped[Moment | None]
    finished_at: Mapped[Moment | None]
