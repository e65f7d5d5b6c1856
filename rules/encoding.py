"""Rule sets → documents, and the hashes by which matches, refusals and versions name what a rule means."""

from __future__ import annotations

import json
from dataclasses import fields, is_dataclass
from decimal import Decimal
from hashlib import sha256
from typing import Any as AnyValue

from rules.fields import CANDIDATE_FIELDS, FieldType, line_field
from rules.model import (
    ROUNDINGS,
    All,
    Allowance,
    Any,
    Condition,
    DateWindow,
    Decision,
    Derive,
    Difference,
    Match,
    Not,
    PairTest,
    Post,
    Rule,
    RuleSet,
    Search,
    Test,
    Unit,
)
from rules.text import SAME_DEFAULT

Document = dict[str, AnyValue]
_PLAIN_MATCH = Match("", "", "one_to_one")


def to_document(rule_set: RuleSet) -> Document:
    """The plain object (JSON types only) that says this rule set; what is as by default is left out."""
    document: Document = {"version": rule_set.version, "name": rule_set.name}
    document["rules"] = [rule_document(rule) for rule in rule_set.rules]
    if rule_set.decide:
        document["decide"] = [decision_document(decision) for decision in rule_set.decide]
    return document


def rule_document(rule: Rule) -> Document:
    """The plain object of one rule."""
    head: Document = {"key": rule.key, "name": rule.name, "kind": type(rule).__name__.lower()}
    if isinstance(rule, Match):
        return head | _match(rule)
    head["side"] = rule.side
    if rule.where is not None:
        head["where"] = condition_document(rule.where)
    if isinstance(rule, Derive):
        head["set"] = {name: {"from": step.source, "pattern": step.pattern} for name, step in rule.set}
    if isinstance(rule, Post):
        head |= {"entry_type": rule.entry_type, "outcome": rule.outcome}
    return head


def decision_document(decision: Decision) -> Document:
    """The plain object of one decision."""
    named = {"name": decision.name} if decision.name else {}
    return {**named, "when": condition_document(decision.when), "then": decision.then} if decision.when else named


def _match(rule: Match) -> Document:
    document: Document = {"cardinality": rule.cardinality}
    for side, unit in (("left", rule.left), ("right", rule.right)):
        if unit != Unit():
            document[side] = _unit(unit)
    if rule.pair is not None:
        document["pair"] = condition_document(rule.pair)
    if rule.date is not None:
        document["date"] = _date(rule.date)
    if rule.amount != Allowance():
        document["amount"] = _amount(rule.amount)
    document |= {"ambiguous": rule.ambiguous, "outcome": rule.outcome}
    if rule.difference is not None:
        document["difference"] = _difference(rule.difference)
    if rule.search is not None:
        document["search"] = _search(rule.search)
    return document


def _unit(unit: Unit) -> Document:
    document: Document = {}
    if unit.where is not None:
        document["where"] = condition_document(unit.where)
    if unit.group_by:
        document["group_by"] = list(unit.group_by)
    return document


def _date(window: DateWindow) -> Document:
    document: Document = {"field": window.field, "from": window.earliest, "to": window.latest}
    return document if window.calendar == "calendar" else document | {"calendar": window.calendar}


def _amount(amount: Allowance) -> Document | str:
    if amount.anything:
        return "any"
    document: Document = {}
    for key in ("minus", "plus", "percent", "cap"):
        number = getattr(amount, key)
        if number is not None and number != getattr(Allowance(), key):
            document[key] = f"{number:f}"
    for key in ("basis", "left", "right"):
        if getattr(amount, key) != getattr(Allowance(), key):
            document[key] = getattr(amount, key)
    return document


def _difference(difference: Difference) -> Document | str:
    return "keep_open" if difference.keep_open else {"entry_type": difference.entry_type}


def _search(search: Search) -> Document:
    document: Document = {"max_lines": search.max_lines, "max_steps": search.max_steps}
    return document | {"same": list(search.same)} if search.same else document


def condition_document(condition: Condition) -> Document:
    """The plain object of a condition tree."""
    match condition:
        case All(items):
            return {"all": [condition_document(item) for item in items]}
        case Any(items):
            return {"any": [condition_document(item) for item in items]}
        case Not(item):
            return {"not": condition_document(item)}
        case Test():
            return _line_test(condition)
        case PairTest():
            return _pair_test(condition)


def _line_test(test: Test) -> Document:
    document: Document = {test.side or "field": test.field, "op": test.op}
    if test.value is not None:
        document["value"] = _value(test)
    if test.case:
        document["case"] = True
    if test.at_least is not None:
        document["at_least"] = test.at_least
    return document


def _value(test: Test) -> str | int | list[str] | list[int | str]:
    """Whole numbers of number fields are written as numbers, everything else as text."""
    candidate = CANDIDATE_FIELDS.get(test.field)
    if line_field(test.field) or candidate is None or candidate.type is not FieldType.NUMBER:
        return list(test.value) if isinstance(test.value, tuple) else str(test.value)
    if isinstance(test.value, tuple):
        return [_whole(value) for value in test.value]
    return _whole(str(test.value))


def _whole(value: str) -> int | str:
    return int(value) if value.isdecimal() and str(int(value)) == value else value


def _pair_test(test: PairTest) -> Document:
    document: Document = {"left": test.left, "op": test.op, "right": test.right}
    if test.normalise != SAME_DEFAULT:
        document["normalise"] = list(test.normalise)
    if test.at_least is not None:
        document["at_least"] = int(test.at_least) if test.op == "shares_token" else test.at_least
    if test.value is not None:
        document["value"] = f"{test.value:f}"
    if test.places is not None:
        document |= {"places": test.places, **({"mode": test.mode} if test.mode != ROUNDINGS[0] else {})}
    return document


def rule_hash(rule: Rule) -> str:
    """SHA-256 (hex) of what a rule means: everything but its key, its name and its place in the set."""
    return _digest({**_meaning(rule), "key": None, "name": None})


def set_hash(rule_set: RuleSet) -> str:
    """SHA-256 (hex) of a whole rule set: rules in order with keys and names, and decisions."""
    return _digest(_meaning(rule_set))


def _digest(meaning: AnyValue) -> str:
    return sha256(json.dumps(meaning, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def _meaning(value: AnyValue) -> AnyValue:
    """A tree as plain data in one form: one value is as good as a list of it, 1.50 as good as 1.5.

    What is as by default is left out, so that a new option of the language changes no hash.
    """
    if is_dataclass(value):
        plain = {entry.name: _meaning(getattr(value, entry.name)) for entry in fields(value)}
        defaults = {entry.name: _meaning(entry.default) for entry in fields(value)}
        said = {name: part for name, part in plain.items() if name not in defaults or part != defaults[name]}
        return {"is": type(value).__name__, **said}
    match value:
        case tuple() if len(value) == 1 and isinstance(value[0], str):
            return value[0]
        case tuple():
            return [_meaning(item) for item in value]
        case Decimal():
            return f"{value.normalize():f}"
        case None | str() | int() | float():
            return value
    return repr(value)
