"""Joins of units: on equal keys inside a date window, on amounts inside a band, on shared tokens. Never a cross
product."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from recon.matching.side import NO_DAY, Ints, Mask, among, dictionary_codes
from recon.matching.units import spans

BLOCK_CEILING = 1_000_000
"""Pairs that one equality block may give. A larger block is left with a finding (rule language, candidates)."""


@dataclass(frozen=True, slots=True)
class Pairs:
    """Positions of left and right units, and the blocks left out as (left units, right units)."""

    left: Ints
    right: Ints
    left_out: tuple[tuple[int, int], ...] = ()

    def keep(self, mask: Mask) -> Pairs:
        return Pairs(self.left[mask], self.right[mask], self.left_out)


EMPTY = np.zeros(0, dtype=np.int64)


_MIX = (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0xD6E8FEB86659FD93)


def key_codes(left: Sequence[Ints], right: Sequence[Ints]) -> tuple[Ints, Ints]:
    """One code for each combination of the key columns, in one numbering for both sides; -1 where a key is -1.

    The columns are mixed into 64 bits first, so two combinations may, very rarely, share a code: whoever joins by
    the codes
    compares the columns of the pairs (`agree`).
    """
    size = len(left[0])
    mixed = np.zeros(size + len(right[0]), dtype=np.uint64)
    missing = np.zeros(len(mixed), dtype=bool)
    for place, columns in enumerate(zip(left, right, strict=True)):
        column = np.concatenate(columns)
        missing |= column == -1
        mixed = (mixed ^ (mixed >> np.uint64(29)) ^ column.view(np.uint64)) * np.uint64(_MIX[place % len(_MIX)])
    codes = pd.factorize(mixed)[0].astype(np.int64)
    codes[missing] = -1
    return codes[:size], codes[size:]


def agree(left: Sequence[Ints], right: Sequence[Ints], pairs: Pairs) -> Mask:
    """Where the key columns of both units are equal."""
    equal = np.ones(len(pairs.left), dtype=bool)
    for one, other in zip(left, right, strict=True):
        equal &= one[pairs.left] == other[pairs.right]
    return equal


def telling(left: Ints, right: Ints) -> bool:
    """Whether so few pairs are equal in this column of small codes that other keys are better compared pair by pair."""
    size = int(max(left.max(initial=-1), right.max(initial=-1))) + 1
    pairs = np.bincount(left[left >= 0], minlength=size) * np.bincount(right[right >= 0], minlength=size)
    return int(pairs.sum()) <= len(left) + len(right) and int(pairs.max(initial=0)) <= BLOCK_CEILING


def equality_join(
    left: Ints, right: Ints, window: tuple[Ints, Ints] | None = None, right_day: Ints | None = None
) -> Pairs:
    """Pairs with equal codes (-1 never joins), and where `window` is given low <= right_day <= high of the left
    unit."""
    lpos, rpos = np.flatnonzero(among(left, right)), np.flatnonzero(among(right, left))
    if not len(lpos) or not len(rpos):
        return Pairs(EMPTY, EMPTY)
    if window is None or right_day is None:
        order, low, high = _block_ranges(left[lpos], right[rpos])
    else:
        order, low, high = _dated_ranges(left[lpos], right[rpos], window[0][lpos], window[1][lpos], right_day[rpos])
    return _expand(lpos, rpos[order], low, high, left[lpos])


def _block_ranges(left: Ints, right: Ints) -> tuple[Ints, Ints, Ints]:
    order = np.argsort(right, kind="stable")
    sizes = np.bincount(right, minlength=int(max(left.max(), right.max())) + 1)
    ends = np.cumsum(sizes)
    return order, (ends - sizes)[left], ends[left]


def _dated_ranges(left: Ints, right: Ints, low: Ints, high: Ints, day: Ints) -> tuple[Ints, Ints, Ints]:
    known = day[day != NO_DAY]
    base, top = (int(known.min()), int(known.max())) if len(known) else (0, 0)
    width = top - base + 3
    dated = np.where(day == NO_DAY, 0, day - base + 1)
    order = np.argsort(right * width + dated, kind="stable")
    ordered = (right * width + dated)[order]
    lowest = left * width + np.clip(low - base + 1, 1, width - 1)
    highest = left * width + np.clip(high - base + 1, 0, width - 2)
    starts = np.searchsorted(ordered, lowest, side="left")
    ends = np.searchsorted(ordered, highest, side="right")
    return order, starts, np.maximum(starts, ends)


def _expand(lpos: Ints, rpos: Ints, low: Ints, high: Ints, block: Ints) -> Pairs:
    counts = high - low
    per_block = np.bincount(block, weights=counts)
    too_large = np.flatnonzero(per_block > BLOCK_CEILING)
    left_out: tuple[tuple[int, int], ...] = ()
    if len(too_large):
        out = np.isin(block, too_large)
        left_out = tuple(_block_size(block, low, high, int(code)) for code in too_large)
        counts = np.where(out, 0, counts)
    return Pairs(np.repeat(lpos, counts), rpos[spans(low, counts)], left_out)


def _block_size(block: Ints, low: Ints, high: Ints, code: int) -> tuple[int, int]:
    inside = block == code
    return int(inside.sum()), int(high[inside].max() - low[inside].min())


def band_join(group_left: Ints, group_right: Ints, low: Ints, high: Ints, amount: Ints) -> Pairs:
    """Pairs of one group (the currency) with low <= right amount <= high of the left unit."""
    order = np.lexsort((amount, group_right))
    lefts, rights, blocks, left_out = [], [], [], []
    for code in np.unique(group_left[group_left >= 0]):
        rows = np.flatnonzero(group_left == code)
        span = order[
            np.searchsorted(group_right[order], code) : np.searchsorted(group_right[order], code, side="right")
        ]
        ordered = amount[span]
        start, end = np.searchsorted(ordered, low[rows]), np.searchsorted(ordered, high[rows], side="right")
        counts = np.maximum(end - start, 0)
        if int(counts.sum()) > 20 * BLOCK_CEILING:
            left_out.append((len(rows), len(span)))
            continue
        lefts.append(np.repeat(rows, counts))
        rights.append(span[spans(start, counts)])
        blocks.append(code)
    if not lefts:
        return Pairs(EMPTY, EMPTY, tuple(left_out))
    return Pairs(np.concatenate(lefts), np.concatenate(rights), tuple(left_out))


@dataclass(frozen=True, slots=True)
class Tokens:
    """Runs of letters and digits, lower case: each with the position of the value it stands in."""

    position: Ints
    text: pa.Array

    def keep(self, mask: Mask) -> Tokens:
        return Tokens(self.position[mask], self.text.filter(pa.array(mask)))

    def longest(self) -> Tokens:
        """The longest of each value, the first of equals."""
        length = pc.utf8_length(self.text).to_numpy(zero_copy_only=False).astype(np.int64)
        order = np.lexsort((np.arange(len(length)), -length, self.position))
        first = np.ones(len(order), dtype=bool)
        first[1:] = np.diff(self.position[order]) > 0
        chosen = np.zeros(len(order), dtype=bool)
        chosen[order[first]] = True
        return self.keep(chosen)

    def numbers(self, least: int) -> Tokens:
        """Those of at least so many characters with a digit among them."""
        long = pc.greater_equal(pc.utf8_length(self.text), least)
        kept = pc.and_(long, pc.match_substring_regex(self.text, r"\p{Nd}"))
        return self.keep(np.asarray(kept.to_numpy(zero_copy_only=False), dtype=bool))


def tokens(values: pa.Array) -> Tokens:
    parts = pc.split_pattern_regex(pc.utf8_lower(pc.fill_null(values, "")), r"[^\pL\pN]+")
    flat = pc.list_flatten(parts)
    position = pc.list_parent_indices(parts).to_numpy(zero_copy_only=False).astype(np.int64)
    return Tokens(position, flat).keep(np.asarray(pc.not_equal(flat, "").to_numpy(zero_copy_only=False), dtype=bool))


def token_join(left: Tokens, right: Tokens, lkey: Ints, rkey: Ints) -> Pairs:
    """Pairs of positions that share a token and a key, each pair once. `lkey`, `rkey`: one code a position, -1 for
    none."""
    codes = dictionary_codes(pc.dictionary_encode(pa.concat_arrays([left.text, right.text])))
    one, other = key_codes(
        [codes[: len(left.position)], lkey[left.position]], [codes[len(left.position) :], rkey[right.position]]
    )
    joined = equality_join(one, other)
    pairs = pd.DataFrame({"left": left.position[joined.left], "right": right.position[joined.right]}).drop_duplicates()
    return Pairs(pairs["left"].to_numpy(), pairs["right"].to_numpy(), joined.left_out)
