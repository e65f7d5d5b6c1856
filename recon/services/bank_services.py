"""The statement service of bank accounts: ordered, pending, active with the first delivered statement, deactivated."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from recon.access import Actor, Permission, require
from recon.database.audit import record
from recon.database.models import Account, BankService
from recon.errors import NotFound, Refusal
from recon.intake.connection import barred_by_hand, iban_fault
from recon.intake.statement import Reading
from recon.services.find_account import account_keys
from rules.values import said_day
from rules.wording import _

DEACTIVATED = "deactivated"


def order_service(
    session: Session,
    actor: Actor,
    company_id: int,
    account_ids: Sequence[int],
    *,
    bank: str,
    from_on: dt.date,
    agreement: str | None = None,
) -> list[BankService]:
    """Order the statement service for accounts of one bank, from a day on; each is pending until the bank delivers.

    Raises Refusal without a bank or accounts, for an account that is no bank account, has no sound IBAN, or has the
    service already.
    """
    require(actor, company_id, Permission.MANAGE_SOURCES)
    if not bank.strip() or not account_ids:
        raise Refusal(_("name the bank, and at least one of its accounts"))
    accounts = [_orderable(session, company_id, account_id) for account_id in account_ids]
    numbers = [account.number for account in accounts]
    after = {"bank": bank.strip(), "accounts": numbers, "from": from_on.isoformat(), "agreement": agreement}
    event = record(session, actor, company_id, "order bank service", f"company {company_id}", after=after)
    services = [
        BankService(
            account_id=account.id,
            bank=bank.strip(),
            agreement=agreement or None,
            state="pending",
            from_on=from_on,
            event_id=event.id,
        )
        for account in accounts
    ]
    session.add_all(services)
    session.flush()
    return services


def deactivate_service(
    session: Session, actor: Actor, company_id: int, account_ids: Sequence[int], last_on: dt.date
) -> int:
    """End the service of accounts; how many. The agreement itself is ended at the bank, which the page reminds of."""
    require(actor, company_id, Permission.MANAGE_SOURCES)
    ending = [service for service in services_of(session, company_id) if service.account_id in set(account_ids)]
    if not ending:
        raise Refusal(_("none of these accounts has a statement service"))
    after = {"accounts": [service.account.number for service in ending], "last": last_on.isoformat()}
    event = record(session, actor, company_id, "deactivate bank service", f"company {company_id}", after=after)
    for service in ending:
        service.state, service.last_on, service.ended_event_id = DEACTIVATED, last_on, event.id
    session.flush()
    return len(ending)


def services_of(session: Session, company_id: int) -> list[BankService]:
    """The live services of a company, by account number."""
    query = select(BankService).join(Account).where(Account.company_id == company_id)
    return list(session.scalars(query.where(BankService.state != DEACTIVATED).order_by(Account.number)))


def service_of(session: Session, account_id: int) -> BankService | None:
    query = select(BankService).where(BankService.account_id == account_id, BankService.state != DEACTIVATED)
    return session.scalars(query).one_or_none()


def refuse_by_hand(session: Session, account: Account, days: Iterable[dt.date]) -> None:
    """Refuse lines of days that are the bank's to bring: from activation on, while the service is pending."""
    service = service_of(session, account.id)
    if service is None:
        return
    barred = sorted(day for day in days if barred_by_hand(service.state, service.from_on, day))
    if barred:
        told = _(
            "the statement service of account {account} is pending from {day} on, so lines of {first} may not be "
            "entered by hand; they will come from {bank}"
        )
        raise Refusal(
            told.format(
                account=account.number,
                day=said_day(service.from_on),
                first=said_day(barred[0]),
                bank=service.bank,
            )
        )


def delivery_starts(session: Session, reading: Reading, company_id: int) -> Mapping[str, dt.date]:
    """By account key, the day from which a bank may bring lines, for the accounts of the file that have a service."""
    named = {statement.account_key for statement in reading.statements}
    return {
        key: service.from_on
        for service in services_of(session, company_id)
        for key in account_keys(service.account) & named
    }


def heard_from(session: Session, actor: Actor, accounts: Iterable[Account], today: dt.date) -> list[BankService]:
    """A statement was delivered for these accounts: pending services become active. Those that did."""
    found = [service_of(session, account.id) for account in accounts]
    woken = [service for service in found if service is not None and service.state == "pending"]
    for service in woken:
        after = {"account": service.account.number, "day": today.isoformat()}
        record(
            session,
            actor,
            service.account.company_id,
            "bank service active",
            f"account {service.account_id}",
            after=after,
        )
        service.state, service.first_on = "active", today
    session.flush()
    return woken


def _orderable(session: Session, company_id: int, account_id: int) -> Account:
    account = session.get(Account, account_id)
    if account is None or account.company_id != company_id:
        raise NotFound(_("there is no such account in this company"))
    if account.kind != "bank":
        raise Refusal(_("account {account} is no bank account").format(account=account.number))
    if fault := iban_fault(account.iban):
        raise Refusal(_("account {account}: {fault}").format(account=account.number, fault=fault))
    if service_of(session, account.id) is not None:
        raise Refusal(_("account {account} has a statement service already").format(account=account.number))
    return account
