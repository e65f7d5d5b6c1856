"""A frame as CSV, JSON or Excel, to a file or to standard output; money as plain decimals."""

from __future__ import annotations

import json
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from recon.errors import Refusal
from recon.reports.sheets import Sheet, csv_bytes, xlsx_bytes
from rules.values import from_minor
from rules.wording import _


def write_rows(frame: pd.DataFrame, name: str, currency: str, format: str, out: Path | None) -> None:
    """Write a frame as csv, json or xlsx.

    Columns that end in `_minor` are minor units of `currency` and lose that ending; `original_amount` is of the row's
    own `original_currency`.
    """
    if "original_amount" in frame.columns:
        amounts = pd.Series([_original(row) for row in frame.to_dict("records")], index=frame.index, dtype="object")
        frame = frame.assign(original_amount=amounts)
    sheet = Sheet(name, frame, [str(column) for column in frame.columns], currency)
    if format == "xlsx":
        _write(xlsx_bytes(sheet), out)
    elif format == "json":
        rows = [dict(zip(sheet.headings, _plain(sheet, row), strict=True)) for row in sheet.rows()]
        _write((json.dumps(rows, ensure_ascii=False) + "\n").encode(), out)
    else:
        _write(csv_bytes(sheet), out)


def _original(row: dict[Any, Any]) -> str | None:
    value = row["original_amount"]
    return None if value is pd.NA or value is None else from_minor(int(value), row["original_currency"])


def _plain(sheet: Sheet, row: tuple[Any, ...]) -> list[Any]:
    return [_value(column, value, sheet.currency) for column, value in zip(sheet.columns, row, strict=True)]


def _value(column: str, value: object, currency: str) -> object:
    if value is None or value is pd.NA:
        return None
    if column.endswith("_minor"):
        return from_minor(int(str(value)), currency)
    return value.isoformat() if isinstance(value, date) else value


def _write(content: bytes, out: Path | None) -> None:
    if out is not None:
        out.write_bytes(content)
        return
    if content.startswith(b"PK") and sys.stdout.isatty():
        raise Refusal(_("An Excel file is not for the screen: name a file with --out."))
    sys.stdout.buffer.write(content)
    sys.stdout.buffer.flush()
