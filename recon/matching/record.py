"""Writing down what a rule took: matches with their members and allocations, and what that leaves of the lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from recon.matching.candidates import FAR, Candidates, Opposed
from recon.matching.choose import Chosen
from recon.matching.side import Ints, Mask, Side, SideName
from recon.matching.units import Units, spans

SIDE = pd.CategoricalDtype(["left", "right"])

MATCH_COLUMNS = (
    "match",
    "rule",
    "outcome",
    "difference",
    "days_apart",
    "alternatives",
    "entry_type",
    "keep_open",
    "marked",
)
FIGURES: dict[str, type[Any]] = {
    "difference": np.int64,
    "days_apart": np.int64,
    "alternatives": np.int64,
    "marked": np.bool_,
}
LINES: dict[str, type[Any]] = {"match": np.int64, "side": np.int8, "row": np.int64, "allocated": np.int64}


@dataclass(slots=True)
class Members:
    """Lines of some matches on one side: `match` counts from 0, `row` is the position in the side."""

    match: Ints
    row: Ints

    def keep(self, kept: Mask) -> Members:
        """Members of the kept matches, which are renumbered."""
        stays = kept[self.match]
        renumbered = np.cumsum(kept) - 1
        return Members(renumbered[self.match[stays]].astype(np.int64), self.row[stays])


@dataclass(slots=True)
class Taken:
    """Matches that a rule made, one entry a match (twins taken apart), with the candidate each came from."""

    candidate: Ints
    left: Members
    right: Members

    def __len__(self) -> int:
        return len(self.candidate)

    def keep(self, kept: Mask) -> Taken:
        return Taken(self.candidate[kept], self.left.keep(kept), self.right.keep(kept))


def taken_matches(opposed: Opposed, candidates: Candidates, chosen: Chosen) -> Taken:
    return Taken(
        np.repeat(chosen.position, chosen.copies),
        _members(opposed.left, candidates.left[chosen.position], chosen.left_from, chosen.copies),
        _members(opposed.right, candidates.right[chosen.position], chosen.right_from, chosen.copies),
    )


def _members(units: Units, unit: Ints, first: Ints, copies: Ints) -> Members:
    """Group units give all their rows to one match; line units give one row to each copy."""
    if units.grouped:
        sizes = units.sizes[unit]
        return Members(
            np.repeat(np.arange(len(unit), dtype=np.int64), sizes), units.rows[spans(units.start[unit], sizes)]
        )
    rows = units.rows[spans(units.start[unit] + first, copies)]
    return Members(np.arange(len(rows), dtype=np.int64), rows)


def whole_allocations(side: Side, members: Members) -> Ints:
    return side.amount[members.row].copy()


def totals(members: Members, allocated: Ints, count: int) -> Ints:
    total = np.zeros(count, dtype=np.int64)
    np.add.at(total, members.match, allocated)
    return total


def cut_to_smaller(side: Side, members: Members, allocated: Ints, target: Ints, matches: Ints, days: Ints) -> None:
    """Cut the allocations of one side's larger matches to `target` in place (rule language, keep_open).

    Lines of opposite sign go first and whole, then by booking date and id; the last one keeps the remainder.
    """
    by_match = np.argsort(members.match, kind="stable")
    starts = np.searchsorted(members.match[by_match], matches)
    ends = np.searchsorted(members.match[by_match], matches, side="right")
    for goal, start, end in zip(target.tolist(), starts.tolist(), ends.tolist(), strict=True):
        places = by_match[start:end]
        sign = 1 if goal > 0 else -1
        order = sorted(
            places.tolist(),
            key=lambda at: (side.amount[members.row[at]] * sign > 0, days[members.row[at]], members.row[at]),
        )
        left = goal
        for at in order:
            amount = int(side.amount[members.row[at]])
            given = amount if amount * sign < 0 or abs(amount) <= abs(left) else left
            allocated[at] = given
            left -= given


@dataclass(frozen=True, slots=True)
class Entry:
    """What one rule wrote at one time.

    `figures` has one value a match (FIGURES), `lines` one a line: the match it is in (from 0), its side as a code of
    SIDE, its row and what of it is allocated.
    """

    rule: str
    entry_type: str | None
    keep_open: bool
    figures: Mapping[str, NDArray[Any]]
    lines: Mapping[str, NDArray[Any]]

    def __len__(self) -> int:
        return len(self.figures["difference"])

    def part(self, kept: Mask) -> Entry:
        """The kept matches, renumbered."""
        if kept.all():
            return self
        stays = kept[self.lines["match"]]
        lines = {name: values[stays] for name, values in self.lines.items()}
        lines["match"] = (np.cumsum(kept) - 1)[lines["match"]]
        return replace(self, figures={name: values[kept] for name, values in self.figures.items()}, lines=lines)


class Book:
    """All matches of a run so far. Suggestions can be taken back; confirmed matches stand."""

    def __init__(self) -> None:
        self._confirmed: list[Entry] = []
        self._suggested: list[Entry] = []

    @property
    def suggests(self) -> bool:
        return bool(self._suggested)

    def write(self, entry: Entry, suggested: Mask) -> None:
        for into, kept in ((self._confirmed, ~suggested), (self._suggested, suggested)):
            if kept.any():
                into.append(entry.part(kept))

    def drop_suggestions(self) -> None:
        self._suggested.clear()

    def frames(self) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Matches and members under one numbering: confirmed ones first, in the order in which they were made."""
        entries = [*self._confirmed, *self._suggested]
        sizes = np.array([len(entry) for entry in entries], dtype=np.int64)
        first = np.cumsum(sizes) - sizes
        members = [{**e.lines, "match": e.lines["match"] + at} for e, at in zip(entries, first, strict=True)]
        matches = pd.DataFrame(_stacked([entry.figures for entry in entries], FIGURES))
        outcomes = ["confirmed"] * len(self._confirmed) + ["suggested"] * len(self._suggested)
        matches = matches.assign(
            match=np.arange(len(matches), dtype=np.int64),
            rule=_repeated([entry.rule for entry in entries], sizes),
            outcome=_repeated(outcomes, sizes),
            entry_type=_repeated([entry.entry_type for entry in entries], sizes),
            keep_open=np.repeat(np.array([entry.keep_open for entry in entries], dtype=bool), sizes),
            days_apart=known_days(matches["days_apart"].to_numpy()),
        )
        return matches[list(MATCH_COLUMNS)], _members_frame(_stacked(members, LINES))


def _repeated(values: Sequence[str | None], sizes: Ints) -> pd.Categorical[Any]:
    """Each value as often as told, as codes: millions of matches share few words."""
    words = list(dict.fromkeys(value for value in values if value is not None))
    codes = np.array([-1 if value is None else words.index(value) for value in values], dtype=np.int64)
    return pd.Categorical.from_codes(np.repeat(codes, sizes), dtype=pd.CategoricalDtype(words))


def entry_lines(sides: Sequence[tuple[SideName, Members, Ints]]) -> dict[str, Ints]:
    """Lines of both sides with the amounts allocated, those of the first before those of the other."""
    codes = [np.full(len(each.row), SIDE.categories.get_loc(name), dtype=np.int8) for name, each, _allocated in sides]
    return {
        "match": np.concatenate([each.match for _name, each, _allocated in sides]),
        "side": np.concatenate(codes),
        "row": np.concatenate([each.row for _name, each, _allocated in sides]),
        "allocated": np.concatenate([allocated for _name, _each, allocated in sides]),
    }


def _members_frame(lines: dict[str, NDArray[Any]]) -> pd.DataFrame:
    side = pd.Categorical.from_codes(lines["side"], dtype=SIDE)
    return pd.DataFrame({**lines, "side": side}, copy=False)


def _stacked(parts: Sequence[Mapping[str, NDArray[Any]]], kinds: Mapping[str, type[Any]]) -> dict[str, NDArray[Any]]:
    return {
        name: np.concatenate([np.zeros(0, dtype=kind), *(part[name] for part in parts)]) for name, kind in kinds.items()
    }


def known_days(days: Ints) -> pd.Series[int]:
    """Days apart as a nullable column: missing where a date is."""
    return pd.Series(days, dtype="Int64").mask(days >= FAR // 2)
