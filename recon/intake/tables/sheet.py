"""Workbooks as cells of text: the first sheet that is not empty; numbers exact to their shortest decimal form."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from recon.errors import Unreadable
from recon.intake.remarks import Remarks
from recon.intake.sheet_process import Cell
from recon.intake.tables.delimited import MOST_COLUMNS
from recon.intake.tables.grid import Grid, of_rows
from recon.intake.workbook import cell_text, is_sheet, sheet_rows
from rules.wording import _

__all__ = ["grid_of_rows", "is_sheet", "sheet_grid"]

_MOST_DIGITS = 15


def sheet_grid(data: bytes, name: str) -> Grid:
    """Raises Unreadable for a bomb, a damaged or a locked workbook."""
    rows = enumerate(sheet_rows(data, name), start=1)
    return grid_of_rows([(number, row) for number, row in rows if any(cell != "" for cell in row)], name)


def grid_of_rows(rows: list[tuple[int, list[Cell]]], name: str) -> Grid:
    """Rows with their number in the sheet; none is empty. Raises Unreadable for more columns than a table has."""
    rows = [(number, _trimmed(row)) for number, row in rows]
    columns = max((len(row) for _number, row in rows), default=0)
    if columns > MOST_COLUMNS:
        sentence = _("{file} has {rows} rows and {columns} columns, more than are read.")
        raise Unreadable(sentence.format(file=name, rows=len(rows), columns=columns))
    cells = of_rows([[cell_text(cell).replace("\0", "") for cell in row] for _number, row in rows])
    width = cells.num_columns
    numbers = {str(n): _numbers([row for _number, row in rows], n) for n in range(width)}
    remarks = Remarks()
    for number, row in rows:
        _note_lost_digits(number, row, name, remarks)
    places = [number for number, _row in rows]
    kept = {column: mask for column, mask in numbers.items() if mask.true_count}
    return Grid(name, "excel", cells, lambda row: _("row {n}").format(n=places[row]), kept, remarks.all())


def _trimmed(row: list[Cell]) -> list[Cell]:
    """Without the empty cells at its end."""
    end = len(row)
    while end and row[end - 1] == "":
        end -= 1
    return row[:end]


def _numbers(rows: list[list[Cell]], place: int) -> pa.Array:
    found = [
        place < len(row) and isinstance(row[place], (int, float)) and not isinstance(row[place], bool) for row in rows
    ]
    return pa.array(np.array(found, dtype=bool))


def _note_lost_digits(number: int, row: list[Cell], name: str, remarks: Remarks) -> None:
    """A sheet keeps 15 digits of a number: an account number or KID that is longer has lost its end already."""
    for cell in row:
        if isinstance(cell, float) and cell.is_integer() and abs(cell) >= 10**_MOST_DIGITS:
            where = _("row {n}").format(n=number)
            sentence = _("{file}, {place}: the sheet keeps only 15 digits of {value}; format it as text.")
            said = sentence.format(file=name, place=where, value=cell_text(cell))
            remarks.add("excel-long-number", "warning", where, said)
