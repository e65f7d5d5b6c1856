"""The rule editor's forms as a browser sends them."""

from __future__ import annotations

from flask.testing import FlaskClient
from lxml import html
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from tests.web.conftest import token

Form = MultiDict[str, str]


def form_of(page: str, form_id: str = "rule-form") -> Form:
    """What the form would send as it stands, selects, ticks and builders included."""
    form = next(each for each in html.document_fromstring(page).iter("form") if each.get("id") == form_id)
    assert isinstance(form, html.FormElement)
    return MultiDict([(str(name), str(value or "")) for name, value in form.form_values()])


def send(client: FlaskClient, where: str, form: Form | dict[str, str]) -> TestResponse:
    fields = MultiDict(form)
    fields["csrf_token"] = token(client.get("/").text)
    return client.post(where, data=fields)


def findings(page: str) -> list[tuple[str, str]]:
    """Place and sentence of each finding that a reading shows."""
    listed = [each for each in html.fromstring(f"<div>{page}</div>").iter("li") if each.get("data-at") is not None]
    return [(str(each.get("data-at")), (each.text or "").strip()) for each in listed]
