"""Lines that can stand in a candidate: those whose keys the other side holds too. What is left out is never joined."""

from __future__ import annotations

import numpy as np

from recon.matching.conditions import conjuncts, cut
from recon.matching.side import Ints, Mask, Side, among, amount_codes, shared_codes
from rules.model import Match, PairTest, Unit


def narrowed(rule: Match, left: Side, right: Side, seen_left: Mask, seen_right: Mask) -> tuple[Ints, Ints]:
    """The rows of both sides that a rule sees, without those that no test of its pair condition can hold for.

    A line of a key group is left out only with its whole group, lest a group be formed without it.
    """
    codes = [(shared_codes(left, test.left, right, test.right, test.normalise), test) for test in cut(rule.pair).same]
    left_rows = _rows(seen_left, [shared.met_left for shared, test in codes if _whole(rule.left, test.left)])
    right_rows = _rows(seen_right, [shared.met_right for shared, test in codes if _whole(rule.right, test.right)])
    for shared, test in codes:
        one, other = shared.left[left_rows], shared.right[right_rows]
        left_rows = left_rows[among(one, other)] if _whole(rule.left, test.left) else left_rows
        right_rows = right_rows[among(other, one)] if _whole(rule.right, test.right) else right_rows
    if not codes:  # what is the same as well is few lines, and the join compares their amounts
        left_rows, right_rows = _of_equal_amount(rule, left, right, left_rows, right_rows)
    for part in conjuncts(rule.pair):
        if isinstance(part, PairTest) and part.op != "same":
            left_rows = _filled(rule.left, left, part.left, left_rows)
            right_rows = _filled(rule.right, right, part.right, right_rows)
    return left_rows, right_rows


def _rows(seen: Mask, met: list[Ints]) -> Ints:
    """The rows seen among those that met an equal value; the shortest list is enough to begin with."""
    if not met:
        return np.flatnonzero(seen)
    shortest = min(met, key=len)
    return shortest[seen[shortest]]


def opposite(rule: Match, side: Side, receipts: Ints, payments: Ints) -> tuple[Ints, Ints]:
    """The same for the receipts and payments of one side that an internal rule sets against each other."""
    for test in cut(rule.pair, one_side=True).same:
        codes = shared_codes(side, test.left, side, test.right, test.normalise).left
        one, other = codes[receipts], codes[payments]
        receipts, payments = receipts[among(one, other)], payments[among(other, one)]
    return _of_equal_amount(rule, side, side, receipts, payments)


def _of_equal_amount(rule: Match, left: Side, right: Side, left_rows: Ints, right_rows: Ints) -> tuple[Ints, Ints]:
    """Lines whose exact amount the other side has, where both sides are lines and no remainder has changed."""
    lines = not (rule.left.group_by or rule.right.group_by)
    named = (rule.amount.left, rule.amount.right) != ("amount", "amount")
    if not (lines and rule.amount.exact) or named or left.cut or right.cut:
        return left_rows, right_rows
    codes = amount_codes(left, right)
    one, other = codes[0][left_rows], codes[1][right_rows]
    return left_rows[among(one, other)], right_rows[among(other, one)]


def _whole(unit: Unit, field: str) -> bool:
    """Whether all members of a unit share the field, so that it goes or stays as one."""
    return not unit.group_by or field in unit.group_by


def _filled(unit: Unit, side: Side, field: str, rows: Ints) -> Ints:
    """A missing value fails every test between the sides."""
    if unit.group_by:
        return rows
    return rows[side.filled(field)[rows]]
