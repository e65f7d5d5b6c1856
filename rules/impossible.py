"""Conditions that nothing can pass: empty ranges, tests that exclude each other, sides that cannot meet."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

from rules.fields import FieldType, field_named
from rules.implication import excludes, implies
from rules.model import All, Any, Condition, Not, PairTest, Test
from rules.names import field_words
from rules.operators import LINE
from rules.places import inner, required
from rules.ranges import Range, range_of, together, written
from rules.text import is_missing
from rules.wording import _

Said = tuple[str, str]
"""A path and a sentence about what stands there."""


def contradictions(condition: Condition, path: str) -> Iterator[Said]:
    """A sentence for each part of a tree that can never hold."""
    match condition:
        case Test():
            yield from _alone(condition, path)
        case All():
            yield from _together(condition, path)
            yield from _below(condition, path)
        case Any():
            for below, item in inner(condition, path):
                yield from contradictions(item, below)
        case Not() | PairTest():
            return


def _below(condition: All, path: str) -> Iterator[Said]:
    """What is in an `all`; the tests of one inside it have been looked at with its own."""
    for below, item in inner(condition, path):
        yield from _below(item, below) if isinstance(item, All) else contradictions(item, below)


def _alone(test: Test, path: str) -> Iterator[Said]:
    words, found = field_words(test.field), range_of(test)
    if test.op == "between" and found is not None and found.empty:
        low, high = written(test)
        sentence = _("Nothing lies between {low} and {high}: the first is the larger.")
        yield f"{path}.value", sentence.format(low=low, high=high)
    if (
        field_named(test.field).type is FieldType.TEXT
        and test.op in ("equals", "in")
        and all(map(is_missing, written(test)))
    ):
        values = ", ".join(f"“{value}”" for value in written(test))
        sentence = _("The {field} is never {value}: such a value counts as missing.")
        yield f"{path}.value", sentence.format(field=words, value=values)
    if test.field.startswith("abs_") and found is not None and (found & Range(low=Decimal(0))).empty:
        yield f"{path}.value", _("The {field} is never less than 0.").format(field=words)


def _together(condition: All, path: str) -> Iterator[Said]:
    """Fields whose tests exclude each other; each field once, where the last of them stands."""
    tests = [(where, leaf) for where, leaf in required(condition, path) if isinstance(leaf, Test)]
    for key in dict.fromkeys((test.side, test.field) for _where, test in tests):
        own = [(where, test) for where, test in tests if (test.side, test.field) == key]
        if len(own) > 1 and _exclude_each_other([test for _where, test in own]):
            sentence = _("The tests of the {field} exclude each other: no line passes them all.")
            yield own[-1][0], sentence.format(field=field_words(key[1]))


def _exclude_each_other(tests: list[Test]) -> bool:
    positive = [test for test in tests if LINE[test.op].of is None]
    denied = [replace(test, op=positive_op) for test in tests if (positive_op := LINE[test.op].of)]
    if any(implies(test, refused) for test in positive for refused in denied) or together(positive).empty:
        return True
    return any(excludes(one, other) for number, one in enumerate(positive) for other in positive[number + 1 :])
