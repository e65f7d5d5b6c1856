"""Hit rates of a group's rules: the trend, every rule with what of it was undone, the rules that never fire."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask import Response as Answer
from flask import redirect, request, url_for
from markupsafe import Markup
from werkzeug.exceptions import NotFound as Missing
from werkzeug.wrappers import Response

from recon.errors import Refusal
from recon.reports.hit_rates import HitRates, RuleHits, rule_trend, trend_chart
from recon.reports.writing import Writing
from recon.services.hit_rates import FORMATS, draw_hit_rates, read_hit_rates
from recon.web.formats import number_locale
from recon.web.pages.group import entered, head
from recon.web.pages.page import Page, shown
from recon.web.person import actor
from recon.web.storage import database
from recon.web.wording import _

TYPES = {
    "pdf": "application/pdf",
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


class HitRatesPage(Page):
    """Addresses below `/hit-rates/<group>/`; `from` and `to` are months, YYYY-MM."""

    in_menu = False

    @shown("/")
    def index(self) -> Response:
        return redirect(url_for("dashboard.index"))

    @shown("/<int:group_id>/")
    def show(self, group_id: int) -> Any:
        group = entered(group_id)
        found, fault = _asked(group_id)
        write = Writing(number_locale(), found.currency)
        return self.render(
            "pages/hit_rates.html",
            **head(group, "matched"),
            found=found,
            fault=fault,
            chart=Markup(trend_chart(found, write)),  # noqa: S704 - made by recon.reports.charts, which escapes
            trend=_trend,
            formats=[kind for kind in FORMATS if kind in TYPES],
        )

    @shown("/<int:group_id>/hit-rates.<kind>")
    def download(self, group_id: int, kind: str) -> Answer:
        if kind not in TYPES:
            raise Missing
        found, fault = _asked(group_id)
        if fault:
            raise Refusal(fault)
        name = f"hit-rates-{found.months[0]:%Y-%m}-{found.months[-1]:%Y-%m}.{kind}"
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return Answer(draw_hit_rates(found, kind), mimetype=None, content_type=TYPES[kind], headers=headers)


def _trend(rule: RuleHits) -> Markup:
    return Markup(rule_trend(rule))  # noqa: S704 - made by recon.reports.charts, which escapes


def _asked(group_id: int) -> tuple[HitRates, str]:
    """The months that the address asks for; what is wrong with them beside the usual ones."""
    try:
        first, last = _month("from"), _month("to")
        return read_hit_rates(database(), actor(), group_id, first, last), ""
    except (Refusal, ValueError) as fault:
        usual = read_hit_rates(database(), actor(), group_id)
        return usual, str(fault) if isinstance(fault, Refusal) else _("Write months as 2025-01.")


def _month(name: str) -> dt.date | None:
    text = request.args.get(name, "").strip()
    return dt.date.fromisoformat(f"{text}-01") if text else None
