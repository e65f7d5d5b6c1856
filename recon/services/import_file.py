"""A file into the database, all or nothing: new lines, batches that saw them, balances, and entry into groups."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy.orm import Session

from recon.access import Actor, Permission, require
from recon.database.audit import record
from recon.database.bulk import write_table
from recon.database.line_tables import add_lines, lines_digest, row_hashes
from recon.database.models import Account, Batch, Event
from recon.errors import Refusal
from recon.intake.detect import read_file
from recon.intake.statement import Reading, Statement
from recon.services.enter_lines import enter_lines, readers_of_accounts
from recon.services.plan_import import LEDGER_FORMATS, AccountLines, Plan, named_accounts, plan_import
from recon.services.statement_balances import balances_digest, given_balances, store_balances
from rules.wording import _

Missing = Literal["refuse", "skip", "create"]
"""What becomes of the accounts of a file that are not set up."""


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


def preview_import(
    session: Session,
    actor: Actor,
    source: Path | bytes,
    *,
    name: str | None = None,
    format: str | None = None,
    company_id: int | None = None,
    account: Account | None = None,
) -> Plan:
    """What importing the file would store, and everything there is to say about it; stores nothing."""
    reading = read_file(source, name, format=format)
    plan = plan_import(session, actor, reading, company_id=company_id, account=account)
    for each in plan.accounts:
        require(actor, each.account.company_id, Permission.IMPORT)
    return plan


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
) -> Imported:
    """Store what of the file is new. `name` is what the user calls it; its bytes may come from anywhere.

    The same content again adds nothing. Accounts that are not set up are refused, skipped or created (in `company_id`).
    Raises Refusal, and stores nothing, if a row is bad or none of the file's accounts is set up.
    """
    file_name = name or (source.name if isinstance(source, Path) else _("the file"))
    reading = read_file(source, file_name, format=format)
    plan = plan_import(session, actor, reading, company_id=company_id, account=account, writing=True)
    if plan.unknown:
        plan = _with_missing(session, actor, plan, missing, company_id)
    if not plan.accounts:
        raise Refusal(_("no account of the file is set up: {accounts}").format(accounts=named_accounts(plan.unknown)))
    return _store(session, actor, plan, file_name)


def _with_missing(session: Session, actor: Actor, plan: Plan, missing: Missing, company_id: int | None) -> Plan:
    if missing == "refuse":
        raise Refusal(_("accounts of the file are not set up: {names}").format(names=named_accounts(plan.unknown)))
    if missing == "skip":
        return plan
    if company_id is None:
        raise Refusal(_("say in which company the accounts that are not set up are to be created"))
    require(actor, company_id, Permission.MANAGE_COMPANIES)
    created = [_new_account(company_id, statement, plan.reading.format) for statement in _one_each(plan.unknown)]
    session.add_all(created)
    session.flush()
    numbers = [account.number for account in created]
    record(session, actor, company_id, "create accounts", f"company {company_id}", after={"accounts": numbers})
    return plan_import(session, actor, plan.reading, company_id=company_id, writing=True)


def _one_each(statements: Iterable[Statement]) -> Iterable[Statement]:
    return {statement.account_key: statement for statement in statements}.values()


def _new_account(company_id: int, statement: Statement, format: str) -> Account:
    # Ledgers number their vouchers; whatever else gives lines of an account here is a bank.
    ledger = format in LEDGER_FORMATS or "voucher_number" in statement.lines.column_names
    return Account(
        company_id=company_id,
        kind="ledger" if ledger else "bank",
        number=statement.account,
        name=statement.account_name or "",
        currency=statement.currency,
        iban=statement.iban,
    )


def _store(session: Session, actor: Actor, plan: Plan, file_name: str) -> Imported:
    by_company: dict[int, list[AccountLines]] = {}
    for each in plan.accounts:
        by_company.setdefault(each.account.company_id, []).append(each)
    batches: list[int] = []
    groups: dict[int, int] = {}
    for company_id, parts in sorted(by_company.items()):
        require(actor, company_id, Permission.IMPORT)
        batch, entered = _store_batch(session, actor, company_id, plan.reading, parts, file_name)
        batches.append(batch.id)
        groups |= entered
    return Imported(plan, tuple(batches), tuple(sorted(groups.items())))


def _store_batch(
    session: Session,
    actor: Actor,
    company_id: int,
    reading: Reading,
    parts: Sequence[AccountLines],
    file_name: str,
) -> tuple[Batch, dict[int, int]]:
    new = pa.concat_tables([each.new for each in parts])
    hashes = row_hashes(new)
    digest = lines_digest(hashes.to_pylist())
    balances = [given.to_json() for each in parts for given in given_balances(each.account, each.statements)]
    after = {
        "file": file_name,
        "sha256": reading.sha256,
        "rows": sum(each.rows for each in parts),
        "new": new.num_rows,
        "balances": balances_digest(balances),
    }
    what = "file " + reading.sha256[:12]
    event = record(session, actor, company_id, "import", what, after=after, digest=digest)
    keys = add_lines(session, event.id, new, hashes)
    batch = _batch(actor, event, reading, parts, file_name, digest, balances)
    session.add(batch)
    session.flush()
    seen = np.sort(np.concatenate([keys, *(np.array(each.known, dtype=np.int64) for each in parts)]))
    seen_by = {"batch_id": pa.repeat(batch.id, len(seen)), "line_id": pa.array(seen, pa.int64())}
    write_table(session, "batch_line", pa.table(seen_by))
    for each in parts:
        store_balances(session, event.id, batch, given_balances(each.account, each.statements))
    readers = readers_of_accounts(session, [each.account.id for each in parts])
    return batch, enter_lines(session, readers, new.add_column(0, "id", pa.array(keys)))


def _batch(
    actor: Actor,
    event: Event,
    reading: Reading,
    parts: Sequence[AccountLines],
    file_name: str,
    digest: str,
    balances: list[dict[str, Any]],
) -> Batch:
    assert event.company_id is not None
    return Batch(
        company_id=event.company_id,
        file_name=file_name,
        sha256=reading.sha256,
        reader=reading.format,
        actor_id=actor.user_id,
        rows=sum(each.rows for each in parts),
        new_rows=sum(each.new.num_rows for each in parts),
        digest=digest,
        covers_from=_covered(parts, min),
        covers_to=_covered(parts, max),
        balances=balances,
        event_id=event.id,
    )


def _covered(parts: Sequence[AccountLines], extreme: Callable[[list[dt.date]], dt.date]) -> dt.date | None:
    """First or last day the file says it covers, or has a line on."""
    days = [day for each in parts for statement in each.statements for day in _days(statement)]
    return extreme(days) if days else None


def _days(statement: Statement) -> list[dt.date]:
    told = [day for day in (statement.from_on, statement.to_on) if day is not None]
    ends = pc.min_max(statement.lines["booking_date"]).as_py()
    return told + [day for day in ends.values() if day is not None]
