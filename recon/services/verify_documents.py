"""Documents: the sealed PDF, the figures and the stored open list are those that were approved."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from sqlalchemy import LargeBinary, cast, func, select
from sqlalchemy.orm import Session

from recon.database.models import Document, DocumentLine, Event, SealedPdf
from recon.services.verify_events import broken
from rules.errors import Finding
from rules.wording import _


def document_findings(session: Session) -> Iterator[Finding]:
    """PDFs whose bytes changed, or that are not those approved; figures and open lists that were changed since."""
    yield from _pdfs(session)
    approved = select(Document, Event).join(Event, Event.id == Document.event_id).where(Document.state == "approved")
    for document, entry in session.execute(approved.order_by(Document.id)):
        yield from _document(session, document, entry)


def _pdfs(session: Session) -> Iterator[Finding]:
    # As bytes, even where somebody has made it something else.
    content = cast(SealedPdf.content, LargeBinary)
    query = select(SealedPdf.id, SealedPdf.document_id, SealedPdf.sha256, content, Event)
    query = query.join(Event, Event.id == SealedPdf.event_id).order_by(SealedPdf.id)
    for key, document_id, sha256, pdf, entry in session.execute(query.execution_options(yield_per=20)):
        where = f"sealed pdf {key}"
        if hashlib.sha256(pdf).hexdigest() != sha256:
            told = _("the PDF of document {document} was changed after it was sealed")
            yield broken("pdf-changed", where, told.format(document=document_id))
        if sha256 != (entry.after or {}).get("pdf_sha256"):
            yield broken("pdf-exchanged", where, _("it is not the PDF that was approved"))


def _document(session: Session, document: Document, entry: Event) -> Iterator[Finding]:
    where, after = f"document {document.id}", entry.after or {}
    same = (document.number, document.to_on.isoformat(), document.pdf_sha256, document.figures)
    if same != tuple(after.get(name) for name in ("number", "to", "pdf_sha256", "figures")):
        yield broken("document-changed", where, _("it is not what was approved"))
    standing = (SealedPdf.document_id == document.id, SealedPdf.sha256 == document.pdf_sha256)
    if session.scalar(select(func.count(SealedPdf.id)).where(*standing)) != 1:
        yield broken("pdf-missing", where, _("its sealed PDF is missing"))
    for side in ("left", "right"):
        if _listed(session, document, side) != _proved(document, side):
            yield broken("open-list", where, _("its stored list of open lines is not the one that was approved"))


def _listed(session: Session, document: Document, side: str) -> tuple[int, int]:
    sums = select(func.count(), func.coalesce(func.sum(DocumentLine.amount_minor), 0))
    of_side = sums.where(DocumentLine.document_id == document.id, DocumentLine.block.startswith(side))
    count, minor = session.execute(of_side).one()
    return count, int(minor)


def _proved(document: Document, side: str) -> tuple[int, int]:
    """Number and sum of the open lines in the proof, where they enter with the opposite sign."""
    terms = [term for term in document.figures["proof"] if term["side"] == side and term["term"] == "open"]
    return sum(term["count"] for term in terms), -sum(term["minor"] for term in terms)
