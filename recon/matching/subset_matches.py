"""Subsets taken, as matches of lines: twins are handed out in the order of their ids."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from recon.matching.candidates import Candidates, Opposed
from recon.matching.contest import Takes
from recon.matching.record import Members, Taken
from recon.matching.search_blocks import Ground
from recon.matching.side import Ints
from recon.matching.units import Units


def write_subsets(
    ground: Ground, opposed: Opposed, candidates: Candidates, takes: Takes
) -> tuple[Opposed, Candidates, Taken]:
    """One unit of each side and one candidate a match; `opposed` holds the subsets that `candidates` stand for."""
    times = np.array([copies for _, copies in takes], dtype=np.int64)
    chosen = candidates.keep(np.zeros(len(candidates), dtype=bool))
    if len(takes):
        at = np.repeat(np.array([candidate for candidate, _ in takes], dtype=np.int64), times)
        chosen = candidates.keep(at)
    hands = _Hands(ground)
    one, other = (chosen.right, chosen.left) if ground.many == "left" else (chosen.left, chosen.right)
    targets = hands.targets(one)
    subsets = hands.subsets((opposed.left if ground.many == "left" else opposed.right).take(other))
    left, right = (subsets, targets) if ground.many == "left" else (targets, subsets)
    numbers = np.arange(len(one), dtype=np.int64)
    taken = Taken(numbers, _members(left), _members(right))
    written = Candidates.of(numbers, numbers, chosen.difference, chosen.days)
    return replace(opposed, left=left, right=right), written, taken


def _members(units: Units) -> Members:
    sizes = np.diff(units.start)
    return Members(np.repeat(np.arange(len(sizes), dtype=np.int64), sizes), units.rows)


class _Hands:
    """Which of its twins a unit has given away."""

    def __init__(self, ground: Ground) -> None:
        self.ground = ground
        items = ground.items
        self.unit_of = np.full(len(ground.many_side), -1, dtype=np.int64)
        self.unit_of[items.rows] = np.repeat(np.arange(len(items)), items.copies)
        self.of_items = np.zeros(len(items), dtype=np.int64)
        same = ground.opposed.internal
        self.of_targets = self.of_items if same else np.zeros(len(ground.targets), dtype=np.int64)

    def targets(self, targets: Ints) -> Units:
        """A unit for each time a target is taken."""
        units = self.ground.targets
        if units.grouped:
            return units.take(targets)
        rows = np.array([self._next(units, self.of_targets, unit) for unit in targets.tolist()], dtype=np.int64)
        once = units.take(targets)
        return replace(once, rows=rows, start=np.arange(len(rows) + 1, dtype=np.int64))

    def subsets(self, told: Units) -> Units:
        """The subsets, told by the first of twins, each with lines of its own."""
        given = [self._next(self.ground.items, self.of_items, unit) for unit in self.unit_of[told.rows].tolist()]
        return replace(told, rows=np.array(given, dtype=np.int64))

    def _next(self, units: Units, given: Ints, unit: int) -> int:
        given[unit] += 1
        return int(units.rows[units.start[unit] + given[unit] - 1])
