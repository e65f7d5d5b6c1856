"""Rule sets with one thing changed: a rule in its place, another order, a decision. The given set stays as it is."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from rules.kinds import slug
from rules.model import Decision, Rule, RuleSet


def with_rule(rule_set: RuleSet, rule: Rule, old_key: str = "", place: int | None = None) -> RuleSet:
    """The set with the rule in the place of the one with the old key; else at a place from 0, else as its last."""
    if old_key and any(each.key == old_key for each in rule_set.rules):
        return replace(rule_set, rules=tuple(rule if each.key == old_key else each for each in rule_set.rules))
    order = list(rule_set.rules)
    order.insert(len(order) if place is None else max(place, 0), rule)
    return replace(rule_set, rules=tuple(order))


def without_rule(rule_set: RuleSet, key: str) -> RuleSet:
    return replace(rule_set, rules=tuple(rule for rule in rule_set.rules if rule.key != key))


def in_order(rule_set: RuleSet, keys: Sequence[str]) -> RuleSet:
    """The set with its rules in the order of their keys. Raises ValueError unless each key stands there once."""
    held = {rule.key: rule for rule in rule_set.rules}
    if sorted(held) != sorted(keys):
        raise ValueError(", ".join(sorted(held.keys() ^ set(keys))))
    return replace(rule_set, rules=tuple(held[key] for key in keys))


def with_decision(rule_set: RuleSet, decision: Decision, at: int | None = None) -> RuleSet:
    """The set with the decision in the place of another (from 0), or as its last."""
    if at is None or not 0 <= at < len(rule_set.decide):
        return replace(rule_set, decide=(*rule_set.decide, decision))
    return replace(rule_set, decide=(*rule_set.decide[:at], decision, *rule_set.decide[at + 1 :]))


def without_decision(rule_set: RuleSet, at: int) -> RuleSet:
    kept = (decision for place, decision in enumerate(rule_set.decide) if place != at)
    return replace(rule_set, decide=tuple(kept))


def moved_decision(rule_set: RuleSet, at: int, step: int) -> RuleSet:
    """The set with a decision moved by so many places, as far as there are any."""
    order = list(rule_set.decide)
    order.insert(max(0, min(at + step, len(order) - 1)), order.pop(at))
    return replace(rule_set, decide=tuple(order))


def fresh_key(name: str, taken: Collection[str]) -> str:
    """The key that a name gives, with a number where it is taken: `fees`, `fees-2`. Empty where the name gives none."""
    key = slug(name)
    if not key or key not in taken:
        return key
    numbers = range(2, len(taken) + 3)
    return next(each for number in numbers if (each := f"{key[:95]}-{number}") not in taken)
