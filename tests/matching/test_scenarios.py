"""Acceptance scenarios of the engine, named as in the evidence table (T13, T14, T15, T17, T19, T30)."""

from __future__ import annotations

import pytest

from tests.matching.tables import Line, groups, line, reconcile

ALL_FOUR = {frozenset({"l1", "l2", "l3", "r1"})}


def description_key(days: int = 3) -> Line:
    return {
        "kind": "match",
        "cardinality": "many_to_one",
        "left": {"group_by": ["text"]},
        "date": {"within": days},
        "ambiguous": "unique_only",
    }


def three_ledger_lines(third: str = "2022-01-03", text: str = "ABC123") -> list[Line]:
    return [
        line("l1", "2022-01-01", "150", text=text, account_number="1520"),
        line("l2", "2022-01-02", "100", text=text, account_number="1520"),
        line("l3", third, "25", text=text, account_number="1520"),
    ]


@pytest.mark.parametrize(
    ("third", "bank", "days", "matched"),
    [
        ("2022-01-03", "275", 3, True),
        ("2022-01-05", "275", 3, False),
        ("2022-01-04", "275", 3, True),
        ("2022-01-03", "274.99", 3, False),
    ],
)
def test_T13_many_to_one_by_description(third: str, bank: str, days: int, matched: bool) -> None:
    left, right = three_ledger_lines(third), [line("r1", "2022-01-01", bank)]
    result = reconcile(left, right, description_key(days))
    assert groups(result, left, right) == (ALL_FOUR if matched else set())


@pytest.mark.parametrize(("text", "matched"), [("ARITMA 1", True), ("ARTIMA 1", False)])
def test_T14_text_filter_with_account_key(text: str, matched: bool) -> None:
    rule = description_key()
    rule["left"] = {
        "group_by": ["account_number"],
        "where": {"field": "text", "op": "starts_with", "value": "ARITMA"},
    }
    left, right = three_ledger_lines(text=text), [line("r1", "2022-01-01", "275")]
    assert groups(reconcile(left, right, rule), left, right) == (ALL_FOUR if matched else set())


def test_T15_the_higher_rule_takes_the_line() -> None:
    left = [line("l1", "2022-01-01", "100", reference="A", text="x")]
    right = [line("r1", "2022-01-01", "100", reference="A"), line("r2", "2022-01-01", "100", text="x")]
    by_reference = {
        "key": "p2",
        "kind": "match",
        "cardinality": "one_to_one",
        "pair": {"left": "reference", "op": "same", "right": "reference"},
    }
    by_text = by_reference | {"key": "p5", "pair": {"left": "text", "op": "same", "right": "text"}}
    assert groups(reconcile(left, right, by_reference, by_text), left, right) == {frozenset({"l1", "r1"})}
    dragged = reconcile(left, right, by_text, by_reference)
    assert groups(dragged, left, right) == {frozenset({"l1", "r2"})}
    assert dragged.matches["rule"].tolist() == ["p5"]


@pytest.mark.parametrize(("keys", "matched"), [(["booking_date", "sign"], True), (["booking_date"], False)])
def test_T17_sign_key_sums_deposits_apart(keys: list[str], matched: bool) -> None:
    left = [line("l1", "2020-04-01", "500")]
    right = [line(f"r{n}", "2020-04-01", amount) for n, amount in enumerate(["300", "200", "-50"])]
    rule = {"kind": "match", "cardinality": "one_to_many", "right": {"group_by": keys}, "date": {"within": 3}}
    assert groups(reconcile(left, right, rule), left, right) == ({frozenset({"l1", "r0", "r1"})} if matched else set())


def test_T19_a_reversal_is_matched_on_its_own_side() -> None:
    left = [line("l1", "2022-01-01", "1000", reference="X"), line("l2", "2022-01-02", "-1000", reference="X")]
    right = [line("r1", "2022-01-01", "700", reference="X")]
    rule = {
        "kind": "match",
        "cardinality": "internal_left",
        "pair": {"left": "reference", "op": "same", "right": "reference"},
        "date": {"within": 3},
    }
    result = reconcile(left, right, rule)
    assert groups(result, left, right) == {frozenset({"l1", "l2"})}
    assert set(result.members["side"]) == {"left"}
    assert result.members["allocated"].sum() == 0


@pytest.mark.parametrize(
    ("policy", "expected"), [("unique_only", set()), ("closest", set()), ("first", {frozenset({"l1", "r1"})})]
)
def test_T30_two_identical_bank_rows_and_one_ledger_row(policy: str, expected: set[frozenset[str]]) -> None:
    left = [line("l1", "2022-01-01", "100")]
    right = [line("r2", "2022-01-01", "100"), line("r1", "2022-01-01", "100")]
    rule = {"kind": "match", "cardinality": "one_to_one", "date": {"within": 3}, "ambiguous": policy}
    for rows in (right, right[::-1]):
        assert groups(reconcile(left, rows, rule), left, rows) == expected


def test_T30_suggest_offers_both_as_one_choice() -> None:
    left = [line("l1", "2022-01-01", "100", text="a")]
    right = [line("r1", "2022-01-01", "100", text="b"), line("r2", "2022-01-01", "100", text="c")]
    rule = {"kind": "match", "cardinality": "one_to_one", "date": {"within": 3}, "ambiguous": "suggest"}
    result = reconcile(left, right, rule)
    assert result.matches.empty
    assert result.choices["choice"].nunique() == 1
    assert result.choices["candidate"].nunique() == 2
