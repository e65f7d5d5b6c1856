"""Account imports of the active company, edited as a list: Tab on the last field keeps a row, Ctrl+Delete removes."""

from __future__ import annotations

from typing import Any, ClassVar

from flask import flash, jsonify, redirect, request, url_for
from flask_babel import lazy_gettext
from sqlalchemy.orm import joinedload
from werkzeug.wrappers import Response

from recon.access import Permission
from recon.database.models import Account, AccountImport
from recon.errors import NotFound, Refusal
from recon.services.account_imports import (
    groups_reading,
    offered_accounts,
    offered_companies,
    remove_account_import,
    save_account_import,
)
from recon.services.setup_plan import AccountImportPlan, AccountRef
from recon.web.admin.accounts import KINDS
from recon.web.admin.secure_view import SecureModelView
from recon.web.pages.page import posted, shown
from recon.web.pages.rule_words import line_operator_labels
from recon.web.person import actor, here
from recon.web.storage import command, database
from recon.web.wording import _
from rules.fields import LINE_FIELDS, FieldType
from rules.names import field_label

IMPORTABLE = ("ledger", "customer", "supplier")
TEXT_FIELDS = [field.name for field in LINE_FIELDS.values() if field.type is FieldType.TEXT and field.stored]
OPERATORS = ("equals", "not_equals", "in", "starts_with", "contains")


class AccountImports(SecureModelView):
    """Its rows are views of other companies' accounts; every change goes through the service."""

    permission = Permission.EDIT_ACCOUNT_IMPORTS
    list_template = "admin/account_imports.html"
    note = lazy_gettext("Accounts of other companies, as this one sees them.")
    empty_sentence = lazy_gettext("No account is imported yet: fill in the row above.")
    column_list = ("kind", "company", "account", "filter", "name", "negate")
    column_labels: ClassVar[dict[str, Any]] = {
        "kind": lazy_gettext("Kind"),
        "company": lazy_gettext("From company"),
        "account": lazy_gettext("From account"),
        "filter": lazy_gettext("Filter"),
        "name": lazy_gettext("Display name"),
        "negate": lazy_gettext("Change sign"),
    }
    column_sortable_list = ("name",)
    column_default_sort = "name"
    column_formatters: ClassVar[dict[str, Any]] = {
        "kind": lambda view, context, row, name: KINDS[row.source_account.kind],
        "company": lambda view, context, row, name: row.source_account.company.name,
        "account": lambda view, context, row, name: f"{row.source_account.number} {row.source_account.name}".strip(),
        "filter": lambda view, context, row, name: written(row.filter),
    }

    def get_query(self) -> Any:
        source = joinedload(AccountImport.source_account).joinedload(Account.company)
        return super().get_query().options(source)

    def render(self, template: str, **kwargs: Any) -> Any:
        return super().render(
            template,
            **kwargs,
            import_kinds={kind: KINDS[kind] for kind in IMPORTABLE},
            import_companies=offered_companies(database(), actor(), here().company_id),
            filter_fields={name: field_label(name) for name in TEXT_FIELDS},
            filter_operators={op: line_operator_labels()[op] for op in OPERATORS},
            in_use=lambda row: [group.name for group in groups_reading(database(), row)],
            plain=plain,
        )

    @shown("/accounts")
    def accounts(self) -> Any:
        """The account numbers of a company and kind, for the row's third field."""
        company = request.args.get("company", type=int)
        if company is None:
            return jsonify([])
        found = offered_accounts(database(), actor(), company, request.args.get("kind", ""))
        return jsonify([{"number": each.number, "name": each.name} for each in found])

    @posted("/save")
    def save(self) -> Response:
        form = request.form
        companies = {each.id: each for each in offered_companies(database(), actor(), here().company_id)}
        source = companies.get(form.get("company", type=int) or 0)
        if source is None:
            raise NotFound(_("Choose the company the account is of."))
        number = form.get("account", "").strip()
        plan = AccountImportPlan(
            name=form.get("name", "").strip() or f"{source.name} {number}",
            company=source.name,
            account=AccountRef(form.get("kind", ""), number),
            filter=typed_filter(),
            negate="negate" in form,
        )
        with command() as session:
            save_account_import(session, actor(), here().company, plan, dissolving="dissolving" in form)
        flash(_("%(name)s is imported.", name=plan.name), "success")
        if not plan.negate:
            flash(
                _(
                    "The sign is not changed: an invoice of %(us)s will meet a payment of %(them)s, not the invoice.",
                    us=here().company.name,
                    them=source.name,
                ),
                "warning",
            )
        return redirect(url_for("account_imports.index_view"))

    @posted("/remove")
    def remove(self) -> Response:
        name = request.form.get("name", "")
        with command() as session:
            remove_account_import(session, actor(), here().company, name, dissolving="dissolving" in request.form)
        flash(_("%(name)s is removed.", name=name), "success")
        return redirect(url_for("account_imports.index_view"))


def typed_filter() -> dict[str, Any] | None:
    """The condition of the row: a field, a comparison and a value; none without a value."""
    value, operator = request.form.get("filter_value", "").strip(), request.form.get("filter_op", "equals")
    if not value:
        return None
    if operator not in OPERATORS:
        raise Refusal(_("There is no comparison %(name)s.", name=operator))
    listed = [part.strip() for part in value.split(",") if part.strip()]
    return {
        "field": request.form.get("filter_field", ""),
        "op": operator,
        "value": listed if operator == "in" else value,
    }


def plain(condition: dict[str, Any] | None) -> bool:
    """Whether the row's three fields can say a condition."""
    return condition is None or set(condition) == {"field", "op", "value"}


def written(condition: dict[str, Any] | None) -> str:
    if condition is None:
        return ""
    if not plain(condition):
        return str(_("several conditions, from a set-up file"))
    value = condition["value"]
    said = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    return f"{field_label(condition['field'])} {line_operator_labels()[condition['op']]} {said}"
