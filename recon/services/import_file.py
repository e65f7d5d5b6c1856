"""A file into the database, all or nothing: new lines, batches that saw them, balances, and entry into groups."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from recon.access import Actor, Permission, require
from recon.database.audit import record
from recon.database.models import Account, CollectedFile, ColumnMapping, Company
from recon.errors import Refusal
from recon.intake.connection import TOO_EARLY, delivered
from recon.intake.statement import Reading, Statement
from recon.intake.tables.lines import NO_CURRENCY
from recon.memory import given_back, release_unused
from recon.services.bank_services import delivery_starts, heard_from, refuse_by_hand
from recon.services.judge_lines import NO_DECISIONS, AccountLines, Decisions
from recon.services.place_statements import LEDGER_FORMATS, account_name, named_accounts, several_currencies
from recon.services.plan_import import Plan, plan_import
from recon.services.read_delivery import read_delivery
from recon.services.store_batch import store_batch
from rules.wording import _

Missing = Literal["refuse", "skip", "create"] | frozenset[str]
"""What becomes of the accounts of a file that are not set up; names (`account_name`) are those of the ones to create,
the others being left out."""


@dataclass(frozen=True)
class Imported:
    """What an import did, or with `dry_run` would do. `batches` has one key a company, `groups` what entered each."""

    plan: Plan
    batches: tuple[int, ...] = ()
    groups: tuple[tuple[int, int], ...] = ()

    @property
    def new(self) -> int:
        return self.plan.new

    @property
    def known(self) -> int:
        return self.plan.known


@given_back()
def preview_import(
    session: Session,
    actor: Actor,
    source: Path | bytes,
    *,
    name: str | None = None,
    format: str | None = None,
    company_id: int | None = None,
    account: Account | None = None,
    mapping: ColumnMapping | None = None,
    decisions: Decisions = NO_DECISIONS,
) -> Plan:
    """What importing the file would store, and everything there is to say about it; stores nothing."""
    read = read_delivery(
        session, source, _name(source, name), format=format, company_id=company_id, account=account, mapping=mapping
    )
    plan = plan_import(session, actor, read.reading, company_id=company_id, account=read.account, decisions=decisions)
    for each in plan.accounts:
        require(actor, each.account.company_id, Permission.IMPORT)
    return plan


@given_back()
def import_file(
    session: Session,
    actor: Actor,
    source: Path | bytes,
    *,
    name: str | None = None,
    format: str | None = None,
    company_id: int | None = None,
    account: Account | None = None,
    missing: Missing = "skip",
    mapping: ColumnMapping | None = None,
    decisions: Decisions = NO_DECISIONS,
) -> Imported:
    """Store what of the file is new. `name` is what the user calls it; its bytes may come from anywhere.

    The same content again adds nothing; `decisions` overrule that, or accept what a ledger's new export changes.
    Accounts that are not set up are refused, skipped or created (in `company_id`). Raises Refusal, and stores nothing,
    if a row is bad or none of the file's accounts is set up.
    """
    file_name = _name(source, name)
    read = read_delivery(
        session, source, file_name, format=format, company_id=company_id, account=account, mapping=mapping
    )
    release_unused()  # a large file's cells, which its lines no longer need
    plan = plan_import(
        session, actor, read.reading, company_id=company_id, account=read.account, decisions=decisions, writing=True
    )
    if plan.unknown and (read.account is None or missing == "refuse"):
        # of a file that is said to be of one account no others are made
        plan = _with_missing(session, actor, plan, missing, company_id, decisions)
    _require_accounts(plan)
    for each in plan.accounts:
        refuse_by_hand(session, each.account, each.new["booked_on"].unique().to_pylist())
    return _store(session, actor, plan, file_name)


def import_delivered(
    session: Session,
    actor: Actor,
    reading: Reading,
    collected: CollectedFile,
    *,
    account: Account | None = None,
    decisions: Decisions = NO_DECISIONS,
) -> Imported:
    """Store what a source gave: of accounts with a statement service only lines from its activation day on.

    A pending service becomes active by it. Accounts that are not set up are left out, with a finding.
    """
    company_id = collected.source.company_id
    reading = delivered(reading, delivery_starts(session, reading, company_id))
    plan = plan_import(
        session, actor, reading, company_id=company_id, account=account, decisions=decisions, writing=True
    )
    _require_accounts(plan)
    done = _store(session, actor, plan, collected.name, collected)
    heard_from(session, actor, [each.account for each in plan.accounts], dt.datetime.now(dt.UTC).date())
    return done


def _require_accounts(plan: Plan) -> None:
    if plan.accounts:
        return
    early = [finding.sentence for finding in plan.reading.findings if finding.code == TOO_EARLY]
    if plan.unknown:
        named = named_accounts(plan.reading, plan.unknown)
        raise Refusal(_("no account of the file is set up: {accounts}").format(accounts=named))
    raise Refusal("; ".join(early) or _("the file holds no statement of an account"))


def _name(source: Path | bytes, name: str | None) -> str:
    return name or (source.name if isinstance(source, Path) else _("the file"))


def _with_missing(
    session: Session, actor: Actor, plan: Plan, missing: Missing, company_id: int | None, decisions: Decisions
) -> Plan:
    if missing == "refuse":
        raise Refusal(
            _("accounts of the file are not set up: {names}").format(names=named_accounts(plan.reading, plan.unknown))
        )
    wanted = [each for each in plan.unknown if missing == "create" or account_name(plan.reading, each) in missing]
    if missing == "skip" or not wanted:
        return plan
    if company_id is None:
        raise Refusal(_("say in which company the accounts that are not set up are to be created"))
    require(actor, company_id, Permission.MANAGE_COMPANIES)
    taken = set(session.scalars(select(Account.number).filter_by(company_id=company_id)))
    company = session.get_one(Company, company_id)
    created = [_new_account(company, statement, plan.reading, taken) for statement in _one_each(wanted)]
    session.add_all(created)
    session.flush()
    numbers = [account.number for account in created]
    record(session, actor, company_id, "create accounts", f"company {company_id}", after={"accounts": numbers})
    return plan_import(session, actor, plan.reading, company_id=company_id, decisions=decisions, writing=True)


def _one_each(statements: Iterable[Statement]) -> Iterable[Statement]:
    return {(statement.account_key, statement.currency): statement for statement in statements}.values()


def _new_account(company: Company, statement: Statement, reading: Reading, taken: set[str]) -> Account:
    """Of one number in several currencies the first is called by it, each other by number and currency."""
    # Ledgers number their vouchers; whatever else gives lines of an account here is a bank.
    ledger = reading.format in LEDGER_FORMATS or "voucher_number" in statement.lines.column_names
    number = statement.account or ""
    if number in taken and several_currencies(reading, statement):
        number += f" {statement.currency}"
    taken.add(number)
    return Account(
        company_id=company.id,
        kind="ledger" if ledger else "bank",
        number=number,
        name=statement.account_name or "",
        currency=company.currency if statement.currency == NO_CURRENCY else statement.currency,
        iban=statement.iban,
    )


def _store(
    session: Session, actor: Actor, plan: Plan, file_name: str, collected: CollectedFile | None = None
) -> Imported:
    by_company: dict[int, list[AccountLines]] = {}
    for each in plan.accounts:
        by_company.setdefault(each.account.company_id, []).append(each)
    batches: list[int] = []
    groups: dict[int, int] = {}
    for company_id, parts in sorted(by_company.items()):
        require(actor, company_id, Permission.IMPORT)
        batch, entered = store_batch(session, actor, company_id, plan, parts, file_name)
        batch.collected_id = collected.id if collected else None
        batches.append(batch.id)
        groups |= entered
    return Imported(plan, tuple(batches), tuple(sorted(groups.items())))
