"""What people took apart is not put together again by the same rule, and by another only as a marked suggestion."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping

import numpy as np
import pandas as pd

from recon.matching.candidates import Candidates, Opposed
from recon.matching.kept import Step
from recon.matching.record import Taken
from recon.matching.result import set_hash
from recon.matching.side import Ints, Mask, Side, SideName
from rules.encoding import rule_hash
from rules.model import Match


class Refusals:
    """Refused sets of lines with the hash of the rule's meaning. Costs nothing where there are none."""

    def __init__(
        self,
        refused: Collection[tuple[str, str]],
        sides: Mapping[SideName, Side],
        frames: tuple[pd.DataFrame, pd.DataFrame],
    ) -> None:
        self.rules_of: dict[str, set[str]] = defaultdict(set)
        for lines, rule in refused:
            self.rules_of[lines].add(rule)
        self.ids: dict[SideName, list[str]] = {}
        if refused:
            for (name, side), frame in zip(sides.items(), frames, strict=True):
                self.ids[name] = frame["id"].iloc[side.order].tolist()

    def shrink(self, name: SideName, step: Step) -> None:
        """The side goes on with fewer rows."""
        if name in self.ids:
            self.ids[name] = [self.ids[name][row] for row in step.kept.tolist()]

    def allowed(self, rule: Match, opposed: Opposed, candidates: Candidates) -> Candidates:
        """Without the refused ones, so that these make nothing else ambiguous. (Twins are looked at one by one,
        later.)"""
        if not self.rules_of:
            return candidates
        mine = rule_hash(rule)
        single = (opposed.left.copies[candidates.left] == 1) & (opposed.right.copies[candidates.right] == 1)
        keep = np.ones(len(candidates), dtype=bool)
        for at in np.flatnonzero(single):
            left = opposed.left.take(candidates.left[at : at + 1]).rows
            right = opposed.right.take(candidates.right[at : at + 1]).rows
            keep[at] = mine not in self.rules_of.get(self._hash(opposed, left.tolist(), right.tolist()), ())
        return candidates.keep(keep)

    def of(self, rule: Match, opposed: Opposed, taken: Taken) -> tuple[Mask, Mask]:
        """Which matches were refused under this rule, and which under another."""
        refused, marked = np.zeros(len(taken), dtype=bool), np.zeros(len(taken), dtype=bool)
        if not self.rules_of:
            return refused, marked
        mine, rows = rule_hash(rule), _rows_by_match(taken)
        for match, (left, right) in enumerate(rows):
            rules = self.rules_of.get(self._hash(opposed, left, right), set())
            refused[match] = mine in rules
            marked[match] = bool(rules) and mine not in rules
        return refused, marked

    def of_lines(self, rule: str, name: SideName, rows: Ints) -> tuple[Mask, Mask]:
        """Which single lines of a side were refused under the rule of that hash, and which under another."""
        refused, marked = np.zeros(len(rows), dtype=bool), np.zeros(len(rows), dtype=bool)
        if self.rules_of:
            for at, row in enumerate(rows.tolist()):
                rules = self.rules_of.get(set_hash([self.ids[name][row]]), set())
                refused[at], marked[at] = rule in rules, bool(rules) and rule not in rules
        return refused, marked

    def _hash(self, opposed: Opposed, left: list[int], right: list[int]) -> str:
        one, other = self.ids[opposed.left_side.name], self.ids[opposed.right_side.name]
        return set_hash([*(one[row] for row in left), *(other[row] for row in right)])


def _rows_by_match(taken: Taken) -> list[tuple[list[int], list[int]]]:
    rows: list[tuple[list[int], list[int]]] = [([], []) for _ in range(len(taken))]
    for place, members in enumerate((taken.left, taken.right)):
        for match, row in zip(members.match.tolist(), members.row.tolist(), strict=True):
            rows[match][place].append(row)
    return rows
