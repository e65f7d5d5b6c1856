"""The values that tests of dates, amounts and numbers let through, as ranges."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from rules.fields import FieldType, field_named
from rules.model import Test

ORDERED = (FieldType.DATE, FieldType.MONEY, FieldType.NUMBER)


@dataclass(frozen=True, slots=True)
class Range:
    """Bounds of an ordered field, None where there is none; `open_low`, `open_high` where the bound itself is outside.

    Dates are their ordinals.
    """

    low: Decimal | None = None
    high: Decimal | None = None
    open_low: bool = False
    open_high: bool = False

    def __and__(self, other: Range) -> Range:
        low, open_low = max(self._from(), other._from())
        high, closed_high = min(self._to(), other._to())
        return Range(
            None if low == -_ENDLESS else low, None if high == _ENDLESS else high, bool(open_low), not closed_high
        )

    def _from(self) -> tuple[Decimal, bool]:
        return (-_ENDLESS if self.low is None else self.low, self.open_low)

    def _to(self) -> tuple[Decimal, bool]:
        return (_ENDLESS if self.high is None else self.high, not self.open_high)

    @property
    def empty(self) -> bool:
        if self.low is None or self.high is None:
            return False
        return self.low > self.high or (self.low == self.high and (self.open_low or self.open_high))

    def holds(self, other: Range) -> bool:
        """Whether every value of the other range lies in this one."""
        return self._from() <= other._from() and other._to() <= self._to()


_ENDLESS = Decimal("Infinity")


def range_of(test: Test) -> Range | None:
    """The range of values that pass a test; None where the test is no range, or none of an ordered field."""
    if field_named(test.field).type not in ORDERED:
        return None
    values = [_ordinal(test, value) for value in written(test)]
    match test.op:
        case "greater_than":
            return Range(low=values[0], open_low=True)
        case "at_least":
            return Range(low=values[0])
        case "less_than":
            return Range(high=values[0], open_high=True)
        case "at_most":
            return Range(high=values[0])
        case "between":
            return Range(values[0], values[1])
        case "equals" if len(values) == 1:
            return Range(values[0], values[0])
    return None


def together(tests: Iterable[Test]) -> Range:
    """The range that tests of one field leave when all must hold; tests that are no ranges are passed over."""
    left = Range()
    for found in map(range_of, tests):
        if found is not None:
            left &= found
    return left


def written(test: Test) -> tuple[str, ...]:
    """The values of a test as they are written: none, one or several."""
    return (test.value,) if isinstance(test.value, str) else test.value or ()


def _ordinal(test: Test, value: str) -> Decimal:
    if field_named(test.field).type is FieldType.DATE:
        return Decimal(date.fromisoformat(value).toordinal())
    return Decimal(value)
