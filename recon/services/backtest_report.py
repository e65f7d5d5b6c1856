"""A backtest as a report: the PDF, and its groups line by line as CSV and Excel. Works on a stored backtest too."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd

from recon.errors import Refusal
from recon.reports.backtest import KINDS, LINE_COLUMNS, BacktestReport, FateRow, KindRow, backtest_html, backtest_pdf
from recon.reports.sheets import Sheet, csv_bytes, xlsx_bytes
from recon.services.trial_matches import with_dates
from rules.wording import _, spoken

FORMATS = ("pdf", "csv", "xlsx", "html")


def draw_backtest(kept: dict[str, Any], kind: str) -> bytes:
    """The bytes of a backtest that `trial_matches.stored` made plain. Raises Refusal for an unknown format."""
    report = backtest_report(kept)
    match kind:
        case "csv" | "xlsx":
            sheet = Sheet("backtest", report.lines, LINE_COLUMNS, report.currency)
            return csv_bytes(sheet) if kind == "csv" else xlsx_bytes(sheet)
        case "pdf":
            return backtest_pdf(report)
        case "html":
            return backtest_html(report).encode()
    raise Refusal(_("A backtest is written as {known}.").format(known=", ".join(FORMATS)))


def backtest_report(kept: dict[str, Any]) -> BacktestReport:
    """The report's values out of a stored backtest, in the language spoken now."""
    told = with_dates(kept)
    same = ("company", "group", "currency", "from_on", "to_on", "rule_set", "sha256", "suggested", "listed")
    return BacktestReport(
        **{name: told[name] for name in same},
        documents=tuple(told["documents"]),
        line_count=told["lines"],
        kinds=tuple(_kind(row) for row in told["kinds"]),
        stood_by=tuple(_fate(row) for row in told["stood_by"]),
        found_by=tuple(_fate(row) for row in told["found_by"]),
        lines=pd.DataFrame(list(_lines(told["groups"])), columns=list(LINE_COLUMNS), dtype=object),
        findings=tuple(finding["sentence"] for finding in told["findings"]),
        language=spoken(),
    )


def _kind(row: dict[str, Any]) -> KindRow:
    stood, found = row["stood_turnover_minor"], row["found_turnover_minor"]
    return KindRow(row["kind"], row["groups"], row["stood"], stood, row["found"], found)


def _fate(row: dict[str, Any]) -> FateRow:
    return FateRow(row["name"], tuple(row["matches"][kind] for kind in KINDS), row["turnover_minor"])


def _lines(groups: list[dict[str, Any]]) -> Iterator[tuple[Any, ...]]:
    for number, group in enumerate(groups, start=1):
        for which in ("stood", "found"):
            for match in group[which]:
                for line in match["lines"]:
                    yield (
                        number,
                        group["kind"],
                        which,
                        match["name"],
                        match["outcome"],
                        line["side"],
                        line["booked_on"],
                        line["reference"],
                        line["text"],
                        line["amount_minor"],
                    )
