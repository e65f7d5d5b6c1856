"""Run a scenario through `recon match` as a user would, and compare what comes out with what is expected."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable
from contextlib import redirect_stdout
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from acceptance.peers.by_hand import is_by_hand, replay_by_hand
from acceptance.peers.scenario import Row, Scenario, write_side
from acceptance.peers.translation import document
from recon.cli import commands
from rules.codec import load_file
from rules.errors import RuleErrors
from rules.lint import lint

REFUSED = {"act-08", "alyf-05"}
"""Rule sets that must not be readable: a bad pattern, any amount without a key."""

CRITICISED = {"blnk-12": "similar-to-anything"}
"""Rule sets that can be read, and of which lint must say that they are wrong, with this code."""

_IN_KWD = "in KWD, which has three decimals: in USD an amount finer than a cent is refused when read"
SAID_IN_PART = {
    **dict.fromkeys(("lm-17-half_up", "lm-17-floor", "lm-17-truncate"), _IN_KWD),
    "odoo-25b": "the two conditions select the line, as a filter; giving it a counterparty is master data work",
    "oca-04": "the matches are as expected; a difference in company currency between equal amounts in the account's "
    "currency is not booked: an adjustment is made in the account's currency",
}
"""Scenarios whose matches are compared and whose adjustments are not, with the reason."""

SELECTING = ("filter", "assignment")
"""Kinds of scenario whose conditions select lines of one side."""

Group = frozenset[str]
"""The ids of a match; one source's lines all stand on one side, so sides are told apart by a prefix only."""


@dataclass(frozen=True)
class Made:
    """One match of the engine: its members' allocated amounts by id, its rule, outcome and difference."""

    members: dict[str, Decimal]
    rule: str
    outcome: str
    difference: Decimal

    @property
    def group(self) -> Group:
        return frozenset(self.members)


def replay(scenario: Scenario, folder: Path) -> list[str]:
    """What differs from the expected result, one sentence each; empty when the scenario passes.

    Raises NotExpressible where the rule cannot be said.
    """
    if is_by_hand(scenario):
        return replay_by_hand(scenario, folder)
    rules = document(scenario)
    left, right = _sides(scenario)
    write_side(left, folder / "left.csv")
    write_side(right, folder / "right.csv")
    (folder / "rules.json").write_text(json.dumps(rules), encoding="utf-8")
    if scenario.id in CRITICISED:
        return list(_uncriticised(scenario.id, folder / "rules.json"))
    try:
        _match(folder)
    except RuleErrors as refused:
        return [] if scenario.id in REFUSED else [f"the rule set is refused: {refused}"]
    if scenario.id in REFUSED:
        return ["the rule set is accepted, it must be refused"]
    amounts = {line["id"]: Decimal(line["amount"]) for line in left + right}
    return list(_faults(scenario, _read(folder / "matches.csv"), amounts))


def _uncriticised(name: str, rules: Path) -> Iterable[str]:
    errors = [finding.code for finding in lint(load_file(rules)) if finding.severity == "error"]
    yield from _differs("errors of lint", errors, [CRITICISED[name]])


def _sides(scenario: Scenario) -> tuple[list[Row], list[Row]]:
    if scenario.raw["kind"] not in SELECTING:
        return scenario.lines("left"), scenario.lines("right")
    left = [line | {"copy": line["id"]} for line in scenario.lines("left")]
    return left, [line | {"id": f"copy of {line['id']}"} for line in left]


def _match(folder: Path) -> None:
    files = [str(folder / name) for name in ("left.csv", "right.csv")]
    options = ["--rules", str(folder / "rules.json"), "--out", str(folder / "matches.csv")]
    with redirect_stdout(io.StringIO()):
        commands.main(["match", *files, *options], standalone_mode=False)


def _read(path: Path) -> list[Made]:
    found: dict[str, Made] = {}
    with path.open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            made = Made({}, row["rule"], row["outcome"], Decimal(row["difference"] or 0))
            found.setdefault(row["match_id"], made).members[row["id"]] = Decimal(row["allocated"])
    return list(found.values())


def _faults(scenario: Scenario, made: list[Made], amounts: dict[str, Decimal]) -> Iterable[str]:
    raw = scenario.raw
    if raw["kind"] in SELECTING:
        selected = sorted(name for m in made for name in m.members if not name.startswith("copy of "))
        yield from _differs("selected", selected, sorted(raw.get("expected_selected") or _matched_left(raw)))
        return
    outcome = raw.get("expected_status", "confirmed")
    confirmed = {m.group: m for m in made if m.outcome == outcome}
    expected = raw["expected_matches"] if scenario.adopted else raw["recommended"]["expected_matches"]
    if raw.get("check") == "count_only":
        yield from _differs("number of matches", len(confirmed), raw["expected_counts"]["matches"])
        return
    groups = [_group(one) for one in expected]
    yield from _differs("matches", _sorted(confirmed), _sorted(groups))
    suggested = [_group(one) for one in raw.get("expected_suggested", [])]
    if suggested:
        yield from _differs(
            "suggestions", _sorted(m.group for m in made if m.outcome == "suggested"), _sorted(suggested)
        )
    if scenario.adopted and set(groups) == set(confirmed):
        yield from _details(raw, [confirmed[g] for g in groups], amounts)


def _matched_left(raw: dict[str, Any]) -> list[str]:
    return [name for left, _right in raw["expected_matches"] for name in left]


def _details(raw: dict[str, Any], made: list[Made], amounts: dict[str, Decimal]) -> Iterable[str]:
    matched = {name for m in made for name in m.members}
    left_over = sorted(set(amounts) - matched)
    yield from _differs(
        "unmatched", left_over, sorted(raw["expected_unmatched"]["left"] + raw["expected_unmatched"]["right"])
    )
    for one in [] if raw["id"] in SAID_IN_PART else raw.get("expected_adjustments", []):
        yield from _differs("adjustment", abs(made[one["match"]].difference), abs(Decimal(one["amount"])))
    if "expected_rule_of_match" in raw:
        yield from _differs("rules", [m.rule for m in made], raw["expected_rule_of_match"])
    allocated = {name: abs(value) for m in made for name, value in m.members.items()}
    for name, value in raw.get("expected_allocations", {}).items():
        yield from _differs(f"allocated to {name}", allocated[name], abs(Decimal(value)))
    for name, value in raw.get("expected_residuals", {}).items():
        yield from _differs(f"left open on {name}", abs(amounts[name]) - allocated[name], abs(Decimal(value)))


def _group(expected: list[list[str]]) -> Group:
    return frozenset(expected[0] + expected[1])


def _sorted(groups: Iterable[Group]) -> list[list[str]]:
    return sorted(sorted(group) for group in groups)


def _differs(what: str, found: Any, expected: Any) -> Iterable[str]:
    if found != expected:
        yield f"{what}: {found}, expected {expected}"
