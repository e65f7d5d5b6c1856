"""Entry types: how fees, interest and differences are booked."""

from __future__ import annotations

from typing import Any, ClassVar

from flask import flash, request
from flask_admin.form import BaseForm
from flask_babel import lazy_gettext
from sqlalchemy import select
from wtforms import SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Regexp

from recon.access import Permission
from recon.database.models import EntryType, NumberSeries
from recon.errors import Refusal
from recon.services.edit_entry_types import add_entry_type, change_entry_type
from recon.services.setup_plan import EntryTypePlan
from recon.web.admin.secure_view import SecureModelView
from recon.web.person import actor, here, may
from recon.web.storage import command, database
from recon.web.wording import _

LABELS: dict[str, Any] = {
    "key": lazy_gettext("Key"),
    "name": lazy_gettext("Name"),
    "debit_account": lazy_gettext("Debit account"),
    "credit_account": lazy_gettext("Credit account"),
    "dimensions": lazy_gettext("Dimensions"),
    "vat_code": lazy_gettext("VAT code"),
    "series": lazy_gettext("Series"),
}
LONG = Length(max=40)


class EntryTypeForm(BaseForm):
    """Key and name, accounts, dimensions as `department=20, project=7`, VAT code and series."""

    key = StringField(
        LABELS["key"],
        [InputRequired(), LONG, Regexp(r"^[A-Za-z0-9][A-Za-z0-9._-]*$")],
        description=lazy_gettext("What rules name it by; letters, digits, hyphens, underscores and dots."),
    )
    name = StringField(LABELS["name"], [InputRequired(), Length(max=200)])
    debit_account = StringField(
        LABELS["debit_account"], [LONG], description=lazy_gettext("For money out of the bank account, such as fees.")
    )
    credit_account = StringField(
        LABELS["credit_account"], [LONG], description=lazy_gettext("For money into it, such as interest.")
    )
    dimensions = StringField(LABELS["dimensions"], description=lazy_gettext("Such as department=20, project=7."))
    vat_code = StringField(LABELS["vat_code"], [LONG])
    series = SelectField(
        LABELS["series"], description=lazy_gettext("Where its vouchers take their numbers from; ADJ if none is chosen.")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        query = select(NumberSeries.name).where(
            NumberSeries.company_id == here().company_id, NumberSeries.kind == "voucher"
        )
        names = database().scalars(query.order_by(NumberSeries.name))
        self.series.choices = [SelectChoice("", "ADJ"), *(SelectChoice(name, name) for name in names if name != "ADJ")]


class EntryTypes(SecureModelView):
    """Everyone sees them; authors make and change them. None is deleted: vouchers were booked with them."""

    permission = Permission.VIEW
    empty_sentence = lazy_gettext("No entry type is set up yet. Fees and differences cannot be booked without one.")
    create_label = lazy_gettext("New entry type")
    edit_label = lazy_gettext("Entry type")
    column_list = ("key", "name", "debit_account", "credit_account", "dimensions", "vat_code", "series")
    column_labels: ClassVar[dict[str, Any]] = LABELS
    column_sortable_list = ("key", "name")
    column_default_sort = "key"
    column_formatters: ClassVar[dict[str, Any]] = {
        "dimensions": lambda view, context, row, name: spelled(row.dimensions),
        "series": lambda view, context, row, name: row.series.name if row.series else "ADJ",
    }

    @property
    def can_create(self) -> bool:  # type: ignore[override]
        return may(Permission.EDIT_ENTRY_TYPES)

    @property
    def can_edit(self) -> bool:  # type: ignore[override]
        return may(Permission.EDIT_ENTRY_TYPES)

    def scaffold_form(self) -> type[EntryTypeForm]:
        return EntryTypeForm

    def edit_form(self, obj: EntryType | None = None) -> Any:
        form = super().edit_form(obj)
        form.key.render_kw = {"readonly": True}
        if obj is not None and request.method == "GET":
            form.dimensions.data = spelled(obj.dimensions)
            form.series.data = obj.series.name if obj.series else ""
        return form

    def create_model(self, form: EntryTypeForm) -> Any:
        return self._saved(form, None)

    def update_model(self, form: EntryTypeForm, model: EntryType) -> bool:
        return self._saved(form, model) is not None

    def _saved(self, form: EntryTypeForm, known: EntryType | None) -> EntryType | None:
        try:
            with command() as session:
                plan = plan_of(form, known)
                if known is None:
                    return add_entry_type(session, actor(), here().company, plan)
                return change_entry_type(session, actor(), here().company, plan)
        except Refusal as refusal:
            flash(str(refusal), "error")
            return None


def plan_of(form: EntryTypeForm, known: EntryType | None) -> EntryTypePlan:
    def said(name: str) -> str | None:
        return (form[name].data or "").strip() or None

    return EntryTypePlan(
        key=known.key if known else said("key") or "",
        name=said("name") or "",
        debit_account=said("debit_account"),
        credit_account=said("credit_account"),
        vat_code=said("vat_code"),
        dimensions=dimensions_of(form.dimensions.data or ""),
        series=said("series"),
    )


def spelled(dimensions: dict[str, Any] | None) -> str:
    return ", ".join(f"{name}={value}" for name, value in sorted((dimensions or {}).items()))


def dimensions_of(text: str) -> dict[str, str] | None:
    """`department=20, project=7` as names and values. Raises Refusal where a part is no such pair."""
    pairs = {}
    for part in filter(None, (each.strip() for each in text.split(","))):
        name, equals, value = (each.strip() for each in part.partition("="))
        if not (name and equals and value):
            raise Refusal(_("Write dimensions as name=value, with commas between them; “%(part)s” is none.", part=part))
        pairs[name] = value
    return pairs or None
