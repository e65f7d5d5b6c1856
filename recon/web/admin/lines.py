"""Every line of the active company's accounts, newest first."""

from __future__ import annotations

from typing import Any, ClassVar

from flask_admin.contrib.sqla.filters import DateGreaterFilter, DateSmallerFilter, FilterEqual
from flask_babel import lazy_gettext
from sqlalchemy import select
from sqlalchemy.orm import Query

from recon.access import Permission
from recon.database.models import Account, Line
from recon.web.admin.secure_view import SecureModelView
from recon.web.formats import amount
from recon.web.person import here
from recon.web.searching import fits

ORIGINS = {
    "imported": lazy_gettext("Imported"),
    "manual": lazy_gettext("By hand"),
    "opening": lazy_gettext("Opening item"),
    "adjustment": lazy_gettext("Adjustment"),
}


class Lines(SecureModelView):
    """Read only: a line never changes once it is in. Search takes an amount, a reference, or a piece of text."""

    permission = Permission.VIEW
    empty_sentence = lazy_gettext("No line has been imported yet.")
    can_view_details = True
    column_list = ("booked_on", "account", "text", "counterparty", "reference", "amount_minor", "currency")
    column_labels: ClassVar[dict[str, Any]] = {
        "booked_on": lazy_gettext("Date"),
        "account": lazy_gettext("Account"),
        "text": lazy_gettext("Text"),
        "counterparty": lazy_gettext("Counterparty"),
        "reference": lazy_gettext("Reference"),
        "amount_minor": lazy_gettext("Amount"),
        "currency": lazy_gettext("Currency"),
        "valued_on": lazy_gettext("Value date"),
        "due_on": lazy_gettext("Due date"),
        "origin": lazy_gettext("Comes from"),
        "final": lazy_gettext("Final"),
        "archive_reference": lazy_gettext("Bank's reference"),
        "end_to_end_id": lazy_gettext("End-to-end id"),
        "kid": lazy_gettext("KID"),
        "entry": lazy_gettext("Part of the bank's entry"),
    }
    column_details_list = (
        "booked_on valued_on due_on account amount_minor currency text counterparty counterparty_account reference "
        "archive_reference end_to_end_id kid invoice_number voucher_number voucher_type entry transaction_code "
        "customer_number supplier_number department project period note extra origin final"
    ).split()
    column_sortable_list = ("booked_on",)
    column_default_sort: ClassVar[list[tuple[str, bool]]] = [("booked_on", True), ("id", True)]
    column_searchable_list = ("text",)
    numeric_columns = ("amount_minor",)
    column_filters: ClassVar[list[Any]] = [
        DateGreaterFilter(Line.booked_on, lazy_gettext("Date")),
        DateSmallerFilter(Line.booked_on, lazy_gettext("Date")),
        FilterEqual(Line.origin, lazy_gettext("Comes from"), options=list(ORIGINS.items())),
    ]
    column_formatters: ClassVar[dict[str, Any]] = {
        "amount_minor": lambda view, context, row, name: amount(row.amount_minor, row.currency),
        "account": lambda view, context, row, name: f"{row.account.number} {row.account.name}".strip(),
        "origin": lambda view, context, row, name: ORIGINS.get(row.origin, row.origin),
    }
    column_formatters_detail = column_formatters

    def scoped(self, query: Query[Any]) -> Query[Any]:
        accounts = select(Account.id).where(Account.company_id == here().company_id)
        return query.filter(Line.account_id.in_(accounts), Line.withdrawn_event_id.is_(None))

    def search_placeholder(self) -> str:
        return str(lazy_gettext("Amount, reference or text"))

    def _apply_search(self, query: Any, count_query: Any, joins: Any, count_joins: Any, search: str) -> Any:
        found = fits(search, here().company.currency, Line.amount_minor)
        counted = count_query.filter(found) if count_query is not None else None
        return query.filter(found), counted, joins, count_joins
