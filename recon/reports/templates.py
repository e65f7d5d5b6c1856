"""The templates that reports are drawn from."""

from __future__ import annotations

import gettext
from collections.abc import Callable

import jinja2

from recon import places


def environment(translations: gettext.NullTranslations) -> jinja2.Environment:
    """Where templates of reports are found, in the language of one document; a name that is not given is an error."""
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(places.shipped("templates") / "reports"),
        autoescape=True,
        extensions=["jinja2.ext.i18n"],
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    install: Callable[..., None] = made.install_gettext_translations  # type: ignore[attr-defined]
    install(translations, newstyle=True)
    return made
