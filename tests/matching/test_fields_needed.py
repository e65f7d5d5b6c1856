"""What a run may read: a frame with only those fields gives the same result as the whole one."""

from __future__ import annotations

import pytest

from benchmarks.events import generate
from recon.matching.fields_needed import fields_needed
from recon.matching.run import run_rules
from rules import standard
from rules.codec import from_document

ALWAYS = {"id", "booking_date", "amount", "currency"}


@pytest.mark.parametrize("name", standard.NAMES)
def test_the_other_fields_change_nothing(name: str) -> None:
    rules, events = standard.load(name), generate(400, 3)
    kept = ALWAYS | fields_needed(rules)
    sides = [frame.assign(note="not read") for frame in (events.left, events.right)]
    lean = [frame[[field for field in frame.columns if field in kept]] for frame in sides]
    assert any(set(whole.columns) > set(part.columns) for whole, part in zip(sides, lean, strict=True))
    whole, part = (run_rules(left, right, rules, country="NO") for left, right in (sides, lean))
    assert whole.members.equals(part.members)
    assert whole.matches.equals(part.matches)


def test_fields_are_found_wherever_a_rule_names_them() -> None:
    derive = {"name": "D", "kind": "derive", "side": "right", "set": {"project": {"from": "note", "pattern": "x"}}}
    match = {
        "name": "M",
        "kind": "match",
        "cardinality": "one_to_many",
        "left": {"where": {"field": "extra.shop", "op": "is_empty"}},
        "right": {"group_by": ["department"]},
        "pair": {"left": "kid", "op": "same", "right": "end_to_end_id"},
        "date": {"field": "due_date", "within": 1},
        "amount": {"left": "original_amount", "right": "amount"},
    }
    found = fields_needed(from_document({"version": 1, "name": "S", "rules": [derive, match]}))
    named = "project note extra.shop department kid end_to_end_id due_date original_amount original_currency".split()
    assert set(named) <= found
    assert "customer_number" in found
    assert "period" not in found
