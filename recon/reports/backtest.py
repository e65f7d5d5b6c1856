"""The report of a backtest: rules nobody put in force yet, beside what stood in approved periods.

Values and frames in, PDF bytes out; the same values give the same bytes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pandas as pd

from recon.languages import catalogue
from recon.reports import pdf
from recon.reports.templates import environment
from recon.reports.writing import Writing
from rules.wording import _, speaking

KINDS = ("same", "changed", "lost", "new")
LINE_COLUMNS = (
    "group",
    "kind",
    "set",
    "by",
    "outcome",
    "side",
    "booked_on",
    "reference",
    "text",
    "amount_minor",
)
"""Frame of lines, one row a line of a match, group after group: `set` is "stood" or "found", `by` the rule's name."""


@dataclass(frozen=True, slots=True)
class KindRow:
    """Groups of a kind; matches and turnover (minor units) of what stood and of what is found."""

    kind: str
    groups: int
    stood: int
    stood_minor: int
    found: int
    found_minor: int


@dataclass(frozen=True, slots=True)
class FateRow:
    """Matches of one rule, or of people, by kind in the order of KINDS; turnover in minor units."""

    name: str
    matches: tuple[int, ...]
    turnover_minor: int


@dataclass(frozen=True, slots=True)
class BacktestReport:
    """`lines` has LINE_COLUMNS and holds at most `listed` groups of each kind; `line_count` is the size of the pool."""

    company: str
    group: str
    currency: str
    from_on: date
    to_on: date
    documents: tuple[str, ...]
    rule_set: str
    sha256: str
    line_count: int
    kinds: tuple[KindRow, ...]
    stood_by: tuple[FateRow, ...]
    found_by: tuple[FateRow, ...]
    suggested: int
    listed: int
    lines: pd.DataFrame
    findings: tuple[str, ...] = ()
    language: str = "en"


def backtest_pdf(report: BacktestReport) -> bytes:
    """The A4 report. Raises pdf.NotRendered."""
    page = _Page(report)
    with speaking(page.translations):
        return pdf.render(page.html, page.running(), page.appendices())


def backtest_html(report: BacktestReport) -> str:
    """The HTML that the PDF's first pages are drawn from."""
    page = _Page(report)
    with speaking(page.translations):
        return page.html(None)


def kind_names() -> dict[str, str]:
    """What each kind of group is called."""
    return {"same": _("the same"), "changed": _("changed"), "lost": _("not found again"), "new": _("new")}


class _Page:
    def __init__(self, report: BacktestReport) -> None:
        self.report = report
        self.write = Writing(report.language, report.currency)
        self.translations = catalogue(report.language)

    def html(self, total: int | None) -> str:
        return (
            environment(self.translations)
            .get_template("backtest.html")
            .render(
                d=self.report,
                write=self.write,
                running=self.running(),
                total_pages=total,
                fonts=pdf.font_faces(),
                mark="",
                kinds=kind_names(),
            )
        )

    def running(self) -> pdf.Running:
        d = self.report
        head = f"{d.company}   ·   {d.group}   ·   {self.write.day(d.from_on)} – {self.write.day(d.to_on)}"
        foot = _("Backtest of {rules}   ·   digest of the rules {digest}").format(
            rules=d.rule_set, digest=d.sha256[:16]
        )
        return pdf.Running(head, foot, _("Page {number} of {total}"))

    def appendices(self) -> list[pdf.Appendix]:
        """Groups that differ, line by line; what is the same needs no reading."""
        columns = (
            pdf.Column(_("Group"), 7),
            pdf.Column(_("By"), 24),
            pdf.Column(_("Side"), 8),
            pdf.Column(_("Date"), 12),
            pdf.Column(_("Reference"), 16),
            pdf.Column(_("Text"), 26),
            pdf.Column(_("Amount"), 16, "right"),
        )
        frame = self.report.lines
        parts = [(kind, name, frame[frame["kind"] == kind]) for kind, name in kind_names().items() if kind != "same"]
        sections = tuple(
            self._section(name, which, part) for _kind, name, part in parts for which in ("stood", "found")
        )
        return [pdf.Appendix(_("Groups that differ"), columns, tuple(each for each in sections if each.rows))]

    def _section(self, name: str, which: str, part: pd.DataFrame) -> pdf.Section:
        rows = [
            (
                str(row.group),
                str(row.by),
                {"left": _("Left"), "right": _("Right")}[str(row.side)],
                self.write.day(row.booked_on),  # type: ignore[arg-type]
                str(row.reference),
                str(row.text),
                self.write.money(int(row.amount_minor)),  # type: ignore[arg-type]
            )
            for row in part[part["set"] == which].itertuples(index=False)
        ]
        told = _("{kind}: what stood") if which == "stood" else _("{kind}: what the draft finds")
        return pdf.Section(told.format(kind=name), rows)
