"""Documents ↔ rule sets: what is written is what is read, in both notations; hashes name meanings."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.codec import (
    dump_json,
    dump_yaml,
    from_document,
    load,
    load_file,
    rule_document,
    rule_from_document,
    rule_hash,
    set_hash,
    to_document,
)
from rules.model import (
    All,
    Allowance,
    Condition,
    DateWindow,
    Decision,
    Derive,
    Difference,
    Exclude,
    Extract,
    Match,
    PairTest,
    Post,
    RuleSet,
    Search,
    Unit,
)
from rules.model import Test as Leaf
from tests.rules.random_rules import rule_set

SEEDS = st.integers(0, 10**6).map(Random)
BANK = r"""
version: 1
name: Our bank
rules:
  - name: Ignore our own sweeps
    key: own-sweeps
    kind: exclude
    side: right
    where: {all: [{field: text, op: starts_with, value: [SWEEP, "AUTO SWEEP"]}]}
  - name: KID out of the text
    kind: derive
    side: right
    where: {field: reference, op: is_empty}
    set: {reference: {from: text, pattern: 'KID[ :]*(\d{4,25})'}}
  - name: Same reference, nearly the same amount
    kind: match
    cardinality: one_to_one
    left: {where: {not: {field: amount, op: between, value: [-500, "-0.01"]}}}
    pair:
      all:
        - {left: reference, op: same, right: reference, normalise: [spaces, leading_zeros, case]}
        - {left: counterparty, op: similar, right: counterparty, at_least: 0.85}
        - {right: text, op: is_not_empty}
        - {left: text, op: shares_token, right: text, at_least: 6}
        - {left: original_amount, op: within, right: original_amount, value: 0.5}
    date: {field: value_date, from: -1, to: 3, calendar: "banking:NO"}
    amount: {minus: 1, plus: "0.50", percent: 0.25, cap: "10", basis: larger}
    ambiguous: suggest
    outcome: suggested
    difference: {entry_type: ROUNDING}
  - name: Batches
    kind: match
    cardinality: one_to_many
    date: {within: 2}
    search: {max_lines: 6, max_steps: 1000, same: [booking_date]}
  - name: Part payments
    kind: match
    cardinality: many_to_one
    left: {group_by: [customer_number, sign]}
    pair: {left: customer_number, op: same, right: customer_number}
    amount: any
    difference: keep_open
  - name: Bank fees
    kind: post
    side: right
    where: {field: text, op: contains, value: gebyr, case: true}
    entry_type: BANKFEE
decide:
  - {name: Had alternatives, when: {field: alternatives, op: at_least, value: 1}, then: suggest}
  - when:
      all:
        - {field: abs_amount, op: at_least, value: "1000000"}
        - {field: similarity, op: less_than, value: 0.9}
    then: leave
"""


def expected() -> RuleSet:
    sweeps = All((Leaf("text", "starts_with", ("SWEEP", "AUTO SWEEP")),))
    near = Match(
        "same-reference-nearly-the-same-amount",
        "Same reference, nearly the same amount",
        "one_to_one",
        left=Unit(load_condition()),
        pair=All(
            (
                PairTest("reference", "same", "reference", ("case", "spaces", "leading_zeros")),
                PairTest("counterparty", "similar", "counterparty", at_least=0.85),
                Leaf("text", "is_not_empty", side="right"),
                PairTest("text", "shares_token", "text", at_least=6.0),
                PairTest("original_amount", "within", "original_amount", value=Decimal("0.5")),
            )
        ),
        date=DateWindow("value_date", -1, 3, "banking:NO"),
        amount=Allowance(Decimal(1), Decimal("0.5"), Decimal("0.25"), Decimal(10), "larger"),
        ambiguous="suggest",
        outcome="suggested",
        difference=Difference("ROUNDING"),
    )
    batches = Match(
        "batches",
        "Batches",
        "one_to_many",
        date=DateWindow("booking_date", -2, 2),
        search=Search(6, 1000, ("booking_date",)),
    )
    parts = Match(
        "part-payments",
        "Part payments",
        "many_to_one",
        left=Unit(None, ("customer_number", "sign")),
        pair=PairTest("customer_number", "same", "customer_number"),
        amount=Allowance(anything=True),
        difference=Difference(keep_open=True),
    )
    large = All((Leaf("abs_amount", "at_least", "1000000"), Leaf("similarity", "less_than", "0.9")))
    return RuleSet(
        "Our bank",
        (
            Exclude("own-sweeps", "Ignore our own sweeps", "right", sweeps),
            Derive(
                "kid-out-of-the-text",
                "KID out of the text",
                "right",
                Leaf("reference", "is_empty"),
                (("reference", Extract("text", r"KID[ :]*(\d{4,25})")),),
            ),
            near,
            batches,
            parts,
            Post("bank-fees", "Bank fees", "right", Leaf("text", "contains", "gebyr", case=True), "BANKFEE"),
        ),
        (
            Decision("Had alternatives", Leaf("alternatives", "at_least", "1"), "suggest"),
            Decision("", large, "leave"),
        ),
    )


def load_condition() -> Condition | None:
    rule = rule_from_document(
        {
            "kind": "exclude",
            "name": "x",
            "side": "left",
            "where": {"not": {"field": "amount", "op": "between", "value": ["-500", "-0.01"]}},
        }
    )
    assert isinstance(rule, Exclude)
    return rule.where


def test_every_key_of_the_language_is_read() -> None:
    assert load(BANK) == expected()


@settings(max_examples=150, deadline=None)
@given(SEEDS)
def test_decoding_what_was_encoded_gives_the_same(random: Random) -> None:
    made = rule_set(random)
    document = to_document(made)
    assert from_document(document) == made
    assert json.loads(json.dumps(document)) == document, "JSON types only"
    assert load(dump_yaml(made)) == made
    assert load(dump_json(made).encode()) == made
    assert [rule_from_document(rule_document(rule)) for rule in made.rules] == list(made.rules)


@settings(max_examples=60, deadline=None)
@given(SEEDS)
def test_hashes_survive_encoding_and_tell_rules_apart(random: Random) -> None:
    made = rule_set(random)
    again = load(dump_yaml(made))
    assert [rule_hash(rule) for rule in again.rules] == [rule_hash(rule) for rule in made.rules]
    assert set_hash(again) == set_hash(made)


def test_a_hash_names_the_meaning_without_name_key_and_place() -> None:
    rules = load(BANK).rules
    renamed = replace(rules[0], key="other", name="Other")
    assert rule_hash(renamed) == rule_hash(rules[0])
    assert len({rule_hash(rule) for rule in rules}) == len(rules)
    assert isinstance(rules[0], Exclude)
    assert rule_hash(replace(rules[0], side="left")) != rule_hash(rules[0])
    assert len(rule_hash(rules[0])) == 64


def test_a_set_hash_names_order_keys_and_names_too() -> None:
    made = load(BANK)
    assert set_hash(replace(made, rules=made.rules[::-1])) != set_hash(made)
    assert set_hash(replace(made, name="Other")) != set_hash(made)
    assert set_hash(replace(made, rules=(replace(made.rules[0], name="Other"), *made.rules[1:]))) != set_hash(made)


def test_a_hash_does_not_care_how_a_value_is_written() -> None:
    one = Exclude("a", "A", "left", Leaf("text", "contains", "x"))
    assert rule_hash(one) == rule_hash(replace(one, where=Leaf("text", "contains", ("x",))))
    rounding = Match("a", "A", "one_to_one", amount=Allowance(plus=Decimal("1.50")))
    assert rule_hash(rounding) == rule_hash(replace(rounding, amount=Allowance(plus=Decimal("1.5"))))


@pytest.mark.parametrize(
    ("name", "key"),
    [("Bank fees (NOK)", "bank-fees-nok"), ("Årsavgift & øvrig", "arsavgift-ovrig"), ("  Æ—ß ", "ae-ss")],
)
def test_the_default_key_is_a_slug_of_the_name(name: str, key: str) -> None:
    assert rule_from_document({"kind": "exclude", "side": "left", "name": name}).key == key


def test_the_name_defaults_to_the_key() -> None:
    assert rule_from_document({"kind": "exclude", "side": "left", "key": "sweeps"}).name == "sweeps"


def test_yaml_scalars_are_text_unless_they_are_plainly_numbers() -> None:
    texts = "[NO, on, 2026-01-31, 1:30, 0x1F, 1_000, =]"
    made = load(f"rules: [{{kind: exclude, name: x, side: left, where: {{field: text, op: in, value: {texts}}}}}]")
    where = made.rules[0].where  # type: ignore[union-attr]
    assert isinstance(where, Leaf)
    assert where.value == ("NO", "on", "2026-01-31", "1:30", "0x1F", "1_000", "=")


def test_numbers_in_a_file_stay_exact() -> None:
    made = load("rules: [{kind: exclude, name: x, side: left, where: {field: amount, op: at_least, value: 0.10}}]")
    assert made.rules[0].where == Leaf("amount", "at_least", "0.10")  # type: ignore[union-attr]


def test_similar_may_hold_its_threshold_inside_the_value() -> None:
    leaf = {"field": "text", "op": "similar", "value": {"value": ["a", "b"], "at_least": 0.8}}
    made = rule_from_document({"kind": "exclude", "name": "x", "side": "left", "where": leaf})
    assert made.where == Leaf("text", "similar", ("a", "b"), at_least=0.8)  # type: ignore[union-attr]


def test_a_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "bank.yaml"
    path.write_text("\ufeff" + BANK, encoding="utf-8")
    assert load_file(path) == load(BANK)


def test_yaml_for_people_keeps_each_test_on_a_line() -> None:
    text = dump_yaml(load(BANK))
    assert "    - {left: counterparty, op: similar, right: counterparty, at_least: 0.85}\n" in text
    assert "ambiguous: suggest" in text
    assert "calendar: banking:NO" in text
