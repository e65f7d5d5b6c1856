"""Rules learnt from people's work: each kind by example, and that what is proposed would have done the work."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from recon.matching.learn import Work, learn
from recon.matching.learned import Case
from rules.codec import from_document, to_document
from rules.explain import match_rule
from rules.model import DateWindow, Exclude, Match, PairTest, RuleSet

REFERENCE = {
    "key": "reference",
    "name": "Same reference",
    "kind": "match",
    "cardinality": "one_to_one",
    "pair": {"all": [{"left": "reference", "op": "same", "right": "reference"}]},
    "date": {"field": "booking_date", "within": 1},
}


def rules(*documents: dict[str, Any]) -> RuleSet:
    return from_document({"version": 1, "name": "Ours", "rules": list(documents)})


def line(day: int, minor: int, **fields: str) -> dict[str, Any]:
    on = dt.date(2025, 1, 1) + dt.timedelta(days=day)
    return {"id": f"{day}-{minor}-{fields}", "booking_date": on, "amount": minor, "currency": "NOK", **fields}


def cases(pairs: Sequence[tuple[list[dict[str, Any]], list[dict[str, Any]]]], entry: str | None = None) -> list[Case]:
    return [Case(number, tuple(left), tuple(right), entry) for number, (left, right) in enumerate(pairs, start=1)]


def would_make(proposed: RuleSet, made: Sequence[Case]) -> bool:
    """Whether the last rule of the set holds for every case, read back from its document."""
    rule = from_document(to_document(proposed)).rules[-1]
    assert isinstance(rule, Match)
    return all(match_rule(rule, case.left, case.right, "NO").holds for case in made)


def test_a_reference_in_another_field_becomes_a_rule_with_the_days_seen() -> None:
    seen = cases(
        [([line(n, 100, invoice_number=f"INV{n:04d}")], [line(n + 2, 100, kid=f"INV{n:04d}")]) for n in range(4)]
    )
    (proposal,) = learn(Work(by_hand=seen), rules(REFERENCE), "NO")
    rule = proposal.rule
    assert isinstance(rule, Match)
    assert (proposal.kind, proposal.cases, proposal.after) == ("reference", (1, 2, 3, 4), "reference")
    assert (rule.pair, rule.date) == (PairTest("invoice_number", "same", "kid"), DateWindow(earliest=0, latest=2))
    assert (rule.outcome, rule.cardinality, rule.amount.exact) == ("suggested", "one_to_one", True)
    assert would_make(RuleSet("", proposal.within(rules(REFERENCE))), seen)


def test_a_reference_inside_the_text_is_found_too() -> None:
    seen = cases(
        [([line(n, 5, reference=f"R{n}0077")], [line(n, 5, text=f"Payment R{n}0077 thanks")]) for n in range(3)]
    )
    (proposal,) = learn(Work(by_hand=seen), rules(), "NO")
    assert isinstance(proposal.rule, Match)
    assert proposal.rule.pair == PairTest("reference", "contained_in", "text")


def test_one_value_in_all_cases_names_nothing() -> None:
    seen = cases([([line(n, 5, reference="SAME-1")], [line(n, 5, kid="SAME-1")]) for n in range(9)])
    assert learn(Work(by_hand=seen), rules(), "NO") == []


def test_two_cases_are_no_habit() -> None:
    seen = cases([([line(n, 5, reference=f"R{n}0077")], [line(n, 5, kid=f"R{n}0077")]) for n in range(2)])
    assert learn(Work(by_hand=seen), rules(), "NO") == []


def test_days_later_than_a_rule_allows_widen_a_copy_that_suggests() -> None:
    seen = cases([([line(n, 5, reference=f"R{n}0077")], [line(n + 4, 5, reference=f"R{n}0077")]) for n in range(3)])
    (proposal,) = learn(Work(by_hand=seen), rules(REFERENCE), "NO")
    assert isinstance(proposal.rule, Match)
    assert (proposal.kind, proposal.after, proposal.rule.key) == ("date", "reference", "reference-wider")
    assert proposal.rule.date == DateWindow(earliest=-1, latest=4)
    assert proposal.rule.outcome == "suggested"
    assert would_make(RuleSet("", proposal.within(rules(REFERENCE))), seen)


def test_a_difference_that_is_always_booked_becomes_an_allowance() -> None:
    seen = cases(
        [([line(n, 1000, reference=f"R{n}0077")], [line(n, 1000 - n, reference=f"R{n}0077")]) for n in range(1, 5)],
        "FEE",
    )
    (proposal,) = learn(Work(by_hand=seen), rules(REFERENCE), "NO")
    assert isinstance(proposal.rule, Match)
    assert proposal.kind == "tolerance"
    assert (proposal.rule.amount.minus, proposal.rule.amount.plus) == (Decimal("0.04"), Decimal(0))
    assert proposal.rule.difference is not None
    assert proposal.rule.difference.entry_type == "FEE"
    assert would_make(RuleSet("", proposal.within(rules(REFERENCE))), seen)


def test_many_lines_that_share_a_field_become_a_sum() -> None:
    seen = cases(
        [
            (
                [line(n, 100, text="Payout")],
                [line(n, 60, archive_reference=f"A{n}B99"), line(n, 40, archive_reference=f"A{n}B99")],
            )
            for n in range(3)
        ]
    )
    (proposal,) = learn(Work(by_hand=seen), rules(), "NO")
    assert isinstance(proposal.rule, Match)
    assert (proposal.kind, proposal.rule.cardinality) == ("group", "one_to_many")
    assert proposal.rule.right.group_by == ("archive_reference",)
    assert would_make(RuleSet("", proposal.within(rules())), seen)


def test_texts_that_are_always_put_aside_become_an_exclusion_with_their_common_words() -> None:
    aside = {"right": {n: line(n, 5, text=f"AUTO SWEEP to {n}") for n in range(3)}}
    (proposal,) = learn(Work(aside=aside, matched={"right": ["Sweeping"]}), rules(REFERENCE), "NO")
    assert isinstance(proposal.rule, Exclude)
    assert (proposal.rule.where.value, proposal.rule.side, proposal.after) == ("AUTO SWEEP to", "right", None)  # type: ignore[union-attr]
    assert proposal.within(rules(REFERENCE))[0] == proposal.rule
    assert learn(Work(aside=aside, matched={"right": ["auto  sweep to 9"]}), rules(REFERENCE), "NO") == []


def test_a_rule_whose_matches_people_take_apart_is_to_suggest() -> None:
    (proposal,) = learn(Work(undone={"reference": [4, 5, 6]}, standing={"reference": 27}), rules(REFERENCE), "NO")
    assert (proposal.kind, proposal.replaces, proposal.cases) == ("distrust", "reference", (4, 5, 6))
    assert [rule.outcome for rule in proposal.within(rules(REFERENCE))] == ["suggested"]  # type: ignore[union-attr]
    assert learn(Work(undone={"reference": [4, 5, 6]}, standing={"reference": 28}), rules(REFERENCE), "NO") == []


def test_a_new_rule_takes_no_key_that_was_ever_given() -> None:
    seen = cases([([line(n, 5, reference=f"R{n}0077")], [line(n + 4, 5, reference=f"R{n}0077")]) for n in range(3)])
    (proposal,) = learn(Work(by_hand=seen), rules(REFERENCE), "NO", taken=["reference-wider"])
    assert proposal.rule.key == "reference-wider-2"


VALUES = st.sampled_from(["", "AB1234", "AB1235", "77001", "1"])
LINES = st.builds(
    lambda day, minor, fields: line(day, minor, **fields),
    st.integers(0, 40),
    st.sampled_from([100, 100, 103, -50]),
    st.dictionaries(st.sampled_from(["reference", "kid", "text", "extra.note"]), VALUES, max_size=3),
)
SIDES = st.lists(LINES, min_size=1, max_size=3)


@settings(deadline=None, max_examples=50)
@given(st.lists(st.tuples(SIDES, SIDES), max_size=12))
def test_whatever_people_did_each_proposal_is_a_sound_set_that_would_have_made_its_cases(pairs: list[Any]) -> None:
    seen = cases(pairs)
    base = rules(REFERENCE)
    for proposal in learn(Work(by_hand=seen), base, "NO"):
        made = from_document(to_document(RuleSet("Ours", proposal.within(base))))
        rule = next(each for each in made.rules if each.key == proposal.rule.key)
        assert isinstance(rule, Match)
        assert rule.outcome == "suggested"
        made_by_hand = [case for case in seen if case.number in proposal.cases]
        assert len(made_by_hand) == len(proposal.cases) >= 3
        assert all(match_rule(rule, case.left, case.right, "NO").holds for case in made_by_hand)
