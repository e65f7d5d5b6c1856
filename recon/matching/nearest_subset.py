"""Why not, of a subset search: do lines exist that add up to a target together with the line that is asked about?

Looked for from one line only, with the rule's own limits but fewer steps: a person waits for the answer.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from recon.matching.nearby import SLACK
from recon.matching.side import Ints, Mask, SideName
from recon.matching.subsets import Items, Limits
from recon.matching.view import Rows, View, amount_field, other_side, unit_of
from rules.evaluate import combined
from rules.explain import Explanation
from rules.model import MANY_SIDES, Match, Search, leaves
from rules.values import from_minor, said_money
from rules.wording import _

MOST_STEPS = 200_000
MOST_TARGETS = 6
MOST_SOLUTIONS = 4


@dataclass(frozen=True, slots=True)
class Subset:
    """A target and lines that add up to it, as (rows of the asked line's side, rows of the other)."""

    own: Rows
    others: Rows


@dataclass(frozen=True, slots=True)
class SubsetAnswer:
    """`found`: some solutions; `looked`: how many lines could take part; `gave_up`: the steps did not suffice."""

    found: tuple[Subset, ...]
    looked: int
    gave_up: bool

    def told(self, amount: str, said: str) -> Explanation:
        """What is told where nothing was found, with the amount as files and as people write it."""
        sentence = _("several lines add up to the amount of one")
        if self.gave_up:
            figures = _("given up: {count} lines are too many to try").format(count=self.looked)
        else:
            figures = _("no lines among {count} that may belong to it add up").format(count=self.looked)
        return Explanation(False, sentence, (amount,), (), None, figures, (said,))


def subsets_with(view: View, rule: Match, side: SideName, row: int) -> SubsetAnswer:
    """Solutions of a search rule that hold one line, as the target or as one of the lines that add up."""
    search = rule.search
    assert search is not None
    found: list[Subset] = []
    looked, gave_up = 0, False
    for block in _blocks(view, rule, side, row):
        looked = max(looked, len(block.rows))
        limits = Limits(
            search.max_lines - block.spent, min(search.max_steps, MOST_STEPS), MOST_SOLUTIONS, max(2 - block.spent, 1)
        )
        if len(block.rows) < limits.least or limits.max_lines < limits.least:
            continue
        answer = Items(block.amounts).solve(block.wanted, limits)
        gave_up |= not answer.complete and not answer.solutions
        found += [block.subset([int(block.rows[place]) for place in places]) for places in answer.solutions]
    return SubsetAnswer(tuple(found[:MOST_SOLUTIONS]), looked, gave_up)


def amount_told(view: View, rule: Match, side: SideName, row: int) -> tuple[str, str]:
    """The amount as files write it, and as people read it."""
    currency = str(view.frames[side]["currency"].iloc[row])
    minor = int(view.amounts(side, amount_field(rule, side))[row])
    return f"{from_minor(minor, currency)} {currency}", f"{said_money(minor, currency)} {currency}"


@dataclass(frozen=True, slots=True)
class _Block:
    """Lines of the many side among which `wanted` is sought. `target`: the one line, where the asked line is another;
    `spent`: lines of the subset that are given (the asked line)."""

    rows: Ints
    amounts: Ints
    wanted: int
    asked: int
    target: int | None = None
    spent: int = 0

    def subset(self, rows: Sequence[int]) -> Subset:
        if self.target is None:
            return Subset((self.asked,), tuple(sorted(rows)))
        return Subset(tuple(sorted((self.asked, *rows))), (self.target,))


def _blocks(view: View, rule: Match, side: SideName, row: int) -> Iterator[_Block]:
    assert rule.search is not None
    if rule.internal or side not in MANY_SIDES[rule.cardinality]:
        yield from _from_target(view, rule, rule.search, side, row)
    else:
        yield from _from_member(view, rule, rule.search, side, row)


def _from_target(view: View, rule: Match, search: Search, side: SideName, row: int) -> Iterator[_Block]:
    """The line is the target: one block for each value of the shared fields."""
    other = other_side(rule, side)
    wanted = int(view.amounts(side, amount_field(rule, side))[row]) * (-1 if rule.internal else 1)
    amounts = view.amounts(other, amount_field(rule, other))
    rows = np.flatnonzero(_may_meet(view, rule, side, row))
    rows = rows[rows != row] if rule.internal else rows
    codes = view.key_codes(other, search.same)[rows] if search.same else np.zeros(len(rows), dtype=np.int64)
    for code in np.unique(codes[codes >= 0]):
        block = rows[codes == code]
        yield _Block(block, amounts[block], wanted, row)


def _from_member(view: View, rule: Match, search: Search, side: SideName, row: int) -> Iterator[_Block]:
    """The line is one of several: for the targets that are nearest in days, the lines that share its fields."""
    other = other_side(rule, side)
    mine = view.amounts(side, amount_field(rule, side))
    theirs = view.amounts(other, amount_field(rule, other))
    day = rule.date.field if rule.date else "booking_date"
    targets = np.flatnonzero(_may_meet(view, rule, side, row))
    apart = np.abs(view.days(other, day)[targets] - view.days(side, day)[row])
    codes = view.key_codes(side, search.same) if search.same else np.zeros(len(mine), dtype=np.int64)
    for target in targets[np.lexsort((targets, apart))][:MOST_TARGETS].tolist():
        together = _may_meet(view, rule, other, target) & (codes == codes[row]) & (codes[row] >= 0)
        rows = np.flatnonzero(together)
        rows = rows[rows != row]
        yield _Block(rows, mine[rows], int(theirs[target] - mine[row]), row, target, spent=1)


def _may_meet(view: View, rule: Match, side: SideName, row: int) -> Mask:
    """Which lines of the rule's other side pass every test with one line but that of the amount."""
    other = other_side(rule, side)
    truths = {leaf: view.hits(leaf, side, row, other) for leaf in leaves(rule.pair)}
    passing: Mask = view.passing(other, unit_of(rule, other).where)
    passing = passing & combined(rule.pair, truths, len(passing))
    if rule.date is None:
        return passing
    later = view.days(other, rule.date.field) - view.days(side, rule.date.field)[row]
    later = np.abs(later) if rule.internal else -later if side == "right" else later
    slack = 0 if rule.date.calendar == "calendar" else SLACK
    in_time: Mask = (rule.date.earliest - slack <= later) & (later <= rule.date.latest + slack)
    return passing & in_time
