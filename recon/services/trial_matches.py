"""Matches that a trial of rules talks about: as sets to compare, and as people read them.

A trial is a preview or a backtest: rules over lines, nothing written.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from recon.matching.compare import BY_HAND, MatchSet
from recon.services.explain_match import MemberLine, member_lines, plain_test, tests_on
from recon.services.run_plan import Found
from rules.model import Match, RuleSet
from rules.names import rule_title
from rules.values import from_minor
from rules.wording import _


@dataclass(frozen=True, slots=True)
class TrialMatch:
    """`rule` is BY_HAND for a person's match; `match_id` names one that stands. `tests` are those of a rule on its
    lines, as `explain_match.plain_test` writes them: why, or what no longer holds."""

    rule: str
    name: str
    outcome: str
    lines: tuple[MemberLine, ...]
    match_id: int | None = None
    tests: tuple[dict[str, Any], ...] = ()

    def sentences(self, currency: str) -> list[str]:
        told = [f"{self.name} ({self.outcome})" if self.rule else self.name]
        told += [f"  {line.sentence(currency)}" for line in self.lines]
        return told + [f"  {'✓' if test['holds'] else '✗'} {test['sentence']}" for test in self.tests]


def found_set(found: Found) -> MatchSet:
    """What rules found, to compare."""
    members = found.members.rename(columns={"line_id": "line"})
    return MatchSet(found.matches[["rule", "outcome"]], members[["match", "line", "side", "amount_minor"]])


def rule_names(*sets: RuleSet | None) -> dict[str, str]:
    """Names by key, those of the first set that has the rule; BY_HAND is named too."""
    named = {rule.key: rule_title(rule.name) for rules in reversed(sets) if rules for rule in rules.rules}
    return {BY_HAND: _("By hand"), **named}


class Reader:
    """Reads single matches of a set: `lines` is the frame that the trial's rules saw, with `line_id` and `side`."""

    def __init__(self, matches: MatchSet, lines: pd.DataFrame, names: dict[str, str], keys: Sequence[int] = ()) -> None:
        self._matches, self._lines, self._names, self._keys = matches, lines, names, keys
        self._places = pd.Index(lines["line_id"].to_numpy(dtype=np.int64))
        members = matches.members
        self._order = np.argsort(members["match"].to_numpy(dtype=np.int64), kind="stable")
        self._ends = np.cumsum(matches.sizes())

    def match(self, position: int, tests: Iterable[dict[str, Any]] = ()) -> TrialMatch:
        rule, outcome = (self._matches.matches[name].iloc[position] for name in ("rule", "outcome"))
        key = rule or BY_HAND
        return TrialMatch(
            rule=key,
            name=self._names.get(key, key),
            outcome=str(outcome),
            lines=tuple(member_lines(self.frame(position))),
            match_id=int(self._keys[position]) if len(self._keys) else None,
            tests=tuple(tests),
        )

    def explained(self, position: int, rules: RuleSet, country: str) -> TrialMatch:
        """With the tests that the rule of its key makes in `rules`; without any where that has no such rule."""
        key = self._matches.matches["rule"].iloc[position]
        rule = next((each for each in rules.rules if each.key == key), None)
        if not isinstance(rule, Match):
            return self.match(position)
        tests = tests_on(rules, rule, self.frame(position), country).parts
        return self.match(position, map(plain_test, tests))

    def frame(self, position: int) -> pd.DataFrame:
        """The lines of a match; `amount` is what it takes of each."""
        start = self._ends[position - 1] if position else 0
        members = self._matches.members.iloc[self._order[start : self._ends[position]]]
        frame: pd.DataFrame = self._lines.iloc[self._places.get_indexer(members["line"].to_numpy(dtype=np.int64))]
        amounts = pd.Series(members["amount_minor"].tolist(), index=frame.index, dtype=frame["amount"].dtype)
        taken: pd.DataFrame = frame.assign(amount=amounts)
        return taken


def stored(report: Any) -> dict[str, Any]:
    """A report as JSON holds it: dataclasses as mappings, dates in ISO form, money in minor units still."""
    kept: dict[str, Any] = _mapped(asdict(report), lambda name, value: (name, value))
    return kept


def plain(report: dict[str, Any], currency: str) -> Any:
    """A stored report for machines: `…_minor` becomes a decimal text without that ending."""

    def in_decimals(name: str, value: Any) -> tuple[str, Any]:
        if name.endswith("_minor") and isinstance(value, int):
            return name.removesuffix("_minor"), from_minor(value, currency)
        return name, value

    return _mapped(report, in_decimals)


def with_dates(report: Any) -> Any:
    """A stored report for pages and paper: what is named `…_on` is a date again."""

    def dated(name: str, value: Any) -> tuple[str, Any]:
        return name, date.fromisoformat(value) if name.endswith("_on") and isinstance(value, str) else value

    return _mapped(report, dated)


def _mapped(value: Any, rename: Any) -> Any:
    match value:
        case dict():
            return dict(rename(name, _mapped(each, rename)) for name, each in value.items())
        case list() | tuple():
            return [_mapped(each, rename) for each in value]
        case date():
            return value.isoformat()
        case np.generic():
            return value.item()
    return value
