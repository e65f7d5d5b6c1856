"""Lines between the database and Arrow: written with a hash each, read as the frame of a group's lines."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy.orm import Session

from recon.database.audit import canonical, digest_texts
from recon.database.bulk import Keys, read_table, reserve_keys, write_table
from recon.database.models import Line
from rules.fields import EXTRA, LINE_FIELDS, FieldType, storage

FIELD_OF_COLUMN = {
    "booked_on": "booking_date",
    "valued_on": "value_date",
    "due_on": "due_date",
    "amount_minor": "amount",
    "original_minor": "original_amount",
}
"""Columns of `line` that have another name than the field of the rule language; all others have the same."""

TEXT_COLUMNS = tuple(f.name for f in LINE_FIELDS.values() if f.type is FieldType.TEXT)
LINE_COLUMNS: dict[str, pa.DataType] = {
    "account_id": pa.int64(),
    "only_group_id": pa.int64(),
    "origin": pa.string(),
    "fingerprint": pa.string(),
    "occurrence": pa.int64(),
    "part": pa.int64(),
    "booked_on": pa.date32(),
    "valued_on": pa.date32(),
    "due_on": pa.date32(),
    "amount_minor": pa.int64(),
    "currency": pa.string(),
    "original_minor": pa.int64(),
    "original_currency": pa.string(),
    **{name: pa.string() for name in TEXT_COLUMNS},
    "extra": pa.string(),
    "final": pa.bool_(),
}
"""What is immutable of a line, in the order in which its hash reads it. `extra` is canonical JSON."""

_SEPARATOR = "\x1f"
_NOTHING = pa.scalar(None, pa.string())


def line_table(columns: dict[str, pa.Array | pa.ChunkedArray], count: int) -> pa.Table:
    """`count` lines with all columns of LINE_COLUMNS; those not given are empty, `final` is true and `part` 0."""
    given: dict[str, pa.Array | pa.ChunkedArray] = {
        "part": pa.repeat(0, count),
        "occurrence": pa.repeat(1, count),
        "final": pa.repeat(True, count),
        **columns,
    }
    return pa.table(
        {
            name: given[name].cast(kind) if name in given else pa.nulls(count, kind)
            for name, kind in LINE_COLUMNS.items()
        }
    )


def row_hashes(lines: pa.Table) -> pa.Array:
    """SHA-256 of all immutable columns of each line."""
    texts = [pc.fill_null(lines[name].cast(pa.string()), "") for name in LINE_COLUMNS]
    joined = pc.binary_join_element_wise(*texts, _SEPARATOR)
    return pa.array([hashlib.sha256(text.encode()).hexdigest() for text in joined.to_pylist()], pa.string())


def lines_digest(hashes: Iterable[str]) -> str:
    """The digest of an event or batch that wrote these lines."""
    return digest_texts(hashes)


def add_lines(session: Session, event_id: int, lines: pa.Table, hashes: pa.Array) -> Keys:
    """Store new lines (LINE_COLUMNS) with their hashes; their keys, in order."""
    keys = reserve_keys(session, "line", lines.num_rows)
    table = lines.append_column("row_hash", hashes)
    table = table.add_column(0, "id", pa.array(keys)).append_column("event_id", pa.repeat(event_id, len(keys)))
    write_table(session, "line", table)
    return keys


def selected(columns: Iterable[str], alias: str = "l") -> str:
    """Columns of `line` for `read_table`: never null, for ADBC's sake; a missing original is told by its currency."""
    return ", ".join(_selected(alias, name, LINE_COLUMNS[name]) for name in columns)


def _selected(alias: str, name: str, kind: pa.DataType) -> str:
    column = f"{alias}.{name}"
    if name == "extra":
        return f"COALESCE(CAST({column} AS TEXT), '') AS {name}"
    if pa.types.is_string(kind):
        return f"COALESCE({column}, '') AS {name}"
    if pa.types.is_date(kind):
        return f"COALESCE(CAST({column} AS TEXT), '') AS {name}"
    if pa.types.is_boolean(kind):
        return f"CAST({column} AS INTEGER) AS {name}"
    return f"COALESCE({column}, 0) AS {name}"


def stored_lines(session: Session, where: str) -> pa.Table:
    """`id`, `event_id`, `row_hash` and LINE_COLUMNS of the lines `l` for which a condition in SQL holds."""
    schema = {"id": pa.int64(), "event_id": pa.int64(), "row_hash": pa.string(), **LINE_COLUMNS}
    query = f"SELECT l.id, l.event_id, l.row_hash, {selected(LINE_COLUMNS)} FROM line l WHERE {where} ORDER BY l.id"  # noqa: S608
    table = read_table(session, query, schema)
    for name, told in (("only_group_id", pc.equal(table["only_group_id"], 0)), ("original_minor", _no_original(table))):
        place = table.column_names.index(name)
        table = table.set_column(place, name, pc.if_else(told, pa.scalar(None, pa.int64()), table[name]))
    return table


def _no_original(table: pa.Table) -> pa.ChunkedArray:
    return pc.is_null(table["original_currency"])


_FRAME_COLUMNS = [name for name in LINE_COLUMNS if name not in ("account_id", "only_group_id", "origin", "final")]


def open_lines(session: Session, group_id: int) -> pd.DataFrame:
    """The active open lines of a group as a frame of lines (`rules.fields`), both sides, in order of `id`.

    `amount` is the remainder in the group's sign and currency, `id` the text fingerprint.occurrence.part. Beside the
    fields stand `line_id` and `held_by` (the suggested match that holds the line, or null), int64, and `side`. Read the
    group's revision before its lines: then a change in between is seen when the run is written.
    """
    return group_frame(session, group_id, "gl.is_open AND gl.state = 'active'")


def group_frame(session: Session, group_id: int, where: str) -> pd.DataFrame:
    """As `open_lines`, of the group's lines for which a condition in SQL on `gl` and `l` holds."""
    table = _group_table(session, group_id, where)
    columns = {name: table[name] for name in ("id", "line_id", "held_by", "side", "currency")}
    columns |= {FIELD_OF_COLUMN.get(n, n): table[n] for n in _FRAME_COLUMNS if n in table.column_names}
    for part in ("fingerprint", "occurrence", "part", "extra"):
        del columns[part]
    columns |= extra_columns(table["extra"])
    always = ("id", "line_id", "held_by", "side", "booking_date", "amount", "currency")
    kept = {name: column for name, column in columns.items() if name in always or column.null_count < len(column)}
    frame = pd.DataFrame({name: pd.Series(pd.arrays.ArrowExtensionArray(column)) for name, column in kept.items()})
    return frame.sort_values("id", ignore_index=True)


def _group_table(session: Session, group_id: int, where: str) -> pa.Table:
    columns = [
        name for name in _FRAME_COLUMNS if name not in ("amount_minor", "currency", "original_minor", "account_number")
    ]
    schema = {
        "line_id": pa.int64(),
        "held_by": pa.int64(),
        "side": pa.string(),
        "amount_minor": pa.int64(),
        "currency": pa.string(),
        "original_minor": pa.int64(),
        "account_number": pa.string(),
        **{name: LINE_COLUMNS[name] for name in columns},
    }
    # The original amount follows the sign in which the group reads its line.
    query = f"""
        SELECT gl.line_id, COALESCE(gl.held_by_match_id, 0), gl.side, gl.open_minor, g.currency,
               CASE WHEN (gl.amount_minor < 0) <> (l.amount_minor < 0) THEN -COALESCE(l.original_minor, 0)
                    ELSE COALESCE(l.original_minor, 0) END,
               COALESCE(l.account_number, a.number), {selected(columns)}
        FROM group_line gl JOIN line l ON l.id = gl.line_id JOIN account a ON a.id = l.account_id
             JOIN account_group g ON g.id = gl.group_id
        WHERE gl.group_id = {int(group_id)} AND ({where})"""  # noqa: S608
    table = read_table(session, query, schema)
    texts = [table[name].cast(pa.string()) for name in ("fingerprint", "occurrence", "part")]
    table = table.append_column("id", pc.binary_join_element_wise(*texts, "."))
    absent = {"held_by": pc.equal(table["held_by"], 0), "original_minor": _no_original(table)}
    for name, told in absent.items():
        place = table.column_names.index(name)
        table = table.set_column(place, name, pc.if_else(told, pa.scalar(None, pa.int64()), table[name]))
    return table


def extra_columns(extra: pa.ChunkedArray) -> dict[str, pa.Array]:
    """`extra.<column>` fields out of the JSON of each line."""
    rows = [json.loads(text) if text else {} for text in extra.to_pylist()]
    names = sorted({name for row in rows for name in row})
    return {EXTRA + name: pa.array([row.get(name) for row in rows], pa.string()) for name in names}


def extra_json(lines: pa.Table) -> pa.Array:
    """The `extra.<column>` fields of a table of lines as one canonical JSON text a line, null where there is none."""
    names = [name for name in lines.column_names if name.startswith(EXTRA)]
    if not names:
        return pa.nulls(lines.num_rows, pa.string())
    rows = zip(*(lines[name].to_pylist() for name in names), strict=True)
    keys = [name.removeprefix(EXTRA) for name in names]
    kept = ({key: value for key, value in zip(keys, row, strict=True) if value is not None} for row in rows)
    return pa.array([canonical(row) if row else None for row in kept], pa.string())


def empty_frame() -> pd.DataFrame:
    """A frame of lines without lines."""
    names = ("id", "booking_date", "amount", "currency")
    kinds = {"id": FieldType.TEXT} | {name: LINE_FIELDS[name].type for name in names[1:]}
    return pd.DataFrame({name: pd.Series([], dtype=storage(kinds[name])) for name in names})


def keys_of(table: pa.Table, name: str = "id") -> Keys:
    return np.asarray(table[name].to_numpy(), dtype=np.int64)


assert set(LINE_COLUMNS) < {column.name for column in Line.__table__.columns}
