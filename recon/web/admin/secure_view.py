"""`SecureModelView`: a Flask-Admin list, closed until a permission opens it, that shows only its reader's companies.

What Flask-Admin leaves open and is closed here: views are open to all by default; `get_one` ignores the scope of
`get_query`, so foreign rows could be read by id; strange ids and pages end in a fault 500; database errors are shown
with their SQL; search never uses an index; exported cells may be formulas.
"""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar

from flask import abort, flash
from flask_admin.contrib.sqla import ModelView
from flask_babel import lazy_gettext
from sqlalchemy import func
from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from sqlalchemy.orm import Query
from werkzeug.wrappers import Response

from recon.access import Permission
from recon.errors import Refusal
from recon.web.formats import day, moment
from recon.web.person import here, may
from recon.web.wording import _

LAST_PAGE = 5_000


class SecureModelView(ModelView):
    """A list of rows of one model, read only unless a subclass saves through a service.

    `permission` names what the reader must hold in the active company; `company_column` limits rows to it.
    """

    permission: ClassVar[Permission | None] = None
    note: ClassVar[str] = ""
    empty_sentence: ClassVar[str] = ""
    numeric_columns: ClassVar[tuple[str, ...]] = ()

    can_create = False
    can_edit = False
    can_delete = False
    can_view_details = False
    can_export = False
    can_set_page_size = False
    page_size = 50
    simple_list_pager = True
    create_modal = False
    edit_modal = False
    details_modal = False
    column_display_pk = False
    column_type_formatters: ClassVar[dict[type, Any]] = {
        dt.datetime: lambda view, value, name: moment(value),  # before date, which a datetime is too
        dt.date: lambda view, value, name: day(value),
        bool: lambda view, value, name: _("yes") if value else "",
        type(None): lambda view, value, name: "",
    }
    column_type_formatters_detail = column_type_formatters
    form_columns: ClassVar[tuple[str, ...]] = ()
    column_editable_list: ClassVar[tuple[str, ...]] = ()
    create_label = lazy_gettext("New")
    edit_label = lazy_gettext("Edit")

    # who may see the view, and which rows of it

    def is_accessible(self) -> bool:
        return self.permission is not None and may(self.permission)

    def inaccessible_callback(self, name: str, **kwargs: Any) -> Response:
        abort(403)

    def scoped(self, query: Query[Any]) -> Query[Any]:
        """The rows of the active company; a model without `company_id` says here how it belongs to one."""
        return query.filter(self.model.company_id == here().company_id)

    def get_query(self) -> Query[Any]:
        return self.scoped(self.session.query(self.model))

    def get_count_query(self) -> Query[Any]:
        return self.scoped(self.session.query(func.count("*")).select_from(self.model))

    def get_one(self, id: str) -> Any:
        """The row of that key inside the scope, else None: a foreign row does not exist for this reader."""
        if not str(id).isascii() or not str(id).isdigit() or len(str(id)) > 18:
            return None
        return self.get_query().filter(self.model.id == int(id)).one_or_none()

    # lists that survive any address

    def _get_list_extra_args(self) -> Any:
        args = super()._get_list_extra_args()
        args.page = min(max(args.page or 0, 0), LAST_PAGE)
        return args

    def column_class(self, name: str) -> str:
        if name.endswith(("_on", "_at")):
            return "date"
        return "num" if name in self.numeric_columns else ""

    def details_label(self, row: Any) -> str:
        return _("Details")

    # saving: only through services, and told in sentences

    def create_form(self, obj: Any = None) -> Any:
        if not self.can_create:
            abort(404)
        return super().create_form(obj)

    def handle_view_exception(self, exc: Exception) -> bool:
        """A refusal is shown as its sentence; what the database says is never shown."""
        match exc:
            case Refusal():
                flash(str(exc), "error")
            case IntegrityError():
                flash(_("Something of that name exists already, or is in use. Nothing was saved."), "error")
            case SQLAlchemyError():
                flash(_("The database did not accept this. Nothing was saved."), "error")
            case _:
                return False
        return True

    def _export_data(self) -> tuple[int, list[Any]]:
        number, rows = super()._export_data()
        return int(number), list(rows)

    def get_export_value(self, model: Any, name: str) -> Any:
        value = super().get_export_value(model, name)
        return unformula(value) if isinstance(value, str) else value


def unformula(cell: str) -> str:
    """A cell that a spreadsheet would run as a formula is quoted."""
    return f"'{cell}" if cell[:1] in ("=", "+", "@", "\t", "\r") or (cell[:1] == "-" and not _is_number(cell)) else cell


def _is_number(cell: str) -> bool:
    return cell[1:].replace(".", "", 1).replace(",", "", 1).replace(" ", "").isdigit()
