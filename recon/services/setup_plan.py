"""What a set-up says, as plain values: companies with their accounts, entry types, groups and the users' roles.

The same values are read from a file, from the database and from the wizard's form; two set-ups are the same when they
are equal. Money is minor units, in the sign of the group where one is meant.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Filter = dict[str, Any]


@dataclass(frozen=True)
class UserPlan:
    username: str
    email: str
    name: str = ""
    operator: bool = False
    active: bool = True
    password: str | None = field(default=None, compare=False)


@dataclass(frozen=True)
class SeriesPlan:
    name: str
    kind: str = "document"


@dataclass(frozen=True)
class EntryTypePlan:
    key: str
    name: str
    debit_account: str | None = None
    credit_account: str | None = None
    vat_code: str | None = None
    dimensions: Mapping[str, str] | None = None
    series: str | None = None


@dataclass(frozen=True, order=True)
class AccountRef:
    """An account inside its company."""

    kind: str
    number: str


@dataclass(frozen=True)
class AccountPlan:
    kind: str
    number: str
    name: str
    currency: str
    iban: str | None = None
    requires_reconciliation: bool = False
    series: str | None = None

    @property
    def ref(self) -> AccountRef:
        return AccountRef(self.kind, self.number)


@dataclass(frozen=True)
class AccountImportPlan:
    """The six fields: kind and number of the account, its company, filter, display name, change sign."""

    name: str
    company: str
    account: AccountRef
    filter: Filter | None = None
    negate: bool = True


@dataclass(frozen=True)
class MemberPlan:
    """An account of the company, or an imported one by its display name, on a side of a group."""

    account: AccountRef | None
    account_import: str | None = None
    opening_minor: int = 0
    negate: bool = False
    filter: Filter | None = None

    @property
    def source(self) -> AccountRef | str | None:
        return self.account or self.account_import


@dataclass(frozen=True)
class OpeningItem:
    """An item that was open when the group began, in the group's sign. `member` counts from 0 along its side;
    `fields` are further text fields of the line (`rules.fields`)."""

    booked_on: dt.date
    amount_minor: int
    due_on: dt.date | None = None
    member: int = 0
    fields: tuple[tuple[str, str], ...] = ()

    @property
    def order(self) -> tuple[Any, ...]:
        """Items have no order of their own: they stand by date."""
        return (self.booked_on, self.amount_minor, self.member, self.fields, str(self.due_on))


@dataclass(frozen=True)
class GroupPlan:
    """A group; `currency` and `rule_set` None take those of its first account and of new groups."""

    name: str
    kind: str
    start_on: dt.date
    left: tuple[MemberPlan, ...]
    right: tuple[MemberPlan, ...] = ()
    opening_left: tuple[OpeningItem, ...] = ()
    opening_right: tuple[OpeningItem, ...] = ()
    currency: str | None = None
    country: str | None = None
    rule_set: str | None = None
    preparer: str | None = None
    approver: str | None = None
    due_day: int | None = None
    approval_required: bool = False

    @property
    def sides(self) -> tuple[tuple[str, tuple[MemberPlan, ...], tuple[OpeningItem, ...]], ...]:
        return (("left", self.left, self.opening_left), ("right", self.right, self.opening_right))


@dataclass(frozen=True)
class CompanyPlan:
    name: str
    currency: str
    country: str = "NO"
    organisation_number: str | None = None
    four_eyes: bool = False
    locked_on: dt.date | None = None
    transit_account: str | None = None
    default_entry_type: str | None = None
    hide_voided: bool = False
    roles: tuple[tuple[str, tuple[str, ...]], ...] = ()
    series: tuple[SeriesPlan, ...] = ()
    entry_types: tuple[EntryTypePlan, ...] = ()
    accounts: tuple[AccountPlan, ...] = ()
    account_imports: tuple[AccountImportPlan, ...] = ()
    groups: tuple[GroupPlan, ...] = ()


@dataclass(frozen=True)
class Setup:
    users: tuple[UserPlan, ...] = ()
    companies: tuple[CompanyPlan, ...] = ()
