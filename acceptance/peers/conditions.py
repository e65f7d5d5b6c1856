"""Peers' conditions, one by one, in our rule language."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Any

from acceptance.peers.scenario import NotExpressible, field

Json = dict[str, Any]
LONG_AGO = 3660

_BASIS = {"right_group_total": "right", "group_total": "left", "max": "larger"}
_WHERE_OPS = {"lt": "less_than", "icontains": "contains", "istarts_with": "starts_with"}


def pair_test(condition: Json) -> Json | None:
    """The test between the sides that says this condition; None where the engine implies it or it is no pair test."""
    key = f"{condition['field']} {condition['op']}"
    if key == "amount eq_rounded":
        return _rounded(condition)
    if key in _IMPLIED or condition["field"] in ("amount", "date", "amount_base"):
        return None
    return _PAIR[key](condition)


_IMPLIED = {"currency eq", "currency_base eq", "sign same"}


def _same(condition: Json) -> Json:
    left, right = (str(condition.get(side, condition["field"])) for side in ("left", "right"))
    return {"left": field(left), "op": "same", "right": field(right)}


def _rounded(condition: Json) -> Json:
    places = {"places": condition["scale"], "mode": condition["mode"]}
    return {"left": "amount", "op": "same_rounded", "right": "amount", **places}


def _tokens(condition: Json) -> Json:
    tests = [
        {"left": field(a), "op": "shares_token", "right": field(b)}
        for a in condition["left_fields"]
        for b in condition["right_fields"]
    ]
    return tests[0] if len(tests) == 1 else {"any": tests}


def _either_way(condition: Json) -> Json:
    name = field(condition["field"])
    return {"any": [{"left": name, "op": op, "right": name} for op in ("contains", "contained_in")]}


def _group_text(condition: Json) -> Json:
    """A group's texts joined contain each other: said line by line, every word of the one stands in the other."""
    return {"left": "text", "op": "similar", "right": "text", "at_least": 0.6}


def _contained_in_any(condition: Json) -> Json:
    left = field(condition["left"])
    return {"any": [{"left": left, "op": "contained_in", "right": field(name)} for name in condition["right"]]}


def _contains(condition: Json) -> Json:
    return {"left": field(condition["left"]), "op": "contains", "right": field(condition["right"])}


def _name_in_text(condition: Json) -> Json:
    return {"left": field(condition["left"]), "op": "similar", "right": field(condition["right"]), "at_least": 1.0}


def _fuzzy(condition: Json) -> Json:
    name = field(condition["field"])
    return {"left": name, "op": "similar", "right": name, "at_least": (100 - condition["max_pct_of_longer"]) / 100}


_PAIR: dict[str, Callable[[Json], Json]] = {
    "party eq": _same,
    "reference eq": _same,
    "e2e eq": _same,
    "customer_ref eq": _same,
    "reference_tokens overlap": _tokens,
    "reference contains_either_way": _either_way,
    "text contains_either_way": _group_text,
    "reference contained_in_any_of": _contained_in_any,
    "reference icontains": _contains,
    "party_name_in_text all_tokens": _name_in_text,
    "text fuzzy": _fuzzy,
}


def allowance(condition: Json) -> Json | str | None:
    """The `amount` of a rule, None for exact."""
    match condition["op"]:
        case "eq":
            return None
        case "right_lte_left":
            return "any"
        case "tolerance" | "opposite_sum_zero":
            return _tolerance(condition)
        case "eq_rounded":
            return _unit_of(condition)
        case other:
            raise NotExpressible(f"amounts are compared exactly; there is no {other}")


def _unit_of(condition: Json) -> Json:
    """Amounts that round alike are less than one unit of the last place apart."""
    unit = f"{Decimal(1).scaleb(-condition['scale']):f}"
    return {"minus": unit, "plus": unit}


def _tolerance(condition: Json) -> Json | None:
    out: Json = {}
    if "low" in condition:
        out |= {"minus": str(abs(condition["low"])), "plus": str(condition["high"])}
    if condition.get("abs"):
        out |= {"minus": str(condition["abs"]), "plus": str(condition["abs"])}
    if condition.get("pct"):
        basis = condition.get("basis", "right")
        out |= {"percent": str(condition["pct"]), "basis": _BASIS.get(basis, basis)}
    if condition["field"] == "amount_base":
        out |= {"left": "original_amount", "right": "original_amount"}
    return out or None


def windows(condition: Json) -> list[Json]:
    """The `date` windows that say this condition, tried one after the other."""
    match condition["op"]:
        case "window":
            days = _whole_days(condition)
            return [{"field": "booking_date", "within": days}]
        case "not_after":
            return [{"field": "booking_date", "from": -LONG_AGO, "to": 0}]
        case _:
            return _lag(condition)


def _whole_days(condition: Json) -> int:
    days, rest = divmod(condition.get("seconds", 0), 86_400)
    if rest:
        raise NotExpressible("dates have no time of day; a window counts days, not seconds")
    return int(condition.get("days", days))


def _lag(condition: Json) -> list[Json]:
    least, most = condition["min_days"], condition["max_days"]
    before = {"field": "booking_date", "from": -most, "to": -least}
    after = {"field": "booking_date", "from": least, "to": most}
    return [before] if condition["direction"] == "right_before_left" else [after, before]


def where_test(condition: Json) -> Json:
    """A test on one line: peers' filters."""
    name, op, value = field(condition["field"]), condition["op"], condition.get("value")
    match op:
        case "regex":
            start = "^" if condition.get("anchored") == "start" else ""
            pattern = f"{'(?i)' if condition.get('flags') == 'i' else ''}{start}{value}"
            return {"field": name, "op": "matches", "value": pattern}
        case "abs_gt":
            return {"field": "abs_amount", "op": "greater_than", "value": str(value)}
        case "approx":
            return {"field": _approx_field(condition), "op": "between", "value": _approx(condition)}
        case _:
            return {"field": name, "op": _WHERE_OPS[op], "value": str(value)}


def _approx_field(condition: Json) -> str:
    return "booking_date" if condition["field"] == "date" else "amount"


def _approx(condition: Json) -> list[str]:
    if condition["field"] == "date":
        return _days_around(str(condition["value"]), condition["days"])
    value, reach = Decimal(condition["value"]), Decimal(condition["value"]) * condition["pct"] / 100
    cent = Decimal("0.01")
    return [str((value - reach).quantize(cent, ROUND_CEILING)), str((value + reach).quantize(cent, ROUND_FLOOR))]


def _days_around(day: str, days: int) -> list[str]:
    middle = date.fromisoformat(day)
    return [(middle - timedelta(days)).isoformat(), (middle + timedelta(days)).isoformat()]
