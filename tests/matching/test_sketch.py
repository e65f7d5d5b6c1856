"""Rules sketched from selected lines: pattern, keys, ties, days, difference; what is sketched holds for the lines."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recon.matching.run import run_rules
from recon.matching.sketch import sketch
from rules.codec import from_document
from tests.rules.line_frames import lines as frame_of

Row = dict[str, Any]


def line(id: str, day: int, minor: int, **fields: str) -> Row:
    return {"id": id, "booking_date": dt.date(2026, 3, day), "amount": minor, "currency": "NOK", **fields}


VIPPS = [
    line("b1", 5, 100_00, text="VIPPS 4711 salg", archive_reference="A9"),
    line("b2", 5, 250_00, text="Vipps 4712 salg", archive_reference="A9"),
]


def test_a_batch_against_its_sum() -> None:
    assert sketch([line("l", 3, 350_00, text="Vipps oppgjør")], VIPPS) == {
        "name": "VIPPS",
        "kind": "match",
        "cardinality": "one_to_many",
        "left": {
            "where": {
                "all": [
                    {"field": "text", "op": "starts_with", "value": "Vipps oppgjør"},
                    {"field": "sign", "op": "equals", "value": "positive"},
                ]
            }
        },
        "right": {
            "where": {
                "all": [
                    {"field": "text", "op": "starts_with", "value": "VIPPS"},
                    {"field": "sign", "op": "equals", "value": "positive"},
                ]
            },
            "group_by": ["archive_reference", "booking_date"],
        },
        "date": {"field": "booking_date", "from": 0, "to": 2},
        "ambiguous": "unique_only",
        "outcome": "suggested",
    }


def test_examples_of_one_to_one_are_told_by_their_amounts() -> None:
    left = [line("l1", 2, 10_00, reference="A1"), line("l2", 3, 20_00, reference="A2")]
    right = [line("r1", 6, 20_00, kid="A2"), line("r2", 3, 10_00, kid="A1")]
    made = sketch(left, right)
    assert made["cardinality"] == "one_to_one"
    assert made["pair"] == {"all": [{"left": "reference", "op": "same", "right": "kid"}]}
    assert made["date"] == {"field": "booking_date", "from": 0, "to": 3}
    assert made["ambiguous"] == "closest"
    assert made["name"] == "Same reference"


@pytest.mark.parametrize(
    ("left", "right", "test"),
    [
        ({"reference": "INV-77"}, {"text": "Payment inv-77 thanks"}, ("reference", "contained_in", "text")),
        ({"text": "Paid A4 77123"}, {"reference": "77123"}, ("text", "contains", "reference")),
        ({"text": "order 556677"}, {"text": "ref 556677 x"}, ("text", "shares_token", "text")),
        ({"reference": "---"}, {"reference": "---"}, None),
    ],
)
def test_what_ties_two_lines(left: Row, right: Row, test: tuple[str, str, str] | None) -> None:
    made = sketch([line("l", 1, 5_00, **left)], [line("r", 1, 5_00, **right)])
    found = [(each["left"], each["op"], each["right"]) for each in made.get("pair", {}).get("all", [])]
    assert found == ([test] if test else [])


@pytest.mark.parametrize(
    ("left", "right", "amount"), [(100_00, 101_50, {"plus": "1.50"}), (100_00, 98_00, {"minus": "2.00"})]
)
def test_a_difference_seen_is_allowed_and_left_to_be_treated(left: int, right: int, amount: Row) -> None:
    made = sketch([line("l", 1, left, reference="A")], [line("r", 1, right, reference="A")])
    assert made["amount"] == amount
    assert "difference" not in made


def test_parts_without_a_key_are_searched() -> None:
    made = sketch([line("l", 1, 30_00)], [line("r1", 2, 10_00, text="x"), line("r2", 2, 20_00), line("r3", 4, 0)])
    assert made["search"] == {"max_lines": 8}
    assert "group_by" not in made.get("right", {})


def test_a_reversal_is_a_rule_within_its_side() -> None:
    made = sketch([line("l1", 1, 40_00, voucher_number="7"), line("l2", 4, -40_00, voucher_number="7")], [])
    assert made["cardinality"] == "internal_left"
    assert made["date"] == {"field": "booking_date", "from": 0, "to": 3}
    assert made["pair"] == {"all": [{"left": "voucher_number", "op": "same", "right": "voucher_number"}]}


def test_lines_of_one_side_are_left_aside() -> None:
    made = sketch([], [line("r1", 1, -5_00, text="Gebyr mars"), line("r2", 2, -7_00, text="Årlig gebyr")])
    assert (made["kind"], made["side"]) == ("exclude", "right")
    assert made["where"]["all"][0] == {"field": "text", "op": "contains", "value": "Gebyr"}


def test_no_line_is_refused() -> None:
    with pytest.raises(ValueError, match="Select lines first"):
        sketch([], [])


WORDS = st.lists(st.sampled_from(["Vipps", "fee", "A77", "0", "payment", "KID", "4711"]), max_size=4).map(" ".join)
NUMBERS = st.sampled_from(["", "A1", "A2", "4711"])


@st.composite
def lines(draw: st.DrawFn, side: str) -> list[Row]:
    return [
        line(
            f"{side}{number}",
            draw(st.integers(1, 9)),
            draw(st.integers(-4, 4)) * 100,
            text=draw(WORDS),
            reference=draw(NUMBERS),
            kid=draw(NUMBERS),
        )
        for number in range(draw(st.integers(1, 3)))
    ]


def frame(rows: list[Row]) -> pd.DataFrame:
    fields = frame_of(**{name: [row[name] for row in rows] for name in rows[0] if name != "id"})
    return fields.assign(id=[row["id"] for row in rows])


@settings(deadline=None, max_examples=60)
@given(lines("l"), lines("r"))
def test_law_what_is_sketched_matches_what_was_selected(left: list[Row], right: list[Row]) -> None:
    """Alone in the world, lines of equal sums and one sign are matched by the rule that was sketched from them."""
    total = sum(row["amount"] for row in right) - sum(row["amount"] for row in left)
    right[0]["amount"] -= total
    made = sketch(left, right)
    bare = [side for side in ("left", "right") if "group_by" not in made.get(side, {})]
    if made["cardinality"] == "many_to_many" and len(bare) == 2:
        return  # only a person can say which side is searched
    rules = from_document({"version": 1, "name": "x", "rules": [{**made, "name": "sketched"}]})
    result = run_rules(frame(left), frame(right), rules)
    whole = len(left) == len(right) == 1 or made["cardinality"] != "one_to_one"
    if whole and sum(row["amount"] for row in left) and "search" not in made:
        assert len(result.members) == len(left) + len(right)
