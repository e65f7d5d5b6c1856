"""What stands on one side of a candidate: lines (equal ones together, as twins) or key groups."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from recon.matching.side import TWIN_FIELDS, Ints, Mask, Side, dense, refine, refined


@dataclass(slots=True)
class Units:
    """Units of one side for one rule, in canonical order.

    Unit u holds rows[start[u]:start[u+1]] (positions in the side). Where `grouped`, these are the members of one
    key group;
    else they are `copies` interchangeable lines, each a unit of its own. `total`, `first_day`, `last_day` are of
    one copy.
    """

    rows: Ints
    start: Ints
    total: Ints
    currency: Ints
    first_day: Ints
    last_day: Ints
    held: Mask
    grouped: bool

    def __len__(self) -> int:
        return len(self.total)

    @property
    def single(self) -> bool:
        """Whether every unit is one line, as most are."""
        return len(self.rows) == len(self.total)

    @property
    def copies(self) -> Ints:
        return np.ones(len(self), dtype=np.int64) if self.grouped else np.diff(self.start)

    @property
    def sizes(self) -> Ints:
        return np.diff(self.start) if self.grouped else np.ones(len(self), dtype=np.int64)

    @property
    def first_row(self) -> Ints:
        return self.rows[self.start[:-1]]

    def take(self, keep: Ints) -> Units:
        """The units at these positions, in this order."""
        if self.single:
            rows, start = self.rows[keep], np.arange(len(keep) + 1, dtype=np.int64)
        else:
            lengths = np.diff(self.start)[keep]
            rows, start = self.rows[spans(self.start[:-1][keep], lengths)], _starts(lengths)
        return Units(
            rows,
            start,
            self.total[keep],
            self.currency[keep],
            self.first_day[keep],
            self.last_day[keep],
            self.held[keep],
            self.grouped,
        )


def still_live(units: Units, side: Side) -> tuple[Units, Ints] | None:
    """The units without the lines matched since, and the new position of every old unit (-1 where none of it is left).

    None where they must be formed anew: a key group lost a line but not all.
    """
    live = side.live[units.rows]
    if units.single:
        kept = np.flatnonzero(live)
        return replace(units.take(kept), held=side.held[units.rows[kept]]), _places(kept, len(units))
    heads = units.start[:-1]
    left = np.add.reduceat(live.astype(np.int64), heads)
    held = np.add.reduceat((live & side.held[units.rows]).astype(np.int64), heads)
    if units.grouped and np.any((left > 0) & (left < np.diff(units.start))):
        return None
    kept = np.flatnonzero(left)
    rest = replace(units.take(kept), rows=units.rows[live], start=_starts(left[kept]), held=held[kept] > 0)
    return rest, _places(kept, len(units))


def parted(units: Units, side: Side) -> tuple[Units, Ints] | None:
    """Units of which a suggestion holds some twins and not the others as two each, and which of `units` every one is.

    None where there are none such, as mostly.
    """
    if units.grouped or units.single:
        return None
    held, heads, sizes = side.held[units.rows], units.start[:-1], np.diff(units.start)
    some = np.add.reduceat(held, heads, dtype=np.int64)
    mixed = (some > 0) & (some < sizes)
    if not mixed.any():
        return None
    number = np.repeat(np.arange(len(units)), sizes)
    part, order = number * 2, np.arange(len(number))
    of_mixed = np.flatnonzero(mixed[number])
    part[of_mixed] += held[of_mixed]
    order[of_mixed] = of_mixed[np.argsort(part[of_mixed], kind="stable")]
    heads = np.flatnonzero(np.diff(part[order], prepend=-1))
    of, rows = number[heads], units.rows[order]
    start = np.append(heads, len(rows)).astype(np.int64)
    total, currency, first, last = units.total[of], units.currency[of], units.first_day[of], units.last_day[of]
    return Units(rows, start, total, currency, first, last, side.held[rows[heads]], grouped=False), of


def _places(kept: Ints, count: int) -> Ints:
    """The new position of each of `count` units of which some are kept; -1 for the others."""
    place = np.full(count, -1, dtype=np.int64)
    place[kept] = np.arange(len(kept))
    return place


def _starts(lengths: Ints) -> Ints:
    return np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)


def spans(starts: Ints, lengths: Ints) -> Ints:
    """Concatenation of start, start+1, … start+length-1 for every pair."""
    total = int(lengths.sum())
    if total == 0:
        return np.zeros(0, dtype=np.int64)
    ends = np.cumsum(lengths)
    places: Ints = np.arange(total, dtype=np.int64) + np.repeat(starts - (ends - lengths), lengths)
    return places


@dataclass(frozen=True, slots=True)
class Measure:
    """The amount, currency and day of every line of a side as one rule reads them. `filled` is false where the
    amount is missing."""

    amount: Ints
    currency: Ints
    day: Ints
    filled: Mask


def line_units(side: Side, rows: Ints, measure: Measure, tested: Sequence[str]) -> Units:
    """Every line a unit; twins (equal in the twin fields, the remainder and every tested field) together in id
    order."""
    twin = _rule_twins(side, rows, measure, tested)
    if twin is None:
        order, start = rows, np.arange(len(rows) + 1, dtype=np.int64)
    else:
        by_class = np.argsort(twin, kind="stable")
        order = rows[by_class]
        heads = np.flatnonzero(np.diff(twin[by_class], prepend=-1))
        start = np.append(heads, len(rows)).astype(np.int64)
    first = order[start[:-1]]
    return Units(
        order,
        start,
        measure.amount[first],
        measure.currency[first],
        measure.day[first],
        measure.day[first],
        side.held[first],
        grouped=False,
    )


def _rule_twins(side: Side, rows: Ints, measure: Measure, tested: Sequence[str]) -> Ints | None:
    """Class of every row of `rows`, or None where all lines differ."""
    base, several = side.twins()
    shared = several[rows]
    if not shared.any():
        return None
    twins = rows.copy()
    among = rows[shared]
    further = [field for field in dict.fromkeys(tested) if field not in _OF_AMOUNT and _adds(side, field)]
    plain = not (further or side.cut) and measure.amount is side.amount
    twins[shared] = base[among] if plain else _refined(side, among, base, measure, further)
    return twins


_OF_AMOUNT = ("amount", "abs_amount", "sign")


def _adds(side: Side, field: str) -> bool:
    """Whether a tested field can tell twins apart: the twin fields as imported cannot."""
    return field not in TWIN_FIELDS or bool(side.applied(field))


def _refined(side: Side, among: Ints, base: Ints, measure: Measure, further: Sequence[str]) -> Ints:
    """Twins on the imported fields may differ in what remains of them, and in what else the rule reads."""
    start = dense(base[among])
    if side.cut or measure.amount is not side.amount:
        for amounts in (side.amount, measure.amount):
            start = refined(start, dense(amounts[among]))
    return refine(start, among, side, further)


def group_units(side: Side, rows: Ints, measure: Measure, keys: Sequence[str], smallest: int) -> Units:
    """Key groups of `rows`: lines that share all keys and the currency; none with an empty key, a held or an
    unmeasured member.

    `smallest` is the least number of lines of a unit.
    """
    columns = [side.key_codes(key)[rows] for key in keys]
    complete = np.logical_and.reduce([column >= 0 for column in columns])
    rows = rows[complete]
    group = folded([*(column[complete] for column in columns), measure.currency[rows]])
    by_group = np.argsort(group, kind="stable")
    order = rows[by_group]
    heads = np.flatnonzero(np.diff(group[by_group], prepend=-1))
    start = np.append(heads, len(order)).astype(np.int64)
    units = _summed(side, order, start, measure)
    sizes = np.diff(start)
    lacking = np.add.reduceat(~measure.filled[order], heads) if len(heads) else np.zeros(0, dtype=np.int64)
    return units.take(np.flatnonzero((sizes >= smallest) & (lacking == 0)))


def folded(columns: Sequence[Ints]) -> Ints:
    """One code for each combination of codes, numbered in the order in which they come."""
    folded = np.zeros(len(columns[0]), dtype=np.int64)
    for column in columns:
        codes = column - column.min(initial=0)
        folded = pd.factorize(folded * (int(codes.max(initial=0)) + 1) + codes)[0].astype(np.int64)
    return folded


def _summed(side: Side, order: Ints, start: Ints, measure: Measure) -> Units:
    heads = start[:-1]
    if not len(heads):
        empty = np.zeros(0, dtype=np.int64)
        return Units(order, start, empty, empty, empty, empty, np.zeros(0, dtype=bool), grouped=True)
    days = measure.day[order]
    return Units(
        order,
        start,
        np.add.reduceat(measure.amount[order], heads),
        measure.currency[order[heads]],
        np.minimum.reduceat(days, heads),
        np.maximum.reduceat(days, heads),
        np.add.reduceat(side.held[order], heads) > 0,
        grouped=True,
    )


def unit_codes(units: Units, codes: Ints) -> Ints:
    """Code that all members of a unit share in a field; -1 where one is missing or they differ."""
    if not units.grouped:
        return codes[units.first_row]
    if not len(units):
        return np.zeros(0, dtype=np.int64)
    members = codes[units.rows]
    heads = units.start[:-1]
    low, high = np.minimum.reduceat(members, heads), np.maximum.reduceat(members, heads)
    return np.where(low == high, low, -1)


def currency_codes(sides: Sequence[tuple[Side, str]], known: dict[str, int]) -> list[Ints]:
    """Codes of currency columns in one numbering that `known` carries through a run; -1 for missing."""
    coded = []
    for side, field in sides:
        local, names = side.words(field)
        numbers = np.array([known.setdefault(name, len(known)) for name in names], dtype=np.int64)
        coded.append(np.where(local >= 0, numbers[local] if len(numbers) else -1, -1).astype(np.int64))
    return coded
