"""Rule sets, runs and matches. Remainder, state and ticks belong to a line in a group (`GroupLine`), not to the line.

`open_minor` = amount − what live *confirmed* or *approved* matches allocate. A *suggested* match takes nothing yet: it
holds its lines (`held_by_match_id`), which stay open. A match is live while `undone_event_id` is null, and so is an
allocation; both are set together when a match is dissolved, and no row is ever deleted.
"""

from __future__ import annotations

import datetime as dt

from sqlalchemy import CheckConstraint, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from recon.database.models.base import (
    SIDES,
    Base,
    Code,
    Document,
    Key,
    Minor,
    Moment,
    Name,
    Sha256,
    one_of,
    refers,
)
from recon.database.models.ledger import AccountGroup
from recon.database.models.lines import Line

MATCH_STATES = ("suggested", "confirmed", "approved")
GROUP_LINE_STATES = ("active", "deactivated")


class RuleSet(Base):
    """A rule set of a company, or of the installation (no company), linked to many groups."""

    __tablename__ = "rule_set"
    __table_args__ = (UniqueConstraint("company_id", "name"),)

    id: Mapped[Key]
    company_id: Mapped[int | None] = refers("company")
    name: Mapped[Name]
    versions: Mapped[list[RuleSetVersion]] = relationship(back_populates="rule_set", order_by="RuleSetVersion.no")


class RuleSetVersion(Base):
    """An immutable version. In force is the one activated last; a version is activated once.

    `body` are the rules a run uses, `inactive` those deactivated beside them: `[{place, rule}]`, null for none.
    `sha256` is over the meaning of both (`recon.services.rule_versions.version_hash`).
    """

    __tablename__ = "rule_set_version"
    __table_args__ = (UniqueConstraint("rule_set_id", "no"),)

    id: Mapped[Key]
    rule_set_id: Mapped[int] = refers("rule_set")
    no: Mapped[int]
    body: Mapped[Document]
    inactive: Mapped[list[Document] | None]
    sha256: Mapped[Sha256]
    author_id: Mapped[int | None] = refers("user")
    created_at: Mapped[Moment]
    activated_by: Mapped[int | None] = refers("user")
    activated_at: Mapped[Moment | None]
    rule_set: Mapped[RuleSet] = relationship(back_populates="versions")


class Run(Base):
    """One press of Reconcile that wrote something. `summary` holds counts and amounts per rule and the findings."""

    __tablename__ = "run"

    id: Mapped[Key]
    group_id: Mapped[int] = refers("account_group", index=True)
    version_id: Mapped[int] = refers("rule_set_version")
    at: Mapped[Moment]
    rows: Mapped[int]
    digest: Mapped[Sha256]
    summary: Mapped[Document | None]
    event_id: Mapped[int] = refers("event")
    undone_event_id: Mapped[int | None] = refers("event")


class Match(Base):
    """Lines of a group that belong together; the allocations of a live match sum left − right = 0.

    `rule_key` is null for a match made by hand. `set_hash` is over the exact set of members. Open as of D = no live
    allocation of a match with `effective_on` ≤ D, where effective_on = max(latest member date, first day not approved).
    """

    __tablename__ = "match"
    __table_args__ = (
        one_of("state", MATCH_STATES),
        Index(
            "uq_match_live",
            "group_id",
            "set_hash",
            unique=True,
            sqlite_where=text("undone_event_id IS NULL"),
            postgresql_where=text("undone_event_id IS NULL"),
        ),
        Index(None, "group_id", "rule_key"),
        Index(None, "run_id"),
        Index(None, "document_id"),
        Index(None, "event_id"),
        Index(None, "undone_event_id"),
    )

    id: Mapped[Key]
    group_id: Mapped[int] = refers("account_group")
    run_id: Mapped[int | None] = refers("run")
    document_id: Mapped[int | None] = refers("document")
    rule_key: Mapped[str | None] = mapped_column(String(200))
    rule_hash: Mapped[Sha256 | None]
    state: Mapped[Code]
    effective_on: Mapped[dt.date]
    set_hash: Mapped[Sha256]
    alternatives: Mapped[int] = mapped_column(default=0)
    difference_minor: Mapped[Minor] = mapped_column(default=0)
    reason: Mapped[str | None]
    event_id: Mapped[int] = refers("event")
    undone_event_id: Mapped[int | None] = refers("event")
    group: Mapped[AccountGroup] = relationship()
    allocations: Mapped[list[Allocation]] = relationship(back_populates="match", order_by="Allocation.id")


class GroupLine(Base):
    """A line as it stands in one group: amount in the group's sign and currency, what of it is open, who holds it.

    `is_open`: a remainder is left, or the amount is 0 and no live allocation takes it. `period_on`: the day from which
    a late line counts (the first day not approved when it came); null for a line that came in time.
    """

    __tablename__ = "group_line"
    __table_args__ = (
        one_of("side", SIDES),
        one_of("state", GROUP_LINE_STATES),
        CheckConstraint(
            "open_minor BETWEEN 0 AND amount_minor OR open_minor BETWEEN amount_minor AND 0",
            name="remainder",
        ),
        CheckConstraint("is_open OR open_minor = 0", name="is_open"),
        Index(
            "ix_group_line_open",
            "group_id",
            "side",
            "booked_on",
            "line_id",
            sqlite_where=text("is_open"),
            postgresql_where=text("is_open"),
        ),
        Index(None, "line_id"),
        Index(None, "held_by_match_id"),
    )

    group_id: Mapped[int] = refers("account_group", primary_key=True)
    line_id: Mapped[int] = refers("line", primary_key=True)
    side: Mapped[str] = mapped_column(String(5))
    booked_on: Mapped[dt.date]
    amount_minor: Mapped[Minor]
    open_minor: Mapped[Minor]
    is_open: Mapped[bool] = mapped_column(default=True)
    state: Mapped[Code] = mapped_column(default="active")
    held_by_match_id: Mapped[int | None] = refers("match")
    cleared: Mapped[bool] = mapped_column(default=False)
    period_on: Mapped[dt.date | None]
    line: Mapped[Line] = relationship(primaryjoin="foreign(GroupLine.line_id) == Line.id", viewonly=True)


class Allocation(Base):
    """What a match takes of a line (in the group's sign), or the adjustment that makes its sum 0. Append-only."""

    __tablename__ = "allocation"
    __table_args__ = (
        one_of("side", SIDES),
        CheckConstraint("(line_id IS NULL) <> (adjustment_id IS NULL)", name="one_member"),
        UniqueConstraint("match_id", "line_id"),
        UniqueConstraint("match_id", "adjustment_id"),
        Index(None, "line_id"),
        Index(None, "event_id"),
    )

    id: Mapped[Key]
    match_id: Mapped[int] = refers("match")
    line_id: Mapped[int | None] = refers("line")
    adjustment_id: Mapped[int | None] = refers("adjustment")
    side: Mapped[str] = mapped_column(String(5))
    amount_minor: Mapped[Minor]
    event_id: Mapped[int] = refers("event")
    undone_event_id: Mapped[int | None] = refers("event")
    match: Mapped[Match] = relationship(back_populates="allocations")
    line: Mapped[Line | None] = relationship()


class Refusal(Base):
    """A set of lines that a person took apart or rejected: that rule never makes it again until cleared."""

    __tablename__ = "refusal"
    __table_args__ = (
        Index(
            "uq_refusal_live",
            "group_id",
            "set_hash",
            "rule_hash",
            unique=True,
            sqlite_where=text("cleared_event_id IS NULL"),
            postgresql_where=text("cleared_event_id IS NULL"),
        ),
    )

    id: Mapped[Key]
    group_id: Mapped[int] = refers("account_group")
    set_hash: Mapped[Sha256]
    rule_hash: Mapped[Sha256]
    event_id: Mapped[int] = refers("event")
    cleared_event_id: Mapped[int | None] = refers("event")


class Choice(Base):
    """A tie under `ambiguous: suggest`: candidates for a person to choose from. It holds no line."""

    __tablename__ = "choice"

    id: Mapped[Key]
    group_id: Mapped[int] = refers("account_group", index=True)
    run_id: Mapped[int | None] = refers("run")
    rule_key: Mapped[str] = mapped_column(String(200))
    rule_hash: Mapped[Sha256]
    event_id: Mapped[int] = refers("event")
    closed_event_id: Mapped[int | None] = refers("event")
    members: Mapped[list[ChoiceMember]] = relationship(back_populates="choice")


class ChoiceMember(Base):
    """A line of one candidate of a choice, with what the candidate would take of it."""

    __tablename__ = "choice_member"
    __table_args__ = (one_of("side", SIDES), Index(None, "line_id"))

    choice_id: Mapped[int] = refers("choice", primary_key=True)
    option: Mapped[int] = mapped_column(primary_key=True)
    line_id: Mapped[int] = refers("line", primary_key=True)
    side: Mapped[str] = mapped_column(String(5))
    amount_minor: Mapped[Minor]
    choice: Mapped[Choice] = relationship(back_populates="members")
