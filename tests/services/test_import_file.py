"""Files in: duplicates, groups, late lines, undo."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from recon.access import Actor
from recon.database.audit import record
from recon.database.line_tables import open_lines
from recon.database.models import Account, Batch, Document, Event, GroupLine, Line, Match
from recon.database.session import make_engine, session_factory
from recon.errors import NotAllowed, NotFound, Refusal
from recon.services.import_file import import_file, preview_import
from recon.services.undo_import import undo_import
from tests.books import Books, add_account, add_company, add_group, make_books
from tests.files import csv_file
from tests.matches import add_match

JANUARY = [("2025-01-03", "500.00", "a"), ("2025-01-03", "-20.50", "b"), ("2025-01-31", "7.00", "c")]
FEBRUARY = [("2025-02-01", "9.00", "d"), ("2025-02-14", "-3.00", "e")]


def live_lines(session: Session) -> int:
    return session.scalar(select(func.count(Line.id)).where(Line.withdrawn_event_id.is_(None))) or 0


def test_t6_the_same_file_twice_adds_nothing(session: Session, books: Books) -> None:
    first = import_file(session, books.preparer, csv_file(JANUARY))
    again = import_file(session, books.preparer, csv_file(JANUARY))
    assert (first.new, first.known) == (3, 0)
    assert (again.new, again.known) == (0, 3)
    longer = import_file(session, books.preparer, csv_file([*JANUARY, *FEBRUARY]))
    assert (longer.new, longer.known) == (2, 3)
    assert live_lines(session) == 5
    assert session.scalar(select(func.sum(GroupLine.amount_minor))) == 49250


def test_t7_two_equal_payments_of_one_day_both_live(session: Session, books: Books) -> None:
    twins = csv_file([("2025-01-03", "500.00", "x"), ("2025-01-03", "500.00", "x")])
    assert import_file(session, books.preparer, twins).new == 2
    assert import_file(session, books.preparer, twins).new == 0
    third = csv_file([("2025-01-03", "500.00", "x")] * 3)
    assert import_file(session, books.preparer, third).new == 1
    assert sorted(session.scalars(select(Line.occurrence))) == [1, 2, 3]


def test_a_preview_stores_nothing(session: Session, books: Books) -> None:
    plan = preview_import(session, books.preparer, csv_file(JANUARY))
    assert (plan.new, plan.known, live_lines(session)) == (3, 0, 0)
    assert session.scalar(select(func.count(Event.id))) == 0


def test_a_bad_row_stores_nothing(session: Session, books: Books) -> None:
    with pytest.raises(Refusal, match="line 3"):
        import_file(session, books.preparer, csv_file([JANUARY[0], ("2025-01-04", "1.234", "z")]), name="bank.csv")
    assert live_lines(session) == 0


def test_accounts_that_are_not_set_up_are_named(session: Session, books: Books) -> None:
    file = csv_file(JANUARY, account="99990000006")
    with pytest.raises(Refusal, match=r"99990000006 \(3\)"):
        import_file(session, books.preparer, file)
    with pytest.raises(NotAllowed):
        import_file(session, books.preparer, file, missing="create", company_id=books.company.id)
    both = Actor(books.preparer.user_id, {books.company.id: frozenset({"admin", "preparer"})})
    created = import_file(session, both, file, missing="create", company_id=books.company.id)
    assert created.new == 3
    assert session.scalar(select(Account.kind).where(Account.number == "99990000006")) == "bank"


TWO_CURRENCIES = (
    b"id,booking_date,amount,currency,account_number\n1,2025-01-03,5.00,SEK,9912346\n2,2025-01-03,7.00,EUR,9912346\n"
)


def accounts_with_lines(session: Session) -> list[tuple[str, str, int]]:
    query = select(Account.number, Account.currency, Line.amount_minor).join(Line, Line.account_id == Account.id)
    return [(number, currency, minor) for number, currency, minor in session.execute(query.order_by(Line.id))]


def test_one_number_in_two_currencies_is_two_accounts(session: Session, books: Books) -> None:
    both = Actor(books.preparer.user_id, {books.company.id: frozenset({"admin", "preparer"})})
    for new in (2, 0):
        done = import_file(session, both, TWO_CURRENCIES, missing="create", company_id=books.company.id)
        assert (done.new, done.known) == (new, 2 - new)
    assert accounts_with_lines(session) == [("9912346", "SEK", 500), ("9912346 EUR", "EUR", 700)]


def test_of_two_currencies_only_what_is_set_up_comes_in(session: Session, books: Books) -> None:
    euro = add_account(session, books.company, "bank", "9912346", "EUR")
    done = import_file(session, books.preparer, TWO_CURRENCIES)
    assert accounts_with_lines(session) == [("9912346", "EUR", 700)]
    assert "9912346 SEK (1)" in done.plan.findings[0].sentence
    krona = add_account(session, books.company, "bank", "9912346 SEK", "SEK")
    assert import_file(session, books.preparer, TWO_CURRENCIES).new == 1
    assert import_file(session, books.preparer, TWO_CURRENCIES, account=krona).known == 1
    assert import_file(session, books.preparer, TWO_CURRENCIES, account=euro).known == 1


def test_a_file_without_currency_makes_an_account_in_the_company_s(session: Session, books: Books) -> None:
    both = Actor(books.preparer.user_id, {books.company.id: frozenset({"admin", "preparer"})})
    table = b"Konto: 8601 11 17947;;\nDato;Tekst;Bel\xf8p\n13.01.2025;a;1,50\n14.01.2025;b;-2,00\n"
    assert import_file(session, both, table, name="b.csv", missing="create", company_id=books.company.id).new == 2
    assert session.scalar(select(Account.currency).where(Account.number == "8601 11 17947")) == "NOK"


def test_a_file_of_another_account_is_refused(session: Session, books: Books) -> None:
    with pytest.raises(Refusal, match="set up in NOK"):
        import_file(session, books.preparer, csv_file(JANUARY, currency="SEK"))
    with pytest.raises(NotAllowed):
        import_file(session, books.actors["auditor"], csv_file(JANUARY))
    stranger = Actor(books.preparer.user_id)
    with pytest.raises(Refusal, match="no account of the file is set up"):
        import_file(session, stranger, csv_file(JANUARY))


def test_lines_enter_the_groups_that_read_their_account(session: Session, books: Books) -> None:
    early = ("2024-12-31", "1.00", "early")
    result = import_file(session, books.preparer, csv_file([early, *JANUARY]))
    assert result.groups == ((books.group.id, 3),)
    session.refresh(books.group)
    assert books.group.revision == 1
    frame = open_lines(session, books.group.id)
    assert sorted(frame["amount"]) == [-2050, 700, 50000]
    assert set(frame["side"]) == {"right"}
    assert list(frame["id"]) == sorted(frame["id"])
    assert set(frame["account_number"]) == {"12345678903"}
    assert set(frame["extra.id"]) == {"2", "3", "4"}


def test_sign_and_filter_of_a_group(session: Session, books: Books) -> None:
    other = add_company(session, "Dal AB")
    debt = add_account(session, other, "supplier", "2440")
    claim = add_account(session, other, "customer", "1500")
    group = add_group(session, other, claim, debt)
    group.members[1].negate = True
    group.members[1].filter = {"field": "reference", "op": "in", "value": ["a", "b"]}
    session.flush()
    actor = Actor(books.preparer.user_id, {other.id: frozenset({"preparer"})})
    import_file(session, actor, csv_file(JANUARY, account="2440"))
    assert sorted(open_lines(session, group.id)["amount"]) == [-50000, 2050]


def test_a_line_may_not_stand_in_two_groups_of_its_company(session: Session, books: Books) -> None:
    second = add_group(session, books.company, add_account(session, books.company, "ledger", "1930"), books.bank)
    second.members[1].filter = {"field": "reference", "op": "equals", "value": "a"}
    session.flush()
    with pytest.raises(Refusal, match="give them filters"):
        import_file(session, books.preparer, csv_file(JANUARY))
    session.rollback()


def approve(session: Session, books: Books, to_on: dt.date) -> None:
    event = record(session, books.actors["approver"], books.company.id, "approve", "document")
    days = {"from_on": dt.date(2025, 1, 1), "to_on": to_on}
    document = Document(company_id=books.company.id, group_id=books.group.id, state="approved", figures={}, **days)
    document.event_id = event.id
    session.add(document)
    session.flush()


def test_a_late_line_counts_in_the_first_open_period(session: Session, books: Books) -> None:
    approve(session, books, dt.date(2025, 1, 31))
    import_file(session, books.preparer, csv_file([JANUARY[2], FEBRUARY[0]]))
    found = session.execute(select(GroupLine.booked_on, GroupLine.period_on).order_by(GroupLine.booked_on)).all()
    assert found == [(dt.date(2025, 1, 31), dt.date(2025, 2, 1)), (dt.date(2025, 2, 1), None)]


def test_t8_undoing_an_import_dissolves_its_matches(session: Session, books: Books) -> None:
    january = import_file(session, books.preparer, csv_file(JANUARY))
    ledger = import_file(session, books.preparer, csv_file(JANUARY, account="1920"))
    frame = open_lines(session, books.group.id)
    pair = frame[frame["amount"] == 50000]
    add_match(session, books, list(pair["line_id"]))
    assert len(open_lines(session, books.group.id)) == 4
    undone = undo_import(session, books.preparer, january.batches[0])
    assert (undone.withdrawn, undone.kept, undone.dissolved) == (3, 0, 1)
    left = open_lines(session, books.group.id)
    assert set(left["side"]) == {"left"}
    assert sorted(left["amount"]) == [-2050, 700, 50000]
    assert session.scalars(select(Match.undone_event_id)).one() is not None
    with pytest.raises(Refusal, match="undone already"):
        undo_import(session, books.preparer, january.batches[0])
    assert import_file(session, books.preparer, csv_file(JANUARY)).new == 3
    assert session.get_one(Batch, ledger.batches[0]).undone_event_id is None


def test_a_line_that_another_import_has_seen_stays(session: Session, books: Books) -> None:
    first = import_file(session, books.preparer, csv_file(JANUARY))
    second = import_file(session, books.preparer, csv_file([*JANUARY, *FEBRUARY]))
    assert undo_import(session, books.preparer, first.batches[0]).withdrawn == 0
    assert live_lines(session) == 5
    assert undo_import(session, books.preparer, second.batches[0]).withdrawn == 5
    assert live_lines(session) == 0


def test_t9_only_the_importer_or_an_admin_undoes_and_never_what_is_approved(session: Session, books: Books) -> None:
    done = import_file(session, books.preparer, csv_file(JANUARY))
    with pytest.raises(NotAllowed):
        undo_import(session, books.actors["approver"], done.batches[0])
    with pytest.raises(NotFound):
        undo_import(session, Actor(books.preparer.user_id), done.batches[0])
    approve(session, books, dt.date(2025, 1, 31))
    with pytest.raises(Refusal, match=f"the period of {books.group.name} approved at 2025-01-31"):
        undo_import(session, books.actors["admin"], done.batches[0])


def test_two_people_with_the_same_file_at_once(database_url: str) -> None:
    engine = make_engine(database_url)
    sessions = session_factory(engine)
    with sessions.begin() as session:
        preparer = make_books(session).preparer
    file = csv_file([(f"2025-01-{day:02}", "1.00", f"r{day}") for day in range(1, 29)])

    def one(_turn: int) -> int:
        with sessions.begin() as session:
            return import_file(session, preparer, file).new

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(one, range(4))) == [0, 0, 0, 28]
    with sessions() as session:
        assert live_lines(session) == 28
        assert session.scalar(select(func.count()).select_from(GroupLine)) == 28
    engine.dispose()
