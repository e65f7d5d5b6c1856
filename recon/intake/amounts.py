"""Whole columns of written amounts as minor units, exactly: text to digits to int64, never through a float.

`rules.values` owns what a minor unit is; this is its reading of a column at a time.
"""

from __future__ import annotations

from collections.abc import Callable

import pyarrow as pa
import pyarrow.compute as pc

MOST_DIGITS = 18
"""Digits an int64 always holds."""


def plain_amounts(texts: pa.Array, exponent: int) -> pa.Array:
    """int64 minor units of amounts written as `-1234.56`, with at most `exponent` decimals; what is none is null."""
    whole = MOST_DIGITS - exponent
    decimals = rf"(\.[0-9]{{1,{exponent}}})?" if exponent else ""
    good = pc.match_substring_regex(texts, rf"^[+-]?[0-9]{{1,{whole}}}{decimals}$")
    if not pc.all(good, min_count=0).as_py():
        texts = pc.if_else(good, texts, None)
    exact = pc.cast(texts, pa.decimal64(MOST_DIGITS, exponent))
    return exact.view(pa.int64())  # a decimal is stored as its unscaled integer: the minor units


def amounts(texts: pa.Array, currencies: pa.Array, exponent: Callable[[str], int]) -> pa.Array:
    """Minor units of each amount in the currency beside it; null where either is missing or the amount is none.

    `exponent` gives the number of decimals of a currency; it is asked once a currency, missing ones excepted.
    """
    exponents = {c: exponent(c) for c in pc.unique(currencies).to_pylist() if c is not None}
    if len(set(exponents.values())) == 1 and not currencies.null_count:
        return plain_amounts(texts, next(iter(exponents.values())))
    result = pa.nulls(len(texts), pa.int64())
    for decimals in sorted(set(exponents.values())):
        named = pa.array([c for c, of_currency in exponents.items() if of_currency == decimals], pa.string())
        result = pc.if_else(pc.is_in(currencies, value_set=named), plain_amounts(texts, decimals), result)
    return result
