"""Workbooks of every kind that is read, as small as they get; no library at hand writes .xlsb or .ods."""

from __future__ import annotations

import datetime as dt
import io
import struct
import zipfile
from collections.abc import Iterator, Sequence

import xlsxwriter

Cell = str | float | dt.date
Rows = Sequence[Sequence[Cell]]

OWN: Rows = [("id", "booking_date", "amount", "currency"), ("1", dt.date(2024, 1, 1), 1.5, "NOK")]
"""A table with our own column names."""

BANK: Rows = [
    ("Konto: 8601 11 17947",),
    ("Dato", "Tekst", "Beløp", "Saldo"),
    (dt.date(2024, 1, 1), "a", 1.5, 11.5),
    (dt.date(2024, 1, 2), "b", "-2,50", 9),
]
"""A table as a bank prints it, with a running balance."""


def xlsx(rows: Rows) -> bytes:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"default_date_format": "yyyy-mm-dd"})
    sheet = book.add_worksheet()
    for number, row in enumerate(rows):
        sheet.write_row(number, 0, row)
    book.close()
    return out.getvalue()


def ods(rows: Rows) -> bytes:
    """An OpenDocument spreadsheet."""
    office = "urn:oasis:names:tc:opendocument:xmlns"
    spaces = "".join(f' xmlns:{name}="{office}:{name}:1.0"' for name in ("office", "table", "text"))
    body = "".join(f"<table:table-row>{''.join(map(_ods_cell, row))}</table:table-row>" for row in rows)
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content{spaces}><office:body><office:spreadsheet>'
        f'<table:table table:name="A">{body}</table:table></office:spreadsheet></office:body></office:document-content>'
    )
    return _zip(
        {
            "mimetype": b"application/vnd.oasis.opendocument.spreadsheet",
            "META-INF/manifest.xml": f'<m:manifest xmlns:m="{office}:manifest:1.0"/>'.encode(),
            "content.xml": content.encode(),
        }
    )


def _ods_cell(cell: Cell) -> str:
    match cell:
        case dt.date():
            kind = f'office:value-type="date" office:date-value="{cell}"'
        case str():
            kind = 'office:value-type="string"'
        case _:
            kind = f'office:value-type="float" office:value="{cell}"'
    return f"<table:table-cell {kind}><text:p>{cell}</text:p></table:table-cell>"


def xlsb(rows: Rows) -> bytes:
    """A binary workbook: the records of [MS-XLSB] that a reader cannot do without."""
    relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet"
    target = (
        f'<Relationships><Relationship Id="rId1" Type="{relations}" Target="worksheets/sheet1.bin"/></Relationships>'
    )
    return _zip(
        {
            "[Content_Types].xml": b"<Types/>",
            "xl/_rels/workbook.bin.rels": target.encode(),
            "xl/workbook.bin": b"".join(_book_records()),
            "xl/styles.bin": b"".join(_style_records()),
            "xl/worksheets/sheet1.bin": b"".join(_sheet_records(rows)),
        }
    )


def _book_records() -> Iterator[bytes]:
    yield _record(131)  # BrtBeginBook
    yield _record(143)  # BrtBeginBundleShs
    yield _record(156, struct.pack("<II", 0, 1) + _wide("rId1") + _wide("A"))  # BrtBundleSh
    yield _record(144)
    yield _record(132)


DAY_FORMAT = 14
"""The built-in number format of a day."""


def _style_records() -> Iterator[bytes]:
    yield _record(278)  # BrtBeginStyleSheet
    yield _record(617, struct.pack("<I", 2))  # BrtBeginCellXFs: a plain cell, a day
    for number_format in (0, DAY_FORMAT):
        yield _record(47, struct.pack("<HH", 0xFFFF, number_format) + bytes(12))  # BrtXF
    yield _record(618)
    yield _record(279)


def _sheet_records(rows: Rows) -> Iterator[bytes]:
    yield _record(129)  # BrtBeginSheet
    yield _record(148, struct.pack("<IIII", 0, len(rows) - 1, 0, max(map(len, rows)) - 1))  # BrtWsDim
    yield _record(145)  # BrtBeginSheetData
    for number, row in enumerate(rows):
        yield _record(0, struct.pack("<I", number) + bytes(13))  # BrtRowHdr
        for column, cell in enumerate(row):
            yield _cell_record(column, cell)
    yield _record(146)
    yield _record(130)


def _cell_record(column: int, cell: Cell) -> bytes:
    if isinstance(cell, str):
        return _record(6, struct.pack("<II", column, 0) + _wide(cell))  # BrtCellSt
    day = isinstance(cell, dt.date)
    number = (cell - dt.date(1899, 12, 30)).days if isinstance(cell, dt.date) else cell
    return _record(5, struct.pack("<IId", column, int(day), number))  # BrtCellReal


def _record(kind: int, content: bytes = b"") -> bytes:
    """Kind and length are written seven bits a byte."""
    return _sevens(kind) + _sevens(len(content)) + content


def _sevens(number: int) -> bytes:
    low, high = number & 0x7F, number >> 7
    return bytes([low | 0x80, high]) if high else bytes([low])


def _wide(text: str) -> bytes:
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")


def _zip(parts: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()
