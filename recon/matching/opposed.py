"""The units that a match rule sets against each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from recon.matching.abreast import abreast
from recon.matching.allowance import allowed
from recon.matching.candidates import FAR, Candidates, Opposed, pairs_hold
from recon.matching.conditions import cut, tested_fields
from recon.matching.measure import Measures
from recon.matching.narrow import narrowed, opposite
from recon.matching.record import Members, Taken
from recon.matching.scope import Scope
from recon.matching.side import NO_DAY, Ints, Mask, Side
from recon.matching.units import Measure, Units, group_units, line_units, unit_codes
from rules.model import Match


def opposed_units(rule: Match, scope: Scope, measures: Measures) -> Opposed:
    """Units of both sides; in an internal rule the side's positive against its negative lines."""
    tested = tested_fields(rule)
    if rule.internal:
        return _opposed_signs(rule, scope, measures, tested[0])
    left, right = scope.sides["left"], scope.sides["right"]
    lefts, rights = narrowed(rule, left, right, *scope.seen_of_both(rule))
    of_left = measures.of(rule, "left", rule.amount.left)
    of_right = measures.of(rule, "right", rule.amount.right)
    one, other = abreast(
        lambda: _units(rule, left, lefts, of_left, tested[0]), lambda: _units(rule, right, rights, of_right, tested[1])
    )
    return Opposed(rule, left, right, one, other, measures.currencies)


def _units(rule: Match, side: Side, rows: Ints, measure: Measure, tested: Sequence[str]) -> Units:
    keys = (rule.left if side.name == "left" else rule.right).group_by
    if keys:
        return group_units(side, rows, measure, keys, 1 if rule.cardinality == "many_to_many" else 2)
    return line_units(side, rows[measure.filled[rows]], measure, tested)


def _opposed_signs(rule: Match, scope: Scope, measures: Measures, tested: Sequence[str]) -> Opposed:
    name = rule.internal or "left"
    side, rows = scope.sides[name], scope.rows(rule, name)
    measure = measures.of(rule, name, rule.amount.left)
    rows = rows[measure.filled[rows]]
    receipts, payments = opposite(rule, side, rows[measure.amount[rows] > 0], rows[measure.amount[rows] < 0])
    return Opposed(
        rule,
        side,
        side,
        line_units(side, receipts, measure, tested),
        line_units(side, payments, measure, tested),
        measures.currencies,
    )


@dataclass(frozen=True, slots=True)
class KeyGroups:
    """Key groups of one side that cancel out: each is a match by itself."""

    opposed: Opposed
    candidates: Candidates
    taken: Taken


def internal_groups(rule: Match, scope: Scope, measures: Measures) -> KeyGroups:
    name = rule.internal or "left"
    side, rows = scope.sides[name], scope.rows(rule, name)
    measure = measures.of(rule, name, rule.amount.left)
    keys = (rule.left if name == "left" else rule.right).group_by
    units = group_units(side, rows, measure, keys, 2)
    difference = units.total * (-1 if name == "left" else 1)
    days = np.where(units.first_day == NO_DAY, FAR, units.last_day - units.first_day)
    holds = allowed(rule.amount, difference, units.total, units.total, units.currency, measures.currencies)
    if rule.date is not None:
        holds &= days <= rule.date.latest
    opposed = Opposed(rule, side, side, units, units, measures.currencies)
    holds &= _members_agree(opposed, holds)
    kept = np.flatnonzero(holds & ~units.held)
    candidates = Candidates.of(kept, kept, difference[kept], days[kept])
    return KeyGroups(opposed, candidates, _whole_groups(units, kept))


def _members_agree(opposed: Opposed, among: Mask) -> Mask:
    """The pair condition for every earlier with every later member."""
    parts = cut(opposed.rule.pair, one_side=True)
    holds = among.copy()
    for test in parts.same:
        holds &= unit_codes(opposed.left, opposed.left_side.encoded(test.left, test.normalise).codes()) >= 0
    if parts.rest is not None:
        for unit in np.flatnonzero(holds):
            holds[unit] = pairs_hold(opposed, parts.rest, *_earlier_later(opposed.left, int(unit)))
    return holds


def _earlier_later(units: Units, unit: int) -> tuple[Ints, Ints]:
    rows = units.rows[units.start[unit] : units.start[unit + 1]]
    one, other = np.triu_indices(len(rows), k=1)
    return rows[one], rows[other]


def _whole_groups(units: Units, kept: Ints) -> Taken:
    chosen = units.take(kept)
    match = np.repeat(np.arange(len(kept), dtype=np.int64), chosen.sizes)
    nobody = np.zeros(0, dtype=np.int64)
    return Taken(np.arange(len(kept), dtype=np.int64), Members(match, chosen.rows), Members(nobody, nobody))
