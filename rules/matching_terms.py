"""Documents → the terms of a match rule: date window, allowance, treatment of a difference, subset search."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from rules import conditions
from rules.banking_days import known_country
from rules.cursor import Cursor
from rules.fields import FieldType
from rules.model import Allowance, DateWindow, Difference, Search
from rules.wording import _

_BASES = ("left", "right", "larger", "smaller")
MOST_DAYS = 36_600


def date_window(cursor: Cursor) -> DateWindow:
    """`{field, from, to, calendar}`, or `within: n` for from −n to n."""
    entries = cursor.mapping(("field", "from", "to", "within", "calendar"))
    field = conditions.field_name(entries["field"]) if "field" in entries else None
    if field is not None and field.type is not FieldType.DATE:
        entries["field"].fault(_("{field} is not a date.").format(field=field.name))
    earliest, latest = _days(entries)
    if earliest > latest:
        cursor.fault(_("“from” ({earliest}) lies after “to” ({latest}).").format(earliest=earliest, latest=latest))
    calendar = _calendar(entries["calendar"]) if "calendar" in entries else "calendar"
    return DateWindow(field.name if field else DateWindow().field, earliest, latest, calendar)


def _days(entries: dict[str, Cursor]) -> tuple[int, int]:
    if "within" not in entries:
        earliest, latest = (
            entries[key].whole(-MOST_DAYS, MOST_DAYS) if key in entries else 0 for key in ("from", "to")
        )
        return earliest, latest
    if "from" in entries or "to" in entries:
        entries["within"].fault(_("“within” stands for “from” and “to”: write either."))
    days = entries["within"].whole(0, MOST_DAYS)
    return -days, days


def _calendar(cursor: Cursor) -> str:
    name = cursor.text()
    if name.startswith("banking:"):
        if not known_country(name.removeprefix("banking:")):
            country = name.removeprefix("banking:")
            cursor.fault(_("No banking calendar is known for the country “{code}”.").format(code=country))
    elif name not in ("calendar", "banking"):
        cursor.fault(_("A calendar is “calendar”, “banking” or, for one country, “banking:NO”."))
    return name


def allowance(cursor: Cursor) -> Allowance:
    """`{minus, plus, percent, cap, basis, left, right}`, or `any`."""
    if cursor.value == "any":
        return Allowance(anything=True)
    entries = cursor.mapping(("minus", "plus", "percent", "cap", "basis", "left", "right"))
    numbers = {key: _not_negative(entries[key]) for key in ("minus", "plus", "percent", "cap") if key in entries}
    given: dict[str, Any] = {key: number for key, number in numbers.items() if number is not None}
    if "cap" in given and "percent" not in given:
        entries["cap"].fault(_("“cap” limits “percent”, which is not given."))
    if "basis" in entries:
        given["basis"] = entries["basis"].choice(_BASES)
    for side in ("left", "right"):
        if side in entries:
            given[side] = _money(entries[side])
    return Allowance(**given)


def _not_negative(cursor: Cursor) -> Decimal | None:
    """A number from 0 up; `null` is as good as leaving it out."""
    return None if cursor.value is None else cursor.decimal(Decimal(0))


def _money(cursor: Cursor) -> str:
    field = conditions.field_name(cursor)
    if field.type is not FieldType.MONEY:
        cursor.fault(_("{field} is not an amount.").format(field=field.name))
    return field.name


def difference(cursor: Cursor) -> Difference:
    """`keep_open`, or `{entry_type: KEY}`."""
    if isinstance(cursor.value, str):
        cursor.choice(("keep_open",))
        return Difference(keep_open=True)
    entries = cursor.mapping(("entry_type",), ("entry_type",))
    return Difference(entry_type=entries["entry_type"].text() if "entry_type" in entries else None)


def search(cursor: Cursor) -> Search:
    """`{max_lines, max_steps, same}`."""
    entries = cursor.mapping(("max_lines", "max_steps", "same"))
    given: dict[str, Any] = {}
    if "max_lines" in entries:
        given["max_lines"] = entries["max_lines"].whole(2, 100)
    if "max_steps" in entries:
        given["max_steps"] = entries["max_steps"].whole(1, 10**9)
    if "same" in entries:
        given["same"] = tuple(conditions.field_name(item).name for item in entries["same"].items())
    return Search(**given)
