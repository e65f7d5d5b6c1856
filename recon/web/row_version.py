"""Two people at one form: whoever saves second is told, instead of silently undoing the first."""

from __future__ import annotations

import hashlib

from flask import request
from sqlalchemy import inspect

from recon.database.models import Base
from recon.errors import Conflict
from recon.web.wording import _

FIELD = "row_version"


def row_version(row: Base) -> str:
    """A digest of the row as it stands, for a hidden field of its form."""
    mapper = inspect(type(row))
    values = [(column.key, repr(getattr(row, column.key))) for column in mapper.column_attrs]
    return hashlib.sha256(repr(values).encode()).hexdigest()[:32]


def check_row_version(row: Base) -> None:
    """Raises Conflict if the row is not what the form being saved was made from."""
    if request.form.get(FIELD) != row_version(row):
        raise Conflict(_("Somebody changed this while your form was open. Nothing was saved; look at it again."))
