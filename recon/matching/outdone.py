"""Rules that find nothing because others take it first: seen on data, where lint can prove nothing by conditions."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pandas as pd

from recon.matching.result import RunResult
from recon.matching.run import run_rules
from rules.errors import Finding
from rules.model import Derive, Exclude, Match, RuleSet
from rules.names import rule_title
from rules.wording import _, listed

LEAST_MATCHES = 3
"""Matches that a rule must be able to make before it is said that others take them all."""


def shadowed_on_data(
    left: pd.DataFrame,
    right: pd.DataFrame,
    rule_set: RuleSet,
    *,
    country: str | None = None,
    result: RunResult | None = None,
) -> list[Finding]:
    """A finding for each match rule all of whose matches on these lines are taken by other rules.

    A rule that made nothing in the run (`result`, or one made here) is run again by itself, with the excludes and
    derives above it; so this costs a run of one rule for each rule without matches. Raises `ValueError` as `run_rules`
    does.
    """
    whole = run_rules(left, right, rule_set, country=country) if result is None else result
    taken = _takers(whole)
    found = []
    for place, rule in enumerate(rule_set.rules):
        if isinstance(rule, Match) and not (whole.matches["rule"] == rule.key).any():
            alone = run_rules(left, right, _alone(rule_set, place), country=country)
            if finding := _outdone(rule_set, place, alone, taken):
                found.append(finding)
    return found


def _takers(result: RunResult) -> pd.DataFrame:
    """side, row, rule of every line that the run matched."""
    rules = result.matches.set_index("match")["rule"]
    return pd.DataFrame(
        {
            "side": result.members["side"].astype(object),
            "row": result.members["row"],
            "taker": result.members["match"].map(rules).astype(object),
        }
    )


def _alone(rule_set: RuleSet, place: int) -> RuleSet:
    """A rule with what shapes its lines above it, and without decisions, which speak of what was chosen."""
    above = [rule for rule in rule_set.rules[:place] if isinstance(rule, Exclude | Derive)]
    return replace(rule_set, rules=(*above, rule_set.rules[place]), decide=())


def _outdone(rule_set: RuleSet, place: int, alone: RunResult, taken: pd.DataFrame) -> Finding | None:
    members = alone.members.assign(side=alone.members["side"].astype(object)).merge(taken, how="left")
    takers = members.dropna(subset="taker").groupby("match")["taker"].first()
    if len(alone.matches) < LEAST_MATCHES or len(takers) < len(alone.matches):
        return None
    names = {rule.key: rule_title(rule.name) for rule in rule_set.rules}
    counted = [f"“{names[str(key)]}” ({count})" for key, count in Counter(takers).most_common()]
    sentence = _("On these lines other rules take all {count} matches that this rule would make: {rules}.")
    said = sentence.format(count=len(takers), rules=listed(counted, _("and")))
    return Finding("shadowed-on-data", "warning", f"rules[{place}]", said)
