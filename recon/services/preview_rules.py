"""What rules that nobody saved yet would do to a group's open lines, beside what those in force do. Writes nothing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from sqlalchemy.orm import Session

from recon.access import Actor, Permission
from recon.database.line_tables import open_lines
from recon.database.models import AccountGroup
from recon.matching.compare import RULE_FIGURES, Comparison, compare, rule_figures
from recon.services.find_group import group_for
from recon.services.remaining_lines import Remaining
from recon.services.rule_versions import decoded, in_force
from recon.services.run_plan import Found, Progress, find_matches
from recon.services.trial_matches import Reader, TrialMatch, found_set, rule_names
from rules.errors import Finding
from rules.model import Derive, Exclude, Post, Rule, RuleSet
from rules.names import rule_title

EXAMPLES = 3
"""Matches shown of each rule; a person reads the first few."""


@dataclass(frozen=True, slots=True)
class RulePreview:
    """One rule. matches = kept + newly + taken_over (from another rule); before = kept + no_longer + handed_over.

    `suggested` of the matches are suggestions; `turnover_minor` is what they move whatever the sign. `excluded` and
    `posted` are lines. `gone`: the edited set has no such rule any more. Examples of what is new are explained by this
    rule's tests; those of what is no longer matched by what the edited rule says of them.
    """

    rule: str
    name: str
    kind: str
    gone: bool
    matches: int
    suggested: int
    lines: int
    turnover_minor: int
    newly: int
    taken_over: int
    no_longer: int
    handed_over: int
    excluded: int
    posted: int
    new_examples: tuple[TrialMatch, ...]
    lost_examples: tuple[TrialMatch, ...]


@dataclass(frozen=True, slots=True)
class Preview:
    """`against` names the version in force, "" where there is none. `open_lines` is what both set out from, by side;
    `left_open` and `left_open_before` what neither matches nor suggests."""

    group_id: int
    group: str
    currency: str
    rule_set: str
    against: str
    open_lines: dict[str, Remaining]
    left_open: dict[str, Remaining]
    left_open_before: dict[str, Remaining]
    rules: tuple[RulePreview, ...]
    choices: int
    findings: tuple[Finding, ...]

    @property
    def differs(self) -> bool:
        return any(rule.newly or rule.taken_over or rule.no_longer for rule in self.rules)


def preview_rules(
    session: Session,
    actor: Actor,
    group_id: int,
    rules: RuleSet,
    *,
    examples: int = EXAMPLES,
    progress: Progress | None = None,
) -> Preview:
    """Run the edited rules and those in force over the group's open lines, suggestions nobody touched withdrawn."""
    group = group_for(session, actor, group_id, Permission.VIEW)
    lines = open_lines(session, group.id)
    version = in_force(session, group.rule_set_id) if group.rule_set_id else None
    standing = decoded(version).rule_set if version else RuleSet("", ())
    before = find_matches(session, group, standing, lines)
    now = find_matches(session, group, rules, lines, progress)
    return Preview(
        group_id=group.id,
        group=f"{group.company.name}/{group.name}",
        currency=group.currency,
        rule_set=rules.name,
        against=f"{version.rule_set.name} {version.no}" if version else "",
        open_lines=_sums(lines, np.ones(len(lines), dtype=bool)),
        left_open=_left(now),
        left_open_before=_left(before),
        rules=_Rows(group, (standing, before), (rules, now), examples).rows(),
        choices=int(now.choices["choice"].nunique()),
        findings=tuple(now.findings),
    )


def _left(found: Found) -> dict[str, Remaining]:
    """Lines that no planned match takes or holds. (What a cut line keeps open is told with its match.)"""
    return _sums(found.lines, ~found.lines["line_id"].isin(found.members["line_id"].tolist()).to_numpy(dtype=bool))


def _sums(lines: pd.DataFrame, kept: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> dict[str, Remaining]:
    found = {}
    for side in ("left", "right"):
        amounts = lines["amount"].to_numpy(dtype=np.int64)[kept & (lines["side"] == side).to_numpy(dtype=bool)]
        found[side] = Remaining(len(amounts), int(amounts.sum()))
    return found


class _Rows:
    """The rules of the edited set in their order, then those that are gone from it."""

    def __init__(
        self, group: AccountGroup, before: tuple[RuleSet, Found], now: tuple[RuleSet, Found], examples: int
    ) -> None:
        self.group, self.examples = group, examples
        (self.standing, stood), (self.edited, self.found) = before, now
        self.compared: Comparison = compare(found_set(stood), found_set(self.found))
        self.figures = rule_figures(self.compared)
        names = rule_names(self.edited, self.standing)
        self.read_now = Reader(self.compared.found, self.found.lines, names)
        self.read_before = Reader(self.compared.stood, stood.lines, names)

    def rows(self) -> tuple[RulePreview, ...]:
        kept = {rule.key for rule in self.edited.rules}
        gone = [rule for rule in self.standing.rules if rule.key not in kept]
        return (*(self._row(rule, False) for rule in self.edited.rules), *(self._row(rule, True) for rule in gone))

    def _row(self, rule: Rule, gone: bool) -> RulePreview:
        known = rule.key in self.figures.index
        figures = {name: int(self.figures.loc[rule.key, name]) if known else 0 for name in RULE_FIGURES}  # type: ignore[arg-type]
        return RulePreview(
            rule=rule.key,
            name=rule_title(rule.name),
            kind=_kind(rule),
            gone=gone,
            **figures,
            excluded=_count(self.found.excluded, rule.key),
            posted=_count(self.found.postings, rule.key),
            new_examples=self._examples(rule.key, "found"),
            lost_examples=self._examples(rule.key, "stood"),
        )

    def _examples(self, key: str, which: str) -> tuple[TrialMatch, ...]:
        """Of the matches found those that are not the same as before, or of those before what is not the same now."""
        found = which == "found"
        matches = self.compared.found if found else self.compared.stood
        kinds = self.compared.kinds_of(self.compared.found_group if found else self.compared.stood_group)
        here = np.flatnonzero((matches.matches["rule"] == key).to_numpy(dtype=bool) & (kinds != "same"))
        reader = self.read_now if found else self.read_before
        return tuple(reader.explained(int(at), self.edited, self.group.country) for at in here[: self.examples])


def _count(rows: pd.DataFrame, key: str) -> int:
    return int((rows["rule"] == key).sum())


def _kind(rule: Rule) -> str:
    match rule:
        case Exclude():
            return "exclude"
        case Derive():
            return "derive"
        case Post():
            return "post"
    return "match"
