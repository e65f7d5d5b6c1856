"""What is proved of conditions holds on every line: implications, exclusions, contradictions."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from random import Random

import numpy as np
import pandas as pd
import pytest

from rules.evaluate import pair_truth, truth
from rules.implication import implies
from rules.impossible import contradictions
from rules.model import All, Any, Condition, Not, PairTest, Rounding
from rules.model import Test as Leaf
from tests.rules.random_rules import condition, frame, line_test, pair_test

FRAMES = 4


@cache
def table(number: int) -> pd.DataFrame:
    return frame(Random(number), 200)


def near(random: Random, start: Condition) -> Condition:
    """A condition that is likely to have something to do with another: a part, an extension, one test of its field."""
    match random.randrange(5):
        case 0:
            return Any((start, condition(random, line_test, 1)))
        case 1:
            return All((condition(random, line_test, 1), start))
        case 2:
            return Not(start)
        case 3 if isinstance(start, All | Any):
            return random.choice(start.items)
    return line_test(random)


def test_what_is_implied_holds_wherever_the_other_does() -> None:
    proved = 0
    for seed in range(1_200):
        random = Random(seed)
        one = condition(random, line_test, 2)
        other = near(random, one)
        for stronger, weaker in ((one, other), (other, one)):
            if implies(stronger, weaker):
                proved += stronger != weaker
                held, wanted = truth(stronger, table(seed % FRAMES)), truth(weaker, table(seed % FRAMES))
                assert not (held & ~wanted).any(), f"seed {seed}: {stronger} does not imply {weaker}"
    assert proved > 400


def test_leaf_implications_hold_between_tests_of_one_field() -> None:
    proved = 0
    for seed in range(15_000):
        random = Random(seed)
        one, other = line_test(random), line_test(random)
        if one.field == other.field and one != other and implies(one, other):
            proved += 1
            held, wanted = truth(one, table(seed % FRAMES)), truth(other, table(seed % FRAMES))
            assert not (held & ~wanted).any(), f"seed {seed}: {one} does not imply {other}"
    assert proved > 50


def test_pair_implications_hold() -> None:
    proved = 0
    rows = np.arange(200)
    for seed in range(4_000):
        random = Random(seed)
        one = pair_test(random)
        further = ("at_least", "value", "places", "mode")
        other = replace(one, **{key: getattr(pair_test(random), key) for key in further})
        if one != other and _complete(other) and implies(one, other):
            proved += 1
            left, right = table(seed % FRAMES), table((seed + 1) % FRAMES)
            held, wanted = (pair_truth(test, left, right, rows, rows) for test in (one, other))
            assert not (held & ~wanted).any(), f"seed {seed}: {one} does not imply {other}"
    assert proved > 50


def _complete(test: PairTest) -> bool:
    needed = {"within": test.value, "similar": test.at_least, "same_rounded": test.places}
    return needed.get(test.op, True) is not None


def test_what_is_said_to_be_impossible_holds_nowhere() -> None:
    found = 0
    for seed in range(1_500):
        random = Random(seed)
        tree = All(tuple(line_test(random) for _test in range(random.randint(2, 5))))
        if list(contradictions(tree, "where")):
            found += 1
            assert not truth(tree, table(seed % FRAMES)).any(), f"seed {seed}: {tree}"
    assert found > 60


def rounded_to(places: int, mode: Rounding) -> PairTest:
    return PairTest("extra.price", "same_rounded", "amount", places=places, mode=mode)


TEXT_A = Leaf("text", "equals", "Gebyr mars")


@pytest.mark.parametrize(
    ("stronger", "weaker"),
    [
        (TEXT_A, Leaf("text", "contains", ("x", "MARS"))),
        (TEXT_A, Leaf("text", "in", ("a", "gebyr mars"))),
        (TEXT_A, Leaf("text", "not_equals", "april")),
        (TEXT_A, Leaf("text", "not_contains", "april")),
        (TEXT_A, Leaf("text", "is_not_empty")),
        (Leaf("text", "is_empty"), Leaf("text", "not_contains", "x")),
        (Leaf("text", "starts_with", "gebyr for"), Leaf("text", "starts_with", "gebyr")),
        (Leaf("text", "ends_with", "for mars"), Leaf("text", "contains", "mars")),
        (Leaf("text", "not_contains", "geb"), Leaf("text", "not_contains", "gebyr")),
        (Leaf("text", "similar", "a b", at_least=0.9), Leaf("text", "similar", "a b", at_least=0.8)),
        (Leaf("amount", "greater_than", "5"), Leaf("amount", "at_least", "5.00")),
        (Leaf("amount", "between", ("2", "3")), Leaf("amount", "less_than", "4")),
        (Leaf("amount", "less_than", "4"), Leaf("amount", "not_equals", "4")),
        (Leaf("sign", "equals", "zero"), Leaf("sign", "not_in", ("positive", "negative"))),
        (Leaf("booking_date", "at_most", "2026-03-01"), Leaf("booking_date", "less_than", "2026-03-02")),
        (
            All((TEXT_A, Leaf("amount", "equals", "5"))),
            Any((Leaf("text", "is_empty"), Leaf("amount", "at_least", "1"))),
        ),
        (Not(Any((Leaf("text", "is_empty"), TEXT_A))), Leaf("text", "is_not_empty")),
        (PairTest("text", "similar", "text", at_least=0.9), PairTest("text", "similar", "text", at_least=0.5)),
        (PairTest("amount", "same", "amount"), PairTest("amount", "same_rounded", "amount", places=1)),
        (rounded_to(2, "floor"), rounded_to(1, "floor")),
        (rounded_to(1, "half_up"), rounded_to(1, "half_up")),
        (TEXT_A, None),
    ],
)
def test_what_can_be_proved(stronger: Condition, weaker: Condition | None) -> None:
    assert implies(stronger, weaker)


@pytest.mark.parametrize(
    ("stronger", "weaker"),
    [
        (None, TEXT_A),
        (rounded_to(2, "half_up"), rounded_to(1, "half_up")),
        (rounded_to(1, "floor"), rounded_to(2, "floor")),
        (rounded_to(2, "floor"), rounded_to(1, "truncate")),
        (PairTest("text", "same", "text"), PairTest("text", "same_rounded", "text", places=1)),
        (Leaf("text", "contains", "gebyr"), TEXT_A),
        (Leaf("text", "contains", ("gebyr", "rente")), Leaf("text", "contains", "gebyr")),
        (Leaf("text", "starts_with", "a", case=True), Leaf("text", "starts_with", "A", case=True)),
        (Leaf("text", "starts_with", "a"), Leaf("text", "starts_with", "a", case=True)),
        (Leaf("amount", "at_least", "5"), Leaf("amount", "greater_than", "5")),
        (Leaf("amount", "at_least", "5"), Leaf("abs_amount", "at_least", "5")),
        (Not(Leaf("amount", "at_least", "5")), Leaf("amount", "less_than", "5")),  # a missing amount
        (PairTest("text", "shares_token", "text", at_least=3.0), PairTest("text", "shares_token", "text")),
    ],
)
def test_what_is_not_so(stronger: Condition | None, weaker: Condition) -> None:
    assert not implies(stronger, weaker)
