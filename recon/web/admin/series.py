"""Number series of documents and vouchers."""

from __future__ import annotations

from typing import Any, ClassVar

from flask import flash
from flask_admin.form import BaseForm
from flask_babel import lazy_gettext
from wtforms import IntegerField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange

from recon.access import Permission
from recon.errors import Refusal
from recon.services.edit_entry_types import add_series
from recon.web.admin.secure_view import SecureModelView
from recon.web.person import actor, here, may
from recon.web.storage import command

KINDS = {"voucher": lazy_gettext("Vouchers"), "document": lazy_gettext("Reconciliation documents")}


class SeriesForm(BaseForm):
    name = StringField(lazy_gettext("Name"), [InputRequired(), Length(max=40)])
    kind = SelectField(lazy_gettext("Numbers of"), choices=[SelectChoice(key, name) for key, name in KINDS.items()])
    first_number = IntegerField(lazy_gettext("First number"), [NumberRange(1, 999_999_999)], default=1)


class Series(SecureModelView):
    """Nobody changes a series: its numbers are given in order, once, and never again."""

    permission = Permission.VIEW
    empty_sentence = lazy_gettext("No series is set up yet. Without one, documents and vouchers number themselves.")
    create_label = lazy_gettext("New series")
    column_list = ("name", "kind", "next_number")
    column_labels: ClassVar[dict[str, Any]] = {
        "name": lazy_gettext("Name"),
        "kind": lazy_gettext("Numbers of"),
        "next_number": lazy_gettext("Next number"),
    }
    numeric_columns = ("next_number",)
    column_sortable_list = ("name",)
    column_default_sort = "name"
    column_formatters: ClassVar[dict[str, Any]] = {
        "kind": lambda view, context, row, name: KINDS.get(row.kind, row.kind)
    }

    @property
    def can_create(self) -> bool:  # type: ignore[override]
        return may(Permission.EDIT_ENTRY_TYPES)

    def scaffold_form(self) -> type[SeriesForm]:
        return SeriesForm

    def create_model(self, form: SeriesForm) -> Any:
        try:
            with command() as session:
                told = (form.name.data or "", form.kind.data, form.first_number.data)
                return add_series(session, actor(), here().company, *told)
        except Refusal as refusal:
            flash(str(refusal), "error")
            return None
