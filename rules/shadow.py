"""When an earlier match rule leaves nothing for a later one, or should stand below it."""

from __future__ import annotations

from typing import Literal

from rules.model import All, Condition, DateWindow, Match

Tests = frozenset[tuple[str, Condition]]


def is_covered(later: Match, earlier: Match) -> Literal["shadowed", "catch-all-first"] | None:
    """Shadowed: the earlier rule takes, in the same way, all that the later could. Catch-all-first: it asks for less of
    the same tests and so takes with less reason what the later would take with more.
    """
    if not _same_shape(later, earlier) or not _window_holds(earlier.date, later.date):
        return None
    asked, asked_later = _tests(earlier), _tests(later)
    if not asked <= asked_later or (later.amount != earlier.amount):
        return None
    if later.ambiguous == earlier.ambiguous and later.outcome == earlier.outcome and asked == asked_later:
        return "shadowed"
    return "catch-all-first" if asked < asked_later else None


def _same_shape(later: Match, earlier: Match) -> bool:
    return (
        later.cardinality == earlier.cardinality
        and later.left.group_by == earlier.left.group_by
        and later.right.group_by == earlier.right.group_by
        and later.search == earlier.search
    )


def _window_holds(wide: DateWindow | None, narrow: DateWindow | None) -> bool:
    if wide is None:
        return True
    if narrow is None or wide.field != narrow.field or wide.calendar != narrow.calendar:
        return False
    return wide.earliest <= narrow.earliest and narrow.latest <= wide.latest


def _tests(rule: Match) -> Tests:
    places = (("left", rule.left.where), ("right", rule.right.where), ("pair", rule.pair))
    return frozenset((place, test) for place, condition in places for test in conjuncts(condition))


def conjuncts(condition: Condition | None) -> list[Condition]:
    """The tests that must all hold, nested lists flattened."""
    if isinstance(condition, All):
        return [each for item in condition.items for each in conjuncts(item)]
    return [] if condition is None else [condition]
