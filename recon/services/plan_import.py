"""What a file would store: its statements on the accounts that are set up, and which of its lines are new."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import select
from sqlalchemy.orm import Session

from recon.access import Actor
from recon.database.bulk import read_table
from recon.database.line_tables import FIELD_OF_COLUMN, LINE_COLUMNS, extra_json, line_table
from recon.database.models import Account
from recon.errors import Refusal
from recon.intake.fingerprint import fingerprints, occurrences
from recon.intake.statement import ID, Reading, Statement, account_key
from recon.services.find_account import account_keys, accounts_called
from recon.services.statement_balances import balance_findings
from rules.errors import Finding
from rules.fields import EXTRA
from rules.wording import _

LEDGER_FORMATS = ("sie",)
"""Formats of ledgers: what they name is never an account at a bank."""


@dataclass(frozen=True)
class AccountLines:
    """What a file holds of one account: its statements, the lines that are not stored yet (LINE_COLUMNS), and the keys
    of the stored lines that it holds again."""

    account: Account
    statements: tuple[Statement, ...]
    new: pa.Table
    known: tuple[int, ...]

    @property
    def rows(self) -> int:
        return int(self.new.num_rows) + len(self.known)


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
    writing: bool = False,
) -> Plan:
    """Find the account of every statement, among those the actor sees, and the lines that are new; writes nothing.

    `company_id` narrows the search, `account` is where the file belongs. Raises Refusal if a statement names no account
    and none is given, one is found twice, the file is of another account or in another currency than given. `writing`
    locks the accounts first: of two people with the same file the second waits, and then finds every line known.
    """
    placed: dict[int, tuple[Account, list[Statement]]] = {}
    unknown: list[Statement] = []
    for statement in reading.statements:
        target = _given(statement, account) if account else _found(session, actor, reading, statement, company_id)
        if target is None:
            unknown.append(statement)
        else:
            _require_currency(statement, target)
            placed.setdefault(target.id, (target, []))[1].append(statement)
    if writing:
        _lock(session, placed)
    accounts = tuple(_account_lines(session, target, parts) for target, parts in placed.values())
    findings = [*reading.findings, *_not_set_up(unknown)]
    for each in accounts:
        findings += balance_findings(session, each.account, each.statements)
    return Plan(reading, accounts, tuple(unknown), tuple(findings))


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


def _require_currency(statement: Statement, account: Account) -> None:
    if statement.currency != account.currency:
        told = _("the file has account {account} in {other}, and it is set up in {currency}")
        raise Refusal(told.format(account=account.number, other=statement.currency, currency=account.currency))


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


def _account_lines(session: Session, account: Account, statements: Sequence[Statement]) -> AccountLines:
    """Occurrences are counted over all that the file holds of the account."""
    lines = pa.concat_tables([each.lines for each in statements], promote_options="default")
    stored = to_line_table(account, lines)
    known_ids = _known(session, account, stored)
    is_known = pa.array(key is not None for key in known_ids)
    new = stored.filter(pc.invert(is_known)) if stored.num_rows else stored
    return AccountLines(account, tuple(statements), new, tuple(key for key in known_ids if key is not None))


def to_line_table(account: Account, lines: pa.Table) -> pa.Table:
    """Lines as readers give them (`recon.intake.statement`) in the columns of the database, `origin` imported."""
    prints = fingerprints(lines, account_key(account.number))
    if ID in lines.column_names:
        # What the file calls a line is kept beside it: it says nothing about sameness across files.
        lines = lines.rename_columns([EXTRA + "id" if name == ID else name for name in lines.column_names])
    count = lines.num_rows
    given = {
        name: lines[field]
        for name, field in ((name, FIELD_OF_COLUMN.get(name, name)) for name in LINE_COLUMNS)
        if field in lines.column_names
    }
    own = {
        "account_id": pa.repeat(account.id, count),
        "origin": pa.repeat("imported", count),
        "fingerprint": prints,
        "occurrence": occurrences(prints),
        "extra": extra_json(lines),
    }
    return line_table({**given, **own}, count)


def _known(session: Session, account: Account, lines: pa.Table) -> list[int | None]:
    """For each line the key of the live line that it is again, or None. The booking date is part of a fingerprint."""
    if not lines.num_rows:
        return []
    days = pc.min_max(lines["booked_on"]).as_py()
    query = (
        f"SELECT id, fingerprint, occurrence FROM line WHERE account_id = {account.id} AND withdrawn_event_id IS NULL"  # noqa: S608
        f" AND booked_on BETWEEN '{days['min']}' AND '{days['max']}'"
    )
    stored = read_table(session, query, {"id": pa.int64(), "fingerprint": pa.string(), "occurrence": pa.int64()})
    keys = dict(zip(_pairs(stored), stored["id"].to_pylist(), strict=True))
    return [keys.get(pair) for pair in _pairs(lines)]


def _pairs(lines: pa.Table) -> Iterable[tuple[str, int]]:
    return zip(lines["fingerprint"].to_pylist(), lines["occurrence"].to_pylist(), strict=True)
