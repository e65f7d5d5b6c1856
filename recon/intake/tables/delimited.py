"""Text tables (CSV and its kin) as cells: letters, delimiter and the shape of the rows are told from the content."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO

import pyarrow as pa
import pyarrow.csv as pacsv

from recon.errors import Unreadable
from recon.intake.canonical import quoted
from recon.intake.charset import table_encoding
from recon.intake.tables.grid import Grid, of_rows
from recon.intake.text_file import refuse_long_lines
from rules.wording import _

DELIMITERS = (";", "\t", ",", "|")
LONGEST_CELL = 1_000_000
MOST_COLUMNS = 500
MOST_ROWS = 5_000_000
HEAD_LINES = 100
_SEPARATOR_LINE = re.compile(r"sep=(.)\r?\n", re.IGNORECASE)
_HEAD_BYTES = 262_144


def text_grid(stream: BinaryIO, name: str) -> Grid:
    """Every record of the file as a row. Raises Unreadable where it is no text or no table."""
    data = stream.read()
    encoding = table_encoding(data)
    data = _as_utf8(data, encoding, name)
    _refuse_no_text(data, name)
    refuse_long_lines(io.BytesIO(data), name)
    head = data[:_HEAD_BYTES].decode("utf-8", "ignore")
    told = _SEPARATOR_LINE.match(head)
    skipped = len(told[0].encode()) if told else 0
    delimiter = told[1] if told else delimiter_of(head)
    if delimiter is None:
        raise Unreadable(_("{file} is no table: no separator parts its lines into columns.").format(file=name))
    body = data[skipped:] if skipped else data
    cells = _cells(body, delimiter, name)
    return Grid(name, "csv", cells, _Places(body, delimiter, 1 if told else 0, cells.num_rows))


def delimiter_of(head: str) -> str | None:
    """The separator that gives most of the first lines the same number of columns; None if none gives two."""
    scores = []
    for place, delimiter in enumerate(DELIMITERS):
        widths = Counter(len(row) for row in _first_rows(head, delimiter) if len(row) > 1)
        if widths:
            width, rows = max(widths.items(), key=lambda found: (found[1], found[0]))
            scores.append((rows, -place, width, delimiter))
    return max(scores)[3] if scores else None


def _first_rows(head: str, delimiter: str) -> list[list[str]]:
    lines = head.splitlines(keepends=True)[:HEAD_LINES]
    try:
        return list(csv.reader(lines, delimiter=delimiter))
    except csv.Error:
        return []


def _as_utf8(data: bytes, encoding: str, name: str) -> bytes:
    if encoding == "utf-8":
        return data
    if encoding == "utf-8-sig":
        return data[len(codecs.BOM_UTF8) :]
    try:
        return data.decode(encoding).lstrip("\ufeff").encode()
    except UnicodeDecodeError as error:
        sentence = _("{file}: the byte at {n} is no text in {encoding}.")
        raise Unreadable(sentence.format(file=name, n=error.start, encoding=encoding)) from None


def _refuse_no_text(data: bytes, name: str) -> None:
    if b"\0" in data:
        line = data.count(b"\n", 0, data.find(b"\0")) + 1
        raise Unreadable(_("{file}, line {line}: a NUL byte; this is no text.").format(file=name, line=line))


def _cells(data: bytes, delimiter: str, name: str) -> pa.Table:
    """Read in columns from the first row of full width on, the few above it by themselves; else row by row."""
    head = _head(data, delimiter, name)
    if head is not None:
        try:
            body = _columns(data, delimiter, head)
        except pa.ArrowInvalid:
            pass
        else:
            above = of_rows([row + [""] * (head.width - len(row)) for row in head.above])
            whole = pa.concat_tables([above, body]) if head.above else body
            return _within(whole, name)
    return _within(of_rows(_rows(data, delimiter, name)), name)


def _within(cells: pa.Table, name: str) -> pa.Table:
    if cells.num_columns > MOST_COLUMNS or cells.num_rows > MOST_ROWS:
        sentence = _("{file} has {rows} rows and {columns} columns, more than are read.")
        raise Unreadable(sentence.format(file=name, rows=cells.num_rows, columns=cells.num_columns))
    return cells


@dataclass(frozen=True, slots=True)
class _Head:
    """Rows above the first of full width, that width, and the byte at which that row begins."""

    above: list[list[str]]
    width: int
    offset: int


def _head(data: bytes, delimiter: str, name: str) -> _Head | None:
    records = list(_records(data[:_HEAD_BYTES].decode("utf-8", "ignore"), delimiter, name, HEAD_LINES))
    if not records:
        return None
    width = max(len(row) for _line, row in records)
    if width < 2 or width > MOST_COLUMNS or not _plain_ends(data):
        return None
    first = next(n for n, (_line, row) in enumerate(records) if len(row) == width)
    return _Head([row for _line, row in records[:first]], width, _offset(data, records[first][0]))


def _plain_ends(data: bytes) -> bool:
    """Does no line end with a carriage return alone?"""
    return data.count(b"\r") == data.count(b"\r\n")


def _offset(data: bytes, line: int) -> int:
    offset = 0
    for _n in range(line - 1):
        offset = data.index(b"\n", offset) + 1
    return offset


def _columns(data: bytes, delimiter: str, head: _Head) -> pa.Table:
    names = [str(n) for n in range(head.width)]
    return pacsv.read_csv(
        pa.BufferReader(pa.py_buffer(data).slice(head.offset)),
        read_options=pacsv.ReadOptions(column_names=names),
        parse_options=pacsv.ParseOptions(delimiter=delimiter, newlines_in_values=b'"' in data),
        convert_options=pacsv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()),
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=True,
        ),
    )


def _records(text: str, delimiter: str, name: str, most: int | None = None) -> Iterator[tuple[int, list[str]]]:
    """Every record that is not empty, with the line it starts on. Raises Unreadable for a cell beyond all measure."""
    csv.field_size_limit(LONGEST_CELL)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    start = 1
    try:
        for row in reader:
            if row:
                yield start, row
            start = reader.line_num + 1
            if most is not None and start > most:
                return
    except csv.Error as error:
        raise Unreadable(
            _("{file}, line {line}: {reason}.").format(
                file=name, line=start, reason=quoted(str(error), 200).rstrip(".")
            )
        ) from None


def _rows(data: bytes, delimiter: str, name: str) -> list[list[str]]:
    rows = []
    for _line, row in _records(data.decode("utf-8"), delimiter, name):
        rows.append(row)
        if len(row) > MOST_COLUMNS or len(rows) > MOST_ROWS:
            raise Unreadable(_("{file} has more rows or columns than are read.").format(file=name))
    return unmerged(rows, delimiter)


def unmerged(rows: list[list[str]], delimiter: str) -> list[list[str]]:
    """Rows below a wider header whose one cell holds several, because the bank quotes them together, taken apart.

    Only where the same cell of every short row holds exactly the separators that are missing, and no other cell does.
    """
    width = len(rows[0]) if rows else 0
    short = {len(row) for row in rows[1:]}
    if len(short) != 1 or not 0 < width - (found := short.pop()) < width:
        return rows
    missing = width - found
    merged = [n for n in range(found) if all(row[n].count(delimiter) == missing for row in rows[1:])]
    if len(merged) != 1:
        return rows
    place = merged[0]
    return [rows[0], *([*row[:place], *row[place].split(delimiter), *row[place + 1 :]] for row in rows[1:])]


class _Places:
    """Row number -> "line 17", found only when a sentence needs it. The file is kept for it only where quotes or empty
    lines make the lines of the file more than its rows.
    """

    def __init__(self, data: bytes, delimiter: str, above: int, rows: int) -> None:
        plain = b'"' not in data and _plain_ends(data) and data.count(b"\n") + (not data.endswith(b"\n")) == rows
        self._data, self._delimiter, self._above = b"" if plain else data, delimiter, above
        self._lines: Sequence[int] | None = range(1 + above, rows + 1 + above) if plain else None

    def __call__(self, row: int) -> str:
        if self._lines is None:
            records = _records(self._data.decode("utf-8", "replace"), self._delimiter, "")
            self._lines = [line + self._above for line, _row in records]
        known = self._lines[row] if row < len(self._lines) else row + 1
        return _("line {n}").format(n=known)
