"""Any report of a group as of a date, in any format it has."""

from __future__ import annotations

from datetime import date

import pandas as pd
from sqlalchemy import select
from sqlalchemy.orm import Session

from recon.access import Actor, Permission
from recon.database.models import AccountGroup, Document, DocumentLine, GroupLine, SealedPdf
from recon.errors import NotFound, Refusal
from recon.reports.reconciliation import MATCH_COLUMNS, OPEN_COLUMNS, reconciliation_html, reconciliation_pdf
from recon.reports.sheets import Sheet, csv_bytes, xlsx_bytes
from recon.services.find_group import group_for
from recon.services.period_figures import OpenLine, open_lines_as_of
from recon.services.read_balances import GroupBalances, balances_as_of, newest_day
from recon.services.reconciliation_report import Signing, match_frame, open_frame, reconciliation_of
from rules.wording import _

NAMES = ("reconciliation", "open-items", "reconciliation-detail")
FORMATS = ("pdf", "csv", "xlsx", "html")


def draw_report(session: Session, actor: Actor, group_id: int, name: str, as_of: date | None, kind: str) -> bytes:
    """The bytes of the report, in the language spoken now. A PDF of an approved period is the sealed one, in the
    language it was approved in; every other is marked DRAFT.

    Raises NotFound for an unknown report, Refusal for a format the report does not have.
    """
    group = group_for(session, actor, group_id, Permission.VIEW)
    balances = balances_as_of(session, group, as_of or newest_day(session, group))
    if name not in NAMES:
        raise NotFound(_("There is no report {name}; there are {known}.").format(name=name, known=", ".join(NAMES)))
    if kind in ("csv", "xlsx"):
        sheet = _sheet(session, group, balances, name)
        return csv_bytes(sheet) if kind == "csv" else xlsx_bytes(sheet)
    if name != "reconciliation":
        raise Refusal(_("{name} is written as csv or xlsx; the PDF of a group is reconciliation.").format(name=name))
    document = _approved(session, group, balances)
    if document is not None and kind == "pdf":
        return sealed_pdf(session, document)
    signing = Signing(number=balances.document)
    report = reconciliation_of(session, group, balances, signing, stored_open_lines(session, document))
    return reconciliation_pdf(report) if kind == "pdf" else reconciliation_html(report).encode()


def sealed_pdf(session: Session, document: Document) -> bytes:
    """The PDF as it was approved."""
    query = select(SealedPdf).where(SealedPdf.document_id == document.id, SealedPdf.superseded_event_id.is_(None))
    stored = session.scalars(query).one_or_none()
    if stored is None:
        raise NotFound(_("Document {number} has no sealed PDF.").format(number=document.number))
    return stored.content


def stored_open_lines(session: Session, document: Document | None) -> list[OpenLine] | None:
    """The open list of an approved document as it was stored; None where there is no document."""
    if document is None:
        return None
    query = (
        select(DocumentLine, GroupLine.side)
        .join(GroupLine, (GroupLine.line_id == DocumentLine.line_id) & (GroupLine.group_id == document.group_id))
        .where(DocumentLine.document_id == document.id)
        .order_by(DocumentLine.line_id)
    )
    return [
        OpenLine(
            line.line_id,
            side,
            line.amount_minor,
            date.fromisoformat(line.later_period) if line.later_period else None,
        )
        for line, side in session.execute(query)
    ]


def _approved(session: Session, group: AccountGroup, balances: GroupBalances) -> Document | None:
    if balances.document is None:
        return None
    query = select(Document).where(Document.group_id == group.id, Document.number == balances.document)
    return session.scalars(query).one_or_none()


def _sheet(session: Session, group: AccountGroup, balances: GroupBalances, name: str) -> Sheet:
    if name == "open-items":
        stored = stored_open_lines(session, _approved(session, group, balances))
        opened = open_lines_as_of(session, group.id, balances.period.to_on) if stored is None else stored
        return Sheet(name, open_frame(session, group, opened), OPEN_COLUMNS, group.currency)
    if name == "reconciliation-detail":
        return Sheet(name, match_frame(session, group.id, balances.period), MATCH_COLUMNS, group.currency)
    return Sheet(name, _balance_frame(balances), tuple(_balance_frame(balances).columns), group.currency)


def _balance_frame(balances: GroupBalances) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "side": a.side,
                "account": a.account,
                "calculated_minor": a.calculated.amount_minor,
                "calculated_on": a.calculated.on,
                "statement_minor": a.statement.amount_minor if a.statement else None,
                "statement_on": a.statement.on if a.statement else None,
                "difference_minor": a.difference_minor,
                "not_comparable": a.not_comparable,
            }
            for a in balances.accounts
        ],
        dtype=object,
    )
