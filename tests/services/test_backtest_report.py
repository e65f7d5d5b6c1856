"""A backtest on paper and in cells, from the stored form that a job leaves."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from pypdf import PdfReader
from python_calamine import CalamineWorkbook
from sqlalchemy.orm import Session

from recon.errors import Refusal
from recon.services.backtest_report import draw_backtest
from recon.services.backtest_rules import backtest_rules
from recon.services.trial_matches import stored
from tests.books import Books
from tests.services.test_backtest_rules import approved
from tests.services.test_preview_rules import REFERENCE, rules

__all__ = ["approved"]


@pytest.fixture
def kept(session: Session, approved: Books) -> dict[str, Any]:
    made: dict[str, Any] = stored(backtest_rules(session, approved.preparer, approved.group.id, rules(REFERENCE)))
    again: dict[str, Any] = json.loads(json.dumps(made))
    assert again == made
    return again


def test_the_pdf_tells_figures_rules_and_what_differs(kept: dict[str, Any]) -> None:
    content = draw_backtest(kept, "pdf")
    assert content == draw_backtest(kept, "pdf")
    text = " ".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)
    for word in ("Backtest of rules", "By hand", "not found again", "149.00", "Groups that differ", "Page 2 of 2"):
        assert word in text, word


def test_cells_hold_every_listed_line(kept: dict[str, Any]) -> None:
    lines = draw_backtest(kept, "csv").decode().splitlines()
    assert lines[0] == "group,kind,set,by,outcome,side,booked_on,reference,text,amount"
    assert len(lines) == 1 + 3 * 4 + 2
    assert lines[-1].split(",")[:8] == ["4", "lost", "stood", "By hand", "confirmed", "right", "2025-01-05", ""]
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(draw_backtest(kept, "xlsx"))).get_sheet_by_index(0).to_python()
    assert (len(sheet), sheet[1][9]) == (len(lines), 100.0)


def test_html_shows_the_same_and_other_formats_are_refused(kept: dict[str, Any]) -> None:
    assert "Backtest of rules" in draw_backtest(kept, "html").decode()
    with pytest.raises(Refusal, match="pdf, csv, xlsx, html"):
        draw_backtest(kept, "docx")
