"""Whatever people do in whatever order: each line is matched or open once, proofs hold, the database verifies."""

from __future__ import annotations

import datetime as dt
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from recon.closing.documents import month_end
from recon.database.models import Allocation, Document, GroupLine, Match, Run
from recon.database.session import make_engine, session_factory
from recon.errors import Refusal
from recon.services.answer_suggestions import accept_suggestions, reject_suggestions
from recon.services.approve_document import approve_document
from recon.services.find_group import first_open_day
from recon.services.match_lines import match_lines
from recon.services.read_balances import read_balances
from recon.services.reconcile_group import reconcile_group
from recon.services.undo_run import undo_run
from recon.services.unmatch_lines import unmatch_lines
from recon.services.verify_database import verify_database
from recon.services.withdraw_document import void_document, withdraw_document
from tests.books import Books, make_books
from tests.entered import EXACT, Row, enter, use_rules

WEAK = {
    "key": "amount",
    "name": "Same amount",
    "kind": "match",
    "cardinality": "one_to_one",
    "date": {"within": 40},
    "ambiguous": "closest",
    "outcome": "suggested",
}
Work = Callable[[Session, Books, int], object]


def matches(session: Session, state: str) -> list[int]:
    query = select(Match.id).where(Match.state == state, Match.undone_event_id.is_(None)).order_by(Match.id)
    return list(session.scalars(query))


def reconcile(session: Session, books: Books, _pick: int) -> None:
    reconcile_group(session, books.preparer, books.group.id)


def one_of(state: str, work: Callable[..., object]) -> Work:
    def done(session: Session, books: Books, pick: int) -> None:
        found = matches(session, state)
        if found:
            work(session, books.preparer, books.group.id, [found[pick % len(found)]])

    return done


def by_hand(session: Session, books: Books, pick: int) -> None:
    """Two open lines of the two sides, as much of them as both have left."""
    opened = select(GroupLine.line_id, GroupLine.open_minor).where(GroupLine.is_open).order_by(GroupLine.line_id)
    left = session.execute(opened.where(GroupLine.side == "left")).all()
    right = session.execute(opened.where(GroupLine.side == "right")).all()
    pairs = [(one, other) for one in left for other in right if one[1] * other[1] > 0]
    if pairs:
        one, other = pairs[pick % len(pairs)]
        least = min(one[1], other[1], key=abs)
        match_lines(
            session, books.preparer, books.group.id, [one[0], other[0]], amounts={one[0]: least, other[0]: least}
        )


def undo(session: Session, books: Books, pick: int) -> None:
    runs = list(session.scalars(select(Run.id).where(Run.undone_event_id.is_(None)).order_by(Run.id)))
    if runs:
        undo_run(session, books.preparer, runs[pick % len(runs)])


def approve(session: Session, books: Books, _pick: int) -> None:
    to_on = month_end(first_open_day(session, books.group))
    approve_document(session, books.actors["approver"], books.group.id, to_on, reason="no statements")


def take_back(work: Callable[..., object]) -> Work:
    def done(session: Session, books: Books, _pick: int) -> None:
        newest = session.scalar(select(func.max(Document.to_on)).where(Document.state == "approved"))
        if newest:
            work(session, books.actors["approver"], books.group.id, newest, "once more")

    return done


def late_line(session: Session, books: Books, pick: int) -> None:
    account = books.ledger if pick % 2 else books.bank
    enter(session, books, account, [(f"late{pick}", f"2025-01-{1 + pick % 28:02d}", f"{pick % 7 + 1}.00", f"L{pick}")])


WORK: dict[str, Work] = {
    "reconcile": reconcile,
    "unmatch": one_of("confirmed", unmatch_lines),
    "unmatch approved": one_of("approved", unmatch_lines),
    "accept": one_of("suggested", accept_suggestions),
    "reject": one_of("suggested", reject_suggestions),
    "match by hand": by_hand,
    "undo a run": undo,
    "approve": approve,
    "withdraw": take_back(withdraw_document),
    "void": take_back(void_document),
    "late line": late_line,
}


def rows(side: str, amounts: list[int]) -> list[Row]:
    return [
        (
            f"{side}{n}",
            str(dt.date(2025, 1, 5) + dt.timedelta(days=9 * n)),
            f"{amount}.00",
            f"R{n}" if amount % 3 else "",
        )
        for n, amount in enumerate(amounts)
    ]


amounts = st.lists(st.integers(-4, 9), min_size=2, max_size=6)
steps = st.lists(st.tuples(st.sampled_from(sorted(WORK)), st.integers(0, 30)), min_size=4, max_size=12)


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(left=amounts, right=amounts, work=steps)
def test_any_order_of_work(
    prepared_sqlite: Path, left: list[int], right: list[int], work: list[tuple[str, int]]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(prepared_sqlite, Path(folder) / "books.sqlite3")
        engine = make_engine(f"sqlite:///{folder}/books.sqlite3")
        with session_factory(engine)() as session:
            books = make_books(session)
            enter(session, books, books.ledger, rows("l", left))
            enter(session, books, books.bank, rows("b", right))
            use_rules(session, books, {**EXACT, "rules": [*EXACT["rules"], WEAK]})  # type: ignore[misc]
            session.commit()
            for name, pick in work:
                try:
                    WORK[name](session, books, pick)
                    session.commit()
                except Refusal:
                    session.rollback()
            check(session, books)
        engine.dispose()


def check(session: Session, books: Books) -> None:
    assert verify_database(session, books.actors["auditor"]) == []
    taken = (
        select(func.coalesce(func.sum(Allocation.amount_minor), 0))
        .join(Match, Match.id == Allocation.match_id)
        .where(
            Allocation.undone_event_id.is_(None), Match.state != "suggested", Allocation.line_id == GroupLine.line_id
        )
        .scalar_subquery()
    )
    wrong = select(GroupLine.line_id).where(GroupLine.amount_minor != GroupLine.open_minor + taken)
    assert list(session.scalars(wrong)) == []
    for month in range(1, 5):
        figures = read_balances(session, books.preparer, books.group.id, month_end(dt.date(2025, month, 1)))
        assert figures.proof.holds, figures.proof
    session.rollback()
