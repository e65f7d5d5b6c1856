"""Entry types and number series as a company keeps them on its pages."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from recon.access import Actor, Permission, require
from recon.database.audit import record
from recon.database.models import Company, EntryType, NumberSeries
from recon.errors import Refusal
from recon.services.set_up_company import set_up_entry_type
from recon.services.setup_plan import EntryTypePlan
from rules.wording import _


def add_entry_type(session: Session, actor: Actor, company: Company, plan: EntryTypePlan) -> EntryType:
    """A new entry type. Raises Refusal where its key is taken, or it names no account at all."""
    known = select(EntryType.id).where(EntryType.company_id == company.id, EntryType.key == plan.key)
    require(actor, company.id, Permission.EDIT_ENTRY_TYPES)
    if session.scalar(known) is not None:
        raise Refusal(_("There is an entry type {key} already.").format(key=plan.key))
    return change_entry_type(session, actor, company, plan)


def change_entry_type(session: Session, actor: Actor, company: Company, plan: EntryTypePlan) -> EntryType:
    """Bring an entry type to the plan. What was booked with it before stays as it was."""
    require(actor, company.id, Permission.EDIT_ENTRY_TYPES)
    if not plan.key.strip() or not plan.name.strip():
        raise Refusal(_("An entry type needs a key and a name."))
    if not plan.debit_account and not plan.credit_account:
        raise Refusal(_("An entry type needs a debit account, a credit account, or both."))
    return set_up_entry_type(session, actor, company, plan)


def add_series(
    session: Session, actor: Actor, company: Company, name: str, kind: str, first_number: int = 1
) -> NumberSeries:
    """A new series of documents or vouchers. Raises Refusal where its name is taken or the first number is none."""
    require(actor, company.id, Permission.EDIT_ENTRY_TYPES)
    name = name.strip()
    if not name or not 1 <= first_number <= 999_999_999:
        raise Refusal(_("A series needs a name and a first number from 1."))
    known = select(NumberSeries.id).where(NumberSeries.company_id == company.id, NumberSeries.name == name)
    if session.scalar(known) is not None:
        raise Refusal(_("There is a series {name} already.").format(name=name))
    series = NumberSeries(company_id=company.id, name=name, kind=kind, next_number=first_number)
    session.add(series)
    session.flush()
    after = {"name": name, "kind": kind, "first_number": first_number}
    record(session, actor, company.id, "add number series", f"number series {name}", after=after)
    return series
