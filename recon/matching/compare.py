"""Two sets of matches over the same lines, held beside each other: what is the same, new, lost or changed.

For a backtest what stood is compared with what a draft finds, for a preview what the rules in force find with what the
edited ones do. Every match of either set is in exactly one group (law).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from recon.matching.components import joined
from recon.matching.side import Ints

Kind = Literal["same", "changed", "lost", "new"]
KINDS: tuple[Kind, ...] = ("same", "changed", "lost", "new")
FIGURES = (
    "kind",
    "groups",
    "stood",
    "found",
    "stood_lines",
    "found_lines",
    "stood_turnover_minor",
    "found_turnover_minor",
)


@dataclass(frozen=True, slots=True)
class MatchSet:
    """Matches, numbered by their position.

    `matches`: rule (None for one by hand), outcome. `members`: match, line (int64, the same number for the same line in
    both sets), side, amount_minor (what the match takes of the line, in the group's sign).
    """

    matches: pd.DataFrame
    members: pd.DataFrame

    def __len__(self) -> int:
        return len(self.matches)

    def sizes(self) -> Ints:
        """Lines of each match."""
        return np.bincount(self.members["match"].to_numpy(dtype=np.int64), minlength=len(self)).astype(np.int64)

    def turnover(self) -> Ints:
        """What each match moves, whatever the sign: the larger of its two columns (left in against left out)."""
        amount = self.members["amount_minor"].to_numpy(dtype=np.int64)
        signed = np.where((self.members["side"] == "left").to_numpy(dtype=bool), amount, -amount)
        columns = np.zeros((2, len(self)), dtype=np.int64)
        number = self.members["match"].to_numpy(dtype=np.int64)
        np.add.at(columns, ((signed < 0).astype(np.int64), number), np.abs(signed))
        larger: Ints = columns.max(axis=0, initial=0)
        return larger


@dataclass(frozen=True, slots=True)
class Comparison:
    """`kinds`: the kind of each group; `stood_group` and `found_group`: the group of each match.

    same: the same lines with the same amounts, one match of each set. changed: matches that share lines and are not the
    same. lost: a match that stood, of whose lines nothing is found. new: the reverse.
    """

    stood: MatchSet
    found: MatchSet
    kinds: tuple[Kind, ...]
    stood_group: Ints
    found_group: Ints

    def kinds_of(self, group: Ints) -> np.ndarray[tuple[int], np.dtype[np.object_]]:
        return np.array(self.kinds, dtype=object)[group] if self.kinds else np.empty(0, dtype=object)

    def figures(self) -> pd.DataFrame:
        """One row a kind, all kinds in the order of KINDS: FIGURES, counts and turnover in minor units."""
        found = {kind: _Tally() for kind in KINDS}
        for kind in self.kinds:
            found[kind].groups += 1
        for which, group, matches in (("stood", self.stood_group, self.stood), ("found", self.found_group, self.found)):
            parts = pd.DataFrame({"lines": matches.sizes(), "minor": matches.turnover(), "matches": 1})
            kinds = self.kinds_of(group)
            for kind in KINDS:
                found[kind].add(which, parts[kinds == kind])
        return pd.DataFrame([tally.row(kind) for kind, tally in found.items()], columns=list(FIGURES))


class _Tally:
    def __init__(self) -> None:
        self.groups = 0
        self.sums = dict.fromkeys(FIGURES[2:], 0)

    def add(self, which: str, part: pd.DataFrame) -> None:
        for ending, column in (("", "matches"), ("_lines", "lines"), ("_turnover_minor", "minor")):
            self.sums[which + ending] += int(part[column].sum())

    def row(self, kind: Kind) -> tuple[object, ...]:
        return (kind, self.groups, *self.sums.values())


def compare(stood: MatchSet, found: MatchSet) -> Comparison:
    """Group the matches of both sets. Linear in the members where a line is in few matches."""
    shared = _shared(stood, found)
    same = _same(shared, stood, found)
    group_of = _grouped(shared, same, len(stood), len(found))
    stood_group, found_group = group_of[: len(stood)], group_of[len(stood) :]
    count = int(group_of.max(initial=-1)) + 1
    return Comparison(stood, found, _kinds(count, stood_group, found_group, same), stood_group, found_group)


def _shared(stood: MatchSet, found: MatchSet) -> pd.DataFrame:
    """Pairs of matches that share lines: stood, found, and how many members are equal in line and amount."""
    columns = ["match", "line", "amount_minor"]
    pairs = stood.members[columns].merge(found.members[columns], on="line", suffixes=("_stood", "_found"))
    equal = pairs["amount_minor_stood"].to_numpy(dtype=np.int64) == pairs["amount_minor_found"].to_numpy(dtype=np.int64)
    named = pd.DataFrame({"stood": pairs["match_stood"], "found": pairs["match_found"], "equal": equal})
    return named.groupby(["stood", "found"], as_index=False, sort=True).agg(equal=("equal", "sum"))


def _same(shared: pd.DataFrame, stood: MatchSet, found: MatchSet) -> dict[int, int]:
    """Matches that stood -> matches found that are the same; of several equal ones each is taken once, in order."""
    one, other = shared["stood"].to_numpy(dtype=np.int64), shared["found"].to_numpy(dtype=np.int64)
    sizes = stood.sizes()[one], found.sizes()[other]
    equal = shared["equal"].to_numpy(dtype=np.int64)
    pairs = shared[(equal == sizes[0]) & (equal == sizes[1])][["stood", "found"]]
    # All equal to one are equal to each other: such a class is named by its first found match.
    classes = pairs.groupby("stood", as_index=False)["found"].min().rename(columns={"found": "of"})
    members = classes.merge(pairs, on="stood")[["of", "found"]].drop_duplicates()
    stood_place, found_place = classes.groupby("of").cumcount(), members.groupby("of").cumcount()
    taken = classes.assign(place=stood_place).merge(members.assign(place=found_place), on=["of", "place"])
    return dict(zip(taken["stood"].tolist(), taken["found"].tolist(), strict=True))


def _grouped(shared: pd.DataFrame, same: dict[int, int], stood: int, found: int) -> Ints:
    """The group of every match, those that stood first; groups are numbered by their first match."""
    roots = np.arange(stood + found, dtype=np.int64)
    roots[stood + _numbers(same.values())] = _numbers(same)
    settled = np.zeros(stood + found, dtype=bool)
    settled[_numbers(same)] = settled[stood + _numbers(same.values())] = True
    one, other = shared["stood"].to_numpy(dtype=np.int64), stood + shared["found"].to_numpy(dtype=np.int64)
    left = ~settled[one] & ~settled[other]
    joins = np.unique(np.concatenate([one[left], other[left]]), return_inverse=True)
    names, pairs = joins[0], joins[1].reshape(2, -1).T
    roots[names] = names[np.array(joined(len(names), pairs.tolist()), dtype=np.int64)]
    return pd.factorize(roots)[0].astype(np.int64)


def _numbers(keys: Collection[int]) -> Ints:
    return np.fromiter(keys, dtype=np.int64, count=len(keys))


def _kinds(count: int, stood: Ints, found: Ints, same: dict[int, int]) -> tuple[Kind, ...]:
    standing, finding = np.zeros(count, dtype=bool), np.zeros(count, dtype=bool)
    standing[stood], finding[found] = True, True
    kinds = np.where(standing & finding, "changed", np.where(standing, "lost", "new")).astype(object)
    kinds[stood[_numbers(same)]] = "same"
    return tuple(kinds.tolist())


RULE_FIGURES = ("matches", "suggested", "lines", "turnover_minor", "newly", "taken_over", "no_longer", "handed_over")


def rule_figures(comparison: Comparison) -> pd.DataFrame:
    """What each rule matches now and matched before, by rule: RULE_FIGURES.

    matches = kept + newly + taken_over, where `taken_over` are the same lines that another rule matched before;
    matched before = kept + no_longer + handed_over, where `handed_over` are matched by another rule now.
    """
    stood, found = _by_group(comparison, "stood"), _by_group(comparison, "found")
    both = stood[stood["same"]].merge(found[found["same"]], on="group", suffixes=("_stood", "_found"))
    moved = both[both["rule_stood"] != both["rule_found"]]
    counts = {
        "matches": found.groupby("rule").size(),
        "suggested": found[found["outcome"] == "suggested"].groupby("rule").size(),
        "lines": found.groupby("rule")["lines"].sum(),
        "turnover_minor": found.groupby("rule")["minor"].sum(),
        "newly": found[~found["same"]].groupby("rule").size(),
        "taken_over": moved.groupby("rule_found").size(),
        "no_longer": stood[~stood["same"]].groupby("rule").size(),
        "handed_over": moved.groupby("rule_stood").size(),
    }
    table = pd.DataFrame({name: column.astype("int64") for name, column in counts.items()})
    return table.fillna(0).astype("int64")


BY_HAND = ""
"""The rule of a match that a person made."""


def _by_group(comparison: Comparison, which: Literal["stood", "found"]) -> pd.DataFrame:
    matches = comparison.stood if which == "stood" else comparison.found
    group = comparison.stood_group if which == "stood" else comparison.found_group
    return pd.DataFrame(
        {
            "group": group,
            "rule": matches.matches["rule"].fillna(BY_HAND).to_numpy(dtype=object),
            "outcome": matches.matches["outcome"].to_numpy(dtype=object),
            "same": comparison.kinds_of(group) == "same",
            "kind": comparison.kinds_of(group),
            "lines": matches.sizes(),
            "minor": matches.turnover(),
        }
    )


def fates(comparison: Comparison, which: Literal["stood", "found"]) -> pd.DataFrame:
    """Matches of one set by rule (BY_HAND for none) and kind: columns rule, kind, matches, turnover_minor."""
    parts = _by_group(comparison, which).groupby(["rule", "kind"], as_index=False, sort=True)
    return parts.agg(matches=("group", "size"), turnover_minor=("minor", "sum"))
