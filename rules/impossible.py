"""Conditions that no line can pass: empty ranges, tests of one field that exclude each other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from rules.fields import FieldType, field_named
from rules.model import All, Any, Condition, Not, PairTest, Test
from rules.names import field_words
from rules.text import is_missing
from rules.wording import _

Ordinal = Decimal


def contradictions(condition: Condition) -> Iterator[str]:
    """A sentence for each part of a tree that can never hold."""
    match condition:
        case Test():
            yield from _alone(condition)
        case All(items):
            yield from _together([item for item in _flat(items) if isinstance(item, Test)])
            for item in items:
                yield from contradictions(item)
        case Any(items):
            for item in items:
                yield from contradictions(item)
        case Not() | PairTest():
            return


def _flat(items: tuple[Condition, ...]) -> list[Condition]:
    return [leaf for item in items for leaf in (_flat(item.items) if isinstance(item, All) else [item])]


def _literals(test: Test) -> tuple[str, ...]:
    return (test.value,) if isinstance(test.value, str) else test.value or ()


def _alone(test: Test) -> Iterator[str]:
    words = field_words(test.field)
    if test.op == "between" and _ordinal(test, 0) > _ordinal(test, 1):
        low, high = _literals(test)
        yield _("Nothing lies between {low} and {high}: the first is the larger.").format(low=low, high=high)
    if (
        field_named(test.field).type is FieldType.TEXT
        and test.op in ("equals", "in")
        and all(map(is_missing, _literals(test)))
    ):
        yield _("The {field} is never {value}: such a value counts as missing.").format(
            field=words, value=", ".join(f"“{value}”" for value in _literals(test))
        )
    if test.field.startswith("abs_") and _range(test).high is not None and _range(test).high < 0:  # type: ignore[operator]
        yield _("The {field} is never less than 0.").format(field=words)


@dataclass(frozen=True, slots=True)
class _Range:
    """Bounds of an ordered field; `open_low` and `open_high` where the bound itself is outside."""

    low: Ordinal | None = None
    high: Ordinal | None = None
    open_low: bool = False
    open_high: bool = False


def _ordinal(test: Test, place: int) -> Ordinal:
    value = _literals(test)[place]
    if field_named(test.field).type is FieldType.DATE:
        return Decimal(date.fromisoformat(value).toordinal())
    return Decimal(value)


def _range(test: Test) -> _Range:
    if field_named(test.field).type not in (FieldType.DATE, FieldType.MONEY, FieldType.NUMBER):
        return _Range()
    match test.op:
        case "greater_than":
            return _Range(low=_ordinal(test, 0), open_low=True)
        case "at_least":
            return _Range(low=_ordinal(test, 0))
        case "less_than":
            return _Range(high=_ordinal(test, 0), open_high=True)
        case "at_most":
            return _Range(high=_ordinal(test, 0))
        case "between":
            return _Range(_ordinal(test, 0), _ordinal(test, 1))
        case "equals" if isinstance(test.value, str):
            return _Range(_ordinal(test, 0), _ordinal(test, 0))
    return _Range()


def _together(tests: list[Test]) -> Iterator[str]:
    """Fields whose tests exclude each other; each field once."""
    for key in dict.fromkeys((test.side, test.field) for test in tests):
        own = [test for test in tests if (test.side, test.field) == key]
        if len(own) > 1 and (_emptiness(own) or _apart(own) or _two_values(own)):
            yield _("The tests of the {field} exclude each other: no line passes them all.").format(
                field=field_words(own[0].field)
            )


_MISSING_PASSES = ("is_empty", "not_equals", "not_in", "not_contains")


def _emptiness(tests: list[Test]) -> bool:
    return any(test.op == "is_empty" for test in tests) and any(test.op not in _MISSING_PASSES for test in tests)


def _apart(tests: list[Test]) -> bool:
    ranges = [_range(test) for test in tests]
    lows = [(each.low, each.open_low) for each in ranges if each.low is not None]
    highs = [(each.high, not each.open_high) for each in ranges if each.high is not None]
    if not lows or not highs:
        return False
    (low, low_open), (high, high_in) = max(lows), min(highs)
    return low > high or (low == high and (low_open or not high_in))


def _two_values(tests: list[Test]) -> bool:
    """Two `equals` or `in` that have no value in common (letters' case aside)."""
    wanted = [{value.lower() for value in _literals(test)} for test in tests if test.op in ("equals", "in")]
    if len(wanted) < 2 or field_named(tests[0].field).type in (FieldType.MONEY, FieldType.NUMBER):
        return False
    return not set.intersection(*wanted)
