"""Why not: for one open line, the candidates that come nearest under each rule, with the tests they fail.

Looked for among the lines that share an exact word (reference and the like) or come close in amount, never among all
pairs; the reading is `rules.explain`, so that what a person is told is what the rule means.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from recon.matching.side import SideName
from rules.evaluate import derived, truth
from rules.explain import Explanation, Row, match_rule, rows
from rules.model import MANY_SIDES, Condition, Derive, Exclude, Match, RuleSet

WORDS = ("reference", "archive_reference", "kid", "invoice_number", "voucher_number", "end_to_end_id", "counterparty")
"""Fields in which an equal value makes a line worth looking at."""
SHORTLIST = 30
"""Lines looked at for each reason; a person reads the first few."""

Rows = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Miss:
    """A candidate of a rule: rows of the line's own side and of the other, and every test with its values.

    `explanation.holds` where the rule could take it and did not: others are as good, or a person refused it.
    """

    rule: Match
    own: Rows
    others: Rows
    explanation: Explanation

    @property
    def failing(self) -> tuple[Explanation, ...]:
        return tuple(self.explanation.failing())


@dataclass(frozen=True, slots=True)
class WhyNot:
    """`excluded_by`: key of the rule that hides the line from those below it; `misses`: the nearest first."""

    excluded_by: str | None
    misses: tuple[Miss, ...]


def nearest_misses(
    rule_set: RuleSet,
    left: pd.DataFrame,
    right: pd.DataFrame,
    side: SideName,
    row: int,
    country: str | None = None,
    most: int = 5,
) -> WhyNot:
    """The nearest candidates for the line at `row` of a side, over all rules, one a rule.

    The frames are those a run reads (open lines; amounts are remainders). Fields that derive rules set are set for the
    rules below them; an excluded line meets no rule below the one that hides it.
    """
    frames: dict[SideName, pd.DataFrame] = {"left": left, "right": right}
    misses: list[Miss] = []
    for rule in rule_set.rules:
        match rule:
            case Derive():
                frames = {name: with_derived(rule, name, frame) for name, frame in frames.items()}
            case Exclude() if rule.side in ("both", side) and truth(rule.where, frames[side].iloc[[row]])[0]:
                return WhyNot(rule.key, _nearest(misses, most))
            case Match() if rule.internal in (None, side):
                misses += _best(rule, frames, side, row, country)
            case _:
                pass
    return WhyNot(None, _nearest(misses, most))


def _nearest(misses: list[Miss], most: int) -> tuple[Miss, ...]:
    return tuple(sorted(misses, key=lambda miss: len(miss.failing))[:most])


def with_derived(rule: Derive, name: SideName, frame: pd.DataFrame) -> pd.DataFrame:
    """The frame of a side with what a derive rule sets; where nothing is found the field stays as it was."""
    if rule.side not in ("both", name) or frame.empty:
        return frame
    here = truth(rule.where, frame)
    changed = frame.copy()
    for field, values in derived(rule, frame).items():
        found = pd.Series(pd.arrays.ArrowExtensionArray(values), index=frame.index)
        before = frame[field] if field in frame else pd.Series(pd.NA, index=frame.index, dtype=found.dtype)
        changed[field] = found.where(here & found.notna().to_numpy(dtype=bool), before)
    return changed


def _best(
    rule: Match, frames: dict[SideName, pd.DataFrame], side: SideName, row: int, country: str | None
) -> list[Miss]:
    other: SideName = side if rule.internal else ("right" if side == "left" else "left")
    own = _unit(rule, frames[side], side, row)
    units = _units(rule, frames[other], other, _shortlist(frames, side, own, other))
    mine, theirs = _read(frames[side], [own]), _read(frames[other], units)
    found = [
        Miss(rule, own, unit, _explained(rule, side, mine[own], theirs[unit], country))
        for unit in units
        if not (other == side and set(unit) & set(own))
    ]
    wanted = _total(frames[side], own)
    key = {id(miss): (len(miss.failing), abs(wanted - _total(frames[other], miss.others))) for miss in found}
    return sorted(found, key=lambda miss: key[id(miss)])[:1]


def _read(frame: pd.DataFrame, units: Sequence[Rows]) -> dict[Rows, list[Row]]:
    """The lines of each unit, read from the frame once for all of them."""
    wanted = sorted({place for unit in units for place in unit})
    lines = dict(zip(wanted, rows(frame.iloc[wanted]), strict=True))
    return {unit: [lines[place] for place in unit] for unit in units}


def _explained(
    rule: Match, side: SideName, own: Sequence[Row], others: Sequence[Row], country: str | None
) -> Explanation:
    if rule.internal:
        lines = sorted([*own, *others], key=lambda line: (line["booking_date"], line["id"]))
        return match_rule(rule, lines[:1], lines[1:], country)
    return match_rule(rule, own, others, country) if side == "left" else match_rule(rule, others, own, country)


def _where(rule: Match, side: SideName) -> Condition | None:
    return (rule.left if side == "left" else rule.right).where


def _keys(rule: Match, side: SideName) -> tuple[str, ...]:
    grouped = side in MANY_SIDES[rule.cardinality]
    return (rule.left if side == "left" else rule.right).group_by if grouped else ()


def _unit(rule: Match, frame: pd.DataFrame, side: SideName, row: int) -> Rows:
    """The line with all that share its group keys, or the line alone."""
    keys = _keys(rule, side)
    if not keys:
        return (row,)
    same = truth(_where(rule, side), frame)
    for key in keys:
        values = _column(frame, key)
        if pd.isna(values.iloc[row]):
            return (row,)
        same = same & (values == values.iloc[row]).fillna(False).to_numpy(dtype=bool)
    return tuple(sorted({row, *np.flatnonzero(same).tolist()}))


def _units(rule: Match, frame: pd.DataFrame, side: SideName, shortlist: Sequence[int]) -> list[Rows]:
    return list(dict.fromkeys(_unit(rule, frame, side, row) for row in shortlist))


def _shortlist(frames: dict[SideName, pd.DataFrame], side: SideName, own: Rows, other: SideName) -> list[int]:
    """Rows of the other side that share a word with the line, and those nearest in amount (for internal: opposite)."""
    mine, theirs = frames[side].iloc[own[0]], frames[other]
    if theirs.empty:
        return []
    wanted = _total(frames[side], own) * (-1 if side == other else 1)
    distance = np.abs(theirs["amount"].to_numpy(dtype=np.int64) - wanted)
    near = np.argsort(distance, kind="stable")[:SHORTLIST].tolist()
    shared = np.zeros(len(theirs), dtype=bool)
    for word in WORDS:
        if word in theirs and word in mine and not pd.isna(mine[word]):
            shared |= (theirs[word] == mine[word]).fillna(False).to_numpy(dtype=bool)
    alike = np.flatnonzero(shared)
    return [*alike[np.argsort(distance[alike], kind="stable")][:SHORTLIST].tolist(), *near]


def _total(frame: pd.DataFrame, unit: Rows) -> int:
    return int(frame["amount"].iloc[list(unit)].sum())


def _column(frame: pd.DataFrame, key: str) -> pd.Series:
    if key == "sign":
        return pd.Series(np.sign(frame["amount"].to_numpy(dtype=np.int64)), index=frame.index)
    return frame[key] if key in frame else pd.Series(pd.NA, index=frame.index)
