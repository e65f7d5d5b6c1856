"""Whole columns of dates and amounts as banks write them: what the column says about its own form, and its values.

Nothing is guessed from one cell: a form is what every cell of a column agrees on, and where two forms fit it is asked.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from recon.intake.amounts import plain_amounts
from recon.intake.tables.grid import flat

DateOrder = Literal["ymd", "dmy", "mdy"]
DATE_ORDERS: tuple[DateOrder, ...] = ("ymd", "dmy", "mdy")
DecimalMark = Literal[",", "."]

_DATE = re.compile(r"'?(\d{1,4})[.\-/: ](\d{1,2})[.\-/: ](\d{1,4})\.?(?:[T ,].*)?")
_COMPACT = re.compile(r"(\d{8})")
_NAMED = re.compile(r"(\d{1,2})[. \-/]+([^\W\d_]{3,9})\.?[ \-/]+(\d{4}|\d{2})(?:[T ,].*)?")
_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan januar januari january jaan", "feb februar februari february", "mar mars march marts mär märz",
            "apr april", "mai may maj", "jun juni june", "jul juli july", "aug august augusti", "sep sept september",
            "okt oct oktober october", "nov november", "des dec dez desember december dezember",
        ),
        start=1,
    )
    for name in names.split()
}  # fmt: skip
_CENTURY = 2000
_EARLIEST, _LATEST = 1950, 2150


def day(text: str, order: DateOrder) -> date | None:
    """The day a cell writes in that order, with any separator, with a time behind it or not; None if it is none.

    A year of four digits stands where it stands: `2024-01-31` is read in every order, and names of months too.
    """
    text = text.strip().lstrip("'")
    compact = _COMPACT.fullmatch(text)
    if compact:
        return _compact(compact[1], order)
    named = _NAMED.fullmatch(text)
    if named:
        month = _MONTHS.get(named[2].lower())
        return _date(named[3], str(month), named[1]) if month else None
    parts = _DATE.fullmatch(text)
    return _ordered(parts[1], parts[2], parts[3], order) if parts else None


def _compact(digits: str, order: DateOrder) -> date | None:
    """`20240131`, or `31012024` where the order says so and the year first gives no day."""
    return _date(digits[:4], digits[4:6], digits[6:]) or (
        _ordered(digits[:2], digits[2:4], digits[4:], order) if order != "ymd" else None
    )


def _ordered(first: str, second: str, third: str, order: DateOrder) -> date | None:
    if len(first) == 4:
        return _date(first, second, third)
    if len(first) > 2 or len(third) not in (2, 4) or (len(third) == 4 and order == "ymd"):
        return None
    match order:
        case "ymd":
            return _date(first, second, third)
        case "dmy":
            return _date(third, second, first)
        case _:
            return _date(third, first, second)


def _date(year: str, month: str, day: str) -> date | None:
    if len(day) > 2 or len(year) not in (2, 4):
        return None
    number = int(year) + (_CENTURY if len(year) == 2 else 0)
    try:
        return date(number, int(month), int(day)) if _EARLIEST <= number <= _LATEST else None
    except ValueError:
        return None


def dates(texts: pa.Array, order: DateOrder) -> pa.Array:
    """date32 of every cell, null where it is none. Each different text is read once: days repeat."""
    encoded = pc.dictionary_encode(texts)
    days = pa.array([day(text, order) if text else None for text in encoded.dictionary.to_pylist()], pa.date32())
    return pc.take(days, encoded.indices)


def date_orders(texts: pa.Array) -> tuple[DateOrder, ...]:
    """The orders in which every cell that is not empty is a day; () where none is, or the column is empty."""
    values = [text for text in pc.unique(texts).to_pylist() if text and text.strip()]
    fitting = tuple(order for order in DATE_ORDERS if values and all(day(text, order) for text in values))
    same = {tuple(day(text, order) for text in values) for order in fitting}
    if len(same) == 1:
        return fitting[:1]
    # a year of two digits comes first only where nothing else is possible: nobody writes 01/04/20 for 2001
    return tuple(order for order in fitting if order != "ymd") or fitting


_MINUSES = "−–—﹣－‐"
_JUNK = r"(?i)kr\.?|,-$|[€$£¥'’\s\x{00a0}\x{202f}\x{2009}\x{2007}]|\b[A-Z]{3}\b"
_SIMPLE = {",": r"^-?[0-9]{1,15}(,[0-9]{1,4})?$", ".": r"^-?[0-9]{1,15}(\.[0-9]{1,4})?$"}
_GROUPED = {
    ",": r"^[+-]?([0-9]+|[0-9]{1,3}(\.[0-9]{3})+)?(,[0-9]*)?$",
    ".": r"^[+-]?([0-9]+|[0-9]{1,3}(,[0-9]{3})+)?(\.[0-9]*)?$",
}


def bare(texts: pa.Array) -> pa.Array:
    """Amounts without what is no number: spaces, currency words, quotes; one leading sign; null for an empty cell."""
    if pc.all(pc.match_substring_regex(texts, r"^-?[0-9.,]+$"), min_count=0).as_py():
        return texts
    cleaned = pc.replace_substring_regex(texts, f"[{_MINUSES}]", "-")
    cleaned = pc.replace_substring_regex(cleaned, _JUNK, "")
    cleaned = pc.replace_substring_regex(cleaned, r"^\((.*)\)$", r"-\1")
    cleaned = pc.replace_substring_regex(cleaned, r"^([^-+].*)([-+])$", r"\2\1")
    return pc.if_else(pc.equal(cleaned, ""), None, cleaned)


def decimal_marks(texts: pa.Array) -> tuple[DecimalMark, ...]:
    """The marks that can be the decimal mark of the whole column: one, both (nothing tells), or none (it disagrees)."""
    values = bare(texts)
    marked = values.filter(pc.match_substring_regex(values, "[.,]"))
    fitting: list[DecimalMark] = [m for m in (",", ".") if pc.all(_fitting(marked, m), min_count=0).as_py()]
    return tuple(fitting)


def amount_like(texts: pa.Array) -> pa.Array:
    """Truth for each cell: can it be read as an amount with one decimal mark or the other?"""
    values = bare(texts)
    return pc.fill_null(pc.or_(_fitting(values, ","), _fitting(values, ".")), False)


def _fitting(bared: pa.Array, mark: DecimalMark) -> pa.Array:
    return pc.and_(pc.match_substring_regex(bared, _GROUPED[mark]), pc.match_substring_regex(bared, "[0-9]"))


def amounts(texts: pa.Array, mark: DecimalMark, exponent: int) -> pa.Array:
    """int64 minor units of amounts as written; null for an empty cell and for what is no exact amount."""
    if not pc.all(pc.match_substring_regex(texts, _SIMPLE[mark]), min_count=0).as_py():
        texts = bare(texts)
        texts = pc.if_else(_fitting(texts, mark), texts, None)
        texts = pc.replace_substring(texts, "." if mark == "," else ",", "")
    if mark == ",":
        texts = pc.replace_substring(texts, ",", ".")
    return plain_amounts(_tidy(texts, exponent), exponent)


def _tidy(texts: pa.Array, exponent: int) -> pa.Array:
    """`.5` as `0.5`, `5.` as `5`, and no zeros behind the last decimal the currency has."""
    if pc.any(pc.match_substring_regex(texts, r"^[+-]?\.|\.$"), min_count=0).as_py():
        texts = pc.replace_substring_regex(texts, r"^([+-]?)\.", r"\10.")
        texts = pc.replace_substring_regex(texts, r"\.$", "")
    pattern = rf"(\.[0-9]{{{exponent}}})0+$" if exponent else r"()\.0+$"
    return pc.replace_substring_regex(texts, pattern, r"\1")


def currency_words(texts: Iterable[str], known: Iterable[str]) -> set[str]:
    """Currency codes that stand in the texts."""
    codes = set(known)
    return {word for text in texts for word in re.findall(r"\b[A-Z]{3}\b", text) if word in codes}


def as_int64(values: pa.Array) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Minor units as numpy, a missing amount as 0."""
    return np.asarray(flat(pc.fill_null(values, 0)).to_numpy(zero_copy_only=False), dtype=np.int64)
