"""Whether one condition holds wherever another does: proved by the tests' meaning, never guessed.

`implies` is sound and not complete: False means "not proved". A missing value passes no test but the four opposites,
which stand here as `not` of what they are opposites of, so that one reasoning covers them.
"""

from __future__ import annotations

from dataclasses import replace

from rules.fields import FieldType, field_named
from rules.likeness import SHORTEST_TOKEN
from rules.model import All, Any, Condition, Not, PairTest, Test
from rules.operators import LINE
from rules.ranges import range_of, written
from rules.text import fold


def implies(stronger: Condition | None, weaker: Condition | None) -> bool:
    """Whether every line (or pair) that passes the first condition surely passes the second; None lets all pass."""
    if weaker is None:
        return True
    return stronger is not None and _implies(_plain(stronger), _plain(weaker))


def _plain(condition: Condition) -> Condition:
    """The condition with `not` at the leaves only, and the four opposites as `not` of their positives."""
    match condition:
        case All(items) | Any(items):
            return type(condition)(tuple(map(_plain, items)))
        case Not(All(items)):
            return Any(tuple(_plain(Not(item)) for item in items))
        case Not(Any(items)):
            return All(tuple(_plain(Not(item)) for item in items))
        case Not(Not(item)):
            return _plain(item)
        case Not(Test(op=op) as test) if positive := LINE[op].of:
            return replace(test, op=positive)
        case Test(op=op) if positive := LINE[op].of:
            return Not(replace(condition, op=positive))
    return condition


def _implies(stronger: Condition, weaker: Condition) -> bool:
    if stronger == weaker:
        return True
    if isinstance(weaker, All):
        return all(_implies(stronger, item) for item in weaker.items)
    if isinstance(stronger, Any):
        return all(_implies(item, weaker) for item in stronger.items)
    if isinstance(weaker, Any) and any(_implies(stronger, item) for item in weaker.items):
        return True
    if isinstance(stronger, All):
        return any(_implies(item, weaker) for item in stronger.items)
    return _leaf_implies(stronger, weaker)


def _leaf_implies(stronger: Condition, weaker: Condition) -> bool:
    match stronger, weaker:
        case Not(one), Not(other):
            return _leaf_implies(other, one) or one == other
        case Test(), Not(Test() as denied):
            return _same_field(stronger, denied) and excludes(stronger, denied)
        case Test(), Test():
            return _same_field(stronger, weaker) and _test_implies(stronger, weaker)
        case PairTest(), PairTest():
            return _pair_implies(stronger, weaker)
    return False


def _same_field(one: Test, other: Test) -> bool:
    return (one.field, one.side) == (other.field, other.side)


def _test_implies(stronger: Test, weaker: Test) -> bool:
    """Both are positive tests of one field."""
    if weaker.op == "is_not_empty":
        return True
    inside, around = range_of(stronger), range_of(weaker)
    if inside is not None and around is not None:
        return around.holds(inside)
    if stronger.op == weaker.op == "similar":
        least, asked = (test.at_least or 0.0 for test in (stronger, weaker))
        return least >= asked and set(written(stronger)) <= set(written(weaker)) and stronger.case == weaker.case
    if (weaker.case and not stronger.case) or field_named(stronger.field).type is FieldType.MONEY:
        return False
    wanted = _values(weaker, weaker.case)
    return all(any(_holds(weaker.op, part, stronger.op, whole) for part in wanted) for whole in _own(stronger, weaker))


def _own(stronger: Test, weaker: Test) -> tuple[str, ...]:
    """Values of the stronger test, read as the weaker one reads them; "" (which proves nothing) where it has none."""
    return _values(stronger, weaker.case) or ("",)


def _values(test: Test, case: bool) -> tuple[str, ...]:
    return written(test) if case else tuple(map(fold, written(test)))


_EXACT = ("equals", "in")
_PARTS = {
    "contains": (*_EXACT, "starts_with", "ends_with", "contains"),
    "starts_with": (*_EXACT, "starts_with"),
    "ends_with": (*_EXACT, "ends_with"),
}
"""Tests of a piece of text, and the tests of a larger piece that settle them."""


def _holds(op: str, part: str, known_by: str, whole: str) -> bool:
    """Whether a text of which `known_by whole` is known surely passes `op part`."""
    if op in _EXACT:
        return known_by in _EXACT and part == whole
    if known_by not in _PARTS.get(op, ()):
        return False
    return {"contains": part in whole, "starts_with": whole.startswith(part), "ends_with": whole.endswith(part)}[op]


def excludes(one: Test, other: Test) -> bool:
    """Whether no value passes both of two positive tests of one field."""
    first, second = range_of(one), range_of(other)
    if first is not None and second is not None:
        return (first & second).empty
    if field_named(one.field).type in (FieldType.MONEY, FieldType.NUMBER, FieldType.DATE):
        return False
    if one.op not in _EXACT and other.op in _EXACT:
        return excludes(other, one)
    if one.op not in _EXACT or other.op not in (*_EXACT, *_PARTS) or one.case != other.case:
        return False
    wholes, parts = _values(one, one.case), _values(other, one.case)
    return not any(_holds(other.op, part, one.op, whole) for part in parts for whole in wholes)


def _pair_implies(stronger: PairTest, weaker: PairTest) -> bool:
    if weaker.op == "same_rounded":
        return _rounds_alike(stronger, weaker)
    if replace(stronger, at_least=None, value=None) != replace(weaker, at_least=None, value=None):
        return False
    if stronger.op == "within":
        return (stronger.value or 0) <= (weaker.value or 0)
    return _least(stronger) >= _least(weaker)


def _rounds_alike(stronger: PairTest, weaker: PairTest) -> bool:
    """Equal amounts do; so do numbers that are cut to more decimals alike. (Of the nearest that is not so.)"""
    if (stronger.left, stronger.right) != (weaker.left, weaker.right):
        return False
    if stronger.op == "same":
        return field_named(stronger.left).type is FieldType.MONEY
    finer = weaker.mode != "half_up" and (stronger.places or 0) >= (weaker.places or 0)
    return stronger == weaker or (finer and stronger.op == weaker.op and stronger.mode == weaker.mode)


def _least(test: PairTest) -> float:
    return test.at_least or (SHORTEST_TOKEN if test.op == "shares_token" else 0)
