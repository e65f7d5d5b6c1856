"""Whatever is tampered with by SQL is found, and the row is named."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from recon.access import Actor
from recon.database.audit import event_hash
from recon.database.line_tables import open_lines
from recon.database.models import Document, Event
from recon.errors import NotAllowed
from recon.services.approve_document import approve_document
from recon.services.import_file import import_file
from recon.services.undo_import import undo_import
from recon.services.verify_database import verify_database
from tests.books import Books
from tests.files import csv_file
from tests.matches import add_match

ROWS = [("2025-01-03", "500.00", "a"), ("2025-01-03", "-20.50", "b"), ("2025-01-31", "7.00", "c")]


@dataclass
class Closed:
    """A company whose January is matched but for one line on each side, and approved."""

    books: Books
    auditor: Actor

    def lines(self, session: Session) -> list[int]:
        return list(session.scalars(text("SELECT id FROM line ORDER BY id")))


@pytest.fixture
def closed(session: Session, books: Books, monkeypatch: pytest.MonkeyPatch) -> Closed:
    monkeypatch.setattr("recon.services.approve_document.reconciliation_pdf", lambda _report: b"%PDF-1.4 \xe2\xe3")
    import_file(session, books.preparer, csv_file(ROWS))
    import_file(session, books.preparer, csv_file(ROWS, account="1920"))
    frame = open_lines(session, books.group.id)
    add_match(session, books, list(frame[frame["amount"] == 50000]["line_id"]))
    add_match(session, books, list(frame[frame["amount"] == -2050]["line_id"]))
    later = import_file(session, books.preparer, csv_file([*ROWS, ("2025-02-02", "1.00", "d")]))
    undo_import(session, books.preparer, later.batches[0])
    approve_document(session, books.actors["approver"], books.group.id, dt.date(2025, 1, 31), reason="no statement")
    return Closed(books, books.actors["auditor"])


def found(session: Session, closed: Closed) -> set[tuple[str, str]]:
    return {(finding.code, finding.where) for finding in verify_database(session, closed.auditor)}


def test_an_untouched_database_holds(session: Session, closed: Closed) -> None:
    assert found(session, closed) == set()
    with pytest.raises(NotAllowed):
        verify_database(session, closed.books.preparer)


LINE = "(SELECT MIN(id) FROM line)"
TAMPERING = {
    "an amount": (
        f"UPDATE line SET amount_minor = amount_minor + 100 WHERE id = {LINE}",
        {("line-changed", "line {line}"), ("group-amount", "line {line} in group {group}")},
    ),
    "a text": (f"UPDATE line SET text = 'other' WHERE id = {LINE}", {("line-changed", "line {line}")}),
    "an amount in its group": (
        f"UPDATE group_line SET amount_minor = amount_minor * 2, open_minor = open_minor * 2 WHERE line_id = {LINE}",
        {("group-amount", "line {line} in group {group}"), ("remainder", "line {line} in group {group}")},
    ),
    "a remainder": (
        f"UPDATE group_line SET open_minor = amount_minor, is_open = NOT is_open WHERE line_id = {LINE}",
        {("remainder", "line {line} in group {group}")},
    ),
    "an allocation": (
        "UPDATE allocation SET amount_minor = amount_minor - 1 WHERE id = (SELECT MIN(id) FROM allocation)",
        {("match-sum", "match 1"), ("event-allocations", "event {match_event}")},
    ),
    "a whole match": (
        "UPDATE allocation SET amount_minor = amount_minor + 1 WHERE match_id = 1",
        {("event-allocations", "event {match_event}"), ("double-claim", "line {line} in group {group}")},
    ),
    "a line taken out of its group": (
        f"DELETE FROM group_line WHERE line_id = {LINE}",
        {("group-lacks", "line {line} in group {group}")},
    ),
    "a batch": ("UPDATE batch SET new_rows = 2 WHERE id = 1", {("batch-changed", "batch 1")}),
    "the document": ("UPDATE document SET number = 'X1'", {("document-changed", "document 1")}),
    "an open list": (
        "UPDATE document_line SET amount_minor = amount_minor + 1 WHERE block LIKE 'left%'",
        {("open-list", "document 1")},
    ),
    "the PDF": ("UPDATE sealed_pdf SET content = content || content", {("pdf-changed", "sealed pdf 1")}),
    "a PDF gone": ("DELETE FROM sealed_pdf", {("pdf-missing", "document 1")}),
    "an opening balance": (
        "UPDATE group_account SET opening_minor = 5 WHERE side = 'left'",
        {("group-setup", "group {group}")},
    ),
}


@pytest.mark.parametrize("what", TAMPERING)
def test_tampering_names_the_row(session: Session, closed: Closed, what: str) -> None:
    statement, expected = TAMPERING[what]
    facts = {
        "line": min(closed.lines(session)),
        "group": closed.books.group.id,
        "match_event": session.scalar(select(Event.id).where(Event.verb == "match").order_by(Event.id)),
    }
    session.execute(text(statement))
    session.expire_all()
    assert found(session, closed) >= {(code, where.format(**facts)) for code, where in expected}


def without_guards(session: Session) -> None:
    """An attacker with the rights of the database's owner."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("DROP TRIGGER event_no_change ON event"))
    else:
        session.execute(text("DROP TRIGGER event_no_update"))
        session.execute(text("DROP TRIGGER event_no_delete"))


def rehash(session: Session) -> None:
    entry = session.get_one(Event, 2)
    entry.verb = "harmless"
    entry.hash = event_hash(entry)
    session.flush()


@pytest.mark.parametrize(
    ("tamper", "expected"),
    [
        (lambda s: s.execute(text("UPDATE event SET verb = 'harmless' WHERE id = 2")), ("event-changed", "event 2")),
        (lambda s: s.execute(text("UPDATE event SET actor_id = 1 WHERE id = 3")), ("event-changed", "event 3")),
        (rehash, ("event-chain", "event 3")),
    ],
)
def test_a_changed_event_is_named(
    session: Session, closed: Closed, tamper: Callable[[Session], None], expected: tuple[str, str]
) -> None:
    without_guards(session)
    tamper(session)
    session.expire_all()
    assert expected in found(session, closed)


def test_changed_figures_are_found(session: Session, closed: Closed) -> None:
    document = session.scalars(select(Document)).one()
    document.figures = document.figures | {"digest": "0" * 64}
    session.flush()
    assert ("document-changed", "document 1") in found(session, closed)


def test_a_value_of_the_wrong_kind_is_a_finding_too(session: Session, closed: Closed) -> None:
    if session.get_bind().dialect.name == "sqlite":
        session.execute(text("UPDATE line SET booked_on = 'soon' WHERE id = 1"))
        assert ("lines-unreadable", "lines") in found(session, closed)
