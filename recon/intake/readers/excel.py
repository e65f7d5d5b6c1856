"""Excel workbooks (.xlsx, .xlsm) with our own column names: the same table as the CSV, exact to what the sheet shows.

A sheet stores numbers as binary floats. A cell counts as its shortest decimal form (`repr`); where a formula has left
dust behind the 15 digits that Excel keeps, the amount is what those 15 digits say, and that change is a finding.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import BinaryIO

import pyarrow as pa
from python_calamine import CalamineError, CalamineWorkbook, PasswordError

from recon.errors import Unreadable
from recon.intake.canonical import Source, field_names, quoted, statements
from recon.intake.remarks import Remarks
from recon.intake.statement import Reading
from rules.fields import FieldType, line_field
from rules.wording import _

FORMAT = "excel"
LARGEST_UNPACKED = 400_000_000
"""Bytes of all parts together."""
MOST_PARTS = 5_000
LARGEST_RATIO = 300
"""Unpacked to packed size of a part above 10 MB. Sheets reach about 40."""
MOST_CELLS = 12_000_000
"""Rows times columns up to the farthest cell. calamine allots 32 bytes to each, filled or not, and aborts the process
where it cannot: two cells in far corners are enough.
"""
_REFERENCE = re.compile(rb"""\br\s*=\s*["']([A-Za-z]{0,3})([0-9]{1,9})["']""")
_LONGEST_REFERENCE = 64
_MOST_DIGITS = 15

Cell = str | float | int | bool | date | datetime | time | timedelta


def sniff(head: bytes, name: str) -> bool:
    """A zip called a workbook, or one whose first parts are a workbook's."""
    if not head.startswith(b"PK\x03\x04") or other_sheet(head, name):
        return False
    return name.lower().endswith((".xlsx", ".xlsm")) or b"xl/" in head or b"[Content_Types].xml" in head


def other_sheet(head: bytes, name: str) -> bool:
    """OpenDocument or binary sheets are zips too."""
    return b"opendocument" in head[:200] or name.lower().endswith((".ods", ".xlsb"))


def read(stream: BinaryIO, name: str) -> Reading:
    """The first sheet that is not empty. Raises Unreadable naming row, column and value."""
    data = stream.read()
    _refuse_bomb(data, name)
    rows = _numbered(_rows(data, name))
    header = [_text(cell).strip() for cell in rows[0][1]]
    while header and not header[-1]:
        header.pop()
    fields = field_names(header, name)
    cells = _Cells(name, fields, rows[1:])
    found = statements(cells.table(), Source(name, cells.place))
    return Reading(FORMAT, "", found, cells.remarks.all())


def _refuse_bomb(data: bytes, name: str) -> None:
    """Unpack every part once, counting: what the directory of a zip says about sizes need not be true."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
            if len(parts) > MOST_PARTS:
                raise _too_large(name)
            total = 0
            for part in parts:
                total += _unpacked(archive, part, LARGEST_UNPACKED - total, name)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError, zlib.error) as error:
        raise Unreadable(
            _("{file} is a damaged sheet: {reason}.").format(file=name, reason=quoted(str(error)))
        ) from None


def _unpacked(archive: zipfile.ZipFile, part: zipfile.ZipInfo, allowed: int, name: str) -> int:
    size, rows, columns, tail = 0, 1, 1, b""
    sheet = part.filename.endswith(".xml") and "sheet" in part.filename
    with archive.open(part) as unpacking:
        while chunk := unpacking.read(1 << 20):
            size += len(chunk)
            if size > allowed or (size > 10_000_000 and size > LARGEST_RATIO * max(part.compress_size, 1)):
                raise _too_large(name)
            if sheet:
                rows, columns = _farthest(tail + chunk, rows, columns)
                tail = chunk[-_LONGEST_REFERENCE:]
            if rows * columns > MOST_CELLS:
                raise _too_large(name)
    return size


def _farthest(text: bytes, rows: int, columns: int) -> tuple[int, int]:
    """The farthest row and column named by a cell or row (`r="XFD1048576"`, `r="17"`) so far."""
    found = set(_REFERENCE.findall(text))
    letters = {column.upper() for column, _row in found} - {b""}
    return max([rows, *(int(row) for _column, row in found)]), max([columns, *map(_column_number, letters)])


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _too_large(name: str) -> Unreadable:
    return Unreadable(_("{file} unpacks to more than a sheet should hold; it is not read.").format(file=name))


def _rows(data: bytes, name: str) -> list[list[Cell]]:
    """Rows of the first sheet that has any, from its first row on."""
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        for sheet in range(len(book.sheet_names)):
            rows: list[list[Cell]] = book.get_sheet_by_index(sheet).to_python(skip_empty_area=False)
            if any(cell != "" for row in rows for cell in row):
                return rows
    except PasswordError:
        raise Unreadable(_("{file} is locked with a password; save it without one.").format(file=name)) from None
    except (CalamineError, OSError, ValueError, OverflowError) as error:
        reason = quoted(str(error), 120)
        raise Unreadable(_("{file} cannot be read as a sheet: {reason}.").format(file=name, reason=reason)) from None
    except BaseException as error:  # a panic of the Rust library is no Exception
        if type(error).__name__ != "PanicException":
            raise
        raise Unreadable(_("{file} is a damaged sheet.").format(file=name)) from None
    raise Unreadable(_("{file} is empty.").format(file=name))


def _numbered(rows: list[list[Cell]]) -> list[tuple[int, list[Cell]]]:
    """Rows with content, with their number in the sheet."""
    return [(number, row) for number, row in enumerate(rows, start=1) if any(cell != "" for cell in row)]


def _text(cell: Cell) -> str:
    """A cell as text: a whole number without `.0`, a day without its midnight."""
    match cell:
        case bool():
            return "TRUE" if cell else "FALSE"
        case float():
            return _plain(Decimal(repr(cell)))
        case datetime():
            return cell.date().isoformat() if cell.time() == time() else cell.isoformat(sep=" ")
        case date() | time():
            return cell.isoformat()
        case _:
            return str(cell)


def _plain(number: Decimal) -> str:
    """Digits without exponent and without zeros after the last decimal."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _row(number: int) -> str:
    return _("row {n}").format(n=number)


class _Cells:
    """The data rows as text columns."""

    def __init__(self, name: str, fields: list[str], rows: list[tuple[int, list[Cell]]]) -> None:
        self.remarks = Remarks()
        self._name = name
        self._fields = fields
        self._rows = rows
        for number, row in rows:
            if any(cell != "" for cell in row[len(fields) :]):
                sentence = _("{file}, row {n}: a cell stands outside the columns of the header.")
                raise Unreadable(sentence.format(file=name, n=number))

    def place(self, row: int) -> str:
        return _row(self._rows[row][0])

    def table(self) -> pa.Table:
        return pa.table({field: pa.array(self._column(n), pa.string()) for n, field in enumerate(self._fields)})

    def _column(self, place: int) -> Iterator[str | None]:
        field = self._fields[place]
        known = line_field(field)
        money = known is not None and known.type is FieldType.MONEY
        for number, row in self._rows:
            cell = row[place] if place < len(row) else ""
            text = self._amount(cell, field, number) if money and isinstance(cell, float) else _text(cell)
            if isinstance(cell, float) and not money:
                self._note_lost_digits(text, field, number)
            yield self._sound(text, field, number) or None

    def _sound(self, text: str, field: str, number: int) -> str:
        if "\0" in text:
            sentence = _("{file}, row {n}, column {column}: a NUL character stands in the cell.")
            raise Unreadable(sentence.format(file=self._name, n=number, column=field))
        return text

    def _amount(self, cell: float, field: str, number: int) -> str:
        if cell != cell or abs(cell) == float("inf"):
            return str(cell)
        written, shown = Decimal(repr(cell)), Decimal(f"{cell:.{_MOST_DIGITS}g}")
        if written == shown:
            return _plain(written)
        sentence = _(
            "{file}, row {n}, column {column}: the cell holds {written}; it is read as {shown}, as Excel shows it."
        )
        facts = {"file": self._name, "n": number, "column": field, "written": _plain(written), "shown": _plain(shown)}
        self.remarks.add("excel-digits", "info", _row(number), sentence.format(**facts))
        return _plain(shown)

    def _note_lost_digits(self, text: str, field: str, number: int) -> None:
        """A sheet keeps 15 digits of a number: an account number or KID that is longer has lost its end already."""
        if len(text.lstrip("-").replace(".", "")) > _MOST_DIGITS:
            sentence = _(
                "{file}, row {n}, column {column}: the sheet keeps only 15 digits of {value}; format it as text."
            )
            facts = {"file": self._name, "n": number, "column": field, "value": text}
            self.remarks.add("excel-long-number", "warning", _row(number), sentence.format(**facts))
