"""How well the two units of a candidate agree (rule language, what a match rule does, 3): only rivals are compared."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from recon.matching.candidates import Candidates, Opposed
from recon.matching.join import Pairs
from recon.matching.side import DEFAULT_STEPS, Ints, Side, dictionary_codes
from recon.matching.units import Units, unit_codes
from rules.evaluate import similarity
from rules.operators import normalised

COMPARED = (
    "reference archive_reference voucher_number counterparty counterparty_account customer_number supplier_number text"
).split()


def coarse_ranks(opposed: Opposed, candidates: Candidates, positions: Ints) -> Ints:
    """Dense rank of each candidate at `positions` by what costs nothing: smaller difference, then fewer days."""
    return _dense(_by_numbers(opposed, candidates, positions))


def _by_numbers(opposed: Opposed, candidates: Candidates, positions: Ints) -> list[Ints]:
    """Smaller difference, then fewer days; under `newest` what is newer stands before what is nearer.

    Candidates are compared where they share a unit, and there the larger sum of both days is the newer other unit.
    """
    difference, days = np.abs(candidates.difference[positions]), candidates.days[positions]
    if opposed.rule.ambiguous != "newest":
        return [difference, days]
    left, right = candidates.left[positions], candidates.right[positions]
    return [difference, -(opposed.left.last_day[left] + opposed.right.last_day[right]), days]


def ranks(opposed: Opposed, candidates: Candidates, positions: Ints) -> Ints:
    """Rank by everything: smaller difference, (newer,) fewer days, more fields same, higher similarity.

    What the texts say depends on the lines alone, so it is worked out once for candidates that meet again.
    """
    known = candidates.agreed
    unknown = positions[known.of(positions) < 0]
    if len(unknown):
        known.remember(unknown, agreed(opposed, candidates, unknown))
    return _dense([*_by_numbers(opposed, candidates, positions), -known.of(positions)])


def agreed(opposed: Opposed, candidates: Candidates, positions: Ints) -> NDArray[np.float64]:
    """How many fields are the same, and as at most one half more how similar the rule's texts are."""
    left, one = _subset(opposed.left, candidates.left[positions])
    right, other = _subset(opposed.right, candidates.right[positions])
    opposed, pairs = replace(opposed, left=left, right=right), Pairs(one, other)
    return _fields_same(opposed, pairs) + _similarities(opposed, pairs) / 2


def _dense(keys: list[NDArray[Any]]) -> Ints:
    order = np.lexsort(keys[::-1])
    new = np.zeros(len(order), dtype=bool)
    for key in keys:
        ordered = key[order]
        new[1:] |= ordered[1:] != ordered[:-1]
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.cumsum(new)
    return rank


def _fields_same(opposed: Opposed, pairs: Pairs) -> Ints:
    count = np.zeros(len(pairs.left), dtype=np.int64)
    left, lrows = _renumbered(opposed.left)
    right, rrows = _renumbered(opposed.right)
    for field in COMPARED:
        if not (opposed.left_side.has(field) and opposed.right_side.has(field)):
            continue
        one, other = _values(opposed.left_side, field, lrows), _values(opposed.right_side, field, rrows)
        codes = dictionary_codes(pc.dictionary_encode(pa.concat_arrays([one, other])))
        lefts, rights = unit_codes(left, codes[: len(lrows)]), unit_codes(right, codes[len(lrows) :])
        count += (lefts[pairs.left] >= 0) & (lefts[pairs.left] == rights[pairs.right])
    return count


def _renumbered(units: Units) -> tuple[Units, Ints]:
    """The units over their own rows alone, and which rows of the side these are."""
    return replace(units, rows=np.arange(len(units.rows), dtype=np.int64)), units.rows


def _values(side: Side, field: str, rows: Ints) -> pa.Array:
    values = normalised(side.values(field, rows), DEFAULT_STEPS)
    return pc.cast(values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values, pa.string())


def _similarities(opposed: Opposed, pairs: Pairs) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Lowest `similar` score of the rule's tests for each pair (first members), 0 where the rule has none."""
    if opposed.rule.pair is None or not len(pairs.left):
        return np.zeros(len(pairs.left))
    one, other, _ = opposed.oriented(pairs)
    lrows, li = np.unique(one, return_inverse=True)
    rrows, ri = np.unique(other, return_inverse=True)
    left, right = opposed.left_side.fields(lrows), opposed.right_side.fields(rrows)
    return np.nan_to_num(similarity(opposed.rule.pair, left, right, li, ri))


def similarities(opposed: Opposed, candidates: Candidates, at: Ints) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Lowest `similar` score of some candidates."""
    return _similarities(opposed, Pairs(candidates.left[at], candidates.right[at]))


def _subset(units: Units, positions: Ints) -> tuple[Units, Ints]:
    """The units at `positions` (each once) and where every position went."""
    kept, where = np.unique(positions, return_inverse=True)
    return units.take(kept), where
