"""A company with what belongs to it but its groups: accounts, number series, entry types and account imports."""

from __future__ import annotations

from typing import Any, TypeVar

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from recon.access import Actor, Permission, require, require_operator
from recon.database.audit import record
from recon.database.models import (
    Account,
    AccountImport,
    Base,
    Company,
    EntryType,
    GroupAccount,
    Line,
    Match,
    NumberSeries,
)
from recon.errors import NotFound, Refusal
from recon.services.line_filters import parsed
from recon.services.setup_plan import AccountImportPlan, AccountPlan, AccountRef, CompanyPlan, EntryTypePlan, SeriesPlan
from rules.wording import NP_, _

Row = TypeVar("Row", bound=Base)
OWN_FIELDS = (
    *("currency", "country", "organisation_number", "four_eyes", "locked_on"),
    *("transit_account", "default_entry_type", "hide_voided"),
)


def find_company(session: Session, actor: Actor, name: str) -> Company:
    """The company of that name. Raises NotFound where there is none that the actor may see."""
    company = session.scalars(select(Company).where(Company.name == name)).one_or_none()
    if company is None or not actor.sees(company.id):
        raise NotFound(_("there is no company {name} among those you were given").format(name=name))
    return company


def find_account(session: Session, company_id: int, ref: AccountRef) -> Account:
    """An account of a company by kind and number. Raises NotFound."""
    named = (Account.company_id == company_id, Account.kind == ref.kind, Account.number == ref.number)
    account = session.scalars(select(Account).where(*named)).one_or_none()
    if account is None:
        raise NotFound(_("there is no {kind} account {number}").format(kind=ref.kind, number=ref.number))
    return account


def set_up_company(session: Session, actor: Actor, plan: CompanyPlan) -> Company:
    """Make the company, or bring its own fields to the plan. Only the operator makes companies."""
    values = {name: getattr(plan, name) for name in OWN_FIELDS}
    company = session.scalars(select(Company).where(Company.name == plan.name)).one_or_none()
    if company is None:
        require_operator(actor, NP_("may", "set up a company"))
        company = Company(name=plan.name, **values)
        session.add(company)
        session.flush()
        record(
            session,
            actor,
            company.id,
            "set up company",
            f"company {company.id}",
            after=_told({"name": plan.name} | values),
        )
        return company
    if _differs(company, values):
        require(actor, company.id, Permission.MANAGE_COMPANIES)
        _change(session, actor, company, company.id, f"company {company.id}", values)
    return company


def set_up_series(session: Session, actor: Actor, company: Company, plan: SeriesPlan) -> NumberSeries:
    keys = {"company_id": company.id, "name": plan.name}
    return _keep(session, actor, company, Permission.MANAGE_COMPANIES, NumberSeries, keys, {"kind": plan.kind})


def set_up_account(session: Session, actor: Actor, company: Company, plan: AccountPlan) -> Account:
    """The account of this kind and number. Raises Refusal if its currency changes while it has lines."""
    keys = {"company_id": company.id, "kind": plan.kind, "number": plan.number}
    values = {
        "name": plan.name,
        "currency": plan.currency,
        "iban": plan.iban,
        "requires_reconciliation": plan.requires_reconciliation,
        "series_id": _series_id(session, company, plan.series),
    }
    known = session.scalars(select(Account).filter_by(**keys)).one_or_none()
    if known is not None and known.currency != plan.currency and _has_lines(session, known):
        raise Refusal(_("account {number} has lines in {currency}").format(number=plan.number, currency=known.currency))
    return _keep(session, actor, company, Permission.MANAGE_COMPANIES, Account, keys, values)


def set_up_entry_type(session: Session, actor: Actor, company: Company, plan: EntryTypePlan) -> EntryType:
    values = {
        "name": plan.name,
        "debit_account": plan.debit_account,
        "credit_account": plan.credit_account,
        "vat_code": plan.vat_code,
        "dimensions": dict(plan.dimensions) if plan.dimensions else None,
        "series_id": _series_id(session, company, plan.series),
    }
    keys = {"company_id": company.id, "key": plan.key}
    return _keep(session, actor, company, Permission.EDIT_ENTRY_TYPES, EntryType, keys, values)


def set_up_account_import(session: Session, actor: Actor, company: Company, plan: AccountImportPlan) -> AccountImport:
    """A view of another company's account; needs the right in both companies.

    Raises Refusal if its account, filter or sign changes once a group that reads it has a match.
    """
    source = find_company(session, actor, plan.company)
    account = find_account(session, source.id, plan.account)
    if plan.filter is not None:
        parsed(plan.filter)
    values = {"source_account_id": account.id, "filter": plan.filter, "negate": plan.negate}
    keys = {"company_id": company.id, "name": plan.name}
    known = session.scalars(select(AccountImport).filter_by(**keys)).one_or_none()
    if known is None or _differs(known, values):
        require(actor, source.id, Permission.EDIT_ACCOUNT_IMPORTS)
    if known is not None and _differs(known, values) and _is_matched(session, known):
        raise Refusal(
            _("the account import {name} is in use: a group that reads it has matches").format(name=plan.name)
        )
    return _keep(session, actor, company, Permission.EDIT_ACCOUNT_IMPORTS, AccountImport, keys, values)


def _series_id(session: Session, company: Company, name: str | None) -> int | None:
    if name is None:
        return None
    found = session.scalars(select(NumberSeries.id).filter_by(company_id=company.id, name=name)).one_or_none()
    if found is None:
        raise NotFound(_("there is no number series {name} in {company}").format(name=name, company=company.name))
    return found


def _has_lines(session: Session, account: Account) -> bool:
    return bool(session.scalar(select(exists().where(Line.account_id == account.id))))


def _is_matched(session: Session, view: AccountImport) -> bool:
    reading = select(GroupAccount.group_id).where(GroupAccount.account_import_id == view.id)
    live = exists().where(Match.group_id.in_(reading), Match.undone_event_id.is_(None))
    return bool(session.scalar(select(live)))


def _keep(
    session: Session,
    actor: Actor,
    company: Company,
    permission: Permission,
    model: type[Row],
    keys: dict[str, Any],
    values: dict[str, Any],
) -> Row:
    """The row with these keys holding these values; one event if it was made or changed."""
    row = session.scalars(select(model).filter_by(**keys)).one_or_none()
    if row is not None and not _differs(row, values):
        return row
    require(actor, company.id, permission)
    what = model.__tablename__.replace("_", " ")
    label = next(str(value) for name, value in reversed(keys.items()))
    if row is not None:
        _change(session, actor, row, company.id, f"{what} {label}", values)
        return row
    row = model(**keys, **values)
    session.add(row)
    session.flush()
    record(session, actor, company.id, f"add {what}", f"{what} {label}", after=_told(keys | values))
    return row


def _differs(row: Base, values: dict[str, Any]) -> bool:
    return any(getattr(row, name) != value for name, value in values.items())


def _change(session: Session, actor: Actor, row: Base, company_id: int, label: str, values: dict[str, Any]) -> None:
    changed = {name: value for name, value in values.items() if getattr(row, name) != value}
    before = _told({name: getattr(row, name) for name in changed})
    for name, value in changed.items():
        setattr(row, name, value)
    session.flush()
    record(session, actor, company_id, "change set-up", label, before=before, after=_told(changed))


def _told(values: dict[str, Any]) -> dict[str, Any]:
    """As an event stores them: dates as text."""
    return {name: value.isoformat() if hasattr(value, "isoformat") else value for name, value in values.items()}
