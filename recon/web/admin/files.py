"""The files that were imported, and what each brought."""

from __future__ import annotations

from typing import Any, ClassVar

from flask_babel import lazy_gettext

from recon.access import Permission
from recon.web.admin.secure_view import SecureModelView
from recon.web.formats import count
from recon.web.wording import _


class Files(SecureModelView):
    """Read only: a file is undone on its own page, whole or not at all."""

    permission = Permission.VIEW
    empty_sentence = lazy_gettext("No file has been imported yet.")
    column_list = ("id", "file_name", "reader", "covers_from", "covers_to", "rows", "new_rows", "state")
    column_labels: ClassVar[dict[str, Any]] = {
        "id": lazy_gettext("No."),
        "file_name": lazy_gettext("File"),
        "reader": lazy_gettext("Format"),
        "covers_from": lazy_gettext("From"),
        "covers_to": lazy_gettext("To"),
        "rows": lazy_gettext("Lines"),
        "new_rows": lazy_gettext("New"),
        "state": lazy_gettext("State"),
    }
    numeric_columns = ("id", "rows", "new_rows")
    column_sortable_list = ("id", "file_name")
    column_default_sort = ("id", True)
    column_formatters: ClassVar[dict[str, Any]] = {
        "rows": lambda view, context, row, name: count(row.rows),
        "new_rows": lambda view, context, row, name: count(row.new_rows),
        "state": lambda view, context, row, name: _("undone") if row.undone_event_id else _("stands"),
    }
