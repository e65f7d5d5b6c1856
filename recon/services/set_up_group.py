"""An account group made or changed: its accounts, opening balances and opening items, start and people."""

from __future__ import annotations

import pyarrow as pa
from sqlalchemy import delete, exists, or_, select
from sqlalchemy.orm import Session

from recon.access import Actor, Permission, require
from recon.database.audit import record
from recon.database.line_tables import add_lines, lines_digest, row_hashes
from recon.database.models import (
    Account,
    AccountGroup,
    AccountImport,
    Company,
    Event,
    GroupAccount,
    GroupLine,
    Match,
    RuleSet,
)
from recon.database.remainders import touch_group
from recon.errors import NotFound, Refusal
from recon.services.enter_lines import enter_lines, live_lines, members_on, readers_of_group
from recon.services.find_group import newest_approved
from recon.services.group_plans import check_plan, completed, plan_of_group, structure, told
from recon.services.opening_items import missing_from, opening_lines, stored_openings, withdraw_openings
from recon.services.set_up_company import find_account
from recon.services.setup_plan import GroupPlan, MemberPlan
from recon.services.users import find_user
from rules.values import said_day
from rules.wording import _


def set_up_group(session: Session, actor: Actor, company: Company, plan: GroupPlan) -> AccountGroup:
    """Make the group of that name, or bring it to the plan; nothing happens if it stands so already.

    Lines that its accounts have from its start on enter it. Raises Refusal if the opening does not balance, an account
    stands unfiltered in another group, or what is matched or approved would change.
    """
    group = session.scalars(select(AccountGroup).filter_by(company_id=company.id, name=plan.name)).one_or_none()
    known = plan_of_group(session, group) if group else None
    plan = completed(session, company, plan, known)
    if group is not None and plan == known:
        return group
    require(actor, company.id, Permission.EDIT_GROUPS)
    check_plan(plan)
    if group is None:
        return _make(session, actor, company, plan)
    assert known is not None
    _change(session, actor, company, group, known, plan)
    return group


def _make(session: Session, actor: Actor, company: Company, plan: GroupPlan) -> AccountGroup:
    group = AccountGroup(company_id=company.id, name=plan.name)
    _fill(session, company, group, plan)
    session.add(group)
    _place_members(session, company, group, plan)
    added = _new_openings(session, group, plan)
    hashes = row_hashes(added)
    digest = lines_digest(hashes)
    event = record(session, actor, company.id, "set up group", f"group {group.id}", after=told(plan), digest=digest)
    add_lines(session, event.id, added, hashes)
    readers = readers_of_group(session, group)
    enter_lines(session, readers, live_lines(session, readers))
    return group


def _change(
    session: Session, actor: Actor, company: Company, group: AccountGroup, known: GroupPlan, plan: GroupPlan
) -> None:
    restructured = structure(plan) != structure(known)
    opening_differs = restructured or _openings(plan) != _openings(known)
    _refuse_if_fixed(session, group, restructured, opening_differs)
    _fill(session, company, group, plan)
    if restructured:
        session.execute(delete(GroupLine).where(GroupLine.group_id == group.id))
        group.members.clear()
        session.flush()
        _place_members(session, company, group, plan)
    for side, members, _items in plan.sides:
        standing = [member for member in group.members if member.side == side]
        for stored, wanted in zip(standing, members, strict=True):
            stored.opening_minor = wanted.opening_minor
    session.flush()
    event = _correct_openings(session, actor, group, known, plan)
    readers = readers_of_group(session, group)
    entering = "1 = 1" if restructured else f"l.event_id = {event.id}"
    enter_lines(session, readers, live_lines(session, readers, entering))
    touch_group(session, group.id)


def _openings(plan: GroupPlan) -> tuple[object, ...]:
    balances = [tuple(member.opening_minor for member in members) for _side, members, _items in plan.sides]
    return (*balances, plan.opening_left, plan.opening_right)


def _correct_openings(session: Session, actor: Actor, group: AccountGroup, known: GroupPlan, plan: GroupPlan) -> Event:
    wanted, stored = _wanted_openings(session, group, plan), stored_openings(session, group)
    added, gone = missing_from(wanted, stored), missing_from(stored, wanted)
    hashes = row_hashes(added)
    digest = lines_digest(hashes)
    what = f"group {group.id}"
    event = record(session, actor, group.company_id, "change group", what, told(known), told(plan), digest)
    if gone.num_rows:
        withdraw_openings(session, group, event.id, gone)
    add_lines(session, event.id, added, hashes)
    return event


def _new_openings(session: Session, group: AccountGroup, plan: GroupPlan) -> pa.Table:
    return missing_from(_wanted_openings(session, group, plan), stored_openings(session, group))


def _wanted_openings(session: Session, group: AccountGroup, plan: GroupPlan) -> pa.Table:
    readers = readers_of_group(session, group)
    sides = [opening_lines(group, side, members_on(readers, side), items) for side, _members, items in plan.sides]
    return pa.concat_tables(sides)


def _refuse_if_fixed(session: Session, group: AccountGroup, restructured: bool, opening_differs: bool) -> None:
    approved = newest_approved(session, group.id)
    if opening_differs and approved is not None:
        told = _("group {name} is approved at {day}: its accounts, start and opening stand")
        raise Refusal(told.format(name=group.name, day=said_day(approved.to_on)))
    live = exists().where(Match.group_id == group.id, Match.undone_event_id.is_(None))
    if restructured and session.scalar(select(live)):
        raise Refusal(
            _("group {name} has matches: its accounts, filters, signs and start stand").format(name=group.name)
        )


def _fill(session: Session, company: Company, group: AccountGroup, plan: GroupPlan) -> None:
    assert plan.currency is not None
    assert plan.country is not None
    group.kind, group.currency, group.country, group.start_on = plan.kind, plan.currency, plan.country, plan.start_on
    group.rule_set_id = _rule_set_id(session, company, plan.rule_set)
    group.preparer_id = find_user(session, plan.preparer).id if plan.preparer else None
    group.approver_id = find_user(session, plan.approver).id if plan.approver else None
    group.due_day, group.approval_required = plan.due_day, plan.approval_required


def _rule_set_id(session: Session, company: Company, name: str | None) -> int | None:
    """The company's own set of that name goes before the installation's."""
    if name is None:
        return None
    reachable = or_(RuleSet.company_id == company.id, RuleSet.company_id.is_(None))
    found = session.scalars(select(RuleSet).where(RuleSet.name == name, reachable)).all()
    if not found:
        raise NotFound(_("there is no rule set {name}: import it first").format(name=name))
    return max(found, key=lambda rule_set: rule_set.company_id is not None).id


def _place_members(session: Session, company: Company, group: AccountGroup, plan: GroupPlan) -> None:
    for side, members, _items in plan.sides:
        for member in members:
            group.members.append(_member(session, company, side, member, plan))
    session.flush()


def _member(session: Session, company: Company, side: str, member: MemberPlan, plan: GroupPlan) -> GroupAccount:
    placed = GroupAccount(side=side, filter=member.filter, negate=member.negate, opening_minor=member.opening_minor)
    if member.account is not None:
        account = find_account(session, company.id, member.account)
        _refuse_shared(session, account, member, plan)
        placed.account = account
    else:
        named = {"company_id": company.id, "name": member.account_import}
        view = session.scalars(select(AccountImport).filter_by(**named)).one_or_none()
        if view is None:
            raise NotFound(_("there is no account import {name}").format(name=member.account_import))
        placed.account_import = view
    return placed


def _refuse_shared(session: Session, account: Account, member: MemberPlan, plan: GroupPlan) -> None:
    """An account stands in several groups only through filters; which lines pass two is seen when lines enter."""
    elsewhere = (
        select(AccountGroup.name)
        .join(GroupAccount)
        .where(
            GroupAccount.account_id == account.id, AccountGroup.archived_at.is_(None), AccountGroup.name != plan.name
        )
    )
    if member.filter is None:
        other = session.scalars(elsewhere).first()
    else:
        other = session.scalars(elsewhere.where(GroupAccount.filter.is_(None))).first()
    if other is not None:
        told = _(
            "account {number} stands in group {other} already: give it filters in both, which no line passes twice"
        )
        raise Refusal(told.format(number=account.number, other=other))
