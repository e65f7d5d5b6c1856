"""Candidates of one unit under one rule: looked for by shared evidence and by amount and day, never among all pairs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

import numpy as np

from recon.matching.conditions import conjuncts
from recon.matching.side import Ints, Mask, SideName
from recon.matching.view import Pool, Rows, View, amount_field, other_side
from rules.evaluate import combined
from rules.explain import Explanation, Row, match_rule
from rules.model import Condition, Match, leaves
from rules.values import exponent

NEAR = 12
"""Units that are compared by columns in earnest; a person reads the first few."""
LOOKED_AT = 2
"""Of units that all fail something, those that are read test by test."""
SLACK = 12
"""Calendar days by which a window of banking days may be longer: Easter or Christmas between."""
NOTHING_HOLDS = np.int64(1 << 40)
MOST_PAIRS = 4_000
"""Pairs of members that are compared for one rule and one line, the nearest units first."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """Two units of a rule, as rows of their sides, and every test between them.

    `own` is the unit that was asked about, on `side`; `others` stand on the rule's other side.
    """

    rule: Match
    side: SideName
    own: Rows
    others: Rows
    explanation: Explanation

    @property
    def holds(self) -> bool:
        return self.explanation.holds


def nearby(
    view: View, rule: Match, side: SideName, own: Rows, country: str | None, most: int = NEAR
) -> list[Candidate]:
    """The units of the other side that come nearest to one unit: all that may hold, else the few that fail least.

    Which these are is told by columns; every candidate that is given back has been read test by test.
    """
    other = other_side(rule, side)
    pool = view.pool(rule, other)
    if rule.internal:
        pool = pool.without(own)
    pool = pool.keep(np.sign(pool.total) == np.sign(_wanted(view, rule, side, own)))
    measures = _Measures(view, rule, side, own, pool)
    units = measures.nearest(most)
    least = measures.failing[units].min(initial=NOTHING_HOLDS)
    wanted = units[measures.failing[units] == 0] if least == 0 else units[:LOOKED_AT]
    found: list[Candidate] = []
    compared = 0
    for unit in wanted.tolist():
        others = pool.members(unit)
        compared += len(own) * len(others)
        if compared > MOST_PAIRS and found:
            break
        if len(own) * len(others) <= 10 * MOST_PAIRS:
            found.append(Candidate(rule, side, own, others, explained(view, rule, side, own, others, country)))
    return found


def _wanted(view: View, rule: Match, side: SideName, own: Rows) -> int:
    """The sum that the other unit should have, in minor units; one of another sign is never a candidate."""
    total: int = int(view.amounts(side, amount_field(rule, side))[list(own)].sum())
    return -total if rule.internal else total


def explained(view: View, rule: Match, side: SideName, own: Rows, others: Rows, country: str | None) -> Explanation:
    """Every test of the rule between two units."""
    left, right = in_order(view, rule, side, own, others)
    return match_rule(rule, left, right, country)


def in_order(view: View, rule: Match, side: SideName, own: Rows, others: Rows) -> tuple[list[Row], list[Row]]:
    """The lines of two units as left and right; within one side the earliest line is left, the others right."""
    mine, theirs = view.lines(side, own), view.lines(other_side(rule, side), others)
    if rule.internal:
        return internal_order([*mine, *theirs])
    return (mine, theirs) if side == "left" else (theirs, mine)


def internal_order(lines: Sequence[Row]) -> tuple[list[Row], list[Row]]:
    ordered = sorted(lines, key=lambda line: (line["booking_date"], line["id"]))
    return ordered[:1], ordered[1:]


class _Measures:
    """How far every unit of a pool is from one unit, by columns: amount, days, and how many parts of the rule fail."""

    def __init__(self, view: View, rule: Match, side: SideName, own: Rows, pool: Pool) -> None:
        self.view, self.rule, self.side, self.own, self.pool = view, rule, side, own, pool
        wanted = _wanted(view, rule, side, own)
        self.distance: Ints = np.abs(pool.total - wanted)
        self.later: Ints = pool.day - view.days(side, rule.date.field if rule.date else "booking_date")[own[0]]
        held = [self._held(condition) for condition in conjuncts(rule.pair)]
        self.evidence: Ints = np.sum(held, axis=0, dtype=np.int64) if held else np.zeros(len(pool), dtype=np.int64)
        self.failing: Ints = len(held) - self.evidence + ~self._inside_window() + (self.distance > self._limit(wanted))

    def nearest(self, most: int) -> Ints:
        """Units of the pool, those that fail least first; of equals by amount, then by days."""
        every = np.arange(len(self.pool))
        least = every[self.failing == self.failing.min(initial=NOTHING_HOLDS)]
        worth = self._closest(least, most)
        if len(worth) < most:
            worth = np.union1d(worth, self._closest(np.flatnonzero(self.evidence), most))
        if len(worth) < most:
            worth = np.union1d(worth, self._closest(every, most))
        keys = (worth, np.abs(self.later[worth]), self.distance[worth], self.failing[worth])
        return worth[np.lexsort(keys)][:most]

    def _closest(self, units: Ints, most: int) -> Ints:
        """Those of the units whose sum is nearest, and all that are as near as the last of them."""
        if len(units) <= most:
            return units
        distance = self.distance[units]
        near: Ints = units[distance <= np.partition(distance, most)[most]]
        return near

    def _held(self, condition: Condition) -> Mask:
        """For which units a part of the pair condition holds with all members (of the own unit: its first line)."""
        other = other_side(self.rule, self.side)
        truths = {leaf: self.view.hits(leaf, self.side, self.own[0], other) for leaf in leaves(condition)}
        lines = combined(condition, truths, len(self.view.frames[other]))
        every: Mask = self.pool.count(lines) == np.diff(self.pool.start)
        return every

    def _inside_window(self) -> Mask:
        window = self.rule.date
        if window is None:
            return np.ones(len(self.pool), dtype=bool)
        later = -self.later if self.side == "right" else self.later
        if self.rule.internal:
            later = np.abs(later)
        inside: Mask = (window.earliest - SLACK <= later) & (later <= window.latest + SLACK)
        if window.calendar == "calendar":
            inside = (window.earliest <= later) & (later <= window.latest)
        return inside

    def _limit(self, wanted: int) -> int:
        """The widest difference that the rule allows, in minor units; rounded up, since only the reading decides."""
        amount = self.rule.amount
        if amount.anything:
            return 1 << 62
        currency = str(self.view.frames[self.side]["currency"].iloc[self.own[0]])
        fixed = ceil(max(amount.minus, amount.plus) * 10 ** exponent(currency))
        share: int = ceil(abs(wanted) * 2 * (amount.percent or 0) / 100)
        return max(int(fixed), share)
