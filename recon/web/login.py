"""Sign-in by Flask-Security-Too, and the gate: nothing but the login page and static files opens without it."""

from __future__ import annotations

import json
from typing import Any

from flask import Flask, current_app, redirect, request, url_for
from flask_login import current_user
from flask_security import LoginForm, RoleMixin, Security, SQLAlchemySessionUserDatastore, UserMixin
from flask_wtf import CSRFProtect
from werkzeug.wrappers import Response
from wtforms import StringField
from wtforms.validators import DataRequired

from recon.database.models import Role, User
from recon.web.storage import RequestSession
from recon.web.throttle import Throttle
from recon.web.wording import _

TOO_MANY = "too many tries"
OPEN_ENDPOINTS = frozenset({"static", "security.login"})


class SignedIn(User, UserMixin):  # type: ignore[misc]
    """A row of `user` as Flask-Security knows one."""


class SignedInRole(Role, RoleMixin):
    """A row of `role` as Flask-Security knows one."""


class UserNameLogin(LoginForm):
    """Sign-in by user name, or by the e-mail address; either in any case of letters."""

    email = StringField("email")
    username = StringField("username", validators=[DataRequired()])

    def validate(self, **kwargs: Any) -> bool:
        said = (self.username.data or "").strip()
        who = (said.lower(), request.remote_addr or "")
        waits = throttle()
        if waits.must_wait(who):
            self.form_errors.append(TOO_MANY)
            return False
        passed = self._checked(said, **kwargs)
        waits.forget(who) if passed else waits.note(who)
        return passed

    def _checked(self, said: str, **kwargs: Any) -> bool:
        self.ifield = self.username
        attribute = "email" if "@" in said else "username"
        self.user = current_app.extensions["recon_users"].find_user(case_insensitive=True, **{attribute: said})
        return bool(super().validate(**kwargs))


def throttle() -> Throttle:
    held: Throttle = current_app.extensions["recon_throttle"]
    return held


def gate() -> Response | None:
    """Deny by default, before any view is looked at."""
    if request.endpoint in OPEN_ENDPOINTS or current_user.is_authenticated:
        return None
    if request.path.startswith("/api/"):
        return Response(json.dumps({"error": _("Please sign in.")}), 401, content_type="application/json")
    if "HX-Request" in request.headers:
        return Response(_("Please sign in again."), 401, {"HX-Redirect": url_for("security.login")})
    wanted = request.full_path.rstrip("?") if request.method == "GET" else "/"
    return redirect(url_for("security.login", next=wanted))


def register(app: Flask, session: RequestSession) -> None:
    CSRFProtect(app)
    users = SQLAlchemySessionUserDatastore(session, SignedIn, SignedInRole)
    app.extensions["recon_users"] = users
    app.extensions["recon_throttle"] = Throttle()
    Security(app, users, login_form=UserNameLogin)
    app.before_request(gate)

    @app.context_processor
    def demo() -> dict[str, object]:
        shown = current_app.config["DEMO"] and request.endpoint == "security.login"
        return {"demo_users": current_app.config.get("DEMO_USERS", ()) if shown else ()}
