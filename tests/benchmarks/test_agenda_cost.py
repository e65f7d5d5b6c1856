"""The rule set of the agenda benchmark is what it says, and its cost is measured."""

from __future__ import annotations

import pandas as pd

from benchmarks.agenda import Cost, measure, rule_set
from benchmarks.events import generate
from rules.model import Match, RuleSet, leaves


def where_tests(rules: RuleSet) -> list[object]:
    found: list[object] = []
    for rule in rules.rules:
        wheres = [rule.left.where, rule.right.where] if isinstance(rule, Match) else [rule.where]
        found += [leaf for where in wheres for leaf in leaves(where)]
    return found


def test_the_set_has_so_many_rules_and_tests_each_once() -> None:
    rules = rule_set(50, 200, 3)
    tests = where_tests(rules)
    assert len(rules.rules) == 50
    assert len(tests) == len(set(tests)) == 200
    assert rule_set(50, 200, 3) == rules != rule_set(50, 200, 4)


def test_facts_stay_few_whatever_the_lines() -> None:
    rules = rule_set(20, 80, 5)
    costs = [measure(*sides(events), rules, 80) for events in (500, 4_000)]
    assert all(cost.matches > 50 for cost in costs)
    assert costs[1].facts < 2 * costs[0].facts
    assert "facts (asked below 20,000)" in costs[0].sentence()


def sides(events: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    made = generate(events, 11)
    return made.left, made.right


def test_the_bounds_are_held() -> None:
    few = Cost(50, 200, 10, 10, 1, 1, facts=19_999, run_seconds=100.0, agenda_seconds=4.9, column_seconds=1.0)
    assert few.holds
    assert not Cost(
        50, 200, 10, 10, 1, 1, facts=20_000, run_seconds=100.0, agenda_seconds=1.0, column_seconds=1.0
    ).holds
    assert not Cost(50, 200, 10, 10, 1, 1, facts=5, run_seconds=100.0, agenda_seconds=5.0, column_seconds=1.0).holds
