"""The set-up as it stands, of the companies that the actor sees."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from recon.access import Actor
from recon.database.models import (
    Account,
    AccountGroup,
    AccountImport,
    Company,
    CompanyRole,
    EntryType,
    NumberSeries,
    User,
)
from recon.services.group_plans import plan_of_group
from recon.services.set_up_company import OWN_FIELDS
from recon.services.setup_plan import (
    AccountImportPlan,
    AccountPlan,
    AccountRef,
    CompanyPlan,
    EntryTypePlan,
    SeriesPlan,
    Setup,
    UserPlan,
)


def export_setup(session: Session, actor: Actor) -> Setup:
    """Users who hold a role there (the operator gets all) and companies; passwords are never told."""
    every = session.scalars(select(Company).order_by(Company.id))
    companies = [company for company in every if actor.sees(company.id)]
    plans = tuple(_company(session, company) for company in companies)
    named = {name for plan in plans for name, _roles in plan.roles}
    users = session.scalars(select(User).order_by(User.id))
    told = tuple(plan for plan in map(_user, users) if actor.operator or plan.username in named)
    return Setup(told, plans)


def _user(user: User) -> UserPlan:
    return UserPlan(user.username or user.email, user.email, user.name, user.operator, user.active)


def _company(session: Session, company: Company) -> CompanyPlan:
    own = {"company_id": company.id}
    series = session.scalars(select(NumberSeries).filter_by(**own).order_by(NumberSeries.id))
    kinds = session.scalars(select(EntryType).filter_by(**own).order_by(EntryType.id))
    accounts = session.scalars(select(Account).filter_by(**own).order_by(Account.id))
    views = session.scalars(select(AccountImport).filter_by(**own).order_by(AccountImport.id))
    standing = select(AccountGroup).filter_by(**own).where(AccountGroup.archived_at.is_(None))
    groups = session.scalars(standing.order_by(AccountGroup.id))
    return CompanyPlan(
        name=company.name,
        **{field: getattr(company, field) for field in OWN_FIELDS},
        roles=_roles(session, company),
        series=tuple(SeriesPlan(each.name, each.kind) for each in series),
        entry_types=tuple(map(_entry_type, kinds)),
        accounts=tuple(map(_account, accounts)),
        account_imports=tuple(_account_import(session, view) for view in views),
        groups=tuple(plan_of_group(session, group) for group in groups),
    )


def _roles(session: Session, company: Company) -> tuple[tuple[str, tuple[str, ...]], ...]:
    held: dict[str, list[str]] = {}
    grants = select(User, CompanyRole.role).join(CompanyRole).where(CompanyRole.company_id == company.id)
    for user, role in session.execute(grants):
        held.setdefault(user.username or user.email, []).append(role)
    return tuple(sorted((name, tuple(sorted(roles))) for name, roles in held.items()))


def _entry_type(kind: EntryType) -> EntryTypePlan:
    return EntryTypePlan(
        key=kind.key,
        name=kind.name,
        debit_account=kind.debit_account,
        credit_account=kind.credit_account,
        vat_code=kind.vat_code,
        dimensions=kind.dimensions,
        series=kind.series.name if kind.series else None,
    )


def _account(account: Account) -> AccountPlan:
    return AccountPlan(
        kind=account.kind,
        number=account.number,
        name=account.name,
        currency=account.currency,
        iban=account.iban,
        requires_reconciliation=account.requires_reconciliation,
        series=account.series.name if account.series else None,
    )


def _account_import(session: Session, view: AccountImport) -> AccountImportPlan:
    source = view.source_account
    company = session.get_one(Company, source.company_id)
    return AccountImportPlan(view.name, company.name, AccountRef(source.kind, source.number), view.filter, view.negate)
