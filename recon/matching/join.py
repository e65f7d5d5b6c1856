"""Joins of units: on equal keys inside a date window, on amounts inside a band, on shared tokens. Never a cross product."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa

from recon.matching.side import NO_DAY, Ints, Mask
from recon.matching.units import spans

BLOCK_CEILING = 1_000_000
"""Pairs that one equality block may give. A larger block is left with a finding (rule language, candidates)."""

_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Pairs:
    """Positions of left and right units, and the blocks left out as (left units, right units)."""

    left: Ints
    right: Ints
    left_out: tuple[tuple[int, int], ...] = ()

    def keep(self, mask: Mask) -> Pairs:
        return Pairs(self.left[mask], self.right[mask], self.left_out)


EMPTY = np.zeros(0, dtype=np.int64)


def dense_keys(left: Sequence[Ints], right: Sequence[Ints]) -> tuple[Ints, Ints]:
    """One code for each distinct combination of the key columns, in one numbering for both sides; -1 where a key is -1.

    Columns are folded one by one, so that the codes stay below the number of rows and nothing overflows.
    """
    size = len(left[0])
    missing = np.zeros(size + len(right[0]), dtype=bool)
    folded = np.zeros(size + len(right[0]), dtype=np.int64)
    for one, other in zip(left, right, strict=True):
        column = np.concatenate([one, other])
        missing |= column == -1
        codes = pd.factorize(column)[0].astype(np.int64)
        folded = pd.factorize(folded * (int(codes.max(initial=0)) + 1) + codes)[0].astype(np.int64)
    folded[missing] = -1
    return folded[:size], folded[size:]


def equality_join(
    left: Ints, right: Ints, window: tuple[Ints, Ints] | None = None, right_day: Ints | None = None
) -> Pairs:
    """Pairs with equal codes (-1 never joins), and where `window` is given low <= right_day <= high of the left unit."""
    lpos, rpos = np.flatnonzero(left >= 0), np.flatnonzero(right >= 0)
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


def words(values: pa.Array) -> list[list[str]]:
    """Runs of letters and digits of every value, case folded; none for null."""
    return [_WORD.findall(text.casefold()) if text is not None else [] for text in values.to_pylist()]


def token_join(left: Sequence[Sequence[str]], right: Sequence[Sequence[str]]) -> Pairs:
    """Pairs of positions that share a token, each once."""
    lpos, ltok = _exploded(left)
    rpos, rtok = _exploded(right)
    codes = pd.factorize(np.concatenate([ltok, rtok]))[0].astype(np.int64)
    joined = equality_join(codes[: len(ltok)], codes[len(ltok) :])
    pairs = np.unique(np.stack([lpos[joined.left], rpos[joined.right]]), axis=1)
    return Pairs(pairs[0], pairs[1], joined.left_out)


def _exploded(tokens: Sequence[Sequence[str]]) -> tuple[Ints, np.ndarray[tuple[int], np.dtype[np.object_]]]:
    counts = np.array([len(each) for each in tokens], dtype=np.int64)
    flat = np.array([token for each in tokens for token in dict.fromkeys(each)], dtype=object)
    counts = (
        np.array([len(dict.fromkeys(each)) for each in tokens], dtype=np.int64) if len(flat) != counts.sum() else counts
    )
    return np.repeat(np.arange(len(tokens), dtype=np.int64), counts), flat
