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
from numpy.typing import NDArray

STEPS = ("case", "spaces", "punctuation", "leading_zeros")
"""Steps of `normalise`, in the order in which they are taken whatever order a rule names them in."""
SAME_DEFAULT = ("case", "spaces")
"""The steps that `same` takes where a rule names none."""

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
    # Nearly every value tells by its first letter, most others by the pattern that is quick to compile.
    doubtful = pc.and_(pa.array(~_begins_present(column)), column.is_valid())
    if not pc.any(doubtful, min_count=0).as_py():
        return column
    asked = column.filter(doubtful)
    found = pc.match_substring_regex(asked, _SURELY_PRESENT)
    if not pc.all(found, min_count=0).as_py():
        found = pc.or_(found, pc.match_substring_regex(asked, _PRESENT))
    return pc.if_else(pc.replace_with_mask(column.is_valid(), doubtful, found), column, None)


_BEGINS_PRESENT = np.array([bool(re.match(_SURELY_PRESENT, chr(octet))) for octet in range(256)])


def _begins_present(column: pa.Array) -> NDArray[np.bool_]:
    """Where the first byte alone says that a value is not missing."""
    octets = _octets(column)
    if not len(octets):
        return np.zeros(len(column), dtype=bool)
    offsets = np.frombuffer(column.buffers()[1], dtype=np.int32)[column.offset : column.offset + len(column) + 1]
    filled = offsets[1:] > offsets[:-1]
    begins: NDArray[np.bool_] = _BEGINS_PRESENT[octets[np.minimum(offsets[:-1], len(octets) - 1)]]
    return begins & filled


def _octets(column: pa.Array) -> NDArray[np.uint8]:
    """The bytes of all texts one after the other, and perhaps those of texts beside a slice."""
    held = column.buffers()[2] if len(column) else None
    return np.frombuffer(held, dtype=np.uint8) if held is not None else np.zeros(0, dtype=np.uint8)


def in_byte_order(column: pa.Array) -> NDArray[np.int64]:
    """Positions of texts, none null, in the order of their bytes: as Arrow sorts them, but by eight bytes at a time.

    Texts that begin alike are left to Arrow.
    """
    order, tied = _ordered_by_begin(column)
    some = order[tied]
    order[tied] = some[pc.sort_indices(column.take(pa.array(some))).to_numpy()]
    return order


def repeats(column: pa.Array) -> bool:
    """Whether some text, none null, stands twice."""
    order, tied = _ordered_by_begin(column)
    some = column.take(pa.array(order[tied]))
    return len(pc.unique(some)) < len(some)


def _ordered_by_begin(column: pa.Array) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Positions in the order of the first eight bytes, and which of these places have them in common with another."""
    begins = _begins(column)
    order = np.argsort(begins)
    equal = np.diff(begins[order]) == 0
    tied = np.zeros(len(order), dtype=bool)
    tied[1:] |= equal
    tied[:-1] |= equal
    return order.astype(np.int64), tied


def _begins(column: pa.Array) -> NDArray[np.uint64]:
    """The first eight bytes of each text as one number, with zeros behind a shorter one."""
    begins = np.zeros(len(column), dtype=np.uint64)
    octets = _octets(column)
    if not len(octets):
        return begins
    offsets = np.frombuffer(column.buffers()[1], dtype=np.int32)[column.offset : column.offset + len(column) + 1]
    for place in range(8):
        at = offsets[:-1] + place
        octet = np.where(at < offsets[1:], octets[np.minimum(at, len(octets) - 1)], 0)
        begins = (begins << np.uint64(8)) | octet.astype(np.uint64)
    return begins


def folded(column: pa.Array) -> pa.Array:
    """Lower case, letter by letter."""
    only_ascii = _octets(column).max(initial=0) < 0x80
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
    # A look at the bytes costs a hundredth of a pattern's look at the texts; the plain space is nearly all there is.
    octets = _octets(column)
    bare = pc.replace_substring(column, " ", "") if (octets == 0x20).any() else column
    other = bool(((octets < 0x20) | (octets >= 0x7F)).any())
    return pc.replace_substring_regex(bare, _OTHER_SPACE, "") if other else bare


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
