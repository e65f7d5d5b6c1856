"""A draft on approved periods: would it have found what stood then, manual matches included? Writes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal

import numpy as np
import pandas as pd
from sqlalchemy.orm import Session

from recon.access import Actor, Permission
from recon.database.models import AccountGroup
from recon.matching.compare import KINDS, Comparison, Kind, compare, fates
from recon.matching.fields_needed import fields_needed
from recon.matching.side import Ints
from recon.services.approved_pool import Pool, approved_pool
from recon.services.find_group import group_for
from recon.services.rule_versions import decoded, in_force
from recon.services.run_plan import Progress, find_matches
from recon.services.trial_matches import Reader, TrialMatch, found_set, rule_names
from rules.codec import set_hash
from rules.errors import Finding
from rules.model import RuleSet

LISTED = 100
"""Groups of each kind that are read line by line, unless more are asked for."""


@dataclass(frozen=True, slots=True)
class KindFigures:
    """Groups of one kind; matches, lines and turnover (minor units) of what stood and of what the draft finds."""

    kind: Kind
    groups: int
    stood: int
    found: int
    stood_lines: int
    found_lines: int
    stood_turnover_minor: int
    found_turnover_minor: int


@dataclass(frozen=True, slots=True)
class RuleFate:
    """Matches of one rule by kind; `rule` is BY_HAND for what people matched."""

    rule: str
    name: str
    matches: dict[str, int]
    turnover_minor: int

    @property
    def total(self) -> int:
        return sum(self.matches.values())


@dataclass(frozen=True, slots=True)
class TrialGroup:
    """Matches that share lines: what stood, and what the draft finds instead."""

    kind: Kind
    stood: tuple[TrialMatch, ...]
    found: tuple[TrialMatch, ...]


@dataclass(frozen=True, slots=True)
class Backtest:
    """`found_by` are the draft's rules in its order, `stood_by` who matched then (by hand last). `suggested`: matches
    found that the draft would only suggest. `groups` lists at most `listed` of each kind, the dearest first."""

    group_id: int
    group: str
    company: str
    currency: str
    rule_set: str
    sha256: str
    from_on: date
    to_on: date
    documents: tuple[str, ...]
    lines: int
    kinds: tuple[KindFigures, ...]
    suggested: int
    found_by: tuple[RuleFate, ...]
    stood_by: tuple[RuleFate, ...]
    listed: int
    groups: tuple[TrialGroup, ...]
    choices: int
    findings: tuple[Finding, ...]

    def figures(self, kind: Kind) -> KindFigures:
        return next(figures for figures in self.kinds if figures.kind == kind)


def backtest_rules(
    session: Session,
    actor: Actor,
    group_id: int,
    rules: RuleSet,
    *,
    from_on: date | None = None,
    to_on: date | None = None,
    listed: int | None = LISTED,
    progress: Progress | None = None,
) -> Backtest:
    """Run the rules over the pool of the approved periods that end within these days and compare with what stood.

    `listed` None lists every group. Raises Refusal where no period is approved.
    """
    group = group_for(session, actor, group_id, Permission.VIEW)
    pool = approved_pool(session, group, from_on, to_on, fields_needed(rules))
    found = find_matches(session, group, rules, pool.lines, progress)
    compared = compare(pool.stood, found_set(found))
    names = rule_names(rules, _rules_in_force(session, group))
    return Backtest(
        group_id=group.id,
        group=group.name,
        company=group.company.name,
        currency=group.currency,
        rule_set=rules.name,
        sha256=set_hash(rules),
        from_on=pool.from_on,
        to_on=pool.to_on,
        documents=pool.documents,
        lines=len(pool.lines),
        kinds=tuple(KindFigures(*row) for row in compared.figures().itertuples(index=False, name=None)),
        suggested=int((found.matches["outcome"] == "suggested").sum()),
        found_by=_fates(compared, "found", names, [rule.key for rule in rules.rules]),
        stood_by=_fates(compared, "stood", names, list(names)),
        listed=len(compared.kinds) if listed is None else listed,
        groups=tuple(_Groups(pool, rules, compared, names, group.country).read(listed)),
        choices=int(found.choices["choice"].nunique()),
        findings=tuple(found.findings),
    )


def _rules_in_force(session: Session, group: AccountGroup) -> RuleSet | None:
    version = in_force(session, group.rule_set_id) if group.rule_set_id else None
    return decoded(version).rule_set if version else None


def _fates(
    compared: Comparison, which: Literal["stood", "found"], names: dict[str, str], order: list[str]
) -> tuple[RuleFate, ...]:
    table = fates(compared, which)
    keys = [*order, *sorted(set(table["rule"]) - set(order))]
    parts = {key: table[table["rule"] == key] for key in keys}
    return tuple(
        RuleFate(key, names.get(key, key), _by_kind(part), int(part["turnover_minor"].sum()))
        for key, part in parts.items()
        if len(part) or which == "found"
    )


def _by_kind(part: pd.DataFrame) -> dict[str, int]:
    counts = dict(zip(part["kind"], part["matches"].tolist(), strict=True))
    return {kind: counts.get(kind, 0) for kind in KINDS}


class _Groups:
    """Reads groups of a comparison match by match, with the lines of each."""

    def __init__(self, pool: Pool, rules: RuleSet, compared: Comparison, names: dict[str, str], country: str) -> None:
        self.compared, self.rules, self.country = compared, rules, country
        self.stood = Reader(compared.stood, pool.lines, names, pool.match_ids.tolist())
        self.found = Reader(compared.found, pool.lines, names)
        self.standing = _Members(compared.stood_group)
        self.finding = _Members(compared.found_group)

    def read(self, most: int | None) -> Iterator[TrialGroup]:
        """At most so many of each kind, those that move most first."""
        kinds, moved = np.array(self.compared.kinds, dtype=object), self._turnover()
        for kind in KINDS:
            here = np.flatnonzero(kinds == kind)
            for group in here[np.argsort(-moved[here], kind="stable")][:most].tolist():
                yield self._group(kind, group)

    def _group(self, kind: Kind, group: int) -> TrialGroup:
        """What stood and is not found again is read with what the draft's rule of that key says of it."""
        why = kind in ("changed", "lost")
        return TrialGroup(
            kind,
            tuple(
                self.stood.explained(at, self.rules, self.country) if why else self.stood.match(at)
                for at in self.standing.of(group)
            ),
            tuple(map(self.found.match, self.finding.of(group))),
        )

    def _turnover(self) -> Ints:
        sums = np.zeros((2, len(self.compared.kinds)), dtype=np.int64)
        np.add.at(sums[0], self.compared.stood_group, self.compared.stood.turnover())
        np.add.at(sums[1], self.compared.found_group, self.compared.found.turnover())
        larger: Ints = sums.max(axis=0, initial=0)
        return larger


class _Members:
    """The matches of each group by their positions."""

    def __init__(self, group_of: Ints) -> None:
        self._order = np.argsort(group_of, kind="stable")
        self._sorted = group_of[self._order]

    def of(self, group: int) -> list[int]:
        start, end = np.searchsorted(self._sorted, [group, group + 1])
        return [int(position) for position in self._order[start:end]]
