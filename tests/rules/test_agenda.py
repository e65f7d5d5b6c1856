"""The rules engine by signature: few facts for many lines, and its limits never met."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from random import Random

import numpy as np
import pandas as pd
import pytest

from rules import agenda
from rules.agenda import Memory, decisions, facts_posted, fires, participation
from rules.evaluate import Truths, combined, truth
from rules.model import All, Any, Condition, Decision, Derive, Exclude, Match, Not, Post, Rule, Unit
from rules.model import Test as Leaf
from rules.signatures import Mask
from tests.rules.line_frames import lines
from tests.rules.random_rules import candidate_test, candidates, condition, frame, rule_set

FEE = Leaf("text", "contains", "gebyr")
LARGE = Leaf("abs_amount", "at_least", "100")


def leaf(number: int) -> Leaf:
    return Leaf("text", "contains", f"t{number}")


def truths(count: int, length: int, share: float = 0.5) -> Truths:
    random = np.random.default_rng(7)
    return {leaf(number): random.random(length) < share for number in range(count)}


def facts_for(tree: Condition, known: Truths, length: int) -> int:
    before = facts_posted()
    assert np.array_equal(fires(tree, known, length), combined(tree, known, length))
    return facts_posted() - before


def fired(trees: Sequence[Condition], known: Truths, length: int) -> list[Mask]:
    return agenda._Question(dict(known), Memory()).fired(trees, length)


def test_which_lines_take_part_in_which_rule() -> None:
    table = lines(text=["Gebyr", "gebyr", "x"], amount=[100, 10000, 10000])
    rules: list[Rule] = [
        Exclude("fees", "Fees", "left", FEE),
        Derive("derive", "Derive", "both", None, ()),
        Post("post", "Post", "right", FEE, "FEE"),
        Match("match", "Match", "one_to_one", Unit(All((FEE, LARGE))), Unit(LARGE)),
        Match("inside", "Inside", "internal_left", Unit(Not(FEE))),
        Match("other", "Other", "internal_right"),
    ]
    left = {key: rows.tolist() for key, rows in participation(rules, "left", table).items()}
    assert left == {
        "fees": [True, True, False],
        "derive": [True, True, True],
        "match": [False, True, False],
        "inside": [False, False, True],
    }
    right = {key: rows.tolist() for key, rows in participation(rules, "right", table).items()}
    assert right == {
        "derive": [True, True, True],
        "post": [True, True, False],
        "match": [False, True, True],
        "other": [True, True, True],
    }


@pytest.mark.parametrize("seed", range(25))
def test_participation_is_the_truth_of_where(seed: int) -> None:
    random = Random(seed)
    rules, table = rule_set(random).rules, frame(random, 20)
    for side in ("left", "right"):
        for key, rows in participation(rules, side, table).items():
            rule = next(rule for rule in rules if rule.key == key)
            where = rule.where if not isinstance(rule, Match) else (rule.left if side == "left" else rule.right).where
            assert np.array_equal(rows, truth(where, table))


def test_rules_without_where_need_no_fact() -> None:
    before = facts_posted()
    answer = participation([Match("all", "All", "one_to_one")], "left", lines(amount=[1, 2]))
    assert answer["all"].tolist() == [True, True]
    assert facts_posted() == before


def test_lines_of_one_signature_are_one_fact() -> None:
    table = lines(text=["gebyr", "x"] * 5000)
    before = facts_posted()
    participation([Exclude("fees", "Fees", "left", FEE)], "left", table)
    assert facts_posted() - before == 2


def test_an_empty_frame_asks_nothing() -> None:
    table = lines(amount=[1]).iloc[:0]
    assert participation([Exclude("fees", "Fees", "left", FEE)], "left", table)["fees"].tolist() == []
    assert decisions([Decision("", LARGE, "leave")], table).tolist() == []


def test_many_tests_in_few_facts() -> None:
    """200 tests of ten rules over rows of every kind: chunks of few tests keep the signatures few."""
    known = truths(200, 20_000)
    before = facts_posted()
    trees = [All(tuple(leaf(8 * number + place) for place in range(8))) for number in range(25)]
    for tree, rows in zip(trees, fired(trees, known, 20_000), strict=True):
        assert np.array_equal(rows, combined(tree, known, 20_000))
    assert facts_posted() - before <= 25 * 2**8


def test_one_rule_with_many_tests_and_signatures_is_parted() -> None:
    tree = All((Any(tuple(leaf(n) for n in range(20))), Any(tuple(Not(leaf(n)) for n in range(20, 40)))))
    assert facts_for(tree, truths(40, 30_000), 30_000) < 12_000
    assert facts_for(Not(All((tree,))), truths(40, 3_000), 3_000) < 12_000


def test_more_branches_than_the_engine_stores() -> None:
    tree = Any(tuple(All((leaf(2 * n), leaf(2 * n + 1))) for n in range(40)))
    assert facts_for(tree, truths(80, 200), 200) > 0
    deep: Condition = leaf(0)
    for number in range(1, 21):
        deep = Not(All((deep, leaf(number)))) if number % 2 else Any((deep, leaf(number)))
    assert facts_for(deep, truths(21, 200), 200) > 0


def test_more_rules_than_may_fire_on_one_fact() -> None:
    known = truths(1, 10)
    for rows in fired([leaf(0)] * 150, known, 10):
        assert np.array_equal(rows, known[leaf(0)])


def test_as_many_tests_as_a_rule_may_have() -> None:
    tree = All(tuple(leaf(n) for n in range(200)))
    assert facts_for(tree, truths(200, 50, 0.995), 50) > 0


def test_no_threads_are_left_behind() -> None:
    before = threading.active_count()
    facts_for(All((leaf(0), leaf(1))), truths(2, 50), 50)
    assert threading.active_count() == before


def test_what_was_answered_is_not_asked_again() -> None:
    rules, memory = (
        [Exclude("fees", "Fees", "left", FEE), Exclude("both", "Both", "left", All((FEE, LARGE)))],
        Memory(),
    )
    table = lines(text=["gebyr", "x", "gebyr"], amount=[1, 1, 50_000])
    expected = {key: rows.tolist() for key, rows in participation(rules, "left", table, memory).items()}
    before = facts_posted()
    assert {key: rows.tolist() for key, rows in participation(rules, "left", table, memory).items()} == expected
    assert facts_posted() == before
    larger = lines(text=["gebyr", "x", "x"], amount=[1, 1, 50_000])
    assert participation(rules, "left", larger, memory)["fees"].tolist() == [True, False, False]
    assert facts_posted() - before == 1
    assert participation(rules, "left", table, Memory())["fees"].tolist() == [True, False, True]
    assert facts_posted() - before == 4


def test_the_work_is_told() -> None:
    before = agenda.work_done()
    participation([Exclude("fees", "Fees", "left", FEE)], "left", lines(text=["gebyr", "x"]))
    done = agenda.work_done() - before
    assert done.facts == 2
    assert done.seconds > 0
    assert done.column_seconds > 0


def test_an_unanswered_fact_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(agenda._SilentHost, "assert_fact", lambda *_arguments: {})
    with pytest.raises(RuntimeError, match="without an answer"):
        fires(leaf(0), truths(1, 3), 3)


def candidate_frame(**columns: list[object]) -> pd.DataFrame:
    return pd.DataFrame({"currency": ["NOK"] * len(next(iter(columns.values()))), **columns})


def test_the_first_decision_that_fires_wins() -> None:
    decide = [
        Decision("Had alternatives", Leaf("alternatives", "at_least", "1"), "suggest"),
        Decision("Large", All((Leaf("abs_amount", "at_least", "1000"), Leaf("days_apart", "at_least", "3"))), "leave"),
        Decision("Weak", Leaf("rule", "in", ("by-amount", "by-name")), "suggest"),
    ]
    table = candidate_frame(
        rule=["by-name", "strong", "by-amount", "strong"],
        amount=[-100000, -100000, -100000, 5],
        alternatives=[1, 0, 0, 0],
        days_apart=[4, 3, 2, 9],
    )
    assert decisions(decide, table).tolist() == ["suggest", "leave", "suggest", ""]
    assert decisions([], table).tolist() == [""] * 4


def test_a_missing_similarity_fails_its_tests() -> None:
    table = candidate_frame(similarity=[0.5, None, 0.95])
    weak = [Decision("Weak", Leaf("similarity", "less_than", "0.9"), "suggest")]
    assert decisions(weak, table).tolist() == ["suggest", "", ""]


@pytest.mark.parametrize("seed", range(20))
def test_decisions_are_the_first_truth(seed: int) -> None:
    random = Random(seed)
    table = candidates(random, 15)
    decide = [Decision("", condition(random, candidate_test), random.choice(["suggest", "leave"])) for _n in range(3)]
    expected = np.full(15, "", dtype=object)
    for decision in reversed(decide):
        expected[truth(decision.when, table)] = decision.then
    assert decisions(decide, table).tolist() == expected.tolist()
