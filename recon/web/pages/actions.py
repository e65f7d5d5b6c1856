"""The action log: imports and runs with what each brought, and taking them back, whole or in part."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from recon.access import Permission
from recon.services.list_actions import PAGE, Action, list_actions
from recon.services.undo_run import undo_run
from recon.web.pages.page import Page, posted, shown
from recon.web.person import actor, here, may
from recon.web.storage import command, database
from recon.web.wording import _, ngettext


class Actions(Page):
    """Readable by whoever sees the company; each undo asks its service."""

    @shown("/")
    def index(self) -> Any:
        before = request.args.get("before", type=int)
        found = list_actions(database(), actor(), here().company_id, before)
        listed = found[:PAGE]
        return self.render(
            "pages/actions.html",
            actions=listed,
            more=listed[-1].event_id if len(found) > PAGE else None,
            verbs=verbs(),
            states=states(),
            may_undo=may_undo,
        )

    @posted("/run/<int:run_id>/undo")
    def undo(self, run_id: int) -> Response:
        with command() as session:
            count = undo_run(session, actor(), run_id)
        flash(ngettext("The run is undone: %(num)s match.", "The run is undone: %(num)s matches.", count), "success")
        return redirect(url_for("actions.index"))


def may_undo(action: Action) -> bool:
    if action.state not in ("stands", "partly undone"):
        return False
    if action.batch is None:
        return may(Permission.RUN)
    own = action.batch.actor_id == actor().user_id and may(Permission.IMPORT)
    return own or may(Permission.UNDO_IMPORT)


def verbs() -> dict[str, str]:
    return {
        "import": _("Import"),
        "undo import": _("Import undone"),
        "reconcile": _("Reconcile"),
        "undo run": _("Run undone"),
    }


def states() -> dict[str, str]:
    return {"stands": _("stands"), "partly undone": _("partly undone"), "undone": _("undone"), "": ""}
