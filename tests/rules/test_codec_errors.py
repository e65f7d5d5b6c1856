"""Every fault of a document at once, each with its path and a sentence."""

from __future__ import annotations

from typing import Any

import pytest

from rules.codec import from_document, load, load_file
from rules.errors import RuleErrors

EXCLUDE = {"kind": "exclude", "name": "x", "side": "left"}
MATCH = {"kind": "match", "name": "x", "cardinality": "one_to_one"}
SAME = {"left": "reference", "op": "same", "right": "reference"}
ROUNDED = {"left": "amount", "op": "same_rounded", "right": "extra.price", "places": 2}


def faults(document: object) -> dict[str, str]:
    with pytest.raises(RuleErrors) as caught:
        from_document(document)
    return {error.path: error.sentence for error in caught.value.errors}


def rule_faults(rule: dict[str, Any]) -> dict[str, str]:
    """Faults of one rule, with paths inside it."""
    return {path.removeprefix("rules[0]").lstrip("."): words for path, words in faults({"rules": [rule]}).items()}


def where_faults(leaf: object) -> dict[str, str]:
    found = rule_faults({**EXCLUDE, "where": leaf})
    return {path.removeprefix("where").lstrip("."): words for path, words in found.items()}


def pair_faults(leaf: object) -> dict[str, str]:
    return {
        path.removeprefix("pair").lstrip("."): words for path, words in rule_faults({**MATCH, "pair": leaf}).items()
    }


def test_every_fault_is_told_at_once_with_its_path() -> None:
    document = {
        "version": 2,
        "rulez": [],
        "rules": [
            {**EXCLUDE, "where": {"all": [{"field": "text", "op": "contains", "value": 5}]}},
            {**MATCH, "name": "y", "pair": {"all": [{**SAME, "op": "sam"}, {"any": [{**SAME, "colour": 1}]}]}},
            {**MATCH, "name": "z", "cardinality": "one_to_many"},
        ],
        "decide": [{"when": {"field": "amount", "op": "at_least", "value": "x"}, "then": "maybe"}],
    }
    assert set(faults(document)) == {
        "version",
        "rulez",
        "rules[0].where.all[0].value",
        "rules[1].pair.all[0].op",
        "rules[1].pair.all[1].any[0].colour",
        "rules[2].right.group_by",
        "decide[0].when.value",
        "decide[0].then",
    }


def test_the_source_is_named() -> None:
    with pytest.raises(RuleErrors, match=r"^bank\.yaml: rules: “rules” is missing\.$"):
        load("{}", source="bank.yaml")


def test_unknown_keys_are_errors_that_guess_what_was_meant() -> None:
    assert rule_faults({**MATCH, "ambigous": "first"}) == {
        "ambigous": "There is no key “ambigous” here; did you mean “ambiguous”?"
    }
    assert set(where_faults({"all": [{"field": "text", "op": "is_empty"}], "any": []})) == {"any"}


@pytest.mark.parametrize("rule", [5, "x", None, []])
def test_what_is_no_rule(rule: object) -> None:
    assert "rules[0]" in faults({"rules": [rule]})


def test_what_is_no_document() -> None:
    assert faults([]) == {"": "Expected keys and values here, not a list."}
    assert faults({"rules": {}}) == {"rules": "Expected a list here, not keys and values."}
    assert "kind" in rule_faults({"name": "x"})
    assert "kind" in rule_faults({**EXCLUDE, "kind": "ignore"})


def test_a_rule_needs_a_name_or_a_key() -> None:
    assert "name" in rule_faults({"kind": "exclude", "side": "left"})
    assert "key" in rule_faults({**EXCLUDE, "key": "a b"})
    assert "name" in rule_faults({**EXCLUDE, "name": 5})
    assert rule_faults({**EXCLUDE, "name": "—"}) == {"key": "No key can be made of the name; give the rule a “key”."}


def test_two_rules_of_one_key() -> None:
    found = faults({"rules": [EXCLUDE, {**EXCLUDE, "name": "X"}]})
    assert found == {"rules[1].key": "The key “x” is taken by rules[0]; give one of the two another “key”."}


@pytest.mark.parametrize(
    ("leaf", "path", "says"),
    [
        ({"op": "is_empty"}, "field", "missing"),
        ({"field": "text"}, "op", "missing"),
        ({"field": "texts", "op": "is_empty"}, "field", "did you mean “text”"),
        ({"field": "extra.", "op": "is_empty"}, "field", "not possible"),
        ({"field": "similarity", "op": "is_empty"}, "field", "not possible"),
        ({"field": "text", "op": "same", "value": "x"}, "op", "compares two sides"),
        ({"field": "amount", "op": "contains", "value": "5"}, "op", "amount, which is an amount"),
        ({"field": "text", "op": "greater_than", "value": "5"}, "op", "a text"),
        ({"field": "text", "op": "is_empty", "value": "x"}, "value", "takes no value"),
        ({"field": "text", "op": "contains"}, "value", "missing"),
        ({"field": "reference", "op": "equals", "value": 123}, "value", "write it in quotes, “123”"),
        ({"field": "reference", "op": "in", "value": ["1", 2]}, "value[1]", "in quotes"),
        ({"field": "text", "op": "contains", "value": ""}, "value", "is_empty"),
        ({"field": "text", "op": "in", "value": []}, "value", "list is empty"),
        ({"field": "text", "op": "equals", "value": True}, "value", "Expected text"),
        ({"field": "text", "op": "matches", "value": "(a"}, "value", "RE2"),
        ({"field": "text", "op": "matches", "value": r"(?=a)"}, "value", "RE2"),
        ({"field": "text", "op": "matches", "value": r"(a)\1"}, "value", "RE2"),
        ({"field": "text", "op": "similar", "value": "x"}, "op", "needs “at_least”"),
        ({"field": "text", "op": "similar", "value": "x", "at_least": 1.5}, "at_least", "between 0 and 1"),
        ({"field": "text", "op": "contains", "value": "x", "at_least": 0.5}, "at_least", "no place"),
        ({"field": "text", "op": "contains", "value": "x", "case": "yes"}, "case", "true or false"),
        ({"field": "amount", "op": "equals", "value": "1", "case": True}, "case", "text only"),
        ({"field": "amount", "op": "equals", "value": "1,5"}, "value", "1250.50"),
        ({"field": "amount", "op": "equals", "value": 1.5}, "value", "1250.50"),
        ({"field": "amount", "op": "equals", "value": ["1", "2"]}, "value", "not a list"),
        ({"field": "amount", "op": "between", "value": ["1"]}, "value", "two values"),
        ({"field": "amount", "op": "between", "value": "1"}, "value", "two values"),
        ({"field": "booking_date", "op": "at_least", "value": "31.01.2026"}, "value", "2026-01-31"),
        ({"field": "booking_date", "op": "at_least", "value": "2026-02-30"}, "value", "2026-01-31"),
        ({"field": "booking_date", "op": "at_least", "value": "20260131"}, "value", "2026-01-31"),
        ({"field": "currency", "op": "equals", "value": "KRONER"}, "value", "ISO 4217"),
        ({"field": "sign", "op": "equals", "value": "plus"}, "value", "positive, negative or zero"),
        ({"all": []}, "all", "no test"),
        ({"all": {"field": "text"}}, "all", "list"),
        ({"not": [{"field": "text", "op": "is_empty"}]}, "not", "keys and values"),
    ],
)
def test_faults_of_a_test_on_one_line(leaf: object, path: str, says: str) -> None:
    found = where_faults(leaf)
    assert path in found, found
    assert says in found[path]


@pytest.mark.parametrize(
    ("leaf", "path", "says"),
    [
        ({"field": "text", "op": "is_empty"}, "", "“left”, as “right”, or one of each"),
        ({**SAME, "op": "is_empty"}, "op", "only “left” or only “right”"),
        ({"left": "reference", "op": "same"}, "op", "compares two sides"),
        ({**SAME, "right": "amount"}, "right", "cannot be compared"),
        ({**SAME, "left": "amount", "op": "contains"}, "op", "an amount"),
        ({**SAME, "normalise": ["trim"]}, "normalise[0]", "not possible"),
        ({**SAME, "normalise": ["case", "case"]}, "normalise", "twice"),
        ({**SAME, "op": "contains", "normalise": ["case"]}, "normalise", "no place"),
        ({"left": "amount", "op": "same", "right": "amount", "normalise": ["case"]}, "normalise", "text only"),
        ({**SAME, "op": "similar"}, "at_least", "needs “at_least”"),
        ({**SAME, "op": "shares_token", "at_least": 0.5}, "at_least", "whole number"),
        ({"left": "amount", "op": "within", "right": "amount"}, "value", "needs “value”"),
        ({"left": "amount", "op": "within", "right": "amount", "value": "-1"}, "value", "less than 0"),
        (ROUNDED | {"places": 2.5}, "places", "whole number"),
        (ROUNDED | {"places": "2"}, "places", "whole number"),
        (ROUNDED | {"places": -1}, "places", "not between 0 and 12"),
        (ROUNDED | {"mode": "up"}, "mode", "half_up, floor or truncate"),
        (ROUNDED | {"right": "booking_date"}, "right", "cannot be compared"),
        (ROUNDED | {"left": "booking_date", "right": "booking_date"}, "op", "a date"),
        ({key: value for key, value in ROUNDED.items() if key != "places"}, "places", "needs “places”"),
        ({**SAME, "places": 2}, "places", "no place"),
        ({**SAME, "mode": "floor"}, "mode", "no place"),
        ({**SAME, "case": True}, "case", "no key"),
        (5, "", "keys and values"),
    ],
)
def test_faults_of_a_test_between_sides(leaf: object, path: str, says: str) -> None:
    found = pair_faults(leaf)
    assert path in found, found
    assert says in found[path]


@pytest.mark.parametrize(
    ("change", "path", "says"),
    [
        ({"cardinality": "one_to_one", "left": {"group_by": ["reference"]}}, "left.group_by", "does not"),
        ({"cardinality": "one_to_many"}, "right.group_by", "group_by"),
        ({"cardinality": "many_to_many", "left": {"group_by": ["entry"]}}, "right.group_by", "group_by"),
        ({"cardinality": "one_to_one", "search": {}}, "search", "no side with many"),
        ({"cardinality": "one_to_many", "right": {"group_by": ["entry"]}, "search": {}}, "search", "exactly one"),
        ({"cardinality": "many_to_many", "search": {}}, "search", "exactly one"),
        ({"cardinality": "internal_left", "right": {"group_by": ["entry"]}}, "right", "the other"),
        ({"cardinality": "one_to_many", "search": {"same": ["x"]}}, "search.same[0]", "not possible"),
        ({"cardinality": "one_to_many", "search": {"max_lines": 1}}, "search.max_lines", "not between"),
        ({"cardinality": "one_to_many", "search": {}, "amount": {"plus": 1}}, "amount", "exact amounts"),
        ({"amount": {"plus": "1"}}, "difference", "“difference” must"),
        ({"amount": {"percent": 1}}, "difference", "“difference” must"),
        ({"amount": {"minus": "-1"}}, "amount.minus", "less than 0"),
        ({"amount": {"cap": "1"}}, "amount.cap", "“percent”, which is not given"),
        ({"amount": {"left": "booking_date"}}, "amount.left", "not an amount"),
        ({"amount": {"basis": "both"}}, "amount.basis", "not possible"),
        ({"amount": "exact"}, "amount", "keys and values"),
        ({"amount": "any", "pair": SAME}, "amount", "keep_open"),
        ({"amount": "any", "difference": "keep_open"}, "amount", "must hold"),
        ({"amount": "any", "difference": "keep_open", "pair": {"not": SAME}}, "amount", "must hold"),
        (
            {"amount": "any", "difference": "keep_open", "pair": {"any": [SAME, {"left": "text", "op": "is_empty"}]}},
            "amount",
            "must hold",
        ),
        ({"amount": {"left": "original_amount"}, "difference": "keep_open"}, "difference", "whole"),
        ({"difference": "keep"}, "difference", "keep_open"),
        ({"difference": {}}, "difference.entry_type", "missing"),
        ({"date": {"within": -1}}, "date.within", "not between"),
        ({"date": {"within": 3, "from": 1}}, "date.within", "either"),
        ({"date": {"from": 3, "to": 1}}, "date", "lies after"),
        ({"date": {"from": "3"}}, "date.from", "whole number"),
        ({"date": {"field": "amount"}}, "date.field", "not a date"),
        ({"date": {"calendar": "bank"}}, "date.calendar", "banking"),
        ({"date": {"calendar": "banking:XX"}}, "date.calendar", "“XX”"),
        ({"ambiguous": "none"}, "ambiguous", "not possible"),
        ({"outcome": "posted"}, "outcome", "not possible"),
        ({"left": {"group_by": "reference"}}, "left.group_by", "list"),
        ({"cardinality": "many_to_one", "left": {"group_by": ["entry", "entry"]}}, "left.group_by", "twice"),
    ],
)
def test_faults_between_the_parts_of_a_match_rule(change: dict[str, Any], path: str, says: str) -> None:
    found = rule_faults({**MATCH, **change})
    assert path in found, found
    assert says in found[path]


@pytest.mark.parametrize(
    ("settings", "path"),
    [
        ({}, "set"),
        ({"amount": {"from": "text", "pattern": "x"}}, "set.amount"),
        ({"reference": {"from": "amount", "pattern": "x"}}, "set.reference.from"),
        ({"reference": {"from": "text", "pattern": "["}}, "set.reference.pattern"),
        ({"reference": {"from": "text", "pattern": r"\pL{1,200}\d"}}, "set.reference.pattern"),
        ({"reference": {"from": "text"}}, "set.reference.pattern"),
        ({"reference": {"pattern": "x"}}, "set.reference.from"),
    ],
)
def test_faults_of_a_derive_rule(settings: object, path: str) -> None:
    assert path in rule_faults({"kind": "derive", "name": "x", "side": "left", "set": settings})


def test_what_is_missing() -> None:
    assert set(rule_faults({"kind": "derive", "name": "x"})) == {"side", "set"}
    assert set(rule_faults({"kind": "post", "name": "x"})) == {"side", "entry_type"}
    assert set(rule_faults({"kind": "match", "name": "x"})) == {"cardinality"}
    assert set(faults({"rules": [], "decide": [{}]})) == {"decide[0].when", "decide[0].then"}


def test_conditions_have_limits() -> None:
    deep: object = {"field": "text", "op": "is_empty"}
    for _level in range(21):
        deep = {"not": deep}
    assert "nested more than 20" in next(iter(where_faults(deep).values()))
    many = {"all": [{"field": "text", "op": "is_empty"}] * 201}
    assert "more than 200 tests" in next(iter(where_faults(many).values()))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("rules: [", "Line 1, column 9"),
        ("a: 1\na: 2", "the key “a” stands twice"),
        ('{"rules": [], "rules": []}', "The key “rules” stands twice"),
        ('{"rules": [}', "Line 1, column 12 is not JSON"),
        ('{"rules": NaN}', "“NaN” is not a number"),
        ("rules: &x [*x]", "aliases"),
        ("rules: !!python/object:os.system []", "could not determine a constructor"),
        (b"name: \xff", "Byte 7 is not UTF-8"),
        ("[" * 5000, "nested too deeply"),
        ("rules: " + "9" * 5000, "too long"),
        ("a: \x01", "character"),
        ("", "not nothing"),
    ],
)
def test_texts_that_cannot_be_read(text: str | bytes, says: str) -> None:
    with pytest.raises(RuleErrors) as caught:
        load(text)
    assert says in str(caught.value)


def test_a_file_that_is_not_there() -> None:
    with pytest.raises(FileNotFoundError):
        load_file("no-such-rules.yaml")
