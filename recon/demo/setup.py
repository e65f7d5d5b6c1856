"""The demo's companies, accounts, groups and users as a set-up document, the same that `recon setup apply` reads."""

from __future__ import annotations

from typing import Any

from recon.demo.company import Demo, ledger_opening, opening_item
from recon.demo.files import decimal_text
from recon.demo.firms import FIRMS, PASSWORD, PEOPLE, START, Firm

Entry = dict[str, Any]

CLEARING, CUSTOMERS, SUPPLIERS, BETWEEN = "Card clearing", "Customers", "Suppliers", "Intercompany"
DOCUMENT_SERIES, VOUCHER_SERIES = "CARECON", "REC"

_ENTRY_TYPES = (
    ("BANKFEE", "Bank fee", "7770"),
    ("INTEREST", "Interest", "8050"),
    ("ROUNDING", "Rounding difference", "7746"),
    ("DIFFERENCE", "Payment difference", "7745"),
)


def setup_document(demo: Demo) -> Entry:
    """Everything but lines, balances and rule sets."""
    return {
        "version": "1",
        "users": [{"username": p.username, "name": p.name, "password": PASSWORD} for p in PEOPLE],
        "companies": [_company(firm, demo.subledgers[firm.key]) for firm in FIRMS],
    }


def _company(firm: Firm, subledgers: dict[str, tuple[str, ...]]) -> Entry:
    other = _counterpart(firm)
    return {
        "name": firm.name,
        "country": firm.country,
        "currency": firm.currency,
        "organisation_number": firm.organisation_number,
        "roles": {person.username: list(person.roles) for person in PEOPLE},
        "series": [{"name": DOCUMENT_SERIES}, {"name": VOUCHER_SERIES, "kind": "voucher"}],
        "entry_types": [_entry_type(*told) for told in _ENTRY_TYPES],
        "accounts": _accounts(firm, subledgers),
        "account_imports": [_account_import(other)] if other else [],
        "groups": _groups(firm, subledgers),
    }


def _counterpart(firm: Firm) -> Firm | None:
    """The first two companies trade with each other."""
    return {FIRMS[0].key: FIRMS[1], FIRMS[1].key: FIRMS[0]}.get(firm.key)


def _entry_type(key: str, name: str, account: str) -> Entry:
    booked = {"debit_account": account, "credit_account": account, "series": VOUCHER_SERIES}
    return {"key": key, "name": name} | booked


def _accounts(firm: Firm, subledgers: dict[str, tuple[str, ...]]) -> list[Entry]:
    reconciled = {"requires_reconciliation": True, "series": DOCUMENT_SERIES}
    bank = {"kind": "bank", "number": firm.bank, "name": f"Bank {firm.country}"}
    iban = {} if firm.bank.isdigit() else {"iban": firm.bank}
    out: list[Entry] = [{"kind": "ledger", "number": firm.ledger_bank, "name": "Bank"} | reconciled, bank | iban]
    if _counterpart(firm):
        between = {"kind": "ledger", "number": firm.intercompany, "name": BETWEEN, "currency": FIRMS[0].currency}
        out.append(between | reconciled)
    if firm.has("clearing"):
        out.append({"kind": "ledger", "number": firm.clearing, "name": CLEARING} | reconciled)
    for kind, numbers in subledgers.items():
        out.append({"kind": "ledger", "number": _control_account(firm, kind), "name": _control_name(kind)} | reconciled)
        out += [{"kind": kind, "number": number, "name": f"{kind.capitalize()} {number}"} for number in numbers]
    return out


def _control_account(firm: Firm, kind: str) -> str:
    return firm.receivable if kind == "customer" else firm.payable


def _control_name(kind: str) -> str:
    return CUSTOMERS if kind == "customer" else SUPPLIERS


def _account_import(other: Firm) -> Entry:
    account = {"kind": "ledger", "number": other.intercompany}
    return {"name": _import_name(other), "company": other.name, "account": account, "negate": True}


def _import_name(other: Firm) -> str:
    return f"{other.name} {other.intercompany}"


def _groups(firm: Firm, subledgers: dict[str, tuple[str, ...]]) -> list[Entry]:
    out = [_bank_group(firm)]
    if other := _counterpart(firm):
        imported = [{"account_import": _import_name(other)}]
        out.append(_group(BETWEEN, "intercompany", _ledger(firm.intercompany), imported))
    if firm.has("clearing"):
        out.append(_group(CLEARING, "interim", _ledger(firm.clearing)))
    for kind, numbers in subledgers.items():
        accounts = [{"account": {"kind": kind, "number": number}} for number in numbers]
        out.append(_group(_control_name(kind), "control", _ledger(_control_account(firm, kind)), accounts))
    return out


def _ledger(number: str) -> list[Entry]:
    return [{"account": {"kind": "ledger", "number": number}}]


def _group(name: str, kind: str, left: list[Entry], right: list[Entry] | None = None) -> Entry:
    people = {"preparer": "preparer", "approver": "approver", "due_day": "10"}
    sides = {"left": left} | ({"right": right} if right else {})
    return {"name": name, "kind": kind, "start_on": START.isoformat()} | people | sides


def _bank_group(firm: Firm) -> Entry:
    """The ledger opens lower than the bank by the payment that was under way: the opening item."""
    item = opening_item(firm)
    told = {"voucher_number": item.voucher, "reference": item.reference, "text": item.text}
    left = _ledger(firm.ledger_bank)[0] | {"opening": decimal_text(ledger_opening(firm))}
    right = {"account": {"kind": "bank", "number": firm.bank}, "opening": decimal_text(firm.opening_minor)}
    opening = {"booked_on": item.on.isoformat(), "amount": decimal_text(item.minor)} | told
    group = _group(bank_group_name(firm), "bank", [left], [right])
    return group | {"opening_items": {"left": [opening]}}


def bank_group_name(firm: Firm) -> str:
    return f"{firm.ledger_bank}-{firm.bank}"
