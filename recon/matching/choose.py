"""Which candidates become matches: the policies over agreement (rule language, what a match rule does, 4 and 5).

Candidates are edges between units. An edge is taken when it is strictly better than every other edge of both its units;
then its units are gone, and so on.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from operator import itemgetter

import numpy as np

from recon.matching.candidates import Candidates
from recon.matching.side import Ints, Mask
from recon.matching.units import Units
from rules.model import SETTLING

Score = Callable[[Ints], Ints]
"""Given candidate positions, a rank for each: the smaller, the better the agreement; equal ranks agree equally."""

Scores = Sequence[Score]
"""From cheap and coarse to full: each refines the one before, so what is strictly better in one stays so in the
next."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """Per taken candidate: its position, how many copies of its units are matched, and from which copy of each on.

    `tied` are positions of candidates that nothing separates, offered to a person under `suggest`.
    """

    position: Ints
    copies: Ints
    left_from: Ints
    right_from: Ints
    tied: Ints

    def keep(self, mask: Mask) -> Chosen:
        return Chosen(self.position[mask], self.copies[mask], self.left_from[mask], self.right_from[mask], self.tied)


_NONE = np.zeros(0, dtype=np.int64)
_NOTHING = Chosen(_NONE, _NONE, _NONE, _NONE, _NONE)


def alternatives(candidates: Candidates) -> Ints:
    """Other candidates that share a unit with each candidate; twins count as one."""
    if not len(candidates):
        return np.zeros(0, dtype=np.int64)
    left, right = np.bincount(candidates.left), np.bincount(candidates.right)
    return (left[candidates.left] + right[candidates.right] - 2).astype(np.int64)


def choose(candidates: Candidates, left: Units, right: Units, policy: str, scores: Scores) -> Chosen:
    """The candidates that `policy` takes. A score is asked only about candidates that still compete."""
    if not len(candidates):
        return _NOTHING
    rivals = alternatives(candidates)
    held = left.held[candidates.left] | right.held[candidates.right]
    copies = left.copies[candidates.left]
    takeable = ~held & (copies == right.copies[candidates.right])
    alone = (rivals == 0) & takeable
    taken = [_whole(np.flatnonzero(alone), copies)]
    tied = np.zeros(0, dtype=np.int64)
    competing = np.flatnonzero(_compete(candidates, ~held) & ~alone)
    if policy != "unique_only" and len(competing):
        rest = _edges(candidates, competing)
        for score in scores:
            best, rest = _mutually_best(replace(rest, rank=score(rest.position)), takeable)
            taken.append(_whole(best, copies))
        if policy in SETTLING and len(rest.position):
            taken.append(_Walk(candidates, left, right, held, newest=policy == "newest").settle_all(rest))
        tied = np.sort(rest.position[rest.best_of_both() & ~held[rest.position]])
    rows = np.concatenate(taken)
    position, copies, left_from, right_from = rows[np.argsort(rows[:, 0], kind="stable")].T
    return Chosen(position, copies, left_from, right_from, tied)


def _compete(candidates: Candidates, free: Mask) -> Mask:
    """The free candidates, and those a suggestion holds that bar one of their units."""
    if free.all() or not free.any():
        return free
    left, right = candidates.left, candidates.right
    by_left, by_right = np.bincount(left, weights=free) > 0, np.bincount(right, weights=free) > 0
    return free | by_left[left] | by_right[right]


def _whole(positions: Ints, copies: Ints) -> Ints:
    """Candidates taken with all copies of their units."""
    none = np.zeros(len(positions), dtype=np.int64)
    return np.stack([positions, copies[positions], none, none], axis=1)


@dataclass(frozen=True, slots=True)
class _Edges:
    """Competing candidates: position, the two units in dense numbers, and the rank of agreement."""

    position: Ints
    left: Ints
    right: Ints
    rank: Ints

    def keep(self, mask: Mask) -> _Edges:
        return _Edges(self.position[mask], self.left[mask], self.right[mask], self.rank[mask])

    def _best(self, unit: Ints) -> tuple[Mask, Ints]:
        """Which edges are among the best of their unit, and how many are as good."""
        best = np.full(int(unit.max(initial=-1)) + 1, np.iinfo(np.int64).max)
        np.minimum.at(best, unit, self.rank)
        among = self.rank == best[unit]
        return among, np.bincount(unit, weights=among, minlength=len(best)).astype(np.int64)[unit]

    def best_of_both(self) -> Mask:
        return self._best(self.left)[0] & self._best(self.right)[0]

    def strictly_best(self) -> Mask:
        """Better than every other edge of both units."""
        left, as_good_left = self._best(self.left)
        right, as_good_right = self._best(self.right)
        strictly: Mask = left & right & (as_good_left == 1) & (as_good_right == 1)
        return strictly


def _edges(candidates: Candidates, positions: Ints) -> _Edges:
    left = np.unique(candidates.left[positions], return_inverse=True)[1].astype(np.int64)
    right = np.unique(candidates.right[positions], return_inverse=True)[1].astype(np.int64)
    return _Edges(positions, left, right, np.zeros(len(positions), dtype=np.int64))


def _mutually_best(edges: _Edges, takeable: Mask) -> tuple[Ints, _Edges]:
    """Take every edge strictly better than all others of both its units, remove these units, repeat.

    Returns the positions taken and the edges that nothing could be done with.
    """
    taken: list[Ints] = []
    while len(edges.position):
        take = edges.strictly_best() & takeable[edges.position]
        if not take.any():
            break
        taken.append(edges.position[take])
        gone = np.isin(edges.left, edges.left[take]) | np.isin(edges.right, edges.right[take])
        edges = edges.keep(~gone)
    return np.concatenate(taken) if taken else np.zeros(0, dtype=np.int64), edges


class _Walk:
    """`first`, `newest`: edges from best to worst; ties go by left date, left id, right date, right id, line by line,
    the earliest date first or the latest.

    An edge that cannot be taken when its turn comes (a suggestion holds it) stays a rival for ever and bars its
    units from
    anything worse; since all edges share one order, each is looked at once.
    """

    def __init__(self, candidates: Candidates, left: Units, right: Units, held: Mask, *, newest: bool) -> None:
        self.candidates, self.held = candidates, held
        self.left, self.right = _Ends(left, newest=newest), _Ends(right, newest=newest)
        self.taken: list[tuple[int, int, int, int]] = []

    def settle_all(self, edges: _Edges) -> Ints:
        """Rows (position, copies, first left copy, first right copy) of what is taken."""
        by_rank = np.argsort(edges.rank, kind="stable")
        positions = edges.position[by_rank]
        columns = (edges.rank[by_rank], positions, self.candidates.left[positions], self.candidates.right[positions])
        ordered = zip(*(column.tolist() for column in columns), self.held[positions].tolist(), strict=True)
        for _, equals in groupby(ordered, key=itemgetter(0)):
            self._settle([(position, (one, other), held) for _rank, position, one, other, held in equals])
        return np.array(self.taken, dtype=np.int64).reshape(-1, 4)

    def _settle(self, equals: list[tuple[int, tuple[int, int], bool]]) -> None:
        """One class of equally good edges (position, both units, held), line by line of the left units."""
        left, right = self.left, self.right
        free = [edge for edge in equals if edge[1][0] not in left.full and edge[1][1] not in right.full]
        by_left: dict[int, list[tuple[int, int]]] = {}
        for position, (one, other), held in free:
            if not (held or one in left.barred or other in right.barred):
                by_left.setdefault(one, []).append((position, other))
        for one in left.lines_in_order(by_left):
            takeable = [edge for edge in by_left[one] if edge[1] not in right.full]
            if takeable:
                self._take(one, *min(takeable, key=lambda edge: right.place(edge[1])))
        for _position, (one, other), _held in free:
            if one not in left.full and other not in right.full:
                left.barred.add(one)
                right.barred.add(other)

    def _take(self, one: int, position: int, other: int) -> None:
        self.taken.append((position, 1, self.left.taken.get(one, 0), self.right.taken.get(other, 0)))
        self.left.take(one)
        self.right.take(other)


class _Ends:
    """Units of one side in a walk: how many copies of each are taken, and which are barred."""

    def __init__(self, units: Units, *, newest: bool) -> None:
        self.units = units
        self.day = -units.last_day if newest else units.first_day
        self.copies = units.copies
        self.taken: dict[int, int] = {}
        self.full: set[int] = set()
        self.barred: set[int] = set()

    def take(self, unit: int) -> None:
        self.taken[unit] = self.taken.get(unit, 0) + 1
        if self.taken[unit] == self.copies[unit]:
            self.full.add(unit)

    def lines_in_order(self, units: Collection[int]) -> Collection[int]:
        """The unit of every free line, lines ordered by date and id."""
        if len(units) == 1 and self.units.single:
            return units
        lines = [
            (int(self.day[unit]), int(self.units.rows[int(self.units.start[unit]) + copy]), unit)
            for unit in units
            for copy in range(self.taken.get(unit, 0), int(self.copies[unit]))
        ]
        return [unit for _, _, unit in sorted(lines)]

    def place(self, unit: int) -> tuple[int, int]:
        """Date and id of a unit's next free line."""
        row = self.units.rows[int(self.units.start[unit]) + self.taken.get(unit, 0)]
        return int(self.day[unit]), int(row)
