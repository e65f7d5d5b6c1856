"""Truth columns → signatures: the distinct rows of some columns, and chunks of conditions that share few of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from rules.model import All, Any, Condition, Leaf, Not, leaves

Mask = NDArray[np.bool_]
Codes = NDArray[np.int64]
Asked = list[tuple[int, Condition]]
"""Conditions with the places they have in a question."""

LEAVES_A_CHUNK = 8
RULES_A_CHUNK = 32
"""durable-rules refuses more than 64 rules that fire on one fact."""
_BITS_AT_ONCE = 24


def chunks(asked: Asked) -> Iterator[Asked]:
    """Consecutive conditions that share few leaf tests; one with many tests stands alone."""
    chunk: Asked = []
    tests: set[Leaf] = set()
    for place, condition in asked:
        own = set(leaves(condition))
        if chunk and (len(tests | own) > LEAVES_A_CHUNK or len(chunk) == RULES_A_CHUNK):
            yield chunk
            chunk, tests = [], set()
        chunk.append((place, condition))
        tests |= own
    if chunk:
        yield chunk


def branches(condition: Condition) -> int:
    """Nodes of and/or that an engine must store for a condition."""
    match condition:
        case Not(item):
            return branches(item)
        case All(items) | Any(items):
            return sum(map(branches, items)) + (len(items) > 1)
    return 0


def signatures(columns: Sequence[Mask]) -> tuple[NDArray[np.bool_], Codes]:
    """The distinct rows of truth columns (signatures × columns), and which of them each row is."""
    codes = np.zeros(len(columns[0]), dtype=np.int64)
    for start in range(0, len(columns), _BITS_AT_ONCE):
        for column in columns[start : start + _BITS_AT_ONCE]:
            codes = codes * 2 + column
        codes = _ranked(codes)
    known = int(codes.max()) + 1
    example = np.zeros(known, dtype=np.int64)
    example[codes] = np.arange(len(codes))
    return np.column_stack([column[example] for column in columns]), codes


def _ranked(codes: Codes) -> Codes:
    """Codes made dense, so that further columns fit beside them."""
    if codes.max() < 1 << 20:
        seen = np.flatnonzero(np.bincount(codes))
        ranks = np.zeros(int(codes.max()) + 1, dtype=np.int64)
        ranks[seen] = np.arange(len(seen))
        return ranks[codes]
    return np.unique(codes, return_inverse=True)[1].astype(np.int64)
