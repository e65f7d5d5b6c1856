"""`create_app(config)`: build the application, register its parts, return it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Flask
from flask_admin import Admin
from flask_admin.theme import Bootstrap4Theme
from flask_babel import gettext, lazy_gettext, ngettext
from werkzeug.middleware.proxy_fix import ProxyFix

from recon import places
from recon.web import faults, formats, headers, languages, login, menu, person, storage, work
from recon.web.api import reading
from recon.web.pages import place
from recon.web.settings import settings


def create_app(config: Mapping[str, Any] | None = None) -> Flask:
    """The web application. `config` wins over the environment and the defaults of `recon.web.settings`."""
    app = Flask(
        "recon.web",
        template_folder=str(places.shipped("templates")),
        static_folder=str(places.PACKAGE / "web" / "static"),
        static_url_path="/static",
    )
    app.config.from_mapping(settings(config))
    if hops := int(app.config["BEHIND_PROXY"]):
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    languages.register(app)
    app.jinja_env.globals.update(_=gettext, ngettext=ngettext)
    app.jinja_env.trim_blocks = False
    session = storage.register(app)
    login.register(app, session)
    for part in (headers, formats, faults, person, place, work, reading):
        part.register(app)
    menu.fill(_admin(app), session)
    return app


def _admin(app: Flask) -> Admin:
    from recon.web.pages.dashboard import Dashboard

    return Admin(
        app,
        name=str(lazy_gettext("Reconciliation")),
        url="/",
        theme=Bootstrap4Theme(),
        index_view=Dashboard(
            name=lazy_gettext("Overview"), endpoint="dashboard", url="/", menu_icon_value="home", menu_icon_type="own"
        ),
        csp_nonce_generator=headers.nonce,
    )
