"""A web application on a small database: two companies, one person a role, and clients signed in as any of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from recon.database.models import User
from recon.database.session import make_engine, session_factory
from recon.web.factory import create_app
from tests.books import Books, add_account, add_company, add_group, make_books

CHEAP: dict[str, Any] = {"time_cost": 1, "memory_cost": 8, "parallelism": 1}
PASSWORD = "correct horse battery"
Client = Callable[[str], FlaskClient]


@dataclass
class Site:
    """The application, the company its people work in, and one nobody here was given."""

    app: Flask
    books: Books
    foreign_group_id: int
    foreign_account_id: int

    def session(self) -> Session:
        return session_factory(self.app.extensions["recon_engine"])()


@pytest.fixture
def site(sqlite_url: str, tmp_path: Path) -> Iterator[Site]:
    engine = make_engine(sqlite_url)
    with session_factory(engine)() as session:
        books = make_books(session)
        hashed = PasswordHasher(**CHEAP).hash(PASSWORD)
        for user in session.query(User):
            user.username, user.password = user.name, hashed
        other = add_company(session, "Annen AS")
        group = add_group(session, other, add_account(session, other, "ledger", "1920"), None)
        session.commit()
        foreign = group.id, group.members[0].account_id or 0
    engine.dispose()
    app = create_app(
        {
            "TESTING": True,
            "JOBS_IN_TURN": True,
            "DATABASE_URL": sqlite_url,
            "INSTANCE": tmp_path,
            "SECRET_KEY": "only for tests",
            "SECURITY_PASSWORD_HASH_PASSLIB_OPTIONS": {f"argon2__{name}": value for name, value in CHEAP.items()},
        }
    )
    yield Site(app, books, *foreign)
    app.extensions["recon_engine"].dispose()


def token(page: str) -> str:
    """The CSRF token of a page's first form."""
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert found, page[:500]
    return found.group(1)


def sign_in(client: FlaskClient, username: str, password: str = PASSWORD) -> FlaskClient:
    page = client.get("/login").text
    answer = client.post("/login", data={"username": username, "password": password, "csrf_token": token(page)})
    assert answer.status_code == 302, answer.text
    return client


@pytest.fixture
def signed_in(site: Site) -> Client:
    """`signed_in("preparer")`: a client in which that person is signed in."""
    return lambda username: sign_in(site.app.test_client(), username)


def post(client: FlaskClient, address: str, /, **form: str) -> object:
    """POST with the token of the client's overview page."""
    return client.post(address, data={"csrf_token": token(client.get("/").text), **form})
