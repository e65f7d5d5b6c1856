"""Text as rules compare it: what is missing, case, normalised values, tokens.

Each notion has two readings that know nothing of one another: of a whole column (Arrow, RE2) and of one value (plain
Python, for the explanation, which is the oracle). White space is what `str.isspace` says; alphanumeric is Unicode L
and N.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from itertools import groupby
from typing import cast

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

STEPS = ("case", "spaces", "punctuation", "leading_zeros")
"""Steps of `normalise`, in the order in which they are taken whatever order a rule names them in."""

_SPACE = r"\t-\r\x1c-\x20\x{85}\pZ"
_OTHER_SPACE = r"[\t-\r\x1c-\x1f\x{85}\pZ]"
_PUNCTUATION = rf"[^\pL\pM\pN{_SPACE}]+"
_PRESENT = r"[\pL1-9\p{Nl}\p{No}]|[^\P{Nd}0-9]"
_SURELY_PRESENT = "[A-Za-z1-9]"
_TOKEN = re.compile(r"[^\W_]+")


# Columns


def strings(column: pa.Array | pa.ChunkedArray) -> pa.Array:
    """Any column of text as one Arrow array of type string."""
    whole = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    return whole if pa.types.is_string(whole.type) else pc.cast(whole, pa.string())


def present(column: pa.Array) -> pa.Array:
    """The column with null for every value that is missing: nothing but white space, punctuation and zeros."""
    # Nearly every value passes the pattern that is quick to compile.
    filled = pc.match_substring_regex(column, _SURELY_PRESENT)
    if pc.all(filled, min_count=0).as_py():
        return column
    doubtful = pc.fill_null(pc.invert(filled), False)
    found = pc.match_substring_regex(column.filter(doubtful), _PRESENT)
    return pc.if_else(pc.replace_with_mask(filled, doubtful, found), column, None)


def folded(column: pa.Array) -> pa.Array:
    """Lower case, letter by letter."""
    only_ascii = pc.all(pc.string_is_ascii(column), min_count=0).as_py()
    return pc.ascii_lower(column) if only_ascii else pc.utf8_lower(column)


def normalised(column: pa.Array | pa.ChunkedArray, steps: Iterable[str]) -> pa.Array:
    """What `same` compares: the column after the steps; null where a value is missing. Other types than text stand."""
    whole = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    if not (pa.types.is_null(whole.type) or _is_text(whole.type)):
        return whole
    result = present(strings(whole))
    taken = frozenset(steps)
    for step in STEPS:
        if step in taken:
            result = _COLUMN_STEPS[step](result)
    return result


def _is_text(kind: pa.DataType) -> bool:
    of = kind.value_type if pa.types.is_dictionary(kind) else kind
    return bool(pa.types.is_string(of) or pa.types.is_large_string(of) or pa.types.is_string_view(of))


def _without_spaces(column: pa.Array) -> pa.Array:
    # The plain space is nearly all there is, and its removal costs a quarter of the pattern's.
    bare = pc.replace_substring(column, " ", "")
    return pc.replace_substring_regex(bare, _OTHER_SPACE, "") if _may_hold_other_space(bare) else bare


def _may_hold_other_space(column: pa.Array) -> bool:
    """Whether any byte is a control character or part of a letter outside ASCII: a look at the bytes, not the texts."""
    held = column.buffers()[2]
    if held is None:
        return False
    octets = np.frombuffer(held, dtype=np.uint8)
    return bool(((octets < 0x20) | (octets >= 0x7F)).any())


def _without_punctuation(column: pa.Array) -> pa.Array:
    return pc.replace_substring_regex(column, _PUNCTUATION, "")


def _without_leading_zeros(column: pa.Array) -> pa.Array:
    return pc.utf8_ltrim(column, "0")


_COLUMN_STEPS = dict(zip(STEPS, (folded, _without_spaces, _without_punctuation, _without_leading_zeros), strict=True))


def tokens(text: str, at_least: int) -> frozenset[str]:
    """Runs of letters and digits of a folded text that hold a digit and are long enough."""
    found = _TOKEN.findall(text)
    return frozenset(word for word in found if len(word) >= at_least and any(char.isdigit() for char in word))


@lru_cache(maxsize=1 << 18)
def loose(text: str) -> str:
    """Words of a text for the token-set ratio: letters and digits, single spaces."""
    return " ".join(_TOKEN.findall(text))


# One value


def is_missing(value: str | None) -> bool:
    """White space, or a value that normalises to nothing ("---", "000")."""
    return value is None or not any(char != "0" and unicodedata.category(char)[0] in "LN" for char in value)


def fold(value: str) -> str:
    """Lower case, letter by letter, so that no letter becomes two."""
    return "".join(char.lower()[0] for char in value)


def normal(value: str, steps: Iterable[str]) -> str:
    """One value after the steps of `normalise`."""
    taken = frozenset(steps)
    result = fold(value) if "case" in taken else value
    if "spaces" in taken:
        result = "".join(result.split())
    if "punctuation" in taken:
        result = "".join(char for char in result if char.isspace() or unicodedata.category(char)[0] in "LMN")
    return result.lstrip("0") if "leading_zeros" in taken else result


def words(value: str) -> list[str]:
    """Runs of letters and digits, in order."""
    return ["".join(chars) for alphanumeric, chars in groupby(value, str.isalnum) if alphanumeric]


def as_list(column: pa.Array) -> list[str]:
    return cast(list[str], column.to_pylist())
