"""Running a group: what is written, and that nothing is written twice."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from recon.database.models import Event, GroupLine, Match, Run
from recon.services.reconcile_group import reconcile_group
from tests.books import Books
from tests.entered import enter, use_rules

LEDGER = [("a", "2025-01-02", "100.00", "R1"), ("b", "2025-01-03", "-40.00", "R2"), ("c", "2025-01-09", "7.00", "")]
BANK = [("x", "2025-01-02", "100.00", "R1"), ("y", "2025-01-05", "-40.00", "R2"), ("z", "2025-01-09", "-1.50", "")]


def entered(session: Session, books: Books) -> None:
    enter(session, books, books.ledger, LEDGER)
    enter(session, books, books.bank, BANK)
    use_rules(session, books)


def test_a_run_writes_its_matches_and_leaves_the_rest_open(session: Session, books: Books) -> None:
    entered(session, books)
    report = reconcile_group(session, books.preparer, books.group.id)
    assert [(r.rule, r.matches, r.left_minor, r.right_minor) for r in report.rules] == [("reference", 2, 6000, 6000)]
    assert (report.remaining["left"].amount_minor, report.remaining["right"].amount_minor) == (700, -150)
    assert session.scalar(select(func.count()).select_from(Match)) == 2
    opened = session.scalars(select(GroupLine.amount_minor).where(GroupLine.is_open)).all()
    assert sorted(opened) == [-150, 700]


def test_pressing_reconcile_again_on_unchanged_data_writes_nothing(session: Session, books: Books) -> None:
    entered(session, books)
    reconcile_group(session, books.preparer, books.group.id)
    before = [session.scalar(select(func.count()).select_from(table)) for table in (Run, Match, Event)]
    revision = session.get_one(type(books.group), books.group.id, populate_existing=True).revision
    again = reconcile_group(session, books.preparer, books.group.id)
    assert (again.run_id, again.changed) == (None, False)
    assert [session.scalar(select(func.count()).select_from(table)) for table in (Run, Match, Event)] == before
    assert session.get_one(type(books.group), books.group.id, populate_existing=True).revision == revision
