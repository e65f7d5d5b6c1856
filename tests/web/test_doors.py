"""Doors: every address asks who one is, every command asks for its token, and nothing of another company is found."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from recon.access import PERMISSIONS
from tests.web.conftest import Client, Site, token

OPEN = {"static", "security.login"}
FILLED = {"group_id": 1, "side": "left", "state": "matched", "key": "k", "way": "up", "token": "x" * 32}


def addresses(app: Flask, method: str) -> Iterator[tuple[str, str]]:
    """(endpoint, address) of every rule that takes the method, its parts filled with something plausible."""
    adapter = app.url_map.bind("localhost")
    for rule in app.url_map.iter_rules():
        if method in (rule.methods or ()):
            yield rule.endpoint, adapter.build(rule.endpoint, _parts(rule), method=method, append_unknown=False)


def _parts(rule: Rule) -> dict[str, object]:
    return {name: FILLED.get(name, 1) for name in rule.arguments} | (
        {"filename": "a"} if "filename" in rule.arguments else {}
    )


def test_every_page_asks_for_the_login(site: Site) -> None:
    client = site.app.test_client()
    asked = [(name, where) for name, where in addresses(site.app, "GET") if name not in OPEN and ".static" not in name]
    assert len(asked) > 40
    for _name, where in asked:
        answer = client.get(where)
        if where.startswith("/api/"):
            assert (answer.status_code, answer.json) == (401, {"error": "Please sign in."}), where
            continue
        assert answer.status_code == 302, where
        assert answer.location.startswith("/login?next="), where


def test_every_command_asks_for_its_token(site: Site, signed_in: Client) -> None:
    commands = list(addresses(site.app, "POST"))
    assert len(commands) > 25
    stranger, someone = site.app.test_client(), signed_in("admin")
    for _name, where in commands:
        assert stranger.post(where).status_code == 400, where
        assert someone.post(where).status_code == 400, where


def test_a_command_with_a_token_still_asks_for_the_login(site: Site) -> None:
    client = site.app.test_client()
    form = {"csrf_token": token(client.get("/login").text)}
    for name, where in addresses(site.app, "POST"):
        if name not in OPEN:
            assert "/login" in (client.post(where, data=form).location or ""), where


@pytest.mark.parametrize("role", sorted(PERMISSIONS))
def test_no_page_breaks_for_any_role(site: Site, signed_in: Client, role: str) -> None:
    client = signed_in(role)
    for _name, where in addresses(site.app, "GET"):
        assert client.get(where).status_code < 500, where


@pytest.mark.parametrize(
    "where",
    [
        "/group/{group}/",
        "/group/{group}/lines/left",
        "/group/{group}/matches/matched",
        "/group/{group}/figures",
        "/closing/{group}/",
        "/closing/{group}/balances",
        "/closing/{group}/draft.pdf",
        "/setup/group/{group}",
        "/overview/group/{group}",
    ],
)
@pytest.mark.parametrize("role", sorted(PERMISSIONS))
def test_another_companys_group_is_not_found(site: Site, signed_in: Client, role: str, where: str) -> None:
    answer = signed_in(role).get(where.format(group=site.foreign_group_id))
    assert answer.status_code in (403, 404)
    assert "Annen" not in answer.text


@pytest.mark.parametrize(
    "command", ["reconcile", "match", "accept/1", "reject/1", "accept-all", "unmatch/1", "choice/1/0"]
)
def test_another_companys_group_takes_no_command(site: Site, signed_in: Client, command: str) -> None:
    client = signed_in("preparer")
    form = {"csrf_token": token(client.get("/").text), "left": "1", "right": "2"}
    where = f"/group/{site.foreign_group_id}/{command}"
    answer = client.post(where, data=form, headers={"HX-Request": "true"})
    assert answer.status_code == 404, where


def test_lists_show_no_row_of_another_company(site: Site, signed_in: Client) -> None:
    client = signed_in("admin")
    for where in ("/accounts/", "/lines/", "/files/", "/archive/", "/events/"):
        assert "Annen" not in client.get(where).text
    page = client.get(f"/lines/details/?id={site.foreign_account_id}")
    assert page.status_code in (302, 404)


@pytest.mark.parametrize("odd", ["1,2", "-1", "x", "", "9" * 40, "١"])
def test_odd_keys_and_pages_break_no_list(site: Site, signed_in: Client, odd: str) -> None:
    client = signed_in("admin")
    for where in ("/lines/details/", "/events/details/"):
        assert client.get(where, query_string={"id": odd}).status_code < 500
    assert client.get("/lines/", query_string={"page": odd, "sort": odd, "search": odd}).status_code < 500


def test_lists_cannot_be_written_to(site: Site, signed_in: Client) -> None:
    client = signed_in("admin")
    form = {"csrf_token": token(client.get("/").text), "id": "1", "list_form_pk": "1", "name": "x"}
    for view in ("accounts", "lines", "files", "archive", "events"):
        for where in ("new", "edit", "delete", "ajax/update", "action"):
            answer = client.post(f"/{view}/{where}/?id=1", data=form)
            assert answer.status_code in (302, 404, 405, 400, 403), (view, where)
    with site.session() as session:
        from recon.database.models import Account

        assert session.get_one(Account, 1).name == ""


def test_roles_decide_what_the_menu_offers(signed_in: Client) -> None:
    menus = {role: signed_in(role).get("/").text for role in PERMISSIONS}
    assert {role for role, page in menus.items() if "/import/" in page} == {"preparer"}
    assert {role for role, page in menus.items() if "/users/" in page} == {"admin"}
    assert {role for role, page in menus.items() if "/events/" in page} == {"admin", "auditor"}


def test_a_role_without_the_right_is_refused(site: Site, signed_in: Client) -> None:
    auditor: FlaskClient = signed_in("auditor")
    assert auditor.get("/users/").status_code == 403
    assert auditor.get("/import/").status_code == 403
    form = {"csrf_token": token(auditor.get("/").text)}
    refused = auditor.post("/group/1/accept/1", data=form, headers={"HX-Request": "true"})
    assert refused.status_code == 403
    assert "may not match" in refused.text
