"""Which items add up to a target: exact, with proof that there is one way, none, or more than one.

Few items are listed: every subset has its sum. Of more, meet in the middle: a subset in order is a first half and a
later half, so the sums of all subsets of half the size are enough, sorted once and looked up. A step is a sum that is
formed or looked up; the budget is counted in steps alone, so an answer is the same on every machine
(docs/decisions/subset-search.md).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from math import comb
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]

LISTED = 14
"""Items of which all subsets are listed."""

FEW = 3
"""Members up to which many targets are looked up at once."""

CHUNK = 200_000
"""Pairs of halves looked at in one go."""

_PLACES = np.arange(LISTED)
_SIZES = ((np.arange(1 << LISTED)[:, None] >> _PLACES) & 1).sum(axis=1)

Outcome = Literal["none", "unique", "several", "gave_up"]


@dataclass(frozen=True, slots=True)
class Answer:
    """`solutions` are positions of items, ascending; they are all there are where `complete`."""

    solutions: tuple[tuple[int, ...], ...]
    complete: bool
    steps: int

    @property
    def outcome(self) -> Outcome:
        if len(self.solutions) > 1:
            return "several"
        if not self.complete:
            return "gave_up"
        return "unique" if self.solutions else "none"


_NOT_BEGUN = Answer((), False, 0)


@dataclass(frozen=True, slots=True)
class Limits:
    """At least `least` and at most `max_lines` items; at most `max_steps` steps; stop at `most` solutions.

    `stopped` is asked now and then; only a search by hand may look at a clock.
    """

    max_lines: int
    max_steps: int
    most: int = 2
    least: int = 2
    stopped: Callable[[], bool] | None = None


@lru_cache
def most_items(max_lines: int, max_steps: int) -> int:
    """The largest number of items that can be searched to the end: steps for halves that meet are not counted."""
    items = 0
    while _steps(items + 1, max_lines) <= max_steps:
        items += 1
    return items


def _steps(items: int, max_lines: int) -> int:
    formed = sum(comb(items, size) for size in range(1, (max_lines + 1) // 2 + 1))
    halves = formed + sum(comb(items, size // 2) for size in range(2, max_lines + 1))
    return min(halves, 1 << items) if items <= LISTED else halves


class Items:
    """Amounts (minor units) among which subsets are sought. Items of equal `twin` are interchangeable: two solutions
    that differ only by them are one, told by their first items. Zero amounts are never part of a solution."""

    def __init__(self, amounts: Sequence[int] | Ints, twins: Sequence[int] | Ints | None = None) -> None:
        given = np.asarray(amounts, dtype=np.int64)
        twin = np.arange(len(given)) if twins is None else np.asarray(twins)
        there = np.flatnonzero(given)
        order = there[np.lexsort((there, twin[there], np.abs(given[there])))]
        again = np.zeros(len(order), dtype=bool)
        again[1:] = (twin[order][1:] == twin[order][:-1]) & (given[order][1:] == given[order][:-1])
        self._turn = -1 if len(order) and int(given.max()) <= 0 else 1
        self._hold(order, self._turn * given[order], again)

    def _hold(self, position: Ints, amounts: Ints, again: Mask) -> None:
        self._position, self._amounts, self._again = position, amounts, again
        self._rising = not len(amounts) or int(amounts.min()) > 0
        self._levels: list[_Level] = []

    def __len__(self) -> int:
        return len(self._amounts)

    def solve(self, target: int, limits: Limits) -> Answer:
        """Subsets that add up to `target`."""
        return self.solve_between(target, target, limits)

    def solve_between(self, low: int, high: int, limits: Limits) -> Answer:
        """Subsets whose sum lies between `low` and `high`, both included; smaller subsets first."""
        if self._turn < 0:
            low, high = -high, -low
        items = self._first(int(self._reaches(np.array([high]))[0]))
        if len(items) <= LISTED and 1 << len(items) <= limits.max_steps:
            return items._listed(low, high, limits)
        return _Search(items, low, high, limits).answer()

    def solve_each(self, targets: Ints, limits: Limits) -> dict[int, Answer]:
        """The answer to every target where it is not “none”; a search that could not come to its end within the
        budget is not begun.

        Work that targets share is done once and counted for each, so no target's answer hangs on the others.
        """
        targets = np.unique(targets)
        wanted = self._turn * targets
        reach = self._reaches(wanted)
        few = (reach <= LISTED) & (1 << reach.clip(max=LISTED) <= limits.max_steps)
        begun = few | (reach <= most_items(limits.max_lines, limits.max_steps))
        answers = dict.fromkeys(targets[~begun].tolist(), _NOT_BEGUN)
        listed = self._first(int(reach[few].max(initial=0)))
        for at in np.flatnonzero(few)[listed._among_sums(wanted[few])].tolist():
            answers[int(targets[at])] = listed._listed(int(wanted[at]), int(wanted[at]), limits)
        searched = np.flatnonzero(begun & ~few)
        shared = self._first(int(reach[searched].max(initial=0)))
        for at in searched[shared._meetings(wanted[searched], limits)].tolist():
            answers[int(targets[at])] = _Search(shared, int(wanted[at]), int(wanted[at]), limits).answer()
        return {target: answer for target, answer in answers.items() if answer.outcome != "none"}

    def _meetings(self, targets: Ints, limits: Limits) -> Mask:
        """Where some sum may be found. Of few items all targets are looked up at once, which is cheap and tells
        nearly all; of more, halves meet by chance for most targets, so each is searched for by itself."""
        if limits.max_lines > FEW or not len(targets):
            return np.ones(len(targets), dtype=bool)
        met = np.zeros(len(targets), dtype=bool)
        for size in range(limits.least, min(limits.max_lines, len(self)) + 1):
            rest = self.level(max(size - 1, 1)).sums
            wanted = targets[:, None] - (self.level(1).sums if size > 1 else 0)
            place = np.searchsorted(rest, wanted).clip(max=len(rest) - 1)
            met |= (rest[place] == wanted).any(axis=1)
        return met

    def reached(self, targets: Ints) -> Ints:
        """Positions of the items that can be part of one of these sums."""
        return self._position[: int(self._reaches(self._turn * targets).max(initial=0))]

    def _reaches(self, high: Ints) -> Ints:
        """How many items can be part of each sum: where all are positive, larger ones cannot."""
        if not self._rising:
            return np.full(len(high), len(self), dtype=np.int64)
        return np.searchsorted(self._amounts, high, side="right").astype(np.int64)

    def _first(self, count: int) -> Items:
        if count == len(self) and self._turn > 0:
            return self
        fewer = Items.__new__(Items)
        fewer._turn = 1
        fewer._hold(self._position[:count], self._amounts[:count], self._again[:count])
        return fewer

    # listing

    def _listed(self, low: int, high: int, limits: Limits) -> Answer:
        """The answer by comparing every subset."""
        sums, sizes = self._sums, self._sizes
        wanted = (sums >= low) & (sums <= high) & (sizes >= limits.least) & (sizes <= limits.max_lines)
        hits = np.flatnonzero(wanted)
        hits = hits[np.argsort(sizes[hits], kind="stable")]
        found = [self.given(np.flatnonzero(hit >> _PLACES[: len(self)] & 1)) for hit in hits[: limits.most]]
        return Answer(tuple(found), len(found) < limits.most, len(sums))

    def _among_sums(self, targets: Ints) -> Mask:
        ascending = np.sort(self._sums)
        found: Mask = ascending[np.searchsorted(ascending, targets).clip(max=len(ascending) - 1)] == targets
        return found

    @cached_property
    def _sums(self) -> Ints:
        """Sum of every subset, bit i for item i."""
        sums = np.zeros(1 << len(self), dtype=np.int64)
        for place, amount in enumerate(self._amounts.tolist()):
            np.add(sums[: 1 << place], amount, out=sums[1 << place : 2 << place])
        return sums

    @cached_property
    def _sizes(self) -> Ints:
        """Size of every subset; 0 where it passes a twin over."""
        numbers = np.arange(1 << len(self))
        sizes: Ints = _SIZES[: len(numbers)].astype(np.int64)
        for later in np.flatnonzero(self._again).tolist():
            sizes[(numbers >> later & 1 == 1) & (numbers >> (later - 1) & 1 == 0)] = 0
        return sizes

    # halves

    @cached_property
    def _extremes(self) -> tuple[Ints, Ints]:
        ascending, nothing = np.sort(self._amounts), np.zeros(1, dtype=np.int64)
        return np.r_[nothing, np.cumsum(ascending)], np.r_[nothing, np.cumsum(ascending[::-1])]

    def extremes(self, size: int) -> tuple[int, int]:
        """Smallest and largest sum of so many items."""
        return int(self._extremes[0][size]), int(self._extremes[1][size])

    def level(self, size: int) -> _Level:
        """All subsets of a size. Twins stand in them without a gap; one that starts amid its twins is a later half."""
        while len(self._levels) < size:
            self._levels.append(self._extended(self._levels[-1]) if self._levels else self._singles())
        return self._levels[size - 1]

    def _singles(self) -> _Level:
        place = np.arange(len(self), dtype=np.int32)
        return _level(self._amounts, place, place, place, ~self._again)

    def _extended(self, level: _Level) -> _Level:
        counts = len(self) - 1 - level.last.astype(np.int64)
        base = np.repeat(np.arange(len(counts), dtype=np.int32), counts)
        ends = np.cumsum(counts)
        last = (np.arange(len(base)) - np.repeat(ends - counts - level.last - 1, counts)).astype(np.int32)
        gapless = ~self._again[last] | (level.last[base] == last - 1)
        if not gapless.all():
            base, last = base[gapless], last[gapless]
        sums = level.sums[base] + self._amounts[last]
        return _level(sums, level.first[base], last, base, level.whole[base])

    def joins(self, first: _Level, later: _Level) -> Mask:
        """Where rows are halves of one subset: the later half begins after the first ends, no twin passed over."""
        end, begin = first.last, later.first
        mine: Mask = first.whole & (begin > end) & (~self._again[begin] | (begin == end + 1))
        return mine

    def members(self, size: int, row: int) -> list[int]:
        """Places of the items of one subset."""
        places = []
        for level in reversed(self._levels[:size]):
            places.append(int(level.last[row]))
            row = int(level.parent[row])
        return places

    def given(self, places: Sequence[int] | Ints) -> tuple[int, ...]:
        return tuple(sorted(self._position[np.asarray(places, dtype=np.int64)].tolist()))


@dataclass(frozen=True, slots=True)
class _Level:
    """All subsets of one size by ascending sum: their first and last item, the row of the subset without its last item
    one level below, and whether it starts with the first of its twins."""

    sums: Ints
    first: NDArray[np.int32]
    last: NDArray[np.int32]
    parent: NDArray[np.int32]
    whole: Mask

    def take(self, rows: Ints) -> _Level:
        return _Level(self.sums[rows], self.first[rows], self.last[rows], self.parent[rows], self.whole[rows])


def _level(
    sums: Ints, first: NDArray[np.int32], last: NDArray[np.int32], parent: NDArray[np.int32], whole: Mask
) -> _Level:
    return _Level(sums, first, last, parent, whole).take(_ascending(sums))


def _ascending(sums: Ints) -> Ints:
    """The order of the sums, equal ones by place: as one number each where it fits, which sorts faster."""
    bits = len(sums).bit_length()
    if not len(sums) or int(np.abs(sums).max()).bit_length() + bits > 62:
        return np.argsort(sums, kind="stable")
    return np.sort((sums << bits) | np.arange(len(sums))) & ((1 << bits) - 1)


class _OutOfSteps(Exception):
    """The budget does not reach."""


class _Search:
    """One search by halves, size by size."""

    def __init__(self, items: Items, low: int, high: int, limits: Limits) -> None:
        self.items, self.low, self.high, self.limits = items, low, high, limits
        self.steps = 0
        self.formed = 0
        self.found: list[tuple[int, ...]] = []

    def answer(self) -> Answer:
        try:
            complete = all(self._size(size) for size in self._sizes())
        except _OutOfSteps:
            complete = False
        return Answer(tuple(self.found), complete, self.steps)

    def _sizes(self) -> list[int]:
        """Sizes in which the wanted sum lies between the smallest and the largest there is."""
        largest = min(self.limits.max_lines, len(self.items))
        extremes = ((size, *self.items.extremes(size)) for size in range(self.limits.least, largest + 1))
        return [size for size, least, most in extremes if least <= self.high and most >= self.low]

    def _size(self, size: int) -> bool:
        """Add the subsets of a size; whether more may be looked for."""
        half = size // 2
        self._form(size - half)
        if not half:
            return self._single()
        least, most = self.items.extremes(size - half)
        first, later = self.items.level(half), self.items.level(size - half)
        rows = np.arange(*np.searchsorted(first.sums, [self.low - most, self.high - least + 1]))
        return self._join(half, rows, size - half, later)

    def _single(self) -> bool:
        level = self.items.level(1)
        rows = np.arange(*np.searchsorted(level.sums, [self.low, self.high + 1]))
        return self._keep([[int(level.last[row])] for row in rows[level.whole[rows]]])

    def _form(self, size: int) -> None:
        """Form the halves, paid for before they are: too many are not begun."""
        cost = sum(comb(len(self.items), number) for number in range(1, size + 1))
        self._pay(max(cost - self.formed, 0))
        self.formed = max(cost, self.formed)

    def _pay(self, steps: int) -> None:
        stopped = self.limits.stopped
        if self.steps + steps > self.limits.max_steps or (stopped is not None and stopped()):
            raise _OutOfSteps
        self.steps += steps

    def _join(self, half: int, rows: Ints, rest: int, later: _Level) -> bool:
        """Look every first half up among the later ones."""
        self._pay(len(rows))
        first = self.items.level(half)
        start = np.searchsorted(later.sums, self.low - first.sums[rows], side="left")
        counts = np.searchsorted(later.sums, self.high - first.sums[rows], side="right") - start
        hits = np.flatnonzero(counts)
        rows, start, ends = rows[hits], start[hits], np.cumsum(counts[hits])
        total = int(ends[-1]) if len(ends) else 0
        for begin in range(0, total, CHUNK):
            self._pay(min(CHUNK, total - begin))
            pairs = np.arange(begin, min(begin + CHUNK, total))
            hit = np.searchsorted(ends, pairs, side="right")
            one, other = rows[hit], start[hit] + pairs - (ends[hit] - counts[hits][hit])
            joined = np.flatnonzero(self.items.joins(first.take(one), later.take(other)))[: self.limits.most]
            places = [self.items.members(half, one[at]) + self.items.members(rest, other[at]) for at in joined]
            if not self._keep(places):
                return False
        return True

    def _keep(self, places: list[list[int]]) -> bool:
        room = self.limits.most - len(self.found)
        self.found += [self.items.given(row) for row in places[:room]]
        return len(self.found) < self.limits.most
