"""What is open follows from the matches, whatever is matched, suggested, accepted and undone, in any order."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from recon.database.audit import record
from recon.database.line_tables import open_lines
from recon.database.models import AccountGroup, GroupLine, Match
from recon.database.remainders import dissolve, settle, touch_group
from recon.database.session import make_engine, session_factory
from recon.errors import Conflict, Refusal
from recon.services.import_file import import_file
from recon.services.verify_matches import match_findings
from tests.books import Books, make_books
from tests.conftest import sqlite_copy
from tests.files import csv_file
from tests.matches import add_match

AMOUNTS = ("500.00", "-20.50", "0.00", "7.00")
ROWS = [(f"2025-01-0{number}", amount, f"r{number}") for number, amount in enumerate(AMOUNTS, 1)]


def fill(session: Session, books: Books) -> None:
    for account in ("1920", "12345678903"):
        import_file(session, books.preparer, csv_file(ROWS, account=account))


def pairs(session: Session, books: Books) -> list[list[int]]:
    frame = open_lines(session, books.group.id)
    return [list(part["line_id"]) for _amount, part in frame.groupby("reference")]


def open_sum(session: Session, books: Books) -> int:
    return int(open_lines(session, books.group.id)["amount"].abs().sum())


steps = st.lists(st.tuples(st.sampled_from(["match", "suggest", "accept", "undo"]), st.integers(0, 3)), max_size=12)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=steps)
def test_matched_and_open_are_all_each_once(
    prepared_sqlite: Path, tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, int]]
) -> None:
    engine = make_engine(sqlite_copy(prepared_sqlite, tmp_path_factory.mktemp("law")))
    with session_factory(engine)() as session:
        books = make_books(session)
        fill(session, books)
        lines = pairs(session, books)
        live: dict[int, Match] = {}
        for verb, number in steps:
            take(session, books, verb, lines[number], live, number)
            assert list(match_findings(session)) == []
        taken = {number for number, match in live.items() if match.state == "confirmed"}
        assert len(open_lines(session, books.group.id)) == 2 * (4 - len(taken))
        held = session.scalars(select(GroupLine.held_by_match_id).where(GroupLine.held_by_match_id.is_not(None)))
        assert set(held) == {match.id for match in live.values() if match.state == "suggested"}
    engine.dispose()


def take(session: Session, books: Books, verb: str, lines: list[int], live: dict[int, Match], number: int) -> None:
    match = live.get(number)
    if verb in ("match", "suggest") and match is None:
        live[number] = add_match(session, books, lines, "confirmed" if verb == "match" else "suggested")
    elif verb == "accept" and match is not None and match.state == "suggested":
        match.state = "confirmed"
        settle(session, books.group.id, select(Match.id).where(Match.id == match.id))
    elif verb == "undo" and match is not None:
        event = record(session, books.preparer, books.company.id, "unmatch", "group")
        assert dissolve(session, books.group.id, event.id, select(Match.id).where(Match.id == match.id)) == 1
        del live[number]


def test_dissolving_opens_the_lines_again(session: Session, books: Books) -> None:
    fill(session, books)
    before = open_sum(session, books)
    for lines in pairs(session, books):
        add_match(session, books, lines)
    assert len(open_lines(session, books.group.id)) == 0
    event = record(session, books.preparer, books.company.id, "unmatch", "group")
    assert dissolve(session, books.group.id, event.id, select(Match.id)) == 4
    assert (open_sum(session, books), len(open_lines(session, books.group.id))) == (before, 8)
    assert dissolve(session, books.group.id, event.id, select(Match.id)) == 0


def test_an_approved_match_is_not_dissolved(session: Session, books: Books) -> None:
    fill(session, books)
    match = add_match(session, books, pairs(session, books)[0])
    session.execute(update(Match).values(state="approved"))
    event = record(session, books.preparer, books.company.id, "unmatch", "group")
    with pytest.raises(Refusal, match=f"match {match.id} is approved"):
        dissolve(session, books.group.id, event.id, select(Match.id))


def test_a_revision_that_moved_on_is_a_conflict(session: Session, books: Books) -> None:
    seen = books.group.revision
    touch_group(session, books.group.id, seen=seen)
    assert session.scalars(select(AccountGroup.revision)).one() == seen + 1
    with pytest.raises(Conflict):
        touch_group(session, books.group.id, seen=seen)


def test_a_group_line_cannot_hold_more_than_its_amount(session: Session, books: Books) -> None:
    fill(session, books)
    too_much: Any = {"open_minor": GroupLine.amount_minor * 2 + 1}
    with pytest.raises(IntegrityError):
        session.execute(update(GroupLine).values(too_much))
