"""What a run did or would do, in counts and amounts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from sqlalchemy.orm import Session

from recon.services.posted_pairs import PAIR_KEY, pair_name
from recon.services.remaining_lines import Remaining, remaining
from rules.errors import Finding
from rules.names import rule_title

if TYPE_CHECKING:
    from recon.services.run_changes import Changes
    from recon.services.run_plan import RunPlan


@dataclass(frozen=True, slots=True)
class RuleCount:
    """What one rule matched in the run; amounts are Σ left and Σ right in minor units."""

    rule: str
    name: str
    outcome: str
    matches: int
    lines: int
    left_minor: int
    right_minor: int


@dataclass(frozen=True, slots=True)
class PostingCount:
    """What one post rule proposed, or let wait for release, as which entry type; Σ of what the ledger lacks."""

    rule: str
    name: str
    entry_type: str
    outcome: str
    lines: int
    amount_minor: int


@dataclass(frozen=True, slots=True)
class RunReport:
    """`run_id` is None where nothing was written: a dry run, or nothing to change. Rules count new matches only.

    `excluded` is rule key -> lines; `remaining` what is open on each side, suggestions included; `facts` what the rules
    engine was handed.
    """

    group_id: int
    run_id: int | None
    changed: bool
    rules: tuple[RuleCount, ...]
    kept_suggestions: int
    withdrawn_suggestions: int
    choices: int
    excluded: dict[str, int]
    remaining: dict[str, Remaining]
    findings: tuple[Finding, ...]
    postings: tuple[PostingCount, ...] = ()
    kept_postings: int = 0
    withdrawn_postings: int = 0
    facts: int = 0

    @property
    def matches(self) -> int:
        return sum(count.matches for count in self.rules)


def report(session: Session, plan: RunPlan, changed: Changes, run_id: int | None) -> RunReport:
    left = remaining(session, plan.group_id)
    return RunReport(
        group_id=plan.group_id,
        run_id=run_id,
        changed=not changed.nothing,
        rules=tuple(_counts(plan, changed.new)),
        kept_suggestions=len(changed.kept),
        withdrawn_suggestions=len(changed.withdrawn),
        choices=int(plan.choices["choice"].nunique()),
        excluded={str(rule): int(count) for rule, count in plan.excluded["rule"].value_counts().items()},
        remaining=left,
        findings=tuple(plan.findings),
        postings=tuple(_postings(plan, changed.postings.new)),
        kept_postings=len(changed.postings.kept),
        withdrawn_postings=len(changed.postings.withdrawn),
        facts=plan.facts,
    )


def _postings(plan: RunPlan, new: list[int]) -> list[PostingCount]:
    """New postings in the order of the rules."""
    names = {rule.key: rule_title(rule.name) for rule in plan.rules.rule_set.rules}
    order = {key: place for place, key in enumerate(names)}
    grouped = plan.postings.iloc[new].groupby(["rule", "entry_type", "outcome"])["amount"].agg(["size", "sum"])
    counts = [
        PostingCount(str(rule), names[rule], str(kind), str(outcome), int(lines), int(minor))
        for (rule, kind, outcome), lines, minor in grouped.itertuples(name=None)
    ]
    return sorted(counts, key=lambda count: (order[count.rule], count.outcome))


def _counts(plan: RunPlan, new: list[int]) -> list[RuleCount]:
    """New matches in the order of the rules."""
    drafts = plan.matches.iloc[new][["rule_key", "state"]]
    members = plan.members[plan.members["match"].isin(drafts.index)]
    joined = members.merge(drafts, left_on="match", right_index=True)
    names = {PAIR_KEY: pair_name()} | {rule.key: rule_title(rule.name) for rule in plan.rules.rule_set.rules}
    order = {key: place for place, key in enumerate(names)}
    parts = {(str(key), str(state)): part for (key, state), part in joined.groupby(["rule_key", "state"])}
    return [
        _count(key, names[key], state, parts[key, state])
        for key, state in sorted(parts, key=lambda found: (order[found[0]], found[1]))
    ]


def _count(key: str, name: str, outcome: str, part: pd.DataFrame) -> RuleCount:
    minor, left = part["amount_minor"].to_numpy(dtype=np.int64), (part["side"] == "left").to_numpy(dtype=bool)
    return RuleCount(
        key, name, outcome, int(part["match"].nunique()), len(part), int(minor[left].sum()), int(minor[~left].sum())
    )
