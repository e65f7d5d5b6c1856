"""What a group remembers of refusals: matches that people took apart or rejected, and clearing that memory."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from recon.services.clear_refusals import clear_refusals, count_refusals
from recon.services.list_refusals import list_refusals
from recon.web.pages.group import entered, head, right_title
from recon.web.pages.page import Page, posted, shown
from recon.web.person import actor
from recon.web.storage import command, database
from recon.web.wording import _, ngettext

PAGE = 100


class Refusals(Page):
    """Addresses below `/refusals/<group>/`."""

    in_menu = False

    @shown("/")
    def index(self) -> Response:
        return redirect(url_for("dashboard.index"))

    @shown("/<int:group_id>/")
    def show(self, group_id: int) -> Any:
        group = entered(group_id)
        after = request.args.get("after", type=int)
        found = list_refusals(database(), actor(), group.id, after=after, most=PAGE + 1)
        return self.render(
            "pages/refusals.html",
            **head(group, "suggested"),
            refusals=found[:PAGE],
            more=found[PAGE - 1].refusal_id if len(found) > PAGE else None,
            total=count_refusals(database(), group.id),
            side_titles={"left": _("Ledger"), "right": right_title(group)},
        )

    @posted("/<int:group_id>/clear/<int:refusal_id>")
    def clear(self, group_id: int, refusal_id: int) -> Response:
        with command() as session:
            clear_refusals(session, actor(), group_id, [refusal_id])
        flash(_("Forgotten. The next Reconcile may match these lines again."), "success")
        return redirect(url_for("refusals.show", group_id=group_id))

    @posted("/<int:group_id>/clear-all")
    def clear_all(self, group_id: int) -> Response:
        with command() as session:
            cleared = clear_refusals(session, actor(), group_id)
        flash(ngettext("%(num)s refusal forgotten.", "%(num)s refusals forgotten.", cleared), "success")
        return redirect(url_for("refusals.show", group_id=group_id))
