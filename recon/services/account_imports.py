"""Account imports in use: changed or removed after asking, which dissolves what their groups matched with them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from recon.access import Actor, Permission, require
from recon.database.audit import record
from recon.database.models import (
    Account,
    AccountGroup,
    AccountImport,
    Allocation,
    Company,
    Document,
    GroupAccount,
    GroupLine,
    Line,
    Match,
)
from recon.database.remainders import dissolve, touch_group
from recon.errors import NotFound, Refusal
from recon.services.enter_lines import enter_lines, live_lines, readers_of_group
from recon.services.line_filters import parsed
from recon.services.replace_lines import QUIET
from recon.services.set_up_company import find_account, find_company, set_up_account_import
from recon.services.setup_plan import AccountImportPlan
from rules.values import said_day
from rules.wording import _


def offered_accounts(session: Session, actor: Actor, company_id: int, kind: str) -> list[Account]:
    """The accounts of a kind that may be imported from a company. Raises NotAllowed without the right there."""
    require(actor, company_id, Permission.EDIT_ACCOUNT_IMPORTS)
    query = select(Account).where(Account.company_id == company_id, Account.kind == kind).order_by(Account.number)
    return list(session.scalars(query))


def offered_companies(session: Session, actor: Actor, company_id: int) -> list[Company]:
    """Other companies from which the actor may import accounts."""
    query = select(Company).where(Company.id != company_id).order_by(Company.name)
    return [each for each in session.scalars(query) if actor.may(each.id, Permission.EDIT_ACCOUNT_IMPORTS)]


def groups_reading(session: Session, view: AccountImport) -> list[AccountGroup]:
    """The groups that read an account import, by name."""
    reading = select(GroupAccount.group_id).where(GroupAccount.account_import_id == view.id)
    query = select(AccountGroup).where(AccountGroup.id.in_(reading), AccountGroup.archived_at.is_(None))
    return list(session.scalars(query.order_by(AccountGroup.name)))


def save_account_import(
    session: Session, actor: Actor, company: Company, plan: AccountImportPlan, *, dissolving: bool = False
) -> AccountImport:
    """Add an account import, or change it. One that groups read is changed only with `dissolving`: its unapproved
    matches are taken apart and its lines read anew.

    Raises Refusal for an account of the company itself, in use without `dissolving`, or where a group is approved.
    """
    if plan.company == company.name:
        raise Refusal(_("An account of {company} itself needs no import.").format(company=company.name))
    known = session.scalars(select(AccountImport).filter_by(company_id=company.id, name=plan.name)).one_or_none()
    groups = groups_reading(session, known) if known and _changes(session, actor, known, plan) else []
    if not groups:
        return set_up_account_import(session, actor, company, plan)
    assert known is not None
    _require_asked(known, groups, dissolving)
    source = find_company(session, actor, plan.company)
    for company_id in (company.id, source.id):
        require(actor, company_id, Permission.EDIT_ACCOUNT_IMPORTS)
    if plan.filter is not None:
        parsed(plan.filter)
    after = {"company": plan.company, "account": plan.account.number, "filter": plan.filter, "negate": plan.negate}
    event = record(session, actor, company.id, "change account import", f"account import {known.name}", after=after)
    _leave(session, event.id, known, groups)
    known.source_account_id = find_account(session, source.id, plan.account).id
    known.filter, known.negate = plan.filter, plan.negate
    session.flush()
    session.expire(known)
    for group in groups:
        _read_again(session, group)
    return known


def remove_account_import(
    session: Session, actor: Actor, company: Company, name: str, *, dissolving: bool = False
) -> None:
    """Remove an account import. One that groups read goes only with `dissolving`; it leaves the groups."""
    known = session.scalars(select(AccountImport).filter_by(company_id=company.id, name=name)).one_or_none()
    if known is None:
        raise NotFound(_("there is no account import {name}").format(name=name))
    require(actor, company.id, Permission.EDIT_ACCOUNT_IMPORTS)
    groups = groups_reading(session, known)
    if groups:
        _require_asked(known, groups, dissolving)
    before = {"account_id": known.source_account_id, "filter": known.filter, "negate": known.negate}
    event = record(session, actor, company.id, "remove account import", f"account import {name}", before=before)
    _leave(session, event.id, known, groups)
    leaving = delete(GroupAccount).where(GroupAccount.account_import_id == known.id)
    session.execute(leaving.execution_options(**QUIET))
    session.expire_all()
    session.delete(known)
    session.flush()


def _changes(session: Session, actor: Actor, known: AccountImport, plan: AccountImportPlan) -> bool:
    source = find_company(session, actor, plan.company)
    account = find_account(session, source.id, plan.account)
    told: tuple[Any, ...] = (account.id, plan.filter, plan.negate)
    return told != (known.source_account_id, known.filter, known.negate)


def _require_asked(view: AccountImport, groups: Sequence[AccountGroup], dissolving: bool) -> None:
    if not dissolving:
        told = _("{name} is read by {groups}: say that their matches with it may be taken apart")
        raise Refusal(told.format(name=view.name, groups=", ".join(group.name for group in groups)))


def _leave(session: Session, event_id: int, view: AccountImport, groups: Sequence[AccountGroup]) -> None:
    """The import's lines out of the groups, their matches dissolved. Raises Refusal where a document is approved."""
    for group in groups:
        approved = select(Document.to_on).where(Document.group_id == group.id, Document.state == "approved")
        if (day := session.scalars(approved.order_by(Document.to_on.desc())).first()) is not None:
            told = _("group {group} is approved at {day}: what it reads stands")
            raise Refusal(told.format(group=group.name, day=said_day(day)))
        mine = _lines_of(session, group, view)
        holding = select(Match.id).join(Allocation).where(Match.group_id == group.id, Allocation.line_id.in_(mine))
        dissolve(session, group.id, event_id, holding)
        leaving = delete(GroupLine).where(GroupLine.group_id == group.id, GroupLine.line_id.in_(mine))
        session.execute(leaving.execution_options(**QUIET))
        touch_group(session, group.id)


def _lines_of(session: Session, group: AccountGroup, view: AccountImport) -> Any:
    """The group's lines of the import's account, as a subquery; what was typed into the group stays its own."""
    side = select(GroupAccount.side).where(GroupAccount.group_id == group.id, GroupAccount.account_import_id == view.id)
    return (
        select(GroupLine.line_id)
        .join(Line, Line.id == GroupLine.line_id)
        .where(GroupLine.group_id == group.id, Line.account_id == view.source_account_id, GroupLine.side.in_(side))
    )


def _read_again(session: Session, group: AccountGroup) -> None:
    readers = readers_of_group(session, group)
    absent = f"NOT EXISTS (SELECT 1 FROM group_line gl WHERE gl.line_id = l.id AND gl.group_id = {int(group.id)})"  # noqa: S608
    enter_lines(session, readers, live_lines(session, readers, absent))
