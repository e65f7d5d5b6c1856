"""The archive of reconciliation documents, with their sealed PDFs."""

from __future__ import annotations

import hashlib
from typing import Any, ClassVar

from flask import url_for
from flask_admin import expose
from flask_babel import lazy_gettext
from markupsafe import Markup
from sqlalchemy import select
from werkzeug.exceptions import NotFound as Missing
from werkzeug.wrappers import Response

from recon.access import Permission
from recon.database.models import Document, SealedPdf
from recon.errors import Refusal
from recon.web.admin.secure_view import SecureModelView
from recon.web.sealed import pdf_answer
from recon.web.storage import database
from recon.web.wording import _

STATES = {
    "approved": lazy_gettext("approved"),
    "balanced": lazy_gettext("withdrawn"),
    "on_hold": lazy_gettext("on hold"),
    "void": lazy_gettext("void"),
}


class Archive(SecureModelView):
    """Read only. What is downloaded is what was sealed, byte for byte, or nothing."""

    permission = Permission.VIEW
    empty_sentence = lazy_gettext("No period has been approved yet. Approve one on its group's page.")
    column_list = ("number", "group", "from_on", "to_on", "state", "approved_at", "pdf")
    column_labels: ClassVar[dict[str, Any]] = {
        "number": lazy_gettext("Number"),
        "group": lazy_gettext("Account group"),
        "from_on": lazy_gettext("From"),
        "to_on": lazy_gettext("To"),
        "state": lazy_gettext("State"),
        "approved_at": lazy_gettext("Approved"),
        "pdf": lazy_gettext("Sealed PDFs"),
    }
    column_sortable_list = ("number", "to_on")
    column_default_sort: ClassVar[list[tuple[str, bool]]] = [("to_on", True), ("id", True)]
    column_formatters: ClassVar[dict[str, Any]] = {
        "group": lambda view, context, row, name: row.group.name,
        "state": lambda view, context, row, name: state_mark(row.state),
        "pdf": lambda view, context, row, name: pdf_links(row),
    }

    @expose("/pdf/<int:pdf_id>")  # type: ignore[untyped-decorator]
    def pdf(self, pdf_id: int) -> Response:
        sealed = database().get(SealedPdf, pdf_id)
        document = self.get_one(str(sealed.document_id)) if sealed else None
        if sealed is None or document is None:
            raise Missing
        if hashlib.sha256(sealed.content).hexdigest() != sealed.sha256:
            raise Refusal(_("This PDF is not what was sealed; run “recon verify” and keep the database as it is."))
        return pdf_answer(sealed.content, f"{document.number} {document.group.name} {document.to_on.isoformat()}.pdf")


def state_mark(state: str) -> Markup:
    style = {"approved": "good", "void": "bad"}.get(state, "amber")
    return Markup('<span class="mark {}">{}</span>').format(style, STATES.get(state, state))


def pdf_links(document: Document) -> Markup:
    query = select(SealedPdf).where(SealedPdf.document_id == document.id).order_by(SealedPdf.id.desc())
    links = [
        Markup('<a href="{}">{}</a>').format(
            url_for("archive.pdf", pdf_id=sealed.id), _("PDF, superseded") if sealed.superseded_event_id else _("PDF")
        )
        for sealed in database().scalars(query)
    ]
    return Markup(", ").join(links)
