"""CSV with our own column names (UTF-8, comma, decimal points, ISO dates; an empty cell is missing), and text tables as
banks and programs print them, whatever they are called.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from typing import BinaryIO

import pyarrow as pa

from recon.errors import Unreadable
from recon.intake.canonical import REQUIRED, Source, field_names, quoted, statements
from recon.intake.cells import text_cells
from recon.intake.readers.tables import read_table
from recon.intake.statement import Reading
from recon.intake.stream import BLOCK, blocks, content
from recon.intake.tables.delimited import DELIMITERS, text_grid
from recon.intake.text_file import refuse_long_lines
from rules.wording import _

FORMAT = "csv"
BOM = b"\xef\xbb\xbf"
HEAD = 65_536
LONGEST_CELL = 10_000_000
_BOMS = (BOM, b"\xff\xfe", b"\xfe\xff")
_EXTENSIONS = (".csv", ".tsv", ".skv")
_OTHER_TEXT = re.compile(
    rb"\s*(#|<|\{|:|%PDF|OFXHEADER|NY0000|01BGMAX|05\d{10} {10}|20\d{10}|11.{16}LEVERANT|00[ \d]{30,60}|0000[0 ]\d{9}|"
    rb"0[01],[^,\r\n]*,[^,\r\n]*,\d*[,/])|(?s:.{0,4000}?(BETFOR(00|21|23|99)|\n:20:|\{4:\s*:20:))"
)
"""How files of other formats begin: SIE, XML, JSON or SWIFT, MT940, and those of fixed columns."""


def sniff(head: bytes, name: str) -> bool:
    """Some of our column names in the first line, any text file called .csv, so that it is told what it lacks, or lines
    that one separator parts into the same number of columns.
    """
    if len(set(first_columns(head)).intersection(REQUIRED)) > 1:
        return True
    text = head.decode("utf-16", "ignore").encode() if head.startswith(_BOMS[1:]) else head.removeprefix(BOM)
    if b"\0" in text or _OTHER_TEXT.match(text):
        return False
    return name.lower().endswith(_EXTENSIONS) or _is_table(text)


def first_columns(head: bytes) -> list[str]:
    """The first line, as our own tables part it."""
    first = head.removeprefix(BOM).lstrip(b"\r\n").split(b"\n", 1)[0].decode("utf-8", "replace")
    return [column.strip(' "\r') for column in first.split(",")]


def _is_table(head: bytes) -> bool:
    """At least two of the first lines with one separator and the same number of columns, three or more."""
    lines = [line for line in head.decode("utf-8", "replace").splitlines()[:40] if line.strip()]
    widths = (Counter(line.count(mark) for line in lines) for mark in DELIMITERS)
    return any(rows > 1 and count > 1 for each in widths for count, rows in each.items())


def read(stream: BinaryIO, name: str) -> Reading:
    """Every row a line; an `id` is kept. Raises Unreadable naming file, line, column and value."""
    head = stream.read(HEAD)
    stream.seek(0)
    if len(set(first_columns(head)).intersection(REQUIRED)) < 2:
        return read_table(text_grid(stream, name))
    quotes = _refuse_no_text(stream, name)
    refuse_long_lines(stream, name, LONGEST_CELL)
    header, header_lines = _header(stream, name)
    fields = field_names(header, name)
    cells = _cells(stream, fields, header_lines, quotes, name)
    return Reading(FORMAT, "", statements(cells, Source(name, _Places(stream))))


def _refuse_no_text(stream: BinaryIO, name: str) -> bool:
    """Whether some cell is quoted."""
    quotes = False
    for number, block in enumerate(blocks(stream)):
        at = block.find(b"\0")
        if at >= 0:
            line = _line(content(stream), number * BLOCK + at)
            raise Unreadable(_("{file}, line {line}: a NUL byte; this is no UTF-8 text.").format(file=name, line=line))
        quotes = quotes or b'"' in block
    return quotes


def _line(data: bytes, offset: int) -> int:
    return data.count(b"\n", 0, offset) + 1


def _header(stream: BinaryIO, name: str) -> tuple[list[str], int]:
    """The first line that is not empty, as columns, and the number of lines up to and with it."""
    stream.seek(0)
    for number, line in enumerate(iter(stream.readline, b""), start=1):
        text = _decoded(line.removeprefix(BOM) if number == 1 else line, number, name).strip("\r\n")
        if text:
            return _columns(text, name), number
    raise Unreadable(_("{file} is empty.").format(file=name))


def _decoded(line: bytes, number: int, name: str) -> str:
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _bad_byte(line[error.start], number, name) from None


def _columns(header: str, name: str) -> list[str]:
    try:
        return next(csv.reader([header]))
    except csv.Error as error:
        raise _no_csv(name, str(error)) from None


def _no_csv(name: str, reason: str) -> Unreadable:
    sentence = _("{file} cannot be read as CSV: {reason}.")
    return Unreadable(sentence.format(file=name, reason=quoted(reason, 200).rstrip(".")))


def _bad_byte(byte: int, line: int, name: str) -> Unreadable:
    return Unreadable(
        _("{file}, line {line}: the byte 0x{byte:02X} is no UTF-8 text; save the file as UTF-8.").format(
            file=name, line=line, byte=byte
        )
    )


def _cells(stream: BinaryIO, fields: list[str], header_lines: int, quotes: bool, name: str) -> Iterator[pa.Table]:
    stream.seek(0)
    try:
        yield from text_cells(stream, fields, quotes=quotes, above=header_lines)
    except pa.ArrowInvalid as error:
        raise _why_unreadable(stream, len(fields), name, str(error)) from None


def _why_unreadable(stream: BinaryIO, width: int, name: str, reported: str) -> Unreadable:
    """pyarrow names the row but not its line, and only sometimes: read again, slowly, up to the fault."""
    data = content(stream)
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        return _bad_byte(data[error.start], _line(data, error.start), name)
    try:
        for line, row in _records(data):
            if len(row) != width:
                sentence = _("{file}, line {line}: {found} cells where the header has {width}: “{row}”.")
                return Unreadable(
                    sentence.format(file=name, line=line, found=len(row), width=width, row=quoted(",".join(row)))
                )
    except csv.Error as error:
        reported = str(error)
    return _no_csv(name, reported)


def _records(data: bytes) -> list[tuple[int, list[str]]]:
    """Every record that is not empty, header first, with the line it starts on."""
    csv.field_size_limit(LONGEST_CELL)
    reader = csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""))
    records, start = [], 1
    for row in reader:
        if row:
            records.append((start, row))
        start = reader.line_num + 1
    return records


class _Places:
    """Data row number -> "line 17", found only when a sentence needs it."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._lines: list[int] | None = None

    def __call__(self, row: int) -> str:
        if self._lines is None:
            self._lines = [line for line, _row in _records(content(self._stream))][1:]
        return _("line {n}").format(n=self._lines[row])
