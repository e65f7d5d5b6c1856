"""“Find lines that add up” for one open line: the panel below the panes of a group."""

from __future__ import annotations

from typing import Any

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from recon.database.models import AccountGroup
from recon.errors import Refusal
from recon.services.search_subset import MOST_LINES, SubsetSearch, Sum, Where, search_subset
from recon.web.formats import number_locale
from recon.web.pages.group import right_title, seen
from recon.web.pages.page import Page, shown
from recon.web.pages.pane import rows_of
from recon.web.person import actor
from recon.web.storage import database
from recon.web.wording import _, ngettext
from rules.values import AmountError, parse_amount, to_minor

DAYS = 7


class Subsets(Page):
    """Addresses below `/subsets/`; every one looks its group up as the reader."""

    in_menu = False

    @shown("/")
    def index(self) -> Response:
        return redirect(url_for("dashboard.index"))

    @shown("/<int:group_id>/<int:line_id>")
    def found(self, group_id: int, line_id: int) -> Any:
        group = seen(group_id)
        side: Where = "same" if request.args.get("side") == "same" else "other"
        search, fault = None, ""
        try:
            search = search_subset(
                database(),
                actor(),
                group.id,
                line_id,
                side=side,
                amount_deviation_minor=_amount(request.args.get("deviation", ""), group.currency),
                days=_number("days", DAYS),
                max_lines=_number("lines", 8) or 8,
            )
        except Refusal as refusal:
            fault = str(refusal)
        return render_template(
            "parts/subsets.html",
            group=group,
            line_id=line_id,
            asked=request.args,
            days=DAYS,
            most_lines=MOST_LINES,
            right_title=right_title(group),
            search=search,
            fault=fault,
            said=_said(search) if search else "",
            choices=[_choice(group, search, found) for found in search.sums] if search else [],
        )


def _said(search: SubsetSearch) -> str:
    """What is certain about the sums found."""
    tried = ngettext("%(num)s line could take part.", "%(num)s lines could take part.", search.tried)
    count = len(search.sums)
    if search.complete:
        found = ngettext("There is %(num)s way.", "There are %(num)s ways.", count) if count else ""
        known = {0: _("No lines add up to it."), 1: _("This is the only way.")}
        return f"{known.get(count, found)} {tried}"
    if search.outcome == "gave_up":
        gave_up = _("The search was given up: narrow the days, or try fewer lines together.")
        return f"{gave_up} {tried}"
    return f"{_('There may be more ways than these %(count)s.', count=count)} {tried}"


def _choice(group: AccountGroup, search: SubsetSearch, found: Sum) -> dict[str, Any]:
    """The rows that the panes select for a sum, by side."""
    rows: dict[str, list[dict[str, Any]]] = {"left": [], "right": []}
    for part in (search.target, *found.parts):
        rows[part.standing.side] += rows_of(database(), group, [(part.standing, part.line)])
    return {"sum": found, "rows": rows}


def _amount(text: str, currency: str) -> int:
    try:
        return abs(to_minor(parse_amount(text, number_locale()), currency)) if text.strip() else 0
    except AmountError as fault:
        raise Refusal(str(fault)) from None


def _number(name: str, otherwise: int) -> int | None:
    """A whole number typed; None where the field was emptied."""
    text = request.args.get(name, str(otherwise)).strip()
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 6):
        raise Refusal(_("“%(text)s” is not a whole number.", text=text))
    return int(text)
