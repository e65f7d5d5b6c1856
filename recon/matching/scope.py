"""Which lines each rule of a set may see: what `where` lets in, what exclude hides, what derive sets, pass by pass."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from recon.matching.abreast import abreast
from recon.matching.kept import Step
from recon.matching.side import Ints, Mask, Side, SideName
from rules.agenda import Memory, participation
from rules.evaluate import derived
from rules.model import Condition, Derive, Exclude, Match, Post, Rule


class Scope:
    """Memory of the rules engine for every rule and side, asked segment by segment: a derive rule ends a segment.

    The answers hold for a whole run; only about lines whose remainder changed is the engine asked again.
    """

    def __init__(self, rules: Iterable[Rule], sides: Mapping[SideName, Side]) -> None:
        self.sides = sides
        self.excluded: dict[tuple[str, SideName], Ints] = {}
        self.memory = Memory()
        self._segments = _segments(list(rules))
        self._masks: dict[tuple[str, SideName], Mask] = {}
        self._found: dict[tuple[str, SideName], dict[str, pa.Array]] = {}
        self._due: dict[tuple[str | int, SideName], Mask] = {}

    def start_pass(self) -> None:
        self.excluded.clear()
        for side in self.sides.values():
            side.hidden[:] = False
            side.forget_derived()

    def ask_again(self, name: SideName, rows: Ints) -> None:
        """The remainders of these lines changed: what was answered about them may no longer hold."""
        for (_asked, side), due in self._due.items():
            if side == name:
                due[rows] = True

    def shrink(self, name: SideName, step: Step) -> None:
        """The side goes on with fewer rows."""
        kept = step.kept
        self.excluded = {key: step.placed(rows) if key[1] == name else rows for key, rows in self.excluded.items()}
        self._masks = {key: mask[kept] if key[1] == name else mask for key, mask in self._masks.items()}
        self._due = {key: mask[kept] if key[1] == name else mask for key, mask in self._due.items()}
        for key, fields in self._found.items():
            if key[1] == name:
                self._found[key] = {field: values.take(pa.array(kept)) for field, values in fields.items()}

    def rows(self, rule: Match | Post, name: SideName) -> Ints:
        """Lines a match or post rule sees on a side, held ones included, in canonical order."""
        return np.flatnonzero(self.seen(rule, name))

    def seen_of_both(self, rule: Rule) -> tuple[Mask, Mask]:
        """Which lines of the left and of the right side a rule sees, held ones included."""
        return abreast(lambda: self.seen(rule, "left"), lambda: self.seen(rule, "right"))

    def seen(self, rule: Rule, name: SideName) -> Mask:
        """Which lines of a side a rule sees, held ones included."""
        side = self.sides[name]
        if where_of(rule, name) is None:
            return side.live & ~side.hidden
        return self._mask(rule, name) & side.live & ~side.hidden

    def exclude(self, rule: Exclude) -> None:
        for name in sides_of(rule.side):
            rows = np.flatnonzero(self.seen(rule, name))
            self.sides[name].hidden[rows] = True
            self.excluded[rule.key, name] = rows

    def derive(self, rule: Derive) -> None:
        sides = sides_of(rule.side)
        if len(sides) == 2:
            abreast(lambda: self._extract(rule, "left"), lambda: self._extract(rule, "right"))
        else:
            self._extract(rule, sides[0])
        for name in sides:
            for field, values in self._found[rule.key, name].items():
                self.sides[name].derive(rule.key, field, values)

    def _extract(self, rule: Derive, name: SideName) -> None:
        """What the rule finds on each line, null where it finds nothing or does not look."""
        seen, due = self._mask(rule, name), self._taken_up(rule.key, name)
        if not due.any() and (rule.key, name) in self._found:
            return
        side = self.sides[name]
        rows = np.flatnonzero(due & seen)
        values = derived(rule, side.fields(rows))
        known = self._found.get((rule.key, name), {})
        place = np.full(len(side), -1, dtype=np.int64)
        place[rows] = np.arange(len(rows))
        index = pa.array(place, mask=place < 0)
        self._found[rule.key, name] = {
            field: _where_due(due, found.take(index), known.get(field)) for field, found in values.items()
        }

    def _mask(self, rule: Rule, name: SideName) -> Mask:
        if where_of(rule, name) is None:
            return np.ones(len(self.sides[name]), dtype=bool)
        number = next(number for number, segment in enumerate(self._segments) if rule in segment)
        due = self._taken_up(number, name)
        if due.any() or (rule.key, name) not in self._masks:
            self._ask(number, name, np.flatnonzero(due))
        return self._masks[rule.key, name]

    def _ask(self, number: int, name: SideName, rows: Ints) -> None:
        side = self.sides[name]
        asking = [rule for rule in self._segments[number] if where_of(rule, name) is not None]
        for key, answer in participation(asking, name, side.fields(rows), self.memory).items():
            self._masks.setdefault((key, name), np.zeros(len(side), dtype=bool))[rows] = answer

    def _taken_up(self, asked: str | int, name: SideName) -> Mask:
        """The lines that a question is due for: all open ones at first, then those that changed. None stay due."""
        live = self.sides[name].live
        due = self._due.get((asked, name), live)
        if due is live or due.any():
            self._due[asked, name] = np.zeros(len(live), dtype=bool)
        return due & live


def _where_due(due: Mask, found: pa.Array, known: pa.Array | None) -> pa.Array:
    return found if known is None else pc.if_else(pa.array(due), found, known)


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
