"""The plan that a stored group stands for, and what any plan of a group must hold."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlalchemy.orm import Session

from recon.database.models import AccountGroup, Company, GroupAccount, RuleSet, User
from recon.errors import Refusal
from recon.services.enter_lines import members_on, readers_of_group
from recon.services.line_filters import parsed
from recon.services.opening_items import items_of_side
from recon.services.seed_rule_sets import rule_set_for_new_groups
from recon.services.set_up_company import find_account
from recon.services.setup_plan import AccountRef, GroupPlan, MemberPlan
from rules import standard
from rules.values import said_money
from rules.wording import _

ONE_SIDED = ("interim", "statement")


def plan_of_group(session: Session, group: AccountGroup) -> GroupPlan:
    """The group as it is set up now."""
    readers = {side: members_on(readers_of_group(session, group), side) for side in ("left", "right")}
    return GroupPlan(
        name=group.name,
        kind=group.kind,
        start_on=group.start_on,
        left=tuple(_member(reader.member) for reader in readers["left"]),
        right=tuple(_member(reader.member) for reader in readers["right"]),
        opening_left=items_of_side(session, group, "left", readers["left"]),
        opening_right=items_of_side(session, group, "right", readers["right"]),
        currency=group.currency,
        country=group.country,
        rule_set=_rule_set_name(session, group),
        preparer=_user_name(session, group.preparer_id),
        approver=_user_name(session, group.approver_id),
        due_day=group.due_day,
        approval_required=group.approval_required,
    )


def _member(member: GroupAccount) -> MemberPlan:
    account, view = member.account, member.account_import
    return MemberPlan(
        account=AccountRef(account.kind, account.number) if account else None,
        account_import=view.name if view else None,
        opening_minor=member.opening_minor,
        negate=member.negate,
        filter=member.filter,
    )


def _rule_set_name(session: Session, group: AccountGroup) -> str | None:
    return session.get_one(RuleSet, group.rule_set_id).name if group.rule_set_id else None


def _user_name(session: Session, user_id: int | None) -> str | None:
    user = session.get(User, user_id) if user_id else None
    return (user.username or user.email) if user else None


def completed(session: Session, company: Company, plan: GroupPlan, known: GroupPlan | None) -> GroupPlan:
    """The plan with what it leaves open: as the stored group has it, else as new groups get it."""
    usual = rule_set_for_new_groups(session)
    return replace(
        plan,
        currency=plan.currency or (known.currency if known else _currency(session, company, plan)),
        country=plan.country or (known.country if known else company.country),
        rule_set=_rule_set_called(plan.rule_set) or (known.rule_set if known else (usual.name if usual else None)),
        opening_left=tuple(sorted(plan.opening_left, key=lambda item: item.order)),
        opening_right=tuple(sorted(plan.opening_right, key=lambda item: item.order)),
    )


def _rule_set_called(name: str | None) -> str | None:
    """A shipped set may be called by its short name too."""
    return next((standard.load(short).name for short in standard.NAMES if short == name), name)


def _currency(session: Session, company: Company, plan: GroupPlan) -> str:
    first = plan.left[0] if plan.left else None
    return find_account(session, company.id, first.account).currency if first and first.account else company.currency


def check_plan(plan: GroupPlan) -> None:
    """Sides, filters and the opening identity. Raises Refusal with one sentence."""
    _check_sides(plan)
    for member in (*plan.left, *plan.right):
        if member.filter is not None:
            parsed(member.filter)
    for _side, members, items in plan.sides:
        if any(not 0 <= item.member < len(members) for item in items):
            raise Refusal(_("an opening item of group {name} is of no account of its side").format(name=plan.name))
    if plan.kind not in ONE_SIDED:
        _check_opening(plan)


def _check_sides(plan: GroupPlan) -> None:
    named = {"name": plan.name, "kind": plan.kind}
    if not plan.left:
        raise Refusal(_("group {name} has no account on the left").format(**named))
    if plan.kind in ONE_SIDED and plan.right:
        raise Refusal(_("group {name} of kind {kind} has a left side only").format(**named))
    if plan.kind not in ONE_SIDED and not plan.right:
        raise Refusal(_("group {name} of kind {kind} has no account on the right").format(**named))
    imported = any(member.account_import for member in plan.right)
    if any(member.account_import for member in plan.left) or (imported and plan.kind not in ("bank", "intercompany")):
        told = _("group {name}: an imported account stands on the right side of a bank or intercompany group")
        raise Refusal(told.format(**named))


def _check_opening(plan: GroupPlan) -> None:
    """IB left − Σ opening left = IB right − Σ opening right."""
    rest = [
        sum(member.opening_minor for member in members) - sum(item.amount_minor for item in items)
        for _side, members, items in plan.sides
    ]
    if rest[0] != rest[1]:
        told = _(
            "group {name} does not open in balance: opening balance less opening items is {left} on the left and"
            " {right} on the right, difference {difference}"
        )
        shown = [said_money(minor, plan.currency or "NOK") for minor in (*rest, rest[1] - rest[0])]
        raise Refusal(told.format(name=plan.name, left=shown[0], right=shown[1], difference=shown[2]))


def structure(plan: GroupPlan) -> tuple[Any, ...]:
    """What decides which lines stand in the group and in which sign."""
    sides = (plan.left, plan.right)
    return (plan.kind, plan.start_on, plan.currency, *(tuple(map(_reading, members)) for members in sides))


def _reading(member: MemberPlan) -> tuple[Any, ...]:
    return (member.source, member.negate, member.filter)


def told(plan: GroupPlan) -> dict[str, Any]:
    """The plan as an event tells it: no names of users."""
    return {
        "name": plan.name,
        "kind": plan.kind,
        "start_on": plan.start_on.isoformat(),
        "currency": plan.currency,
        "rule_set": plan.rule_set,
        "left": [_told_member(member) for member in plan.left],
        "right": [_told_member(member) for member in plan.right],
        "opening_items": [len(plan.opening_left), len(plan.opening_right)],
        "due_day": plan.due_day,
        "approval_required": plan.approval_required,
    }


def _told_member(member: MemberPlan) -> dict[str, Any]:
    source = f"{member.account.kind} {member.account.number}" if member.account else member.account_import
    return {"of": source, "opening_minor": member.opening_minor, "negate": member.negate, "filter": member.filter}
