"""HTML to PDF by xhtml2pdf (imported nowhere else), long lists by ReportLab's canvas, joined by pypdf.

xhtml2pdf lays tables out in quadratic time, so a list longer than a few pages is an `Appendix`: fixed rows a page,
drawn directly, linear. The number of appendix pages is known beforehand, so both parts carry the same total of pages.
The same input gives the same bytes: ReportLab's `invariant` is set and no clock is read here.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import reportlab.rl_config
from pypdf import PdfReader, PdfWriter
from reportlab.lib.colors import Color, HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas
from xhtml2pdf import pisa
from xhtml2pdf.config.resources import ResourceAccessPolicy

from recon.errors import Refusal
from recon.reports import fonts
from rules.wording import _

reportlab.rl_config.invariant = 1

WIDTH, HEIGHT = A4
MARGIN = 18 * mm
_TOP, _BOTTOM = 26 * mm, 22 * mm
_ROW = 4.6 * mm
_SIZE = 7.5
_INK, _SOFT, _LINE = HexColor("#1d2733"), HexColor("#6b7785"), HexColor("#d9dfe5")
ROWS_A_PAGE = int((HEIGHT - _TOP - _BOTTOM) / _ROW) - 2


class NotRendered(Refusal):
    """The document could not be drawn as written."""


@dataclass(frozen=True, slots=True)
class Column:
    """`width` is a share of the page; a text too long for it is cut with an ellipsis."""

    title: str
    width: float
    align: Literal["left", "right"] = "left"


@dataclass(frozen=True, slots=True)
class Section:
    """A headed part of an appendix; `total` stands under its last row, in the last column."""

    title: str
    rows: Sequence[tuple[str, ...]]
    total: str = ""


@dataclass(frozen=True, slots=True)
class Appendix:
    title: str
    columns: tuple[Column, ...]
    sections: tuple[Section, ...]


@dataclass(frozen=True, slots=True)
class Running:
    """What stands on every page: head line, foot line, `Page {number} of {total}`, and a mark (`DRAFT`) or nothing."""

    head: str
    foot: str
    page: str
    mark: str = ""


@dataclass(frozen=True, slots=True)
class _Line:
    kind: Literal["section", "row", "total"]
    cells: tuple[str, ...]


def render(page: Callable[[int | None], str], running: Running, appendices: Sequence[Appendix] = ()) -> bytes:
    """The PDF of `page(total pages)`, an HTML document, followed by the appendices.

    `page` is called with None where the total is the HTML's own number of pages (it then writes `<pdf:pagecount/>`).
    Raises NotRendered when the HTML asks for anything that is not there or not allowed.
    """
    fonts.register()
    paged = [_pages(appendix) for appendix in appendices if appendix.sections]
    if not paged:
        return _html_pdf(page(None))
    own = len(PdfReader(io.BytesIO(_html_pdf(page(0)))).pages)
    total = own + sum(map(len, paged))
    head = _html_pdf(page(total))
    tail = _canvas_pdf([a for a in appendices if a.sections], paged, running, own, total)
    return _joined(head, tail)


def _html_pdf(html: str) -> bytes:
    out = io.BytesIO()
    context = pisa.CreatePDF(html, dest=out, encoding="utf-8", resource_policy=_policy())
    if context.err or context.warn:
        reasons = "; ".join(str(entry[2]) for entry in context.log)
        raise NotRendered(_("The document could not be drawn: {reasons}").format(reasons=reasons))
    return out.getvalue()


def _policy() -> ResourceAccessPolicy:
    # Only the typeface may be read. Limits above the defaults: a full page of lists takes longer than a web page may.
    return ResourceAccessPolicy.server(fonts.folder(), allow_remote=False, max_render_seconds=600)


def font_faces() -> str:
    """The `@font-face` rules of the documents' typeface."""
    return "\n".join(
        f'@font-face {{ font-family: "{name}"; src: url("{fonts.folder() / name}.ttf"); }}' for name in fonts.WEIGHTS
    )


def _pages(appendix: Appendix) -> list[list[_Line]]:
    lines = list(_lines(appendix))
    return [lines[start : start + ROWS_A_PAGE] for start in range(0, len(lines), ROWS_A_PAGE)]


def _lines(appendix: Appendix) -> Iterator[_Line]:
    for section in appendix.sections:
        yield _Line("section", (section.title,))
        for row in section.rows:
            yield _Line("row", row)
        if section.total:
            yield _Line("total", (section.total,))


def _canvas_pdf(
    appendices: Sequence[Appendix], paged: list[list[list[_Line]]], running: Running, first: int, total: int
) -> bytes:
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=A4, invariant=1, pageCompression=1)
    number = first
    for appendix, pages in zip(appendices, paged, strict=True):
        edges = _edges(appendix.columns)
        for lines in pages:
            number += 1
            _frame(canvas, appendix, running, number, total)
            _column_heads(canvas, appendix.columns, edges)
            _body(canvas, appendix.columns, edges, lines)
            canvas.showPage()
    canvas.save()
    return out.getvalue()


def _edges(columns: Sequence[Column]) -> list[tuple[float, float]]:
    share = (WIDTH - 2 * MARGIN) / sum(column.width for column in columns)
    edges, x = [], MARGIN
    for column in columns:
        edges.append((x, x + column.width * share))
        x += column.width * share
    return edges


def _frame(canvas: Canvas, appendix: Appendix, running: Running, number: int, total: int) -> None:
    if running.mark:
        _mark(canvas, running.mark)
    canvas.setFillColor(_SOFT)
    canvas.setFont("Recon", 7.5)
    canvas.drawString(MARGIN, HEIGHT - 13 * mm, running.head)
    canvas.drawString(MARGIN, 11 * mm, running.foot)
    canvas.drawRightString(WIDTH - MARGIN, 11 * mm, running.page.format(number=number, total=total))
    canvas.setFillColor(_INK)
    canvas.setFont("ReconBold", 11)
    canvas.drawString(MARGIN, HEIGHT - 20 * mm, appendix.title)


def _mark(canvas: Canvas, text: str) -> None:
    canvas.saveState()
    canvas.setFillColor(Color(0.93, 0.94, 0.95))
    canvas.setFont("ReconBold", 120)
    canvas.translate(WIDTH / 2, HEIGHT / 2)
    canvas.rotate(55)
    canvas.drawCentredString(0, -40, text)
    canvas.restoreState()


def _column_heads(canvas: Canvas, columns: Sequence[Column], edges: list[tuple[float, float]]) -> None:
    y = HEIGHT - _TOP - _ROW
    canvas.setFont("ReconMedium", 7)
    canvas.setFillColor(_SOFT)
    for column, edge in zip(columns, edges, strict=True):
        _put(canvas, column.title, edge, y, column.align)
    canvas.setStrokeColor(_LINE)
    canvas.setLineWidth(0.6)
    canvas.line(MARGIN, y - 1.4 * mm, WIDTH - MARGIN, y - 1.4 * mm)


def _body(canvas: Canvas, columns: Sequence[Column], edges: list[tuple[float, float]], lines: list[_Line]) -> None:
    canvas.setFillColor(_INK)
    canvas.setStrokeColor(_LINE)
    canvas.setLineWidth(0.25)
    y = HEIGHT - _TOP - 2 * _ROW - 0.6 * mm
    for line in lines:
        if line.kind == "row":
            canvas.setFont("Recon", _SIZE)
            for column, edge, text in zip(columns, edges, line.cells, strict=True):
                _put(canvas, _fitted(text, edge[1] - edge[0] - 4), edge, y, column.align)
            canvas.line(MARGIN, y - 1.4 * mm, WIDTH - MARGIN, y - 1.4 * mm)
        else:
            canvas.setFont("ReconBold", _SIZE)
            edge = (MARGIN, WIDTH - MARGIN)
            _put(canvas, line.cells[0], edge, y, "left" if line.kind == "section" else "right")
        y -= _ROW


def _put(canvas: Canvas, text: str, edge: tuple[float, float], y: float, align: str) -> None:
    if align == "right":
        canvas.drawRightString(edge[1], y, text)
    else:
        canvas.drawString(edge[0], y, text)


def _fitted(text: str, width: float) -> str:
    # No letter is wider than 1.1 em: a short text is never measured.
    if len(text) * _SIZE * 1.1 <= width or stringWidth(text, "Recon", _SIZE) <= width:
        return text
    while text and stringWidth(text + "…", "Recon", _SIZE) > width:
        text = text[: max(0, min(len(text) - 1, int(width / _SIZE * 2.2)))]
    return text + "…"


def _joined(*parts: bytes) -> bytes:
    writer = PdfWriter()
    for part in parts:
        writer.append(io.BytesIO(part))
    first = PdfReader(io.BytesIO(parts[0]))
    if first.metadata:
        writer.add_metadata({key: str(value) for key, value in first.metadata.items()})
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def draft_page(text: str) -> Path:
    """A one-page PDF with the mark across it, for the background of HTML pages."""
    place = fonts.folder() / "mark.pdf"
    fonts.register()
    canvas = Canvas(str(place), pagesize=A4, invariant=1)
    _mark(canvas, text)
    canvas.showPage()
    canvas.save()
    return place
