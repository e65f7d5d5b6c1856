"""The language of a request: the one its reader chose, else the best that their browser asks for."""

from __future__ import annotations

from contextlib import ExitStack
from functools import cached_property

import flask_admin.babel
from babel.support import Translations
from flask import Flask, g, has_request_context, request
from flask_admin import translations as words_of_flask_admin
from flask_babel import Babel, Domain, get_locale
from flask_login import current_user

from recon.languages import catalogue, language_named, speaking_in

AS_MARKED = Translations()


class Catalogues(Domain):
    """The product's messages, from the same catalogues as the sentences of `rules.wording`."""

    def get_translations(self) -> Translations:
        found = catalogue(page_language())
        return found if isinstance(found, Translations) else AS_MARKED


class Speaking(Babel):
    @cached_property
    def domain_instance(self) -> Catalogues:
        return Catalogues()


def register(app: Flask) -> None:
    Speaking(app, locale_selector=language_of_request)
    flask_admin.babel.domain.cache["nb", "admin"] = Translations.load(
        words_of_flask_admin.__path__[0], ["no"], "admin"
    )  # what Flask-Admin has of bokmål it keeps under the name of the macrolanguage

    @app.before_request
    def speak() -> None:
        g.speaking = ExitStack()
        g.speaking.enter_context(speaking_in(page_language()))

    @app.teardown_request
    def fall_silent(_fault: BaseException | None) -> None:
        if "speaking" in g:
            g.pop("speaking").close()


def page_language() -> str:
    """The one of LANGUAGES that this request is answered in."""
    return str(get_locale() or "en")


def language_of_request() -> str:
    """Machines are always answered in English, which their programs can be written for."""
    if not has_request_context() or request.path.startswith("/api/"):
        return "en"
    return chosen_language() or language_of_browser()


def chosen_language() -> str | None:
    return language_named(current_user.locale or "") if current_user.is_authenticated else None


def language_of_browser() -> str:
    """The first that we have, by the reader's own order."""
    asked = (language_named(locale) for locale, quality in request.accept_languages if quality > 0)
    return next(filter(None, asked), "en")
