"""Commands that work on the database: which one, as whom, and all of it or nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import click
from sqlalchemy.orm import Session

from recon.access import Actor
from recon.database.migrations import require_current
from recon.database.session import database_url, make_engine, read_only, session_factory
from recon.errors import Refusal
from recon.services.users import load_actor

Command = TypeVar("Command", bound=Callable[..., Any])


def as_user(command: Command) -> Command:
    """The option `--as USER` of a command; its parameter is `user` (None = the operator)."""
    told = "User name or e-mail address to act as (default: the operator account)."
    return click.option("--as", "user", metavar="USER", help=told)(command)


@contextmanager
def acting(user: str | None) -> Iterator[tuple[Session, Actor]]:
    """A writing session and who acts in it: committed at the end, or nothing of it stored."""
    with opened() as session:
        yield session, load_actor(session, user)
        session.commit()


@contextmanager
def looking(user: str | None) -> Iterator[tuple[Session, Actor]]:
    """A reading session, which waits for no writer."""
    with opened() as session:
        read_only(session)
        yield session, load_actor(session, user)


@contextmanager
def opened(url: str | None = None) -> Iterator[Session]:
    """A session on the installation's database, whose tables must be of this version."""
    engine = make_engine(url or database_url())
    require_current(engine)
    try:
        with session_factory(engine)() as session:
            yield session
    finally:
        engine.dispose()


def is_ready(user: str | None) -> bool:
    """Whether there is a database of this version and somebody to act as: what `looking` needs."""
    try:
        with looking(user):
            return True
    except Refusal:
        return False
