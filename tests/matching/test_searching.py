"""Subset search as a rule, sentence by sentence of the rule language."""

from __future__ import annotations

from typing import Any

import pytest

from recon.matching.result import set_hash
from rules.encoding import rule_hash
from tests.matching.tables import Line, groups, line, reconcile, rule_set

DAY = "2024-03-04"
LATER = "2024-03-05"
FIND: Line = {
    "key": "find",
    "kind": "match",
    "cardinality": "one_to_many",
    "search": {"max_lines": 4, "same": ["booking_date"]},
}
LEFT = [line("t", DAY, "100")]


def found(left: list[Line], right: list[Line], **rule: Any) -> set[frozenset[str]]:
    return groups(reconcile(left, right, FIND | rule), left, right)


def bank(*amounts: str, day: str = DAY, **fields: Any) -> list[Line]:
    return [line(f"r{number}", day, amount, **fields) for number, amount in enumerate(amounts)]


def test_greedy_in_order_would_miss_what_adds_up() -> None:
    assert found(LEFT, bank("30", "50", "50")) == {frozenset({"t", "r1", "r2"})}


def test_both_directions() -> None:
    mirrored = {"cardinality": "many_to_one"}
    left, right = bank("30", "45", "70"), [line("t", DAY, "100")]
    assert found(left, right, **mirrored) == {frozenset({"t", "r0", "r2"})}


@pytest.mark.parametrize(
    "right",
    [
        bank("30", "70", "100"),
        bank("30", "70", "40", "60"),
        bank("100"),
        bank("20", "20", "20", "20", "20"),
    ],
    ids=["a single line fits", "a second solution", "one line is not a subset", "more lines than allowed"],
)
def test_what_leaves_the_target_open(right: list[Line]) -> None:
    assert not found(LEFT, right)


def test_a_line_in_the_solution_of_another_target() -> None:
    left = [*LEFT, line("u", DAY, "50", text="u")]
    assert found(left, bank("30", "70", "20")) == set()
    assert found(left, bank("30", "70", "19", "31")) == {frozenset({"t", "r0", "r1"}), frozenset({"u", "r2", "r3"})}


def test_a_line_that_fits_another_target_alone() -> None:
    left = [*LEFT, line("u", DAY, "30", text="u")]
    assert not found(left, bank("30", "70"))


def test_members_share_the_fields_named() -> None:
    right = [line("r0", DAY, "30"), line("r1", LATER, "70")]
    assert not found(LEFT, right, date={"within": 3})
    assert found(LEFT, right, date={"within": 3}, search={"max_lines": 4})


def test_an_empty_field_is_shared_by_nobody() -> None:
    search = {"max_lines": 4, "same": ["reference"]}
    assert not found(LEFT, bank("30", "70"), search=search)
    assert found(LEFT, bank("30", "70", reference="A"), search=search)


def test_every_member_lies_inside_the_window() -> None:
    right = [line("r0", DAY, "30"), line("r1", "2024-03-09", "70")]
    assert not found(LEFT, right, date={"within": 4}, search={"max_lines": 4})
    assert found(LEFT, right, date={"within": 5}, search={"max_lines": 4})
    assert not found(LEFT, bank("30", "70", day=LATER), date={"from": -3, "to": 0})


def test_every_member_passes_the_pair_tests() -> None:
    left = [line("t", DAY, "100", text="order 4711")]
    right = [*bank("30", "40", text="pays 4711"), line("x", DAY, "70"), line("y", DAY, "30", text="4711 rest")]
    pair = {"left": "text", "op": "shares_token", "right": "text"}
    assert found(left, right, pair=pair) == {frozenset({"t", "r0", "r1", "y"})}
    same = {"left": "reference", "op": "same", "right": "reference"}
    left[0]["reference"] = "A"
    right = [*bank("30", "70", reference="A"), line("x", DAY, "40", reference="B"), line("y", DAY, "60", reference="B")]
    assert found(left, right, pair=same) == {frozenset({"t", "r0", "r1"})}


def test_currencies_never_mix() -> None:
    assert not found(LEFT, [line("r0", DAY, "30"), line("r1", DAY, "70", currency="EUR")])


def test_credit_notes_count_and_zeros_do_not() -> None:
    assert found(LEFT, bank("130", "-30", "0")) == {frozenset({"t", "r0", "r1"})}
    assert not found([line("t", DAY, "0")], bank("5", "-5"))


def test_negative_targets() -> None:
    assert found([line("t", DAY, "-100")], bank("-30", "-70", "-20")) == {frozenset({"t", "r0", "r1"})}


def test_twins_are_interchangeable() -> None:
    assert found(LEFT, bank("30", "70", "30")) == {frozenset({"t", "r0", "r1"})}
    twins = [line("t1", DAY, "100"), line("t2", DAY, "100")]
    assert found(twins, bank("30", "70", "30", "70")) == {frozenset({"t1", "r0", "r1"}), frozenset({"t2", "r2", "r3"})}
    assert not found(twins, bank("30", "70", "30"))


def test_the_closest_is_taken_where_the_policy_says_so() -> None:
    near, far = bank("30", "70"), [line("f0", LATER, "40"), line("f1", LATER, "60")]
    window = {"date": {"within": 3}}
    assert not found(LEFT, [*near, *far], **window)
    assert found(LEFT, [*near, *far], ambiguous="closest", **window) == {frozenset({"t", "r0", "r1"})}
    assert not found(LEFT, bank("30", "70", "40", "60"), ambiguous="closest")


def test_the_first_is_taken_where_the_policy_says_so() -> None:
    assert found(LEFT, bank("30", "70", "40", "60"), ambiguous="first") == {frozenset({"t", "r0", "r1"})}
    twins = [line("t1", DAY, "100"), line("t2", DAY, "100")]
    assert found(twins, bank("30", "70", "30"), ambiguous="first") == {frozenset({"t1", "r0", "r1"})}
    assert not found(LEFT, bank("30", "70", "100"), ambiguous="first")


def test_ties_are_listed_where_the_policy_says_so() -> None:
    left, right = LEFT, bank("30", "70", "40", "60")
    result = reconcile(left, right, FIND | {"ambiguous": "suggest"})
    assert result.matches.empty
    listed = list(result.choices[["candidate", "side", "row"]].itertuples(index=False, name=None))
    assert listed == [
        (0, "left", 0),
        (0, "right", 0),
        (0, "right", 1),
        (1, "left", 0),
        (1, "right", 2),
        (1, "right", 3),
    ]


def test_running_out_of_steps_is_a_finding() -> None:
    right = bank(*(str(number) for number in range(10, 40)))
    result = reconcile(LEFT, right, FIND | {"search": {"max_lines": 8, "max_steps": 100, "same": ["booking_date"]}})
    assert result.matches.empty
    assert [(finding.code, finding.where) for finding in result.findings] == [("search_gave_up", "find")]


def test_a_line_that_a_search_without_end_might_use_is_left() -> None:
    """The great target may be made up in any way; the small one's lines are among those it may need."""
    left = [line("small", DAY, "3"), line("great", DAY, "290")]
    right = bank("1", "2", *(str(number) for number in range(40, 70)))
    limits = {"max_lines": 8, "max_steps": 1000, "same": ["booking_date"]}
    assert not found(left, right, search=limits)
    assert found(left[:1], right, search=limits) == {frozenset({"small", "r0", "r1"})}


def test_what_people_took_apart_is_not_found_again() -> None:
    right = bank("30", "70", "40", "60")
    refused = (set_hash(["t", "r0", "r1"]), rule_hash(rule_set(FIND).rules[0]))
    result = reconcile(LEFT, right, FIND, refusals=[refused])
    assert groups(result, LEFT, right) == {frozenset({"t", "r2", "r3"})}


HOLD: Line = {
    "key": "hold",
    "kind": "match",
    "cardinality": "one_to_one",
    "outcome": "suggested",
    "pair": {"left": "reference", "op": "same", "right": "reference"},
}


def test_a_subset_with_a_held_line_is_not_formed() -> None:
    left = [*LEFT, line("u", DAY, "40", reference="A")]
    right = [*bank("30", "70", "60"), line("h", DAY, "40", reference="A")]
    assert groups(reconcile(left, right, HOLD, FIND), left, right) == {
        frozenset({"u", "h"}),
        frozenset({"t", "r0", "r1"}),
    }


def test_a_held_target_stays_a_rival() -> None:
    left = [*LEFT, line("u", DAY, "90", reference="A")]
    right = [*bank("30", "70", "20"), line("h", DAY, "90", reference="A")]
    assert groups(reconcile(left, right, HOLD, FIND), left, right) == {frozenset({"u", "h"})}
    assert groups(reconcile(left, right[:2], HOLD, FIND), left, right) == {frozenset({"t", "r0", "r1"})}


def test_groups_can_be_targets() -> None:
    left = [line("a", DAY, "60", reference="A"), line("b", DAY, "40", reference="A")]
    rule = FIND | {"cardinality": "many_to_many", "left": {"group_by": ["reference"]}}
    right = bank("25", "75")
    assert groups(reconcile(left, right, rule), left, right) == {frozenset({"a", "b", "r0", "r1"})}


def test_named_amounts() -> None:
    left = [line("t", DAY, "1100", original_amount="100", original_currency="EUR")]
    right = bank("30", "70", currency="EUR")
    assert found(left, right, amount={"left": "original_amount", "right": "amount"})


WITHIN: Line = {"cardinality": "internal_right", "search": {"max_lines": 3, "same": ["reference"]}}


def cancelled(right: list[Line], **rule: Any) -> set[frozenset[str]]:
    return found([], right, **(WITHIN | rule))


def test_within_one_side_lines_cancel_out() -> None:
    assert cancelled(bank("100", "-30", "-70", "5", reference="A")) == {frozenset({"r0", "r1", "r2"})}
    assert cancelled(bank("100", "-100", reference="A")) == {frozenset({"r0", "r1"})}


def test_within_one_side_two_ways_are_ambiguous() -> None:
    assert not cancelled(bank("100", "-30", "-70", "-100", reference="A"))


def test_within_one_side_the_number_of_lines_and_the_window_hold_for_all() -> None:
    assert not cancelled(bank("100", "-30", "-30", "-40", reference="A"))
    right = [line(f"r{n}", f"2024-03-0{n}", a, reference="A") for n, a in ((1, "50"), (3, "30"), (5, "-80"))]
    assert not cancelled(right, date={"from": 0, "to": 3})
    assert cancelled(right, date={"from": 0, "to": 4}) == {frozenset({"r1", "r3", "r5"})}


def test_within_one_side_pair_tests_hold_for_every_earlier_with_every_later_line() -> None:
    pair = {"left": "text", "op": "shares_token", "right": "text"}
    right = bank("100", "-30", "-70", reference="A", text="nr 4711")
    assert cancelled(right, pair=pair)
    right[0]["text"], right[1]["text"] = "nr 4711 of 4712", "nr 4712"
    assert not cancelled(right, pair=pair)


def test_within_one_side_twins_are_interchangeable() -> None:
    assert cancelled(bank("60", "-30", "-30", reference="A")) == {frozenset({"r0", "r1", "r2"})}
    assert cancelled(bank("-60", "30", "30", reference="A")) == {frozenset({"r0", "r1", "r2"})}
