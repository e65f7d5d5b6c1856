"""The subset solver against the oracle of all subsets, and what it promises about its budget."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recon.matching import subset_lists, subsets
from recon.matching.subset_lists import Lists, Pairs, solve_lists
from recon.matching.subsets import Items, Limits

PLENTY = Limits(max_lines=5, max_steps=10**6, most=1000)
Told = tuple[tuple[int, int], ...]

mixed = st.lists(st.integers(-6, 12), max_size=10)
sizes = st.lists(st.integers(1, 9), max_size=10)
one_sign = st.builds(lambda sign, items: [sign * item for item in items], st.sampled_from([1, -1]), sizes)
amounts = st.one_of(mixed, one_sign)


def twins_of(items: list[int]) -> list[int]:
    """Every other item of an amount is the twin of the first of them."""
    return [amount * 2 + items[:place].count(amount) % 2 for place, amount in enumerate(items)]


def told(items: list[int], twins: list[int], solution: tuple[int, ...]) -> Told:
    return tuple(sorted((twins[place], items[place]) for place in solution))


def oracle(items: list[int], twins: list[int], target: int, limits: Limits) -> set[Told]:
    places = [place for place, amount in enumerate(items) if amount]
    return {
        told(items, twins, chosen)
        for size in range(limits.least, limits.max_lines + 1)
        for chosen in combinations(places, size)
        if sum(items[place] for place in chosen) == target
    }


@pytest.fixture(params=[subsets.LISTED, 2], ids=["listed", "by halves"])
def listed(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subsets, "LISTED", request.param)
    monkeypatch.setattr(subset_lists, "TOGETHER", request.param)
    subsets.most_items.cache_clear()


@pytest.mark.usefixtures("listed")
class TestAgainstTheOracle:
    @settings(max_examples=150, deadline=None)
    @given(amounts, st.integers(-20, 40), st.sampled_from([1, 2]))
    def test_every_solution_and_no_other(self, items: list[int], target: int, least: int) -> None:
        limits = Limits(5, 10**6, 1000, least)
        twins = twins_of(items)
        answer = Items(items, twins).solve(target, limits)
        assert answer.complete
        assert len(answer.solutions) == len({told(items, twins, one) for one in answer.solutions})
        assert {told(items, twins, one) for one in answer.solutions} == oracle(items, twins, target, limits)

    @settings(max_examples=100, deadline=None)
    @given(amounts, st.integers(-20, 40), st.integers(0, 6))
    def test_between_two_sums(self, items: list[int], low: int, width: int) -> None:
        answer = Items(items).solve_between(low, low + width, PLENTY)
        apart = list(range(len(items)))
        expected = [oracle(items, apart, target, PLENTY) for target in range(low, low + width + 1)]
        assert {told(items, apart, one) for one in answer.solutions} == set().union(*expected)

    @settings(max_examples=100, deadline=None)
    @given(st.lists(amounts, min_size=1, max_size=4), st.lists(st.integers(-20, 40), min_size=1, max_size=5))
    def test_many_targets_in_many_lists(self, contents: list[list[int]], targets: list[int]) -> None:
        contents = [[amount for amount in items if amount] for items in contents]
        number = np.repeat(np.arange(len(contents)), [len(items) for items in contents])
        twins = np.array([twin for items in contents for twin in twins_of(items)], dtype=np.int64)
        values = np.array([amount for items in contents for amount in items], dtype=np.int64)
        lists, _ = Lists.of(values, twins, number, len(contents))
        owner, of_list = (part.ravel() for part in np.indices((len(targets), len(contents))))
        pairs = Pairs(owner, np.array(targets)[owner], of_list)
        found = solve_lists(lists, pairs, PLENTY, {})
        answers = dict(found.solved)
        assert not len(found.given_up)
        for pair, (target, place) in enumerate(zip(pairs.target.tolist(), of_list.tolist(), strict=True)):
            inside = slice(int(lists.start[place]), int(lists.start[place + 1]))
            items, kinds = lists.amounts[inside].tolist(), lists.twins[inside].tolist()
            solutions = answers[pair].solutions if pair in answers else ()
            assert {told(items, kinds, one) for one in solutions} == oracle(items, kinds, target, PLENTY)


@pytest.mark.parametrize(
    ("items", "target", "outcome"),
    [([30, 50, 50], 100, "unique"), ([30, 70, 40, 60], 100, "several"), ([30, 80], 100, "none"), ([100], 100, "none")],
)
def test_what_an_answer_says(items: list[int], target: int, outcome: str) -> None:
    assert Items(items).solve(target, Limits(8, 1000)).outcome == outcome


def test_the_budget_is_kept_and_told() -> None:
    items = Items([3 * number for number in range(1, 41)])
    whole = items.solve(1, Limits(4, 10**6))
    assert (whole.outcome, whole.complete) == ("none", True)
    large = items.solve(301, Limits(8, 10**6))
    assert large.outcome == "none"
    short = items.solve(301, Limits(8, large.steps - 1))
    assert short.outcome == "gave_up"
    assert short.steps < large.steps


def test_a_second_solution_ends_the_search() -> None:
    few = Items(list(range(1, 61))).solve(60, Limits(8, 10**6, most=2))
    assert (few.outcome, len(few.solutions), few.complete) == ("several", 2, False)
    assert few.steps < Items(list(range(1, 61))).solve(60, Limits(8, 10**9, most=10**6)).steps


def test_somebody_may_stop_a_search() -> None:
    assert Items(list(range(1, 61))).solve(400, Limits(8, 10**9, stopped=lambda: True)).outcome == "gave_up"


def test_an_answer_does_not_hang_on_the_other_targets() -> None:
    items = Items([2 * number for number in range(1, 200)])
    limits = Limits(8, 20_000)
    alone = items.solve_each(np.array([30]), limits)
    together = items.solve_each(np.array([30, 5_001, 28, 29]), limits)
    assert together[30] == alone[30]
    assert {target: answer.outcome for target, answer in together.items()} == {
        28: "several",
        30: "several",
        5_001: "gave_up",
    }


def test_large_amounts_are_exact() -> None:
    great = 2**52
    answer = Items([great, great + 1, 7] + [5] * 20, list(range(23))).solve(2 * great + 8, Limits(3, 10**6))
    assert answer.solutions == ((0, 1, 2),)
