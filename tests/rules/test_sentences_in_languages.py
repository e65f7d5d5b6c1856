"""The shipped rule sets in every language, word for word as in tests/fixtures/sentences; UPDATE_GOLDEN=1 writes the
files anew, for the difference to be read before it is committed.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

import pytest

from recon.languages import LANGUAGES, speaking_in
from rules.codec import load
from rules.explain import match_rule
from rules.lint import lint
from rules.model import Match
from rules.sentence import rule_sentence, rule_set_sentence
from rules.standard import NAMES
from rules.standard import load as shipped

GOLDEN = Path(__file__).parents[1] / "fixtures" / "sentences"
FEES = """
version: 1
name: Fees
rules:
  - key: fees
    name: Fees
    kind: match
    cardinality: one_to_many
    left: {where: {field: booking_date, op: at_least, value: 2026-01-31}}
    right: {group_by: [archive_reference], where: {field: amount, op: between, value: [-1234.5, "7134154.55"]}}
    pair: {left: text, right: text, op: similar, at_least: 0.875}
    date: {field: booking_date, within: 1}
    amount: {minus: 1250.50, percent: 0.5}
    difference: {entry_type: FEES}
"""


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", NAMES)
def test_shipped_sets_are_said_as_written_down(name: Literal["standard", "autopay"], language: str) -> None:
    with speaking_in(language):
        said = rule_set_sentence(shipped(name)) + "\n"
    file = GOLDEN / f"{name}.{language}.txt"
    if os.environ.get("UPDATE_GOLDEN") == "1":
        file.write_text(said, encoding="utf-8")
    assert said == file.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("language", "parts"),
    [
        ("en", ["2026-01-31", "-1234.5 and 7134154.55", "87.5 %", "1 day", "−1250.50", "up to 0.5 %"]),
        ("nb", ["31.01.2026", "−1 234,5 og 7 134 154,55", "87,5 %", "1 dag.", "−1 250,50", "inntil 0,5 %"]),
        ("sv", ["2026-01-31", "−1 234,5 och 7 134 154,55", "87,5 %", "1 dag.", "−1 250,50", "upp till 0,5 %"]),
    ],
)
def test_numbers_and_days_follow_the_language(language: str, parts: list[str]) -> None:
    with speaking_in(language):
        said = rule_sentence(load(FEES).rules[0]).replace("\xa0", " ")
    assert [part for part in parts if part not in said] == [], said


def test_days_have_one_and_many() -> None:
    rule = load(FEES.replace("within: 1", "within: 3")).rules[0]
    said = {}
    for language in LANGUAGES:
        with speaking_in(language):
            said[language] = rule_sentence(rule)
    assert "3 days" in said["en"]
    assert "3 dager" in said["nb"]
    assert "3 dagar" in said["sv"]


def test_explanations_keep_plain_values_beside_what_is_said() -> None:
    rule = load(FEES).rules[0]
    assert isinstance(rule, Match)
    line = {"booking_date": None, "amount": 713_415_455, "currency": "NOK", "text": "a"}
    with speaking_in("nb"):
        told = match_rule(rule, [line], [{**line, "amount": -36_196_976}])
    values = told.parts[-1]
    assert values.values == ("7134154.55 NOK", "-361969.76 NOK", "-7496124.31 NOK")
    assert [value.replace("\xa0", " ") for value in values.said] == [
        "7 134 154,55 NOK",
        "−361 969,76 NOK",
        "−7 496 124,31 NOK",
    ]
    assert "fortegnene er ulike" in values.figures


@pytest.mark.parametrize(("language", "word"), [("nb", "beløpet"), ("sv", "beloppet")])
def test_lint_speaks_the_language(language: str, word: str) -> None:
    bare = "version: 1\nname: n\nrules: [{key: k, name: n, kind: match, cardinality: one_to_one}]\n"
    with speaking_in(language):
        said = [finding.sentence for finding in lint(load(bare))]
    assert any(word in sentence for sentence in said), said
