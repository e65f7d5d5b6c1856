"""One rule, or one decision, between its form and the rule language's document.

`document_of(form)` gives what the language's own reader then checks; nothing is decided here. Numbers are typed in the
reader's locale and stored as the language wants them (`7134154.55`). Experts see the same document as YAML or JSON
text: whatever way it came, the rest of the program gets a document.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from werkzeug.datastructures import MultiDict

from recon.web.pages.rule_numbers import shown_condition, shown_number, typed_condition, typed_number
from recon.web.wording import _
from rules import document
from rules.errors import RuleError, RuleErrors
from rules.model import MANY_SIDES, Search

Document = dict[str, Any]
Form = MultiDict[str, str]

VIEWS = ("form", "yaml", "json")
SIDES = ("left", "right")
_ALLOWED = ("minus", "plus", "percent", "cap")


def new_rule() -> Document:
    """What the editor starts from: the match most accounts need first."""
    return {
        "name": "",
        "kind": "match",
        "cardinality": "one_to_one",
        "pair": {"all": [{"left": "reference", "op": "same", "right": "reference"}]},
        "date": {"field": "booking_date", "from": -3, "to": 3},
        "ambiguous": "closest",
        "outcome": "confirmed",
    }


def new_decision() -> Document:
    return {"name": "", "when": {"field": "alternatives", "op": "at_least", "value": 1}, "then": "suggest"}


def view_of(form: Form) -> str:
    """How the form shows the rule: as fields ("form"), or as "yaml" or "json" text."""
    return form.get("view", "form") if form.get("view") in VIEWS else "form"


def as_text(body: Document, view: str) -> str:
    return document.dump_json(body) if view == "json" else document.dump_yaml(body)


def document_of(form: Form) -> Document:
    """The rule as a document. Raises `RuleErrors` where a field, or the text, cannot be read at all."""
    if view_of(form) != "form":
        return typed_text(form)
    kind = form.get("kind", "match")
    head = {"key": form.get("key", ""), "name": form.get("name", "").strip(), "kind": kind}
    if kind == "match":
        return head | _match(form)
    body = head | {"side": form.get("side", "both"), **_condition(form, "where")}
    match kind:
        case "derive":
            return body | {"set": _settings(form)}
        case "post":
            return body | {"entry_type": form.get("entry_type", ""), "outcome": form.get("post_outcome", "suggested")}
        case _:
            return body


def decision_document_of(form: Form) -> Document:
    """The decision as a document; the same as for a rule."""
    if view_of(form) != "form":
        return typed_text(form)
    named = {"name": form["name"].strip()} if form.get("name", "").strip() else {}
    return {**named, **_condition(form, "when"), "then": form.get("then", "suggest")}


def typed_text(form: Form) -> Document:
    """The document that the expert's text holds. Raises `RuleErrors` where it is no mapping."""
    body = document.parse(form.get("source", ""))
    if not isinstance(body, Mapping):
        raise RuleErrors([RuleError("", _("Expected keys and values, one a line, such as “kind: match”."))])
    return dict(body)


def _match(form: Form) -> Document:
    cardinality = form.get("cardinality", "one_to_one")
    many = MANY_SIDES.get(cardinality, ())
    treatment = form.get("difference", "")
    made = gathered(
        *(partial(_side, form, side, side in many) for side in sides_of(cardinality)),
        partial(_condition, form, "pair"),
        partial(_date, form),
        partial(_amount, form),
        partial(_search, form, cardinality),
    )
    chosen = {name: form[name] for name in ("ambiguous", "outcome") if form.get(name)}
    treated = {"difference": "keep_open" if treatment == "keep_open" else {"entry_type": treatment}}
    return {"cardinality": cardinality, **made, **chosen, **(treated if treatment else {})}


def gathered(*parts: Callable[[], Document]) -> Document:
    """The entries of all parts. Raises `RuleErrors` with the faults of every part that cannot be read."""
    made: Document = {}
    faults: list[RuleError] = []
    for part in parts:
        try:
            made |= part()
        except RuleErrors as found:
            faults += found.errors
    if faults:
        raise RuleErrors(faults)
    return made


def sides_of(cardinality: str) -> tuple[str, ...]:
    """The sides whose lines a rule takes: an internal one has its own only."""
    return MANY_SIDES.get(cardinality, SIDES) if cardinality.startswith("internal") else SIDES


def _side(form: Form, side: str, many: bool) -> Document:
    unit = _condition(form, f"{side}_where", "where", f"{side}.where")
    keys = _fields(form, f"{side}_group_by") if many and form.get(f"{side}_many", "keys") == "keys" else []
    unit |= {"group_by": keys} if keys else {}
    return {side: unit} if unit else {}


def _fields(form: Form, name: str) -> list[str]:
    """The fields ticked, and a further column that was named."""
    other = form.get(f"{name}_column", "").strip()
    return list(dict.fromkeys([*filter(None, form.getlist(name)), *([f"extra.{other}"] if other else [])]))


def _condition(form: Form, name: str, key: str = "", path: str = "") -> Document:
    text = form.get(name, "").strip()
    if not text:
        return {}
    where = path or key or name
    try:
        tree = json.loads(text)
    except ValueError:
        raise RuleErrors([RuleError(where, _("This condition could not be read; reload the page."))]) from None
    except RecursionError:
        raise RuleErrors([RuleError(where, _("The condition is nested too deeply to be read."))]) from None
    return {key or name: typed_condition(tree, where)}


def _settings(form: Form) -> Document:
    rows = zip(form.getlist("set_field"), form.getlist("set_from"), form.getlist("set_pattern"), strict=False)
    return {target: {"from": source, "pattern": pattern} for target, source, pattern in rows if target}


def _date(form: Form) -> Document:
    field = form.get("date_field")
    if not field:
        return {}
    days = gathered(*(partial(_whole, form, f"date_{end}", end, f"date.{end}") for end in ("from", "to")))
    calendar = form.get("date_calendar") or "calendar"
    return {"date": {"field": field, **days} | ({"calendar": calendar} if calendar != "calendar" else {})}


def _whole(form: Form, name: str, key: str, path: str) -> Document:
    text = form.get(name, "").strip().replace("\N{MINUS SIGN}", "-") or "0"
    try:
        return {key: int(text)}
    except ValueError:
        raise RuleErrors([RuleError(path, _("“%(text)s” is not a whole number.", text=text))]) from None


def _amount(form: Form) -> Document:
    kind = form.get("amount_kind", "exact")
    if kind == "any":
        return {"amount": "any"}
    sides = {side: form[f"amount_{side}"] for side in SIDES if form.get(f"amount_{side}", "amount") != "amount"}
    if kind != "allowed":
        return {"amount": sides} if sides else {}
    given = gathered(*(partial(_number, form, name) for name in _ALLOWED if form.get(name, "").strip()))
    basis = {"basis": form["basis"]} if "percent" in given and form.get("basis") else {}
    return {"amount": given | basis | sides}


def _number(form: Form, name: str) -> Document:
    return {name: typed_number(form[name], f"amount.{name}")}


def _search(form: Form, cardinality: str) -> Document:
    """The search, where some side with many lines is to be found by it."""
    if not any(form.get(f"{side}_many") == "search" for side in MANY_SIDES.get(cardinality, ())):
        return {}
    named = [name for name in ("max_lines", "max_steps") if form.get(name)]
    numbers = gathered(*(partial(_whole, form, name, name, f"search.{name}") for name in named))
    same = _fields(form, "search_same")
    return {"search": numbers | ({"same": same} if same else {})}


# the other way: what the form shows


def fields_of(rule: Mapping[str, Any]) -> Document:
    """What the form shows of a rule that the language has read; the conditions as JSON for the builder."""
    units = {side: rule.get(side) or {} for side in SIDES}
    return {
        "view": "form",
        **{name: rule.get(name, "") for name in ("key", "name", "kind", "side", "entry_type")},
        "cardinality": rule.get("cardinality", "one_to_one"),
        "ambiguous": rule.get("ambiguous", "unique_only"),
        "outcome": rule.get("outcome", "confirmed"),
        "post_outcome": rule.get("outcome", "suggested"),
        "where": shown_tree(rule.get("where")),
        "pair": shown_tree(rule.get("pair")),
        **{f"{side}_where": shown_tree(unit.get("where")) for side, unit in units.items()},
        **{f"{side}_group_by": list(unit.get("group_by", ())) for side, unit in units.items()},
        **{f"{side}_many": _many(rule, side) for side in SIDES},
        "settings": [
            (field, row.get("from", ""), row.get("pattern", "")) for field, row in rule.get("set", {}).items()
        ],
        **_date_fields(rule.get("date") or {}),
        **_amount_fields(rule.get("amount")),
        "difference": _treatment(rule.get("difference")),
        **_search_fields(rule.get("search") or {}),
    }


def decision_fields_of(decision: Mapping[str, Any]) -> Document:
    return {
        "view": "form",
        "name": decision.get("name", ""),
        "when": shown_tree(decision.get("when")),
        "then": decision.get("then", "suggest"),
    }


def typed_fields(form: Form) -> Document:
    """The form as it was sent, for showing it again beside its faults."""
    several = {name: _fields(form, name) for name in ("left_group_by", "right_group_by", "search_same")}
    rows = zip(form.getlist("set_field"), form.getlist("set_from"), form.getlist("set_pattern"), strict=False)
    return {**fields_of(new_rule()), **form.to_dict(), **several, "settings": [row for row in rows if row[0]]}


def shown_tree(tree: Any) -> str:
    return json.dumps(shown_condition(tree), ensure_ascii=False) if tree else ""


def _many(rule: Mapping[str, Any], side: str) -> str:
    """How the form says which lines of a side are one: by shared keys, by search, or (internal) two by two."""
    if (rule.get(side) or {}).get("group_by"):
        return "keys"
    if rule.get("search") is not None:
        return "search"
    return "two" if str(rule.get("cardinality", "")).startswith("internal") else "keys"


def _date_fields(date: Mapping[str, Any]) -> Document:
    within = date.get("within")
    return {
        "date_field": date.get("field", "booking_date") if date else "",
        "date_from": -within if within is not None else date.get("from", 0),
        "date_to": within if within is not None else date.get("to", 0),
        "date_calendar": date.get("calendar", "calendar"),
    }


def _amount_fields(amount: Any) -> Document:
    given = amount if isinstance(amount, Mapping) else {}
    allowed = any(given.get(name) is not None for name in _ALLOWED)
    return {
        "amount_kind": "any" if amount == "any" else "allowed" if allowed else "exact",
        **{name: shown_number(given.get(name, "")) for name in _ALLOWED},
        "basis": given.get("basis", "left"),
        **{f"amount_{side}": given.get(side, "amount") for side in SIDES},
    }


def _treatment(difference: Any) -> str:
    return difference if isinstance(difference, str) else str((difference or {}).get("entry_type", ""))


def _search_fields(search: Mapping[str, Any]) -> Document:
    usual = Search()
    return {
        "max_lines": search.get("max_lines", usual.max_lines),
        "max_steps": search.get("max_steps", usual.max_steps),
        "search_same": list(search.get("same", ())),
    }
