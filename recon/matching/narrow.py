"""Lines that can stand in a candidate: those whose keys the other side holds too. What is left out is never joined."""

from __future__ import annotations

from recon.matching.conditions import conjuncts, cut
from recon.matching.join import among
from recon.matching.side import Ints, Side, amount_codes, shared_codes
from rules.model import Match, PairTest, Unit


def narrowed(rule: Match, left: Side, right: Side, left_rows: Ints, right_rows: Ints) -> tuple[Ints, Ints]:
    """The rows of both sides without those that no test of the rule's pair condition can hold for.

    A line of a key group is left out only with its whole group, lest a group be formed without it.
    """
    left_rows, right_rows = _of_equal_amount(rule, left, right, left_rows, right_rows)
    for test in cut(rule.pair).same:
        one, other = shared_codes(left, test.left, right, test.right, test.normalise)
        kept_left = among(one[left_rows], other[right_rows]) if _whole(rule.left, test.left) else None
        kept_right = among(other[right_rows], one[left_rows]) if _whole(rule.right, test.right) else None
        left_rows = left_rows if kept_left is None else left_rows[kept_left]
        right_rows = right_rows if kept_right is None else right_rows[kept_right]
    for part in conjuncts(rule.pair):
        if isinstance(part, PairTest) and part.op != "same":
            left_rows = _filled(rule.left, left, part.left, left_rows)
            right_rows = _filled(rule.right, right, part.right, right_rows)
    return left_rows, right_rows


def opposite(rule: Match, side: Side, receipts: Ints, payments: Ints) -> tuple[Ints, Ints]:
    """The same for the receipts and payments of one side that an internal rule sets against each other."""
    receipts, payments = _of_equal_amount(rule, side, side, receipts, payments)
    for test in cut(rule.pair, one_side=True).same:
        codes = side.encoded(test.left, test.normalise).codes()
        kept = among(codes[receipts], codes[payments]), among(codes[payments], codes[receipts])
        receipts, payments = receipts[kept[0]], payments[kept[1]]
    return receipts, payments


def _of_equal_amount(rule: Match, left: Side, right: Side, left_rows: Ints, right_rows: Ints) -> tuple[Ints, Ints]:
    """Lines whose exact amount the other side has, where both sides are lines and no remainder has changed."""
    lines = not (rule.left.group_by or rule.right.group_by)
    named = (rule.amount.left, rule.amount.right) != ("amount", "amount")
    if not (lines and rule.amount.exact) or named or left.cut or right.cut:
        return left_rows, right_rows
    one, other = amount_codes(left, right)
    kept = among(one[left_rows], other[right_rows]), among(other[right_rows], one[left_rows])
    return left_rows[kept[0]], right_rows[kept[1]]


def _whole(unit: Unit, field: str) -> bool:
    """Whether all members of a unit share the field, so that it goes or stays as one."""
    return not unit.group_by or field in unit.group_by


def _filled(unit: Unit, side: Side, field: str, rows: Ints) -> Ints:
    """A missing value fails every test between the sides."""
    if unit.group_by:
        return rows
    return rows[side.filled(field)[rows]]
