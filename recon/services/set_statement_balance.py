"""Type a statement balance where no file gives one."""

from __future__ import annotations

from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from recon.access import Actor, Permission, require
from recon.database.audit import record
from recon.database.models import Account, AccountImport, Document, GroupAccount, StatementBalance
from recon.database.remainders import touch_group
from recon.errors import NotFound, Refusal
from rules.values import format_amount, said_day
from rules.wording import _, spoken


def set_statement_balance(
    session: Session, actor: Actor, account_id: int, on: date, amount_minor: int
) -> StatementBalance:
    """The account's balance at the end of a day, minor units in its own sign. One typed before gives way to it.

    Raises Refusal where a file gave another balance for that day, or an approved document rests on it.
    """
    account = session.get(Account, account_id)
    if account is None or not actor.sees(account.company_id):
        raise NotFound(_("There is no such account."))
    permission = Permission.APPROVE if actor.may(account.company_id, Permission.APPROVE) else Permission.SET_BALANCED
    require(actor, account.company_id, permission)
    standing = _standing(session, account_id, on)
    if standing is not None and standing.amount_minor == amount_minor:
        return standing
    groups = _groups_with(session, account_id)
    _check(session, account, on, standing, groups)
    before = {"minor": standing.amount_minor} if standing else None
    after = {"account": account_id, "on": on.isoformat(), "minor": amount_minor}
    event = record(session, actor, account.company_id, "set balance", f"account {account_id}", before, after)
    if standing is not None:
        standing.withdrawn_event_id = event.id
        session.flush()
    balance = StatementBalance(
        account_id=account_id,
        kind="closing",
        on_date=on,
        amount_minor=amount_minor,
        typed_by=actor.user_id,
        event_id=event.id,
    )
    session.add(balance)
    session.flush()
    for group_id in groups:
        touch_group(session, group_id)
    return balance


def _standing(session: Session, account_id: int, on: date) -> StatementBalance | None:
    query = select(StatementBalance).where(
        StatementBalance.account_id == account_id,
        StatementBalance.kind == "closing",
        StatementBalance.on_date == on,
        StatementBalance.withdrawn_event_id.is_(None),
    )
    return session.scalars(query).one_or_none()


def _groups_with(session: Session, account_id: int) -> list[int]:
    imports = select(AccountImport.id).where(AccountImport.source_account_id == account_id)
    query = select(GroupAccount.group_id).where(
        or_(GroupAccount.account_id == account_id, GroupAccount.account_import_id.in_(imports))
    )
    return sorted(set(session.scalars(query)))


def _check(session: Session, account: Account, on: date, standing: StatementBalance | None, groups: list[int]) -> None:
    if standing is not None and standing.batch_id is not None:
        given = format_amount(standing.amount_minor, account.currency, spoken(), symbol=True)
        sentence = _("{account}: a file gives {given} for {on}; undo that import before typing another balance.")
        raise Refusal(sentence.format(account=account.number, given=given, on=said_day(on)))
    approved = select(Document.number).where(
        Document.group_id.in_(groups), Document.state == "approved", Document.to_on >= on
    )
    number = session.scalars(approved.limit(1)).first()
    if number is not None:
        sentence = _("{account}: document {number} rests on the balances up to {on}; withdraw it first.")
        raise Refusal(sentence.format(account=account.number, number=number, on=said_day(on)))
