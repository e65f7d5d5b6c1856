"""A `Setup` as YAML; what has its default is left out."""

from __future__ import annotations

from typing import Any

import yaml

from recon.services.setup_document import VERSION
from recon.services.setup_plan import (
    AccountImportPlan,
    AccountPlan,
    AccountRef,
    CompanyPlan,
    EntryTypePlan,
    GroupPlan,
    MemberPlan,
    OpeningItem,
    SeriesPlan,
    Setup,
    UserPlan,
)
from rules.values import from_minor

Entry = dict[str, Any]


def write_setup(setup: Setup) -> str:
    """YAML that `read_setup` reads back into the same set-up, passwords aside."""
    document = {
        "version": int(VERSION),
        "users": [_user(user) for user in setup.users],
        "companies": [_company(company) for company in setup.companies],
    }
    return yaml.dump(document, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=120)


class _Dumper(yaml.SafeDumper):
    """What looks like a number is text to the reader, and is quoted all the same for whoever else reads the file."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _without_defaults(entry: Entry) -> Entry:
    return {key: value for key, value in entry.items() if value not in (None, "", False, (), [], {})}


def _user(user: UserPlan) -> Entry:
    shown = _without_defaults(
        {"username": user.username, "email": user.email, "name": user.name, "operator": user.operator}
    )
    return shown if user.active else shown | {"active": False}


def _company(company: CompanyPlan) -> Entry:
    return _without_defaults(
        {
            "name": company.name,
            "organisation_number": company.organisation_number,
            "country": company.country,
            "currency": company.currency,
            "four_eyes": company.four_eyes,
            "locked_on": company.locked_on and company.locked_on.isoformat(),
            "transit_account": company.transit_account,
            "default_entry_type": company.default_entry_type,
            "hide_voided": company.hide_voided,
            "roles": {user: list(roles) for user, roles in company.roles},
            "series": [_series(series) for series in company.series],
            "entry_types": [_entry_type(kind) for kind in company.entry_types],
            "accounts": [_account(account) for account in company.accounts],
            "account_imports": [_account_import(view) for view in company.account_imports],
            "groups": [_group(group, company.currency) for group in company.groups],
        }
    )


def _series(series: SeriesPlan) -> Entry:
    return {"name": series.name, "kind": series.kind}


def _entry_type(kind: EntryTypePlan) -> Entry:
    return _without_defaults(
        {
            "key": kind.key,
            "name": kind.name,
            "debit_account": kind.debit_account,
            "credit_account": kind.credit_account,
            "vat_code": kind.vat_code,
            "dimensions": dict(kind.dimensions) if kind.dimensions else None,
            "series": kind.series,
        }
    )


def _account(account: AccountPlan) -> Entry:
    return _without_defaults(
        {
            "kind": account.kind,
            "number": account.number,
            "name": account.name,
            "currency": account.currency,
            "iban": account.iban,
            "requires_reconciliation": account.requires_reconciliation,
            "series": account.series,
        }
    )


def _ref(ref: AccountRef) -> Entry:
    return {"kind": ref.kind, "number": ref.number}


def _account_import(view: AccountImportPlan) -> Entry:
    head: Entry = {"name": view.name, "company": view.company, "account": _ref(view.account)}
    return head | ({"filter": view.filter} if view.filter else {}) | {"negate": view.negate}


def _group(group: GroupPlan, company_currency: str) -> Entry:
    currency = group.currency or company_currency
    opening = {
        "left": [_opening_item(item, currency) for item in group.opening_left],
        "right": [_opening_item(item, currency) for item in group.opening_right],
    }
    return _without_defaults(
        {
            "name": group.name,
            "kind": group.kind,
            "currency": group.currency,
            "country": group.country,
            "start_on": group.start_on.isoformat(),
            "rule_set": group.rule_set,
            "preparer": group.preparer,
            "approver": group.approver,
            "due_day": group.due_day,
            "approval_required": group.approval_required,
            "left": [_member(member, currency) for member in group.left],
            "right": [_member(member, currency) for member in group.right],
            "opening_items": _without_defaults(opening),
        }
    )


def _member(member: MemberPlan, currency: str) -> Entry:
    return _without_defaults(
        {
            "account": member.account and _ref(member.account),
            "account_import": member.account_import,
            "opening": from_minor(member.opening_minor, currency),
            "negate": member.negate,
            "filter": member.filter,
        }
    )


def _opening_item(item: OpeningItem, currency: str) -> Entry:
    head: Entry = {"booked_on": item.booked_on.isoformat(), "amount": from_minor(item.amount_minor, currency)}
    due: Entry = {"due_on": item.due_on.isoformat()} if item.due_on else {}
    return head | due | ({"member": item.member + 1} if item.member else {}) | dict(item.fields)
