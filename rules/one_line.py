"""The one-line reading of a condition, the oracle of the others: whether it holds, test by test, with the values
compared.

It knows nothing of columns: values are read one by one, amounts are exact fractions, dates are dates. Rows are
mappings of field name to value as a frame stores it (amounts in minor units, dates as dates, text); None, NaN and
absent are missing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any as AnyValue
from typing import cast

import pandas as pd
import pyarrow as pa

from rules.fields import FieldType, field_named
from rules.likeness import similarities
from rules.model import All, Any, Condition, Not, PairTest, Test
from rules.operators import LINE, PAIR, Wanted
from rules.phrases import condition_phrase, days, percent
from rules.rounding import rounded
from rules.text import fold, is_missing
from rules.values import exponent, from_minor, said_day, said_money, said_number
from rules.wording import _

Row = Mapping[str, AnyValue]


@dataclass(frozen=True, slots=True)
class Explanation:
    """A test, whether it holds, its sentence, and the values it compared ("" where missing): as files write them, and
    as people read them (`said`).

    `parts` are the tests that a tree is made of; a leaf has none. `condition` is None for what is not a condition: a
    date window, an allowance, a whole rule. `figures` say how far a test is from holding ("5 days apart, 3 allowed");
    "" where the values say it.
    """

    holds: bool
    sentence: str
    values: tuple[str, ...] = ()
    parts: tuple[Explanation, ...] = ()
    condition: Condition | None = None
    figures: str = ""
    told: tuple[str, ...] = field(default=(), compare=False)

    @property
    def said(self) -> tuple[str, ...]:
        """The values in the language spoken when they were compared."""
        return self.told or self.values

    def failing(self) -> Iterator[Explanation]:
        """The innermost tests because of which this one does not hold, in order."""
        if self.holds:
            return
        guilty = [part for part in self.parts if not part.holds]
        if not guilty or isinstance(self.condition, Not):
            yield self
        for part in guilty:
            yield from part.failing()


def rows(frame: pd.DataFrame) -> list[dict[str, AnyValue]]:
    """The rows of a frame as the functions here read them."""
    return cast(list[dict[str, AnyValue]], pa.Table.from_pandas(frame, preserve_index=False).to_pylist())


def line(condition: Condition | None, values: Row) -> Explanation:
    """Whether a condition holds for one line or candidate, test by test; None holds for all."""
    return _explained(condition, values, values)


def pair(condition: Condition | None, left: Row, right: Row) -> Explanation:
    """Whether a condition holds between two lines, test by test; None holds for all."""
    return _explained(condition, left, right)


def _explained(condition: Condition | None, left: Row, right: Row) -> Explanation:
    match condition:
        case None:
            return Explanation(True, "")
        case Test():
            return _line_test(condition, right if condition.side == "right" else left)
        case PairTest():
            return _pair_test(condition, left, right)
        case Not(item):
            inner = (_explained(item, left, right),)
            return Explanation(not inner[0].holds, condition_phrase(condition), (), inner, condition)
        case All(items):
            parts = tuple(_explained(item, left, right) for item in items)
            return Explanation(all(part.holds for part in parts), condition_phrase(condition), (), parts, condition)
        case Any(items):
            parts = tuple(_explained(item, left, right) for item in items)
            return Explanation(any(part.holds for part in parts), condition_phrase(condition), (), parts, condition)


def _line_test(test: Test, values: Row) -> Explanation:
    operator = LINE[test.op]
    positive = LINE[operator.of] if operator.of else operator
    value = exact(test.field, values)
    holds = False
    if value is not None:
        assert positive.line is not None
        folded = isinstance(value, str) and positive.folds and not test.case
        holds = positive.line(fold(value) if folded else value, _wanted(test, folded))
    holds = holds is not bool(operator.of)
    read = (shown(test.field, values),)
    return Explanation(holds, condition_phrase(test), read, (), test, told=(told(test.field, values),))


def _wanted(test: Test, folded: bool) -> Wanted:
    written = (test.value,) if isinstance(test.value, str) else test.value or ()
    kind = field_named(test.field).type
    if kind is FieldType.DATE:
        return Wanted(tuple(date.fromisoformat(value) for value in written))
    if kind in (FieldType.MONEY, FieldType.NUMBER):
        return Wanted(tuple(Fraction(value) for value in written))
    return Wanted(tuple(fold(value) if folded else value for value in written), test.case, test.at_least or 0.0)


def _pair_test(test: PairTest, left: Row, right: Row) -> Explanation:
    one, other = exact(test.left, left), exact(test.right, right)
    holds = False
    if one is not None and other is not None and _same_currency(test, left, right):
        compare = PAIR[test.op].line
        assert compare is not None
        if isinstance(one, date):
            one, other = one.toordinal(), other.toordinal()
        holds = compare(one, other, test)
    sides = ((test.left, left), (test.right, right))
    values, said = (tuple(write(name, row) for name, row in sides) for write in (shown, told))
    figures = _figures(test, one, other) if one is not None and other is not None else ""
    return Explanation(holds, condition_phrase(test), values, (), test, figures, said)


def _figures(test: PairTest, one: AnyValue, other: AnyValue) -> str:
    """How far two values are apart, and how far they may be."""
    if test.op == "similar":
        found = int(similarities([fold(one)], [fold(other)])[0] * 100)
        return _("{found} % similar, {asked} asked").format(found=found, asked=percent(test.at_least))
    if test.op == "same_rounded":
        numbers = [rounded(one, test), rounded(other, test)]
        return _("{left} and {right} once rounded").format(left=_figure(numbers[0]), right=_figure(numbers[1]))
    if test.op != "within":
        return ""
    allowed, apart = test.value or Decimal(0), abs(one - other)
    if field_named(test.left).type is FieldType.DATE:
        return _("{apart} apart, {allowed} allowed").format(apart=days(int(apart)), allowed=int(allowed))
    far = said_number(Decimal(apart.numerator) / Decimal(apart.denominator))
    return _("{apart} apart, {allowed} allowed").format(apart=far, allowed=said_number(allowed))


def _figure(number: Decimal | None) -> str:
    return _("no number") if number is None else said_number(number)


def _same_currency(test: PairTest, left: Row, right: Row) -> bool:
    if not field_named(test.left).type is field_named(test.right).type is FieldType.MONEY:
        return True
    return currency_of(test.left, left) == currency_of(test.right, right)


def exact(name: str, values: Row) -> AnyValue:
    """A field's value to compare with: text, date, or a fraction in currency units; None where it is missing."""
    kind = field_named(name).type
    stored = _stored(name, values)
    if stored is None:
        return None
    match kind:
        case FieldType.DATE:
            return stored.date() if isinstance(stored, datetime) else stored
        case FieldType.MONEY:
            currency = currency_of(name, values)
            return None if currency is None else Fraction(int(stored), 10 ** exponent(currency))
        case FieldType.NUMBER:
            return Fraction(Decimal(repr(float(stored))))
    return None if is_missing(str(stored)) else str(stored)


def _stored(name: str, values: Row) -> AnyValue:
    """The stored or computed value, None where missing."""
    value = values.get(name)
    if value is not None and not _is_null(value):
        return value
    if name == "sign":
        amount = _stored("amount", values)
        return None if amount is None else ("negative", "zero", "positive")[(amount > 0) - (amount < 0) + 1]
    if name.startswith("abs_"):
        amount = _stored(name.removeprefix("abs_"), values)
        return None if amount is None else abs(amount)
    return None


def _is_null(value: AnyValue) -> bool:
    return value is pd.NA or value is pd.NaT or (isinstance(value, float) and value != value)


def currency_of(name: str, values: Row) -> str | None:
    """The currency of an amount field, None where missing."""
    currency = _stored(field_named(name).currency_field or "currency", values)
    return None if currency is None or is_missing(str(currency)) else str(currency)


def shown(name: str, values: Row) -> str:
    """A field's value as files write it; "" where missing."""
    return _written(name, values, date.isoformat, from_minor)


def told(name: str, values: Row) -> str:
    """The same as the language spoken writes it."""
    return _written(name, values, said_day, said_money)


def _written(name: str, values: Row, day: Callable[[date], str], money: Callable[[int, str], str]) -> str:
    value = exact(name, values)
    if value is None:
        return ""
    if isinstance(value, date):
        return day(value)
    if isinstance(value, str):
        return value
    if field_named(name).type is FieldType.MONEY:
        currency = str(currency_of(name, values))
        return f"{money(int(value * 10 ** exponent(currency)), currency)} {currency}"
    return f"{float(value):g}"


def sum_of(name: str, rows: Sequence[Row]) -> Fraction | None:
    """Σ of an amount field in currency units; None where one is missing."""
    amounts = [exact(name, values) for values in rows]
    return None if None in amounts else sum(amounts, Fraction(0))
