"""`same_rounded` at work: which lines meet when numbers are compared with fewer decimals than they have."""

from __future__ import annotations

import pytest

from tests.matching.tables import Line, groups, line, reconcile

DAY = "2026-01-01"
TWO_PLACES: Line = {"left": "amount", "op": "same_rounded", "right": "amount", "places": 2}
NEAR: Line = {"amount": {"minus": "0.01", "plus": "0.01"}, "difference": {"entry_type": "ROUNDING"}}
ONE: Line = {"kind": "match", "key": "rounded", "cardinality": "one_to_one", "ambiguous": "first"}


@pytest.mark.parametrize(("mode", "meet"), [("half_up", False), ("floor", True), ("truncate", True)])
def test_amounts_with_three_decimals_meet_in_two(mode: str, meet: bool) -> None:
    left = [line("l", DAY, "10.005", currency="KWD")]
    right = [line("r", DAY, "10.004", currency="KWD")]
    result = reconcile(left, right, ONE | NEAR | {"pair": TWO_PLACES | {"mode": mode}})
    assert groups(result, left, right) == ({frozenset({"l", "r"})} if meet else set())
    assert result.matches["difference"].tolist() == ([-1] if meet else [])


def test_the_finer_figure_of_a_column_tells_equal_amounts_apart() -> None:
    left = [line("l", DAY, "10", **{"extra.price": "10.0049"})]
    right = [line(name, DAY, "10", **{"extra.price": price}) for name, price in (("r1", "10.006"), ("r2", "10.001"))]
    test = {"left": "extra.price", "op": "same_rounded", "right": "extra.price", "places": 2}
    assert groups(reconcile(left, right, ONE | {"pair": test}), left, right) == {frozenset({"l", "r2"})}


def test_an_amount_meets_the_finer_figure_it_was_rounded_from() -> None:
    left = [line("l1", DAY, "10.01"), line("l2", DAY, "10")]
    right = [line("r1", DAY, "10", **{"extra.price": "10.005"}), line("r2", DAY, "10.01", **{"extra.price": "10.004"})]
    test = {"left": "amount", "op": "same_rounded", "right": "extra.price", "places": 2}
    result = reconcile(left, right, ONE | NEAR | {"pair": test})
    assert groups(result, left, right) == {frozenset({"l1", "r1"}), frozenset({"l2", "r2"})}


def test_every_member_of_a_group_must_round_alike() -> None:
    test = {"left": "extra.rate", "op": "same_rounded", "right": "extra.rate", "places": 1, "mode": "floor"}
    rule = ONE | {"cardinality": "one_to_many", "right": {"group_by": ["reference"]}, "pair": test}
    left = [line("l", DAY, "10", **{"extra.rate": "1.19"})]
    right = [line("r1", DAY, "4", reference="A", **{"extra.rate": "1.1"})]
    alike = [*right, line("r2", DAY, "6", reference="A", **{"extra.rate": "1.15"})]
    unlike = [*right, line("r2", DAY, "6", reference="A", **{"extra.rate": "1.2"})]
    assert groups(reconcile(left, alike, rule), left, alike) == {frozenset({"l", "r1", "r2"})}
    assert groups(reconcile(left, unlike, rule), left, unlike) == set()
