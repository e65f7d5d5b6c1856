"""What a file would store: its statements on the accounts that are set up, and which of its lines are new."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from recon.access import Actor
from recon.database.models import Account, Batch, BatchStatement
from recon.intake.revisions import Covered
from recon.intake.statement import Reading, Statement
from recon.services.import_findings import account_findings, file_findings
from recon.services.judge_account import judge_account
from recon.services.judge_lines import NO_DECISIONS, AccountLines, Decisions
from recon.services.place_statements import LEDGER_FORMATS, named_accounts, place_statements
from rules.errors import Finding
from rules.wording import _


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

    `company_id`, `account` and what is refused: see `place_statements`. `writing` locks the accounts first: of two
    people with the same file the second waits, and then finds every line known. `decisions` are what a person decided
    about the file.
    """
    found = place_statements(session, actor, reading, company_id=company_id, account=account)
    placed, unknown = found.accounts, found.unknown
    if writing:
        _lock(session, placed)
    covered = coverage(reading, decisions)
    if covered and account is None:
        _add_silent(session, reading, placed, covered)
    accounts = tuple(
        judge_account(session, target, parts, reading.format, decisions, covered if target.kind != "bank" else None)
        for target, parts in placed.values()
    )
    findings = [*reading.findings, *_not_set_up(reading, unknown), *file_findings(session, reading, accounts)]
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


def _not_set_up(reading: Reading, statements: Sequence[Statement]) -> list[Finding]:
    if not statements:
        return []
    told = _("accounts of the file are not set up, and their lines are left out: {names}")
    where = str(statements[0].account)
    return [Finding("account-not-set-up", "warning", where, told.format(names=named_accounts(reading, statements)))]
