"""Lines between the database and Arrow: written with a hash each, read as the frame of a group's lines."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Iterator, Mapping

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy.orm import Session

from recon.database.audit import canonical
from recon.database.bulk import CHUNK, Keys, filled_columns, read_table, reserve_keys, write_table
from recon.database.models import AccountGroup, Line
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

_NO_FIELDS = {"account_id", "only_group_id", "origin", "fingerprint", "occurrence", "part", "extra", "final"}
_ESCAPED = r'["\\\x00-\x1f]'
"""What JSON writes otherwise than it stands."""
_SEPARATOR, _NONE = b"\x1f", pa.scalar(b"")

HASH = pa.binary(32)
PART = 10_000
"""Lines that are Python objects at a time while they are hashed."""
_DIGITS = np.frombuffer("".join(f"{byte:02x}" for byte in range(256)).encode(), np.uint16)


def line_table(columns: dict[str, pa.Array | pa.ChunkedArray], count: int) -> pa.Table:
    """`count` lines with all columns of LINE_COLUMNS; those not given are empty, `final` is true and `part` 0."""
    given: dict[str, pa.Array | pa.ChunkedArray] = {
        "part": pa.repeat(0, count),
        "occurrence": pa.repeat(1, count),
        "final": pa.repeat(True, count),
        **columns,
    }
    empty = {kind: pa.nulls(count, kind) for kind in set(LINE_COLUMNS.values())}  # one for all columns of a type
    return pa.table(
        {name: given[name].cast(kind) if name in given else empty[kind] for name, kind in LINE_COLUMNS.items()}
    )


def whole(lines: pa.Table) -> pa.Table:
    """Lines that lack columns of LINE_COLUMNS in which none has a value, or have them as dictionaries, with all of
    them. `extra` is made of `extra.<column>` where it is not there; an `id` stays."""
    given = {name: lines[name] for name in lines.column_names if name in LINE_COLUMNS}
    if "extra" not in given:
        given["extra"] = extra_json(lines)
    table = line_table(given, lines.num_rows)
    return table.add_column(0, "id", lines["id"]) if "id" in lines.column_names else table


def parts_of(lines: pa.Table, rows: int) -> Iterator[pa.Table]:
    """So many lines at a time, `whole`: of a large file all of them would fill the memory."""
    for start in range(0, lines.num_rows, rows):
        yield whole(lines.slice(start, rows))


def row_hashes(lines: pa.Table) -> pa.Array:
    """SHA-256 of all immutable columns of each line, 32 bytes; `lines` need not be `whole`."""
    parts = [_hashes(part) for part in parts_of(lines, PART)]
    return pa.concat_arrays(parts) if parts else pa.array([], HASH)


def _hashes(lines: pa.Table) -> pa.Array:
    texts = [pc.fill_null(_texts(lines[name]), b"") for name in LINE_COLUMNS]
    joined = pc.binary_join_element_wise(*texts, _SEPARATOR)
    return pa.array([hashlib.sha256(line).digest() for line in joined.to_pylist()], HASH)


def _texts(column: pa.ChunkedArray) -> pa.Scalar | pa.ChunkedArray:
    """Each value as bytes of text; one for all where there is none: most columns of a file are empty."""
    return _NONE if column.null_count == len(column) else column.cast(pa.string()).cast(pa.binary())


def hex_digits(hashes: pa.Array) -> pa.Array:
    """Hashes as they are stored and shown: 64 hexadecimal digits."""
    raw = np.frombuffer(hashes.buffers()[1], np.uint8, len(hashes) * HASH.byte_width, hashes.offset * HASH.byte_width)
    ends = np.arange(len(hashes) + 1, dtype=np.int32) * 2 * HASH.byte_width
    return pa.StringArray.from_buffers(len(hashes), pa.py_buffer(ends), pa.py_buffer(_DIGITS[raw]))


def lines_digest(hashes: pa.Array) -> str:
    """The digest of an event or batch that wrote these lines: `audit.digest_texts`, without a list of all of them."""
    ordered = hashes.take(pc.sort_indices(hashes))
    digest = hashlib.sha256()
    for start in range(0, len(ordered), CHUNK):
        joined = "\n".join(hex_digits(ordered.slice(start, CHUNK)).to_pylist())
        digest.update(("\n" + joined if start else joined).encode())
    return digest.hexdigest()


def add_lines(session: Session, event_id: int, lines: pa.Table, hashes: pa.Array) -> Keys:
    """Store new lines, which need not be `whole`, with their hashes; their keys, in order."""
    keys = reserve_keys(session, "line", lines.num_rows)
    start = 0
    for part in parts_of(lines, CHUNK):
        end = start + part.num_rows
        part = part.append_column("row_hash", hex_digits(hashes.slice(start, part.num_rows)))
        part = part.append_column("event_id", pa.repeat(event_id, part.num_rows))
        write_table(session, "line", part.add_column(0, "id", pa.array(keys[start:end])))
        start = end
    return keys


def selected(columns: Iterable[str], alias: str = "l") -> str:
    """Columns of `line` for `read_table`."""
    return ", ".join(f"CAST({alias}.{name} AS TEXT)" if name == "extra" else f"{alias}.{name}" for name in columns)


def stored_lines(session: Session, where: str, columns: Iterable[str] = tuple(LINE_COLUMNS)) -> pa.Table:
    """`id`, `event_id`, `row_hash` and the columns of the lines `l` for which a condition in SQL holds."""
    names = list(columns)
    query = f"SELECT l.id, l.event_id, l.row_hash, {selected(names)} FROM line l WHERE {where} ORDER BY l.id"  # noqa: S608
    head = {"id": pa.int64(), "event_id": pa.int64(), "row_hash": pa.string()}
    return read_table(session, query, head | {name: LINE_COLUMNS[name] for name in names})


_OPTIONAL_COLUMNS = [
    *("valued_on", "due_on", "original_currency"),
    *(name for name in TEXT_COLUMNS if name != "account_number"),
]


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
    return _frame(table, ("line_id", "held_by", "side")).sort_values("id", ignore_index=True)


def lean_group_frame(session: Session, group_id: int, where: str, fields: Collection[str]) -> pd.DataFrame:
    """As `group_frame`, with no other than these fields beside id, date, amount, currency, and in no order."""
    columns = [name for name in _OPTIONAL_COLUMNS if FIELD_OF_COLUMN.get(name, name) in fields]
    columns += ["extra"] * any(name.startswith(EXTRA) for name in fields)
    computed = {name: sql for name, sql in _COMPUTED.items() if FIELD_OF_COLUMN.get(name, name) in fields}
    schema = {
        "line_id": pa.int64(),
        "side": pa.string(),
        "amount_minor": pa.int64(),
        "booked_on": pa.date32(),
        "id": pa.string(),
        **{name: LINE_COLUMNS[name] for name in [*computed, *columns]},
    }
    told = ["gl.line_id", "gl.side", "gl.open_minor", "l.booked_on", _ID, *computed.values()]
    query = f"SELECT {', '.join(told)}{', ' if columns else ''}{selected(columns)} FROM {_source(group_id, where)}"  # noqa: S608
    table = read_table(session, query, schema)
    currency = session.get_one(AccountGroup, group_id).currency
    return _frame(table.append_column("currency", pa.repeat(currency, table.num_rows)), ("line_id", "side"))


def frame_of(lines: pa.Table, account_numbers: Mapping[int, str]) -> pd.DataFrame:
    """Stored lines as a frame of lines in the order given, with amounts in the account's own sign, for filters."""
    own = lines["account_number"]
    numbers = pa.array([account_numbers.get(key) for key in lines["account_id"].to_pylist()], pa.string())
    place = lines.column_names.index("account_number")
    return _frame(_with_id(lines.set_column(place, "account_number", pc.coalesce(own, numbers))), ())


def _frame(table: pa.Table, beside: tuple[str, ...]) -> pd.DataFrame:
    """A table of lines under the names of the rule language, without the columns in which no line has a value."""
    always = ("id", "booking_date", "amount", "currency", *beside)
    fields = {"id", *beside, *LINE_COLUMNS} - _NO_FIELDS
    columns = {FIELD_OF_COLUMN.get(name, name): table[name] for name in table.column_names if name in fields}
    columns |= extra_columns(table["extra"]) if "extra" in table.column_names else {}
    kept = {name: column for name, column in columns.items() if name in always or column.null_count < len(column)}
    return pd.DataFrame({name: pd.Series(pd.arrays.ArrowExtensionArray(column)) for name, column in kept.items()})


def _with_id(table: pa.Table) -> pa.Table:
    texts = [table[name].cast(pa.string()) for name in ("fingerprint", "occurrence", "part")]
    if "id" in table.column_names:
        table = table.rename_columns({"id": "line_id"})
    return table.append_column("id", pc.binary_join_element_wise(*texts, "."))


_ID = "l.fingerprint || '.' || l.occurrence || '.' || l.part"
# The original amount follows the sign in which the group reads its line.
_COMPUTED = {
    "original_minor": "CASE WHEN (gl.amount_minor < 0) <> (l.amount_minor < 0) THEN -l.original_minor"
    " ELSE l.original_minor END",
    "account_number": "COALESCE(l.account_number, a.number)",
}


def _source(group_id: int, where: str) -> str:
    return f"""group_line gl JOIN line l ON l.id = gl.line_id JOIN account a ON a.id = l.account_id
             JOIN account_group g ON g.id = gl.group_id WHERE gl.group_id = {int(group_id)} AND ({where})"""


def _group_table(session: Session, group_id: int, where: str) -> pa.Table:
    source = _source(group_id, where)
    columns = ["booked_on", "fingerprint", "occurrence", "part", "extra"]
    columns += filled_columns(session, _OPTIONAL_COLUMNS, source)
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
    query = f"""
        SELECT gl.line_id, gl.held_by_match_id, gl.side, gl.open_minor, g.currency, {", ".join(_COMPUTED.values())},
               {selected(columns)}
        FROM {source}"""  # noqa: S608
    return _with_id(read_table(session, query, schema))


def extra_columns(extra: pa.ChunkedArray) -> dict[str, pa.Array]:
    """`extra.<column>` fields out of the JSON of each line."""
    rows = json.loads(f"[{','.join(text or '{}' for text in extra.to_pylist())}]")
    names = sorted({name for row in rows for name in row})
    return {EXTRA + name: pa.array([row.get(name) for row in rows], pa.string()) for name in names}


def extra_json(lines: pa.Table) -> pa.Array | pa.ChunkedArray:
    """The `extra.<column>` fields of a table of lines as one canonical JSON text a line, null where there is none."""
    fields = lines.select(sorted(name for name in lines.column_names if name.startswith(EXTRA)))
    return _extra_json(fields) if fields.num_columns else pa.nulls(lines.num_rows, pa.string())


def _extra_json(fields: pa.Table) -> pa.ChunkedArray:
    """As `audit.canonical` of the values that are there, a column at a time."""
    members = [
        pc.fill_null(
            pc.binary_join_element_wise(canonical(name.removeprefix(EXTRA)) + ":", _json_texts(texts), ",", ""), ""
        )
        for name, texts in zip(fields.column_names, fields.columns, strict=True)
    ]
    joined = pc.utf8_rtrim(pc.binary_join_element_wise(*members, ""), ",")
    return pc.if_else(pc.equal(joined, ""), None, pc.binary_join_element_wise("{", joined, "}", ""))


def _json_texts(texts: pa.ChunkedArray) -> pa.Array | pa.ChunkedArray:
    if pc.any(pc.match_substring_regex(texts, _ESCAPED), min_count=0).as_py():
        return pa.array([None if text is None else canonical(text) for text in texts.to_pylist()], pa.string())
    return pc.binary_join_element_wise('"', texts, '"', "")


def empty_frame() -> pd.DataFrame:
    """A frame of lines without lines."""
    names = ("id", "booking_date", "amount", "currency")
    kinds = {"id": FieldType.TEXT} | {name: LINE_FIELDS[name].type for name in names[1:]}
    return pd.DataFrame({name: pd.Series([], dtype=storage(kinds[name])) for name in names})


def keys_of(table: pa.Table, name: str = "id") -> Keys:
    return np.asarray(table[name].to_numpy(), dtype=np.int64)


assert set(LINE_COLUMNS) < {column.name for column in Line.__table__.columns}
