"""Balances with their proof, typing a statement balance, approving a period, and the group's documents."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask import flash, redirect, request, url_for
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from recon.database.models import Account, AccountGroup, Adjustment, Document, User
from recon.errors import NotFound, Refusal
from recon.reports.reconciliation import reconciliation_pdf
from recon.services.approve_document import approve_document
from recon.services.read_balances import GroupBalances, balances_as_of
from recon.services.reconciliation_report import Signing, reconciliation_of
from recon.services.release_adjustments import release_adjustments
from recon.services.set_statement_balance import set_statement_balance
from recon.services.withdraw_document import void_document, withdraw_document
from recon.web.admin.archive import pdf_links, state_mark
from recon.web.formats import day, number_locale
from recon.web.pages.group import entered, head, seen
from recon.web.pages.page import Page, posted, shown
from recon.web.person import actor, here
from recon.web.sealed import pdf_answer
from recon.web.storage import command, database
from recon.web.wording import _, ngettext
from rules.values import AmountError, parse_amount, parse_day, to_minor

TAKING_BACK = {"withdraw": withdraw_document, "void": void_document}


class Closing(Page):
    """Addresses below `/closing/<group>/`."""

    in_menu = False

    @shown("/")
    def index(self) -> Response:
        return redirect(url_for("archive.index_view"))

    @shown("/<int:group_id>/balances")
    def balances(self, group_id: int) -> Any:
        group = entered(group_id)
        found = balances_as_of(database(), group, period_of(group))
        return self.render(
            "pages/balances.html",
            **head(group, "balances"),
            found=found,
            reasons=[not_comparable(account) for account in found.accounts],
            own_accounts=own_accounts(group),
        )

    @posted("/<int:group_id>/balance")
    def set_balance(self, group_id: int) -> Response:
        group = seen(group_id)
        account = one_of(own_accounts(group), request.form.get("account", 0, type=int))
        on, minor = day_typed("on"), amount_typed("amount", account.currency)
        with command() as session:
            set_statement_balance(session, actor(), account.id, on, minor)
        flash(_("Statement balance of %(account)s saved.", account=account.number), "success")
        return redirect(url_for("closing.balances", group_id=group.id))

    @shown("/<int:group_id>/")
    def document(self, group_id: int) -> Any:
        group = entered(group_id)
        found = balances_as_of(database(), group, period_of(group))
        documents = documents_of(database(), group)
        return self.render(
            "pages/document.html",
            **head(group, "documents"),
            found=found,
            documents=documents,
            people=names_of(documents),
            checks=checks(found),
            adjustments=unreleased(database(), group, found.period.to_on),
            state_mark=state_mark,
            pdf_links=pdf_links,
            needs_reason=any(account.not_comparable for account in found.accounts),
            unstated=[account for account in own_accounts(group) if lacks_statement(found, account)],
        )

    @posted("/<int:group_id>/release")
    def release(self, group_id: int) -> Response:
        """Release the adjustments that stand in the way of approving the period."""
        group = seen(group_id)
        waiting = [row.id for row in unreleased(database(), group, day_typed("to_on"))]
        if not waiting:
            raise Refusal(_("There is no adjustment to release any more."))
        with command() as session:
            released = release_adjustments(session, actor(), group.id, waiting)
        flash(ngettext("%(num)s adjustment released.", "%(num)s adjustments released.", released), "success")
        return redirect(url_for("closing.document", group_id=group.id))

    @posted("/<int:group_id>/approve")
    def approve(self, group_id: int) -> Response:
        group = seen(group_id)
        typed = {
            account.id: amount_typed(f"balance_{account.id}", account.currency)
            for account in own_accounts(group)
            if request.form.get(f"balance_{account.id}", "").strip()
        }
        with command() as session:
            sealed = approve_document(
                session,
                actor(),
                group.id,
                day_typed("to_on"),
                statement_balances=typed,
                reason=request.form.get("reason", ""),
                conclusion=request.form.get("conclusion", ""),
            )
        flash(_("Approved as %(number)s. The PDF is sealed.", number=sealed.document.number), "success")
        return redirect(url_for("closing.document", group_id=group.id))

    @posted("/<int:group_id>/take-back/<int:document_id>")
    def take_back(self, group_id: int, document_id: int) -> Response:
        group = seen(group_id)
        document = one_of(documents_of(database(), group), document_id)
        act = TAKING_BACK.get(request.form.get("how", ""))
        if act is None:
            raise Refusal(_("Choose whether to withdraw the document or to void it."))
        with command() as session:
            act(session, actor(), group.id, document.to_on, request.form.get("reason", ""))
        said = _("%(number)s is taken back; its PDF stays in the archive as superseded.", number=document.number)
        flash(said, "success")
        return redirect(url_for("closing.document", group_id=group.id))

    @shown("/<int:group_id>/draft.pdf")
    def draft(self, group_id: int) -> Response:
        """The document as it would be now, marked DRAFT."""
        group = seen(group_id)
        found = balances_as_of(database(), group, period_of(group))
        report = reconciliation_of(database(), group, found, Signing(number=found.document, draft=True))
        return pdf_answer(reconciliation_pdf(report), f"{group.name} {found.period.to_on.isoformat()} draft.pdf")


def period_of(group: AccountGroup) -> dt.date:
    """The end of the active period, but never before the group's first day."""
    return max(here().period, group.start_on)


def own_accounts(group: AccountGroup) -> list[Account]:
    """The accounts of the group's company itself: what an account import shows has its balance at home."""
    return [member.account for member in group.members if member.account is not None]


def lacks_statement(found: GroupBalances, account: Account) -> bool:
    shown_as = f"{account.number} {account.name}".strip()
    return any(each.account == shown_as and each.not_comparable and not each.filtered for each in found.accounts)


def not_comparable(account: Any) -> str:
    """Why two figures cannot be compared, with their dates as the reader writes them."""
    if account.difference_minor is not None:
        return ""
    if account.filtered:
        return _("only part of the account is in the group")
    if account.statement is None:
        return _("no statement balance is known")
    days = {"first": day(account.calculated.on), "second": day(account.statement.on)}
    return _("calculated %(first)s, statement %(second)s", **days)


def checks(found: GroupBalances) -> list[tuple[str, str, str]]:
    """(style, what is checked, how it stands) for each thing that approving asks for."""
    listed = [_account_check(account) for account in found.accounts]
    holds = found.proof.holds
    proof = _("left and right agree once everything open is taken away") if holds else _("left and right do not agree")
    return [*listed, ("good" if holds else "bad", _("Two-sided proof"), proof)]


def _account_check(account: Any) -> tuple[str, str, str]:
    if account.difference_minor is None:
        return "amber", account.account, _("not comparable: %(why)s", why=not_comparable(account))
    if account.difference_minor:
        return "bad", account.account, _("the statement differs from the calculated balance")
    return "good", account.account, _("the statement equals the calculated balance")


def unreleased(session: Session, group: AccountGroup, to_on: dt.date) -> list[Adjustment]:
    """Adjustments up to a day whose matches are accepted and that nobody has released yet."""
    waiting = (Adjustment.group_id == group.id, Adjustment.state == "unreleased", Adjustment.booked_on <= to_on)
    return list(session.scalars(select(Adjustment).where(*waiting).order_by(Adjustment.booked_on, Adjustment.id)))


def documents_of(session: Session, group: AccountGroup) -> list[Document]:
    """Newest first."""
    query = select(Document).where(Document.group_id == group.id).order_by(Document.to_on.desc(), Document.id.desc())
    return list(session.scalars(query))


def names_of(documents: list[Document]) -> dict[int, str]:
    ids = {document.prepared_by for document in documents} | {document.approved_by for document in documents}
    return dict(database().execute(select(User.id, User.name).where(User.id.in_(ids - {None}))).all())


def one_of(rows: list[Any], row_id: int) -> Any:
    found = next((row for row in rows if row.id == row_id), None)
    if found is None:
        raise NotFound(_("There is no such account or document in this group."))
    return found


def day_typed(name: str) -> dt.date:
    text = request.form.get(name, "")
    try:
        return parse_day(text, number_locale())
    except ValueError:
        raise Refusal(_("“%(text)s” is not a date.", text=text)) from None


def amount_typed(name: str, currency: str) -> int:
    try:
        return to_minor(parse_amount(request.form.get(name, ""), number_locale()), currency)
    except AmountError as fault:
        raise Refusal(str(fault)) from None
