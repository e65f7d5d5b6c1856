"""`Page`: what the product's own pages share. Closed until a permission opens it, like every list."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, ClassVar

from flask import abort, flash, redirect, request, url_for
from flask_admin import BaseView, expose
from werkzeug.wrappers import Response

from recon.access import Permission
from recon.errors import Refusal
from recon.web.person import may, place

View = Callable[..., Any]


class Page(BaseView):
    """A page or several under one address. `permission` opens the pages; each command asks its service for its own."""

    permission: ClassVar[Permission] = Permission.VIEW
    in_menu: ClassVar[bool] = True

    def is_accessible(self) -> bool:
        return may(self.permission)

    def is_visible(self) -> bool:
        return self.in_menu and place() is not None

    def inaccessible_callback(self, name: str, **kwargs: Any) -> Response:
        abort(403)


def shown(rule: str) -> Callable[[View], View]:
    """A page: GET only."""

    def mark(view: View) -> View:
        wrapped: View = expose(rule)(view)
        return wrapped

    return mark


def posted(rule: str) -> Callable[[View], View]:
    """A command of a page: POST only; a refusal is flashed as its sentence, and one is back where one was."""

    def mark(view: View) -> View:
        @wraps(view)
        def run(*args: Any, **kwargs: Any) -> Any:
            try:
                return view(*args, **kwargs)
            except Refusal as refusal:
                if "HX-Request" in request.headers:
                    raise
                flash(str(refusal), "error")
                return redirect(back())

        wrapped: View = expose(rule, methods=("POST",))(run)
        return wrapped

    return mark


def back(otherwise: str = "") -> str:
    """The page the form was on, if it was one of ours; else the given one, else the overview."""
    referrer = request.referrer or ""
    ours = referrer.startswith(request.host_url)
    return referrer if ours else otherwise or url_for("dashboard.index")
