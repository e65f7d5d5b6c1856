"""The tables that `recon match` writes: matches, open lines, counts. Columns are a contract (docs: the command
line)."""

from __future__ import annotations

from collections import Counter
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from recon.errors import Refusal
from recon.matching.abreast import abreast
from recon.matching.result import RunResult
from recon.services.match_files import MatchedFiles
from rules.values import exponent
from rules.wording import _

_PART = 1 << 18
"""Rows of a table that are written at a time."""
_BATCH = 1 << 16
"""Rows that Arrow puts into words at a time; with the thousand it takes by itself it needs more than twice as long."""


def matches_table(found: MatchedFiles) -> pa.Table:
    """match_id, side, id, allocated, rule, outcome, difference, days_apart: one row a line of a match, in a fixed
    order."""
    result = found.result
    order = np.argsort(result.members["match"].to_numpy(dtype=np.int64), kind="stable")
    members = result.members.iloc[order]
    number = members["match"].to_numpy(dtype=np.int64)
    match = pa.array(number)
    ids, (allocated, difference) = abreast(
        lambda: _of_members(found, members, "id"), lambda: _amounts(found, members, match)
    )
    return pa.table(
        {
            "match_id": pa.array(number + 1),
            "side": _words(members["side"]),
            "id": ids,
            "allocated": allocated,
            "rule": _words(result.matches["rule"]).take(match),
            "outcome": _words(result.matches["outcome"]).take(match),
            "difference": difference,
            "days_apart": pa.array(result.matches["days_apart"], pa.int64(), from_pandas=True).take(match),
        }
    )


def _amounts(found: MatchedFiles, members: pd.DataFrame, match: pa.Array) -> tuple[pa.Array, pa.Array]:
    """What of every line is allocated, and the difference of its match."""
    currency = _of_members(found, members, "currency")
    difference = pa.array(found.result.matches["difference"].to_numpy()).take(match)
    return decimals(pa.array(members["allocated"].to_numpy()), currency), decimals(difference, currency)


def postings_table(found: MatchedFiles) -> pa.Table:
    """side, id, amount (what the ledger lacks), currency, entry_type, rule, outcome: one row a posted line."""
    postings = found.result.postings
    currency = _of_members(found, postings, "currency")
    return pa.table(
        {
            "side": _words(postings["side"]),
            "id": _of_members(found, postings, "id"),
            "amount": decimals(pa.array(postings["amount"].to_numpy(dtype=np.int64)), currency),
            "currency": currency,
            **{name: _words(postings[name]) for name in ("entry_type", "rule", "outcome")},
        }
    )


def _words(column: pd.Series) -> pa.DictionaryArray:
    """A column of few different words."""
    codes, words = pd.factorize(column)
    return pa.DictionaryArray.from_arrays(pa.array(codes, pa.int32()), pa.array(words, pa.string()))


def _of_members(found: MatchedFiles, members: pd.DataFrame, field: str) -> pa.Array:
    """A field of the lines that the rows of `members` name."""
    rows = members["row"].to_numpy(dtype=np.int64)
    from_right = (members["side"] == "right").to_numpy()
    both = pa.chunked_array([_array(found.left[field]), _array(found.right[field])])
    if field == "currency":  # there are few: their codes are moved, not their letters
        both = both.dictionary_encode().unify_dictionaries()
    return both.combine_chunks().take(pa.array(np.where(from_right, rows + len(found.left), rows)))


def _array(column: pd.Series) -> pa.Array:
    values = pa.array(column)
    whole = values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values
    return pc.cast(whole, pa.string())


def decimals(minor: pa.Array, currency: pa.Array | pa.ChunkedArray) -> pa.Array:
    """Minor units as plain decimal strings, exactly: -123456 in NOK is -1234.56."""
    places = {name: exponent(name) for name in pc.unique(currency).to_pylist()}
    distinct = sorted(set(places.values()))
    written = _with_places(minor, distinct[0] if distinct else 0)
    for decimal_places in distinct[1:]:
        named = pa.array([name for name, own in places.items() if own == decimal_places], pa.string())
        written = pc.if_else(
            pc.is_in(pc.cast(currency, pa.string()), value_set=named), _with_places(minor, decimal_places), written
        )
    return written


def _with_places(minor: pa.Array, places: int) -> pa.Array:
    """A decimal is stored as its unscaled integer, so minor units only have to be looked at as one."""
    return pc.cast(pc.cast(minor, pa.int64()).view(pa.decimal64(18, places)), pa.string())


def unmatched_table(found: MatchedFiles) -> pa.Table:
    """side, id, open, then the lines' own columns: every line that no match holds, and the remainder of a cut one."""
    return pa.concat_tables(
        [_open_lines(found, "left", found.left), _open_lines(found, "right", found.right)], promote_options="permissive"
    )


def _open_lines(found: MatchedFiles, side: str, frame: pd.DataFrame) -> pa.Table:
    rest = remainders(found, side, frame)
    order = pc.sort_indices(_array(frame["id"])).to_numpy()
    rows = order[(rest != 0)[order] | ~_touched(found, side, frame)[order]]
    kept = frame.iloc[rows]
    table = pa.Table.from_pandas(kept, preserve_index=False)
    money = [name for name in ("amount", "original_amount") if name in table.column_names]
    currencies = {"amount": "currency", "original_amount": "original_currency"}
    for name in money:
        at = table.column_names.index(name)
        text = decimals(_array_of(table[name]), pc.fill_null(table[currencies[name]].combine_chunks(), ""))
        table = table.set_column(at, name, text)
    opened = decimals(pa.array(rest[rows]), table["currency"].combine_chunks())
    head = pa.table({"side": pa.array([side] * len(rows), pa.string()), "id": table["id"], "open": opened})
    for name in table.column_names:
        if name != "id":
            head = head.append_column(name, table[name])
    return head


def _array_of(column: pa.ChunkedArray) -> pa.Array:
    return column.combine_chunks()


def remainders(found: MatchedFiles, side: str, frame: pd.DataFrame) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Amount less what matches hold, of every line of a side, in minor units."""
    rest = frame["amount"].to_numpy(dtype=np.int64, copy=True)
    members = found.result.members
    mine = members[members["side"] == side]
    np.subtract.at(rest, mine["row"].to_numpy(dtype=np.int64), mine["allocated"].to_numpy(dtype=np.int64))
    return rest


def _touched(found: MatchedFiles, side: str, frame: pd.DataFrame) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    touched = np.zeros(len(frame), dtype=bool)
    members = found.result.members
    touched[members.loc[members["side"] == side, "row"].to_numpy(dtype=np.int64)] = True
    return touched


def counts(found: MatchedFiles) -> dict[str, Any]:
    """Per rule how many matches and lines; what is open, what there is to choose, and the findings."""
    result = found.result
    per_rule = [
        {"rule": rule, "confirmed": int(matches - suggested), "suggested": int(suggested), "lines": int(lines)}
        for rule, matches, suggested, lines in _by_rule(result).itertuples()
    ]
    return {
        "left": len(found.left),
        "right": len(found.right),
        "matches": len(result.matches),
        "confirmed": sum(rule["confirmed"] for rule in per_rule),
        "suggested": sum(rule["suggested"] for rule in per_rule),
        "rules": per_rule,
        "open_left": int((~_touched(found, "left", found.left)).sum()),
        "open_right": int((~_touched(found, "right", found.right)).sum()),
        "choices": int(result.choices["choice"].nunique()),
        "excluded": len(result.excluded),
        "postings": _posting_counts(found),
        "passes": result.passes,
        "facts": result.facts,
        "findings": [
            {"code": f.code, "severity": f.severity, "where": f.where, "sentence": f.sentence} for f in result.findings
        ],
    }


def _posting_counts(found: MatchedFiles) -> list[dict[str, Any]]:
    """Per post rule how many lines, and what they are booked as."""
    told = found.result.postings[["rule", "entry_type", "outcome"]].itertuples(index=False, name=None)
    counted: dict[tuple[str, str], Counter[str]] = {}
    for rule, entry_type, outcome in told:
        counted.setdefault((rule, entry_type), Counter())[outcome] += 1
    return [
        {"rule": rule, "entry_type": booked, "confirmed": lines["confirmed"], "suggested": lines["suggested"]}
        for (rule, booked), lines in counted.items()
    ]


def _by_rule(result: RunResult) -> pd.DataFrame:
    """Matches, suggested ones among them, and lines of each rule that made any, in the order of the first."""
    members = result.members["match"].to_numpy(dtype=np.int64)
    each = pd.DataFrame(
        {
            "suggested": result.matches["outcome"] == "suggested",
            "lines": np.bincount(members, minlength=len(result.matches)),
        }
    )
    rules = each.groupby(result.matches["rule"], sort=False, observed=True)
    return rules.agg(matches=("suggested", "size"), suggested=("suggested", "sum"), lines=("lines", "sum"))


def write_csv(table: pa.Table, path: Path) -> None:
    """UTF-8, comma, a header row; quotes only where needed; an empty cell is missing."""
    parts = [table.slice(at, _PART) for at in range(0, max(table.num_rows, 1), _PART)]
    try:
        with path.open("wb") as file:
            text = _as_csv(parts[0], header=True)
            for part in parts[1:]:  # the next is put into words while the last is written
                _written, text = abreast(partial(file.write, text), partial(_as_csv, part, header=False))
            file.write(text)
    except OSError as error:
        told = _("{file} could not be written: {reason}.")
        raise Refusal(told.format(file=path, reason=error.strerror or error)) from error


def _as_csv(table: pa.Table, *, header: bool) -> pa.Buffer:
    sink = pa.BufferOutputStream()
    options = pyarrow.csv.WriteOptions(include_header=header, quoting_style="needed", batch_size=_BATCH)
    pyarrow.csv.write_csv(table, sink, options)
    return sink.getvalue()
