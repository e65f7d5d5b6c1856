"""The audit chain and its guards."""

from __future__ import annotations

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from recon.database.audit import GENESIS, digest_of, event_hash, record
from recon.database.models import Event
from tests.books import Books


def test_events_form_a_chain(session: Session, books: Books) -> None:
    for number in range(3):
        record(session, books.preparer, books.company.id, "note", f"line {number}", after={"æ": number})
    session.commit()
    session.expire_all()
    entries = session.scalars(select(Event).order_by(Event.id)).all()
    assert [entry.prev_hash for entry in entries] == [GENESIS, entries[0].hash, entries[1].hash]
    assert all(entry.hash == event_hash(entry) for entry in entries)


@pytest.mark.parametrize("statement", ["UPDATE event SET verb = 'x'", "DELETE FROM event"])
def test_the_database_refuses_to_change_an_event(session: Session, books: Books, statement: str) -> None:
    record(session, books.preparer, books.company.id, "note", "line 1")
    with pytest.raises(DBAPIError, match="append-only"):
        session.execute(text(statement))


def test_a_digest_does_not_depend_on_the_order_of_rows() -> None:
    assert digest_of([(1, "a"), (2, None)]) == digest_of([(2, None), (1, "a")]) != digest_of([(1, "a"), (2, "")])
