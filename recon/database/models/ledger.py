"""Companies, accounts and account groups: what is reconciled against what."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import CheckConstraint, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from recon.database.models.base import SIDES, Base, Code, Currency, Document, Key, Minor, Moment, Name, one_of, refers

ACCOUNT_KINDS = ("ledger", "customer", "supplier", "bank")
GROUP_KINDS = ("bank", "intercompany", "interim", "statement", "control")


class Company(Base):
    """A client of the installation. Nothing before `locked_on` may change, not even by withdrawal."""

    __tablename__ = "company"

    id: Mapped[Key]
    name: Mapped[Name] = mapped_column(unique=True)
    organisation_number: Mapped[Code | None]
    country: Mapped[str] = mapped_column(String(2), default="NO")
    currency: Mapped[Currency]
    four_eyes: Mapped[bool] = mapped_column(default=False)
    locked_on: Mapped[dt.date | None]
    transit_account: Mapped[Code | None]
    default_entry_type: Mapped[Code | None]
    hide_voided: Mapped[bool] = mapped_column(default=False)


class NumberSeries(Base):
    """Numbers of documents or vouchers: `name` and six digits, given in order and never again."""

    __tablename__ = "number_series"
    __table_args__ = (UniqueConstraint("company_id", "name"), one_of("kind", ("document", "voucher")))

    id: Mapped[Key]
    company_id: Mapped[int] = refers("company")
    name: Mapped[Code]
    kind: Mapped[Code] = mapped_column(default="document")
    next_number: Mapped[int] = mapped_column(default=1)


class Account(Base):
    """An account of a company: of its ledger, of a customer or supplier, or at a bank."""

    __tablename__ = "account"
    __table_args__ = (UniqueConstraint("company_id", "kind", "number"), one_of("kind", ACCOUNT_KINDS))

    id: Mapped[Key]
    company_id: Mapped[int] = refers("company")
    kind: Mapped[Code]
    number: Mapped[Code]
    name: Mapped[Name] = mapped_column(default="")
    currency: Mapped[Currency]
    iban: Mapped[Code | None] = mapped_column(index=True)
    requires_reconciliation: Mapped[bool] = mapped_column(default=False)
    series_id: Mapped[int | None] = refers("number_series")
    company: Mapped[Company] = relationship()
    series: Mapped[NumberSeries | None] = relationship()


class AccountImport(Base):
    """A view of another company's account; filter (a `where` of the rule language) and sign are frozen once in use."""

    __tablename__ = "account_import"
    __table_args__ = (UniqueConstraint("company_id", "name"),)

    id: Mapped[Key]
    company_id: Mapped[int] = refers("company")
    source_account_id: Mapped[int] = refers("account", index=True)
    filter: Mapped[Document | None]
    name: Mapped[Name]
    negate: Mapped[bool] = mapped_column(default=True)
    source_account: Mapped[Account] = relationship()


class EntryType(Base):
    """How a difference or fee is booked."""

    __tablename__ = "entry_type"
    __table_args__ = (UniqueConstraint("company_id", "key"),)

    id: Mapped[Key]
    company_id: Mapped[int] = refers("company")
    key: Mapped[Code]
    name: Mapped[Name]
    debit_account: Mapped[Code | None]
    credit_account: Mapped[Code | None]
    dimensions: Mapped[Document | None]
    vat_code: Mapped[Code | None]
    series_id: Mapped[int | None] = refers("number_series")
    series: Mapped[NumberSeries | None] = relationship()


class AccountGroup(Base):
    """Accounts reconciled against each other. `revision` rises with every change of its lines, matches or set-up."""

    __tablename__ = "account_group"
    __table_args__ = (UniqueConstraint("company_id", "name"), one_of("kind", GROUP_KINDS))

    id: Mapped[Key]
    company_id: Mapped[int] = refers("company")
    name: Mapped[Name]
    kind: Mapped[Code]
    currency: Mapped[Currency]
    country: Mapped[str] = mapped_column(String(2), default="NO")
    start_on: Mapped[dt.date]
    revision: Mapped[int] = mapped_column(default=0)
    rule_set_id: Mapped[int | None] = refers("rule_set")
    preparer_id: Mapped[int | None] = refers("user")
    approver_id: Mapped[int | None] = refers("user")
    due_day: Mapped[int | None]
    approval_required: Mapped[bool] = mapped_column(default=False)
    archived_at: Mapped[Moment | None]
    company: Mapped[Company] = relationship()
    members: Mapped[list[GroupAccount]] = relationship(
        back_populates="group", order_by="GroupAccount.id", cascade="all, delete-orphan"
    )


class GroupAccount(Base):
    """An account, or an imported one, on a side of a group. `opening_minor` is its balance at the end of the day before
    the group starts, in the group's sign. `filter` is a `where` of the rule language."""

    __tablename__ = "group_account"
    __table_args__ = (
        one_of("side", SIDES),
        CheckConstraint("(account_id IS NULL) <> (account_import_id IS NULL)", name="one_source"),
        UniqueConstraint("group_id", "side", "account_id"),
        UniqueConstraint("group_id", "side", "account_import_id"),
        Index(None, "account_id"),
        Index(None, "account_import_id"),
    )

    id: Mapped[Key]
    group_id: Mapped[int] = refers("account_group")
    side: Mapped[str] = mapped_column(String(5))
    account_id: Mapped[int | None] = refers("account")
    account_import_id: Mapped[int | None] = refers("account_import")
    filter: Mapped[Document | None]
    negate: Mapped[bool] = mapped_column(default=False)
    opening_minor: Mapped[Minor] = mapped_column(default=0)
    group: Mapped[AccountGroup] = relationship(back_populates="members")
    account: Mapped[Account | None] = relationship()
    account_import: Mapped[AccountImport | None] = relationship()
