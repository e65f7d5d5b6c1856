"""When an earlier rule leaves nothing for a later one, or should stand below it: proved by what both ask for."""

from __future__ import annotations

from typing import Literal

from rules.implication import implies
from rules.model import SETTLING, Condition, DateWindow, Derive, Exclude, Match, Post, Rule, RuleSet, Test, leaves

How = Literal["shadowed", "catch-all-first"]


def covering(rule_set: RuleSet, place: int) -> tuple[Rule, How] | None:
    """The first rule above that leaves nothing for the one at `place`, or that acts first though it asks for less."""
    later = rule_set.rules[place]
    for above, earlier in enumerate(rule_set.rules[:place]):
        between = _set_between(rule_set.rules[above + 1 : place])
        if how := _covered(later, earlier, between, leaving=any(each.then == "leave" for each in rule_set.decide)):
            return earlier, how
    return None


def _set_between(rules: tuple[Rule, ...]) -> frozenset[str]:
    """Fields that rules in between set: what an earlier rule read of them is no longer what a later one reads."""
    return frozenset(field for rule in rules if isinstance(rule, Derive) for field, _step in rule.set)


def _covered(later: Rule, earlier: Rule, between: frozenset[str], leaving: bool) -> How | None:
    match earlier:
        case Exclude() if earlier.where is not None:
            return "shadowed" if _hidden(later, earlier, between) else None
        case Post() if earlier.where is not None and isinstance(later, Match | Post):
            return "shadowed" if _hidden(later, earlier, between) else None
        case Match() if isinstance(later, Match) and not _reads(earlier) & between:
            return _outdone(later, earlier, leaving)
    return None


def _hidden(later: Rule, earlier: Exclude | Post, between: frozenset[str]) -> bool:
    """Whether every line that the later rule could see, on some side it needs, is hidden or held by the earlier."""
    read = {leaf.field for leaf in leaves(earlier.where) if isinstance(leaf, Test)}
    if read & between:
        return False
    found = [earlier.side in ("both", side) and implies(where, earlier.where) for side, where in _wheres(later)]
    return any(found) if isinstance(later, Match) else bool(found) and all(found)


def _wheres(rule: Rule) -> list[tuple[str, Condition | None]]:
    """What a rule asks of the lines of each side that it looks at."""
    if isinstance(rule, Match):
        sides = (("left", rule.left.where), ("right", rule.right.where))
        return [(side, where) for side, where in sides if rule.internal in (None, side)]
    return [(side, rule.where) for side in ("left", "right") if rule.side in ("both", side)]


def _outdone(later: Match, earlier: Match, leaving: bool) -> How | None:
    """Shadowed: whatever the later rule could take, the earlier takes in the same way. Catch-all-first: it asks for
    less of the same, and so takes with less reason what the later would take with more.
    """
    if not _same_shape(later, earlier) or not _asks_for_less(earlier, later):
        return None
    alike = _asks_for_less(later, earlier)
    if not leaving and (earlier.ambiguous in SETTLING or (alike and earlier.ambiguous == later.ambiguous)):
        return "shadowed"
    return None if alike else "catch-all-first"


def _same_shape(later: Match, earlier: Match) -> bool:
    grouped = later.left.group_by + later.right.group_by
    same_lines = _same_lines(later, earlier) if grouped or later.search else True
    return (
        later.cardinality == earlier.cardinality
        and later.left.group_by == earlier.left.group_by
        and later.right.group_by == earlier.right.group_by
        and later.search == earlier.search
        and later.amount == earlier.amount
        and same_lines
    )


def _same_lines(later: Match, earlier: Match) -> bool:
    """Whether both rules see the same lines: a group of fewer lines is another group."""
    pairs = ((later.left.where, earlier.left.where), (later.right.where, earlier.right.where))
    return all(implies(one, other) and implies(other, one) for one, other in pairs)


def _asks_for_less(wide: Match, narrow: Match) -> bool:
    """Whether every candidate of the narrow rule is one of the wide rule."""
    return (
        _window_holds(wide.date, narrow.date)
        and implies(narrow.left.where, wide.left.where)
        and implies(narrow.right.where, wide.right.where)
        and implies(narrow.pair, wide.pair)
    )


def _window_holds(wide: DateWindow | None, narrow: DateWindow | None) -> bool:
    if wide is None:
        return True
    if narrow is None or wide.field != narrow.field or wide.calendar != narrow.calendar:
        return False
    return wide.earliest <= narrow.earliest and narrow.latest <= wide.latest


def _reads(rule: Match) -> frozenset[str]:
    """Fields whose values decide what a match rule takes."""
    fields = {*rule.left.group_by, *rule.right.group_by, *(rule.search.same if rule.search else ())}
    for condition in (rule.left.where, rule.right.where, rule.pair):
        for leaf in leaves(condition):
            fields |= {leaf.field} if isinstance(leaf, Test) else {leaf.left, leaf.right}
    return frozenset(fields)
