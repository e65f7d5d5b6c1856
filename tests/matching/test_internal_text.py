"""Within one side the earlier line is left, whichever of the two is the receipt: tests between texts follow that."""

from __future__ import annotations

import pytest

from tests.matching.tables import groups, line, reconcile


@pytest.mark.parametrize("first", ["100", "-100"])
@pytest.mark.parametrize(
    ("pair", "named_first"),
    [
        ({"left": "reference", "op": "contained_in", "right": "text"}, False),
        ({"left": "text", "op": "contains", "right": "reference"}, True),
    ],
)
def test_a_reversal_names_the_reference_it_reverses(first: str, pair: dict[str, str], named_first: bool) -> None:
    reversed_amount = first.removeprefix("-") if first.startswith("-") else f"-{first}"
    texts = [{"reference": "9008300742172"}, {"text": "Retur 9008300742172"}]
    one, other = reversed(texts) if named_first else texts
    left = [line("l1", "2025-04-09", first, **one), line("l2", "2025-04-11", reversed_amount, **other)]
    rule = {
        "kind": "match",
        "cardinality": "internal_left",
        "pair": pair,
        "date": {"within": 5},
        "ambiguous": "closest",
    }
    assert groups(reconcile(left, [], rule), left, []) == {frozenset({"l1", "l2"})}
    turned = [dict(each) for each in (left[1] | {"booking_date": "2025-04-08"}, left[0])]
    assert groups(reconcile(turned, [], rule), turned, []) == set()
