"""Importing files: choose, see what would be stored, then store. A file is all or nothing."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask import flash, redirect, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response

from recon.access import Permission
from recon.database.models import Batch
from recon.errors import Refusal
from recon.intake.detect import READERS
from recon.services.undo_import import Part, Undone, undo_import
from recon.web import work
from recon.web.pages.import_preview import own_accounts, previewed, wanted
from recon.web.pages.page import Page, back, posted, shown
from recon.web.pages.uploads import Parcel, Upload, choose, find, keep
from recon.web.person import actor, here
from recon.web.storage import command, database
from recon.web.wording import _

RECENT, SHOWN_LINES = 15, 20


class Imports(Page):
    """Upload, preview, store, undo."""

    permission = Permission.IMPORT

    @shown("/")
    def index(self) -> Any:
        query = select(Batch).where(Batch.company_id == here().company_id).order_by(Batch.id.desc()).limit(RECENT)
        return self.render("pages/import.html", recent=database().scalars(query).all())

    @posted("/upload")
    def upload(self) -> Response:
        parcel = keep(request.files.getlist("file"))
        return redirect(url_for("imports.preview", token=parcel.token))

    @shown("/<token>/")
    def preview(self, token: str) -> Any:
        parcel = find(token)
        previews = [previewed(parcel, upload) for upload in parcel.files]
        return self.render(
            "pages/import_preview.html",
            parcel=parcel,
            previews=previews,
            accounts=own_accounts(),
            any_importable=any(each.importable for each in previews),
            rung_words=rung_words(),
            shown_lines=SHOWN_LINES,
            formats=READERS,
        )

    @posted("/<token>/choose")
    def choose(self, token: str) -> Response:
        """Read the files again as the form says, and keep what was chosen for all of them."""
        choose(find(token), request.form)
        return redirect(url_for("imports.preview", token=token))

    @posted("/<token>/store")
    def store(self, token: str) -> Response:
        parcel = find(token)
        jobs = work.import_files([wanted(request.form, upload) for upload in chosen(parcel)])
        return redirect(url_for("jobs.several", ids=",".join(str(job.id) for job in jobs)))

    @posted("/undo/<int:batch_id>")
    def undo(self, batch_id: int) -> Response:
        with command() as session:
            undone = undo_import(session, actor(), batch_id, part_typed(), request.form.get("reason", ""))
        flash(told(undone), "success")
        return redirect(back(url_for("imports.index")))


def part_typed() -> Part:
    """What of an import is to be taken back: whole, unless the form names an account or days."""
    days = [request.form.get(name, "").strip() for name in ("first", "last")]
    try:
        first, last = (dt.date.fromisoformat(day) if day else None for day in days)
    except ValueError:
        raise Refusal(_("%(day)s is no date; write it as 2026-01-31.", day=" – ".join(days))) from None
    return Part(request.form.get("account", type=int), first, last)


def told(undone: Undone) -> str:
    said: str = _(
        "Undone: %(withdrawn)s lines withdrawn, %(kept)s kept because another file has them too, "
        "%(dissolved)s matches taken apart.",
        withdrawn=undone.withdrawn,
        kept=undone.kept,
        dissolved=undone.dissolved,
    )
    if undone.restored:
        said += " " + _("%(restored)s lines that the import had replaced are back.", restored=undone.restored)
    return said


def chosen(parcel: Parcel) -> list[Upload]:
    wanted = set(request.form.getlist("file"))
    picked = [upload for upload in parcel.files if str(upload.number) in wanted]
    if not picked:
        raise Refusal(_("Choose at least one of the files."))
    return picked


def rung_words() -> dict[str, str]:
    """Why lines are left out, and what overruling it would do, by rung of the ladder."""
    return {
        "line": _("here already, with the same content"),
        "reference": _("here already, by the bank's reference, with other words"),
        "parts": _("the same money as lines here already: a sum and its parts"),
        "statement": _("this statement is here already with other content"),
        "changed": _("vouchers that are here already and have changed"),
        "no-lump": _("details without a sum in the statement of their day"),
    }
