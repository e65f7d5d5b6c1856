"""Choosing the active company and the period: the two controls on top of every page."""

from __future__ import annotations

import datetime as dt

from flask import Blueprint, Flask, redirect, request, session, url_for
from werkzeug.wrappers import Response

from recon.web.person import visible_companies

pages = Blueprint("place", __name__)


@pages.post("/place")
def choose() -> Response:
    """Remember company and period. Another company starts at its overview: the page shown belongs to the old one."""
    moved = False
    company = request.form.get("company", type=int)
    if company is not None and company in {each.id for each in visible_companies()}:
        moved = session.get("company", company) != company
        session["company"] = company
    period = _date(request.form.get("period", ""))
    if period is not None and not moved:
        session["period"] = period.isoformat()
    path = request.form.get("back", "")
    stay = not moved and path.startswith("/") and not path.startswith("//")
    return redirect(path if stay else url_for("dashboard.index"))


def _date(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None


def register(app: Flask) -> None:
    app.register_blueprint(pages)
