"""Signing in, and the locks that every answer carries."""

from __future__ import annotations

import re

import pytest

from tests.web.conftest import PASSWORD, Client, Site, sign_in, token


def test_anonymous_is_sent_to_the_login_page_and_back(site: Site) -> None:
    client = site.app.test_client()
    answer = client.get("/group/1/?a=b")
    assert answer.status_code == 302
    assert answer.location == "/login?next=/group/1/?a%3Db" or "/login?next=" in answer.location
    page = client.get(answer.location).text
    form = {"username": "preparer", "password": PASSWORD, "csrf_token": token(page)}
    assert client.post(answer.location, data=form).location.endswith("/group/1/?a=b")


@pytest.mark.parametrize("username", ["preparer", "PREPARER", "preparer@company1.test"])
def test_user_name_and_address_sign_in_in_any_case(site: Site, username: str) -> None:
    sign_in(site.app.test_client(), username)


@pytest.mark.parametrize(("username", "password"), [("preparer", "wrong"), ("nobody", PASSWORD), ("", "")])
def test_wrong_name_and_wrong_password_read_alike(site: Site, username: str, password: str) -> None:
    client = site.app.test_client()
    form = {"username": username, "password": password, "csrf_token": token(client.get("/login").text)}
    answer = client.post("/login", data=form)
    assert answer.status_code == 200
    assert "User name or password is wrong." in answer.text


def test_an_inactive_user_stays_out(site: Site) -> None:
    from recon.database.models import User

    with site.session() as session:
        session.query(User).filter(User.username == "auditor").one().active = False
        session.commit()
    client = site.app.test_client()
    form = {"username": "auditor", "password": PASSWORD, "csrf_token": token(client.get("/login").text)}
    client.post("/login", data=form)
    assert client.get("/").status_code == 302


def test_a_redirect_never_leaves_the_site(site: Site) -> None:
    client = site.app.test_client()
    form = {"username": "preparer", "password": PASSWORD, "csrf_token": token(client.get("/login").text)}
    answer = client.post("/login?next=https://elsewhere.test/", data=form)
    assert "elsewhere" not in (answer.location or "")


def test_logout_is_a_command(signed_in: Client) -> None:
    client = signed_in("preparer")
    assert client.get("/logout").status_code == 405
    client.post("/logout", data={"csrf_token": token(client.get("/").text)})
    assert client.get("/").status_code == 302


def test_every_answer_is_locked_with_its_own_nonce(site: Site, signed_in: Client) -> None:
    client = signed_in("preparer")
    seen = set()
    for _again in range(2):
        answer = client.get("/")
        policy = answer.headers["Content-Security-Policy"]
        nonce = re.search(r"'nonce-([^']+)'", policy)
        assert nonce
        assert set(re.findall(r'<script[^>]*nonce="([^"]+)"', answer.text)) == {nonce.group(1)}
        assert len(re.findall(r"<script", answer.text)) == len(re.findall(r"<script[^>]*nonce=", answer.text))
        assert "unsafe" not in policy
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        seen.add(nonce.group(1))
    assert len(seen) == 2
    assert "HttpOnly" in str(site.app.test_client().get("/login").headers.getlist("Set-Cookie"))


def test_pages_hold_no_inline_script_or_style(signed_in: Client) -> None:
    page = signed_in("preparer").get("/").text
    assert not re.search(r"\son[a-z]+=", page)
    assert not re.search(r"\sstyle=", page)
    assert "javascript:" not in page


def test_demo_users_stand_on_the_login_page_in_demo_mode_only(site: Site) -> None:
    people = [{"name": "anna", "password": "demo-anna", "does": "prepares"}]
    site.app.config["DEMO_USERS"] = people
    assert "demo-anna" not in site.app.test_client().get("/login").text
    site.app.config["DEMO"] = True
    assert "demo-anna" in site.app.test_client().get("/login").text
