"""Documents → rules of the four kinds, with what must hold between their parts."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from typing import Any, cast

from rules import conditions
from rules.cursor import Cursor
from rules.fields import FieldType, line_field
from rules.matching_terms import allowance, date_window, difference, search
from rules.model import (
    MANY_SIDES,
    POLICIES,
    All,
    Allowance,
    Condition,
    Decision,
    Derive,
    Exclude,
    Extract,
    Match,
    Not,
    PairTest,
    Post,
    Rule,
    Test,
    Unit,
)
from rules.wording import _

_HEAD = ("key", "name", "kind")
_ONE_SIDED = (*_HEAD, "side", "where")
_MATCH = (
    *_HEAD,
    "cardinality",
    "left",
    "right",
    "pair",
    "date",
    "amount",
    "ambiguous",
    "outcome",
    "difference",
    "search",
)
_SIDES = ("left", "right", "both")
_OUTCOMES = ("confirmed", "suggested")
_ANCHORS = ("same", "contains", "contained_in", "shares_token")


def rule(cursor: Cursor) -> Rule | None:
    """One rule of any kind; None where its kind cannot be told."""
    if not cursor.has("kind"):
        cursor.mapping((*_MATCH, *_ONE_SIDED, "set", "entry_type"), ("kind",))
        return None
    kind = cursor.at("kind").choice(tuple(_KINDS))
    return _KINDS[kind](cursor)


def _head(entries: dict[str, Cursor], cursor: Cursor) -> tuple[str, str]:
    """Key and name; each stands in for the other where one is missing."""
    name = entries["name"].text() if "name" in entries else ""
    key = entries["key"].text() if "key" in entries else slug(name)
    if "key" in entries and not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}", key):
        entries["key"].fault(_("A key has up to 100 letters a to z, digits, hyphens, underscores and dots."))
    if not name and not key:
        cursor.fault(_("A rule needs a name."), "name")
    elif not key:
        cursor.fault(_("No key can be made of the name; give the rule a “key”."), "key")
    return key, name or key


def slug(name: str) -> str:
    """The key that a name gives: `Bank fees (NOK)` → `bank-fees-nok`."""
    letters = name.lower().translate({ord("æ"): "ae", ord("ø"): "o", ord("ß"): "ss", ord("ð"): "d", ord("þ"): "th"})
    plain = "".join(char for char in unicodedata.normalize("NFKD", letters) if not unicodedata.combining(char))
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:100]


def _where(entries: dict[str, Cursor]) -> Condition | None:
    return conditions.where(entries["where"]) if "where" in entries else None


def _one_sided(cursor: Cursor, *keys: str) -> tuple[dict[str, Cursor], dict[str, Any]]:
    entries = cursor.mapping((*_ONE_SIDED, *keys), ("side",))
    key, name = _head(entries, cursor)
    side = entries["side"].choice(_SIDES) if "side" in entries else "both"
    return entries, {"key": key, "name": name, "side": side, "where": _where(entries)}


def _exclude(cursor: Cursor) -> Exclude:
    return Exclude(**_one_sided(cursor)[1])


def _derive(cursor: Cursor) -> Derive:
    entries, common = _one_sided(cursor, "set")
    if "set" not in entries:
        cursor.fault(_("“{key}” is missing.").format(key="set"), "set")
        return Derive(**common, set=())
    settings = entries["set"].all_entries()
    if not settings:
        entries["set"].fault(_("Nothing is set; name a field and where its value comes from."))
    return Derive(**common, set=tuple((name, _extract(name, inner)) for name, inner in settings.items()))


def _extract(name: str, cursor: Cursor) -> Extract:
    field = line_field(name)
    if field is None or field.type is not FieldType.TEXT:
        cursor.fault(_("“{field}” cannot be set: only text fields and extra fields can.").format(field=name))
    entries = cursor.mapping(("from", "pattern"), ("from", "pattern"))
    source = conditions.field_name(entries["from"]) if "from" in entries else None
    if source is not None and source.type is not FieldType.TEXT:
        entries["from"].fault(_("A pattern reads a text field; {field} is none.").format(field=source.name))
    pattern = conditions.pattern(entries["pattern"]) if "pattern" in entries else ""
    return Extract(source.name if source else "text", pattern)


def _post(cursor: Cursor) -> Post:
    entries, common = _one_sided(cursor, "entry_type", "outcome")
    if "entry_type" not in entries:
        cursor.fault(_("“{key}” is missing.").format(key="entry_type"), "entry_type")
    entry_type = entries["entry_type"].text() if "entry_type" in entries else ""
    outcome = entries["outcome"].choice(_OUTCOMES) if "outcome" in entries else "suggested"
    return Post(**common, entry_type=entry_type, outcome=cast(Any, outcome))


def _match(cursor: Cursor) -> Match:
    entries = cursor.mapping(_MATCH, ("cardinality",))
    key, name = _head(entries, cursor)
    readers: dict[str, Callable[[Cursor], Any]] = {
        "cardinality": lambda cursor: cursor.choice(tuple(MANY_SIDES)),
        "left": _unit,
        "right": _unit,
        "pair": conditions.pair,
        "date": date_window,
        "amount": allowance,
        "ambiguous": lambda cursor: cursor.choice(POLICIES),
        "outcome": lambda cursor: cursor.choice(_OUTCOMES),
        "difference": difference,
        "search": search,
    }
    parts = {part: read(entries[part]) for part, read in readers.items() if part in entries}
    made = Match(key=key, name=name, **{"cardinality": "one_to_one", **parts})
    if "cardinality" in entries and entries["cardinality"].value in MANY_SIDES:
        _check_units(made, cursor, entries)
    _check_amount(made, cursor, entries)
    return made


def _unit(cursor: Cursor) -> Unit:
    entries = cursor.mapping(("where", "group_by"))
    keys = [conditions.field_name(item).name for item in entries["group_by"].items()] if "group_by" in entries else []
    if len(set(keys)) < len(keys):
        entries["group_by"].fault(_("A field stands twice."))
    return Unit(_where(entries), tuple(keys))


def _check_units(made: Match, cursor: Cursor, entries: dict[str, Cursor]) -> None:
    many = MANY_SIDES[made.cardinality]
    for side in ("left", "right"):
        if made.internal and side != made.internal and side in entries:
            entries[side].fault(_("“{kind}” works inside one side; this is the other.").format(kind=made.cardinality))
        elif _side(made, side).group_by and side not in many:
            sentence = _("“group_by” belongs to a side that takes many lines, which {side} of “{kind}” does not.")
            entries[side].fault(sentence.format(side=side, kind=made.cardinality), "group_by")
    bare = [side for side in many if not _side(made, side).group_by]
    if made.search is not None and len(bare) != 1:
        entries["search"].fault(_bad_search(made))
    if made.search is None and bare and not made.internal:
        for side in bare:
            sentence = _("The many lines of {side} need “group_by”, or “search”, to say which belong together.")
            cursor.fault(sentence.format(side=side), f"{side}.group_by")


def _bad_search(made: Match) -> str:
    if not MANY_SIDES[made.cardinality]:
        return _("“search” looks for many lines; “{kind}” has no side with many.").format(kind=made.cardinality)
    return _("“search” works on exactly one side with many lines, in the place of its “group_by”.")


def _side(made: Match, side: str) -> Unit:
    return made.left if side == "left" else made.right


def _check_amount(made: Match, cursor: Cursor, entries: dict[str, Cursor]) -> None:
    if made.amount.anything:
        _check_any_amount(made, entries["amount"])
    elif not made.amount.exact and made.difference is None:
        cursor.fault(
            _("“amount” allows a difference: “difference” must name its entry type, or say keep_open."),
            "difference",
        )
    if made.search is not None and not made.amount.exact and "amount" in entries:
        entries["amount"].fault(_("“search” finds exact amounts only."))
    named = (made.amount.left, made.amount.right) != (Allowance().left, Allowance().right)
    if named and made.difference is not None and made.difference.keep_open:
        entries["difference"].fault(_("A rule with named amounts matches lines whole: nothing can be kept open."))


def _check_any_amount(made: Match, cursor: Cursor) -> None:
    if made.difference is None or not made.difference.keep_open:
        cursor.fault(_("“amount: any” is possible with “difference: keep_open” only."))
    if not _anchored(made.pair):
        cursor.fault(_("“amount: any” needs a “same”, “contains” or “shares_token” test in “pair” that must hold."))


def _anchored(condition: Condition | None) -> bool:
    """Does the condition hold only where some test ties the lines by a text?"""
    match condition:
        case None | Test() | Not():
            return False
        case PairTest(op=op):
            return op in _ANCHORS
        case All(items):
            return any(_anchored(item) for item in items)
        case _:
            return all(_anchored(item) for item in condition.items)


def decision(cursor: Cursor) -> Decision:
    """One line of `decide`."""
    entries = cursor.mapping(("name", "when", "then"), ("when", "then"))
    when = conditions.when(entries["when"]) if "when" in entries else None
    then = entries["then"].choice(("suggest", "leave")) if "then" in entries else "suggest"
    return Decision(entries["name"].text() if "name" in entries else "", when, cast(Any, then))


_KINDS: dict[str, Callable[[Cursor], Rule]] = {
    "exclude": _exclude,
    "derive": _derive,
    "match": _match,
    "post": _post,
}
