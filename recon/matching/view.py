"""Both sides of a group as the rules of a set see them one after the other: derived fields set, hidden lines left out.

For questions about one line or one match. A run asks about all lines at once and has its own (`recon.matching.scope`).
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.compute as pc

from recon.matching.side import NO_DAY, Ints, Mask, SideName
from rules.columns import Columns
from rules.evaluate import derived, pair_truths, truth
from rules.explain import Row, rows
from rules.fields import FieldType, field_named
from rules.model import MANY_SIDES, Condition, Derive, Exclude, Leaf, Match, Post, Unit

Rows = tuple[int, ...]
"""Positions of lines in the frame of their side."""


@dataclass(frozen=True, slots=True)
class Pool:
    """The units of a side under a rule: unit n holds `rows[start[n]:start[n + 1]]`.

    `total`: Σ of the compared amount (minor units); `day`: of the unit's first line, NO_DAY where missing.
    """

    rows: Ints
    start: Ints
    total: Ints
    day: Ints

    def __len__(self) -> int:
        return len(self.start) - 1

    def members(self, unit: int) -> Rows:
        return tuple(self.rows[self.start[unit] : self.start[unit + 1]].tolist())

    def without(self, rows: Rows) -> Pool:
        """The units that hold none of these lines."""
        taken = np.isin(self.rows, rows)
        return self.keep(self.count(taken) == 0) if taken.any() else self

    def keep(self, kept: Mask) -> Pool:
        """Some of the units."""
        if kept.all():
            return self
        sizes = np.diff(self.start)
        start = np.concatenate([[0], np.cumsum(sizes[kept])]).astype(np.int64)
        return Pool(self.rows[np.repeat(kept, sizes)], start, self.total[kept], self.day[kept])

    def count(self, mask: Mask) -> Ints:
        """How many members of each unit the mask holds for."""
        if len(self.rows) == len(self):
            return mask[self.rows].astype(np.int64)
        return np.add.reduceat(mask[self.rows].astype(np.int64), self.start[:-1])


class View:
    """Frames of open lines (`rules.fields`), row by row; what was worked out of a side is kept until it changes."""

    def __init__(self, left: pd.DataFrame, right: pd.DataFrame) -> None:
        self.frames: dict[SideName, pd.DataFrame] = {"left": left, "right": right}
        self._hidden: dict[SideName, Mask] = {name: np.zeros(len(frame), bool) for name, frame in self.frames.items()}
        self._kept: dict[SideName, dict[Hashable, Any]] = {"left": {}, "right": {}}

    def apply(self, rule: Derive | Exclude | Post) -> None:
        """What a rule that makes no match does to the lines below it."""
        for name in self.frames:
            if rule.side not in ("both", name) or self.frames[name].empty:
                continue
            if isinstance(rule, Derive):
                self._derive(rule, name)
            else:
                self._hidden[name] |= truth(rule.where, self.columns(name))
                self._forget(name, ("pool",))

    def hide(self, name: SideName, lines: Mask) -> None:
        """Leave lines of a side out: another holds them."""
        self._hidden[name] |= lines
        self._forget(name, ("pool",))

    def hides(self, name: SideName, row: int) -> bool:
        return bool(self._hidden[name][row])

    def columns(self, name: SideName) -> Columns:
        return self._keep(name, ("columns",), lambda: Columns.of(self.frames[name]))  # type: ignore[no-any-return]

    def lines(self, name: SideName, wanted: Sequence[int]) -> list[Row]:
        """Lines of a side as `rules.explain` reads them."""
        known: dict[int, Row] = self._keep(name, ("lines",), dict)
        missing = sorted(set(wanted) - known.keys())
        if missing:
            known.update(zip(missing, rows(self.frames[name].iloc[missing]), strict=True))
        return [known[row] for row in wanted]

    def pool(self, rule: Match, name: SideName) -> Pool:
        """The units that a side has under a rule: lines that pass its conditions, alone or by key group."""
        unit, amount = unit_of(rule, name), amount_field(rule, name)
        day = rule.date.field if rule.date else "booking_date"
        key = ("pool", unit.where, keys_of(rule, name), amount, day)
        return self._keep(name, key, lambda: self._pool(rule, name, amount, day))  # type: ignore[no-any-return]

    def group(self, rule: Match, name: SideName, row: int) -> Rows:
        """The key group of a line under a rule; the line alone where the rule has no keys or a key is empty."""
        keys = keys_of(rule, name)
        codes = self.key_codes(name, keys) if keys else None
        if codes is None or codes[row] < 0:
            return (row,)
        same = (codes == codes[row]) & self.passing(name, unit_of(rule, name).where)
        return tuple(sorted({row, *np.flatnonzero(same).tolist()}))

    def passing(self, name: SideName, where: Condition | None) -> Mask:
        key = ("passing", where)
        found: Mask = self._keep(name, key, lambda: truth(where, self.columns(name)))
        return found & ~self._hidden[name]

    def hits(self, test: Leaf, name: SideName, row: int, other: SideName) -> Mask:
        """For which lines of the other side a test of a `pair` condition holds with one line."""
        key = ("hits", test, name, row)
        return self._keep(other, key, lambda: self._hits(test, name, row, other))  # type: ignore[no-any-return]

    def amounts(self, name: SideName, field: str) -> Ints:
        numbers, filled = self.columns(name).numbers(field)
        return np.where(filled, numbers, 0).astype(np.int64)

    def days(self, name: SideName, field: str) -> Ints:
        numbers, filled = self.columns(name).numbers(field)
        return np.where(filled, numbers, NO_DAY).astype(np.int64)

    def key_codes(self, name: SideName, keys: Sequence[str]) -> Ints:
        """One number a line for the values of its group keys; -1 where one is empty."""
        return self._keep(name, ("keys", tuple(keys)), lambda: self._key_codes(name, keys))  # type: ignore[no-any-return]

    def _derive(self, rule: Derive, name: SideName) -> None:
        columns = self.columns(name)
        here, frame = truth(rule.where, columns), self.frames[name].copy()
        for field, values in derived(rule, columns).items():
            found = pd.Series(pd.arrays.ArrowExtensionArray(values), index=frame.index)
            before = frame[field] if field in frame else pd.Series(pd.NA, index=frame.index, dtype=found.dtype)
            frame[field] = found.where(here & found.notna().to_numpy(dtype=bool), before)
        self.frames[name] = frame
        self._kept = {"left": {}, "right": {}}  # what compares with the other side has changed there too

    def _pool(self, rule: Match, name: SideName, amount: str, day: str) -> Pool:
        rows_of = np.flatnonzero(self.passing(name, unit_of(rule, name).where))
        keys = keys_of(rule, name)
        amounts, days = self.amounts(name, amount), self.days(name, day)
        if not keys:
            start = np.arange(len(rows_of) + 1, dtype=np.int64)
            return Pool(rows_of, start, amounts[rows_of], days[rows_of])
        codes = self.key_codes(name, keys)[rows_of]
        rows_of, codes = rows_of[codes >= 0], codes[codes >= 0]
        order = np.argsort(codes, kind="stable")
        rows_of, codes = rows_of[order], codes[order]
        heads = np.flatnonzero(np.diff(codes, prepend=-1))
        start = np.append(heads, len(codes)).astype(np.int64)
        total = np.add.reduceat(amounts[rows_of], heads) if len(heads) else np.zeros(0, dtype=np.int64)
        return Pool(rows_of, start, total, days[rows_of[heads]])

    def _hits(self, test: Leaf, name: SideName, row: int, other: SideName) -> Mask:
        one, many = self.columns(name).rows(np.array([row])), self.columns(other)
        first, every = np.zeros(len(many), dtype=np.int64), np.arange(len(many), dtype=np.int64)
        if name == "left":
            return pair_truths([test], one, many, first, every)[test]
        return pair_truths([test], many, one, every, first)[test]

    def _key_codes(self, name: SideName, keys: Sequence[str]) -> Ints:
        codes = np.zeros(len(self.frames[name]), dtype=np.int64)
        for key in keys:
            part = self._field_codes(name, key)
            together = codes * (int(part.max(initial=0)) + 1) + part
            _values, numbered = np.unique(together, return_inverse=True)
            codes = np.where((codes < 0) | (part < 0), -1, numbered)
        return codes

    def _field_codes(self, name: SideName, key: str) -> Ints:
        columns = self.columns(name)
        if field_named(key).type in (FieldType.TEXT, FieldType.SIGN):
            codes = pc.fill_null(columns.encoded(key).indices, -1)
            return np.asarray(codes.to_numpy(zero_copy_only=False), dtype=np.int64)
        numbers, filled = columns.numbers(key)
        _values, numbered = np.unique(numbers, return_inverse=True)
        return np.where(filled, numbered, -1).astype(np.int64)

    def _keep(self, name: SideName, key: Hashable, make: Callable[[], Any]) -> Any:
        kept = self._kept[name]
        if key not in kept:
            kept[key] = make()
        return kept[key]

    def _forget(self, name: SideName, kinds: Sequence[str]) -> None:
        kept = self._kept[name]
        self._kept[name] = {key: value for key, value in kept.items() if key[0] not in kinds}  # type: ignore[index]


def unit_of(rule: Match, name: SideName) -> Unit:
    return rule.left if name == "left" else rule.right


def keys_of(rule: Match, name: SideName) -> tuple[str, ...]:
    """The group keys of a side: only a "many" side has some."""
    return unit_of(rule, name).group_by if name in MANY_SIDES[rule.cardinality] else ()


def amount_field(rule: Match, name: SideName) -> str:
    return rule.amount.left if rule.internal or name == "left" else rule.amount.right


def other_side(rule: Match, name: SideName) -> SideName:
    """Where the lines stand that a rule matches with one of this side."""
    if rule.internal:
        return name
    return "right" if name == "left" else "left"
