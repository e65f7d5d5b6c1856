"""Why not: for one open line, what came nearest under every rule, with the tests it fails and by how much.

The reading is `rules.explain`, so that what a person is told is what the rule means. What fails nothing is told by what
kept it from being matched: a refusal, a suggestion that holds a line, another candidate as good, a decision.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import pandas as pd

from recon.matching.figures import deciding, figures
from recon.matching.nearby import Candidate, explained, in_order, internal_order, nearby
from recon.matching.nearest_subset import amount_told, subsets_with
from recon.matching.result import set_hash
from recon.matching.side import SideName
from recon.matching.view import Rows, View, keys_of, other_side, unit_of
from rules.encoding import rule_hash
from rules.evaluate import truth
from rules.explain import Explanation, line, match_rule
from rules.model import Derive, Exclude, Match, Post, Rule, RuleSet

Verdict = Literal["fails", "aside", "nobody", "refused", "held", "rivals", "left", "free"]
"""What kept a candidate from being matched: a test `fails`; the rule is not about the line (`aside`); the other side
has `nobody` for it; a person `refused` it; a suggestion `held` one of its lines; `rivals` are as good; a decision
`left` it; or nothing (`free`): the next run takes it."""


@dataclass(frozen=True, slots=True)
class Miss:
    """What came nearest under one rule: rows of the line's own side and of the other, and every test with its values.

    `rivals`: other candidates of one of the two units, as (side, rows of the other unit); `set_hash` names the set of
    lines (of a refused one); `decision` the decision that left it.
    """

    rule: Match
    own: Rows
    others: Rows
    other: SideName
    explanation: Explanation
    verdict: Verdict
    rivals: tuple[tuple[SideName, Rows], ...] = ()
    set_hash: str = ""
    decision: str = ""

    @property
    def failing(self) -> tuple[Explanation, ...]:
        return tuple(self.explanation.failing())


@dataclass(frozen=True, slots=True)
class WhyNot:
    """`held_by_rule`: the exclude or post rule that takes the line from those below it; `misses`: the nearest first."""

    held_by_rule: Rule | None
    misses: tuple[Miss, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """The line that is asked about, and what a run would know beside the lines.

    `refusals`: set hash -> hashes of the rules under which a person took these lines apart; `held`: for each side which
    of its rows a suggestion holds.
    """

    side: SideName
    row: int
    country: str | None = None
    refusals: Mapping[str, Collection[str]] = field(default_factory=dict)
    held: Mapping[SideName, Collection[int]] = field(default_factory=dict)


def nearest_misses(rule_set: RuleSet, left: pd.DataFrame, right: pd.DataFrame, asked: Asked) -> WhyNot:
    """What came nearest for a line under every match rule, the nearest rule first.

    The frames are those a run reads (open lines; amounts are remainders). Fields that derive rules set are set for the
    rules below them; an excluded or posted line meets no rule below the one that hides it, and is met by none.
    """
    view = View(left, right)
    misses: list[Miss] = []
    for rule in rule_set.rules:
        match rule:
            case Match() if rule.internal in (None, asked.side):
                misses.append(_Question(rule_set, rule, view, asked).answer())
            case Exclude() | Post() if _takes(rule, view, asked):
                return WhyNot(rule, _in_order(misses))
            case Exclude() | Post() | Derive():
                view.apply(rule)
            case _:
                pass
    return WhyNot(None, _in_order(misses))


def _takes(rule: Exclude | Post, view: View, asked: Asked) -> bool:
    if rule.side not in ("both", asked.side):
        return False
    return bool(truth(rule.where, view.frames[asked.side].iloc[[asked.row]])[0])


_ORDER: dict[Verdict, int] = {"refused": 0, "held": 0, "rivals": 0, "left": 0, "free": 0, "fails": 1, "nobody": 2}


def _in_order(misses: list[Miss]) -> tuple[Miss, ...]:
    """What fails nothing, then what fails least; rules with nobody, and rules not about the line, last."""
    return tuple(sorted(misses, key=lambda miss: (_ORDER.get(miss.verdict, 3), len(miss.failing))))


class _Question:
    """One line under one rule."""

    def __init__(self, rule_set: RuleSet, rule: Match, view: View, asked: Asked) -> None:
        self.rule_set = rule_set
        self.rule = rule
        self.view = view
        self.asked = asked
        self.other = other_side(rule, asked.side)

    def answer(self) -> Miss:
        side, where = self.asked.side, unit_of(self.rule, self.asked.side).where
        (own_line,) = self.view.lines(side, [self.asked.row])
        read = line(where, own_line)
        if not read.holds:
            return self._miss((self.asked.row,), (), Explanation(False, "", (), (read,)), "aside")
        own = self.view.group(self.rule, side, self.asked.row)
        if self.rule.internal and keys_of(self.rule, side):
            return self._whole_group(own)
        if self.rule.search is not None:
            return self._searched()
        found = nearby(self.view, self.rule, side, own, self.asked.country)
        if not found:
            return self._miss(own, (), Explanation(False, ""), "nobody")
        holding = [candidate for candidate in found if candidate.holds]
        if holding:
            return self._held_back(holding)
        nearest = min(found, key=lambda candidate: len(list(candidate.explanation.failing())))
        return self._miss(own, nearest.others, nearest.explanation, "fails")

    def _miss(self, own: Rows, others: Rows, told: Explanation, verdict: Verdict) -> Miss:
        return Miss(self.rule, own, others, self.other, told, verdict)

    def _whole_group(self, own: Rows) -> Miss:
        """Within one side a key group has no other unit: it cancels out or does not."""
        left, right = internal_order(self.view.lines(self.asked.side, own))
        told = match_rule(self.rule, left, right, self.asked.country)
        return self._miss(own, (), told, "free" if told.holds else "fails")

    def _searched(self) -> Miss:
        """Lines that add up to a target, the asked line among them or the target itself."""
        side, row = self.asked.side, self.asked.row
        answer = subsets_with(self.view, self.rule, side, row)
        found = [
            Candidate(
                self.rule,
                side,
                subset.own,
                subset.others,
                explained(self.view, self.rule, side, subset.own, subset.others, self.asked.country),
            )
            for subset in answer.found
        ]
        holding = [candidate for candidate in found if candidate.holds]
        if holding:
            return self._held_back(holding)
        if found:
            return self._miss(found[0].own, found[0].others, found[0].explanation, "fails")
        told = answer.told(*amount_told(self.view, self.rule, side, row))
        return self._miss((row,), (), told, "fails" if answer.looked else "nobody")

    def _held_back(self, holding: list[Candidate]) -> Miss:
        """Of candidates that fail nothing the best by agreement, and what kept it from being matched."""
        best = min(holding, key=self._rank)
        own, others, told = best.own, best.others, best.explanation
        name = self._set_hash(best)
        if rule_hash(self.rule) in self.asked.refusals.get(name, ()):
            return Miss(self.rule, own, others, self.other, told, "refused", set_hash=name)
        if self._is_held(self.asked.side, own) or self._is_held(self.other, others):
            return self._miss(own, others, told, "held")
        rivals = self._rivals(best, holding)
        if rivals:
            return Miss(self.rule, own, others, self.other, told, "rivals", rivals)
        decision = self._leaving(best)
        if decision:
            return Miss(self.rule, own, others, self.other, told, "left", decision=decision)
        return self._miss(own, others, told, "free")

    def _rank(self, candidate: Candidate) -> tuple[object, ...]:
        refused = rule_hash(self.rule) in self.asked.refusals.get(self._set_hash(candidate), ())
        left, right = in_order(self.view, self.rule, candidate.side, candidate.own, candidate.others)
        return (refused, *figures(self.rule, left, right, self.asked.country).rank, candidate.others)

    def _rivals(self, best: Candidate, holding: list[Candidate]) -> tuple[tuple[SideName, Rows], ...]:
        """Other candidates of either unit that nobody refused."""
        if self.rule.search is not None:
            whole = [
                (self.other, each.others) if each.own == best.own else (self.asked.side, each.own) for each in holding
            ]
            return tuple(rival for rival, each in zip(whole, holding, strict=True) if each is not best)
        mine = [(self.other, candidate.others) for candidate in holding if candidate is not best]
        back = nearby(self.view, self.rule, self.other, best.others, self.asked.country)
        theirs = [(self.asked.side, each.others) for each in back if each.holds and set(each.others) != set(best.own)]
        refused = {candidate.others for candidate in holding if self._rank(candidate)[0]}
        return tuple(rival for rival in [*mine, *theirs] if rival[1] not in refused)

    def _leaving(self, best: Candidate) -> str:
        left, right = in_order(self.view, self.rule, best.side, best.own, best.others)
        found = figures(self.rule, left, right, self.asked.country)
        fired = deciding(self.rule_set.decide, self.rule, found, alternatives=0)
        return fired[0].name if fired and fired[0].then == "leave" else ""

    def _is_held(self, name: SideName, rows: Rows) -> bool:
        return any(row in self.asked.held.get(name, ()) for row in rows)

    def _set_hash(self, candidate: Candidate) -> str:
        own, others = self.view.frames[candidate.side]["id"], self.view.frames[self.other]["id"]
        return set_hash([*own.iloc[list(candidate.own)], *others.iloc[list(candidate.others)]])


def with_derived(rule: Derive, name: SideName, frame: pd.DataFrame) -> pd.DataFrame:
    """The frame of a side with what a derive rule sets; where nothing is found the field stays as it was."""
    view = View(frame, frame.iloc[:0]) if name == "left" else View(frame.iloc[:0], frame)
    view.apply(rule)
    return view.frames[name]


def rows_of(mask: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> frozenset[int]:
    """Where a mask holds, as `Asked.held` takes it."""
    return frozenset(np.flatnonzero(mask).tolist())
