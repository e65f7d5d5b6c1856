"""Take back an approval: withdraw it to go on working, or void the document for good."""

from __future__ import annotations

from datetime import date

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from recon.access import Actor, Permission
from recon.closing.documents import Predecessor, refusals_to_withdraw
from recon.database.audit import record
from recon.database.models import AccountGroup, Company, Document, DocumentLine, Match, SealedPdf
from recon.database.remainders import touch_group
from recon.errors import NotFound, Refusal
from recon.services.find_group import group_for, newest_approved
from rules.wording import _


def withdraw_document(session: Session, actor: Actor, group_id: int, to_on: date, reason: str) -> Document:
    """Return the newest approved document to balanced: its matches are confirmed again, its PDF superseded.

    Its number is not given again. Raises Refusal with every reason there is.
    """
    group = group_for(session, actor, group_id, Permission.WITHDRAW)
    return _take_back(session, actor, group, to_on, reason, "withdraw", "balanced")


def void_document(session: Session, actor: Actor, group_id: int, to_on: date, reason: str) -> Document:
    """End the newest approved document: the next one begins again where it began. Its matches stay, confirmed."""
    group = group_for(session, actor, group_id, Permission.VOID)
    return _take_back(session, actor, group, to_on, reason, "void", "void")


def _take_back(
    session: Session, actor: Actor, group: AccountGroup, to_on: date, reason: str, verb: str, state: str
) -> Document:
    document = _approved(session, group, to_on)
    newest = newest_approved(session, group.id)
    lock_on = session.get_one(Company, group.company_id).locked_on
    previous = Predecessor(newest.number or "", newest.to_on) if newest else None
    if refused := refusals_to_withdraw(document.number or "", document.to_on, previous, lock_on, reason):
        raise Refusal(" ".join(refused))
    after = {"number": document.number, "to": to_on.isoformat(), "reason": reason.strip(), "state": state}
    before = {"state": document.state, "pdf_sha256": document.pdf_sha256}
    event = record(session, actor, group.company_id, verb, f"group {group.id}", before, after)
    touch_group(session, group.id, seen=group.revision)
    session.execute(
        update(Match)
        .where(Match.document_id == document.id, Match.undone_event_id.is_(None), Match.state == "approved")
        .values(state="confirmed", document_id=None)
        .execution_options(synchronize_session="fetch")
    )
    session.execute(
        update(SealedPdf)
        .where(SealedPdf.document_id == document.id, SealedPdf.superseded_event_id.is_(None))
        .values(superseded_event_id=event.id)
        .execution_options(synchronize_session="fetch")
    )
    if state == "balanced":  # the list belongs to the approval; a void document keeps its own as a record
        session.execute(delete(DocumentLine).where(DocumentLine.document_id == document.id))
    document.state, document.event_id = state, event.id
    session.flush()
    return document


def _approved(session: Session, group: AccountGroup, to_on: date) -> Document:
    query = select(Document).where(Document.group_id == group.id, Document.to_on == to_on, Document.state == "approved")
    document = session.scalars(query).one_or_none()
    if document is None:
        raise NotFound(_("{group} has no approved document that ends on {to}.").format(group=group.name, to=to_on))
    return document
