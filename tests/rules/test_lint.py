"""What lint says, and that it keeps silent about good rules."""

from __future__ import annotations

from typing import Any

import pytest

from rules.codec import from_document
from rules.lint import lint

SAME = {"left": "reference", "op": "same", "right": "reference"}


def leaf(field: str, op: str, value: object) -> dict[str, Any]:
    return {"field": field, "op": op, "value": value}


FEE = leaf("text", "contains", "gebyr")


def match(name: str = "m", **parts: Any) -> dict[str, Any]:
    return {"kind": "match", "name": name, "cardinality": "one_to_one", **parts}


def exclude(where: object = None) -> dict[str, Any]:
    return {"kind": "exclude", "name": "x", "side": "left"} | ({"where": where} if where else {})


def derive(**parts: object) -> dict[str, Any]:
    step = {"reference": {"from": "text", "pattern": r"KID (\d+)"}}
    return {"kind": "derive", "name": "kid", "side": "right", "set": step, **parts}


def codes(*rules: dict[str, Any], decide: list[dict[str, Any]] | None = None) -> list[tuple[str, str]]:
    document = {"rules": list(rules), "decide": decide or []}
    return [(finding.code, finding.where) for finding in lint(from_document(document))]


def test_good_rules_give_no_finding() -> None:
    assert (
        codes(
            exclude(FEE),
            derive(where={"field": "reference", "op": "is_empty"}),
            match("a", pair=SAME, date={"within": 3}),
            match("b", date={"within": 0}),
            match("c", cardinality="many_to_one", left={"group_by": ["voucher_number"]}),
            decide=[{"when": leaf("rule", "in", ["a", "B"]), "then": "suggest"}],
        )
        == []
    )


def test_empty_rules() -> None:
    assert codes(match()) == [("empty-rule", "rules[0]")]
    assert codes(exclude()) == [("empty-rule", "rules[0]")]
    assert codes(exclude(), match(pair=SAME)) == [("catch-all-first", "rules[0]")]
    post = {"kind": "post", "name": "p", "side": "right", "entry_type": "FEE"}
    assert codes(post) == [("empty-rule", "rules[0]")]


@pytest.mark.parametrize(
    "where",
    [
        leaf("amount", "between", ["5", "1"]),
        leaf("reference", "equals", "---"),
        leaf("reference", "in", ["000", " "]),
        leaf("abs_amount", "less_than", "-1"),
        {
            "all": [
                leaf("amount", "at_least", "5"),
                leaf("amount", "less_than", "5"),
            ]
        },
        {
            "all": [
                leaf("booking_date", "greater_than", "2026-03-31"),
                {"all": [leaf("booking_date", "at_most", "2026-03-31")]},
            ]
        },
        {"all": [{"field": "text", "op": "is_empty"}, FEE]},
        {
            "all": [
                leaf("sign", "equals", "positive"),
                leaf("sign", "equals", "zero"),
            ]
        },
        {
            "any": [
                FEE,
                {
                    "all": [
                        leaf("text", "equals", "a"),
                        leaf("text", "in", ["b"]),
                    ]
                },
            ]
        },
    ],
)
def test_conditions_that_nothing_passes(where: object) -> None:
    assert codes(exclude(where)) == [("never-true", "rules[0].where")]


@pytest.mark.parametrize(
    "where",
    [
        {
            "all": [
                leaf("amount", "at_least", "5"),
                leaf("amount", "at_most", "5"),
            ]
        },
        {
            "any": [
                leaf("amount", "at_least", "5"),
                leaf("amount", "less_than", "1"),
            ]
        },
        {"all": [{"field": "text", "op": "is_empty"}, {"not": FEE}]},
        {"all": [{"field": "text", "op": "is_empty"}, leaf("text", "not_equals", "x")]},
        {"all": [leaf("text", "equals", "A"), leaf("text", "in", ["a", "b"])]},
        {
            "all": [
                leaf("amount", "equals", "1"),
                leaf("amount", "equals", "1.00"),
            ]
        },
        {"not": leaf("amount", "between", ["5", "1"])},
    ],
)
def test_conditions_that_something_passes(where: object) -> None:
    assert codes(exclude(where)) == []


def test_sides_are_told_apart() -> None:
    empty = {"left": "reference", "op": "is_empty"}
    assert codes(match(pair={"all": [empty, {"right": "reference", "op": "equals", "value": "x"}]})) == []
    both = {"all": [empty, {"left": "reference", "op": "equals", "value": "x"}]}
    assert codes(match(pair=both)) == [("never-true", "rules[0].pair")]


def test_similar_references() -> None:
    assert codes(match(pair={**SAME, "op": "similar", "at_least": 0.9})) == [("fuzzy-reference", "rules[0].pair")]
    fuzzy = {"field": "kid", "op": "similar", "value": "1", "at_least": 0.9}
    assert codes(exclude(fuzzy)) == [("fuzzy-reference", "rules[0].where")]
    name = {"left": "counterparty", "op": "similar", "right": "counterparty", "at_least": 0.9}
    assert codes(match(pair=name)) == []
    assert codes(match(pair={**name, "at_least": 0})) == [("similar-to-anything", "rules[0].pair")]


def test_a_field_that_is_read_before_it_is_set() -> None:
    assert codes(match(pair=SAME), derive()) == [("read-before-set", "rules[0]")]
    assert codes(derive(), match(pair=SAME), derive(key="again")) == []
    assert codes(match(pair=SAME), derive(side="left")) == [("read-before-set", "rules[0]")]
    assert codes(match(pair={"left": "reference", "op": "is_not_empty"}), derive()) == []
    grouped = match(
        cardinality="internal_right", right={"group_by": ["reference"]}, pair={"left": "text", "op": "is_empty"}
    )
    assert codes(grouped, derive()) == [("read-before-set", "rules[0]")]
    chained = derive(key="x", set={"kid": {"from": "reference", "pattern": r"\d+"}})
    assert codes(chained, derive()) == [("read-before-set", "rules[0]")]


def test_rules_that_cover_others() -> None:
    wide, narrow = match("wide", date={"within": 5}), match("narrow", date={"within": 5}, pair=SAME)
    assert codes(wide, narrow) == [("catch-all-first", "rules[1]")]
    assert codes(narrow, wide) == []
    assert codes(wide, match("same", date={"within": 2})) == [("shadowed", "rules[1]")]
    assert codes(match("a", date={"within": 2}), match("b", date={"within": 5})) == []
    assert codes(wide, match("b", date={"within": 2}, ambiguous="suggest")) == []
    assert codes(wide, match("b", date={"field": "value_date", "within": 2}, pair=SAME)) == []
    assert codes(wide, match("b", pair=SAME)) == []


def test_terms_of_a_match_rule() -> None:
    many: dict[str, Any] = {"cardinality": "one_to_many", "date": {"within": 1}}
    assert codes(match(**many, search={})) == [("search-without-same", "rules[0].search")]
    assert codes(match(**many, search={"same": ["booking_date"]})) == []
    part: dict[str, Any] = {"pair": SAME, "amount": "any", "difference": "keep_open"}
    assert codes(match(**part)) == [("any-amount-confirmed", "rules[0].amount")]
    assert codes(match(**part, outcome="suggested")) == []
    unused = match(pair=SAME, difference={"entry_type": "R"})
    assert codes(unused) == [("unused-difference", "rules[0].difference")]


def test_patterns_that_are_found_in_nothing() -> None:
    empty = derive(set={"reference": {"from": "text", "pattern": r"(\d*)"}})
    assert codes(empty) == [("pattern-of-nothing", "rules[0].set.reference")]


def test_decisions() -> None:
    decide = [
        {"when": leaf("rule", "equals", "gone"), "then": "leave"},
        {"when": leaf("days_apart", "between", [3, 1]), "then": "leave"},
    ]
    assert codes(decide=decide) == [("unknown-rule", "decide[0].when"), ("never-true", "decide[1].when")]


def test_sentences_name_what_they_are_about() -> None:
    document = {"rules": [match("Wide", date={"within": 5}), match("b", date={"within": 5}, pair=SAME)]}
    (finding,) = lint(from_document(document))
    assert finding.sentence == "“Wide” above asks for less and acts first; put the stricter rule above it."
    assert finding.severity == "warning"
