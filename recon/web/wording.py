"""The words of pages, in the reader's language: gettext with types."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext
from flask_babel import ngettext as babel_ngettext


def _(message: str, **facts: Any) -> str:
    """The message in the reader's language, its `%(name)s` filled in."""
    return str(gettext(message, **facts))


def ngettext(singular: str, plural: str, number: int, **facts: Any) -> str:
    """The right one of two messages; `%(num)s` is the number."""
    return str(babel_ngettext(singular, plural, number, **facts))
