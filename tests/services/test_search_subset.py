"""Which open lines add up to one: by hand, with deviations of amount and days."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy.orm import Session

from recon.database.models import Event
from recon.errors import NotAllowed, NotFound, Refusal
from recon.services.match_lines import match_lines
from recon.services.search_subset import SubsetSearch, search_subset
from tests.books import Books, add_actor, add_company
from tests.entered import Row, enter, line_ids

LEDGER: list[Row] = [("b", "2025-01-02", "-60.00", ""), ("a", "2025-01-02", "100.00", "")]
BANK: list[Row] = [
    ("p", "2025-01-03", "30.00", "P"),
    ("q", "2025-01-04", "70.00", "Q"),
    ("r", "2025-01-20", "69.50", "R"),
    ("s", "2025-01-04", "250.00", "S"),
]


@pytest.fixture
def hundred(session: Session, books: Books) -> int:
    """The ledger's line of 100.00."""
    enter(session, books, books.ledger, LEDGER)
    enter(session, books, books.bank, BANK)
    return line_ids(session, books, "left")[1]


def sought(session: Session, books: Books, line: int, **bounds: Any) -> SubsetSearch:
    return search_subset(session, books.actors["auditor"], books.group.id, line, **bounds)


def told(found: SubsetSearch) -> list[tuple[str, int, int]]:
    """References, difference and days of every sum."""
    return [
        ("".join(sorted(str(part.line.reference) for part in each.parts)), each.difference_minor, each.days_apart)
        for each in found.sums
    ]


def test_the_only_lines_that_add_up_and_nothing_is_written(session: Session, books: Books, hundred: int) -> None:
    events = session.query(Event).count()
    found = sought(session, books, hundred)
    assert (found.outcome, found.complete, found.tried) == ("unique", True, 4)
    assert told(found) == [("PQ", 0, 2)]
    assert session.query(Event).count() == events


def test_deviations_of_amount_and_days(session: Session, books: Books, hundred: int) -> None:
    assert told(sought(session, books, hundred, amount_deviation_minor=50)) == [("PQ", 0, 2), ("PR", -50, 18)]
    assert told(sought(session, books, hundred, amount_deviation_minor=49)) == [("PQ", 0, 2)]
    assert told(sought(session, books, hundred, amount_deviation_minor=50, days=17)) == [("PQ", 0, 2)]
    assert sought(session, books, hundred, days=1).outcome == "none"


def test_the_same_side_cancels_out(session: Session, books: Books, hundred: int) -> None:
    enter(session, books, books.ledger, [("c", "2025-01-05", "-40.00", "C"), ("d", "2025-01-05", "-39.00", "D")])
    assert told(sought(session, books, hundred, side="same")) == [("CNone", 0, 3)]
    near = sought(session, books, hundred, side="same", amount_deviation_minor=100)
    assert told(near) == [("CNone", 0, 3), ("DNone", -100, 3)]


def test_a_bank_line_looks_at_the_ledger_and_differences_are_right_minus_left(session: Session, books: Books) -> None:
    enter(session, books, books.ledger, [("a", "2025-01-02", "60.00", "A"), ("b", "2025-01-02", "41.00", "B")])
    enter(session, books, books.bank, [("x", "2025-01-02", "100.00", "")])
    bank = line_ids(session, books, "right")[0]
    assert told(sought(session, books, bank, amount_deviation_minor=100)) == [("AB", -100, 0)]


def test_what_was_found_can_be_matched(session: Session, books: Books, hundred: int) -> None:
    parts = sought(session, books, hundred).sums[0].parts
    match_lines(session, books.preparer, books.group.id, [hundred, *(part.standing.line_id for part in parts)])
    with pytest.raises(Refusal, match="is not open"):
        sought(session, books, hundred)
    rest = sought(session, books, line_ids(session, books, "left")[0], amount_deviation_minor=10**6)
    assert told(rest) == [("RS", 37950, 18)]


def test_several_ways_are_listed_equal_lines_counting_once(session: Session, books: Books, hundred: int) -> None:
    twins: list[Row] = [(key, "2025-01-05", "20.00", "W") for key in ("v", "w")]
    more: list[Row] = [("t", "2025-01-05", "60.00", "T"), ("u", "2025-01-05", "40.00", "U"), *twins]
    enter(session, books, books.bank, more)
    found = sought(session, books, hundred)
    assert (found.outcome, found.complete) == ("several", True)
    assert [references for references, _, _ in told(found)] == ["PQ", "TU", "TWW"]


def test_a_clock_may_end_it(session: Session, books: Books) -> None:
    enter(session, books, books.ledger, [("a", "2025-01-02", "200.01", "")])
    enter(session, books, books.bank, [(f"p{n}", "2025-01-02", f"{n}.20", f"P{n}") for n in range(1, 40)])
    line = line_ids(session, books, "left")[0]
    assert sought(session, books, line, seconds=-1.0).outcome == "gave_up"
    assert sought(session, books, line, max_lines=4).outcome == "none"


def test_what_makes_no_sense_is_refused(session: Session, books: Books, hundred: int) -> None:
    for bounds in ({"days": -1}, {"amount_deviation_minor": -1}, {"max_lines": 1}, {"max_lines": 21}):
        with pytest.raises(Refusal):
            sought(session, books, hundred, **bounds)
    with pytest.raises(NotFound):
        sought(session, books, 10**9)


def test_another_companys_people_find_nothing(session: Session, books: Books, hundred: int) -> None:
    stranger = add_actor(session, add_company(session, "Annen AS"), "admin", name="stranger")
    with pytest.raises((NotFound, NotAllowed)):
        search_subset(session, stranger, books.group.id, hundred)
