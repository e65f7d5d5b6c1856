"""Tree → truth columns: every leaf test read over whole columns, trees combined from them.

Frames are pandas frames as `rules.fields` describes, or `rules.columns.Columns` of one when several questions are
asked of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from decimal import Decimal
from math import ceil, floor
from typing import Any, cast

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import re2
from numpy.typing import NDArray

from rules import model
from rules.banking_days import EPOCH
from rules.columns import Columns, Rows
from rules.fields import FieldType, field_named
from rules.likeness import similarities
from rules.model import Condition, Leaf, PairTest, Test, leaves
from rules.operators import LINE, PAIR, Bound, Wanted
from rules.text import as_list, fold, folded, normalised, present
from rules.values import exponent

Mask = NDArray[np.bool_]
Truths = Mapping[Leaf, Mask]
_ORDERED = (FieldType.DATE, FieldType.MONEY, FieldType.NUMBER)


def truth(condition: Condition | None, frame: pd.DataFrame | Columns) -> Mask:
    """For which rows the condition holds; None holds for all. A leaf's `side` does not matter here."""
    columns = Columns.of(frame)
    tests = (leaf for leaf in leaves(condition) if isinstance(leaf, Test))
    return combined(condition, line_truths(tests, columns), len(columns))


def line_truths(tests: Iterable[Test], frame: pd.DataFrame | Columns) -> dict[Leaf, Mask]:
    """The truth column of every distinct test, each read once."""
    columns = Columns.of(frame)
    return {test: _line_truth(test, columns) for test in dict.fromkeys(tests)}


def pair_truth(
    condition: Condition | None,
    left: pd.DataFrame | Columns,
    right: pd.DataFrame | Columns,
    left_rows: Rows,
    right_rows: Rows,
) -> Mask:
    """For which pairs (positions into left and right, equally long) the condition holds; None holds for all."""
    truths = pair_truths(leaves(condition), left, right, left_rows, right_rows)
    return combined(condition, truths, len(left_rows))


def pair_truths(
    tests: Iterable[Leaf],
    left: pd.DataFrame | Columns,
    right: pd.DataFrame | Columns,
    left_rows: Rows,
    right_rows: Rows,
) -> dict[Leaf, Mask]:
    """The truth column over the pairs of every distinct test; text is compared once per distinct pair of values."""
    pairs = _Pairs(Columns.of(left), Columns.of(right), left_rows, right_rows)
    return {test: pairs.truth(test) for test in dict.fromkeys(tests)}


def combined(condition: Condition | None, truths: Truths, length: int) -> Mask:
    """The tree's truth from the truths of its leaves."""
    match condition:
        case None:
            return np.ones(length, dtype=bool)
        case model.All(items):
            return _reduced(np.logical_and, items, truths, length, True)
        case model.Any(items):
            return _reduced(np.logical_or, items, truths, length, False)
        case model.Not(item):
            return ~combined(item, truths, length)
        case _:
            return truths[condition]


def _reduced(joined: Any, items: Iterable[Condition], truths: Truths, length: int, empty: bool) -> Mask:
    result = np.full(length, empty)
    for item in items:
        result = joined(result, combined(item, truths, length))
    return result


def similarity(
    condition: Condition | None,
    left: pd.DataFrame | Columns,
    right: pd.DataFrame | Columns,
    left_rows: Rows,
    right_rows: Rows,
) -> NDArray[np.float64]:
    """The lowest score (0 to 1) of the condition's `similar` tests between the sides; nan where it has none.

    A missing value is similar to nothing: 0.
    """
    pairs = _Pairs(Columns.of(left), Columns.of(right), left_rows, right_rows)
    scores = np.full(len(left_rows), np.nan)
    for test in dict.fromkeys(leaves(condition)):
        if isinstance(test, PairTest) and test.op == "similar":
            scores = np.fmin(scores, pairs.scores(test))
    return scores


def derived(rule: model.Derive, frame: pd.DataFrame | Columns) -> dict[str, pa.Array]:
    """What a derive rule would set on each row, null where its pattern hits nothing.

    The frame holds the lines that take part: the rule's `where` is the agenda's to decide, not this function's.
    """
    columns = Columns.of(frame)
    return {field: _extracted(columns.text(step.source), step.pattern) for field, step in rule.set}


def _extracted(column: pa.Array, pattern: str) -> pa.Array:
    """Group 1 of the leftmost hit, else the whole hit; null for no hit or a missing value."""
    rows = np.flatnonzero(pc.fill_null(pc.match_substring_regex(column, pattern), False))
    found = present(_captured(column.take(pa.array(rows)), pattern))
    places = np.full(len(column), -1)
    places[rows] = np.arange(len(rows))
    return found.take(pa.array(places, mask=places < 0))


def _captured(texts: pa.Array, pattern: str) -> pa.Array:
    """Texts that the pattern hits, each replaced by what it captures there. The lazy start finds the leftmost hit."""
    group = min(1, re2.compile(pattern).groups) + 1
    around = rf"(?s:^.*?)({pattern})(?s:.*$)"
    captured = pc.replace_substring_regex(texts, around, rf"\{group}")
    empty = np.flatnonzero(pc.equal(captured, ""))
    if not len(empty):
        return captured
    # Only here does it matter whether the group took no part (the whole hit counts) or was empty (nothing does).
    values = captured.to_numpy(zero_copy_only=False).copy()
    values[empty] = [capture(text, pattern) for text in as_list(texts.take(pa.array(empty)))]
    return pa.array(values, pa.string())


def capture(text: str, pattern: str) -> str | None:
    """Group 1 of the leftmost hit in one text, or the whole hit where there is no such group; None for no hit."""
    hit = re2.compile(pattern).search(text)
    if hit is None:
        return None
    group = hit.group(1) if hit.re.groups else None
    return cast(str, hit.group(0) if group is None else group)


def _line_truth(test: Test, columns: Columns) -> Mask:
    operator = LINE[test.op]
    if operator.of is not None:
        return ~_holds(LINE[operator.of].key, test, columns)
    return _holds(test.op, test, columns)


def _holds(op: str, test: Test, columns: Columns) -> Mask:
    if field_named(test.field).type in _ORDERED:
        return _ordered_truth(op, test, columns)
    operator = LINE[op]
    assert operator.column is not None, f"{op} has no reading of text"
    keep_case = test.case or not operator.folds
    column = columns.text(test.field) if keep_case else columns.folded(test.field)
    found = operator.column(column, wanted_text(test, keep_case))
    return np.asarray(pc.fill_null(pc.and_(found, pc.is_valid(column)), False), dtype=bool)


def wanted_text(test: Test, keep_case: bool) -> Wanted:
    values = tuple(value if keep_case else fold(value) for value in literals(test))
    return Wanted(values, test.case, test.at_least or 0.0)


def literals(test: Test) -> tuple[str, ...]:
    """The values a leaf names, as written: none, one or several."""
    if test.value is None:
        return ()
    return (test.value,) if isinstance(test.value, str) else test.value


def _ordered_truth(op: str, test: Test, columns: Columns) -> Mask:
    """Tests of dates, amounts and numbers; an amount's literals are scaled to each currency that occurs."""
    operator = LINE[op]
    assert operator.ordered is not None, f"{op} has no reading of numbers"
    numbers, filled = columns.numbers(test.field)
    if field_named(test.field).type is not FieldType.MONEY:
        bounds = [_bound(value, field_named(test.field).type) for value in literals(test)]
        return filled & operator.ordered(numbers, bounds)
    found = np.zeros(len(columns), dtype=bool)
    for currency, rows in _by_currency(columns.currency(test.field)):
        bounds = [_scaled(Decimal(value), currency) for value in literals(test)]
        found |= rows & operator.ordered(numbers, bounds)
    return filled & found


def _by_currency(encoded: pa.DictionaryArray) -> Iterable[tuple[str, Mask]]:
    codes = pc.fill_null(encoded.indices, -1).to_numpy(zero_copy_only=False)
    for code, currency in enumerate(as_list(encoded.dictionary)):
        yield currency, codes == code


def _bound(value: str, kind: FieldType) -> Bound:
    if kind is FieldType.DATE:
        day = (date.fromisoformat(value) - EPOCH).days
        return Bound(day, day)
    return Bound(float(Decimal(value)), float(Decimal(value)))


def _scaled(value: Decimal, currency: str) -> Bound:
    """A literal in minor units; one with more decimals than the currency has lies between two of them."""
    minor = value.scaleb(exponent(currency))
    return Bound(floor(minor), ceil(minor))


class _Pairs:
    """Pairs of rows, and the truth of each test over them."""

    def __init__(self, left: Columns, right: Columns, left_rows: Rows, right_rows: Rows) -> None:
        self.left, self.left_rows = _needed(left, np.asarray(left_rows, dtype=np.int64))
        self.right, self.right_rows = _needed(right, np.asarray(right_rows, dtype=np.int64))

    def __len__(self) -> int:
        return len(self.left_rows)

    def truth(self, test: Leaf) -> Mask:
        if isinstance(test, Test):
            columns, rows = (self.right, self.right_rows) if test.side == "right" else (self.left, self.left_rows)
            return _line_truth(test, columns)[rows]
        kinds = field_named(test.left).type, field_named(test.right).type
        if kinds[0] in _ORDERED and kinds[0] is kinds[1]:
            return self._ordered(test)
        return self._same_text(test) if test.op == "same" else self._text(test)

    def _ordered(self, test: PairTest) -> Mask:
        compare, reach = PAIR[test.op].ordered, PAIR[test.op].reach
        assert compare is not None, f"{test.op} has no reading of numbers"
        left, left_filled = self.left.numbers(test.left)
        right, right_filled = self.right.numbers(test.right)
        filled = left_filled[self.left_rows] & right_filled[self.right_rows]
        reached: NDArray[np.int64] = np.full(len(self), reach(test, 0))
        if field_named(test.left).type is FieldType.MONEY:
            same, reached = self._currencies(test)
            filled &= same
        return filled & compare(left[self.left_rows], right[self.right_rows], reached, test)

    def _currencies(self, test: PairTest) -> tuple[Mask, NDArray[np.int64]]:
        """Where both amounts are in one currency, and how far the test reaches in it (1 where there is none)."""
        left, right, names = _shared_codes(self.left.currency(test.left), self.right.currency(test.right))
        reached = [min(PAIR[test.op].reach(test, exponent(name)), _FARTHEST) for name in names]
        codes = left[self.left_rows]
        return (codes >= 0) & (codes == right[self.right_rows]), np.array([*reached, 1], dtype=np.int64)[codes]

    def _same_text(self, test: PairTest) -> Mask:
        left, right = _normal(self.left.encoded(test.left), test), _normal(self.right.encoded(test.right), test)
        left_codes, right_codes, _names = _shared_codes(left, right)
        codes = left_codes[self.left_rows]
        found: Mask = (codes >= 0) & (codes == right_codes[self.right_rows])
        return found

    def _text(self, test: PairTest) -> Mask:
        compare = PAIR[test.op].text
        assert compare is not None, f"{test.op} has no reading of text"
        truths: Mask = self._over_distinct(test, lambda left, right: compare(left, right, test), np.bool_)
        return truths

    def scores(self, test: PairTest) -> NDArray[np.float64]:
        return self._over_distinct(test, similarities, np.float64)

    def _over_distinct(
        self, test: PairTest, read: Callable[[list[str], list[str]], NDArray[Any]], kind: type[np.generic]
    ) -> NDArray[Any]:
        """What `read` says of each distinct pair of folded values, spread over the pairs; 0 where one is missing."""
        left, right = self.left.written(test.left), self.right.written(test.right)
        left_codes, right_codes = _codes(left)[self.left_rows], _codes(right)[self.right_rows]
        filled = np.flatnonzero((left_codes >= 0) & (right_codes >= 0))
        result = np.zeros(len(self), dtype=kind)
        if len(filled):
            width = len(right.dictionary)
            both, place = np.unique(left_codes[filled] * width + right_codes[filled], return_inverse=True)
            values = read(_values(left, both // width), _values(right, both % width))
            result[filled] = values[place]
        return result


_FARTHEST = 2**62


def _needed(columns: Columns, rows: Rows) -> tuple[Columns, Rows]:
    """Only the rows that occur, where they are few: a rule's pairs are often a small part of a side."""
    if len(rows) * 2 >= len(columns):
        return columns, rows
    some, place = np.unique(rows, return_inverse=True)
    return columns.rows(some), place.astype(np.int64)


def _codes(encoded: pa.DictionaryArray) -> Rows:
    indices = pc.fill_null(pc.cast(encoded.indices, pa.int64()), pa.scalar(-1, pa.int64()))
    return cast(Rows, indices.to_numpy(zero_copy_only=False))


def _values(encoded: pa.DictionaryArray, codes: Rows) -> list[str]:
    return as_list(folded(encoded.dictionary).take(pa.array(codes)))


def _normal(encoded: pa.DictionaryArray, test: PairTest) -> pa.DictionaryArray:
    """The values after normalising, encoded anew: several may have become one."""
    return pc.dictionary_encode(normalised(encoded.dictionary, test.normalise).take(encoded.indices))


def _shared_codes(left: pa.DictionaryArray, right: pa.DictionaryArray) -> tuple[Rows, Rows, list[str]]:
    """Codes of two columns in one dictionary (equal text, equal code; -1 where missing), and the dictionary."""
    both = pa.chunked_array([left, right]).unify_dictionaries()
    return _codes(both.chunk(0)), _codes(both.chunk(1)), as_list(both.chunk(0).dictionary)
