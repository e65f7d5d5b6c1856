"""The database session of a request: a reader for pages, a writer for commands, gone when the request ends."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask, current_app, request
from flask.globals import app_ctx, request_ctx
from sqlalchemy import Engine
from sqlalchemy.orm import Session, scoped_session

from recon.database.session import make_engine, read_only, session_factory

READING = ("GET", "HEAD", "OPTIONS")


class RequestSession(scoped_session[Session]):
    """One session a request. Flask-Admin asks its database object for `session`; Flask-Security for the same."""

    @property
    def session(self) -> RequestSession:
        return self


def bind(engine: Engine) -> RequestSession:
    make = session_factory(engine)

    def for_request() -> Session:
        session = make()
        return read_only(session) if request_ctx and request.method in READING else session

    return RequestSession(for_request, scopefunc=lambda: id(app_ctx._get_current_object()))  # type: ignore[arg-type,attr-defined]


def database() -> Session:
    """The session of this request."""
    held: RequestSession = current_app.extensions["recon_session"]
    return held()


@contextmanager
def command() -> Iterator[Session]:
    """One command: committed as a whole when it returns, nothing of it stored when it raises."""
    session = database()
    try:
        yield session
        session.commit()
    except BaseException:
        session.rollback()
        raise


def register(app: Flask) -> RequestSession:
    engine = make_engine(app.config["DATABASE_URL"])
    session = bind(engine)
    app.extensions["recon_engine"] = engine
    app.extensions["recon_session"] = session

    @app.teardown_appcontext
    def end(_fault: BaseException | None) -> None:
        session.remove()

    return session
