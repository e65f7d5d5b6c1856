"""Workbooks opened safely: .xlsx and .xlsm here after counting, .xls, .xlsb and .ods in a process of their own.

calamine allots every cell up to the farthest one, filled or not, and aborts the process where it cannot. What an .xlsx
says about its cells can be read beforehand; of the other kinds the process that dies is one that holds nothing else.
"""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
import zipfile
import zlib
from datetime import date, datetime, time
from decimal import Decimal

from recon.errors import Unreadable
from recon.intake.canonical import quoted
from recon.intake.sheet_process import EMPTY, LOCKED, Cell, SheetError, filled_rows, revived
from rules.wording import _

LARGEST_UNPACKED = 400_000_000
"""Bytes of all parts together."""
MOST_PARTS = 5_000
LARGEST_RATIO = 300
"""Unpacked to packed size of a part above 10 MB. Sheets reach about 40."""
MOST_CELLS = 12_000_000
"""Rows times columns up to the farthest cell; each takes 32 bytes."""
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ZIP = b"PK\x03\x04"
_REFERENCE = re.compile(rb"""\br\s*=\s*["']([A-Za-z]{0,3})([0-9]{1,9})["']""")
_LONGEST_REFERENCE = 64
_WORKER_SECONDS = 9


def is_sheet(head: bytes) -> bool:
    """Does the content begin as a workbook's does, whatever the file is called?"""
    return head.startswith((ZIP, OLE))


def is_plain_workbook(data: bytes) -> bool:
    """An .xlsx or .xlsm: a zip with a workbook in XML."""
    if not data.startswith(ZIP):
        return False
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return True  # what is wrong with it is said when it is opened
    return "xl/workbook.bin" not in names and "content.xml" not in names


def sheet_rows(data: bytes, name: str) -> list[list[Cell]]:
    """Rows of the first sheet that has any, from its first row on. Raises Unreadable in one sentence."""
    if not is_sheet(data):
        raise Unreadable(_("{file} is no workbook.").format(file=name))
    if data.startswith(ZIP):
        _refuse_bomb(data, name)
    return _rows(data, name) if is_plain_workbook(data) else _rows_apart(data, name)


def cell_text(cell: Cell) -> str:
    """A cell as text: a whole number without `.0`, a day without its midnight."""
    match cell:
        case bool():
            return "TRUE" if cell else "FALSE"
        case float():
            return str(cell) if cell != cell or abs(cell) == float("inf") else plain(Decimal(repr(cell)))
        case datetime():
            return cell.date().isoformat() if cell.time() == time() else cell.isoformat(sep=" ")
        case date() | time():
            return cell.isoformat()
        case _:
            return str(cell)


def plain(number: Decimal) -> str:
    """Digits without exponent and without zeros after the last decimal."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


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
    try:
        return filled_rows(data)
    except SheetError as error:
        raise _no_sheet(str(error), name) from None


def _no_sheet(reason: str, name: str) -> Unreadable:
    if reason == LOCKED:
        return Unreadable(_("{file} is locked with a password; save it without one.").format(file=name))
    if reason == EMPTY:
        return Unreadable(_("{file} is empty.").format(file=name))
    if not reason:
        return Unreadable(_("{file} is a damaged sheet.").format(file=name))
    sentence = _("{file} cannot be read as a sheet: {reason}.")
    return Unreadable(sentence.format(file=name, reason=quoted(reason, 120)))


def _rows_apart(data: bytes, name: str) -> list[list[Cell]]:
    """In a process with little memory and time, which may die of the file."""
    command = [sys.executable, "-m", "recon.intake.sheet_process"]
    try:
        done = subprocess.run(command, input=data, capture_output=True, timeout=_WORKER_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        raise Unreadable(_("{file} takes too long to open as a sheet; save it as .xlsx.").format(file=name)) from None
    if done.returncode:
        raise Unreadable(_("{file} is a damaged sheet, or holds more than a sheet should.").format(file=name))
    said = json.loads(done.stdout)
    if isinstance(said, str):
        raise _no_sheet(said, name)
    return [[revived(cell) for cell in row] for row in said]
