"""What rules may see: an answer about a line holds until its remainder changes, and only that line is asked about."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest

from recon.matching.scope import Scope
from recon.matching.side import Ints, Side, SideName
from rules.agenda import facts_posted
from rules.model import Derive, Exclude, Match, Post, Rule
from tests.rules.random_rules import condition, frame, line_test, rule_set

Seen = dict[str, list[int]]


def one_pass(rules: tuple[Rule, ...], scope: Scope) -> Seen:
    """The left lines that each rule sees, in the order in which a run asks."""
    seen: Seen = {}
    scope.start_pass()
    for rule in rules:
        match rule:
            case Exclude():
                scope.exclude(rule)
            case Derive():
                scope.derive(rule)
            case Match(cardinality="internal_right") | Post(side="right"):
                pass
            case _:
                seen[rule.key] = scope.rows(rule, "left").tolist()
    return seen


def cut(side: Side, rows: Ints, amounts: Ints) -> None:
    side.amount[rows] = amounts


@pytest.mark.parametrize("seed", range(40))
def test_lines_whose_remainder_changed_are_seen_as_if_asked_for_the_first_time(seed: int) -> None:
    random = Random(seed)
    rules = tuple(rule for _set in range(2) for rule in rule_set(random).rules)
    rules = tuple({rule.key: rule for rule in rules}.values())
    table = frame(random, 25)
    sides: dict[SideName, Side] = {"left": Side("left", table), "right": Side("right", table)}
    scope = Scope(rules, sides)
    one_pass(rules, scope)
    for _turn in range(3):
        rows = np.array(random.sample(range(25), random.randint(1, 4)), dtype=np.int64)
        cut(sides["left"], rows, np.array([random.choice([1, -1, 50, 100_000]) for _row in rows], dtype=np.int64))
        sides["left"].live[random.sample(range(25), 2)] = False
        scope.ask_again("left", rows)
        again = one_pass(rules, scope)
        assert again == one_pass(rules, Scope(rules, sides))


def test_a_change_of_some_lines_hands_over_few_facts() -> None:
    random = Random(5)
    rules = tuple(Post(f"post-{n}", "", "left", condition(random, line_test), "FEE") for n in range(12))
    table = frame(random, 400)
    sides: dict[SideName, Side] = {"left": Side("left", table), "right": Side("right", table)}
    scope = Scope(rules, sides)
    before = facts_posted()
    one_pass(rules, scope)
    first = facts_posted() - before
    assert first > 40
    rows = np.array([3], dtype=np.int64)
    cut(sides["left"], rows, np.array([7], dtype=np.int64))
    scope.ask_again("left", rows)
    one_pass(rules, scope)
    assert facts_posted() - before - first <= len(rules)
    one_pass(rules, scope)
    assert facts_posted() - before - first <= len(rules)
