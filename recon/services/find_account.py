"""Find the account that a person names by its number."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from recon.access import Actor
from recon.database.models import Account
from recon.errors import NotFound, Refusal
from recon.intake.statement import account_key
from rules.wording import _


def account_keys(account: Account) -> set[str]:
    """Number and IBAN in the one spelling by which accounts are compared."""
    return {account_key(name) for name in (account.number, account.iban) if name}


def accounts_called(session: Session, actor: Actor, key: str, company_id: int | None) -> list[Account]:
    """Accounts of that number or IBAN (`intake.statement.account_key`) in the companies that the actor sees."""
    every = select(Account).order_by(Account.id)
    within = every.where(Account.company_id == company_id) if company_id is not None else every
    return [
        account
        for account in session.scalars(within)
        if actor.sees(account.company_id) and key in account_keys(account)
    ]


def account_named(session: Session, actor: Actor, name: str, company_id: int | None = None) -> Account:
    """The account a person names: `1920`, an IBAN, or `ledger:1920` where its kind is needed.

    Raises NotFound, or Refusal if several accounts are called so.
    """
    kind, _colon, number = name.rpartition(":")
    found = accounts_called(session, actor, account_key(number), company_id)
    found = [account for account in found if kind in ("", account.kind)]
    if not found:
        raise NotFound(_("there is no account {name} among those you were given").format(name=name))
    if len(found) > 1:
        told = _("there are {count} accounts {name}: name the company, or write the kind before it (ledger:{number})")
        raise Refusal(told.format(count=len(found), name=name, number=number))
    return found[0]
