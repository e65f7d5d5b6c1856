"""Who takes which lines where candidates are sets of lines that may overlap (rule language, subset search).

A candidate claims units: its target, and the lines that add up to it. Twins are one unit with a count; a unit is
contested when more of it is claimed than there is.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from recon.matching.side import Ints, Mask

Takes = list[tuple[int, int]]
"""Candidates taken, and how many times (for twins among the targets)."""


@dataclass(frozen=True, slots=True)
class Claims:
    """One entry a claim, by ascending candidate: it needs `need` of `unit`, `copies[candidate]` times; `there` is how
    many a unit has."""

    candidate: Ints
    unit: Ints
    need: Ints
    copies: Ints
    there: Ints

    def __len__(self) -> int:
        return len(self.copies)

    @property
    def wanted(self) -> Ints:
        return self.need * self.copies[self.candidate]

    def contested(self, live: Mask, left: Ints) -> Mask:
        """Claims of live candidates on what cannot serve all of them."""
        alive = live[self.candidate]
        demand = np.bincount(self.unit[alive], weights=self.wanted[alive], minlength=len(left))
        mine: Mask = alive & (demand > left)[self.unit]
        return mine

    def of(self, candidate: int) -> slice:
        """Its claims."""
        return slice(*np.searchsorted(self.candidate, [candidate, candidate + 1]).tolist())

    def any_of(self, claims: Mask) -> Mask:
        """Candidates that hold one of these claims."""
        return np.bincount(self.candidate[claims], minlength=len(self)) > 0

    def rivals(self, candidates: Ints) -> Ints:
        """Other candidates that contest a unit with each of `candidates`."""
        contested = self.contested(np.ones(len(self), dtype=bool), self.there)
        order = np.argsort(self.unit[contested], kind="stable")
        units, holders = self.unit[contested][order], self.candidate[contested][order]
        asked = np.isin(self.candidate, candidates) & contested
        others: dict[int, set[int]] = {int(candidate): set() for candidate in candidates}
        for candidate, unit in zip(self.candidate[asked].tolist(), self.unit[asked].tolist(), strict=True):
            low, high = np.searchsorted(units, [unit, unit + 1])
            others[candidate].update(holders[low:high].tolist())
        return np.array([len(others[int(c)] - {int(c)}) for c in candidates], dtype=np.int64)


def alone(claims: Claims, takeable: Mask) -> Takes:
    """`unique_only`: candidates that nobody contests."""
    contested = claims.any_of(claims.contested(np.ones(len(claims), dtype=bool), claims.there))
    return [(at, int(claims.copies[at])) for at in np.flatnonzero(takeable & ~contested).tolist()]


class Contest:
    """The other policies: whoever is strictly better than all that contest its units is taken, and so on."""

    def __init__(self, claims: Claims, takeable: Mask, rank: Ints) -> None:
        """`rank`: the smaller, the better the agreement."""
        self.claims, self.takeable, self.rank = claims, takeable, rank
        self.left = claims.there.copy()
        self.live: Mask = np.ones(len(claims), dtype=bool)
        self.taken: Takes = []
        while self._take_the_best():
            pass

    def _take_the_best(self) -> bool:
        take = np.flatnonzero(self.live & self.takeable & ~self.claims.any_of(self._not_best(strictly=True)))
        self._take(take, self.claims.copies[take])
        return len(take) > 0

    def _not_best(self, *, strictly: bool) -> Mask:
        """Contested claims for which a rival is better (or as good, where asked strictly)."""
        claims = self.claims
        contested = claims.contested(self.live, self.left)
        unit, rank = claims.unit[contested], self.rank[claims.candidate[contested]]
        best = np.full(len(self.left), np.iinfo(np.int64).max)
        np.minimum.at(best, unit, rank)
        beaten = rank > best[unit]
        if strictly:
            as_good = np.bincount(unit[~beaten], minlength=len(best))
            short = claims.wanted[contested] > self.left[unit]
            beaten |= (as_good[unit] > 1) | short
        result = np.zeros(len(claims.candidate), dtype=bool)
        result[np.flatnonzero(contested)[beaten]] = True
        return result

    def _take(self, candidates: Ints, copies: Ints) -> None:
        claims = self.claims
        times = np.zeros(len(claims), dtype=np.int64)
        times[candidates] = copies
        np.subtract.at(self.left, claims.unit, claims.need * times[claims.candidate])
        self.taken += list(zip(candidates.tolist(), copies.tolist(), strict=True))
        self.live[candidates] = False
        self.live &= ~claims.any_of(claims.need > self.left[claims.unit])

    def tied(self) -> Ints:
        """Candidates that could be taken and that no rival is better than: for a person to choose."""
        return np.flatnonzero(self.live & self.takeable & ~self.claims.any_of(self._not_best(strictly=False)))

    def settle_all(self, order: Ints) -> None:
        """`first`, `newest`: what is tied, from best to worst and equals in `order`; what cannot be taken when its turn
        comes bars its units from anything worse."""
        barred = np.zeros(len(self.left), dtype=bool)
        places = np.lexsort((order, self.rank))
        heads = np.flatnonzero(np.diff(self.rank[places], prepend=-2))
        for equals in np.split(places, heads[1:]) if len(heads) else []:
            self._settle(equals, barred)
            rivals = np.isin(self.claims.candidate, equals[self.live[equals]])
            barred[self.claims.unit[rivals & self.claims.contested(self.live, self.left)]] = True

    def _settle(self, equals: Ints, barred: Mask) -> None:
        for candidate in equals[self.live[equals] & self.takeable[equals]].tolist():
            mine = self.claims.of(candidate)
            units = self.claims.unit[mine]
            room = int((self.left[units] // self.claims.need[mine]).min())
            if room and self.live[candidate] and not barred[units].any():
                copies = min(room, int(self.claims.copies[candidate]))
                self._take(np.array([candidate]), np.array([copies]))
