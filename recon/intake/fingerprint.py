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

from recon.intake.statement import NO_LINES, Statement

FINGERPRINT = "fingerprint"
OCCURRENCE = "occurrence"
CHUNK = 50_000
"""Lines that are looked at together: memory must not grow with what is only passed through."""

SEPARATOR = "\x1f"
"""Stands between the parts, and cannot stand in any: white space is normalised and other control characters removed."""


def fingerprints(lines: pa.Table, account: str | pa.Array) -> pa.Array:
    """32 hex digits a line: BLAKE2b of account key (one for all, or one a line), booking date, value date, signed
    amount, currency, normalised text, counterparty account and structured reference (KID or reference, and voucher).

    A missing value counts as empty. The recipe is stored with every line: changing it makes every old line look new.
    """
    parts = [
        _marks(lines.slice(start, CHUNK), account if isinstance(account, str) else account.slice(start, CHUNK))
        for start in range(0, len(lines), CHUNK)
    ]
    return pa.concat_arrays(parts) if parts else pa.array([], pa.string())


def _marks(lines: pa.Table, account: str | pa.Array) -> pa.Array:
    parts = [
        pa.repeat(account, len(lines)) if isinstance(account, str) else account,
        *(_texts(lines, name) for name in ("booking_date", "value_date", "amount", "currency")),
        _normalised(_texts(lines, "text")),
        pc.replace_substring_regex(pc.utf8_upper(_texts(lines, "counterparty_account")), r"[\s.\-]", ""),
        _normalised(_reference(lines)),
        _normalised(_texts(lines, "voucher_type")),
        _normalised(_texts(lines, "voucher_number")),
    ]
    joined = pc.binary_join_element_wise(*parts, SEPARATOR)
    return pa.array([blake2b(line.encode(), digest_size=16).hexdigest() for line in joined.to_pylist()], pa.string())


def occurrences(prints: pa.Array) -> pa.Array:
    """1 for the first line with a fingerprint, 2 for the second: int64, in the order of the lines.

    Account and booking date are part of the fingerprint, so it counts per account and booking date of one source.
    """
    if not len(prints):
        return pa.array([], pa.int64())
    order = pc.sort_indices(prints)  # stable: equal ones stay in the order of the lines
    ordered = prints.take(order)
    differs = pc.not_equal(ordered.slice(1), ordered.slice(0, len(ordered) - 1)).to_numpy(zero_copy_only=False)
    starts = np.flatnonzero(np.r_[True, differs])
    rank = np.arange(len(prints)) - np.repeat(starts, np.diff(np.r_[starts, len(prints)]))
    result = np.empty(len(prints), dtype=np.int64)
    result[order.to_numpy()] = rank + 1
    return pa.array(result)


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
    folded = pc.utf8_lower(pc.utf8_normalize(texts, "NFKC"))
    return pc.utf8_trim_whitespace(pc.replace_substring_regex(folded, r"[\s\x00-\x1f\x7f]+", " "))
