"""A workbook's rows by calamine, here or in a process of its own: `python -m recon.intake.sheet_process`.

The process reads a workbook from standard input and writes rows, or why there are none, as JSON to standard output. It
imports nothing heavy, and has a bound on its memory: calamine allots all that a file claims to hold.
"""

from __future__ import annotations

import io
import json
import sys
from datetime import date, datetime, time, timedelta

from python_calamine import CalamineError, CalamineWorkbook, PasswordError

MEMORY = 480_000_000
"""Bytes of address space."""
LOCKED, EMPTY = "locked", "empty"

Cell = str | float | int | bool | date | datetime | time | timedelta


class SheetError(Exception):
    """LOCKED, EMPTY, the library's own words, or "" where it fell over."""


def filled_rows(data: bytes) -> list[list[Cell]]:
    """Rows of the first sheet that has any, from its first row on. Raises SheetError."""
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        for sheet in range(len(book.sheet_names)):
            rows: list[list[Cell]] = book.get_sheet_by_index(sheet).to_python(skip_empty_area=False)
            if any(cell != "" for row in rows for cell in row):
                return rows
    except PasswordError:
        raise SheetError(LOCKED) from None
    except (CalamineError, OSError, ValueError, OverflowError) as error:
        raise SheetError(str(error) or type(error).__name__) from None
    except BaseException as error:  # a panic of the Rust library is no Exception
        if type(error).__name__ != "PanicException":
            raise
        raise SheetError("") from None
    raise SheetError(EMPTY)


def packed(cell: Cell) -> object:
    """A cell as JSON has it; days and times as objects."""
    match cell:
        case datetime():
            return {"t": cell.isoformat()}
        case date():
            return {"d": cell.isoformat()}
        case time() | timedelta():
            return str(cell)
        case _:
            return cell


def revived(cell: str | float | bool | dict[str, str]) -> Cell:
    """What `packed` was given."""
    if isinstance(cell, dict):
        return date.fromisoformat(cell["d"]) if "d" in cell else datetime.fromisoformat(cell["t"])
    return cell


def main() -> None:
    import resource  # not there on every system that imports this module

    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    try:
        said: object = [[packed(cell) for cell in row] for row in filled_rows(sys.stdin.buffer.read())]
    except SheetError as error:
        said = str(error)
    json.dump(said, sys.stdout)


if __name__ == "__main__":
    main()
