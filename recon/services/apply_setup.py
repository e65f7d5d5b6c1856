"""A whole set-up into the database and out of it. Applying it again changes nothing and writes no event."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from recon.access import Actor
from recon.database.models import Company, Event
from recon.services.seed_rule_sets import rule_set_for_new_groups, seed_rule_sets
from recon.services.set_up_company import (
    set_up_account,
    set_up_account_import,
    set_up_company,
    set_up_entry_type,
    set_up_series,
)
from recon.services.set_up_group import set_up_group
from recon.services.setup_plan import CompanyPlan, Setup
from recon.services.users import find_user, grant_roles, set_up_user


def apply_setup(session: Session, actor: Actor, setup: Setup) -> int:
    """Make or change what the set-up names, and leave alone what it does not; how many changes that were.

    Raises Refusal at the first thing that the actor may not do or that cannot be; the edge then stores nothing.
    """
    before = _events(session)
    if actor.operator and setup.companies and rule_set_for_new_groups(session) is None:
        seed_rule_sets(session, actor)
    for user in setup.users:
        set_up_user(session, actor, user)
    companies = [(plan, _company(session, actor, plan)) for plan in setup.companies]
    for plan, company in companies:
        for view in plan.account_imports:
            set_up_account_import(session, actor, company, view)
    for plan, company in companies:
        for group in plan.groups:
            set_up_group(session, actor, company, group)
        for name, roles in plan.roles:
            grant_roles(session, actor, find_user(session, name), company, roles)
    return _events(session) - before


def _company(session: Session, actor: Actor, plan: CompanyPlan) -> Company:
    company = set_up_company(session, actor, plan)
    for series in plan.series:
        set_up_series(session, actor, company, series)
    for kind in plan.entry_types:
        set_up_entry_type(session, actor, company, kind)
    for account in plan.accounts:
        set_up_account(session, actor, company, account)
    return company


def _events(session: Session) -> int:
    return session.scalar(select(func.count(Event.id))) or 0
