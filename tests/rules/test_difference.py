"""Two versions of a rule set, told apart in sentences; one number of days for a whole set."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules import standard
from rules.codec import from_document, to_document
from rules.deviation import dated_rules, with_date_deviation
from rules.difference import RuleChange, differences
from rules.model import Match, RuleSet
from tests.rules import random_rules

SEEDS = st.integers(0, 2**32)


def kinds(changes: list[RuleChange]) -> list[tuple[str, str]]:
    return [(change.kind, change.key) for change in changes]


def rule(key: str, **more: object) -> dict[str, object]:
    plain: dict[str, object] = {"key": key, "name": key.upper(), "kind": "match", "cardinality": "one_to_one"}
    return plain | more


def rule_set(*rules: dict[str, object], decide: list[dict[str, object]] | None = None) -> RuleSet:
    return from_document({"version": 1, "name": "Set", "rules": list(rules), "decide": decide or []})


@given(SEEDS, SEEDS)
def test_there_is_a_difference_exactly_where_two_sets_differ(one: int, other: int) -> None:
    old, new = (replace(random_rules.rule_set(Random(seed)), name="Set") for seed in (one, other))
    assert differences(old, old) == []
    changes = differences(old, new)
    assert bool(changes) == (to_document(old) != to_document(new))
    assert all(change.parts for change in changes if change.kind == "changed")
    assert all(change.sentence() for change in changes)


@given(st.permutations(range(8)))
def test_what_did_not_move_kept_its_order_and_nothing_more_could_stay(order: list[int]) -> None:
    old = rule_set(*(rule(str(n)) for n in range(8)))
    moved = {change.key for change in differences(old, rule_set(*(rule(str(n)) for n in order)))}
    stayed = [n for n in order if str(n) not in moved]
    assert stayed == sorted(stayed)
    assert len(stayed) == longest_increasing(order)


def longest_increasing(numbers: list[int]) -> int:
    best = [1] * len(numbers)
    for place, number in enumerate(numbers):
        best[place] += max((best[b] for b in range(place) if numbers[b] < number), default=0)
    return max(best)


def test_one_rule_moved_is_one_change() -> None:
    old = rule_set(rule("a"), rule("b"), rule("c"), rule("d"))
    (change,) = differences(old, rule_set(rule("b"), rule("c"), rule("d"), rule("a")))
    assert change.sentence() == "“A” moved from place 1 to place 4."


def test_added_removed_and_changed_are_told_with_their_sentences() -> None:
    old = rule_set(rule("a", date={"within": 3}), rule("b"))
    new = rule_set(rule("a", date={"within": 5}, outcome="suggested"), rule("c"))
    changes = differences(old, new)
    assert kinds(changes) == [("removed", "b"), ("changed", "a"), ("added", "c")]
    removed, changed, added = changes
    assert removed.before.startswith("Match one left line")
    assert added.new_place == 2
    assert changed.sentence() == (
        "“A” changed: days: the booking date differs by at most 5 days, before: the booking date differs by at most 3 "
        "days; outcome: suggested, before: confirmed."
    )


def test_what_no_sentence_tells_is_told_as_it_is_written() -> None:
    reversal = {"cardinality": "internal_left"}
    old = rule_set(rule("a", **reversal, date={"from": -3, "to": 3}))
    (change,) = differences(old, rule_set(rule("a", **reversal, date={"from": 0, "to": 3})))
    (part,) = change.parts
    assert part.part == "date"
    assert '"from": -3' in part.before


def test_a_rule_put_aside_is_not_gone() -> None:
    old, new = rule_set(rule("a"), rule("b")), rule_set(rule("b"))
    aside = old.rules[:1]
    assert kinds(differences(old, new, (), aside)) == [("deactivated", "a")]
    assert kinds(differences(new, old, aside, ())) == [("reactivated", "a")]
    assert kinds(differences(new, new, aside, ())) == [("removed", "a")]
    other = rule_set(rule("a", outcome="suggested"), rule("b"))
    assert kinds(differences(new, other, aside, ())) == [("reactivated", "a"), ("changed", "a")]


def test_decisions_are_compared_by_name() -> None:
    alternatives: dict[str, object] = {
        "name": "Had others",
        "when": {"field": "alternatives", "op": "at_least", "value": 1},
    }
    large: dict[str, object] = {
        "name": "Large",
        "when": {"field": "abs_amount", "op": "at_least", "value": "1000"},
        "then": "leave",
    }
    old = rule_set(rule("a"), decide=[{**alternatives, "then": "suggest"}, large])
    new = rule_set(rule("a"), decide=[large, {**alternatives, "then": "leave"}])
    told = [change.sentence() for change in differences(old, new)]
    assert len(told) == 2
    assert any("moved from place" in sentence for sentence in told)
    assert any(sentence.startswith("“Had others” changed: what it does: A match is left open") for sentence in told)


@pytest.mark.parametrize("name", standard.NAMES)
@pytest.mark.parametrize("days", [0, 10])
def test_the_deviation_is_written_into_every_dated_rule_and_nothing_else(name: str, days: int) -> None:
    old = standard.load(name)
    new = with_date_deviation(old, days)
    assert dated_rules(old)
    for before, after in zip(old.rules, new.rules, strict=True):
        if isinstance(before, Match) and before.date is not None:
            window = replace(before.date, earliest=-days, latest=days)
            assert after == replace(before, date=window)
        else:
            assert after == before
    assert from_document(to_document(new)) == new
