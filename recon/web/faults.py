"""What a person sees when a page cannot be shown: one sentence, never a traceback."""

from __future__ import annotations

import secrets

from flask import Flask, current_app, render_template, request
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from recon.errors import Conflict, NotAllowed, NotFound, Refusal
from recon.web.wording import _

Answer = tuple[str, int] | tuple[str, int, dict[str, str]]


def _headings() -> dict[int, tuple[str, str]]:
    return {
        400: (_("This request was not understood"), _("Something in the address or the form is not valid.")),
        403: (_("You may not do this"), _("Your role does not include it. An administrator can give you the role.")),
        404: (_("Not found"), _("There is no such page, or what it showed is not yours to see.")),
        405: (_("Not found"), _("This address cannot be opened directly.")),
        413: (_("Too large"), _("The file or form is larger than this installation accepts.")),
        500: (_("Something went wrong"), _("Nothing was changed. The fault has been written to the log.")),
    }


def status_of(refusal: Refusal) -> int:
    match refusal:
        case NotAllowed():
            return 403
        case NotFound():
            return 404
        case Conflict():
            return 409
        case _:
            return 422


def page(status: int, sentence: str = "", number: str = "") -> Answer:
    heading, usual = _headings().get(status, _headings()[400])
    said = sentence or usual
    if "HX-Request" in request.headers:
        return said, status, {"Content-Type": "text/plain; charset=utf-8"}
    return render_template("fault.html", heading=heading, sentence=said, number=number), status


def on_refusal(refusal: Refusal) -> Answer:
    return page(status_of(refusal), str(refusal))


def on_csrf(fault: CSRFError) -> Answer:
    return page(400, _("The form was open too long, or did not come from this page. Go back, reload and try again."))


def on_http(fault: HTTPException) -> Answer | Response:
    if fault.code is not None and fault.code < 400:
        return fault.get_response()
    return page(fault.code or 500)


def on_bug(fault: Exception) -> Answer:
    number = secrets.token_hex(4)
    current_app.logger.exception("fault %s at %s", number, request.path, exc_info=fault)
    return page(500, number=number)


def register(app: Flask) -> None:
    app.register_error_handler(Refusal, on_refusal)
    app.register_error_handler(CSRFError, on_csrf)
    app.register_error_handler(HTTPException, on_http)
    app.register_error_handler(Exception, on_bug)
