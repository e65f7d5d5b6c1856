"""Find the account group that a person names, or that a service was given by its key."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from recon.access import Actor, Permission, require
from recon.database.models import AccountGroup, Company, Document
from recon.errors import NotFound
from rules.wording import _


def find_group(session: Session, actor: Actor, name: str) -> AccountGroup:
    """The group written `company/name`. Raises NotFound where there is none that the actor may see."""
    company_name, _slash, group_name = name.partition("/")
    query = select(AccountGroup).join(Company).where(Company.name == company_name, AccountGroup.name == group_name)
    group = session.scalars(query).one_or_none()
    if group is None or not actor.sees(group.company_id):
        raise NotFound(_("There is no account group {name}; write it as company/group.").format(name=name))
    return group


def groups_of(session: Session, actor: Actor, permission: Permission) -> list[AccountGroup]:
    """Every group in which the actor may do something, archived ones left out, by company and name."""
    query = select(AccountGroup).join(Company).where(AccountGroup.archived_at.is_(None))
    groups = session.scalars(query.order_by(Company.name, AccountGroup.name)).all()
    return [group for group in groups if actor.may(group.company_id, permission)]


def group_for(session: Session, actor: Actor, group_id: int, permission: Permission) -> AccountGroup:
    """The group as it is now, after checking that the actor may do this in its company; NotFound or NotAllowed."""
    group = session.get(AccountGroup, group_id, populate_existing=True)
    if group is None or not actor.sees(group.company_id):
        raise NotFound(_("There is no such account group."))
    require(actor, group.company_id, permission)
    return group


def newest_approved(session: Session, group_id: int) -> Document | None:
    """The approved document with the latest date."""
    query = select(Document).where(Document.group_id == group_id, Document.state == "approved")
    return session.scalars(query.order_by(Document.to_on.desc()).limit(1)).one_or_none()


def first_open_day(session: Session, group: AccountGroup) -> date:
    """The first day that no approved document covers: what is matched today takes effect there at the earliest."""
    last = session.scalar(
        select(func.max(Document.to_on)).where(Document.group_id == group.id, Document.state == "approved")
    )
    return last + timedelta(days=1) if last else group.start_on
