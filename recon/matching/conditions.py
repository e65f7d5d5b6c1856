"""How a pair condition is cut for joining: equalities that become join keys, text tests that become token joins,
the rest."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from rules.fields import FieldType, line_field
from rules.model import All, Any, Condition, Match, PairTest, Test, leaves

TOKEN_OPERATORS = ("contains", "contained_in", "shares_token")


DEAR = ("similar", "one_edit", "contains", "contained_in", "shares_token")


@dataclass(frozen=True, slots=True)
class Cut:
    """`same`: join keys; `tokens`: tests one of which must hold, that can drive a token join; `rest`: what must be
    tested on every pair."""

    same: tuple[PairTest, ...]
    tokens: tuple[tuple[PairTest, ...], ...]
    rest: Condition | None


def conjuncts(condition: Condition | None) -> Iterator[Condition]:
    """The tests that must all hold: nested `all` is flattened."""
    if isinstance(condition, All):
        for item in condition.items:
            yield from conjuncts(item)
    elif condition is not None:
        yield condition


def cut(condition: Condition | None, *, one_side: bool = False) -> Cut:
    """`one_side` is an internal rule: there only a field compared with itself can be a join key."""
    parts = list(conjuncts(condition))
    same = tuple(part for part in parts if isinstance(part, PairTest) and _joinable(part, one_side))
    rest = tuple(part for part in parts if part not in same)
    tokens = tuple(tests for part in rest if (tests := _token_tests(part)))
    return Cut(same, tokens, All(rest) if rest else None)


def _token_tests(part: Condition) -> tuple[PairTest, ...]:
    """The part itself, or its alternatives where all of them are tests for shared words."""
    alternatives = part.items if isinstance(part, Any) else (part,)
    tests = tuple(item for item in alternatives if isinstance(item, PairTest) and item.op in TOKEN_OPERATORS)
    return tests if len(tests) == len(alternatives) else ()


def _joinable(test: PairTest, one_side: bool) -> bool:
    if test.op != "same" or (one_side and test.left != test.right):
        return False
    return all(_is_text(name) for name in (test.left, test.right))


def _is_text(name: str) -> bool:
    field = line_field(name)
    return field is not None and field.type is FieldType.TEXT


def cost(condition: Condition) -> int:
    """What a condition costs to test, by its dearest leaf: one-sided tests are cheap, similarity is dear."""
    prices = [2 if leaf.op in DEAR else 1 if isinstance(leaf, PairTest) else 0 for leaf in leaves(condition)]
    return max(prices, default=0)


def fields_read(condition: Condition | None) -> tuple[list[str], list[str]]:
    """Fields that a pair condition reads of the left and of the right line."""
    left: dict[str, None] = {}
    right: dict[str, None] = {}
    for leaf in leaves(condition):
        if isinstance(leaf, PairTest):
            left[leaf.left] = None
            right[leaf.right] = None
        else:
            (right if leaf.side == "right" else left)[leaf.field] = None
    return list(left), list(right)


def tested_fields(rule: Match) -> tuple[list[str], list[str]]:
    """Every field that a match rule tests on the left and on the right: twins must be equal in them."""
    pair_left, pair_right = fields_read(rule.pair)
    left = [leaf.field for leaf in leaves(rule.left.where) if isinstance(leaf, Test)]
    right = [leaf.field for leaf in leaves(rule.right.where) if isinstance(leaf, Test)]
    date = [rule.date.field] if rule.date else []
    if rule.internal:
        both = [*left, *right, *pair_left, *pair_right, *date]
        return both, both
    return [*left, *pair_left, *date], [*right, *pair_right, *date]
