"""To which account each statement of a file belongs, among those that the actor sees.

A bank may keep one number in several currencies (a bankgiro, a multi-currency IBAN). Here each currency is an account
of its own: called by the number, by the number and the currency (`9912346 EUR`), or by the same IBAN.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

import pyarrow as pa
from sqlalchemy.orm import Session

from recon.access import Actor
from recon.database.models import Account
from recon.errors import Refusal
from recon.intake.statement import ID, Reading, Statement, account_key
from recon.intake.tables.lines import NO_CURRENCY
from recon.services.find_account import account_keys, accounts_called
from rules.values import exponent
from rules.wording import _

LEDGER_FORMATS = ("sie", "sie5", "saft")
"""Formats of ledgers: what they name is never an account at a bank."""


@dataclass(frozen=True)
class Placed:
    """Statements by the key of their account, in its currency; `unknown` are those of accounts that are not set up."""

    accounts: dict[int, tuple[Account, list[Statement]]] = field(default_factory=dict)
    unknown: list[Statement] = field(default_factory=list)


def place_statements(
    session: Session, actor: Actor, reading: Reading, *, company_id: int | None, account: Account | None
) -> Placed:
    """`company_id` narrows the search, `account` is where the file belongs.

    Raises Refusal if a statement names no account and none is given, one is found twice, or the file is of another
    account or in another currency than given.
    """
    placed = Placed()
    for statement in reading.statements:
        target = _given(statement, account) if account else _found(session, actor, reading, statement, company_id)
        if target is not None and not _fits(statement, target):
            _refuse_one_currency(reading, statement, target)
            target = None
        if target is None:
            placed.unknown.append(statement)
        else:
            placed.accounts.setdefault(target.id, (target, []))[1].append(_in_currency(statement, target))
    return placed


def several_currencies(reading: Reading, statement: Statement) -> bool:
    """Whether the file holds the statement's account in other currencies too."""
    return len({each.currency for each in reading.statements if each.account_key == statement.account_key}) > 1


def account_name(reading: Reading, statement: Statement) -> str:
    """The account as the file writes it, with its currency where the file holds it in several."""
    name = statement.account or _("(none named)")
    return f"{name} {statement.currency}" if several_currencies(reading, statement) else name


def named_accounts(reading: Reading, statements: Iterable[Statement]) -> str:
    """Accounts, each once, with the number of its lines."""
    counts: dict[str, int] = {}
    for statement in statements:
        name = account_name(reading, statement)
        counts[name] = counts.get(name, 0) + statement.lines.num_rows
    return ", ".join(f"{name} ({rows})" for name, rows in counts.items())


def _given(statement: Statement, account: Account) -> Account:
    """The account named by the user; in a table of our own columns the account number is a field like any other."""
    named = statement.account_key
    if named is None or ID in statement.lines.column_names or named in _given_keys(statement, account):
        return account
    told = _("the file is of account {named}, not of {account}")
    raise Refusal(told.format(named=statement.account, account=account.number))


def _given_keys(statement: Statement, account: Account) -> set[str]:
    keys = account_keys(account)
    return keys | {key.removesuffix(statement.currency) for key in keys}


def _found(
    session: Session, actor: Actor, reading: Reading, statement: Statement, company_id: int | None
) -> Account | None:
    key = statement.account_key
    if key is None:
        raise Refusal(_("the file does not say which account it is of: name the account and its company"))
    called = [
        account
        for name in (key, account_key(f"{key} {statement.currency}"))
        for account in accounts_called(session, actor, name, company_id)
    ]
    candidates = [account for account in called if _fits(statement, account)] or called[:1]
    if len(candidates) > 1 and reading.format in LEDGER_FORMATS:
        candidates = [account for account in candidates if account.kind != "bank"]
    if len(candidates) > 1:
        told = _("the account {account} is set up {count} times: name its company, or the account and its company")
        raise Refusal(told.format(account=statement.account, count=len(candidates)))
    return candidates[0] if candidates else None


def _fits(statement: Statement, account: Account) -> bool:
    unnamed = statement.currency == NO_CURRENCY and exponent(account.currency) == 2
    return unnamed or statement.currency == account.currency


def _refuse_one_currency(reading: Reading, statement: Statement, account: Account) -> None:
    if not several_currencies(reading, statement):
        told = _("the file has account {account} in {other}, and it is set up in {currency}")
        facts = {"account": account.number, "other": statement.currency, "currency": account.currency}
        raise Refusal(told.format(**facts))


def _in_currency(statement: Statement, account: Account) -> Statement:
    """The statement in the account's currency, which it takes where the file names none (read with two decimals)."""
    return statement if statement.currency == account.currency else _told_currency(statement, account.currency)


def _told_currency(statement: Statement, currency: str) -> Statement:
    place = statement.lines.column_names.index("currency")
    lines = statement.lines.set_column(place, "currency", pa.repeat(currency, statement.lines.num_rows))
    opening, closing = (
        replace(balance, currency=currency) if balance else None for balance in (statement.opening, statement.closing)
    )
    return replace(statement, currency=currency, lines=lines, opening=opening, closing=closing)
