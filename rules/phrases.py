"""Conditions as phrases: every leaf by its operator's words, trees joined by and, or, not."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

from rules.fields import FieldType, field_named
from rules.likeness import SHORTEST_TOKEN
from rules.model import All, Any, Condition, Not, PairTest, Test
from rules.names import field_words
from rules.operators import LINE, PAIR
from rules.values import said_day, said_number
from rules.wording import _, listed, ngettext

_DENIALS = {row.key: row.of for row in LINE.values() if row.of}
_OPPOSITE = _DENIALS | {positive: key for key, positive in _DENIALS.items()}


def condition_phrase(condition: Condition, nested: bool = False) -> str:
    """A condition as it stands after "where": no capital, no full stop. Where it is `nested` in an "and", so is its
    "or".
    """
    if nested:
        return _inside(condition, Any)
    match condition:
        case All(items):
            return listed([_inside(item, Any) for item in items], _("and"))
        case Any(items):
            return listed([_inside(item, All) for item in items], _("or"))
        case Not(item):
            return _opposite(item)
        case Test():
            return _line(condition)
        case PairTest():
            return _pair(condition)


def _inside(item: Condition, other: type[All] | type[Any]) -> str:
    """A part of a list, in brackets where it could be read as more than a part."""
    phrase = condition_phrase(item)
    return f"({phrase})" if (isinstance(item, other) and len(item.items) > 1) or _is_denial(item) else phrase


def _is_denial(item: Condition) -> bool:
    """Is it said as "it is not so that"?"""
    return isinstance(item, Not) and not _turned(item.item)


def _turned(item: Condition) -> Condition | None:
    """The opposite of a condition, where the language has one."""
    if isinstance(item, Test) and item.op in _OPPOSITE:
        return replace(item, op=_OPPOSITE[item.op])
    return item.item if isinstance(item, Not) else None


def _opposite(item: Condition) -> str:
    if turned := _turned(item):
        return condition_phrase(turned)
    several = isinstance(item, All | Any) and len(item.items) > 1
    phrase = condition_phrase(item)
    return _("it is not so that {condition}").format(condition=f"({phrase})" if several else phrase)


def _line(test: Test) -> str:
    phrases = {"left": _("the left {field}"), "right": _("the right {field}"), None: _("the {field}")}
    field = phrases[test.side].format(field=field_words(test.field))
    values = [_shown(value, test) for value in _literals(test)]
    low, high = (values[0], values[-1]) if values else ("", "")
    phrase = _(LINE[test.op].sentence).format(
        field=field, value=listed(values, _("or")), low=low, high=high, percent=percent(test.at_least)
    )
    return _("{test} (in this very case)").format(test=phrase) if test.case else phrase


def _literals(test: Test) -> tuple[str, ...]:
    if test.value is None:
        return ()
    return (test.value,) if isinstance(test.value, str) else test.value


def _shown(value: str, test: Test) -> str:
    kind = field_named(test.field).type
    if kind is FieldType.SIGN:
        return {"positive": _("positive"), "negative": _("negative"), "zero": _("zero")}.get(value, value)
    if kind is FieldType.DATE:
        return said_day(date.fromisoformat(value))
    if kind in (FieldType.MONEY, FieldType.NUMBER):
        return said_number(Decimal(value))
    return quoted(value) if kind is FieldType.TEXT else value


def _pair(test: PairTest) -> str:
    operator = PAIR[test.op]
    alike = test.left == test.right and operator.sentence_alike
    phrase = _(operator.sentence_alike if alike else operator.sentence).format(
        left=field_words(test.left),
        right=field_words(test.right),
        length=int(test.at_least or SHORTEST_TOKEN),
        percent=percent(test.at_least),
        distance=_distance(test),
        rounded=_rounded(test),
    )
    ignored = _ignored(test)
    return f"{phrase} ({ignored})" if ignored else phrase


def _rounded(test: PairTest) -> str:
    number = test.places or 0
    phrase = {
        "half_up": ngettext("once rounded to {n} decimal", "once rounded to {n} decimals", number),
        "floor": ngettext("once rounded down to {n} decimal", "once rounded down to {n} decimals", number),
        "truncate": ngettext("once cut to {n} decimal", "once cut to {n} decimals", number),
    }[test.mode]
    return phrase.format(n=number)


def _distance(test: PairTest) -> str:
    value = test.value or Decimal(0)
    if field_named(test.left).type is FieldType.DATE:
        return days(int(value))
    return said_number(value)


def _ignored(test: PairTest) -> str:
    """What is said of normalising: nothing where it is as usual."""
    if test.op != "same" or field_named(test.left).type is not FieldType.TEXT or test.normalise == ("case", "spaces"):
        return ""
    names = {
        "case": _("case"),
        "spaces": _("spaces"),
        "punctuation": _("punctuation"),
        "leading_zeros": _("leading zeros"),
    }
    if not test.normalise:
        return _("exactly as written")
    return _("apart from {steps}").format(steps=listed([names[step] for step in test.normalise], _("and")))


def quoted(text: str) -> str:
    return _("“{text}”").format(text=text)


def days(number: int) -> str:
    return ngettext("{n} day", "{n} days", number).format(n=number)


def percent(share: float | None) -> str:
    """A similarity as people write it: 0.85 → 85 %, 0.875 → 87,5 % in nb and sv."""
    plain = (Decimal(repr(share or 0.0)) * 100).normalize()
    return f"{said_number(plain)} %"
