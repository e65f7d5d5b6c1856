"""What lint says, and that it keeps silent about good rules: every code has rule sets with it and rule sets without."""

from __future__ import annotations

from typing import Any

import pytest

from rules.codec import from_document
from rules.lint import CODES, lint

Json = dict[str, Any]

SAME: Json = {"left": "reference", "op": "same", "right": "reference"}


def leaf(field: str, op: str, value: object = None, **more: object) -> Json:
    return {"field": field, "op": op} | ({} if value is None else {"value": value}) | more


def both(*tests: Json) -> Json:
    return {"all": list(tests)}


def either(*tests: Json) -> Json:
    return {"any": list(tests)}


def match(name: str = "m", **parts: Any) -> Json:
    return {"kind": "match", "name": name, "cardinality": "one_to_one", **parts}


def wheres(left: Json, right: Json, name: str = "m", **parts: Any) -> Json:
    return match(name, left={"where": left}, right={"where": right}, **({"pair": SAME} | parts))


def exclude(where: Json | None = None, **parts: Any) -> Json:
    return {"kind": "exclude", "name": "x", "side": "left", **parts} | ({"where": where} if where else {})


def derive(**parts: Any) -> Json:
    step = {"reference": {"from": "text", "pattern": r"KID (\d+)"}}
    return {"kind": "derive", "name": "kid", "side": "right", "set": step, **parts}


def post(where: Json | None = None, **parts: Any) -> Json:
    plain = {"kind": "post", "name": "p", "side": "right", "entry_type": "FEE", **parts}
    return plain | ({"where": where} if where else {})


def many(**parts: Any) -> Json:
    return match(cardinality="one_to_many", date={"within": 1}, **parts)


def matches(pattern: str) -> Json:
    return exclude(leaf("text", "matches", pattern))


def extracts(pattern: str) -> Json:
    return derive(set={"reference": {"from": "text", "pattern": pattern}})


def decides(when: Json) -> Json:
    """A decision; stands among the rules of a case."""
    return {"when": when, "then": "leave"}


FEE, EMPTY = leaf("text", "contains", "gebyr"), leaf("reference", "is_empty")
BIG_FEE = leaf("text", "starts_with", "Gebyr for")
ANY: Json = {"pair": SAME, "amount": "any", "difference": "keep_open"}
WIDE, NARROW = match("wide", date={"within": 5}), match("narrow", date={"within": 5}, pair=SAME)
APRIL, MARCH = leaf("booking_date", "at_least", "2026-04-10"), leaf("booking_date", "at_most", "2026-03-31")
LEFT_EMPTY = {"left": "reference", "op": "is_empty"}
POSITIVE, NEGATIVE = leaf("sign", "equals", "positive"), leaf("sign", "equals", "negative")
FIVE = leaf("amount", "at_least", "5")
TEXT: Json = {"left": "text", "op": "same", "right": "text"}
DAY: Json = {"left": "booking_date", "op": "same", "right": "booking_date"}
ROUNDED: Json = {"left": "amount", "op": "same_rounded", "right": "amount", "places": 0}
NAMED: Json = {"left": "original_amount", "right": "amount"}

WITH: dict[str, list[tuple[list[Json], str]]] = {
    "empty-rule": [
        ([match()], "rules[0]"),
        ([match(cardinality="internal_left")], "rules[0]"),
        ([exclude()], "rules[0]"),
        ([post()], "rules[0]"),
    ],
    "catch-all-first": [
        ([exclude(), match(pair=SAME)], "rules[0]"),
        ([WIDE, NARROW], "rules[1]"),
        ([WIDE, match("same", date={"within": 2})], "rules[1]"),
        ([match("all", date={"within": 2}), wheres(FEE, FEE, date={"within": 2})], "rules[1]"),
        (
            [
                wheres(leaf("amount", "at_least", "10"), FEE, date={"within": 2}),
                wheres(leaf("amount", "greater_than", "100"), FEE, "b", date={"within": 1}),
            ],
            "rules[1]",
        ),
    ],
    "shadowed": [
        ([NARROW, match("again", date={"within": 5}, pair=both(SAME))], "rules[1]"),
        ([NARROW, match("again", date={"within": 5}, pair=SAME, outcome="suggested")], "rules[1]"),
        ([match("first", ambiguous="first", date={"within": 5}), NARROW], "rules[1]"),
        ([match("newest", ambiguous="newest", date={"within": 5}), NARROW], "rules[1]"),
        ([exclude(FEE), wheres(BIG_FEE, leaf("text", "is_not_empty"))], "rules[1]"),
        ([exclude(FEE, side="both"), post(leaf("text", "in", ["Gebyr", "gebyr 2"]))], "rules[1]"),
        ([exclude(either(FEE, EMPTY)), exclude(EMPTY, key="y")], "rules[1]"),
        ([post(FEE), wheres(EMPTY, both(BIG_FEE, EMPTY), pair=TEXT)], "rules[1]"),
        ([exclude(FEE), match(cardinality="internal_left", left={"where": FEE})], "rules[1]"),
    ],
    "never-true": [
        ([exclude(leaf("amount", "between", ["5", "1"]))], "rules[0].where.value"),
        ([exclude(leaf("reference", "equals", "---"))], "rules[0].where.value"),
        ([exclude(leaf("reference", "in", ["000", " "]))], "rules[0].where.value"),
        ([exclude(leaf("abs_amount", "less_than", "-1"))], "rules[0].where.value"),
        ([exclude(both(FIVE, leaf("amount", "less_than", "5")))], "rules[0].where.all[1]"),
        ([exclude(both(APRIL, both(FEE, MARCH)))], "rules[0].where.all[1].all[1]"),
        ([exclude(both(leaf("text", "is_empty"), FEE))], "rules[0].where.all[1]"),
        ([exclude(both(POSITIVE, leaf("sign", "equals", "zero")))], "rules[0].where.all[1]"),
        ([exclude(both(BIG_FEE, leaf("text", "not_contains", "gebyr")))], "rules[0].where.all[1]"),
        (
            [exclude(either(FEE, both(leaf("text", "equals", "a"), leaf("text", "in", ["b"]))))],
            "rules[0].where.any[1].all[1]",
        ),
        ([match(pair=both(LEFT_EMPTY, {"left": "reference", "op": "equals", "value": "x"}))], "rules[0].pair.all[1]"),
        ([wheres(EMPTY, FEE)], "rules[0].pair.left"),
        ([match(pair=both(LEFT_EMPTY, SAME))], "rules[0].pair.all[1].left"),
        ([many(right={"where": EMPTY, "group_by": ["text", "reference"]})], "rules[0].right.group_by[1]"),
        ([many(right={"where": EMPTY}, search={"same": ["reference"]})], "rules[0].search.same[0]"),
        (
            [wheres(leaf("value_date", "is_empty"), FEE, date={"field": "value_date", "within": 1})],
            "rules[0].date.field",
        ),
        (
            [wheres(POSITIVE, NEGATIVE)],
            "rules[0].right.where",
        ),
        ([wheres(leaf("currency", "equals", "NOK"), leaf("currency", "not_in", ["nok"]))], "rules[0].right.where"),
        ([wheres(FIVE, leaf("amount", "less_than", "5"))], "rules[0].right.where"),
        ([match(date={"within": 2}), decides(leaf("days_apart", "at_least", 3))], "decide[0].when.value"),
        ([decides(leaf("days_apart", "between", [3, 1]))], "decide[0].when.value"),
    ],
    "contradictory-dates": [
        ([wheres(APRIL, MARCH, date={"within": 9})], "rules[0].right.where"),
        ([wheres(APRIL, MARCH, date={"from": 1, "to": 9, "calendar": "banking:NO"})], "rules[0].right.where"),
        (
            [match(pair=DAY | {"op": "within", "value": 1}, date={"from": 2, "to": 5})],
            "rules[0].pair",
        ),
        ([match(pair=DAY, date={"from": 1, "to": 5})], "rules[0].pair"),
        ([match(cardinality="internal_left", date={"from": -3, "to": -1})], "rules[0].date.to"),
    ],
    "fuzzy-reference": [
        ([match(pair={**SAME, "op": "similar", "at_least": 0.9})], "rules[0].pair.op"),
        ([exclude(both(FEE, leaf("kid", "similar", "1", at_least=0.9)))], "rules[0].where.all[1].op"),
    ],
    "similar-to-anything": [
        ([match(pair={"left": "text", "op": "similar", "right": "text", "at_least": 0})], "rules[0].pair.at_least"),
    ],
    "read-before-set": [
        ([match(pair=SAME), derive()], "rules[0].pair.right"),
        ([match(pair=SAME), derive(side="left")], "rules[0].pair.left"),
        ([exclude(both(FEE, EMPTY), side="right"), derive()], "rules[0].where.all[1].field"),
        (
            [match(cardinality="internal_right", right={"group_by": ["reference"], "where": FEE}), derive()],
            "rules[0].right.group_by[0]",
        ),
        ([derive(key="x", set={"kid": {"from": "reference", "pattern": r"\d+"}}), derive()], "rules[0].set.kid.from"),
        ([many(search={"same": ["reference"]}), derive()], "rules[0].search.same[0]"),
        (
            [
                match(pair=SAME | {"right": "extra.number"}),
                derive(set={"extra.number": {"from": "text", "pattern": r"\d+"}}),
                match("b", pair=SAME | {"right": "extra.number"}),
            ],
            "rules[0].pair.right",
        ),
    ],
    "search-without-same": [([many(search={})], "rules[0].search")],
    "any-amount-confirmed": [([match(**ANY)], "rules[0].amount")],
    "any-amount": [([match(**ANY, outcome="suggested")], "rules[0].amount")],
    "unused-difference": [([match(pair=SAME, difference={"entry_type": "R"})], "rules[0].difference")],
    "untreated-difference": [([match(pair=SAME, amount=NAMED)], "rules[0].amount")],
    "pattern-of-nothing": [
        ([extracts(r"(\d*)")], "rules[0].set.reference.pattern"),
        ([matches("(gebyr)?")], "rules[0].where.value"),
    ],
    "slow-pattern": [
        ([matches(r"(\w{1,50} ){20}")], "rules[0].where.value"),
        ([extracts(r"(\w{1,50} ){20}")], "rules[0].set.reference.pattern"),
    ],
    "idle-pattern-ends": [
        ([matches(".*gebyr")], "rules[0].where.value"),
        ([matches("gebyr.*")], "rules[0].where.value"),
    ],
    "unknown-rule": [([match("a", pair=SAME), decides(leaf("rule", "equals", "gone"))], "decide[0].when.value")],
    "idle-rounding": [
        ([match(pair=both(SAME, ROUNDED))], "rules[0].pair.all[1]"),
        (
            [match(pair=both(SAME, ROUNDED | {"right": "original_amount", "places": 4}))],
            "rules[0].pair.all[1].places",
        ),
    ],
    "newest-of-one-day": [
        ([match(pair=SAME, ambiguous="newest", date={"from": 2, "to": 2})], "rules[0].ambiguous"),
        (
            [match(pair=SAME, cardinality="internal_left", ambiguous="newest", date={"from": -1, "to": 0})],
            "rules[0].ambiguous",
        ),
    ],
}
"""Rule sets in which lint finds just this, and the path at which it says so."""

WITHOUT: dict[str, list[list[Json]]] = {
    "empty-rule": [
        [match(date={"within": 0})],
        [many(right={"group_by": ["voucher_number"]})],
        [exclude(FEE)],
        [derive()],
    ],
    "catch-all-first": [
        [NARROW, WIDE],
        [match("a", date={"within": 2}), match("b", date={"within": 5})],
        [WIDE, match("b", date={"field": "value_date", "within": 2}, pair=SAME)],
        [WIDE, match("b", pair=SAME)],
        [wheres(FEE, FEE), wheres(BIG_FEE, EMPTY, "b", pair={**SAME, "right": "text"})],
        [
            many(right={"group_by": ["voucher_number"]}),
            many(name="b", right={"group_by": ["voucher_number"], "where": FEE}),
        ],
        [match("a", date={"within": 5}), match("b", date={"within": 5}, amount={"plus": 1}, difference="keep_open")],
    ],
    "shadowed": [
        [NARROW, match("closest", date={"within": 5}, pair=SAME, ambiguous="closest")],
        [exclude(BIG_FEE), wheres(FEE, leaf("text", "is_not_empty"))],
        [exclude(FEE), exclude(FEE, name="y", side="right")],
        [exclude(FEE), post(FEE)],
        [exclude(leaf("text", "contains", "Gebyr", case=True)), exclude(FEE, key="y")],
        [exclude(EMPTY, side="right"), derive(), post(EMPTY)],
        [post(FEE), derive(where=FEE)],
        [NARROW, match("again", date={"within": 5}, pair=SAME), decides(leaf("alternatives", "at_least", 1))],
    ],
    "never-true": [
        [exclude(both(FIVE, leaf("amount", "at_most", "5")))],
        [exclude(either(FIVE, leaf("amount", "less_than", "1")))],
        [exclude(both(leaf("text", "is_empty"), {"not": FEE}))],
        [exclude(both(leaf("text", "is_empty"), leaf("text", "not_equals", "x")))],
        [exclude(both(leaf("text", "equals", "A"), leaf("text", "in", ["a", "b"])))],
        [exclude(both(leaf("amount", "equals", "1"), leaf("amount", "equals", "1.00")))],
        [exclude({"not": leaf("amount", "between", ["5", "1"])})],
        [match(pair=both(LEFT_EMPTY, {"right": "reference", "op": "equals", "value": "x"}))],
        [match(pair=either(LEFT_EMPTY, SAME))],
        [wheres(POSITIVE, leaf("sign", "in", ["positive", "zero"]))],
        [many(left={"where": POSITIVE}, right={"where": NEGATIVE, "group_by": ["text"]})],
        [wheres(FIVE, leaf("amount", "less_than", "5"), amount={"minus": 1}, difference="keep_open")],
        [wheres(FIVE, leaf("amount", "at_most", "5"))],
        [match(date={"within": 3}), decides(leaf("days_apart", "at_least", 3))],
        [match(pair=SAME), decides(leaf("days_apart", "at_least", 30))],
    ],
    "contradictory-dates": [
        [wheres(MARCH, APRIL, date={"from": 0, "to": 10})],
        [wheres(APRIL, MARCH, date={"from": -10, "to": 0})],
        [wheres(APRIL, MARCH)],
        [wheres(APRIL, MARCH, date={"field": "value_date", "within": 1})],
        [match(cardinality="internal_left", date={"from": -3, "to": 3})],
        [match(pair={"left": "value_date", "op": "same", "right": "value_date"}, date={"from": 1, "to": 5})],
    ],
    "fuzzy-reference": [
        [match(pair={"left": "counterparty", "op": "similar", "right": "counterparty", "at_least": 0.9})],
        [match(pair={**SAME, "op": "one_edit"})],
    ],
    "similar-to-anything": [[match(pair={"left": "text", "op": "similar", "right": "text", "at_least": 0.6})]],
    "read-before-set": [
        [derive(), match(pair=SAME), derive(key="again")],
        [match(pair={"left": "reference", "op": "is_not_empty"}), derive()],
        [derive(where=EMPTY), match(pair=SAME)],
        [match(pair={**SAME, "left": "text", "right": "text"}), derive()],
        [match(pair=SAME), derive(), match("filled", pair=SAME)],
    ],
    "search-without-same": [[many(search={"same": ["booking_date"]})], [many(right={"group_by": ["text"]})]],
    "any-amount-confirmed": [[match(pair=SAME, amount={"plus": "1"}, difference="keep_open")]],
    "any-amount": [[match(pair=SAME)]],
    "unused-difference": [
        [match(pair=SAME, amount={"plus": "1"}, difference={"entry_type": "R"})],
        [match(pair=SAME, amount=NAMED, difference={"entry_type": "FX"})],
    ],
    "untreated-difference": [[match(pair=SAME, amount=NAMED, difference={"entry_type": "FX"})], [match(pair=SAME)]],
    "pattern-of-nothing": [[extracts(r"(\d+)")], [matches("gebyr")]],
    "slow-pattern": [[matches(r"KID[ :]*\d{4,25}")], [extracts(r"(?i)faktura\D{0,8}(\d{4,})")]],
    "idle-pattern-ends": [[matches(r"a.*b")], [matches(r"x\.*")]],
    "idle-rounding": [
        [match(pair=both(SAME, ROUNDED), amount={"plus": "0.01"}, difference={"entry_type": "R"})],
        [match(pair=both(SAME, ROUNDED | {"right": "extra.price", "places": 4}))],
        [match(pair=both(SAME, ROUNDED | {"right": "original_amount", "places": 3}))],
        [many(pair=both(SAME, ROUNDED | {"mode": "floor"}), right={"group_by": ["text"]})],
    ],
    "newest-of-one-day": [
        [match(pair=SAME, ambiguous="newest", date={"from": 0, "to": 1})],
        [match(pair=SAME, ambiguous="newest")],
        [match(pair=SAME, ambiguous="first", date={"within": 0})],
    ],
    "unknown-rule": [[match("a", pair=SAME), match("b", pair=TEXT), decides(leaf("rule", "in", ["a", "B"]))]],
}
"""Rule sets about which lint says nothing of the kind, though they are near it."""


def found(rules: list[Json]) -> list[tuple[str, str]]:
    document = {
        "rules": [rule for rule in rules if "kind" in rule],
        "decide": [rule for rule in rules if "kind" not in rule],
    }
    return [(finding.code, finding.where) for finding in lint(from_document(document))]


def test_every_code_is_found_somewhere_and_not_found_somewhere() -> None:
    assert set(WITH) == set(WITHOUT) == set(CODES)
    assert all(WITH.values())
    assert all(WITHOUT.values())


@pytest.mark.parametrize(
    ("code", "rules", "where"), [(code, rules, where) for code, cases in WITH.items() for rules, where in cases]
)
def test_what_is_found_and_where(code: str, rules: list[Json], where: str) -> None:
    assert found(rules) == [(code, where)]


@pytest.mark.parametrize(("code", "rules"), [(code, rules) for code, cases in WITHOUT.items() for rules in cases])
def test_what_is_not_found(code: str, rules: list[Json]) -> None:
    assert [each for each in found(rules) if each[0] == code] == []


def test_good_rules_give_no_finding() -> None:
    rules = [
        exclude(FEE),
        derive(where=EMPTY),
        match("a", pair=SAME, date={"within": 3}),
        match("b", date={"within": 0}),
        match("c", cardinality="many_to_one", left={"group_by": ["voucher_number"]}),
        decides(leaf("rule", "in", ["a", "B"])),
    ]
    assert found(rules) == []


def sentences(*rules: Json) -> list[str]:
    return [finding.sentence for finding in lint(from_document({"rules": list(rules)}))]


def test_sentences_name_what_they_are_about() -> None:
    assert sentences(WIDE, NARROW) == ["“wide” above asks for less and acts first; put the stricter rule above it."]
    assert sentences(exclude(FEE), wheres(BIG_FEE, FEE)) == [
        "“x” above leaves every line aside that this rule looks at."
    ]
    assert sentences(wheres(APRIL, MARCH, date={"within": 1})) == [
        "The dates asked for on the two sides never lie so near each other as the date window wants."
    ]
    assert sentences(matches(r"(\w{1,50} ){20}")) == [
        "The pattern “(\\w{1,50} ){20}” takes long on many lines: repetitions such as {1,50} inside one another "
        "multiply. Allow fewer, or write + or *."
    ]


def test_severity_is_that_of_the_code() -> None:
    document = {"rules": [exclude(leaf("amount", "between", ["5", "1"])), match(**ANY, outcome="suggested"), post()]}
    assert [finding.severity for finding in lint(from_document(document))] == ["error", "info", "warning"]
