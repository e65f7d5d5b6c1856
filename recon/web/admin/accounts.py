"""The accounts of the active company."""

from __future__ import annotations

from typing import Any, ClassVar

from flask_admin.contrib.sqla.filters import FilterEqual, FilterLike
from flask_babel import lazy_gettext

from recon.access import Permission
from recon.database.models import Account
from recon.services.account_sources import AccountSources, account_sources
from recon.web.admin.secure_view import SecureModelView
from recon.web.person import actor, here
from recon.web.storage import database
from recon.web.wording import _

KINDS = {
    "ledger": lazy_gettext("Ledger"),
    "customer": lazy_gettext("Customer"),
    "supplier": lazy_gettext("Supplier"),
    "bank": lazy_gettext("Bank"),
}


class Accounts(SecureModelView):
    """Read only: accounts are set up on the set-up page or while importing."""

    permission = Permission.VIEW
    empty_sentence = lazy_gettext("No account is set up yet. Import a file, or use the set-up page.")
    column_list = ("kind", "number", "name", "currency", "iban", "requires_reconciliation", "sources")
    column_labels: ClassVar[dict[str, Any]] = {
        "kind": lazy_gettext("Kind"),
        "number": lazy_gettext("Number"),
        "name": lazy_gettext("Name"),
        "currency": lazy_gettext("Currency"),
        "iban": lazy_gettext("IBAN"),
        "requires_reconciliation": lazy_gettext("Must be reconciled"),
        "sources": lazy_gettext("Lines come from"),
    }
    column_sortable_list = ("kind", "number", "name")
    column_default_sort: ClassVar[list[tuple[str, bool]]] = [("kind", False), ("number", False)]
    column_filters: ClassVar[list[Any]] = [
        FilterEqual(Account.kind, lazy_gettext("Kind"), options=list(KINDS.items())),
        FilterLike(Account.number, lazy_gettext("Number")),
        FilterLike(Account.name, lazy_gettext("Name")),
    ]
    column_formatters: ClassVar[dict[str, Any]] = {
        "kind": lambda view, context, row, name: KINDS.get(row.kind, row.kind),
        "requires_reconciliation": lambda view, context, row, name: _("yes") if row.requires_reconciliation else "",
        "sources": lambda view, context, row, name: told(context["sources"].get(row.id)),
    }

    def render(self, template: str, **kwargs: Any) -> Any:
        return super().render(template, **kwargs, sources=account_sources(database(), actor(), here().company_id))


def told(sources: AccountSources | None) -> str:
    """Sources by name; files that came by hand last."""
    if sources is None:
        return ""
    return ", ".join([*sorted(sources.names), *([_("files by hand")] if sources.by_hand else [])])
