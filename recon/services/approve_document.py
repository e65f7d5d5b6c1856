"""Approve a group up to a date: check the gate, seal the PDF, and fix the period's matches."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from recon.access import Actor, Permission
from recon.closing.documents import Request, number_in_series, refusals_to_approve
from recon.database.audit import record
from recon.database.models import (
    AccountGroup,
    Adjustment,
    Company,
    Document,
    DocumentLine,
    Event,
    GroupLine,
    Line,
    Match,
    SealedPdf,
    User,
)
from recon.database.remainders import touch_group
from recon.errors import Refusal
from recon.reports.reconciliation import Signature, reconciliation_pdf
from recon.services.document_figures import figures_of
from recon.services.find_group import group_for
from recon.services.number_series import next_number, series_named
from recon.services.period_figures import OpenLine, counted_on, members_of, open_lines_as_of
from recon.services.read_balances import GroupBalances, balances_as_of
from recon.services.reconciliation_report import Signing, block_of, reconciliation_of
from recon.services.set_statement_balance import set_statement_balance
from rules.wording import _

DEFAULT_SERIES = "RECON"
"""The series of groups whose accounts name none."""


@dataclass(frozen=True, slots=True)
class Preparer:
    user_id: int
    name: str
    at: dt.datetime


@dataclass(frozen=True, slots=True)
class Sealed:
    """An approved document with its PDF as it was sealed."""

    document: Document
    pdf: bytes


def approve_document(
    session: Session,
    actor: Actor,
    group_id: int,
    to_on: date,
    *,
    statement_balances: Mapping[int, int] | None = None,
    reason: str = "",
    conclusion: str = "",
) -> Sealed:
    """Approve the days after the previous document up to `to_on`. The PDF is in the language spoken now.

    `statement_balances` (account -> minor units, in the account's sign) are typed for that day first. `reason` is asked
    for where an account cannot be compared. Raises Refusal with every reason there is; nothing is stored then.
    """
    group = group_for(session, actor, group_id, Permission.APPROVE)
    for account_id, minor in (statement_balances or {}).items():
        set_statement_balance(session, actor, account_id, to_on, minor)
    balances = balances_as_of(session, group, to_on)
    preparer = preparer_of(session, group, actor)
    _check(session, group, balances, preparer, actor, reason)
    opened = open_lines_as_of(session, group.id, to_on)
    number = _next_number(session, group)
    now = dt.datetime.now(dt.UTC)
    signing = Signing(
        number=number,
        draft=False,
        prepared=Signature(preparer.name, preparer.at),
        approved=Signature(_user_name(session, actor.user_id), now),
        reason=reason.strip(),
        conclusion=conclusion.strip(),
    )
    report = reconciliation_of(session, group, balances, signing, opened)
    pdf = reconciliation_pdf(report)
    figures = figures_of(balances.accounts, balances.member_ids, balances.proof) | {"digest": report.digest}
    document = _store(session, actor, group, balances, figures, number, pdf, opened)
    document.prepared_by, document.prepared_at = preparer.user_id, preparer.at
    document.approved_by, document.approved_at = actor.user_id, now
    document.reason, document.conclusion = reason.strip() or None, conclusion.strip() or None
    session.flush()
    return Sealed(document, pdf)


def _check(
    session: Session, group: AccountGroup, balances: GroupBalances, preparer: Preparer, actor: Actor, reason: str
) -> None:
    to_on = balances.period.to_on
    if balances.document:
        sentence = _("{group} is approved up to {to} already, by document {number}.")
        raise Refusal(sentence.format(group=group.name, to=to_on, number=balances.document))
    newest = _newest_end(session, group.id)
    if newest is not None and newest > to_on:
        raise Refusal(_("{group} is approved up to {to} already.").format(group=group.name, to=newest))
    request = Request(
        kind=group.kind,
        period=balances.period,
        previous=balances.previous,
        accounts=balances.accounts,
        proof=balances.proof,
        unreleased_adjustments=_unreleased(session, group.id, to_on),
        preparer_id=preparer.user_id,
        approver_id=actor.user_id,
        four_eyes=session.get_one(Company, group.company_id).four_eyes,
        not_final_lines=_not_final(session, group.id, to_on),
        reason=reason,
    )
    if refused := refusals_to_approve(request):
        raise Refusal(" ".join(refused))


def _newest_end(session: Session, group_id: int) -> date | None:
    query = select(func.max(Document.to_on)).where(Document.group_id == group_id, Document.state == "approved")
    return session.scalar(query)


def _unreleased(session: Session, group_id: int, to_on: date) -> int:
    query = select(func.count()).where(
        Adjustment.group_id == group_id, Adjustment.state == "unreleased", Adjustment.booked_on <= to_on
    )
    return session.scalar(query) or 0


def _not_final(session: Session, group_id: int, to_on: date) -> int:
    query = (
        select(func.count())
        .select_from(GroupLine)
        .join(Line, Line.id == GroupLine.line_id)
        .where(GroupLine.group_id == group_id, counted_on() <= to_on)
        .where(Line.final.is_(False), Line.withdrawn_event_id.is_(None))
    )
    return session.scalar(query) or 0


def preparer_of(session: Session, group: AccountGroup, actor: Actor) -> Preparer:
    """Who did the newest matching work in the group, else the group's preparer, else whoever asks."""
    verbs = ("reconcile", "match", "accept", "take choice", "unmatch", "set balanced")
    query = select(Event).where(
        Event.company_id == group.company_id, Event.object == f"group {group.id}", Event.verb.in_(verbs)
    )
    event = session.scalars(query.order_by(Event.id.desc()).limit(1)).one_or_none()
    if event is not None:
        return Preparer(event.actor_id, _user_name(session, event.actor_id), event.at)
    user_id = group.preparer_id or actor.user_id
    return Preparer(user_id, _user_name(session, user_id), dt.datetime.now(dt.UTC))


def _user_name(session: Session, user_id: int) -> str:
    user = session.get_one(User, user_id)
    return user.name or user.email


def _next_number(session: Session, group: AccountGroup) -> str:
    """The next number of the left account's series, else of the company's own; given out for ever."""
    accounts = [member.account for member in members_of(session, group.id) if member.account]
    named = next((account.series for account in accounts if account.series), None)
    series = named or series_named(session, group.company_id, DEFAULT_SERIES, "document")
    return number_in_series(series.name, next_number(session, series))


def _store(
    session: Session,
    actor: Actor,
    group: AccountGroup,
    balances: GroupBalances,
    figures: dict[str, object],
    number: str,
    pdf: bytes,
    opened: list[OpenLine],
) -> Document:
    """The document, its stored open list and its PDF, with the period's matches approved; one event."""
    period, sha256 = balances.period, hashlib.sha256(pdf).hexdigest()
    after = {"number": number, "to": period.to_on.isoformat(), "pdf_sha256": sha256, "figures": figures}
    event = record(session, actor, group.company_id, "approve", f"group {group.id}", after=after, digest=sha256)
    touch_group(session, group.id, seen=group.revision)
    document = _saved(session, group, period.to_on) or Document(
        company_id=group.company_id, group_id=group.id, to_on=period.to_on
    )
    document.from_on, document.state, document.number = period.from_on, "approved", number
    document.figures, document.pdf_sha256, document.event_id = figures, sha256, event.id
    session.add(document)
    session.flush()
    _store_open_list(session, document.id, opened)
    session.add(SealedPdf(document_id=document.id, sha256=sha256, content=pdf, event_id=event.id))
    session.execute(
        update(Match)
        .where(
            Match.group_id == group.id,
            Match.undone_event_id.is_(None),
            Match.state == "confirmed",
            Match.effective_on <= period.to_on,
        )
        .values(state="approved", document_id=document.id)
        .execution_options(synchronize_session="fetch")
    )
    session.flush()
    return document


def _saved(session: Session, group: AccountGroup, to_on: date) -> Document | None:
    """The balanced document of that day: withdrawn before, or saved without approval."""
    query = select(Document).where(Document.group_id == group.id, Document.to_on == to_on)
    return session.scalars(query.where(Document.state.in_(("on_hold", "balanced")))).one_or_none()


def _store_open_list(session: Session, document_id: int, opened: list[OpenLine]) -> None:
    rows = [
        {
            "document_id": document_id,
            "line_id": line.line_id,
            "block": block_of(line),
            "amount_minor": line.amount_minor,
            "later_period": line.later_on.isoformat() if line.later_on else None,
        }
        for line in opened
    ]
    if rows:
        session.execute(insert(DocumentLine), rows)
