"""Every operator on one line: where it holds, where it does not, and what a missing value makes of it."""

from __future__ import annotations

import pytest

from rules.model import All, Any, Not
from rules.model import Test as Leaf
from rules.operators import LINE
from tests.rules.line_frames import lines, passing

MISSING = [None, "", " \xa0", "---", "000"]
TEXTS = ["Gebyr mars", "gebyr", "Faktura 10045", "Nordlys AS"]

TEXT_CASES = [
    (Leaf("text", "equals", "GEBYR"), [0, 1, 0, 0]),
    (Leaf("text", "equals", ("gebyr", "nordlys as")), [0, 1, 0, 1]),
    (Leaf("text", "equals", "GEBYR", case=True), [0, 0, 0, 0]),
    (Leaf("text", "in", ("gebyr", "x")), [0, 1, 0, 0]),
    (Leaf("text", "contains", "GEB"), [1, 1, 0, 0]),
    (Leaf("text", "contains", ("mars", "10045")), [1, 0, 1, 0]),
    (Leaf("text", "contains", "g", case=True), [0, 1, 0, 0]),
    (Leaf("text", "starts_with", "gebyr"), [1, 1, 0, 0]),
    (Leaf("text", "starts_with", ("nord", "fak")), [0, 0, 1, 1]),
    (Leaf("text", "ends_with", "As"), [0, 0, 0, 1]),
    (Leaf("text", "ends_with", ("mars", "45")), [1, 0, 1, 0]),
    (Leaf("text", "matches", r"\d{5}"), [0, 0, 1, 0]),
    (Leaf("text", "matches", r"^GEBYR\b"), [1, 1, 0, 0]),
    (Leaf("text", "matches", r"^gebyr", case=True), [0, 1, 0, 0]),
    (Leaf("text", "matches", (r"^N", r"mars$")), [1, 0, 0, 1]),
    (Leaf("text", "matches", r"^\D+$"), [1, 1, 0, 1]),
    (Leaf("text", "similar", "as nordlys", at_least=1.0), [0, 0, 0, 1]),
    (Leaf("text", "similar", ("gebyr for mars", "x"), at_least=0.9), [1, 1, 0, 0]),
    (Leaf("text", "is_not_empty"), [1, 1, 1, 1]),
]


@pytest.mark.parametrize(("leaf", "expected"), TEXT_CASES)
def test_text(leaf: Leaf, expected: list[int]) -> None:
    assert passing(leaf, lines(text=TEXTS)) == [bool(holds) for holds in expected]


@pytest.mark.parametrize(("leaf", "_expected"), TEXT_CASES)
def test_a_missing_text_fails_every_positive_test(leaf: Leaf, _expected: list[int]) -> None:
    assert passing(leaf, lines(text=MISSING)) == [False] * len(MISSING)


@pytest.mark.parametrize(
    ("leaf", "expected"),
    [
        (Leaf("text", "not_equals", "gebyr"), [1, 0, 1, 1]),
        (Leaf("text", "not_in", ("gebyr", "nordlys as")), [1, 0, 1, 0]),
        (Leaf("text", "not_contains", ("gebyr", "AS")), [0, 0, 1, 0]),
        (Leaf("text", "is_empty"), [0, 0, 0, 0]),
    ],
)
def test_the_four_that_a_missing_value_passes(leaf: Leaf, expected: list[int]) -> None:
    assert passing(leaf, lines(text=TEXTS)) == [bool(holds) for holds in expected]
    assert passing(leaf, lines(text=MISSING)) == [True] * len(MISSING)
    assert passing(leaf, lines(reference=["x"])) == [True], "a column that is not there is missing everywhere"


@pytest.mark.parametrize(
    ("leaf", "expected"),
    [
        (Leaf("booking_date", "equals", "2026-03-31"), [0, 1, 0, 0]),
        (Leaf("booking_date", "in", ("2026-03-30", "2026-04-01")), [1, 0, 1, 0]),
        (Leaf("booking_date", "not_in", ("2026-03-30", "2026-04-01")), [0, 1, 0, 1]),
        (Leaf("booking_date", "greater_than", "2026-03-31"), [0, 0, 1, 0]),
        (Leaf("booking_date", "at_least", "2026-03-31"), [0, 1, 1, 0]),
        (Leaf("booking_date", "less_than", "2026-03-31"), [1, 0, 0, 0]),
        (Leaf("booking_date", "at_most", "2026-03-31"), [1, 1, 0, 0]),
        (Leaf("booking_date", "between", ("2026-03-30", "2026-03-31")), [1, 1, 0, 0]),
        (Leaf("booking_date", "not_equals", "2026-03-31"), [1, 0, 1, 1]),
        (Leaf("booking_date", "is_empty"), [0, 0, 0, 1]),
        (Leaf("booking_date", "is_not_empty"), [1, 1, 1, 0]),
    ],
)
def test_dates(leaf: Leaf, expected: list[int]) -> None:
    frame = lines(booking_date=["2026-03-30", "2026-03-31", "2026-04-01", None])
    assert passing(leaf, frame) == [bool(holds) for holds in expected]


@pytest.mark.parametrize(
    ("leaf", "expected"),
    [
        (Leaf("amount", "equals", "10"), [1, 0, 0, 0]),
        (Leaf("amount", "not_equals", "10.00"), [0, 1, 1, 1]),
        (Leaf("amount", "in", ("10", "-0.01")), [1, 1, 0, 0]),
        (Leaf("amount", "greater_than", "-0.01"), [1, 0, 1, 1]),
        (Leaf("amount", "at_least", "1000"), [0, 0, 1, 0]),
        (Leaf("amount", "less_than", "10"), [0, 1, 0, 1]),
        (Leaf("amount", "at_most", "-0.01"), [0, 1, 0, 0]),
        (Leaf("amount", "between", ("-500", "-0.01")), [0, 1, 0, 0]),
        (Leaf("abs_amount", "at_most", "0.01"), [0, 1, 0, 1]),
        (Leaf("sign", "equals", "positive"), [1, 0, 1, 0]),
        (Leaf("sign", "in", ("negative", "zero")), [0, 1, 0, 1]),
        (Leaf("sign", "not_equals", "zero"), [1, 1, 1, 0]),
        (Leaf("currency", "equals", "jpy"), [0, 0, 1, 0]),
        (Leaf("currency", "not_in", ("NOK", "SEK")), [0, 0, 1, 1]),
        (Leaf("original_amount", "is_empty"), [1, 1, 1, 1]),
    ],
)
def test_amounts_in_the_currency_of_each_line(leaf: Leaf, expected: list[int]) -> None:
    frame = lines(amount=[1000, -1, 1000, 0], currency=["NOK", "SEK", "JPY", "KWD"])
    assert passing(leaf, frame) == [bool(holds) for holds in expected]


@pytest.mark.parametrize(
    ("op", "expected"),
    [
        ("equals", [0, 0, 1]),
        ("not_equals", [1, 1, 0]),
        ("greater_than", [0, 1, 0]),
        ("at_least", [0, 1, 1]),
        ("less_than", [1, 0, 0]),
        ("at_most", [1, 0, 1]),
    ],
)
def test_a_literal_with_more_decimals_than_the_currency_is_never_rounded(op: str, expected: list[int]) -> None:
    frame = lines(amount=[100, 101, 1005], currency=["NOK", "NOK", "KWD"])
    assert passing(Leaf("amount", op, "1.005"), frame) == [bool(holds) for holds in expected]


def test_an_amount_without_currency_is_missing() -> None:
    frame = lines(original_amount=[100, 100, None], original_currency=["EUR", None, "EUR"])
    assert passing(Leaf("original_amount", "is_empty"), frame) == [False, True, True]
    assert passing(Leaf("original_amount", "equals", "1"), frame) == [True, False, False]


def test_bounds_beyond_int64() -> None:
    frame = lines(amount=[2**63 - 1, -(2**62)])
    assert passing(Leaf("amount", "less_than", "9" * 25), frame) == [True, True]
    assert passing(Leaf("amount", "equals", "9" * 25), frame) == [False, False]
    assert passing(Leaf("amount", "at_least", "92233720368547758.07"), frame) == [True, False]


def test_further_columns_are_text() -> None:
    frame = lines(extra__branch=["Oslo", None])
    assert passing(Leaf("extra.branch", "equals", "oslo"), frame) == [True, False]


def test_trees() -> None:
    frame = lines(text=TEXTS)
    fee, number = Leaf("text", "contains", "gebyr"), Leaf("text", "matches", "[0-9]")
    assert passing(All((fee, Not(Leaf("text", "equals", "gebyr")))), frame) == [True, False, False, False]
    assert passing(Any((fee, number)), frame) == [True, True, True, False]
    assert passing(Not(Any((fee, number))), frame) == [False, False, False, True]


def test_not_makes_a_test_that_a_missing_value_failed_true() -> None:
    assert passing(Not(Leaf("text", "contains", "x")), lines(text=[None])) == [True]


def test_every_operator_of_the_language_is_there() -> None:
    named = (
        "equals not_equals in not_in contains not_contains starts_with ends_with matches is_empty is_not_empty "
        "greater_than at_least less_than at_most between similar"
    )
    assert list(LINE) == named.split()
    assert {row.key for row in LINE.values() if row.of} == {"not_equals", "not_in", "not_contains", "is_empty"}
