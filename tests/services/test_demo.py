"""The demo company in the database: loaded once, reconciled, approved, and the files for a newcomer's own import."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from recon.access import Actor
from recon.database.models import AccountGroup, EntryType, GroupLine, Match
from recon.database.session import make_engine, session_factory
from recon.demo.company import LOADED, days_of
from recon.demo.firms import FIRMS, PEOPLE
from recon.demo.setup import bank_group_name
from recon.errors import Refusal
from recon.services.approve_document import approve_document
from recon.services.demo import LOGINS, load_demo
from recon.services.find_group import find_group
from recon.services.import_file import import_file
from recon.services.read_balances import read_balances
from recon.services.reconcile_group import reconcile_group
from recon.services.users import load_actor
from rules import standard
from rules.model import Match as MatchRule
from tests.conftest import sqlite_copy

JANUARY = date(2026, 1, 31)


@pytest.fixture(scope="module")
def loaded(prepared_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file with the demo in it, and beside it the folder `by_hand`."""
    folder = tmp_path_factory.mktemp("demo")
    engine = make_engine(sqlite_copy(prepared_sqlite, folder))
    with session_factory(engine)() as session:
        load_demo(session, by_hand=folder / "by_hand")
        session.commit()
    engine.dispose()
    return folder / "test.sqlite3"


@pytest.fixture
def session(loaded: Path, tmp_path: Path) -> Iterator[Session]:
    engine = make_engine(sqlite_copy(loaded, tmp_path))
    with session_factory(engine)() as opened:
        yield opened
    engine.dispose()


@pytest.fixture
def demo_user(session: Session) -> Actor:
    return load_actor(session, "demo")


def _bank_group(session: Session, actor: Actor, place: int = 0) -> AccountGroup:
    return find_group(session, actor, f"{FIRMS[place].name}/{bank_group_name(FIRMS[place])}")


def test_every_balance_of_every_month_is_proved(session: Session, demo_user: Actor) -> None:
    groups = session.scalars(select(AccountGroup)).all()
    assert {group.kind for group in groups} == {"bank", "intercompany", "interim", "control"}
    for group in groups:
        for month in LOADED:
            figures = read_balances(session, demo_user, group.id, days_of(month)[1])
            assert {account.difference_minor for account in figures.accounts} == {0}, group.name
            assert figures.proof.holds


def test_a_month_is_reconciled_and_approved(session: Session, demo_user: Actor) -> None:
    group = _bank_group(session, demo_user)
    assert reconcile_group(session, demo_user, group.id).changed
    sealed = approve_document(session, demo_user, group.id, JANUARY)
    assert sealed.pdf.startswith(b"%PDF-")
    assert reconcile_group(session, demo_user, group.id).changed is False


def test_most_is_matched_and_what_is_open_is_known(session: Session, demo_user: Actor) -> None:
    group = _bank_group(session, demo_user)
    reconcile_group(session, demo_user, group.id)
    lines = session.scalars(select(GroupLine).where(GroupLine.group_id == group.id)).all()
    still_open = [line for line in lines if line.is_open and line.held_by_match_id is None]
    assert len(lines) > 1000
    assert 0 < len(still_open) < 0.1 * len(lines)
    assert session.scalars(select(Match).where(Match.group_id == group.id)).first() is not None


def test_a_newcomer_imports_the_next_month_by_hand(session: Session, demo_user: Actor, loaded: Path) -> None:
    files = sorted((loaded.parent / "by_hand").iterdir())
    assert [path.suffix for path in files] == [".xml", ".se", ".xml", ".csv", ".xml", ".csv"]
    for path in files:
        imported = import_file(session, demo_user, path)
        assert imported.new > 80, path.name
        again = import_file(session, demo_user, path)
        assert (again.new, again.known) == (0, imported.new + imported.known)


def test_it_is_loaded_into_an_empty_database_only(session: Session) -> None:
    with pytest.raises(Refusal, match="There are companies already"):
        load_demo(session)


def test_the_people_hold_their_roles_and_stand_on_the_login_page(session: Session) -> None:
    assert [login["name"] for login in LOGINS] == [person.username for person in PEOPLE]
    for person in PEOPLE:
        held = load_actor(session, person.username).roles
        assert set(held.values()) == {frozenset(person.roles)}
        assert len(held) == len(FIRMS)


def test_every_entry_type_of_the_shipped_rules_is_set_up(session: Session) -> None:
    shipped = {
        rule.difference.entry_type
        for name in standard.NAMES
        for rule in standard.load(name).rules
        if isinstance(rule, MatchRule) and rule.difference
    }
    assert shipped - {None} <= set(session.scalars(select(EntryType.key)))
