"""What a line is, told from its content: the same line in another file has the same fingerprint.

Equal lines of one account on one booking date are told apart by their occurrence number (1, 2, 3 in file order), so
that two genuine payments of the same amount both live, and reading the same file again gives the same pairs.
"""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import blake2b

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from recon.intake.statement import NO_LINES, Statement

FINGERPRINT = "fingerprint"
OCCURRENCE = "occurrence"
CHUNK = 50_000
"""Lines that are looked at together: memory must not grow with what is only passed through."""

_WIDTH = "S32"
_UNTIDY = r"[\x00-\x1f\x7f]|  "
SEPARATOR = "\x1f"
"""Stands between the parts, and cannot stand in any: white space is normalised and other control characters removed."""


def fingerprints(lines: pa.Table, account: str | pa.Array) -> pa.Array:
    """32 hex digits a line: BLAKE2b of account key (one for all, or one a line), booking date, value date, signed
    amount, currency, normalised text, counterparty account and structured reference (KID or reference, and voucher).

    A missing value counts as empty. The recipe is stored with every line: changing it makes every old line look new.
    """
    marks = np.empty(len(lines), dtype=_WIDTH)
    for start in range(0, len(lines), CHUNK):
        of_part = account if isinstance(account, str) else account.slice(start, CHUNK)
        marks[start : start + CHUNK] = _marks(lines.slice(start, CHUNK), of_part)
    ends = np.arange(len(marks) + 1, dtype=np.int32) * marks.itemsize
    return pa.StringArray.from_buffers(len(marks), pa.py_buffer(ends), pa.py_buffer(marks))


def _marks(lines: pa.Table, account: str | pa.Array) -> list[str]:
    parts = [
        pa.repeat(account, len(lines)) if isinstance(account, str) else account,
        *(_texts(lines, name) for name in ("booking_date", "value_date", "amount", "currency")),
        _normalised(_texts(lines, "text")),
        pc.replace_substring_regex(pc.utf8_upper(_texts(lines, "counterparty_account")), r"[\s.\-]", ""),
        _normalised(_reference(lines)),
        _normalised(_texts(lines, "voucher_type")),
        _normalised(_texts(lines, "voucher_number")),
    ]
    joined = pc.binary_join_element_wise(*parts, SEPARATOR).cast(pa.binary())
    return [blake2b(line, digest_size=16).hexdigest() for line in joined.to_pylist()]


def occurrences(prints: pa.Array) -> pa.Array:
    """1 for the first line with a fingerprint, 2 for the second: int64, in the order of the lines.

    Account and booking date are part of the fingerprint, so it counts per account and booking date of one source.
    """
    marks = _marks_of(prints)
    order = np.argsort(marks, kind="stable")  # equal ones stay in the order of the lines
    ordered = marks[order]
    places = np.arange(len(marks))
    starts = np.where(np.r_[True, ordered[1:] != ordered[:-1]][: len(marks)], places, 0)
    result = np.empty(len(marks), dtype=np.int64)
    result[order] = places - np.maximum.accumulate(starts) + 1
    return pa.array(result)


def _marks_of(prints: pa.Array) -> NDArray[np.bytes_]:
    """Fingerprints as numpy sorts them, without a copy: all have one width."""
    _valid, ends, texts = prints.buffers()
    if not len(prints):
        return np.empty(0, dtype=_WIDTH)
    first = int(np.frombuffer(ends, np.int32)[prints.offset])
    return np.frombuffer(texts, dtype=_WIDTH, count=len(prints), offset=first)


def identified(statements: Iterable[Statement], account: str | None = None) -> pa.Table:
    """All lines of the statements with two more columns: `fingerprint` (text) and `occurrence` (int64).

    `account` is the key of the account the lines go into; without it each statement's own. Occurrences are counted
    over all the statements, so that an account's lines may come on several pages.
    """
    found = [statement for statement in statements if len(statement.lines)]
    keys = [pa.repeat(account if account is not None else s.account_key or "", len(s.lines)) for s in found]
    lines = pa.concat_tables([NO_LINES, *(s.lines for s in found)], promote_options="default")
    marks = fingerprints(lines, pa.concat_arrays(keys) if keys else pa.array([], pa.string()))
    return lines.append_column(FINGERPRINT, marks).append_column(OCCURRENCE, occurrences(marks))


def line_ids(lines: pa.Table) -> pa.Array:
    """`fingerprint.occurrence` of each line of `identified`."""
    return pc.binary_join_element_wise(lines[FINGERPRINT], pc.cast(lines[OCCURRENCE], pa.string()), ".")


def _texts(lines: pa.Table, name: str) -> pa.Array:
    if name not in lines.column_names:
        return pa.repeat("", len(lines))
    return pc.fill_null(pc.cast(lines[name].combine_chunks(), pa.string()), "")


def _reference(lines: pa.Table) -> pa.Array:
    kid = _texts(lines, "kid")
    return pc.if_else(pc.not_equal(kid, ""), kid, _texts(lines, "reference"))


def _normalised(texts: pa.Array) -> pa.Array:
    """Lower case, composed letters, single spaces, no control characters."""
    folded = pc.utf8_lower(texts if _all(pc.string_is_ascii(texts)) else pc.utf8_normalize(texts, "NFKC"))
    if pc.any(pc.match_substring_regex(folded, _UNTIDY), min_count=0).as_py():
        folded = pc.replace_substring_regex(folded, r"[\s\x00-\x1f\x7f]+", " ")
    return pc.utf8_trim_whitespace(folded)


def _all(truths: pa.Array) -> bool:
    return bool(pc.all(truths, min_count=0).as_py())
