"""Vouchers of the active company: what is proposed, what waits to be released, what is released and reversed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Any

from flask import flash, redirect, request, url_for
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from recon.access import Actor
from recon.database.models import AccountGroup, Adjustment, EntryType
from recon.errors import NotFound, Refusal
from recon.services.answer_adjustments import accept_adjustments, edit_adjustment, reject_adjustments
from recon.services.propose_adjustments import propose_amount
from recon.services.release_adjustments import release_adjustments
from recon.services.reverse_adjustment import reverse_adjustment
from recon.services.vouchers import Voucher
from recon.web.admin.entry_types import dimensions_of, spelled
from recon.web.formats import number_locale
from recon.web.pages.page import Page, posted, shown
from recon.web.person import actor, here
from recon.web.storage import command, database
from recon.web.wording import _, ngettext
from rules.values import AmountError, parse_amount, parse_day, to_minor

STATES = {
    "proposed": ("proposed",),
    "unreleased": ("unreleased",),
    "released": ("released",),
    "ended": ("reversed", "dropped"),
}
PAGE = 200
Work = Callable[[Session, Actor, int, Sequence[int]], int]


class Adjustments(Page):
    """Lists by state; each command asks its service for its permission."""

    @shown("/")
    def index(self) -> Any:
        state = request.args.get("state", "")
        counts = counted()
        if state not in STATES:
            state = "proposed" if counts["proposed"] else "unreleased"
        found = listed(state, request.args.get("before", 0, type=int))
        return self.render(
            "pages/adjustments.html",
            state=state,
            titles=titles(),
            counts=counts,
            rows=found[:PAGE],
            before=found[PAGE - 1].id if len(found) > PAGE else 0,
            groups=groups(),
            entry_types=entry_types(),
        )

    @shown("/<int:adjustment_id>/")
    def show(self, adjustment_id: int) -> Any:
        found = one(adjustment_id)
        return self.render(
            "pages/adjustment.html", row=found, entry_types=entry_types(), dimensions=spelled(found.dimensions)
        )

    @posted("/new")
    def new(self) -> Response:
        group = next((group for group in groups() if str(group.id) == request.form.get("group")), None)
        if group is None:
            raise NotFound(_("Choose an account group of this company."))
        with command() as session:
            propose_amount(session, actor(), group.id, voucher_typed(group.currency))
        flash(_("The adjustment waits to be released."), "success")
        return redirect(url_for("adjustments.index", state="unreleased"))

    @posted("/<int:adjustment_id>/edit")
    def edit(self, adjustment_id: int) -> Response:
        found = one(adjustment_id)
        with command() as session:
            edit_adjustment(session, actor(), found.group_id, found.id, voucher_typed(found.currency))
        flash(_("The adjustment is changed."), "success")
        return redirect(url_for("adjustments.index", state="unreleased"))

    @posted("/accept")
    def accept(self) -> Response:
        done = for_each_group(accept_adjustments)
        flash(ngettext("%(num)s proposal accepted.", "%(num)s proposals accepted.", done), "success")
        return redirect(url_for("adjustments.index", state="unreleased"))

    @posted("/reject")
    def reject(self) -> Response:
        done = for_each_group(reject_adjustments)
        flash(ngettext("%(num)s adjustment rejected.", "%(num)s adjustments rejected.", done), "success")
        return redirect(url_for("adjustments.index", state=request.form.get("state", "")))

    @posted("/release")
    def release(self) -> Response:
        done = for_each_group(release_adjustments)
        flash(ngettext("%(num)s adjustment released.", "%(num)s adjustments released.", done), "success")
        return redirect(url_for("adjustments.index", state="released"))

    @posted("/<int:adjustment_id>/reverse")
    def reverse(self, adjustment_id: int) -> Response:
        found = one(adjustment_id)
        with command() as session:
            reverse_adjustment(session, actor(), found.group_id, found.id, request.form.get("reason", ""))
        flash(_("The voucher is reversed by one of its own."), "success")
        return redirect(url_for("adjustments.index", state="released"))


def titles() -> dict[str, str]:
    return {
        "proposed": _("Proposed"),
        "unreleased": _("To be released"),
        "released": _("Released"),
        "ended": _("Reversed and dropped"),
    }


def for_each_group(work: Work) -> int:
    """Do it with the ticked adjustments, group by group, all or nothing."""
    wanted = [int(key) for key in request.form.getlist("id") if key.isascii() and key.isdigit() and len(key) <= 18]
    if not wanted:
        raise Refusal(_("Tick the adjustments first."))
    query = select(Adjustment.group_id, Adjustment.id).where(
        Adjustment.id.in_(wanted), Adjustment.company_id == here().company_id
    )
    by_group: dict[int, list[int]] = {}
    for group_id, key in database().execute(query.order_by(Adjustment.group_id, Adjustment.id)):
        by_group.setdefault(group_id, []).append(key)
    if sum(map(len, by_group.values())) != len(set(wanted)):
        raise NotFound(_("Some of the adjustments are not there any more."))
    with command() as session:
        return sum(work(session, actor(), group_id, keys) for group_id, keys in by_group.items())


def voucher_typed(currency: str) -> Voucher:
    form = request.form

    def said(name: str) -> str | None:
        return form.get(name, "").strip() or None

    return Voucher(
        entry_type=said("entry_type"),
        booked_on=_day(said("booked_on")),
        amount_minor=_minor(said("amount"), currency),
        counter_account=said("counter_account"),
        dimensions=dimensions_of(form["dimensions"]) or {} if "dimensions" in form else None,
        vat_code=said("vat_code"),
        text=said("text"),
    )


def _day(text: str | None) -> dt.date | None:
    try:
        return parse_day(text, number_locale()) if text else None
    except ValueError:
        raise Refusal(_("“%(text)s” is not a date.", text=text)) from None


def _minor(text: str | None, currency: str) -> int | None:
    try:
        return to_minor(parse_amount(text, number_locale()), currency) if text else None
    except AmountError as fault:
        raise Refusal(str(fault)) from None


def one(adjustment_id: int) -> Adjustment:
    found = database().get(Adjustment, adjustment_id)
    if found is None or found.company_id != here().company_id:
        raise NotFound(_("There is no such adjustment in this company."))
    return found


def counted() -> dict[str, int]:
    query = select(Adjustment.state, func.count()).where(Adjustment.company_id == here().company_id)
    counts = dict(database().execute(query.group_by(Adjustment.state)).all())
    return {name: sum(counts.get(state, 0) for state in states) for name, states in STATES.items()}


def listed(name: str, before: int = 0) -> list[Adjustment]:
    """Newest first; one more than a page says there are more."""
    query = select(Adjustment).where(Adjustment.company_id == here().company_id, Adjustment.state.in_(STATES[name]))
    if before:
        query = query.where(Adjustment.id < before)
    return list(database().scalars(query.order_by(Adjustment.id.desc()).limit(PAGE + 1)))


def groups() -> list[AccountGroup]:
    standing = (AccountGroup.company_id == here().company_id, AccountGroup.archived_at.is_(None))
    return list(database().scalars(select(AccountGroup).where(*standing).order_by(AccountGroup.name)))


def entry_types() -> list[EntryType]:
    query = select(EntryType).where(EntryType.company_id == here().company_id)
    return list(database().scalars(query.order_by(EntryType.key)))
