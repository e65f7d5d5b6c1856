"""Builders of companies, accounts, groups and users for tests."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy.orm import Session

from recon.access import Actor
from recon.database.models import Account, AccountGroup, Company, CompanyRole, GroupAccount, User


@dataclass
class Books:
    """One company with a ledger account, a bank account, a group of the two from 2025-01-01, and one user a role."""

    company: Company
    ledger: Account
    bank: Account
    group: AccountGroup
    actors: dict[str, Actor]

    @property
    def preparer(self) -> Actor:
        return self.actors["preparer"]


def add_actor(session: Session, company: Company, *roles: str, name: str = "") -> Actor:
    """A user with these roles in the company."""
    name = name or "-".join(roles)
    user = User(email=f"{name}@company{company.id}.test", name=name, fs_uniquifier=f"{name}-{company.id}", active=True)
    user.company_roles = [CompanyRole(company_id=company.id, role=role) for role in roles]
    session.add(user)
    session.flush()
    return Actor(user.id, {company.id: frozenset(roles)}, name=name)


def add_company(session: Session, name: str = "Fjord AS") -> Company:
    company = Company(name=name, country="NO", currency="NOK")
    session.add(company)
    session.flush()
    return company


def add_account(session: Session, company: Company, kind: str, number: str, currency: str = "NOK") -> Account:
    account = Account(company_id=company.id, kind=kind, number=number, currency=currency)
    session.add(account)
    session.flush()
    return account


def add_group(session: Session, company: Company, left: Account, right: Account | None) -> AccountGroup:
    """A group of two accounts (kind bank) or of one (kind interim), from 2025-01-01 with no opening balance."""
    group = AccountGroup(
        company_id=company.id,
        name=f"{left.number}-{right.number if right else 'interim'}",
        kind="bank" if right else "interim",
        currency=left.currency,
        country=company.country,
        start_on=dt.date(2025, 1, 1),
    )
    group.members = [GroupAccount(side="left", account_id=left.id)]
    if right:
        group.members.append(GroupAccount(side="right", account_id=right.id))
    session.add(group)
    session.flush()
    return group


def make_books(session: Session) -> Books:
    company = add_company(session)
    ledger = add_account(session, company, "ledger", "1920")
    bank = add_account(session, company, "bank", "12345678903")
    group = add_group(session, company, ledger, bank)
    roles = ("admin", "author", "preparer", "approver", "auditor")
    return Books(company, ledger, bank, group, {role: add_actor(session, company, role) for role in roles})
