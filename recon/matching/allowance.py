"""Which differences a rule allows, compared exactly in minor units (rule language, amount)."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_FLOOR, Decimal
from fractions import Fraction

import numpy as np

from recon.matching.side import Ints, Mask
from rules.model import Allowance
from rules.values import exponent


def minor_limits(limit: Decimal, currencies: Mapping[int, str]) -> Ints:
    """Largest whole number of minor units inside `limit`, by currency code."""
    size = max(currencies, default=-1) + 1
    limits = np.zeros(size, dtype=np.int64)
    for code, name in currencies.items():
        limits[code] = int((limit * 10 ** exponent(name)).to_integral_value(ROUND_FLOOR))
    return limits


def allowed(
    allowance: Allowance, difference: Ints, left: Ints, right: Ints, currency: Ints, currencies: Mapping[int, str]
) -> Mask:
    """True where the difference Σ right − Σ left is inside the allowance; the boundary is inside."""
    if allowance.anything:
        return np.ones(len(difference), dtype=bool)
    minus, plus = minor_limits(allowance.minus, currencies), minor_limits(allowance.plus, currencies)
    inside = (difference >= -minus[currency]) & (difference <= plus[currency])
    if allowance.percent is not None:
        inside |= _inside_percent(allowance, difference, left, right, currency, currencies)
    return inside


def _inside_percent(
    allowance: Allowance, difference: Ints, left: Ints, right: Ints, currency: Ints, currencies: Mapping[int, str]
) -> Mask:
    share = Fraction(allowance.percent or 0) / 100
    basis = basis_amount(allowance, left, right)
    apart = np.abs(difference)
    largest = max(int(apart.max(initial=0)) * share.denominator, int(basis.max(initial=0)) * share.numerator)
    if largest < 2**62:
        inside = apart * share.denominator <= basis * share.numerator
    else:  # too large for int64: Python's integers are exact
        inside = np.array(
            [int(a) * share.denominator <= int(b) * share.numerator for a, b in zip(apart, basis, strict=True)],
            dtype=bool,
        )
    if allowance.cap is not None:
        inside &= apart <= minor_limits(allowance.cap, currencies)[currency]
    return np.asarray(inside, dtype=bool)


def basis_amount(allowance: Allowance, left: Ints, right: Ints) -> Ints:
    one, other = np.abs(left), np.abs(right)
    match allowance.basis:
        case "left":
            return one
        case "right":
            return other
        case "larger":
            return np.maximum(one, other)
        case _:
            return np.minimum(one, other)


def band(allowance: Allowance, left: Ints, currency: Ints, currencies: Mapping[int, str]) -> tuple[Ints, Ints]:
    """Bounds of the right amount that hold every allowed difference (wider than allowed; `allowed` decides)."""
    minus, plus = (
        minor_limits(allowance.minus, currencies)[currency],
        minor_limits(allowance.plus, currencies)[currency],
    )
    if allowance.percent is not None:
        slack = _widest(allowance, np.abs(left))
        minus, plus = np.maximum(minus, slack), np.maximum(plus, slack)
    return left - minus, left + plus


def _widest(allowance: Allowance, left: Ints) -> Ints:
    """Largest difference a percentage can allow for a left amount: of a larger right side it grows as p / (1 − p)."""
    share = min(float(allowance.percent or 0) / 100, 0.999)
    factor = share if allowance.basis in ("left", "smaller") else share / (1 - share)
    widest: Ints = np.ceil(left * factor).astype(np.int64) + 1
    return widest
