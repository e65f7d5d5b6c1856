"""The overview: every account group of the active company, what is open, how its balances stand, and Reconcile."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import redirect, render_template, url_for
from flask_admin import AdminIndexView
from sqlalchemy import exists, select
from werkzeug.wrappers import Response

from recon.access import Permission
from recon.database.models import Account, AccountGroup, AccountImport, GroupAccount
from recon.services.find_group import group_for, groups_of
from recon.web import work
from recon.web.formats import count
from recon.web.pages.overview import GroupRow, row_of, rows_of
from recon.web.pages.page import Page, posted, shown
from recon.web.person import actor, here, place
from recon.web.storage import database
from recon.web.wording import _


@dataclass(frozen=True)
class KeyFigure:
    label: str
    value: str
    note: str


class Dashboard(Page, AdminIndexView):
    """Where one lands after signing in, with or without a company."""

    def is_accessible(self) -> bool:
        return True

    @shown("/")
    def index(self) -> Any:
        if place() is None:
            return self.render("pages/dashboard.html", rows=[])
        rows = rows_of(database(), own_groups(), here().period)
        return self.render(
            "pages/dashboard.html",
            rows=rows,
            figures=key_figures(rows),
            unreconciled=accounts_in_no_group(),
            reading_us=groups_reading_us(),
        )

    @shown("/overview/group/<int:group_id>")
    def row(self, group_id: int) -> Any:
        group = group_for(database(), actor(), group_id, Permission.VIEW)
        row = row_of(database(), group, here().period)
        headers = {} if row.job else {"HX-Trigger": "lines-changed"}
        return render_template("parts/group_row.html", row=row), 200, headers

    @shown("/overview/figures")
    def figures(self) -> Any:
        rows = rows_of(database(), own_groups(), here().period)
        return render_template("parts/key_figures.html", figures=key_figures(rows))

    @posted("/overview/reconcile-all")
    def reconcile_all(self) -> Response:
        rows = rows_of(database(), own_groups(), None)
        for waiting in rows:
            if waiting.job is None:
                work.reconcile(waiting.group)
        return redirect(url_for("dashboard.index"))


def own_groups() -> list[AccountGroup]:
    """The active company's groups that the reader may see."""
    visible = groups_of(database(), actor(), Permission.VIEW)
    return [group for group in visible if group.company_id == here().company_id]


def groups_reading_us() -> list[AccountGroup]:
    """Groups of other companies, of those the reader sees, that read an account of the active one."""
    through = (
        select(GroupAccount.group_id)
        .join(AccountImport, AccountImport.id == GroupAccount.account_import_id)
        .join(Account, Account.id == AccountImport.source_account_id)
        .where(Account.company_id == here().company_id)
    )
    reading = set(database().scalars(through))
    return [group for group in groups_of(database(), actor(), Permission.VIEW) if group.id in reading]


def accounts_in_no_group() -> list[Account]:
    """Accounts that require reconciliation and stand in no group of the company."""
    placed = exists().where(GroupAccount.account_id == Account.id)
    query = select(Account).where(Account.company_id == here().company_id, Account.requires_reconciliation, ~placed)
    return list(database().scalars(query.order_by(Account.number)))


def key_figures(rows: list[GroupRow]) -> list[KeyFigure]:
    opened = sum(row.left.count + row.right.count for row in rows)
    suggested = sum(row.suggested + row.choices for row in rows)
    agreeing = sum(1 for row in rows if row.standing is not None and row.standing.style == "good")
    approved = sum(1 for row in rows if row.approved_to is not None and row.approved_to >= here().period)
    groups = len(rows)
    return [
        KeyFigure(_("Open lines"), count(opened), _("both sides of all groups, today")),
        KeyFigure(_("Waiting for you"), count(suggested), _("suggestions to accept or reject")),
        KeyFigure(
            _("Balances agree"), _("%(part)s of %(whole)s", part=agreeing, whole=groups), _("at the end of the period")
        ),
        KeyFigure(_("Approved"), _("%(part)s of %(whole)s", part=approved, whole=groups), _("groups, for the period")),
    ]
