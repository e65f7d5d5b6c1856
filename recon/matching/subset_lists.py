"""Many targets, each sought in one of many lists of items: small searches are made all at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from recon.matching.side import Ints, Mask
from recon.matching.subsets import Answer, Items, Limits, most_items

TOGETHER = 12
"""Items of which all subsets of many lists are listed at once."""

CELLS = 4_000_000
"""Sums held at a time."""

Searches = dict[tuple[bytes, ...], tuple[set[int], dict[int, Answer]]]
"""By list: the targets looked for before, in earlier passes too, and their answers where these are not “none”."""


@dataclass(frozen=True, slots=True)
class Lists:
    """List n holds items start[n]:start[n+1]: their `amounts` (minor units, none 0) by size, equal `twins` together.

    `sign` of a list is that of all its amounts, 0 where they differ.
    """

    amounts: Ints
    twins: Ints
    start: Ints
    sign: Ints

    @classmethod
    def of(cls, amounts: Ints, twins: Ints, number: Ints, count: int) -> tuple[Lists, Ints]:
        """`number` says which of `count` lists an item is in, where twins stand together. Also the order in which the
        items are held."""
        order = np.lexsort((np.abs(amounts), number))  # which leaves twins together
        sizes, positive = np.bincount(number, minlength=count), np.bincount(number[amounts > 0], minlength=count)
        start = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
        sign = np.where(positive == sizes, 1, np.where(positive == 0, -1, 0))
        return cls(amounts[order], twins[order], start, sign), order

    @property
    def sizes(self) -> Ints:
        return np.diff(self.start)

    def amount_after(self, count: int) -> Ints:
        """The size of the first item of each list beyond its `count` smallest; larger than any where it has no more."""
        beyond = np.full(len(self.sizes), np.iinfo(np.int64).max)
        long = self.sizes > count
        beyond[long] = np.abs(self.amounts[self.start[:-1][long] + count])
        return np.where(long & (self.sign == 0), 0, beyond)

    def hopeful(self, targets: Ints, lists: Ints, max_lines: int) -> Mask:
        """Whether a target lies between the smallest item and what the largest come to, where all have one sign."""
        ends, total = self.start[1:], np.concatenate([[0], np.cumsum(np.abs(self.amounts))])
        most = (total[ends] - total[np.maximum(ends - max_lines, self.start[:-1])])[lists]
        least = self.amount_after(0)[lists]
        inside: Mask = (np.abs(targets) >= least) & (np.abs(targets) <= most) & (self.sign[lists] == np.sign(targets))
        mixed: Mask = (self.sign[lists] == 0) & (self.sizes[lists] > 0)
        return inside | mixed

    def reach(self, targets: Ints, lists: Ints) -> Ints:
        """How many items of its list can be part of each target's sum: where all have one sign, those no larger."""
        sizes, sign = self.sizes[lists], self.sign[lists]
        number = np.repeat(np.arange(len(self.sizes)), self.sizes)
        largest = int(np.abs(self.amounts).max(initial=0)) + 1
        keys = number * largest + np.abs(self.amounts)
        wanted = lists * largest + np.abs(targets).clip(max=largest - 1)
        no_larger = np.searchsorted(keys, wanted, side="right") - self.start[lists]
        return np.where(sign == 0, sizes, np.where(sign == np.sign(targets), no_larger, 0)).astype(np.int64)

    def attainable(self, targets: Ints, lists: Ints, reach: Ints, max_lines: int) -> Mask:
        """Whether the largest items within reach come up to the target, where all have one sign."""
        total = np.concatenate([[0], np.cumsum(np.abs(self.amounts))])
        first = self.start[lists]
        most = total[first + reach] - total[first + (reach - max_lines).clip(min=0)]
        enough: Mask = (self.sign[lists] == 0) | (most >= np.abs(targets))
        return enough & (reach > 0)


@dataclass(frozen=True, slots=True)
class Pairs:
    """Who is sought where: `owner` wants the sum `target` of items of `of_list`."""

    owner: Ints
    target: Ints
    of_list: Ints

    def take(self, pairs: Ints) -> Pairs:
        return Pairs(self.owner[pairs], self.target[pairs], self.of_list[pairs])


@dataclass(frozen=True, slots=True)
class Found:
    """`solved`: which pair, and its answer where that is not “none”; `given_up`: pairs that were not searched to an end
    because the budget does not reach; `reach` of every pair."""

    solved: list[tuple[int, Answer]]
    given_up: Ints
    reach: Ints


def solve_lists(lists: Lists, pairs: Pairs, limits: Limits, known: Searches) -> Found:
    """The answer for every pair; positions in answers count from the start of the list.

    A search that could not come to its end within the budget is not begun: any item in its reach may be needed by it.
    Where that is true of all items in a pair's reach, nothing can be certain about them, so the pair is searched only
    for an owner who has found something elsewhere, to whom it matters whether there is a second way.
    """
    reach = lists.reach(pairs.target, pairs.of_list)
    hopeful = lists.attainable(pairs.target, pairs.of_list, reach, limits.max_lines)
    begun = hopeful & (reach <= most_items(limits.max_lines, limits.max_steps))
    doubtful = np.zeros(len(lists.sizes), dtype=np.int64)
    np.maximum.at(doubtful, pairs.of_list[hopeful & ~begun], reach[hopeful & ~begun])
    drowned = begun & (reach <= doubtful[pairs.of_list])
    solved = _solved(lists, pairs, reach, np.flatnonzero(begun & ~drowned), limits, known)
    lucky = np.zeros(int(pairs.owner.max(initial=-1)) + 1, dtype=bool)
    lucky[pairs.owner[[pair for pair, _ in solved]]] = True
    solved += _solved(lists, pairs, reach, np.flatnonzero(drowned & lucky[pairs.owner]), limits, known)
    cut_short = [pair for pair, answer in solved if answer.outcome == "gave_up"]
    given_up = np.concatenate([np.flatnonzero(hopeful & ~begun), np.array(cut_short, dtype=np.int64)])
    return Found(solved, given_up, reach)


def _solved(
    lists: Lists, pairs: Pairs, reach: Ints, asked: Ints, limits: Limits, known: Searches
) -> list[tuple[int, Answer]]:
    small, large = asked[reach[asked] <= TOGETHER], asked[reach[asked] > TOGETHER]
    small = small[_some_sum(lists, pairs.take(small), reach[small])]
    return [*_each(lists, pairs, np.concatenate([small, large]), limits, known)]


def _some_sum(lists: Lists, pairs: Pairs, reach: Ints) -> Mask:
    """Whether some subset within reach, of whatever size, has the sum."""
    found = np.zeros(len(reach), dtype=bool)
    for size in np.unique(reach).tolist():
        same = np.flatnonzero(reach == size)
        step = max(CELLS >> size, 1)
        for part in (same[at : at + step] for at in range(0, len(same), step)):
            amounts = lists.amounts[lists.start[pairs.of_list[part]][:, None] + np.arange(size)]
            found[part] = (_all_sums(amounts) == pairs.target[part][:, None]).any(axis=1)
    return found


def _all_sums(amounts: Ints) -> Ints:
    """The sums of all subsets of each row."""
    sums = np.zeros((len(amounts), 1 << amounts.shape[1]), dtype=np.int64)
    for place in range(amounts.shape[1]):
        width = 1 << place
        np.add(sums[:, :width], amounts[:, place : place + 1], out=sums[:, width : 2 * width])
    return sums


def _each(lists: Lists, pairs: Pairs, asked: Ints, limits: Limits, known: Searches) -> Iterator[tuple[int, Answer]]:
    """Answers list by list, other than “none”."""
    order = asked[np.argsort(pairs.of_list[asked], kind="stable")]
    heads = np.flatnonzero(np.diff(pairs.of_list[order], prepend=-1))
    for part in np.split(order, heads[1:]) if len(heads) else []:
        number = int(pairs.of_list[part[0]])
        inside = slice(int(lists.start[number]), int(lists.start[number + 1]))
        answers = _answers(lists.amounts[inside], lists.twins[inside], pairs.target[part], limits, known)
        yield from (
            (pair, answers[at])
            for pair, at in zip(part.tolist(), pairs.target[part].tolist(), strict=True)
            if at in answers
        )


def _answers(amounts: Ints, twins: Ints, targets: Ints, limits: Limits, known: Searches) -> dict[int, Answer]:
    """By target, those other than “none”."""
    same = twins[1:] == twins[:-1]
    bounds = np.array([limits.max_lines, limits.max_steps, limits.most, limits.least])
    done, answers = known.setdefault((amounts.tobytes(), same.tobytes(), bounds.tobytes()), (set(), {}))
    new = set(targets.tolist()) - done
    if new:
        answers |= Items(amounts, twins).solve_each(np.array(sorted(new), dtype=np.int64), limits)
        done |= new
    return answers
