"""The operator tables: what each test takes, its reading of a column, its reading of one line, and its words.

A missing value makes every test false. The four operators that it makes true are the exact opposites of others (`of`):
they have no test of their own. Text reaches a test in lower case unless the rule says `case: true`. Dates, amounts and
numbers reach a column test as int64 or float64 with bounds in the same unit, and a one-line test as exact values.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from math import floor
from typing import Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import re2
from numpy.typing import NDArray
from rapidfuzz import fuzz

from rules import likeness, rounding
from rules.fields import FieldType
from rules.model import PairTest
from rules.text import loose, normal, normalised, words
from rules.wording import N_

__all__ = [
    "LINE",
    "PAIR",
    "Bound",
    "LineOperator",
    "PairOperator",
    "Wanted",
    "normalised",
]

Mask = NDArray[np.bool_]
_FEW_TEXTS = 3

TEXT = frozenset({FieldType.TEXT})
CODES = frozenset({FieldType.TEXT, FieldType.CURRENCY, FieldType.SIGN})
ORDERED = frozenset({FieldType.DATE, FieldType.MONEY, FieldType.NUMBER})
ANY_TYPE = CODES | ORDERED


@dataclass(frozen=True, slots=True)
class Bound:
    """A literal between two neighbouring values of a column's unit: `low` <= literal <= `high`, equal when it is one
    of them.
    """

    low: int | float
    high: int | float


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a leaf asks for: its literals (text folded unless `case`; else exact values) and its similarity."""

    values: tuple[Any, ...] = ()
    case: bool = False
    at_least: float = 0.0


@dataclass(frozen=True, slots=True)
class LineOperator:
    """One row of the table of operators on one line.

    `takes` says how many values: none, one, several (one or a list), two. `listed` are the types that may take a list.
    `of` names the operator whose opposite this is. `folds` is false where case is the test's own affair.
    """

    key: str
    sentence: str
    types: frozenset[FieldType] = ANY_TYPE
    takes: Literal["none", "one", "several", "two"] = "several"
    listed: frozenset[FieldType] = CODES
    of: str | None = None
    folds: bool = True
    column: Callable[[pa.Array, Wanted], pa.Array] | None = None
    ordered: Callable[[NDArray[Any], Sequence[Bound]], Mask] | None = None
    line: Callable[[Any, Wanted], bool] | None = None


def _any_of(test: Callable[..., pa.Array], column: pa.Array, values: tuple[Any, ...], **options: bool) -> pa.Array:
    found = test(column, values[0], **options)
    for value in values[1:]:
        found = pc.or_(found, test(column, value, **options))
    return found


def _containing(column: pa.Array, texts: tuple[str, ...]) -> pa.Array:
    """Many texts are looked for in one go: RE2 reads the column once, whatever their number."""
    if len(texts) <= _FEW_TEXTS:
        return _any_of(pc.match_substring, column, texts)
    return pc.match_substring_regex(column, "|".join(re2.escape(text) for text in texts))


def _equal(numbers: NDArray[Any], bounds: Sequence[Bound]) -> Mask:
    return np.isin(numbers, [bound.low for bound in bounds if bound.low == bound.high])


def _within_bounds(numbers: NDArray[Any], bounds: Sequence[Bound]) -> Mask:
    return (numbers >= bounds[0].high) & (numbers <= bounds[1].low)


def _similar_column(column: pa.Array, wanted: Wanted) -> pa.Array:
    encoded = pc.dictionary_encode(column)
    choices = [loose(text) for text in encoded.dictionary.to_pylist()]
    best = np.zeros(len(choices))
    for value in wanted.values:
        best = np.maximum(best, likeness.ratios([loose(value)] * len(choices), choices))
    return pa.array(best >= wanted.at_least).take(encoded.indices)


def _matches_line(value: str, wanted: Wanted) -> bool:
    options = re2.Options()
    options.log_errors = False
    options.case_sensitive = wanted.case
    return any(re2.compile(pattern, options).search(value) is not None for pattern in wanted.values)


def _similar_line(value: str, wanted: Wanted) -> bool:
    plain = " ".join(words(value))
    best = max(fuzz.token_set_ratio(plain, " ".join(words(text))) for text in wanted.values)
    return best / 100 >= wanted.at_least


_LINE_ROWS = (
    LineOperator(
        "equals",
        N_("{field} is {value}"),
        column=lambda column, wanted: pc.is_in(column, value_set=pa.array(wanted.values, pa.string())),
        ordered=_equal,
        line=lambda value, wanted: any(value == other for other in wanted.values),
    ),
    LineOperator("not_equals", N_("{field} is not {value}"), of="equals"),
    LineOperator(
        "in",
        N_("{field} is one of {value}"),
        listed=ANY_TYPE,
        column=lambda column, wanted: pc.is_in(column, value_set=pa.array(wanted.values, pa.string())),
        ordered=_equal,
        line=lambda value, wanted: value in wanted.values,
    ),
    LineOperator("not_in", N_("{field} is none of {value}"), listed=ANY_TYPE, of="in"),
    LineOperator(
        "contains",
        N_("{field} contains {value}"),
        types=TEXT,
        column=lambda column, wanted: _containing(column, wanted.values),
        line=lambda value, wanted: any(part in value for part in wanted.values),
    ),
    LineOperator("not_contains", N_("{field} does not contain {value}"), types=TEXT, of="contains"),
    LineOperator(
        "starts_with",
        N_("{field} starts with {value}"),
        types=TEXT,
        column=lambda column, wanted: _any_of(pc.starts_with, column, wanted.values),
        line=lambda value, wanted: value.startswith(wanted.values),
    ),
    LineOperator(
        "ends_with",
        N_("{field} ends with {value}"),
        types=TEXT,
        column=lambda column, wanted: _any_of(pc.ends_with, column, wanted.values),
        line=lambda value, wanted: value.endswith(wanted.values),
    ),
    LineOperator(
        "matches",
        N_("{field} matches the pattern {value}"),
        types=TEXT,
        folds=False,
        column=lambda column, wanted: _any_of(
            pc.match_substring_regex, column, wanted.values, ignore_case=not wanted.case
        ),
        line=_matches_line,
    ),
    LineOperator("is_empty", N_("{field} is empty"), takes="none", of="is_not_empty"),
    LineOperator(
        "is_not_empty",
        N_("{field} is filled in"),
        takes="none",
        column=lambda column, _wanted: pc.is_valid(column),
        ordered=lambda numbers, _bounds: np.ones(len(numbers), dtype=bool),
        line=lambda _value, _wanted: True,
    ),
    LineOperator(
        "greater_than",
        N_("{field} is greater than {value}"),
        types=ORDERED,
        takes="one",
        ordered=lambda numbers, bounds: numbers > bounds[0].low,
        line=lambda value, wanted: value > wanted.values[0],
    ),
    LineOperator(
        "at_least",
        N_("{field} is at least {value}"),
        types=ORDERED,
        takes="one",
        ordered=lambda numbers, bounds: numbers >= bounds[0].high,
        line=lambda value, wanted: value >= wanted.values[0],
    ),
    LineOperator(
        "less_than",
        N_("{field} is less than {value}"),
        types=ORDERED,
        takes="one",
        ordered=lambda numbers, bounds: numbers < bounds[0].high,
        line=lambda value, wanted: value < wanted.values[0],
    ),
    LineOperator(
        "at_most",
        N_("{field} is at most {value}"),
        types=ORDERED,
        takes="one",
        ordered=lambda numbers, bounds: numbers <= bounds[0].low,
        line=lambda value, wanted: value <= wanted.values[0],
    ),
    LineOperator(
        "between",
        N_("{field} is between {low} and {high}"),
        types=ORDERED,
        takes="two",
        ordered=_within_bounds,
        line=lambda value, wanted: wanted.values[0] <= value <= wanted.values[1],
    ),
    LineOperator(
        "similar",
        N_("{field} is at least {percent} similar to {value}"),
        types=TEXT,
        column=_similar_column,
        line=_similar_line,
    ),
)

LINE: dict[str, LineOperator] = {row.key: row for row in _LINE_ROWS}


@dataclass(frozen=True, slots=True)
class PairOperator:
    """One row of the table of operators between sides.

    `text` reads two equally long lists of folded values (each distinct pair once; `same` compares normalised columns
    instead), `ordered` two arrays of int64 with the test's `reach` in the same unit (a distance, or the step that is
    rounded to; of amounts by their currency's decimals), `line` one pair of values (text as it stands). `keys` are the
    further keys a test takes, those in `needs` must be there. `mixes` lets the two fields differ in type.
    """

    key: str
    sentence: str
    sentence_alike: str = ""
    types: frozenset[FieldType] = TEXT
    keys: frozenset[str] = field(default=frozenset())
    needs: frozenset[str] = field(default=frozenset())
    mixes: bool = False
    text: Callable[[list[str], list[str], PairTest], Mask] | None = None
    ordered: Callable[[NDArray[Any], NDArray[Any], NDArray[Any], PairTest], Mask] | None = None
    reach: Callable[[PairTest, int], int] = lambda _test, _decimals: 0
    line: Callable[[Any, Any, PairTest], bool] | None = None


def _same_line(left: Any, right: Any, test: PairTest) -> bool:
    if isinstance(left, str):
        return normal(left, test.normalise) == normal(right, test.normalise)
    return bool(left == right)


_PAIR_ROWS = (
    PairOperator(
        "same",
        N_("the left {left} and the right {right} are the same"),
        N_("the {left} is the same on both sides"),
        types=ANY_TYPE,
        keys=frozenset({"normalise"}),
        ordered=lambda left, right, _reach, _test: left == right,
        line=_same_line,
    ),
    PairOperator(
        "contains",
        N_("the left {left} contains the right {right}"),
        text=lambda left, right, _test: likeness.bounded(right, left),
        line=lambda left, right, _test: likeness.bounded_line(right, left),
    ),
    PairOperator(
        "contained_in",
        N_("the left {left} stands in the right {right}"),
        text=lambda left, right, _test: likeness.bounded(left, right),
        line=lambda left, right, _test: likeness.bounded_line(left, right),
    ),
    PairOperator(
        "shares_token",
        N_("the left {left} and the right {right} share a number of at least {length} characters"),
        N_("the {left} of both sides shares a number of at least {length} characters"),
        keys=frozenset({"at_least"}),
        text=likeness.share,
        line=likeness.share_line,
    ),
    PairOperator(
        "similar",
        N_("the left {left} and the right {right} are at least {percent} similar"),
        N_("the {left} is at least {percent} similar on both sides"),
        keys=frozenset({"at_least"}),
        needs=frozenset({"at_least"}),
        text=lambda left, right, test: likeness.similarities(left, right) >= (test.at_least or 0),
        line=likeness.similar_line,
    ),
    PairOperator(
        "within",
        N_("the left {left} and the right {right} are at most {distance} apart"),
        N_("the {left} is at most {distance} apart on the two sides"),
        types=ORDERED,
        keys=frozenset({"value"}),
        needs=frozenset({"value"}),
        ordered=lambda left, right, allowed, _test: np.abs(left - right) <= allowed,
        reach=lambda test, decimals: floor((test.value or Decimal(0)).scaleb(decimals)),
        line=lambda left, right, test: abs(left - right) <= (test.value or Decimal(0)),
    ),
    PairOperator(
        "same_rounded",
        N_("the left {left} and the right {right} are the same {rounded}"),
        N_("the {left} is the same on both sides {rounded}"),
        types=frozenset({FieldType.TEXT, FieldType.MONEY}),
        keys=frozenset({"places", "mode"}),
        needs=frozenset({"places"}),
        mixes=True,
        text=rounding.texts_same,
        ordered=rounding.amounts_same,
        reach=rounding.step_of,
        line=rounding.line_same,
    ),
    PairOperator(
        "one_edit",
        N_("the left {left} and the right {right} differ by at most one typing error"),
        N_("the {left} is the same on both sides but for at most one typing error"),
        text=likeness.one_edit,
        line=likeness.one_edit_line,
    ),
)

PAIR: dict[str, PairOperator] = {row.key: row for row in _PAIR_ROWS}
