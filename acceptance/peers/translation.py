"""A peer's rule as a rule set of ours: the document that `recon match --rules` reads."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from acceptance.peers.conditions import Json, allowance, pair_test, where_test, windows
from acceptance.peers.scenario import NotExpressible, Scenario, field

_CARDINALITY = {"1:1": "one_to_one", "1:N": "one_to_many", "N:1": "many_to_one", "N:M": "many_to_many"}
_POLICY = {"first": "first", "first_in_order": "first", "best_then_first": "first", "none": "unique_only"}
_ADJUST = {"entry_type": "DIFFERENCE"}
_BY_REFERENCE_PREFIX = ("parent_transaction", "reference_prefix")


def document(scenario: Scenario) -> Json:
    """The rule set of a scenario. Raises NotExpressible, with the reason, where the language has no word for it."""
    rule = scenario.rule
    build = _BY_NATURE.get(_nature(scenario, rule), _matching)
    return {"version": 1, "name": scenario.id, "rules": build(scenario, rule)}


def _nature(scenario: Scenario, rule: Json) -> str:
    for nature in ("scoring", "fx", "fx_difference_rules", "passes"):
        if nature in rule:
            return nature
    return str(scenario.raw["kind"])


def _passes(scenario: Scenario, rule: Json) -> list[Json]:
    return [r for one in rule["passes"] for r in _rules(scenario, one)]


def _matching(scenario: Scenario, rule: Json) -> list[Json]:
    derived = [n for names in rule.get("group_by", {}).values() for n in names if n in _BY_REFERENCE_PREFIX]
    prefix = [_prefix_rule(name) for name in dict.fromkeys(derived)]
    return prefix + _hinted(scenario, rule) + (_covering(scenario, rule) if _covers(rule) else _rules(scenario, rule))


def _hinted(scenario: Scenario, rule: Json) -> list[Json]:
    """The tie-break a scenario's hint asks for: the counterparty's name stands in the text."""
    if "party_name_in_text" not in scenario.raw.get("rule_hint", ""):
        return []
    named = {"left": "text", "op": "similar", "right": "counterparty", "at_least": 0.9}
    return [r | {"key": "named", "pair": {"all": [named]}} for r in _rules(scenario, rule)]


def _prefix_rule(name: str) -> Json:
    into = {f"extra.{name}": {"from": "reference", "pattern": "^([A-Za-z0-9]+)"}}
    return {"name": f"Derive {name}", "kind": "derive", "side": "both", "set": into}


def _rules(scenario: Scenario, rule: Json) -> list[Json]:
    """One peer rule; several of ours where its date condition is not one window."""
    conditions = rule.get("conditions", [])
    dates: list[Json | None] = [w for c in conditions if c["field"] == "date" for w in windows(c)]
    base = _base(scenario, rule)
    key = rule.get("id") or f"{scenario.id}-{rule.get('seq', 1)}"
    return [_named(base, f"{key}{n or ''}", date) for n, date in enumerate(dates or [None])]


def _named(base: Json, key: str, date: Json | None) -> Json:
    dated = {"date": date} if date else {}
    return {"key": key, "name": key, "kind": "match"} | base | dated


def _base(scenario: Scenario, rule: Json) -> Json:
    tests = (
        [t for c in rule.get("conditions", []) if (t := pair_test(c))]
        + _guard(rule)
        + _ranking(rule)
        + _shared_keys(rule)
    )
    out: Json = {
        "cardinality": _cardinality(scenario, rule),
        "ambiguous": _policy(rule),
    }
    if rule.get("status"):
        out["outcome"] = rule["status"]
    if tests:
        out["pair"] = {"all": tests}
    return out | _units(scenario, rule) | _amount(rule)


def _policy(rule: Json) -> str:
    """`first` of candidates that are declared by descending date is the newest."""
    policy = _POLICY.get(rule.get("ambiguity", ""), "closest")
    return "newest" if policy == "first" and rule.get("candidate_order") == "date_desc" else policy


def _cardinality(scenario: Scenario, rule: Json) -> str:
    return "internal_left" if scenario.single_source else _CARDINALITY[rule["cardinality"]]


def _guard(rule: Json) -> list[Json]:
    """ "Different bank ids never match": equal, or missing on a side."""
    if "guard" not in rule:
        return []
    name = field("bank_id")
    missing: list[Json] = [{side: name, "op": "is_empty"} for side in ("left", "right")]
    return [{"any": [*missing, {"left": name, "op": "same", "right": name}]}]


def _shared_keys(rule: Json) -> list[Json]:
    """Groups on both sides by the same keys: ours compare keys across sides only by a test."""
    left, right = (rule.get("group_by", {}).get(side, []) for side in ("left", "right"))
    shared = [field(name) for name in left if name in right]
    return [{"left": name, "op": "same", "right": name} for name in shared]


def _ranking(rule: Json) -> list[Json]:
    """ "Most words in common first": a `similar` test that hardly excludes anything, since agreement ranks by it."""
    ranked = "token_hits desc" in rule.get("rank_by", [])
    return [{"left": "reference", "op": "similar", "right": "reference", "at_least": 0.05}] if ranked else []


def _units(scenario: Scenario, rule: Json) -> Json:
    units: Json = {}
    for side in ("left", "right"):
        tests = [where_test(c) for c in rule.get("filters", {}).get(side, [])]
        if any(row.get("already") for row in scenario.side(side)):
            tests.append({"field": "extra.already", "op": "is_empty"})
        unit: Json = {"where": {"all": tests}} if tests else {}
        if side in rule.get("group_by", {}):
            unit["group_by"] = [field(name) for name in rule["group_by"][side]]
        if unit:
            units[side] = unit
    return units


def _amount(rule: Json) -> Json:
    """Allowance and what becomes of a difference; `partial: allowed` leaves the remainder open."""
    if rule.get("partial") == "allowed":
        return {"amount": "any", "difference": "keep_open"}
    found = [a for c in rule.get("conditions", []) if c["field"] in ("amount", "amount_base") if (a := allowance(c))]
    if not found and rule.get("tolerance", {}).get("value"):
        found = [{"percent": str(rule["tolerance"]["value"]), "basis": rule["tolerance"].get("basis", "right")}]
    if not found:
        return {}
    return {"amount": found[0], "difference": "keep_open" if found[0] == "any" else _ADJUST}


def _covers(rule: Json) -> bool:
    """Whether the peer collects lines of a side until they cover the other side's amount."""
    return rule.get("cardinality") in ("1:N", "N:1") and "group_by" not in rule


def _covering(scenario: Scenario, rule: Json) -> list[Json]:
    """Covering without a search: the exact single line by its tokens, then any, then all lines that share the key."""
    conditions = [c for c in rule.get("conditions", []) if c["field"] != "reference_tokens"]
    group = [field(c["field"]) for c in conditions if c["field"] == "party"] or ["account_number"]
    many = "right" if rule["cardinality"] == "1:N" else "left"
    plain = rule | {"conditions": conditions, "partial": None}
    if _needs_search(scenario, rule, many):
        search = {"key": "subset", "search": {"same": ["booking_date"]}}
        return [r | search for r in _rules(scenario, plain)]
    single = rule | {"cardinality": "1:1", "partial": None}
    ladder = [single, plain | {"cardinality": "1:1"}, plain | {"group_by": {many: group}}]
    rules = [r | {"key": f"{r['key']}-{n}"} for n, step in enumerate(ladder) for r in _rules(scenario, step)]
    return rules + _covering_loosely(scenario, rule, plain | {"group_by": {many: group}}, group)


def _needs_search(scenario: Scenario, rule: Json, many: str) -> bool:
    """Covering in order stops half way and the rest does not cover: only a search finds the exact subset."""
    if "allocation" not in rule or not isinstance(rule["allocation"], dict) or rule["allocation"]["allow_partial"]:
        return False
    one = "left" if many == "right" else "right"
    return bool(sum(r["amount"] for r in scenario.side(many)) != sum(r["amount"] for r in scenario.side(one)))


def _covering_loosely(scenario: Scenario, rule: Json, grouped: Json, group: list[str]) -> list[Json]:
    """The group within the peer's tolerance, then with the remainder left open where it allows partial cover."""
    spec = rule["allocation"] if isinstance(rule.get("allocation"), dict) else {}
    out: list[Json] = []
    if spec.get("tolerance_abs"):
        near = {"minus": str(spec["tolerance_abs"]), "plus": str(spec["tolerance_abs"])}
        out += [r | {"key": "near", "amount": near, "difference": _ADJUST} for r in _rules(scenario, grouped)]
    if spec.get("allow_partial") or rule.get("partial") == "allowed":
        shared = {"pair": {"all": [{"left": name, "op": "same", "right": name} for name in group]}}
        loose = {"key": "open", "amount": "any", "difference": "keep_open"} | shared
        out += [r | loose for r in _rules(scenario, grouped)]
    return out


def _scoring(scenario: Scenario, rule: Json) -> list[Json]:
    """Points come to this: equal amount and day clear by themselves; an amount within the fee is shown only."""
    fee = str(rule["scoring"]["amount_within_fee"]["fee"])
    days = rule["scoring"]["within_days"]["days"]
    same_day = {"field": "booking_date", "from": 0, "to": 0}
    near = {"field": "booking_date", "from": -days, "to": days}
    common = {"kind": "match", "cardinality": "one_to_one", "ambiguous": "closest"}
    shown = {"amount": {"minus": fee, "plus": fee}, "difference": {"entry_type": "BANKFEE"}, "outcome": "suggested"}
    return [
        common | {"key": "clear", "name": "Same amount and day", "date": same_day},
        common | {"key": "show", "name": "Within the fee", "date": near} | shown,
    ]


def _fx(scenario: Scenario, rule: Json) -> list[Json]:
    raise NotExpressible("amounts are never converted: no rate, stated or implied, is applied in matching")


def _fx_differences(scenario: Scenario, rule: Json) -> list[Json]:
    """Same reference and foreign amount; the difference in company currency must lie in a band."""
    foreign = {"left": "amount", "op": "within", "right": "amount", "value": "0"}
    tests = [t for c in rule["conditions"] if (t := pair_test(c))]
    return [
        {
            "key": band["id"],
            "name": band["id"],
            "kind": "match",
            "cardinality": "one_to_one",
            "ambiguous": "closest",
            "left": {"where": {"field": "currency", "op": "in", "value": band["currencies"]}},
            "pair": {"all": [*tests, foreign]},
            # the peer's difference is left - right, ours right - left
            "amount": {"left": "original_amount", "right": "original_amount", "plus": str(-band["low"])},
            "difference": _ADJUST,
        }
        for band in rule["fx_difference_rules"]
    ]


def _filter(scenario: Scenario, rule: Json) -> list[Json]:
    """A filter selects the lines that meet a copy of themselves."""
    tests = [where_test(c) for c in rule["conditions"]]
    return [
        {
            "key": "selected",
            "name": "Selected",
            "kind": "match",
            "cardinality": "one_to_one",
            "ambiguous": "closest",
            "left": {"where": {"all": tests}},
            "pair": {"left": "extra.copy", "op": "same", "right": "extra.copy"},
        }
    ]


def _assignment(scenario: Scenario, rule: Json) -> list[Json]:
    """Which line is meant can be said where the conditions read that line alone."""
    if any(condition["op"] == "fuzzy" for condition in rule["conditions"]):
        raise NotExpressible("a counterparty is looked for among master data by score, which is not matching of lines")
    return _filter(scenario, rule)


def _lacking(reason: str) -> Callable[[Scenario, Json], list[Json]]:
    def refuse(scenario: Scenario, rule: Json) -> list[Json]:
        raise NotExpressible(reason)

    return refuse


_BY_NATURE: dict[str, Callable[[Scenario, Any], list[Json]]] = {
    "passes": _passes,
    "scoring": _scoring,
    "fx": _fx,
    "fx_difference_rules": _fx_differences,
    "filter": _filter,
    "assignment": _assignment,
    "balance": _lacking("a proof of balances without matching: the closing room's, not a rule"),
}
