"""Ties under `suggest`: candidates that nothing separates, listed as one choice for a person (rule language, a run)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from recon.matching.candidates import Candidates, Opposed
from recon.matching.components import joined
from recon.matching.kept import Step
from recon.matching.side import Ints, Side, SideName
from recon.matching.units import Units

COLUMNS = {"choice": "int64", "candidate": "int64", "rule": "object", "side": "object", "row": "int64"}

MOST_CANDIDATES = 50
"""Candidates written for one choice: a person cannot weigh more, and equal lines may give any number."""

Member = tuple[SideName, int]


@dataclass(frozen=True, slots=True)
class Tie:
    """One tied candidate: its lines."""

    members: tuple[Member, ...]


class Choices:
    """Ties of each rule as it last looked; written out after the last pass, for lines that are still open."""

    def __init__(self) -> None:
        self._ties: dict[str, list[Tie]] = {}

    def keep(self, rule_key: str, opposed: Opposed, candidates: Candidates, tied: Ints) -> None:
        self._ties[rule_key] = [
            Tie(
                (
                    *_first_lines(opposed.left_side, opposed.left, left),
                    *_first_lines(opposed.right_side, opposed.right, right),
                )
            )
            for left, right in zip(candidates.left[tied].tolist(), candidates.right[tied].tolist(), strict=True)
        ]

    def forget(self, rule_key: str) -> None:
        """The rule has no ties left."""
        self._ties[rule_key] = []  # and keeps its place among the rules

    def shrink(self, name: SideName, step: Step) -> None:
        """The side goes on with fewer rows; a tie that has lost a line is none."""
        for key, ties in self._ties.items():
            moved = [
                Tie(tuple((side, int(step.place[row]) if side == name else row) for side, row in t.members))
                for t in ties
            ]
            self._ties[key] = [tie for tie in moved if all(row >= 0 for _side, row in tie.members)]

    def frame(self, sides: Mapping[SideName, Side]) -> pd.DataFrame:
        """Columns choice, candidate, rule, side, row. A line stands in one choice only: that of the first rule."""
        claimed: set[Member] = set()
        rows: list[tuple[int, int, str, str, int]] = []
        number = 0
        for rule_key, ties in self._ties.items():
            free = [tie for tie in ties if _open(sides, tie) and not claimed.intersection(tie.members)]
            for component in _components(free):
                for place, tie in enumerate(component[:MOST_CANDIDATES]):
                    rows += [(number, place, rule_key, side, row) for side, row in tie.members]
                claimed.update(member for tie in component for member in tie.members)
                number += 1
        return pd.DataFrame(rows, columns=list(COLUMNS)).astype(COLUMNS)


def _first_lines(side: Side, units: Units, unit: int) -> list[Member]:
    """A group's lines, or the first of a unit's twins."""
    start = int(units.start[unit])
    stop = int(units.start[unit + 1]) if units.grouped else start + 1
    return [(side.name, int(row)) for row in units.rows[start:stop]]


def _open(sides: Mapping[SideName, Side], tie: Tie) -> bool:
    return all(sides[name].live[row] and not sides[name].held[row] for name, row in tie.members)


def _components(ties: list[Tie]) -> list[list[Tie]]:
    """Ties that share lines, directly or through others, together; in the order of their first."""
    home: dict[Member, int] = {}
    shares = [(home.setdefault(member, number), number) for number, tie in enumerate(ties) for member in tie.members]
    together: dict[int, list[Tie]] = {}
    for root, tie in zip(joined(len(ties), shares), ties, strict=True):
        together.setdefault(root, []).append(tie)
    return list(together.values())
