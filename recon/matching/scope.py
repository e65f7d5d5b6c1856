"""Which lines each rule of a set may see: what `where` lets in, what exclude hides, what derive sets, pass by pass."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import pyarrow as pa

from recon.matching.side import Ints, Mask, Side, SideName
from rules.agenda import participation
from rules.evaluate import derived
from rules.model import Condition, Derive, Exclude, Match, Post, Rule, Test, leaves


class Scope:
    """Answers of the rules engine for every rule and side, asked segment by segment: a derive rule ends a segment.

    The answers hold for a whole run; only a remainder that changed makes the engine be asked again.
    """

    def __init__(self, rules: Iterable[Rule], sides: Mapping[SideName, Side]) -> None:
        self.sides = sides
        self.excluded: dict[tuple[str, SideName], Ints] = {}
        self._segments = _segments(list(rules))
        self._masks: dict[tuple[str, SideName], Mask] = {}
        self._asked: set[tuple[int, SideName]] = set()
        self._found: dict[tuple[str, SideName], dict[str, pa.Array]] = {}

    def start_pass(self) -> None:
        self.excluded.clear()
        for side in self.sides.values():
            side.hidden[:] = False
            side.forget_derived()

    def ask_again(self) -> None:
        """A remainder changed: what was answered about amounts may no longer hold."""
        self._asked.clear()
        self._found.clear()

    def rows(self, rule: Match | Post, name: SideName) -> Ints:
        """Lines a match or post rule sees on a side, held ones included, in canonical order."""
        side = self.sides[name]
        return np.flatnonzero(self._mask(rule, name) & side.live & ~side.hidden)

    def exclude(self, rule: Exclude) -> None:
        for name in sides_of(rule.side):
            side = self.sides[name]
            rows = np.flatnonzero(self._mask(rule, name) & side.live & ~side.hidden)
            side.hidden[rows] = True
            self.excluded[rule.key, name] = rows

    def derive(self, rule: Derive) -> None:
        for name in sides_of(rule.side):
            if (rule.key, name) not in self._found:
                self._found[rule.key, name] = self._extract(rule, name)
            for field, values in self._found[rule.key, name].items():
                self.sides[name].derive(rule.key, field, values)

    def _extract(self, rule: Derive, name: SideName) -> dict[str, pa.Array]:
        side = self.sides[name]
        rows = np.flatnonzero(self._mask(rule, name) & side.live)
        frame = side.frame([extract.source for _, extract in rule.set], rows)
        place = np.full(len(side), -1, dtype=np.int64)
        place[rows] = np.arange(len(rows))
        index = pa.array(place, mask=place < 0)
        return {field: values.take(index) for field, values in derived(rule, frame).items()}

    def _mask(self, rule: Rule, name: SideName) -> Mask:
        if where_of(rule, name) is None:
            return np.ones(len(self.sides[name]), dtype=bool)
        number = next(number for number, segment in enumerate(self._segments) if rule in segment)
        if (number, name) not in self._asked:
            self._ask(number, name)
        return self._masks[rule.key, name]

    def _ask(self, number: int, name: SideName) -> None:
        side = self.sides[name]
        asking = [rule for rule in self._segments[number] if where_of(rule, name) is not None]
        read = [leaf.field for rule in asking for leaf in leaves(where_of(rule, name)) if isinstance(leaf, Test)]
        rows = np.flatnonzero(side.live)
        for key, answer in participation(asking, name, side.frame(read, rows)).items():
            mask = np.zeros(len(side), dtype=bool)
            mask[rows[answer]] = True
            self._masks[key, name] = mask
        self._asked.add((number, name))


def where_of(rule: Rule, name: SideName) -> Condition | None:
    """The condition that a rule puts on the lines of a side."""
    if isinstance(rule, Match):
        return (rule.left if name == "left" else rule.right).where
    return rule.where


def sides_of(side: str) -> tuple[SideName, ...]:
    """The sides that a rule for `left`, `right` or `both` is about."""
    if side == "both":
        return ("left", "right")
    return ("left",) if side == "left" else ("right",)


def _segments(rules: list[Rule]) -> list[list[Rule]]:
    segments: list[list[Rule]] = [[]]
    for rule in rules:
        segments[-1].append(rule)
        if isinstance(rule, Derive):
            segments.append([])
    return segments
