"""Which lines of a file are new: counted, never compared as sets, so that twins live and a re-import adds nothing.

Of each fingerprint max(0, lines in the file − lines known) are new. Within the file the later ones count as new: they
have the occurrence numbers that are not taken.
"""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa
import pyarrow.compute as pc

from recon.intake.fingerprint import FINGERPRINT, OCCURRENCE


def new_lines(lines: pa.Table, known: Mapping[str, int]) -> pa.Array:
    """Truth for each line of `fingerprint.identified`: is it new? `known` counts stored lines by fingerprint."""
    stored = pa.array([known.get(mark, 0) for mark in lines[FINGERPRINT].to_pylist()], pa.int64())
    return pc.greater(lines[OCCURRENCE].combine_chunks(), stored)


def counted(lines: pa.Table) -> dict[str, int]:
    """Lines of each fingerprint: what `known` is after they have been stored in an empty account."""
    counts = pc.value_counts(lines[FINGERPRINT].combine_chunks())
    return dict(zip(counts.field("values").to_pylist(), counts.field("counts").to_pylist(), strict=True))
