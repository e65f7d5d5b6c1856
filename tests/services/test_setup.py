"""Set-up files in and out, and what a group may not become."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from recon.access import Actor
from recon.database.line_tables import open_lines
from recon.database.models import AccountGroup, Event, GroupAccount, Line, User
from recon.database.session import make_engine, session_factory
from recon.errors import NotAllowed, Refusal
from recon.services.apply_setup import apply_setup
from recon.services.export_setup import export_setup
from recon.services.import_file import import_file
from recon.services.setup_document import read_setup
from recon.services.setup_yaml import write_setup
from recon.services.users import actor_of, add_user
from tests.books import Books
from tests.conftest import sqlite_copy
from tests.files import csv_file
from tests.matches import add_match

SETUP = """
version: 1
users:
  - {username: kari, email: kari@fjord.test, name: Kari Li}
  - {username: ola, email: ola@fjord.test}
companies:
  - name: Fjord AS
    currency: NOK
    four_eyes: true
    roles: {kari: [preparer, author], ola: [approver]}
    series: [{name: CARECON}, {name: FEE, kind: voucher}]
    entry_types:
      - {key: BANKFEE, name: Bank fee, debit_account: 7770, series: FEE, dimensions: {project: 100}}
    accounts:
      - {kind: ledger, number: 01920, name: Bank, requires_reconciliation: true, series: CARECON}
      - {kind: bank, number: 12345678903, name: Main account, iban: NO9386011117947}
      - {kind: customer, number: 1500, name: Dal AB}
    account_imports:
      - name: Dal AB, 2440
        company: Dal AB
        account: {kind: supplier, number: 2440}
        filter: {field: department, op: equals, value: 20}
    groups:
      - name: 1920-12345678903
        kind: bank
        start_on: 2025-01-01
        preparer: kari
        approver: ola
        due_day: 5
        left: [{account: {kind: ledger, number: 01920}, opening: 1000050.00}]
        right: [{account: {kind: bank, number: 12345678903}, opening: 1000000.00}]
        opening_items:
          left:
            - {booked_on: 2024-12-30, amount: 50.00, text: "cheque", due_on: 2025-01-15}
      - name: Dal
        kind: intercompany
        start_on: 2025-01-01
        left: [{account: {kind: customer, number: 1500}}]
        right: [{account_import: "Dal AB, 2440"}]
  - name: Dal AB
    country: SE
    currency: NOK
    accounts: [{kind: supplier, number: 2440}]
"""


@pytest.fixture
def operator(session: Session) -> Actor:
    return actor_of(add_user(session, None, "root", operator=True))


def events(session: Session) -> int:
    return session.scalar(select(func.count(Event.id))) or 0


def test_applying_twice_changes_nothing(session: Session, operator: Actor) -> None:
    assert apply_setup(session, operator, read_setup(SETUP)) > 10
    before = events(session)
    assert apply_setup(session, operator, read_setup(SETUP)) == 0
    assert events(session) == before
    group = session.scalars(select(AccountGroup).where(AccountGroup.kind == "bank")).one()
    frame = open_lines(session, group.id)
    assert frame[["side", "amount", "text"]].to_dict("records") == [{"side": "left", "amount": 5000, "text": "cheque"}]


def test_export_and_apply_round_trip(
    session: Session, operator: Actor, prepared_sqlite: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    apply_setup(session, operator, read_setup(SETUP))
    exported = export_setup(session, operator)
    written = write_setup(exported)
    assert "01920" in written
    assert read_setup(written) == exported
    engine = make_engine(sqlite_copy(prepared_sqlite, tmp_path_factory.mktemp("copy")))
    with session_factory(engine)() as other:
        second = actor_of(add_user(other, None, "root", operator=True))
        apply_setup(other, second, read_setup(written))
        assert write_setup(export_setup(other, second)) == written
    engine.dispose()


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("kind: bank\n        start_on", "kind: bnak\n        start_on", r"companies\[0\].groups\[0\].kind"),
        ("amount: 50.00", "amount: 50.001", r"opening_items.left\[0\].amount.*more decimals"),
        ("amount: 50.00", "amount: 51.00", "difference 1.00"),
        ("op: equals, value: 20", "op: equal, value: 20", r"account_imports\[0\].filter.op"),
        ("opening: 1000050.00", "opennig: 1", "did you mean “opening”"),
        ("number: 01920}, opening", "number: 01999}, opening", "no ledger account 01999"),
        ("roles: {kari: [preparer, author]", "roles: {kari: [prepare]", r"roles.kari\[0\]"),
        ("start_on: 2025-01-01\n        preparer", "start_on: 1.1.2025\n        preparer", "is not a date"),
        ("companies:", "companies: [", "not YAML"),
    ],
)
def test_a_wrong_setup_is_refused_with_its_place(
    session: Session, operator: Actor, old: str, new: str, sentence: str
) -> None:
    assert old in SETUP
    with pytest.raises(Refusal, match=sentence):
        apply_setup(session, operator, read_setup(SETUP.replace(old, new, 1)))


def test_lines_that_came_before_the_group_enter_it(session: Session, operator: Actor) -> None:
    early = read_setup(SETUP.replace("start_on: 2025-01-01", "start_on: 2025-02-01"))
    accounts_only = type(early)(early.users, tuple(type(c)(**{**vars(c), "groups": ()}) for c in early.companies))
    apply_setup(session, operator, accounts_only)
    import_file(session, operator, csv_file([("2025-01-31", "5.00", "a"), ("2025-02-01", "7.00", "b")]))
    apply_setup(session, operator, early)
    group = session.scalars(select(AccountGroup).where(AccountGroup.kind == "bank")).one()
    assert sorted(open_lines(session, group.id)["amount"]) == [700, 5000]


def test_opening_items_are_corrected_until_they_are_matched(session: Session, operator: Actor) -> None:
    apply_setup(session, operator, read_setup(SETUP))
    corrected = SETUP.replace("amount: 50.00", "amount: 40.00").replace("1000050.00", "1000040.00")
    assert apply_setup(session, operator, read_setup(corrected)) == 1
    group = session.scalars(select(AccountGroup).where(AccountGroup.kind == "bank")).one()
    assert list(open_lines(session, group.id)["amount"]) == [4000]
    assert session.scalar(select(func.count(Line.id)).where(Line.withdrawn_event_id.is_not(None))) == 1
    assert "opening_items" in session.scalars(select(Event).order_by(Event.id.desc())).first().before  # type: ignore


def test_a_matched_group_keeps_its_accounts(session: Session, books: Books) -> None:
    author = books.actors["author"]
    exported = export_setup(session, author)
    company = exported.companies[0]
    assert apply_setup(session, author, exported) == 0
    import_file(session, books.preparer, csv_file([("2025-01-03", "5.00", "a")]))
    import_file(session, books.preparer, csv_file([("2025-01-03", "5.00", "a")], account="1920"))
    add_match(session, books, list(open_lines(session, books.group.id)["line_id"]))
    group = company.groups[0]
    moved = type(group)(**{**vars(group), "start_on": group.start_on.replace(day=2)})
    changed = type(exported)((), (type(company)(**{**vars(company), "groups": (moved,)}),))
    with pytest.raises(Refusal, match="has matches"):
        apply_setup(session, author, changed)


def test_an_account_stands_unfiltered_in_one_group(session: Session, operator: Actor) -> None:
    second = SETUP.replace(
        "      - name: Dal\n",
        "      - name: twice\n        kind: interim\n        start_on: 2025-01-01\n"
        "        left: [{account: {kind: customer, number: 1500}}]\n"
        "      - name: Dal\n",
    )
    with pytest.raises(Refusal, match="stands in group twice already"):
        apply_setup(session, operator, read_setup(second))


def test_only_the_operator_makes_companies(session: Session, books: Books) -> None:
    with pytest.raises(NotAllowed):
        apply_setup(session, books.actors["admin"], read_setup("companies: [{name: New AS, currency: NOK}]"))
    with pytest.raises(NotAllowed):
        apply_setup(
            session, books.preparer, read_setup("companies: [{name: Fjord AS, currency: NOK, four_eyes: true}]")
        )


def test_the_first_user_needs_nobody_and_the_next_somebody(session: Session) -> None:
    first = add_user(session, None, "root", operator=True, password="a long password")
    assert first.password is not None
    assert first.password.startswith("$argon2id$")
    with pytest.raises(Refusal, match="there are users already"):
        add_user(session, None, "second")
    with pytest.raises(Refusal, match="at least"):
        add_user(session, actor_of(first), "second", password="short")
    assert session.scalar(select(func.count(User.id))) == 1
    assert session.scalar(select(func.count(GroupAccount.id))) == 0
