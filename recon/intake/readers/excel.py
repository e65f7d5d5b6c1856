"""Workbooks (.xlsx, .xlsm, .xls, .xlsb, .ods): with our own column names, exact to what the sheet shows, or as a bank
prints its table.

A sheet stores numbers as binary floats. A cell counts as its shortest decimal form (`repr`); where a formula has left
dust behind the 15 digits that Excel keeps, the amount is what those 15 digits say, and that change is a finding.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import BinaryIO

import pyarrow as pa

from recon.errors import Unreadable
from recon.intake.canonical import REQUIRED, Source, field_names, statements
from recon.intake.readers.tables import read_table
from recon.intake.remarks import Remarks
from recon.intake.sheet_process import Cell
from recon.intake.statement import Reading
from recon.intake.tables.sheet import grid_of_rows
from recon.intake.workbook import OLE, ZIP, cell_text, plain, sheet_rows
from rules.fields import FieldType, line_field
from rules.wording import _

FORMAT = "excel"
_EXTENSIONS = (".xlsx", ".xlsm", ".xlsb", ".ods", ".xls")
_MOST_DIGITS = 15


def sniff(head: bytes, name: str) -> bool:
    """A zip or an old compound file called a workbook, or a zip whose first parts are a workbook's."""
    if head.startswith(OLE):
        return True
    if not head.startswith(ZIP):
        return False
    inside = (b"xl/", b"[Content_Types].xml", b"opendocument.spreadsheet")
    return name.lower().endswith(_EXTENSIONS) or any(sign in head for sign in inside)


def read(stream: BinaryIO, name: str) -> Reading:
    """The first sheet that is not empty. Raises Unreadable naming row, column and value."""
    found = sheet_rows(stream.read(), name)
    rows = [(number, row) for number, row in enumerate(found, start=1) if any(cell != "" for cell in row)]
    header = [cell_text(cell).strip() for cell in rows[0][1]]
    while header and not header[-1]:
        header.pop()
    if len(set(header).intersection(REQUIRED)) < 2:
        return read_table(grid_of_rows(rows, name))
    fields = field_names(header, name)
    cells = _Cells(name, fields, rows[1:])
    table = statements([cells.table()], Source(name, cells.place))
    return Reading(FORMAT, "", table, cells.remarks.all())


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
            text = self._amount(cell, field, number) if money and isinstance(cell, float) else cell_text(cell)
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
            return plain(written)
        sentence = _(
            "{file}, row {n}, column {column}: the cell holds {written}; it is read as {shown}, as Excel shows it."
        )
        facts = {"file": self._name, "n": number, "column": field, "written": plain(written), "shown": plain(shown)}
        self.remarks.add("excel-digits", "info", _row(number), sentence.format(**facts))
        return plain(shown)

    def _note_lost_digits(self, text: str, field: str, number: int) -> None:
        """A sheet keeps 15 digits of a number: an account number or KID that is longer has lost its end already."""
        if len(text.lstrip("-").replace(".", "")) > _MOST_DIGITS:
            sentence = _(
                "{file}, row {n}, column {column}: the sheet keeps only 15 digits of {value}; format it as text."
            )
            facts = {"file": self._name, "n": number, "column": field, "value": text}
            self.remarks.add("excel-long-number", "warning", _row(number), sentence.format(**facts))
