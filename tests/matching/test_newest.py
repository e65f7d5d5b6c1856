"""`ambiguous: newest`: of several candidates the one with the newest date, whatever is nearer or more alike."""

from __future__ import annotations

from typing import Any

from tests.matching.tables import Line, groups, line, reconcile

NEWEST: Line = {"kind": "match", "key": "newest", "cardinality": "one_to_one", "ambiguous": "newest"}


def matched(left: list[Line], right: list[Line], /, **terms: Any) -> set[frozenset[str]]:
    return groups(reconcile(left, right, NEWEST | terms), left, right)


def pairs(*ids: str) -> set[frozenset[str]]:
    """`pairs("l1 r1", …)`."""
    return {frozenset(each.split()) for each in ids}


def test_of_two_payments_the_newer_pays_the_invoice() -> None:
    left = [line("old", "2023-10-01", "-50"), line("new", "2023-10-20", "-50"), line("invoice", "2023-10-01", "50")]
    assert matched(left, [], cardinality="internal_left") == pairs("new invoice")


def test_newer_stands_before_nearer_and_more_alike() -> None:
    left = [line("l", "2024-03-05", "10", reference="A", text="same")]
    right = [line("near", "2024-03-05", "10", reference="A", text="same"), line("new", "2024-03-07", "10")]
    assert matched(left, right) == pairs("l new")


def test_a_smaller_difference_stands_before_newer() -> None:
    terms = {"amount": {"minus": "1", "plus": "1"}, "difference": {"entry_type": "ROUNDING"}}
    right = [line("equal", "2024-03-01", "10"), line("new", "2024-03-09", "10.50")]
    assert matched([line("l", "2024-03-05", "10")], right, **terms) == pairs("l equal")


def test_both_sides_go_from_the_newest_back() -> None:
    left = [line(f"l{day}", f"2024-03-0{day}", "10") for day in (1, 5, 9)]
    right = [line(f"r{day}", f"2024-03-0{day}", "10") for day in (2, 8)]
    assert matched(left, right) == pairs("l9 r8", "l5 r2")


def test_a_tie_of_one_day_goes_by_what_is_alike_and_then_by_id() -> None:
    left = [line("l", "2024-03-05", "10", reference="A")]
    right = [line(name, "2024-03-07", "10", reference=reference) for name, reference in (("r1", "B"), ("r2", "A"))]
    assert matched(left, right) == pairs("l r2")
    equal = [line(name, "2024-03-07", "10", reference="C", text=name) for name in ("r2", "r1")]
    assert matched(left, equal) == pairs("l r1")


def test_a_line_without_the_date_is_older_than_any() -> None:
    date = {"field": "value_date", "within": 9}
    left = [line("l", "2024-03-05", "10", value_date="2024-03-05")]
    right = [line("none", "2024-03-09", "10"), line("some", "2024-03-05", "10", value_date="2024-03-01")]
    assert matched(left, right, date=date) == pairs("l some")
    assert matched(left, right) == pairs("l none")


def test_the_last_day_tells_how_new_a_group_is() -> None:
    parts = (("a1", "01", "A"), ("a2", "09", "A"), ("b1", "03", "B"), ("b2", "04", "B"))
    right = [line(name, f"2024-03-{day}", "5", reference=key) for name, day, key in parts]
    terms = {"cardinality": "one_to_many", "right": {"group_by": ["reference"]}}
    assert matched([line("l", "2024-03-03", "10")], right, **terms) == pairs("l a1 a2")


def test_a_search_takes_the_newest_of_several_subsets() -> None:
    parts = (("a1", "01", "4"), ("a2", "01", "6"), ("b1", "06", "3"), ("b2", "06", "7"))
    right = [line(name, f"2024-03-{day}", amount) for name, day, amount in parts]
    terms = {"cardinality": "one_to_many", "search": {"max_lines": 2, "same": ["booking_date"]}}
    assert matched([line("l", "2024-03-02", "10")], right, **terms) == pairs("l b1 b2")


def test_what_a_suggestion_holds_bars_the_older_ones() -> None:
    """A rival that the rule would rather have is not passed over for a line that happens to be free."""
    suggests: Line = {
        "kind": "match",
        "key": "above",
        "cardinality": "one_to_one",
        "outcome": "suggested",
        "pair": {"left": "reference", "op": "same", "right": "reference"},
    }
    left = [line("held", "2024-03-09", "10", reference="A"), line("l", "2024-03-05", "10")]
    right = [line("r new", "2024-03-09", "10", reference="A"), line("r old", "2024-03-01", "10")]
    result = reconcile(left, right, suggests, NEWEST)
    assert groups(result, left, right) == {frozenset({"held", "r new"})}
