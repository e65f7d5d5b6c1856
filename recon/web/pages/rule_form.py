"""One rule between its form and the rule language's document.

`document_of(form)` gives what the language's own reader then checks; nothing is decided here. Amounts are typed in the
reader's locale and stored as the language wants them (`7134154.55`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from werkzeug.datastructures import MultiDict

from recon.web.formats import number_locale
from recon.web.wording import _
from rules.errors import RuleError, RuleErrors
from rules.kinds import slug
from rules.model import MANY_SIDES
from rules.values import AmountError, parse_amount

Document = dict[str, Any]
Form = MultiDict[str, str]


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


def document_of(form: Form) -> Document:
    """The rule as a document. Raises `RuleErrors` where a field cannot be read at all."""
    kind = form.get("kind", "match")
    head = {"key": form.get("key") or slug(form.get("name", "")), "name": form.get("name", "").strip(), "kind": kind}
    if kind == "match":
        return head | _match(form)
    body = head | {"side": form.get("side", "both"), **_condition(form, "where")}
    match kind:
        case "derive":
            return body | {"set": _settings(form)}
        case "post":
            return body | {"entry_type": form.get("entry_type", ""), "outcome": form.get("outcome", "suggested")}
        case _:
            return body


def _match(form: Form) -> Document:
    cardinality = form.get("cardinality", "one_to_one")
    made: Document = {"cardinality": cardinality}
    for side in ("left", "right"):
        if unit := _unit(form, side, grouped=side in MANY_SIDES.get(cardinality, ())):
            made[side] = unit
    made |= _condition(form, "pair") | _date(form) | _amount(form)
    made |= {name: form[name] for name in ("ambiguous", "outcome") if form.get(name)}
    if treatment := form.get("difference"):
        made["difference"] = "keep_open" if treatment == "keep_open" else {"entry_type": treatment}
    if kept := form.get("search"):
        made["search"] = _json(kept, "search")
    return made


def _unit(form: Form, side: str, grouped: bool) -> Document:
    unit = _condition(form, f"{side}_where", "where")
    keys = [key for key in form.getlist(f"{side}_group_by") if key]
    return unit | ({"group_by": keys} if grouped and keys else {})


def _condition(form: Form, name: str, key: str = "") -> Document:
    text = form.get(name, "").strip()
    return {key or name: _json(text, key or name)} if text else {}


def _json(text: str, path: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        raise RuleErrors([RuleError(path, _("This condition could not be read; reload the page."))]) from None


def _settings(form: Form) -> Document:
    rows = zip(form.getlist("set_field"), form.getlist("set_from"), form.getlist("set_pattern"), strict=False)
    return {target: {"from": source, "pattern": pattern} for target, source, pattern in rows if target and pattern}


def _date(form: Form) -> Document:
    field = form.get("date_field")
    if not field:
        return {}
    window = {"field": field, "from": _days(form, "date_from"), "to": _days(form, "date_to")}
    calendar = form.get("date_calendar") or "calendar"
    return {"date": window | ({"calendar": calendar} if calendar != "calendar" else {})}


def _days(form: Form, name: str) -> int:
    text = form.get(name, "0").strip().replace("\N{MINUS SIGN}", "-") or "0"
    try:
        return int(text)
    except ValueError:
        raise RuleErrors([RuleError("date", _("“%(text)s” is not a number of days.", text=text))]) from None


def _amount(form: Form) -> Document:
    match form.get("amount_kind", "exact"):
        case "any":
            return {"amount": "any"}
        case "allowed":
            given = {name: _number(form, name) for name in ("minus", "plus", "percent", "cap") if form.get(name)}
            given |= {side: form[f"amount_{side}"] for side in ("left", "right") if form.get(f"amount_{side}")}
            basis = {"basis": form["basis"]} if "percent" in given and form.get("basis") else {}
            return {"amount": given | basis}
        case _:
            return {}


def _number(form: Form, name: str) -> str:
    try:
        return format(parse_amount(form[name], number_locale()), "f")
    except AmountError as fault:
        raise RuleErrors([RuleError(f"amount.{name}", str(fault))]) from None


def fields_of(rule: Mapping[str, Any]) -> Document:
    """What the form shows of a rule; the conditions as JSON for the builder."""
    sides = {side: rule.get(side) or {} for side in ("left", "right")}
    amount = rule.get("amount")
    difference = rule.get("difference")
    date = rule.get("date") or {}
    within = date.get("within")
    return {
        **{name: rule.get(name, "") for name in ("key", "name", "kind", "side", "cardinality", "entry_type")},
        "ambiguous": rule.get("ambiguous", "unique_only"),
        "outcome": rule.get("outcome", "confirmed" if rule.get("kind") == "match" else "suggested"),
        "where": _text(rule.get("where")),
        "pair": _text(rule.get("pair")),
        **{f"{side}_where": _text(unit.get("where")) for side, unit in sides.items()},
        **{f"{side}_group_by": unit.get("group_by", []) for side, unit in sides.items()},
        "settings": [
            (field, row.get("from", ""), row.get("pattern", "")) for field, row in rule.get("set", {}).items()
        ],
        "date_field": date.get("field", "booking_date") if date else "",
        "date_from": -within if within is not None else date.get("from", 0),
        "date_to": within if within is not None else date.get("to", 0),
        "date_calendar": date.get("calendar", "calendar"),
        "amount_kind": "any" if amount == "any" else "allowed" if amount else "exact",
        "amount": amount if isinstance(amount, Mapping) else {},
        "difference": difference if isinstance(difference, str) else (difference or {}).get("entry_type", ""),
        "search": _text(rule.get("search")),
    }


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False) if value else ""
