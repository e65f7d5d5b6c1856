"""The reconciliation document as PDF: what it says, that it is the same every time, and that nothing gets in."""

from __future__ import annotations

import io
import subprocess
import sys
from dataclasses import replace

import pytest
from pypdf import PdfReader

from recon.reports import pdf
from recon.reports.reconciliation import reconciliation_html, reconciliation_pdf
from tests.reports.paper import document


def text_of(content: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)


@pytest.fixture(scope="module")
def sealed() -> bytes:
    return reconciliation_pdf(document())


def test_header_balances_and_people_stand_in_it(sealed: bytes) -> None:
    text = text_of(sealed)
    for words in ("Bank reconciliation", "CARECON000003", "Kari Nordmann", "Ola Hansen", "2026-04-03 09:00 UTC"):
        assert words in text
    for amount in ("7,134,154.55", "−361,969.76", "9.76"):
        assert amount in text
    assert "not comparable: no statement" in text
    assert "Visa delivers monthly" in text


def test_nordic_and_other_letters_are_embedded(sealed: bytes) -> None:
    text = text_of(sealed)
    for words in ("Ærlig Østgård", "Överföring till Åkerström", "Kortgebyr €", "Łódź"):
        assert words in text
    for page in PdfReader(io.BytesIO(sealed)).pages:
        fonts = [font.get_object() for font in page["/Resources"]["/Font"].values()]  # type: ignore[index]
        assert all("/FontFile2" in f["/FontDescriptor"] for f in fonts if f["/Subtype"] == "/TrueType")


def test_every_page_tells_its_number_and_the_total() -> None:
    content = reconciliation_pdf(document(opened=60, matched=120))
    pages = PdfReader(io.BytesIO(content)).pages
    assert len(pages) > 2
    for number, page in enumerate(pages, start=1):
        assert f"Page {number} of {len(pages)}" in " ".join(page.extract_text().split())


def test_long_lists_go_to_an_appendix_with_the_same_total_of_pages() -> None:
    content = reconciliation_pdf(document(opened=200, matched=160))
    pages = PdfReader(io.BytesIO(content)).pages
    told = [" ".join(page.extract_text().split()) for page in pages]
    assert all(f"Page {number} of {len(pages)}" in text for number, text in enumerate(told, start=1))
    everything = " ".join(told)
    assert all(f"{n:05d}" in everything for n in range(200))
    assert all(f"KID {n:06d}" in everything for n in range(160))


def test_a_line_matched_later_carries_a_footnote(sealed: bytes) -> None:
    """T24: still open here, marked with the month in which it is reconciled."""
    text = text_of(sealed)
    assert "(4)" in text
    assert "Reconciled in a later period: on 2026-04-30" in text


def test_the_same_data_gives_the_same_bytes(sealed: bytes) -> None:
    assert reconciliation_pdf(document()) == sealed


def test_another_process_on_another_day_gives_the_same_bytes(sealed: bytes) -> None:
    program = (
        "import hashlib; from tests.reports.paper import document;"
        "from recon.reports.reconciliation import reconciliation_pdf;"
        "import sys; sys.stdout.buffer.write(reconciliation_pdf(document()))"
    )
    told = subprocess.run([sys.executable, "-W", "ignore", "-c", program], capture_output=True, check=True)
    assert told.stdout == sealed


def test_another_amount_gives_other_bytes(sealed: bytes) -> None:
    changed = document()
    other = replace(changed, balances=(replace(changed.balances[0], calculated_minor=1), *changed.balances[1:]))
    assert reconciliation_pdf(other) != sealed


def test_outside_approval_every_page_is_marked_draft() -> None:
    content = reconciliation_pdf(document(opened=200, draft=True))
    for page in PdfReader(io.BytesIO(content)).pages:
        assert "DRAFT" in page.extract_text()


def test_amounts_and_days_follow_the_language() -> None:
    text = text_of(reconciliation_pdf(document(language="nb"))).replace("\xa0", " ")
    assert "7 134 154,55" in text
    assert "−361 969,76" in text
    assert "31.03.2026" in text
    assert "Bankavstemming" in text
    assert "Utarbeidet av" in text


def test_what_people_wrote_is_text_and_never_markup() -> None:
    harmful = replace(document(), reason='<img src="http://localhost:1/x.png"> <b>bold</b> & more')
    assert "&lt;b&gt;bold" in reconciliation_html(harmful)
    assert "<b>bold</b> & more" in text_of(reconciliation_pdf(harmful))


@pytest.mark.parametrize(
    "source", ["http://localhost:1/x.png", "file:///etc/passwd", "/etc/passwd", "../../../etc/passwd"]
)
def test_a_page_that_asks_for_anything_is_not_drawn(source: str) -> None:
    running = pdf.Running("", "", "")
    with pytest.raises(pdf.NotRendered):
        pdf.render(lambda _total: f'<html><body><img src="{source}"></body></html>', running)


def test_no_long_list_reaches_the_tables_that_grow_quadratically() -> None:
    small, large = (reconciliation_html(document(opened=rows, matched=rows)) for rows in (400, 8000))
    assert small.count("<tr>") == large.count("<tr>")
