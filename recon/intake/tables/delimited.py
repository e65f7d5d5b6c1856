"""Text tables (CSV and its kin) as cells: letters, delimiter and the shape of the rows are told from the content."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import BinaryIO

import pyarrow as pa

from recon.errors import Unreadable
from recon.intake.canonical import quoted
from recon.intake.cells import text_cells
from recon.intake.charset import table_encoding
from recon.intake.stream import blocks, content
from recon.intake.tables.grid import Grid, flat, of_rows
from recon.intake.text_file import refuse_long_lines
from recon.memory import release_unused
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
    text = _text(stream, name)
    refuse_long_lines(text.stream, name)
    head = text.head.decode("utf-8", "ignore")
    told = _SEPARATOR_LINE.match(head)
    if told:
        text = text.below(len(told[0].encode()))
    delimiter = told[1] if told else delimiter_of(head)
    if delimiter is None:
        raise Unreadable(_("{file} is no table: no separator parts its lines into columns.").format(file=name))
    cells = _cells(text, delimiter, name)
    return Grid(name, "csv", cells, _Places(text, delimiter, cells.num_rows))


@dataclass(frozen=True, slots=True)
class _Text:
    """UTF-8 text from byte `start` of a stream on, which is line `above` + 1 of the file.

    `ends` counts all ends of lines; `plain` says that none is a carriage return alone.
    """

    stream: BinaryIO
    start: int
    quotes: bool
    plain: bool
    ends: int
    above: int = 0

    @property
    def head(self) -> bytes:
        self.stream.seek(self.start)
        return self.stream.read(_HEAD_BYTES)

    def below(self, size: int) -> _Text:
        """Without its first line, of so many bytes."""
        return replace(self, start=self.start + size, ends=self.ends - 1, above=1)

    def content(self) -> bytes:
        return content(self.stream, self.start)


def _text(stream: BinaryIO, name: str) -> _Text:
    """The file as UTF-8. Raises Unreadable for a NUL byte, and what is no text in the encoding that it says."""
    encoding = table_encoding(stream)
    start = len(codecs.BOM_UTF8) if encoding == "utf-8-sig" else 0
    if not encoding.startswith("utf-8"):
        stream = _as_utf8(content(stream), encoding, name)
    ends = returns = pairs = 0
    quotes, last = False, b""
    for block in blocks(stream):
        _refuse_no_text(block, ends, name)
        ends, returns = ends + block.count(b"\n"), returns + block.count(b"\r")
        pairs += block.count(b"\r\n") + (last == b"\r" and block[:1] == b"\n")
        quotes, last = quotes or b'"' in block, block[-1:]
    return _Text(stream, start, quotes, returns == pairs, ends + (last != b"\n"))


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


def _as_utf8(data: bytes, encoding: str, name: str) -> BinaryIO:
    try:
        return io.BytesIO(data.decode(encoding).lstrip("\ufeff").encode())
    except UnicodeDecodeError as error:
        sentence = _("{file}: the byte at {n} is no text in {encoding}.")
        raise Unreadable(sentence.format(file=name, n=error.start, encoding=encoding)) from None


def _refuse_no_text(block: bytes, lines: int, name: str) -> None:
    nul = block.find(b"\0")
    if nul >= 0:
        line = lines + block.count(b"\n", 0, nul) + 1
        raise Unreadable(_("{file}, line {line}: a NUL byte; this is no text.").format(file=name, line=line))


def _cells(text: _Text, delimiter: str, name: str) -> pa.Table:
    """Read in columns from the first row of full width on, the few above it by themselves; else row by row."""
    head = _head(text, delimiter, name)
    if head is not None:
        try:
            body = _columns(text, delimiter, head)
        except pa.ArrowInvalid:
            pass
        else:
            above = of_rows([row + [""] * (head.width - len(row)) for row in head.above])
            return _within(pa.concat_tables([above, body]) if head.above else body, name)
    return _within(of_rows(_rows(text.content(), delimiter, name)), name)


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


def _head(text: _Text, delimiter: str, name: str) -> _Head | None:
    data = text.head
    records = list(_records(data.decode("utf-8", "ignore"), delimiter, name, HEAD_LINES))
    if not records:
        return None
    width = max(len(row) for _line, row in records)
    if width < 2 or width > MOST_COLUMNS or not text.plain:
        return None
    first = next(n for n, (_line, row) in enumerate(records) if len(row) == width)
    return _Head([row for _line, row in records[:first]], width, _offset(data, records[first][0]))


def _offset(data: bytes, line: int) -> int:
    offset = 0
    for _n in range(line - 1):
        offset = data.index(b"\n", offset) + 1
    return offset


def _columns(text: _Text, delimiter: str, head: _Head) -> pa.Table:
    """Every column in one piece, for it is read many times."""
    names = [str(n) for n in range(head.width)]
    text.stream.seek(text.start + head.offset)
    cells = pa.concat_tables(text_cells(text.stream, names, quotes=text.quotes, delimiter=delimiter))
    columns = {}
    for name in names:
        columns[name] = flat(cells[name])
        cells = cells.drop_columns([name])
    release_unused()
    return pa.table(columns)


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
    """Row number -> "line 17", found only when a sentence needs it. The text is kept for it only where empty lines or
    cells of several make the lines of the file more than its rows.
    """

    def __init__(self, text: _Text, delimiter: str, rows: int) -> None:
        plain = text.plain and text.ends == rows
        self._data, self._delimiter, self._above = b"" if plain else text.content(), delimiter, text.above
        self._lines: Sequence[int] | None = range(1 + text.above, rows + 1 + text.above) if plain else None

    def __call__(self, row: int) -> str:
        if self._lines is None:
            records = _records(self._data.decode("utf-8", "replace"), self._delimiter, "")
            self._lines = [line + self._above for line, _row in records]
        known = self._lines[row] if row < len(self._lines) else row + 1
        return _("line {n}").format(n=known)
