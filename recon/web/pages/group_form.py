"""An account group between its plain form and the set-up's values."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from werkzeug.datastructures import MultiDict

from recon.errors import Refusal
from recon.services.setup_plan import AccountRef, GroupPlan, MemberPlan, OpeningItem
from recon.web.formats import amount, day, number_locale
from recon.web.wording import _
from rules.values import AmountError, parse_amount, parse_day, to_minor

Form = MultiDict[str, str]
ROWS = 3
"""Accounts of a side that the form offers; a set-up file takes any number."""
IMPORTED = "import:"


def plan_of(form: Form, currency: str) -> GroupPlan:
    """The group as typed. Raises Refusal, in one sentence, where a date or an amount cannot be read."""
    left, right = (_members(form, side, currency) for side in ("left", "right"))
    if not left:
        raise Refusal(_("Choose the account of the left side."))
    return GroupPlan(
        name=form.get("name", "").strip() or usual_name(left, right),
        kind=form.get("kind", "bank"),
        start_on=date_of(form.get("start_on", ""), _("Start")),
        left=left,
        right=right,
        opening_left=_items(form.get("items_left", ""), currency),
        opening_right=_items(form.get("items_right", ""), currency),
        rule_set=form.get("rule_set") or None,
        preparer=form.get("preparer") or None,
        approver=form.get("approver") or None,
        due_day=form.get("due_day", type=int),
        approval_required="approval_required" in form,
    )


def usual_name(left: tuple[MemberPlan, ...], right: tuple[MemberPlan, ...]) -> str:
    """`1920-86011117947`: the first account of each side."""
    sources = [members[0].source for members in (left, right) if members]
    return "-".join(source.number if isinstance(source, AccountRef) else str(source) for source in sources)


def date_of(text: str, label: str) -> dt.date:
    try:
        return parse_day(text, number_locale())
    except ValueError:
        raise Refusal(_("%(label)s: “%(text)s” is not a date.", label=label, text=text)) from None


def minor_of(text: str, currency: str, label: str) -> int:
    if not text.strip():
        return 0
    try:
        return to_minor(parse_amount(text, number_locale()), currency)
    except AmountError as fault:
        raise Refusal(f"{label}: {fault}") from None


def _members(form: Form, side: str, currency: str) -> tuple[MemberPlan, ...]:
    rows = ((form.get(f"{side}_account_{row}", ""), row) for row in range(ROWS))
    return tuple(_member(form, side, source, row, currency) for source, row in rows if source)


def _member(form: Form, side: str, source: str, row: int, currency: str) -> MemberPlan:
    opening = minor_of(form.get(f"{side}_opening_{row}", ""), currency, _("Opening balance"))
    negate = f"{side}_negate_{row}" in form
    if source.startswith(IMPORTED):
        return MemberPlan(None, source.removeprefix(IMPORTED), opening, negate)
    kind, _colon, number = source.partition(":")
    return MemberPlan(AccountRef(kind, number), None, opening, negate)


def _items(text: str, currency: str) -> tuple[OpeningItem, ...]:
    """One item a line: date, amount, reference, text, parted by semicolons or tabs, as pasted from a sheet."""
    lines = ((number, line) for number, line in enumerate(text.splitlines(), 1) if line.strip())
    return tuple(_item(line, number, currency) for number, line in lines)


def _item(line: str, number: int, currency: str) -> OpeningItem:
    cells = [cell.strip() for cell in re.split(r"[;\t]", line)]
    label = _("Opening items, line %(number)s", number=number)
    if len(cells) < 2:
        raise Refusal(_("%(label)s: write date; amount; reference; text.", label=label))
    named = zip(("reference", "text"), cells[2:4], strict=False)
    return OpeningItem(
        booked_on=date_of(cells[0], label),
        amount_minor=minor_of(cells[1], currency, label),
        fields=tuple(sorted((name, value) for name, value in named if value)),
    )


def typed_of(plan: GroupPlan, currency: str) -> Form:
    """The form that says this plan."""
    typed: dict[str, Any] = {
        "name": plan.name,
        "kind": plan.kind,
        "start_on": plan.start_on.isoformat(),
        "rule_set": plan.rule_set or "",
        "preparer": plan.preparer or "",
        "approver": plan.approver or "",
        "due_day": str(plan.due_day or ""),
        **({"approval_required": "on"} if plan.approval_required else {}),
    }
    for side, members, items in plan.sides:
        for row, member in enumerate(members):
            typed[f"{side}_account_{row}"] = source_value(member)
            typed[f"{side}_opening_{row}"] = amount(member.opening_minor, currency)
            typed |= {f"{side}_negate_{row}": "on"} if member.negate else {}
        typed[f"items_{side}"] = "\n".join(_written(item, currency) for item in items)
    return MultiDict(typed)


def source_value(member: MemberPlan) -> str:
    if member.account is None:
        return f"{IMPORTED}{member.account_import}"
    return f"{member.account.kind}:{member.account.number}"


def _written(item: OpeningItem, currency: str) -> str:
    said = dict(item.fields)
    cells = (
        day(item.booked_on),
        amount(item.amount_minor, currency),
        said.get("reference", ""),
        said.get("text", ""),
    )
    return "; ".join(cells)


def editable(plan: GroupPlan) -> bool:
    """Whether the plain form can hold the whole plan: no filters, few accounts, items with reference and text only."""
    members = (*plan.left, *plan.right)
    items = (*plan.opening_left, *plan.opening_right)
    plain = all(
        set(dict(item.fields)) <= {"reference", "text"} and not item.member and not item.due_on for item in items
    )
    return plain and not any(member.filter for member in members) and max(len(plan.left), len(plan.right)) <= ROWS
