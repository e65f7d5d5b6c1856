"""Reports as CSV and Excel."""

from __future__ import annotations

import io
from datetime import date

import pandas as pd
import pytest
from python_calamine import CalamineWorkbook

from recon.reports.sheets import Sheet, csv_bytes, guarded, xlsx_bytes

FRAME = pd.DataFrame(
    {
        "booked_on": [date(2025, 1, 31), None],
        "text": ["=cmd|calc", "Ærlig, Øst"],
        "amount_minor": [-713415455, 10**17 + 1],
        "match": [1, 2],
    },
    dtype=object,
)
SHEET = Sheet("open-items", FRAME, ("booked_on", "text", "amount_minor", "match"), "NOK")


def test_csv_is_plain_and_no_text_is_a_formula() -> None:
    assert csv_bytes(SHEET).decode().splitlines() == [
        "booked_on,text,amount,match",
        "2025-01-31,'=cmd|calc,-7134154.55,1",
        ',"Ærlig, Øst",1000000000000000.01,2',
    ]


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@x", "\tx"])
def test_what_a_spreadsheet_would_run_is_guarded(text: str) -> None:
    assert guarded(text) == f"'{text}"


def test_excel_cells_are_typed_and_long_amounts_stay_exact() -> None:
    rows = CalamineWorkbook.from_filelike(io.BytesIO(xlsx_bytes(SHEET))).get_sheet_by_index(0).to_python()
    assert rows[0] == ["booked_on", "text", "amount", "match"]
    assert rows[1] == [date(2025, 1, 31), "=cmd|calc", -7134154.55, 1.0]
    assert rows[2][1:3] == ["Ærlig, Øst", "1000000000000000.01"]
