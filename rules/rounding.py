"""Numbers that are compared after rounding: exactly, whether an amount or a number that stands in a text.

A number in a text is written as files write it, `-10.005`. Whatever else a text holds is no number: "10,005" may mean
thousands, and nothing is guessed. Columns hold integers in units of the last decimal, one line's values are fractions.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from math import floor, trunc
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rules.model import PairTest

MOST_PLACES = 12
_MOST_DIGITS = 40
_NUMBER = re.compile(rf"([+-]?[0-9]{{1,{_MOST_DIGITS}}})(?:\.([0-9]{{1,{_MOST_DIGITS}}}))?")


def steps(digits: Any, step: Any, mode: str) -> Any:
    """How many steps a number of so many last decimals comes to, as an int or an array of them.

    `half_up` is the nearest, halves away from zero; `floor` goes down; `truncate` towards zero.
    """
    whole, rest = digits // step, digits % step
    if mode == "half_up":
        return whole + ((2 * rest > step) | ((2 * rest == step) & (digits > 0)))
    return whole + ((digits < 0) & (rest > 0)) if mode == "truncate" else whole


def step_of(test: PairTest, decimals: int) -> int:
    """How many units of the last decimal the test counts as one, of numbers with so many decimals."""
    step: int = 10 ** max(decimals - (test.places or 0), 0)
    return step


def amounts_same(
    left: NDArray[np.int64], right: NDArray[np.int64], step: NDArray[np.int64], test: PairTest
) -> NDArray[np.bool_]:
    same: NDArray[np.bool_] = steps(left, step, test.mode) == steps(right, step, test.mode)
    return same


def texts_same(left: Sequence[str], right: Sequence[str], test: PairTest) -> NDArray[np.bool_]:
    """Where both texts are numbers that round alike."""
    known = {text: _in_text(text, test) for text in {*left, *right}}
    pairs = ((known[one], known[other]) for one, other in zip(left, right, strict=True))
    return np.array([one is not None and one == other for one, other in pairs], dtype=bool)


def _in_text(text: str, test: PairTest) -> int | None:
    """The number in units of its last place after rounding."""
    found = _NUMBER.fullmatch(text.strip())
    if found is None:
        return None
    decimals = found[2] or ""
    missing = max((test.places or 0) - len(decimals), 0)
    return int(steps(int(found[1] + decimals) * 10**missing, step_of(test, len(decimals)), test.mode))


def line_same(left: Fraction | str, right: Fraction | str, test: PairTest) -> bool:
    """The same of one pair of values: amounts in currency units, or texts."""
    one, other = rounded(left, test), rounded(right, test)
    return one is not None and one == other


def rounded(value: Fraction | str, test: PairTest) -> Decimal | None:
    """A value after rounding, None where it is no number."""
    number = _number(value) if isinstance(value, str) else value
    if number is None:
        return None
    scaled = number * 10 ** (test.places or 0)
    nearest = floor(abs(scaled) + Fraction(1, 2)) * (1 if scaled >= 0 else -1)
    whole = {"half_up": nearest, "floor": floor(scaled), "truncate": trunc(scaled)}[test.mode]
    return Decimal(f"{whole}e-{test.places or 0}")


def _number(text: str) -> Fraction | None:
    plain = text.strip()
    whole, point, rest = plain.removeprefix("-" if plain.startswith("-") else "+").partition(".")
    parts = (whole, rest) if point else (whole,)
    written = all(part.isascii() and part.isdigit() and len(part) <= _MOST_DIGITS for part in parts)
    return Fraction(plain) if written else None
