"""Reports as CSV and Excel: typed cells, plain decimal amounts, and no text that a spreadsheet would run."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import pandas as pd
import xlsxwriter

from rules.values import exponent, from_minor

_RUNS = ("=", "+", "-", "@", "\t", "\r")
"""How a cell begins that a spreadsheet takes for a formula."""
_LONGEST = 15
"""Digits that Excel's numbers keep; a longer amount is written as text."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A frame to write. Columns that end in `_minor` are amounts of `currency` in minor units."""

    name: str
    frame: pd.DataFrame
    columns: Sequence[str]
    currency: str

    @property
    def headings(self) -> list[str]:
        return [column.removesuffix("_minor") for column in self.columns]

    def rows(self) -> list[tuple[Any, ...]]:
        return list(self.frame[list(self.columns)].itertuples(index=False, name=None))


def csv_bytes(sheet: Sheet) -> bytes:
    """UTF-8, comma, dot decimals, ISO dates; an empty cell is missing."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(sheet.headings)
    for row in sheet.rows():
        writer.writerow(
            [_text(column, value, sheet.currency) for column, value in zip(sheet.columns, row, strict=True)]
        )
    return out.getvalue().encode()


def _text(column: str, value: Any, currency: str) -> str:
    if value is None or value is pd.NA or value != value:
        return ""
    if column.endswith("_minor"):
        return from_minor(int(value), currency)
    if isinstance(value, date):
        return value.isoformat()
    return guarded(str(value))


def guarded(text: str) -> str:
    """The text, with an apostrophe before it where a spreadsheet would take it for a formula."""
    return f"'{text}" if text.startswith(_RUNS) else text


def xlsx_bytes(sheet: Sheet) -> bytes:
    """One sheet with typed cells: amounts as numbers with the currency's decimals, dates as dates."""
    out = io.BytesIO()
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "in_memory": True}
    book = xlsxwriter.Workbook(out, options)
    page = book.add_worksheet(sheet.name[:31])
    head = book.add_format({"bold": True, "bottom": 1})
    places = exponent(sheet.currency)
    money = book.add_format({"num_format": "#,##0" + ("." + "0" * places if places else "")})
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    page.freeze_panes(1, 0)
    page.write_row(0, 0, sheet.headings, head)
    for number, row in enumerate(sheet.rows(), start=1):
        for place, (column, value) in enumerate(zip(sheet.columns, row, strict=True)):
            _write(page, (number, place), column, value, sheet.currency, money, day)
    book.close()
    return out.getvalue()


def _write(page: Any, at: tuple[int, int], column: str, value: Any, currency: str, money: Any, day: Any) -> None:
    if value is None or value is pd.NA or value != value:
        return
    if column.endswith("_minor"):
        if len(str(abs(int(value)))) > _LONGEST:
            page.write_string(*at, from_minor(int(value), currency))
        else:  # the cell's number is Excel's own; nothing is computed with it here
            page.write_number(*at, Decimal(from_minor(int(value), currency)), money)
    elif isinstance(value, date):
        page.write_datetime(*at, value, day)
    elif isinstance(value, int):
        page.write_number(*at, value)
    else:
        page.write_string(*at, str(value))
