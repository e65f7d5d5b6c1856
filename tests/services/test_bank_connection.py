"""A bank's statement service: who may bring which lines when, and what a source gives is taken in once."""

from __future__ import annotations

import datetime as dt
import os
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from recon.database.models import BankService, Batch, CollectedFile, Line, StatementBalance
from recon.database.session import make_engine, session_factory
from recon.errors import NotAllowed, NotFound, Refusal
from recon.intake.connection import iban_fault, silent
from recon.services.bank_services import deactivate_service, order_service, service_of
from recon.services.collect import collect
from recon.services.import_file import import_file
from recon.services.manual_lines import ManualLine, add_manual_line
from recon.services.run_group import run_group, silences
from recon.services.sources import add_source, pause_source, remove_source, sources_of
from recon.services.undo_import import Part, undo_import
from recon.services.verify_database import verify_database
from tests.books import Books, make_books
from tests.entered import use_rules
from tests.files import csv_file

IBAN = "NO9386011117947"
DAY = dt.date(2025, 3, 10)


def ordered(session: Session, books: Books, from_on: dt.date = DAY) -> BankService:
    books.bank.iban = IBAN
    return order_service(
        session, books.actors["admin"], books.company.id, [books.bank.id], bank="Fjordbanken", from_on=from_on
    )[0]


def manual(day: dt.date) -> ManualLine:
    return ManualLine("right", day, -5000, fields={"text": "fee"})


def bank_file(*days: str) -> bytes:
    return csv_file([(day, "100.00", day) for day in days])


@pytest.fixture
def sessions(database_url: str) -> Iterator[sessionmaker[Session]]:
    engine = make_engine(database_url)
    yield session_factory(engine)
    engine.dispose()


@pytest.fixture
def kept(sessions: sessionmaker[Session]) -> Books:
    """The company, committed, for services that own their sessions."""
    with sessions() as session:
        made = make_books(session)
        made.bank.iban = IBAN
        use_rules(session, made)
        session.commit()
        for row in (made.company, made.bank, made.group):
            session.refresh(row)
        session.expunge_all()
    return made


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    folder = tmp_path / "inbox"
    folder.mkdir()
    return folder


def watched(sessions: sessionmaker[Session], books: Books, inbox: Path) -> int:
    with sessions.begin() as session:
        source = add_source(
            session, books.actors["admin"], books.company.id, name="inbox", kind="folder", place={"path": str(inbox)}
        )  # fmt: skip
        return source.id


def taken(sessions: sessionmaker[Session], books: Books, source_id: int) -> list[tuple[str, str]]:
    return [(each.name, each.outcome) for each in collect(sessions, books.preparer, source_id, settle=0).files]


def count_lines(sessions: sessionmaker[Session]) -> int:
    with sessions() as session:
        return session.scalar(select(func.count(Line.id)).where(Line.withdrawn_event_id.is_(None))) or 0


# --- the service of an account ---


def test_t27_while_pending_nothing_from_activation_on_by_hand(session: Session, books: Books) -> None:
    ordered(session, books)
    for day in (DAY, DAY + dt.timedelta(days=3)):
        with pytest.raises(Refusal, match="pending from 2025-03-10"):
            add_manual_line(session, books.preparer, books.group.id, manual(day))
    assert add_manual_line(session, books.preparer, books.group.id, manual(DAY - dt.timedelta(days=1)))
    with pytest.raises(Refusal, match="2025-03-11"):
        import_file(session, books.preparer, bank_file("2025-03-09", "2025-03-11"))
    assert import_file(session, books.preparer, bank_file("2025-03-08", "2025-03-09")).new == 2


def test_t27_once_active_the_waiting_time_may_be_filled(
    sessions: sessionmaker[Session], kept: Books, inbox: Path
) -> None:
    with sessions.begin() as session:
        ordered(session, kept)
    source_id = watched(sessions, kept, inbox)
    (inbox / "bank.csv").write_bytes(bank_file("2025-03-07", "2025-03-12", "2025-03-13"))
    assert taken(sessions, kept, source_id) == [("bank.csv", "stored")]
    with sessions.begin() as session:
        service = service_of(session, kept.bank.id)
        assert service is not None
        assert service.state == "active"
        assert add_manual_line(session, kept.preparer, kept.group.id, manual(DAY + dt.timedelta(days=1)))
        days = set(session.scalars(select(Line.booked_on).where(Line.origin == "imported")))
        assert days == {dt.date(2025, 3, 12), dt.date(2025, 3, 13)}
        told = session.scalars(select(CollectedFile.said)).one()
        assert "1 lines of account 12345678903 are from before 2025-03-10" in told


def test_a_delivery_from_before_activation_is_refused_and_wakes_nothing(
    sessions: sessionmaker[Session], kept: Books, inbox: Path
) -> None:
    with sessions.begin() as session:
        ordered(session, kept)
    source_id = watched(sessions, kept, inbox)
    (inbox / "old.csv").write_bytes(bank_file("2025-03-07", "2025-03-08"))
    assert taken(sessions, kept, source_id) == [("old.csv", "refused")]
    with sessions() as session:
        assert (
            "2 lines of account 12345678903 are from before 2025-03-10"
            in session.scalars(select(CollectedFile.said)).one()
        )
        assert session.scalars(select(BankService.state)).one() == "pending"


@pytest.mark.parametrize("iban", [None, "", "NO9386011117948", "hello"])
def test_an_account_without_a_sound_iban_gets_no_service(session: Session, books: Books, iban: str | None) -> None:
    books.bank.iban = iban
    with pytest.raises(Refusal, match="IBAN"):
        order_service(
            session, books.actors["admin"], books.company.id, [books.bank.id], bank="Fjordbanken", from_on=DAY
        )
    assert iban_fault(IBAN) is None
    assert iban_fault("NO93 8601 1117 947") is None


def test_a_service_is_the_administrators_and_one_an_account(session: Session, books: Books) -> None:
    with pytest.raises(NotAllowed):
        order_service(session, books.preparer, books.company.id, [books.bank.id], bank="x", from_on=DAY)
    ordered(session, books)
    with pytest.raises(Refusal, match="already"):
        ordered(session, books)
    with pytest.raises(Refusal, match="no bank account"):
        order_service(
            session, books.actors["admin"], books.company.id, [books.ledger.id], bank="Fjordbanken", from_on=DAY
        )


def test_a_deactivated_service_bars_nothing_and_can_be_ordered_again(session: Session, books: Books) -> None:
    ordered(session, books)
    assert deactivate_service(session, books.actors["admin"], books.company.id, [books.bank.id], DAY) == 1
    assert add_manual_line(session, books.preparer, books.group.id, manual(DAY))
    assert ordered(session, books).state == "pending"


def test_a_bank_that_brings_nothing_for_two_banking_days_is_silent(session: Session, books: Books) -> None:
    service = ordered(session, books)
    service.state, service.first_on = "active", dt.date(2025, 3, 14)  # a Friday
    assert silences(session, books.company.id, dt.date(2025, 3, 18)) == []
    [finding] = silences(session, books.company.id, dt.date(2025, 3, 19))
    assert "Fjordbanken has brought no statement of account 12345678903 since 2025-03-14" in finding.sentence
    assert not silent(dt.date(2025, 4, 16), dt.date(2025, 4, 22), "NO")  # Easter lies between


# --- a watched folder ---


def test_files_are_taken_in_once_and_put_away(sessions: sessionmaker[Session], kept: Books, inbox: Path) -> None:
    source_id = watched(sessions, kept, inbox)
    (inbox / "1.csv").write_bytes(bank_file("2025-03-01"))
    (inbox / "2.csv").write_bytes(b"id,booking_date\n1,x\n")
    (inbox / ".hidden.csv").write_bytes(b"x")
    (inbox / "3.csv.part").write_bytes(b"x")
    assert taken(sessions, kept, source_id) == [("1.csv", "stored"), ("2.csv", "refused")]
    assert taken(sessions, kept, source_id) == []
    assert count_lines(sessions) == 1
    assert [p.name.endswith("-1.csv") for p in (inbox / "archive").iterdir()] == [True]
    assert [p.name.endswith("-2.csv") for p in (inbox / "quarantine").iterdir()] == [True]
    assert sorted(p.name for p in inbox.iterdir() if p.is_file()) == [".hidden.csv", "3.csv.part"]
    (inbox / "again.csv").write_bytes(bank_file("2025-03-01"))
    assert taken(sessions, kept, source_id) == [("again.csv", "known")]
    with sessions() as session:
        assert verify_database(session, kept.actors["auditor"]) == []


def test_a_file_still_being_written_is_left_alone(sessions: sessionmaker[Session], kept: Books, inbox: Path) -> None:
    source_id = watched(sessions, kept, inbox)
    (inbox / "1.csv").write_bytes(bank_file("2025-03-01"))
    assert collect(sessions, kept.preparer, source_id, settle=60).files == ()
    os.utime(inbox / "1.csv", (time.time() - 61, time.time() - 61))
    assert len(collect(sessions, kept.preparer, source_id, settle=60).files) == 1


def test_interrupted_before_it_was_put_away_a_file_is_only_put_away(
    sessions: sessionmaker[Session], kept: Books, inbox: Path
) -> None:
    source_id = watched(sessions, kept, inbox)
    content = bank_file("2025-03-01")
    (inbox / "1.csv").write_bytes(content)
    taken(sessions, kept, source_id)
    (inbox / "1.csv").write_bytes(content)
    with sessions.begin() as session:
        entry = session.scalars(select(CollectedFile)).one()
        entry.filed_at = None
    for away in (inbox / "archive").iterdir():
        away.unlink()
    assert taken(sessions, kept, source_id) == [("1.csv", "stored")]
    assert len(list((inbox / "archive").iterdir())) == 1
    with sessions() as session:
        assert session.scalar(select(func.count(CollectedFile.id))) == 1
        assert session.scalar(select(func.count(Batch.id))) == 1


def test_a_delivered_file_is_taken_back_whole_by_the_administrator_with_a_reason(
    sessions: sessionmaker[Session], kept: Books, inbox: Path
) -> None:
    source_id = watched(sessions, kept, inbox)
    (inbox / "1.csv").write_bytes(bank_file("2025-03-01", "2025-03-02"))
    taken(sessions, kept, source_id)
    admin = kept.actors["admin"]
    with sessions.begin() as session:
        batch = session.scalars(select(Batch.id)).one()
        with pytest.raises(NotAllowed):
            undo_import(session, kept.preparer, batch, reason="wrong")
        with pytest.raises(Refusal, match="whole"):
            undo_import(session, admin, batch, Part(first=DAY), reason="wrong")
        with pytest.raises(Refusal, match="say why"):
            undo_import(session, admin, batch)
        assert undo_import(session, admin, batch, reason="of another company").withdrawn == 2
    (inbox / "once-more.csv").write_bytes(bank_file("2025-03-01", "2025-03-02"))
    assert taken(sessions, kept, source_id) == [("once-more.csv", "refused")]
    assert len(list((inbox / "quarantine").iterdir())) == 2
    assert list((inbox / "archive").iterdir()) == []
    assert count_lines(sessions) == 0


def test_a_run_reads_the_sources_first_and_goes_on_without_one(
    sessions: sessionmaker[Session], kept: Books, inbox: Path
) -> None:
    source_id = watched(sessions, kept, inbox)
    file = inbox / "1.csv"
    file.write_bytes(bank_file("2025-03-01"))
    os.utime(file, (time.time() - 60, time.time() - 60))
    report = run_group(sessions, kept.preparer, kept.group.id)
    assert [finding.code for finding in report.findings] == ["source-stored"]
    assert report.remaining["right"].count == 1
    for path in inbox.rglob("*.csv"):
        path.unlink()
    for folder in ("archive", ""):
        (inbox / folder).rmdir()
    [finding] = run_group(sessions, kept.preparer, kept.group.id).findings
    assert finding.sentence == f"Source inbox: there is no folder {inbox}."
    with sessions.begin() as session:
        pause_source(session, kept.actors["admin"], source_id, True)
    assert run_group(sessions, kept.preparer, kept.group.id).findings == ()


def test_a_source_is_the_administrators(session: Session, books: Books) -> None:
    with pytest.raises(NotAllowed):
        add_source(session, books.preparer, books.company.id, name="x", kind="folder", place={"path": "/x"})
    admin = books.actors["admin"]
    source = add_source(session, admin, books.company.id, name="x", kind="folder", place={"path": "/x"})
    with pytest.raises(Refusal, match="already"):
        add_source(session, admin, books.company.id, name="x", kind="folder", place={"path": "/y"})
    remove_source(session, admin, source.id)
    assert sources_of(session, books.company.id) == []
    with pytest.raises(NotFound):
        pause_source(session, admin, source.id, True)


@pytest.mark.parametrize(
    ("kind", "place", "said"),
    [
        ("folder", {}, "lacks path"),
        ("ftp", {}, "no kind"),
        ("sftp", {"host": "h", "user": "u", "folder": "f", "host_key": "SHA256:x"}, "key_file"),
        ("sftp", {"host": "h", "user": "u", "folder": "f", "host_key": "k", "password": "p4ss word"}, "variable"),
        ("sql", {"url": "ERP", "lines": "DELETE FROM gl", "columns": {"id": "id"}}, "SELECT"),
        ("sql", {"url": "sqlite:///x", "lines": "SELECT 1", "columns": {"id": "id"}}, "variable"),
        ("sql", {"url": "ERP", "lines": "SELECT 1", "columns": {"id": "id"}, "days": "many"}, "whole number"),
    ],
)
def test_a_place_that_cannot_be_read_is_refused(
    session: Session, books: Books, kind: str, place: dict[str, object], said: str
) -> None:
    with pytest.raises(Refusal, match=said):
        add_source(session, books.actors["admin"], books.company.id, name="x", kind=kind, place=place)


# --- another program's database ---


@pytest.fixture
def erp(tmp_path: Path) -> Path:
    path = tmp_path / "erp.sqlite3"
    with sqlite3.connect(path) as there:
        there.execute("CREATE TABLE gl (nr INTEGER, dag TEXT, belop NUMERIC, konto TEXT, tekst TEXT, bilag TEXT)")
        there.executemany(
            "INSERT INTO gl VALUES (?, ?, ?, '1920', ?, ?)",
            [(1, str(days_ago(20)), 125.5, "Faktura 7", "71"), (2, str(days_ago(10)), -25.25, "Gebyr", "72")],
        )
    there.close()
    return path


def days_ago(count: int) -> dt.date:
    return dt.datetime.now(dt.UTC).date() - dt.timedelta(days=count)


ERP = {
    "url": "ERP_URL",
    "lines": "SELECT nr, dag, belop, 'NOK' AS valuta, konto, tekst, bilag FROM gl WHERE dag >= :first",
    "balances": "SELECT konto AS account_number, max(dag) AS on_date, sum(belop) AS amount FROM gl GROUP BY konto",
    "columns": {
        "id": "nr", "booking_date": "dag", "amount": "belop", "currency": "valuta", "account_number": "konto",
        "text": "tekst", "voucher_number": "bilag",
    },
}  # fmt: skip


def test_lines_and_balances_come_out_of_a_database(sessions: sessionmaker[Session], kept: Books, erp: Path) -> None:
    environment = {"ERP_URL": f"sqlite:///{erp}"}
    with sessions.begin() as session:
        source_id = add_source(session, kept.actors["admin"], kept.company.id, name="erp", kind="sql", place=ERP).id
    done = collect(sessions, kept.preparer, source_id, environment=environment)
    assert (done.reached, done.new) == (True, 2)
    with sessions() as session:
        assert sorted(session.scalars(select(Line.amount_minor))) == [-2525, 12550]
        assert session.scalars(select(StatementBalance.amount_minor)).all() == [10025]
    assert collect(sessions, kept.preparer, source_id, environment=environment).files == ()
    with sqlite3.connect(erp) as there:
        there.execute("INSERT INTO gl VALUES (3, ?, 10, '1920', 'Ny', '73')", (str(days_ago(1)),))
    there.close()
    assert collect(sessions, kept.preparer, source_id, environment=environment).new == 1
    assert count_lines(sessions) == 3


def test_a_database_is_only_read(sessions: sessionmaker[Session], kept: Books, erp: Path) -> None:
    sly = ERP | {"lines": "WITH x AS (SELECT 1) INSERT INTO gl SELECT 9, '2025-01-01', 1, '1920', 'x', 'x' FROM x"}
    with sessions.begin() as session:
        source_id = add_source(session, kept.actors["admin"], kept.company.id, name="erp", kind="sql", place=sly).id
    done = collect(sessions, kept.preparer, source_id, environment={"ERP_URL": f"sqlite:///{erp}"})
    assert not done.reached
    assert "readonly" in done.said
    with sqlite3.connect(erp) as there:
        assert there.execute("SELECT count(*) FROM gl").fetchone() == (2,)
    there.close()
    assert "ERP_URL is not set" in collect(sessions, kept.preparer, source_id, environment={}).said
