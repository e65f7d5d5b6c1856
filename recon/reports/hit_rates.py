"""The report of hit rates: what every rule of a group matched month by month, what of it was undone, what never fires.

Values in, PDF bytes out; the same values give the same bytes.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import pandas as pd

from recon.languages import catalogue
from recon.reports import pdf
from recon.reports.charts import Series, sparkline, stacked_bars
from recon.reports.sheets import Sheet
from recon.reports.templates import environment
from recon.reports.writing import Writing
from rules.wording import _, speaking

HIT_COLUMNS = ("month", "rule", "name", "matches", "suggested", "undone", "lines", "amount_minor")


@dataclass(frozen=True, slots=True)
class Hits:
    """`matches` that came about, `suggested` of them that wait for a person still, `undone` of them since; `lines` they
    took and the amount they moved, whatever the sign (minor units)."""

    matches: int = 0
    suggested: int = 0
    undone: int = 0
    lines: int = 0
    amount_minor: int = 0

    def __add__(self, other: Hits) -> Hits:
        return Hits(
            self.matches + other.matches,
            self.suggested + other.suggested,
            self.undone + other.undone,
            self.lines + other.lines,
            self.amount_minor + other.amount_minor,
        )

    @property
    def undone_percent(self) -> str:
        """The share undone, to a tenth of a percent; "" without a match."""
        if not self.matches:
            return ""
        tenths = (2000 * self.undone + self.matches) // (2 * self.matches)
        return f"{tenths // 10}.{tenths % 10}"


@dataclass(frozen=True, slots=True)
class RuleHits:
    """One rule (`key` "" for matches by hand), month by month. `in_force`: it is in the version in force."""

    key: str
    name: str
    months: tuple[Hits, ...]
    in_force: bool

    @property
    def total(self) -> Hits:
        return sum(self.months, Hits())


@dataclass(frozen=True, slots=True)
class SilentRule:
    """A rule in force that matched nothing in these months; `last_on`: when it last did, None for never."""

    key: str
    name: str
    place: int
    last_on: date | None


@dataclass(frozen=True, slots=True)
class HitRates:
    """`months` are first days, in order; every rule has as many. A match counts in the month it takes effect in."""

    company: str
    group: str
    currency: str
    rule_set: str
    months: tuple[date, ...]
    rules: tuple[RuleHits, ...]
    silent: tuple[SilentRule, ...]
    language: str = "en"

    @property
    def total(self) -> Hits:
        return sum((rule.total for rule in self.rules), Hits())

    def by_month(self) -> list[Hits]:
        return [sum((rule.months[place] for rule in self.rules), Hits()) for place in range(len(self.months))]


def hit_rates_sheet(report: HitRates) -> Sheet:
    """One row a rule and month in which it matched."""
    rows = [
        (f"{month:%Y-%m}", rule.key, rule.name, h.matches, h.suggested, h.undone, h.lines, h.amount_minor)
        for rule in report.rules
        for month, h in zip(report.months, rule.months, strict=True)
        if h.matches
    ]
    return Sheet("hit-rates", pd.DataFrame(rows, columns=list(HIT_COLUMNS)), HIT_COLUMNS, report.currency)


def trend_chart(report: HitRates, write: Writing) -> str:
    """Matches a month: those that stand, those that wait for an answer, those undone since (SVG)."""
    months = report.by_month()
    return stacked_bars(
        month_names(report.months),
        (
            Series(_("stand"), [h.matches - h.suggested - h.undone for h in months], "main"),
            Series(_("suggested"), [h.suggested for h in months], "weak"),
            Series(_("undone"), [h.undone for h in months], "bad"),
        ),
        title=_("Matches by month"),
        number=write.count,
    )


def rule_trend(rule: RuleHits) -> str:
    """How one rule goes over the months (SVG)."""
    return sparkline([h.matches for h in rule.months], title=_("{name}: matches by month").format(name=rule.name))


def month_names(months: Sequence[date]) -> list[str]:
    return [f"{month:%Y-%m}" if place == 0 or month.month == 1 else f"{month:%m}" for place, month in enumerate(months)]


def hit_rates_pdf(report: HitRates) -> bytes:
    """The A4 report. Raises pdf.NotRendered."""
    page = _Page(report)
    with speaking(page.translations):
        return pdf.render(page.html, page.running())


def hit_rates_html(report: HitRates) -> str:
    """The HTML that the PDF is drawn from."""
    page = _Page(report)
    with speaking(page.translations):
        return page.html(None)


class _Page:
    def __init__(self, report: HitRates) -> None:
        self.report = report
        self.write = Writing(report.language, report.currency)
        self.translations = catalogue(report.language)

    def html(self, total: int | None) -> str:
        template = environment(self.translations).get_template("hit_rates.html")
        return template.render(
            d=self.report,
            write=self.write,
            running=self.running(),
            total_pages=total,
            fonts=pdf.font_faces(),
            mark="",
            chart=as_image(trend_chart(self.report, self.write)),
        )

    def running(self) -> pdf.Running:
        d = self.report
        head = f"{d.company}   ·   {d.group}   ·   {d.months[0]:%Y-%m} – {d.months[-1]:%Y-%m}"
        return pdf.Running(head, _("Hit rates of {rules}").format(rules=d.rule_set), _("Page {number} of {total}"))


def as_image(svg: str) -> str:
    """An SVG as the address of an image: xhtml2pdf draws it as lines, not as pixels."""
    return f"data:image/svg+xml;base64,{base64.b64encode(svg.encode()).decode()}"
