"""Set-up files: YAML into a `Setup`. Every fault is told with its path; what is left out has its default.

Numbers stay text, so that `01234567890` keeps its zero; amounts are plain decimals in the currency of their group.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import fields
from typing import Any, TypeVar

import yaml

from recon.access import PERMISSIONS
from recon.database.line_tables import TEXT_COLUMNS
from recon.database.models.ledger import ACCOUNT_KINDS, GROUP_KINDS
from recon.errors import Refusal
from recon.services.setup_plan import (
    AccountImportPlan,
    AccountPlan,
    AccountRef,
    CompanyPlan,
    EntryTypePlan,
    Filter,
    GroupPlan,
    MemberPlan,
    OpeningItem,
    SeriesPlan,
    Setup,
    UserPlan,
)
from rules import conditions
from rules.cursor import Cursor
from rules.values import AmountError, exponent, to_minor
from rules.wording import _

VERSION = "1"
Plan = TypeVar("Plan")
Entries = dict[str, Cursor]


class _TextLoader(yaml.SafeLoader):
    """Only true, false and null are other than text."""

    yaml_implicit_resolvers: dict[str, Any] = {
        first: [rule for rule in rules if rule[0] in ("tag:yaml.org,2002:bool", "tag:yaml.org,2002:null")]
        for first, rules in yaml.SafeLoader.yaml_implicit_resolvers.items()
        if first not in "yYnNoO"
    } | {first: [rule for rule in yaml.SafeLoader.yaml_implicit_resolvers["n"] if "null" in rule[0]] for first in "nN"}


def read_setup(text: str, source: str = "") -> Setup:
    """The set-up a YAML text holds. Raises Refusal with every fault."""
    try:
        cursor = Cursor(yaml.load(text, Loader=_TextLoader))  # noqa: S506 - a SafeLoader with fewer types
    except yaml.YAMLError as error:
        raise Refusal(_("{file} is not YAML: {reason}").format(file=source or _("the text"), reason=error)) from None
    setup = _setup(cursor)
    if cursor.errors:
        head = f"{source}: " if source else ""
        raise Refusal(head + "; ".join(map(str, cursor.errors)))
    return setup


def _setup(cursor: Cursor) -> Setup:
    entries = cursor.mapping(("version", "users", "companies"))
    if "version" in entries and entries["version"].value != VERSION:
        entries["version"].fault(_("Version {version} of set-up files is the one known.").format(version=VERSION))
    return Setup(_list(entries, "users", _user), _list(entries, "companies", _company))


def _list(entries: Entries, key: str, read: Callable[[Cursor], Plan]) -> tuple[Plan, ...]:
    return tuple(read(item) for item in entries[key].items()) if key in entries else ()


def _entries(cursor: Cursor, plan: type[Any], required: Iterable[str], *, more: Iterable[str] = ()) -> Entries:
    """The entries that may stand here are the fields of the plan; one that is null is as good as absent."""
    allowed = [each.name for each in fields(plan)] + list(more)
    found = cursor.mapping(allowed, tuple(required))
    return {key: entry for key, entry in found.items() if entry.value is not None}


def _texts(entries: Entries, *keys: str) -> dict[str, Any]:
    return {key: entries[key].text() for key in keys if key in entries}


def _flags(entries: Entries, *keys: str) -> dict[str, Any]:
    return {key: entries[key].flag() for key in keys if key in entries}


def _user(cursor: Cursor) -> UserPlan:
    entries = _entries(cursor, UserPlan, ("username",))
    told = _texts(entries, "username", "email", "name", "password") | _flags(entries, "operator", "active")
    username = told.pop("username", "")
    address = username if "@" in username else f"{username}@localhost"
    return UserPlan(username, **{"email": address, "name": username, **told})


def _company(cursor: Cursor) -> CompanyPlan:
    entries = _entries(cursor, CompanyPlan, ("name", "currency"))
    told = _texts(entries, "name", "country", "organisation_number", "transit_account", "default_entry_type") | _flags(
        entries, "four_eyes", "hide_voided"
    )
    currency = _currency(entries.get("currency"))
    accounts = _list(entries, "accounts", lambda item: _account(item, currency))
    known = {account.ref: account.currency for account in accounts}
    return CompanyPlan(
        **{"name": "", **told},
        currency=currency,
        locked_on=_date(entries["locked_on"]) if "locked_on" in entries else None,
        roles=_roles(entries.get("roles")),
        series=_list(entries, "series", _series),
        entry_types=_list(entries, "entry_types", _entry_type),
        accounts=accounts,
        account_imports=_list(entries, "account_imports", _account_import),
        groups=_list(entries, "groups", lambda item: _group(item, known, currency)),
    )


def _roles(cursor: Cursor | None) -> tuple[tuple[str, tuple[str, ...]], ...]:
    if cursor is None:
        return ()
    named = cursor.all_entries().items()
    return tuple(sorted((user, tuple(sorted({r.choice(PERMISSIONS) for r in held.items()}))) for user, held in named))


def _series(cursor: Cursor) -> SeriesPlan:
    entries = _entries(cursor, SeriesPlan, ("name",))
    kind = entries["kind"].choice(("document", "voucher")) if "kind" in entries else "document"
    return SeriesPlan(**{"name": "", **_texts(entries, "name")}, kind=kind)


def _entry_type(cursor: Cursor) -> EntryTypePlan:
    entries = _entries(cursor, EntryTypePlan, ("key", "name"))
    told = _texts(entries, "key", "name", "debit_account", "credit_account", "vat_code", "series")
    dimensions = entries["dimensions"].all_entries() if "dimensions" in entries else {}
    named = {key: value.text() for key, value in dimensions.items()} or None
    return EntryTypePlan(**{"key": "", "name": "", **told}, dimensions=named)


def _account(cursor: Cursor, currency: str) -> AccountPlan:
    entries = _entries(cursor, AccountPlan, ("kind", "number"))
    told = _texts(entries, "number", "name", "iban", "series") | _flags(entries, "requires_reconciliation")
    return AccountPlan(
        **{"number": "", "name": "", **told},
        kind=entries["kind"].choice(ACCOUNT_KINDS) if "kind" in entries else "ledger",
        currency=_currency(entries["currency"]) if "currency" in entries else currency,
    )


def _ref(cursor: Cursor) -> AccountRef:
    """`{kind: ledger, number: "1920"}`."""
    entries = cursor.mapping(("kind", "number"), ("kind", "number"))
    kind = entries["kind"].choice(ACCOUNT_KINDS) if "kind" in entries else "ledger"
    return AccountRef(kind, entries["number"].text() if "number" in entries else "")


def _account_import(cursor: Cursor) -> AccountImportPlan:
    entries = _entries(cursor, AccountImportPlan, ("name", "company", "account"))
    return AccountImportPlan(
        **{"name": "", "company": "", **_texts(entries, "name", "company"), **_flags(entries, "negate")},
        account=_ref(entries["account"]) if "account" in entries else AccountRef("ledger", ""),
        filter=_filter(entries),
    )


def _filter(entries: Entries) -> Filter | None:
    if "filter" not in entries:
        return None
    conditions.where(entries["filter"])
    value = entries["filter"].value
    return value if isinstance(value, dict) else None


def _group(cursor: Cursor, known: dict[AccountRef, str], company_currency: str) -> GroupPlan:
    entries = _entries(cursor, GroupPlan, ("name", "kind", "start_on", "left"), more=("opening_items",))
    told = _texts(entries, "name", "country", "rule_set", "preparer", "approver") | _flags(entries, "approval_required")
    currency = _currency(entries["currency"]) if "currency" in entries else _first_currency(entries, known)
    amounts = currency or company_currency
    left = _list(entries, "left", lambda item: _member(item, amounts))
    right = _list(entries, "right", lambda item: _member(item, amounts))
    opening = entries["opening_items"].mapping(("left", "right")) if "opening_items" in entries else {}
    return GroupPlan(
        **{"name": "", **told},
        kind=entries["kind"].choice(GROUP_KINDS) if "kind" in entries else "bank",
        start_on=_date(entries["start_on"]) if "start_on" in entries else dt.date.min,
        left=left,
        right=right,
        opening_left=_list(opening, "left", lambda item: _opening_item(item, amounts, len(left))),
        opening_right=_list(opening, "right", lambda item: _opening_item(item, amounts, len(right))),
        currency=currency,
        due_day=_whole(entries["due_day"], 1, 31) if "due_day" in entries else None,
    )


def _first_currency(entries: Entries, known: dict[AccountRef, str]) -> str | None:
    """The currency of the group's first account where this file sets it up."""
    for item in entries["left"].items() if "left" in entries else ():
        if item.has("account"):
            return known.get(_ref(Cursor(item.at("account").value)))
    return None


def _member(cursor: Cursor, currency: str) -> MemberPlan:
    entries = cursor.mapping(("account", "account_import", "opening", "negate", "filter"))
    entries = {key: entry for key, entry in entries.items() if entry.value is not None}
    if ("account" in entries) == ("account_import" in entries):
        cursor.fault(_("Name either an account or an account import here."))
    return MemberPlan(
        account=_ref(entries["account"]) if "account" in entries else None,
        opening_minor=_amount(entries["opening"], currency) if "opening" in entries else 0,
        filter=_filter(entries),
        **_texts(entries, "account_import"),
        **_flags(entries, "negate"),
    )


def _opening_item(cursor: Cursor, currency: str, members: int) -> OpeningItem:
    entries = cursor.mapping(("booked_on", "due_on", "amount", "member", *TEXT_COLUMNS), ("booked_on", "amount"))
    texts = {key: entry.text() for key, entry in entries.items() if key in TEXT_COLUMNS and entry.value is not None}
    return OpeningItem(
        booked_on=_date(entries["booked_on"]) if "booked_on" in entries else dt.date.min,
        amount_minor=_amount(entries["amount"], currency) if "amount" in entries else 0,
        due_on=_date(entries["due_on"]) if "due_on" in entries else None,
        member=_whole(entries["member"], 1, members) - 1 if "member" in entries else 0,
        fields=tuple(sorted(texts.items())),
    )


def _amount(cursor: Cursor, currency: str) -> int:
    try:
        return to_minor(cursor.text(), currency)
    except AmountError as error:
        cursor.fault(str(error))
        return 0


def _currency(cursor: Cursor | None) -> str:
    code = cursor.text() if cursor else "NOK"
    try:
        exponent(code)
    except AmountError as error:
        if cursor:
            cursor.fault(str(error))
        return "NOK"
    return code


def _date(cursor: Cursor) -> dt.date:
    try:
        return dt.date.fromisoformat(cursor.text())
    except ValueError:
        cursor.fault(_("“{value}” is not a date; write it as 2025-01-31.").format(value=cursor.value))
        return dt.date.min


def _whole(cursor: Cursor, least: int, most: int) -> int:
    text = cursor.text()
    if not text.isdecimal() or not least <= int(text) <= most:
        cursor.fault(
            _("“{value}” is not a whole number from {least} to {most}.").format(value=text, least=least, most=most)
        )
        return least
    return int(text)
