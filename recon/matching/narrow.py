"""Lines that can stand in a candidate: those whose keys the other side holds too. What is left out is never joined."""

from __future__ import annotations

import numpy as np

from recon.matching.conditions import conjuncts, cut
from recon.matching.side import Ints, Mask, Side, shared_codes
from rules.model import Match, PairTest, Unit


def narrowed(rule: Match, left: Side, right: Side, left_rows: Ints, right_rows: Ints) -> tuple[Ints, Ints]:
    """The rows of both sides without those that no test of the rule's pair condition can hold for.

    A line of a key group is left out only with its whole group, lest a group be formed without it.
    """
    for test in cut(rule.pair).same:
        one, other = shared_codes(left, test.left, right, test.right, test.normalise)
        kept_left = _known(one[left_rows], other[right_rows]) if _whole(rule.left, test.left) else None
        kept_right = _known(other[right_rows], one[left_rows]) if _whole(rule.right, test.right) else None
        left_rows = left_rows if kept_left is None else left_rows[kept_left]
        right_rows = right_rows if kept_right is None else right_rows[kept_right]
    for part in conjuncts(rule.pair):
        if isinstance(part, PairTest) and part.op != "same":
            left_rows = _filled(rule.left, left, part.left, left_rows)
            right_rows = _filled(rule.right, right, part.right, right_rows)
    return left_rows, right_rows


def _whole(unit: Unit, field: str) -> bool:
    """Whether all members of a unit share the field, so that it goes or stays as one."""
    return not unit.group_by or field in unit.group_by


def _known(codes: Ints, others: Ints) -> Mask:
    """Where a code is among the others'."""
    there = np.zeros(int(max(codes.max(initial=-1), others.max(initial=-1))) + 2, dtype=bool)
    there[others[others >= 0]] = True
    return there[codes]  # -1 reads the last place, which stays false


def _filled(unit: Unit, side: Side, field: str, rows: Ints) -> Ints:
    """A missing value fails every test between the sides."""
    if unit.group_by:
        return rows
    return rows[side.filled(field)[rows]]
