"""People and their roles, and one's own password."""

from __future__ import annotations

from flask.testing import FlaskClient
from sqlalchemy import select

from recon.database.models import CompanyRole, User
from tests.web.conftest import PASSWORD, Client, Site, sign_in, token


def send(client: FlaskClient, where: str, **form: object) -> str:
    answer = client.post(where, data={"csrf_token": token(client.get("/").text), **form}, follow_redirects=True)
    return answer.text


def roles(site: Site, username: str) -> set[str]:
    with site.session() as session:
        held = select(CompanyRole.role).join(User).where(User.username == username)
        return set(session.scalars(held))


def test_a_new_person_can_sign_in_with_their_roles(site: Site, signed_in: Client) -> None:
    admin = signed_in("admin")
    new = {"username": "kari", "name": "Kari", "password": "a long enough one", "role": ["preparer", "auditor"]}
    assert "Kari can sign in now" in send(admin, "/users/new", **new)
    assert roles(site, "kari") == {"preparer", "auditor"}
    sign_in(site.app.test_client(), "kari", "a long enough one")


def test_short_passwords_and_no_roles_are_refused(site: Site, signed_in: Client) -> None:
    admin = signed_in("admin")
    assert "12 characters" in send(admin, "/users/new", username="x", password="short", role="auditor")
    assert "at least one role" in send(admin, "/users/new", username="x", password="a long enough one")
    with site.session() as session:
        assert session.scalar(select(User.id).where(User.username == "x")) is None


def test_roles_are_given_and_taken(site: Site, signed_in: Client) -> None:
    admin = signed_in("admin")
    auditor = str(site.books.actors["auditor"].user_id)
    send(admin, f"/users/{auditor}/roles", role=["auditor", "preparer"])
    assert roles(site, "auditor") == {"auditor", "preparer"}
    send(admin, f"/users/{auditor}/roles")
    assert roles(site, "auditor") == set()
    assert "no such person" in send(admin, f"/users/{auditor}/roles", role="admin")
    assert "auditor@" not in admin.get("/users/").text
    send(admin, "/users/invite", username="auditor", role="auditor")
    assert roles(site, "auditor") == {"auditor"}


def test_only_an_admin_manages_people(site: Site, signed_in: Client) -> None:
    client = signed_in("preparer")
    answer = client.post("/users/new", data={"csrf_token": token(client.get("/").text), "username": "x"})
    assert answer.status_code == 403


def test_a_changed_password_ends_other_sessions_but_not_this_one(site: Site, signed_in: Client) -> None:
    here, elsewhere = signed_in("auditor"), signed_in("auditor")
    new = "quite another phrase"
    assert "not right" in send(here, "/me/password", old="wrong", new=new, again=new)
    assert "differ" in send(here, "/me/password", old=PASSWORD, new=new, again="other")
    assert "is changed" in send(here, "/me/password", old=PASSWORD, new=new, again=new)
    assert here.get("/").status_code == 200
    assert elsewhere.get("/").status_code == 302
    sign_in(site.app.test_client(), "auditor", new)
