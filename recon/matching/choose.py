"""Which candidates become matches: the four policies over agreement (rule language, what a match rule does, 4 and 5).

Candidates are edges between units. An edge is taken when it is strictly better than every other edge of both its units;
then its units are gone. Because all edges share one order of agreement, walking them from best to worst settles each edge
once: an edge that cannot be taken when its turn comes stays a rival for ever and bars its units from anything worse.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import groupby

import numpy as np

from recon.matching.candidates import Candidates
from recon.matching.side import Ints, Mask
from recon.matching.units import Units

Score = Callable[[Ints], Ints]
"""Given candidate positions, a rank for each: the smaller, the better the agreement; equal ranks agree equally."""


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


def alternatives(candidates: Candidates) -> Ints:
    """Other candidates that share a unit with each candidate; twins count as one."""
    if not len(candidates):
        return np.zeros(0, dtype=np.int64)
    left, right = np.bincount(candidates.left), np.bincount(candidates.right)
    return (left[candidates.left] + right[candidates.right] - 2).astype(np.int64)


def choose(candidates: Candidates, left: Units, right: Units, policy: str, score: Score) -> Chosen:
    """The candidates that `policy` takes. `score` is asked only about candidates that compete."""
    rivals = alternatives(candidates)
    held = left.held[candidates.left] | right.held[candidates.right]
    copies = left.copies[candidates.left]
    alone = (rivals == 0) & ~held & (copies == right.copies[candidates.right])
    walk = _Walk(candidates, left, right, held, policy)
    if policy != "unique_only" and not alone.all():
        walk.settle_all(np.flatnonzero(~alone), score)
    settled = np.flatnonzero(alone)
    none = np.zeros(len(settled), dtype=np.int64)
    by_hand = np.array(walk.taken, dtype=np.int64).reshape(-1, 4)
    plain = np.stack([settled, copies[settled], none, none], axis=1)
    taken = np.concatenate([plain, by_hand])
    taken = taken[np.argsort(taken[:, 0], kind="stable")]
    return Chosen(*taken.T, tied=np.array(walk.tied, dtype=np.int64))


class _Walk:
    """State of the walk from best to worst: copies left of every unit, and the units barred from anything worse."""

    def __init__(self, candidates: Candidates, left: Units, right: Units, held: Mask, policy: str) -> None:
        self.candidates, self.left, self.right, self.held = candidates, left, right, held
        self.policy = policy
        self.taken: list[tuple[int, int, int, int]] = []
        self.tied: list[int] = []
        self.left_copies, self.right_copies = left.copies, right.copies
        self.left_taken: dict[int, int] = defaultdict(int)
        self.right_taken: dict[int, int] = defaultdict(int)
        self.left_barred: set[int] = set()
        self.right_barred: set[int] = set()

    def _ends(self, position: int) -> tuple[int, int]:
        return int(self.candidates.left[position]), int(self.candidates.right[position])

    def _free(self, position: int) -> tuple[int, int]:
        one, other = self._ends(position)
        return (
            int(self.left_copies[one]) - self.left_taken[one],
            int(self.right_copies[other]) - self.right_taken[other],
        )

    def settle_all(self, positions: Ints, score: Score) -> None:
        ranks = score(positions)
        by_rank = np.argsort(ranks, kind="stable")
        ordered = zip(ranks[by_rank].tolist(), positions[by_rank].tolist(), strict=True)
        for _, equals in groupby(ordered, key=lambda pair: pair[0]):
            self.settle([position for _, position in equals])

    def settle(self, equals: list[int]) -> None:
        """One class of equally good candidates."""
        live = [position for position in equals if all(self._free(position))]
        lefts, rights = defaultdict(int), defaultdict(int)
        for position in live:
            one, other = self._ends(position)
            lefts[one] += 1
            rights[other] += 1
        rest = [position for position in live if not self._take_if_best(position, lefts, rights)]
        if self.policy == "first":
            rest = self._take_first(rest)
        self._bar(rest)

    def _take_if_best(self, position: int, lefts: dict[int, int], rights: dict[int, int]) -> bool:
        one, other = self._ends(position)
        if not self._allowed(position) or lefts[one] != 1 or rights[other] != 1:
            return False
        free_left, free_right = self._free(position)
        if free_left != free_right:
            return False
        self._take(position, free_left)
        return True

    def _allowed(self, position: int) -> bool:
        one, other = self._ends(position)
        return not self.held[position] and one not in self.left_barred and other not in self.right_barred

    def _take(self, position: int, copies: int) -> None:
        one, other = self._ends(position)
        self.taken.append((position, copies, self.left_taken[one], self.right_taken[other]))
        self.left_taken[one] += copies
        self.right_taken[other] += copies

    def _take_first(self, tied: list[int]) -> list[int]:
        """`first`: by left date, left id, right date, right id, line by line. Returns what still has both units free."""
        by_left: dict[int, list[int]] = defaultdict(list)
        for position in tied:
            if self._allowed(position):
                by_left[self._ends(position)[0]].append(position)
        for one in self._lines_in_order(by_left):
            takeable = [position for position in by_left[one] if self._free(position)[1]]
            if takeable:
                self._take(min(takeable, key=self._right_place), 1)
        return [position for position in tied if all(self._free(position))]

    def _lines_in_order(self, units: Iterable[int]) -> list[int]:
        """The unit of every free left line, lines ordered by date and id."""
        lines = [
            (int(self.left.first_day[one]), int(self.left.rows[int(self.left.start[one]) + copy]), one)
            for one in units
            for copy in range(self.left_taken[one], int(self.left_copies[one]))
        ]
        return [one for _, _, one in sorted(lines)]

    def _right_place(self, position: int) -> tuple[int, int]:
        other = self._ends(position)[1]
        row = self.right.rows[int(self.right.start[other]) + self.right_taken[other]]
        return int(self.right.first_day[other]), int(row)

    def _bar(self, rest: list[int]) -> None:
        for position in rest:
            if self._allowed(position):
                self.tied.append(position)
        for position in rest:
            one, other = self._ends(position)
            self.left_barred.add(one)
            self.right_barred.add(other)
