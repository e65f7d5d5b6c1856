"""What a file would store: its statements on the accounts that are set up, and which of its lines are new."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import pyarrow as pa
from sqlalchemy import select
from sqlalchemy.orm import Session

from recon.access import Actor
from recon.database.models import Account, Batch, BatchStatement
from recon.errors import Refusal
from recon.intake.revisions import Covered
from recon.intake.statement import ID, Reading, Statement
from recon.intake.tables.lines import NO_CURRENCY
from recon.services.find_account import account_keys, accounts_called
from recon.services.import_findings import account_findings, file_findings
from recon.services.judge_account import judge_account
from recon.services.judge_lines import NO_DECISIONS, AccountLines, Decisions
from rules.errors import Finding
from rules.values import exponent
from rules.wording import _

LEDGER_FORMATS = ("sie", "saft")
"""Formats of ledgers: what they name is never an account at a bank."""


@dataclass(frozen=True)
class Plan:
    """What an import would do. `unknown` are statements of accounts that are not set up."""

    reading: Reading
    accounts: tuple[AccountLines, ...]
    unknown: tuple[Statement, ...]
    findings: tuple[Finding, ...]

    @property
    def new(self) -> int:
        return sum(int(each.new.num_rows) for each in self.accounts)

    @property
    def known(self) -> int:
        return sum(len(each.known) for each in self.accounts)


def plan_import(
    session: Session,
    actor: Actor,
    reading: Reading,
    *,
    company_id: int | None = None,
    account: Account | None = None,
    decisions: Decisions = NO_DECISIONS,
    writing: bool = False,
) -> Plan:
    """Find the account of every statement, among those the actor sees, and the lines that are new; writes nothing.

    `company_id` narrows the search, `account` is where the file belongs. Raises Refusal if a statement names no account
    and none is given, one is found twice, the file is of another account or in another currency than given. `writing`
    locks the accounts first: of two people with the same file the second waits, and then finds every line known.
    `decisions` are what a person decided about the file.
    """
    placed: dict[int, tuple[Account, list[Statement]]] = {}
    unknown: list[Statement] = []
    for statement in reading.statements:
        target = _given(statement, account) if account else _found(session, actor, reading, statement, company_id)
        if target is None:
            unknown.append(statement)
        else:
            placed.setdefault(target.id, (target, []))[1].append(_in_currency(statement, target))
    if writing:
        _lock(session, placed)
    covered = coverage(reading, decisions)
    if covered and account is None:
        _add_silent(session, reading, placed, covered)
    accounts = tuple(
        judge_account(session, target, parts, reading.format, decisions, covered if target.kind != "bank" else None)
        for target, parts in placed.values()
    )
    findings = [*reading.findings, *_not_set_up(unknown), *file_findings(session, reading, accounts)]
    for each in accounts:
        findings += account_findings(session, reading, each)
    return Plan(reading, accounts, tuple(unknown), tuple(findings))


def coverage(reading: Reading, decisions: Decisions) -> Covered | None:
    """The days that a ledger's export holds whole: as the person says, else as a ledger file with balances states."""
    if decisions.covers is not None:
        return decisions.covers
    whole = [s for s in reading.statements if s.opening is not None or s.closing is not None]
    if reading.format not in LEDGER_FORMATS or not whole:
        return None
    first, last = whole[0].from_on, whole[0].to_on
    return Covered(first, last) if first is not None and last is not None else None


def _add_silent(
    session: Session, reading: Reading, placed: dict[int, tuple[Account, list[Statement]]], covered: Covered
) -> None:
    """Accounts that an earlier export of the same ledger held and this one does not name: nothing is left of them."""
    companies = {account.company_id for account, _statements in placed.values()}
    held = (
        select(Account)
        .join(BatchStatement, BatchStatement.account_id == Account.id)
        .join(Batch, Batch.id == BatchStatement.batch_id)
        .where(Account.company_id.in_(companies), Account.id.not_in(placed), BatchStatement.ledger)
        .where(Batch.reader == reading.format, Batch.undone_event_id.is_(None))
        .where(BatchStatement.from_on <= covered.last, BatchStatement.to_on >= covered.first)
        .distinct()
        .order_by(Account.id)
    )
    for account in session.scalars(held):
        nothing = Statement(account.number, account.currency, from_on=covered.first, to_on=covered.last)
        placed[account.id] = (account, [nothing])


def _lock(session: Session, account_ids: Iterable[int]) -> None:
    session.execute(select(Account.id).where(Account.id.in_(account_ids)).order_by(Account.id).with_for_update())


def _given(statement: Statement, account: Account) -> Account:
    """The account named by the user; in a table of our own columns the account number is a field like any other."""
    named = statement.account_key
    if named is None or ID in statement.lines.column_names or named in account_keys(account):
        return account
    told = _("the file is of account {named}, not of {account}")
    raise Refusal(told.format(named=statement.account, account=account.number))


def _found(
    session: Session, actor: Actor, reading: Reading, statement: Statement, company_id: int | None
) -> Account | None:
    if statement.account_key is None:
        raise Refusal(_("the file does not say which account it is of: name the account and its company"))
    candidates = accounts_called(session, actor, statement.account_key, company_id)
    if len(candidates) > 1 and reading.format in LEDGER_FORMATS:
        candidates = [account for account in candidates if account.kind != "bank"]
    if len(candidates) > 1:
        told = _("the account {account} is set up {count} times: name its company, or the account and its company")
        raise Refusal(told.format(account=statement.account, count=len(candidates)))
    return candidates[0] if candidates else None


def _in_currency(statement: Statement, account: Account) -> Statement:
    """The statement in the account's currency, which it takes where the file names none (read with two decimals)."""
    if statement.currency == NO_CURRENCY and exponent(account.currency) == 2:
        return _told_currency(statement, account.currency)
    if statement.currency != account.currency:
        told = _("the file has account {account} in {other}, and it is set up in {currency}")
        raise Refusal(told.format(account=account.number, other=statement.currency, currency=account.currency))
    return statement


def _told_currency(statement: Statement, currency: str) -> Statement:
    place = statement.lines.column_names.index("currency")
    lines = statement.lines.set_column(place, "currency", pa.repeat(currency, statement.lines.num_rows))
    opening, closing = (
        replace(balance, currency=currency) if balance else None for balance in (statement.opening, statement.closing)
    )
    return replace(statement, currency=currency, lines=lines, opening=opening, closing=closing)


def named_accounts(statements: Iterable[Statement]) -> str:
    """Accounts as the file writes them, each once, with the number of its lines."""
    counts: dict[str, int] = {}
    for statement in statements:
        name = statement.account or _("(none named)")
        counts[name] = counts.get(name, 0) + statement.lines.num_rows
    return ", ".join(f"{name} ({rows})" for name, rows in counts.items())


def _not_set_up(statements: Sequence[Statement]) -> list[Finding]:
    if not statements:
        return []
    told = _("accounts of the file are not set up, and their lines are left out: {names}")
    where = str(statements[0].account)
    return [Finding("account-not-set-up", "warning", where, told.format(names=named_accounts(statements)))]
