"""Why two units match: every test with the values it compared, exact to the last minor unit."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from rules.codec import rule_from_document
from rules.explain import Explanation, line, match_rule, pair
from rules.model import Match, Not, PairTest
from rules.model import Test as Leaf

Row = dict[str, Any]


def row(amount: int, day: str | None = "2026-04-01", currency: str = "NOK", **fields: object) -> Row:
    booked = date.fromisoformat(day) if day else None
    return {"amount": amount, "currency": currency, "booking_date": booked, **fields}


def rule(**parts: object) -> Match:
    made = rule_from_document({"kind": "match", "name": "x", "cardinality": "one_to_one", **parts})
    assert isinstance(made, Match)
    return made


def rounding(**amount: object) -> Match:
    return rule(amount=amount, difference={"entry_type": "ROUNDING"})


def holds(made: Match, left: int, right: int, currency: str = "NOK") -> bool:
    return match_rule(made, [row(left, currency=currency)], [row(right, currency=currency)]).holds


def test_the_values_compared_are_shown() -> None:
    made = rule(
        left={"where": {"field": "text", "op": "contains", "value": "gebyr"}},
        pair={"left": "reference", "op": "same", "right": "reference"},
        date={"within": 3},
    )
    left = row(-5000, reference="A 1", text="Gebyr")
    found = match_rule(made, [left], [row(-5000, "2026-04-03", reference="a1")])
    assert found.holds
    assert [(part.sentence, part.values) for part in found.parts] == [
        ("Match one left line with one right line", ("1", "1")),
        ("the text contains “gebyr”", ("Gebyr",)),
        ("all amounts are in one currency", ("NOK",)),
        ("the reference is the same on both sides", ("A 1", "a1")),
        ("the booking date differs by at most 3 days", ("2026-04-01", "2026-04-03")),
        ("The amounts are equal.", ("-50.00 NOK", "-50.00 NOK", "0.00 NOK")),
    ]


def test_the_failing_test_is_named() -> None:
    made = rule(pair={"all": [{"left": "reference", "op": "same", "right": "reference"}]}, date={"within": 1})
    found = match_rule(made, [row(1, reference="a")], [row(1, "2026-04-03", reference="b")])
    assert [part.values for part in found.failing()] == [("a", "b"), ("2026-04-01", "2026-04-03")]
    assert list(match_rule(rule(), [row(1)], [row(1)]).failing()) == []


@pytest.mark.parametrize(
    ("allowed", "left", "right", "expected"),
    [
        ({"minus": "1", "plus": "2"}, 10000, 9900, True),
        ({"minus": "1", "plus": "2"}, 10000, 9899, False),
        ({"minus": "1", "plus": "2"}, 10000, 10200, True),
        ({"minus": "1", "plus": "2"}, 10000, 10201, False),
        ({"plus": "0.005"}, 10000, 10000, True),
        ({"plus": "0.005"}, 10000, 10001, False),
        ({"percent": "1"}, 10000, 10100, True),
        ({"percent": "1"}, 10000, 10101, False),
        ({"percent": "1"}, -10000, -9900, True),
        ({"percent": "1", "basis": "right"}, 10000, 10101, True),
        ({"percent": "1", "basis": "smaller"}, 10100, 10000, True),
        ({"percent": "1", "basis": "smaller"}, 10101, 10000, False),
        ({"percent": "1", "basis": "larger"}, 10000, 10101, True),
        ({"percent": "0.333", "cap": "1"}, 100000, 100100, True),
        ({"percent": "50", "cap": "1"}, 100000, 100101, False),
        ({"percent": "50", "cap": "1", "plus": "2"}, 100000, 100200, True),
        ({"minus": "1000", "plus": "1000"}, 100, -100, False),
        ({"minus": "1000", "plus": "1000"}, 0, 100, False),
        ({"plus": "1"}, 0, 0, True),
    ],
)
def test_allowances_are_exact_and_their_boundary_is_inside(
    allowed: dict[str, object], left: int, right: int, expected: bool
) -> None:
    assert holds(rounding(**allowed), left, right) is expected


def test_no_allowance_means_equal_amounts() -> None:
    assert holds(rule(), 100, 100)
    assert not holds(rule(), 100, 101)
    assert not holds(rule(), 100, -100)
    assert not match_rule(rule(), [row(100)], [row(100, currency="SEK")]).holds


def test_named_amounts_share_a_currency() -> None:
    made = rule(amount={"left": "original_amount", "right": "amount"})
    left = row(1175, original_amount=100, original_currency="EUR")
    assert match_rule(made, [left], [row(100, currency="EUR")]).holds
    assert not match_rule(made, [left], [row(100)]).holds
    assert not match_rule(made, [row(1175)], [row(100, currency="EUR")]).holds


@pytest.mark.parametrize(
    ("window", "left", "right", "expected"),
    [
        ({"from": -1, "to": 3}, "2026-04-02", "2026-04-01", True),
        ({"from": -1, "to": 3}, "2026-04-03", "2026-04-01", False),
        ({"from": -1, "to": 3}, "2026-04-01", "2026-04-04", True),
        ({"from": -1, "to": 3}, "2026-04-01", "2026-04-05", False),
        ({"within": 1, "calendar": "banking"}, "2026-04-01", "2026-04-07", True),
        ({"within": 1, "calendar": "banking"}, "2026-04-01", "2026-04-08", False),
        ({"within": 0, "calendar": "banking:NO"}, "2026-04-02", "2026-04-07", True),
        ({"within": 0}, "2026-04-02", None, False),
    ],
)
def test_date_windows(window: dict[str, object], left: str, right: str | None, expected: bool) -> None:
    assert match_rule(rule(date=window), [row(1, left)], [row(1, right)], "NO").holds is expected


def test_banking_days_need_a_country() -> None:
    with pytest.raises(ValueError, match="of which country"):
        match_rule(rule(date={"within": 1, "calendar": "banking"}), [row(1)], [row(1)])


def test_every_member_of_a_group_is_tested() -> None:
    made = rule(
        cardinality="one_to_many",
        right={"group_by": ["reference"], "where": {"field": "text", "op": "is_not_empty"}},
        pair={"left": "reference", "op": "same", "right": "reference"},
        date={"within": 2},
    )
    left = [row(300, reference="a")]
    parts = [row(100, reference="A", text="x"), row(200, "2026-04-03", reference="A", text="y")]
    assert match_rule(made, left, parts).holds
    late = [parts[0], {**parts[1], "booking_date": date(2026, 4, 4)}]
    assert [part.values for part in match_rule(made, left, late).failing()] == [("2026-04-01", "2026-04-04")]
    assert not match_rule(made, left, [parts[0], {**parts[1], "text": None}]).holds
    assert not match_rule(made, left, [parts[0], {**parts[1], "reference": "B"}]).holds
    assert not match_rule(made, left, [{**parts[0], "amount": 300}]).holds, "many means two at least"


def test_many_to_many_means_three_in_all() -> None:
    made = rule(cardinality="many_to_many", left={"group_by": ["entry"]}, right={"group_by": ["entry"]})
    one, two = [row(200, entry="e")], [row(100, entry="e"), row(100, entry="e")]
    assert match_rule(made, one, two).holds
    assert match_rule(made, two, one).holds
    assert not match_rule(made, one, one).holds
    assert not match_rule(made, one, [row(100, entry="e"), row(100, entry=None)]).holds


def test_internal_rules_sum_to_nothing() -> None:
    inside = rule(cardinality="internal_left", date={"to": 2})
    assert match_rule(inside, [row(100)], [row(-100, "2026-04-03")]).holds
    assert not match_rule(inside, [row(100)], [row(-100, "2026-04-04")]).holds
    assert not match_rule(inside, [row(100)], [row(100)]).holds
    left = rule(cardinality="internal_left", amount={"minus": "1"}, difference={"entry_type": "R"})
    right = rule(cardinality="internal_right", amount={"minus": "1"}, difference={"entry_type": "R"})
    assert match_rule(left, [row(150)], [row(-100)]).holds, "the ledger has 0.50 too much"
    assert not match_rule(right, [row(150)], [row(-100)]).holds
    assert match_rule(right, [row(100)], [row(-150)]).holds


def test_groups_and_searches_inside_a_side() -> None:
    grouped = rule(cardinality="internal_right", right={"group_by": ["reference"]})
    members = [row(100, reference="a"), row(50, reference="a"), row(-150, reference="a")]
    assert match_rule(grouped, members[:1], members[1:]).holds
    assert not match_rule(grouped, members[:1], [members[1], row(-150, reference="b")]).holds


def test_a_search_bounds_the_lines_and_their_shared_fields() -> None:
    made = rule(cardinality="one_to_many", search={"max_lines": 2, "same": ["booking_date"]})
    assert match_rule(made, [row(300)], [row(100), row(200)]).holds
    assert not match_rule(made, [row(300)], [row(100), row(200, "2026-04-02")]).holds
    assert not match_rule(made, [row(300)], [row(100)] * 3).holds


def test_a_search_for_a_group_bounds_the_lines_found_only() -> None:
    search = {"max_lines": 2, "same": ["booking_date"]}
    made = rule(cardinality="many_to_many", left={"group_by": ["reference"]}, search=search)
    group = [row(100, reference="a"), row(100, "2026-04-02", reference="a"), row(100, reference="a")]
    assert match_rule(made, group, [row(100), row(200)]).holds
    assert not match_rule(made, group, [row(100)] * 3).holds
    assert not match_rule(made, group, [row(100), row(200, "2026-04-02")]).holds


def test_any_amount_keeps_the_sign() -> None:
    made = rule(amount="any", difference="keep_open", pair={"left": "reference", "op": "same", "right": "reference"})
    assert match_rule(made, [row(300, reference="a")], [row(100, reference="a")]).holds
    assert not match_rule(made, [row(300, reference="a")], [row(-100, reference="a")]).holds


def test_trees_are_explained_part_by_part() -> None:
    tree = Not(PairTest("reference", "same", "reference"))
    found = pair(tree, {"reference": None}, {"reference": "x"})
    assert found.holds
    assert found.parts[0] == Explanation(
        False, "the reference is the same on both sides", ("", "x"), (), PairTest("reference", "same", "reference")
    )
    assert line(None, {}).holds
    assert list(pair(tree, {"reference": "x"}, {"reference": "x"}).failing()) == [
        pair(tree, {"reference": "x"}, {"reference": "x"})
    ]


def test_values_are_shown_as_people_read_them() -> None:
    values = {"amount": -1050, "currency": "KWD", "booking_date": date(2026, 4, 1), "similarity": 0.85}
    shown = [
        line(Leaf(name, "is_empty"), values).values[0] for name in ("amount", "booking_date", "sign", "similarity")
    ]
    assert shown == ["-1.050 KWD", "2026-04-01", "negative", "0.85"]
    assert line(Leaf("abs_amount", "is_empty"), values).values == ("1.050 KWD",)


@pytest.mark.parametrize(
    ("changes", "right", "figures"),
    [
        ({"date": {"within": 3}}, {"booking_date": date(2026, 4, 6)}, "5 days apart, 3 allowed"),
        (
            {"date": {"from": 0, "to": 2}},
            {"booking_date": date(2026, 3, 29)},
            "right is 3 days before left; allowed from 0 days after to 2 days after",
        ),
        (
            {"amount": {"minus": "1", "plus": "2.00"}, "difference": {"entry_type": "FEE"}},
            {"amount": 103_00},
            "difference 3.00 NOK, 2.00 allowed",
        ),
        (
            {"amount": {"percent": "0.333", "cap": "0.50"}, "difference": {"entry_type": "FEE"}},
            {"amount": 101_00},
            "difference 1.00 NOK, 0.33 allowed",
        ),
        ({}, {"amount": 99_00}, "difference 1.00 NOK, none allowed"),
        ({}, {"amount": -100_00}, "the signs differ"),
        (
            {"pair": {"left": "counterparty", "op": "similar", "right": "counterparty", "at_least": 0.9}},
            {"counterparty": "Fjordlys AS"},
            "85 % similar, 90 % asked",
        ),
        (
            {"pair": {"left": "amount", "op": "within", "right": "amount", "value": "2"}},
            {"amount": 105_00},
            "5 apart, 2 allowed",
        ),
        (
            {"pair": {"left": "amount", "op": "same_rounded", "right": "amount", "places": 1, "mode": "floor"}},
            {"amount": 99_99},
            "100.0 and 99.9 once rounded",
        ),
        (
            {"pair": {"left": "amount", "op": "same_rounded", "right": "counterparty", "places": 2}},
            {"counterparty": "100,00"},
            "100.00 and no number once rounded",
        ),
    ],
)
def test_a_failing_test_says_how_far_it_is_from_holding(
    changes: dict[str, object], right: dict[str, object], figures: str
) -> None:
    line = row(100_00, counterparty="Nordlys AS")
    told = match_rule(rule(**changes), [line], [{**line, **right}])
    assert next(told.failing()).figures == figures
