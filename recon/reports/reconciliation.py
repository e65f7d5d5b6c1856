"""The reconciliation document of one group and one period: what the approver signs and the auditor reads.

Values and frames in, PDF bytes out; the same values give the same bytes. Moments are text, never the PDF's own date.
Source of the parts: header, balance table, two-sided proof, open items in blocks, matches by rule, versions, digest.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property

import pandas as pd

from recon.languages import catalogue
from recon.reports import pdf
from recon.reports.templates import environment
from recon.reports.writing import Writing
from rules.wording import _, speaking

ROWS_IN_THE_TEXT = 80
"""Longer lists go to an appendix (xhtml2pdf's tables grow quadratically)."""

BLOCKS = ("left_withdrawal", "left_deposit", "right_withdrawal", "right_deposit")


@dataclass(frozen=True, slots=True)
class Signature:
    """Who prepared or approved, and when (UTC)."""

    name: str
    at: datetime | None


@dataclass(frozen=True, slots=True)
class BalanceRow:
    """One account; minor units. `difference_minor` is statement - calculated, None where `not_comparable` says why."""

    side: str
    account: str
    currency: str
    calculated_minor: int
    calculated_on: date | None
    to_date_minor: int
    fetched_minor: int
    fetched_on: date | None
    statement_minor: int | None
    statement_on: date | None
    difference_minor: int | None
    not_comparable: str | None


@dataclass(frozen=True, slots=True)
class ProofRow:
    side: str
    label: str
    amount_minor: int
    count: int


@dataclass(frozen=True, slots=True)
class RuleRow:
    """What one version of a rule matched in the period; amounts are Σ left and Σ right, minor units."""

    rule: str
    version: str
    matches: int
    lines: int
    left_minor: int
    right_minor: int


OPEN_COLUMNS = ("block", "booked_on", "voucher", "text", "note", "amount_minor", "later_period")
"""Frame of open lines: `block` one of BLOCKS, dates as `date`, `later_period` the date of a later match or None."""
MATCH_COLUMNS = ("match", "rule", "side", "booked_on", "reference", "text", "amount_minor")
"""Frame of matched lines, in the order in which they are printed; `match` numbers the matches from 1."""


@dataclass(frozen=True, slots=True)
class Reconciliation:
    company: str
    group: str
    kind: str
    currency: str
    from_on: date
    to_on: date
    number: str | None
    draft: bool
    prepared: Signature
    approved: Signature | None
    balances: tuple[BalanceRow, ...]
    proof: tuple[ProofRow, ...]
    open_lines: pd.DataFrame
    rules: tuple[RuleRow, ...]
    match_lines: pd.DataFrame
    rule_sets: tuple[str, ...]
    digest: str
    reason: str = ""
    conclusion: str = ""
    adjustments: tuple[tuple[date, str, str, int], ...] = ()
    left_name: str = ""
    right_name: str = ""
    late_lines: int = 0
    language: str = "en"
    footnotes: tuple[str, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Block:
    """Open lines of one side and one direction, as the page shows them."""

    title: str
    rows: tuple[tuple[str, str, str, str, str], ...]
    total: str
    count: int


def reconciliation_pdf(document: Reconciliation) -> bytes:
    """The A4 document. Raises pdf.NotRendered."""
    page = _Page(document)
    with speaking(page.translations):
        return page.drawn()


def reconciliation_html(document: Reconciliation) -> str:
    """The same document as the HTML that the PDF is drawn from, for looking at it without a PDF reader."""
    page = _Page(document)
    with speaking(page.translations):
        return page.html(None)


class _Page:
    """One rendering of one document: its language, its way of writing, and what fits into the text."""

    def __init__(self, document: Reconciliation) -> None:
        self.document = document
        self.write = Writing(document.language, document.currency)
        self.translations = catalogue(document.language)
        self.notes = later_notes(document.open_lines)
        self.open_in_text = len(document.open_lines) <= ROWS_IN_THE_TEXT
        self.matches_in_text = len(document.match_lines) <= ROWS_IN_THE_TEXT

    @cached_property
    def blocks(self) -> list[Block]:
        return [self._block(name) for name in BLOCKS]

    def drawn(self) -> bytes:
        return pdf.render(self.html, self._running(), self._appendices())

    def html(self, total: int | None) -> str:
        template = environment(self.translations).get_template("reconciliation.html")
        return template.render(
            d=self.document,
            write=self.write,
            running=self._running(),
            total_pages=total,
            fonts=pdf.font_faces(),
            mark=pdf.draft_page(self._running().mark) if self.document.draft else "",
            blocks=self.blocks,
            notes=[self._note(mark, day) for day, mark in self.notes.items()],
            open_in_text=self.open_in_text,
            matches_in_text=self.matches_in_text,
            match_groups=self._match_sections() if self.matches_in_text else [],
            title=self.title,
            sides=self.sides,
        )

    @property
    def title(self) -> str:
        titles = {"bank": _("Bank reconciliation"), "intercompany": _("Intercompany reconciliation")}
        return titles.get(self.document.kind, _("Account reconciliation"))

    @property
    def sides(self) -> dict[str, str]:
        """What the sides are called in lists."""
        if self.document.kind == "bank":
            return {"left": _("Ledger"), "right": _("Bank")}
        return {"left": _("Left"), "right": _("Right")}

    def _running(self) -> pdf.Running:
        d = self.document
        head = f"{d.company}   ·   {d.group}   ·   {self.write.day(d.from_on)} – {self.write.day(d.to_on)}"
        number = d.number or _("not approved")
        foot = _("{number}   ·   digest of the data {digest}").format(number=number, digest=d.digest[:16])
        return pdf.Running(head, foot, _("Page {number} of {total}"), _("DRAFT") if d.draft else "")

    def _note(self, mark: str, day: date) -> tuple[str, str]:
        text = _("Reconciled in a later period: on {day}. Still open at the end of this one.")
        return mark, text.format(day=self.write.day(day))

    def _block_title(self, block: str) -> str:
        if self.document.kind == "bank":
            return {
                "left_withdrawal": _("Withdrawals booked, not on the bank statement"),
                "left_deposit": _("Deposits booked, not on the bank statement"),
                "right_withdrawal": _("Withdrawals on the bank statement, not booked"),
                "right_deposit": _("Deposits on the bank statement, not booked"),
            }[block]
        side = self.document.left_name if block.startswith("left") else self.document.right_name
        return (_("{account}: open, out") if block.endswith("withdrawal") else _("{account}: open, in")).format(
            account=side
        )

    def _block(self, name: str) -> Block:
        lines = self.document.open_lines
        part = lines[lines["block"] == name]
        amounts = [int(amount) for amount in part["amount_minor"]]
        columns = (part[c] for c in ("booked_on", "voucher", "text", "note", "later_period"))
        rows = tuple(
            (self.write.day(on), _text(voucher), _text(text), self._remark(note, later), self.write.money(amount))
            for on, voucher, text, note, later, amount in zip(*columns, amounts, strict=True)
        )
        return Block(self._block_title(name), rows, self.write.money(sum(amounts)), len(rows))

    def _remark(self, note: object, later: object) -> str:
        day = _day(later)
        return " ".join(filter(None, (_text(note), self.notes[day] if day else "")))

    def _appendices(self) -> list[pdf.Appendix]:
        appendices = []
        if not self.open_in_text:
            appendices.append(self._open_appendix())
        if not self.matches_in_text:
            appendices.append(self._match_appendix())
        return appendices

    def _open_appendix(self) -> pdf.Appendix:
        columns = (
            pdf.Column(_("Date"), 11),
            pdf.Column(_("Voucher"), 14),
            pdf.Column(_("Text"), 42),
            pdf.Column(_("Note"), 16),
            pdf.Column(_("Amount"), 17, "right"),
        )
        sections = tuple(pdf.Section(b.title, b.rows, b.total) for b in self.blocks if b.rows)
        return pdf.Appendix(_("Open items"), columns, sections)

    def _match_appendix(self) -> pdf.Appendix:
        columns = (
            pdf.Column(_("Match"), 8),
            pdf.Column(_("Side"), 9),
            pdf.Column(_("Date"), 12),
            pdf.Column(_("Reference"), 20),
            pdf.Column(_("Text"), 34),
            pdf.Column(_("Amount"), 17, "right"),
        )
        return pdf.Appendix(_("Reconciled lines"), columns, tuple(self._match_sections()))

    def _match_sections(self) -> list[pdf.Section]:
        frame = self.document.match_lines
        return [pdf.Section(str(rule), self._match_rows(part)) for rule, part in frame.groupby("rule", sort=False)]

    def _match_rows(self, part: pd.DataFrame) -> list[tuple[str, ...]]:
        sides = self.sides
        columns = (part[c] for c in ("match", "side", "booked_on", "reference", "text", "amount_minor"))
        return [
            (str(match), sides[side], self.write.day(on), _text(reference), _text(text), self.write.money(int(minor)))
            for match, side, on, reference, text, minor in zip(*columns, strict=True)
        ]


def later_notes(open_lines: pd.DataFrame) -> dict[date, str]:
    """Date of a later match -> its mark on the page, `(month)`; with the year where two months would look alike."""
    days = sorted({day for day in map(_day, open_lines["later_period"]) if day})
    months = [day.month for day in days]
    return {day: f"({day.month})" if months.count(day.month) == 1 else f"({day:%Y-%m-%d})" for day in days}


def _day(value: object) -> date | None:
    return value if isinstance(value, date) and not pd.isna(value) else None


def _text(value: object) -> str:
    return "" if value is None or value is pd.NA or value != value else str(value)
