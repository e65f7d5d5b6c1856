"""Rules as people read them."""

from __future__ import annotations

import re
from gettext import NullTranslations
from random import Random
from typing import Any

import pytest

from rules.codec import from_document, rule_from_document
from rules.fields import CANDIDATE_FIELDS, LINE_FIELDS
from rules.names import FIELDS
from rules.sentence import condition_sentence, decision_sentence, rule_sentence, rule_set_sentence
from rules.wording import speaking
from tests.rules.random_rules import rule_set

SAME = {"left": "reference", "op": "same", "right": "reference"}


def sentence(**parts: object) -> str:
    return rule_sentence(rule_from_document({"name": "x", **parts}))


def of_match(**parts: object) -> str:
    return sentence(kind="match", **{"cardinality": "one_to_one", **parts})


def condition(leaf: dict[str, Any]) -> str:
    rule = rule_from_document({"kind": "match", "name": "x", "cardinality": "one_to_one", "pair": leaf})
    return condition_sentence(rule.pair)  # type: ignore[union-attr,arg-type]


def where(leaf: dict[str, Any]) -> str:
    rule = rule_from_document({"kind": "exclude", "name": "x", "side": "left", "where": leaf})
    return condition_sentence(rule.where)  # type: ignore[union-attr,arg-type]


def test_exclude_derive_and_post() -> None:
    sweeps = {"field": "text", "op": "starts_with", "value": ["SWEEP", "AUTO SWEEP"]}
    assert sentence(kind="exclude", side="right", where=sweeps) == (
        "Leave right lines where the text starts with “SWEEP” or “AUTO SWEEP” aside."
    )
    assert sentence(kind="exclude", side="both") == "Leave all lines of both sides aside."
    step = {"reference": {"from": "text", "pattern": r"KID (\d+)"}}
    assert sentence(kind="derive", side="right", set=step, where={"field": "reference", "op": "is_empty"}) == (
        "On right lines where the reference is empty, fill the reference from what the pattern “KID (\\d+)” finds in "
        "the text."
    )
    fee = {"field": "amount", "op": "between", "value": ["-500", "-0.01"]}
    assert sentence(kind="post", side="right", entry_type="BANKFEE", where=fee) == (
        "Propose an entry of type BANKFEE for right lines where the amount is between -500 and -0.01."
    )
    assert sentence(kind="post", side="right", entry_type="FEE", outcome="confirmed").startswith("Prepare an entry")


def test_a_match_rule() -> None:
    assert of_match(pair=SAME, date={"within": 3}, ambiguous="closest") == (
        "Match one left line with one right line where the reference is the same on both sides and the booking date "
        "differs by at most 3 days. The amounts are equal. Of several candidates the one that agrees best is taken; a "
        "tie is left open."
    )


@pytest.mark.parametrize(
    ("parts", "says"),
    [
        ({}, "Match one left line with one right line. The amounts are equal. Where a line has several candidates"),
        (
            {"cardinality": "one_to_many", "right": {"group_by": ["entry", "sign"]}},
            "all right lines of the same bank's entry and sign",
        ),
        (
            {"cardinality": "many_to_one", "search": {"same": ["booking_date"]}},
            "Match several left lines with one right line",
        ),
        (
            {"cardinality": "many_to_one", "search": {"same": ["booking_date"]}},
            "At most 8 lines are tried together. They share the booking date.",
        ),
        ({"cardinality": "many_to_one", "search": {"max_lines": 3}}, "At most 3 lines are tried together."),
        ({"cardinality": "internal_left"}, "Match two left lines that cancel out."),
        ({"cardinality": "internal_left", "search": {}}, "Match a few left lines that cancel out among themselves."),
        (
            {"cardinality": "internal_right", "right": {"group_by": ["reference"]}},
            "all right lines of the same reference that cancel out",
        ),
        ({"date": {"from": 0, "to": 0}}, "where the booking date is the same day."),
        (
            {"date": {"field": "value_date", "from": -1, "to": 5}},
            "the right value date lies from 1 day before to 5 days after the left one",
        ),
        ({"date": {"from": 0, "to": 1, "calendar": "banking"}}, "is the left one's day or at most 1 banking day later"),
        ({"date": {"within": 2, "calendar": "banking:NO"}}, "at most 2 banking days (NO)"),
        (
            {"amount": {"minus": 1, "plus": "2.50"}, "difference": {"entry_type": "R"}},
            "may be from −1 to 2.50; it is posted as R.",
        ),
        ({"amount": {"plus": 1}, "difference": "keep_open"}, "may be from 0 to 1; it stays open."),
        (
            {"amount": {"percent": "0.5", "cap": 10, "plus": 1, "basis": "larger"}, "difference": {"entry_type": "R"}},
            "from 0 to 1 or up to 0.5 % of the larger amount, at most 10",
        ),
        ({"amount": "any", "difference": "keep_open", "pair": SAME}, "what is left of the larger side stays open."),
        ({"amount": {"left": "original_amount"}}, "The left original amount equals the right amount."),
        ({"ambiguous": "first"}, "in a tie the first by date."),
        ({"ambiguous": "newest"}, "the one with the newest date is taken"),
        ({"ambiguous": "suggest"}, "a tie is put forward as a choice."),
        ({"outcome": "suggested"}, "The match is only suggested."),
        (
            {"left": {"where": {"field": "sign", "op": "equals", "value": "negative"}}},
            "where on the left the sign is negative.",
        ),
    ],
)
def test_terms_of_a_match_rule(parts: dict[str, Any], says: str) -> None:
    assert says in of_match(**parts)


@pytest.mark.parametrize(
    ("leaf", "says"),
    [
        (
            {"field": "text", "op": "not_contains", "value": ["a", "b", "c"]},
            "the text does not contain “a”, “b” or “c”",
        ),
        ({"field": "text", "op": "equals", "value": "A", "case": True}, "the text is “A” (in this very case)"),
        (
            {"field": "text", "op": "similar", "value": "a", "at_least": 0.85},
            "the text is at least 85 % similar to “a”",
        ),
        ({"field": "extra.Branch", "op": "is_not_empty"}, "the column “Branch” is filled in"),
        ({"field": "booking_date", "op": "at_least", "value": "2026-01-31"}, "the booking date is at least 2026-01-31"),
        ({"not": {"field": "text", "op": "is_empty"}}, "the text is filled in"),
        (
            {"not": {"field": "text", "op": "matches", "value": "x"}},
            "it is not so that the text matches the pattern “x”",
        ),
    ],
)
def test_tests_on_one_line(leaf: dict[str, Any], says: str) -> None:
    assert where(leaf) == says


@pytest.mark.parametrize(
    ("leaf", "says"),
    [
        ({**SAME, "right": "kid"}, "the left reference and the right KID are the same"),
        (
            {**SAME, "normalise": ["case", "punctuation"]},
            "the reference is the same on both sides (apart from case and punctuation)",
        ),
        ({**SAME, "normalise": []}, "the reference is the same on both sides (exactly as written)"),
        ({"left": "text", "op": "contains", "right": "reference"}, "the left text contains the right reference"),
        ({"left": "text", "op": "contained_in", "right": "text"}, "the left text stands in the right text"),
        (
            {"left": "text", "op": "shares_token", "right": "text"},
            "the text of both sides shares a number of at least 4 characters",
        ),
        (
            {"left": "text", "op": "similar", "right": "note", "at_least": 0.9},
            "the left text and the right note are at least 90 % similar",
        ),
        ({**SAME, "op": "one_edit"}, "the reference is the same on both sides but for at most one typing error"),
        (
            {"left": "due_date", "op": "within", "right": "booking_date", "value": 1},
            "the left due date and the right booking date are at most 1 day apart",
        ),
        (
            {"left": "amount", "op": "within", "right": "amount", "value": "0.50"},
            "the amount is at most 0.50 apart on the two sides",
        ),
        (
            {"left": "amount", "op": "same_rounded", "right": "extra.price", "places": 2},
            "the left amount and the right column “price” are the same once rounded to 2 decimals",
        ),
        (
            {"left": "amount", "op": "same_rounded", "right": "amount", "places": 1, "mode": "floor"},
            "the amount is the same on both sides once rounded down to 1 decimal",
        ),
        (
            {"left": "amount", "op": "same_rounded", "right": "amount", "places": 0, "mode": "truncate"},
            "the amount is the same on both sides once cut to 0 decimals",
        ),
        ({"left": "reference", "op": "is_empty"}, "the left reference is empty"),
        ({"not": {"right": "reference", "op": "is_empty"}}, "the right reference is filled in"),
    ],
)
def test_tests_between_sides(leaf: dict[str, Any], says: str) -> None:
    assert condition(leaf) == says


def test_brackets_show_what_belongs_together() -> None:
    a, b, c = ({"field": "text", "op": "contains", "value": word} for word in "abc")
    one, two, three = (f"the text contains “{word}”" for word in "abc")
    assert where({"all": [a, {"any": [b, c]}]}) == f"{one} and ({two} or {three})"
    assert where({"any": [{"all": [a, b]}, c]}) == f"({one} and {two}) or {three}"
    assert where({"not": {"any": [a, b]}}) == f"it is not so that ({one} or {two})"
    assert where({"not": {"not": a}}) == one
    denied = {"not": {"field": "text", "op": "matches", "value": "x"}}
    assert where({"all": [denied, a]}) == f"(it is not so that the text matches the pattern “x”) and {one}"
    assert "where (the reference is the same" in of_match(pair={"any": [SAME, SAME]}, date={"within": 0})


def test_decisions_and_whole_sets() -> None:
    made = from_document(
        {
            "rules": [{"kind": "exclude", "name": "Sweeps", "side": "left"}],
            "decide": [
                {"when": {"field": "alternatives", "op": "at_least", "value": 1}, "then": "suggest"},
                {"when": {"field": "days_apart", "op": "greater_than", "value": 9}, "then": "leave"},
            ],
        }
    )
    assert rule_set_sentence(made).splitlines() == [
        "1. Sweeps: Leave all left lines aside.",
        "A match is only suggested where the number of other candidates is at least 1.",
        "A match is left open where the number of days apart is greater than 9.",
    ]


def test_every_field_has_a_name() -> None:
    assert list(FIELDS) == list(dict.fromkeys([*LINE_FIELDS, *CANDIDATE_FIELDS]))


@pytest.mark.parametrize("seed", range(40))
def test_any_rule_can_be_said(seed: int) -> None:
    made = rule_set(Random(seed))
    for rule in made.rules:
        words = rule_sentence(rule)
        assert words.endswith(".")
        assert not re.search(r"\{[a-z_]+\}", words)
    for decision in made.decide:
        assert decision_sentence(decision).endswith(".")


class Shouting(NullTranslations):
    def gettext(self, message: str) -> str:
        return message.replace("is empty", "ER TOM")


def test_sentences_are_in_the_readers_language() -> None:
    with speaking(Shouting()):
        assert where({"field": "text", "op": "is_empty"}) == "the text ER TOM"
    assert where({"field": "text", "op": "is_empty"}) == "the text is empty"
