"""A ledger exported again: changed, deleted, moved and returning vouchers; own vouchers that come back."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from recon.database.audit import allocation_digest, record
from recon.database.line_tables import open_lines
from recon.database.models import Adjustment, Allocation, EntryType, GroupLine, Line, Match
from recon.database.remainders import settle
from recon.errors import Refusal
from recon.intake.revisions import Covered
from recon.services.import_file import Imported, import_file
from recon.services.judge_lines import Decisions
from recon.services.period_figures import accepted_differences
from recon.services.undo_import import undo_import
from recon.services.verify_lines import line_findings
from recon.services.verify_matches import match_findings
from tests.books import Books
from tests.deliveries import Voucher, sie4
from tests.files import csv_file
from tests.matches import add_match
from tests.services.test_import_file import approve

YEAR = [
    Voucher(1, "2025-01-03", "100.00", "Sale one"),
    Voucher(2, "2025-01-10", "-40.00", "Fee"),
    Voucher(3, "2025-02-05", "75.00", "Sale three"),
]
CHANGED = [YEAR[0], replace(YEAR[1], amount="-45.00", text="Fee corrected"), YEAR[2]]
ACCEPTED = Decisions(accept_changes=True)


def ledger(session: Session) -> list[int]:
    """What is live of 1920."""
    query = select(Line.amount_minor).where(Line.withdrawn_event_id.is_(None), Line.origin == "imported")
    return sorted(session.scalars(query))


def told(done: Imported, code: str) -> list[str]:
    return [finding.sentence for finding in done.plan.findings if finding.code == code]


def sound(session: Session) -> None:
    assert [*line_findings(session), *match_findings(session)] == []


def test_the_same_year_again_adds_nothing(session: Session, books: Books) -> None:
    assert import_file(session, books.preparer, sie4(YEAR)).new == 3
    again = import_file(session, books.preparer, sie4(list(reversed(YEAR))))
    assert (again.new, again.known) == (0, 3)
    assert not told(again, "voucher-changed") + told(again, "voucher-gone")


def test_a_changed_voucher_is_a_finding_with_what_differs(session: Session, books: Books) -> None:
    import_file(session, books.preparer, sie4(YEAR))
    done = import_file(session, books.preparer, sie4(CHANGED))
    assert told(done, "voucher-changed") == [
        "account 1920: voucher A 2 of 2025-01-10, -40.00, has changed: amount -40.00 → -45.00; text Fee → Fee corrected"
    ]
    assert ledger(session) == [-4000, 7500, 10000]


def test_accepting_replaces_the_line_and_dissolves_its_match(session: Session, books: Books) -> None:
    import_file(session, books.preparer, sie4(YEAR))
    import_file(session, books.preparer, csv_file([("2025-01-10", "-40.00", "b")]))
    frame = open_lines(session, books.group.id)
    add_match(session, books, list(frame[frame["amount"] == -4000]["line_id"]))
    done = import_file(session, books.preparer, sie4(CHANGED), decisions=ACCEPTED)
    assert ledger(session) == [-4500, -4000, 7500, 10000]  # the bank's line is one of them
    assert session.scalars(select(Match.undone_event_id)).one() is not None
    sound(session)
    undone = undo_import(session, books.preparer, done.batches[0])
    assert (undone.restored, ledger(session)) == (1, [-4000, -4000, 7500, 10000])
    assert sorted(open_lines(session, books.group.id)["amount"]) == [-4000, -4000, 7500, 10000]
    sound(session)


def test_a_deleted_voucher_stays_until_that_is_accepted_and_may_return(session: Session, books: Books) -> None:
    import_file(session, books.preparer, sie4(YEAR))
    shorter = sie4([YEAR[0], YEAR[2]])
    done = import_file(session, books.preparer, shorter)
    assert told(done, "voucher-gone") == ["account 1920: voucher A 2 of 2025-01-10, -40.00, is no longer in the ledger"]
    assert ledger(session) == [-4000, 7500, 10000]
    import_file(session, books.preparer, shorter, decisions=ACCEPTED)
    assert ledger(session) == [7500, 10000]
    back = import_file(session, books.preparer, sie4(YEAR))
    assert (back.new, ledger(session)) == (1, [-4000, 7500, 10000])
    sound(session)


def test_an_account_that_the_ledger_no_longer_names_is_looked_at(session: Session, books: Books) -> None:
    import_file(session, books.preparer, sie4([YEAR[0], replace(YEAR[1], account="1930")]))
    from tests.books import add_account

    add_account(session, books.company, "ledger", "1930")
    import_file(session, books.preparer, sie4([YEAR[0], replace(YEAR[1], account="1930")]))
    assert ledger(session) == [-4000, 10000]
    done = import_file(session, books.preparer, sie4([YEAR[0]]))
    assert told(done, "voucher-gone") == ["account 1930: voucher A 2 of 2025-01-10, -40.00, is no longer in the ledger"]


def test_a_change_in_an_approved_period_is_refused(session: Session, books: Books) -> None:
    import_file(session, books.preparer, sie4(YEAR))
    approve(session, books, dt.date(2025, 1, 31))
    with pytest.raises(Refusal, match="approved at 2025-01-31"):
        import_file(session, books.preparer, sie4(CHANGED), decisions=ACCEPTED)


def test_days_that_a_plain_table_covers_are_said_by_a_person(session: Session, books: Books) -> None:
    rows = [("2025-01-03", "1.00", "a"), ("2025-01-04", "2.00", "b"), ("2025-02-01", "3.00", "c")]
    import_file(session, books.preparer, csv_file(rows, account="1920"))
    shorter = csv_file(rows[:1], account="1920")
    assert not told(import_file(session, books.preparer, shorter), "voucher-gone")
    january = Covered(dt.date(2025, 1, 1), dt.date(2025, 1, 31))
    done = import_file(session, books.preparer, shorter, decisions=Decisions(covers=january))
    assert len(told(done, "voucher-gone")) == 1


def fee(session: Session, books: Books, number: int) -> Adjustment:
    """A released adjustment of −50.00 for the difference of a match of 100.00 in the ledger with 50.00 at the bank."""
    entry_type = EntryType(company_id=books.company.id, key="fee", name="Fee", debit_account="1920")
    session.add(entry_type)
    import_file(session, books.preparer, sie4([YEAR[0]]))
    import_file(session, books.preparer, csv_file([("2025-01-03", "50.00", "b")]))
    lines = session.scalars(select(GroupLine).where(GroupLine.group_id == books.group.id)).all()
    rows = [("s", line.line_id, line.side, line.amount_minor) for line in lines] + [("s", None, "left", -5000)]
    event = record(session, books.preparer, books.company.id, "match", "group", digest=allocation_digest(rows))
    match = Match(
        group_id=books.group.id, state="confirmed", effective_on=dt.date(2025, 1, 3), set_hash="s", event_id=event.id
    )
    session.add_all([match])
    session.flush()
    adjustment = Adjustment(
        company_id=books.company.id,
        group_id=books.group.id,
        match_id=match.id,
        entry_type_id=entry_type.id,
        booked_on=dt.date(2025, 1, 3),
        amount_minor=-5000,
        currency="NOK",
        series="ADJ",
        number=number,
        state="released",
        event_id=event.id,
    )
    session.add(adjustment)
    session.flush()
    match.allocations = [
        *(
            Allocation(line_id=line.line_id, side=line.side, amount_minor=line.amount_minor, event_id=event.id)
            for line in lines
        ),
        Allocation(adjustment_id=adjustment.id, side="left", amount_minor=-5000, event_id=event.id),
    ]
    session.flush()
    settle(session, books.group.id, select(Match.id).where(Match.id == match.id))
    return adjustment


def test_an_own_voucher_that_returns_takes_its_place_in_the_match(session: Session, books: Books) -> None:
    adjustment = fee(session, books, 7)
    day = dt.date(2025, 1, 31)
    assert accepted_differences(session, books.group.id, day).amount_minor == -5000
    returned = [YEAR[0], Voucher(7, "2025-01-03", "-50.00", "Bank fee", series="ADJ")]
    done = import_file(session, books.preparer, sie4(returned))
    assert done.new == 1
    assert open_lines(session, books.group.id).empty
    assert accepted_differences(session, books.group.id, day).amount_minor == 0
    live = session.scalars(select(Match).where(Match.undone_event_id.is_(None))).one()
    assert sorted(a.amount_minor for a in live.allocations) == [-5000, 5000, 10000]
    assert all(a.adjustment_id is None for a in live.allocations)
    sound(session)
    assert import_file(session, books.preparer, sie4(returned)).new == 0
    assert adjustment.line_id is not None


def test_undoing_that_import_gives_the_adjustment_its_place_back(session: Session, books: Books) -> None:
    adjustment = fee(session, books, 7)
    returned = [YEAR[0], Voucher(7, "2025-01-03", "-50.00", "Bank fee", series="ADJ")]
    done = import_file(session, books.preparer, sie4(returned))
    undone = undo_import(session, books.preparer, done.batches[0])
    assert (undone.withdrawn, undone.dissolved) == (1, 0)
    session.expire_all()
    assert adjustment.line_id is None
    assert accepted_differences(session, books.group.id, dt.date(2025, 1, 31)).amount_minor == -5000
    live = session.scalars(select(Match).where(Match.undone_event_id.is_(None))).one()
    assert [a.adjustment_id for a in live.allocations if a.adjustment_id] == [adjustment.id]
    assert open_lines(session, books.group.id).empty
    sound(session)


def test_t9_partly_by_account_and_days(session: Session, books: Books) -> None:
    rows = [("2025-01-03", "1.00", "a"), ("2025-01-11", "2.00", "b"), ("2025-01-12", "4.00", "c")]
    from recon.errors import NotAllowed
    from recon.services.undo_import import Part

    both = csv_file(rows) + csv_file(rows, account="1920").split(b"\n", 1)[1].replace(b"\n1,", b"\n4,")
    text = both.decode().splitlines()
    numbered = "\n".join([text[0], *(f"{n},{row.split(',', 1)[1]}" for n, row in enumerate(text[1:], 1))]) + "\n"
    done = import_file(session, books.preparer, numbered.encode())
    part = Part(books.bank.id, dt.date(2025, 1, 1), dt.date(2025, 1, 11))
    with pytest.raises(NotAllowed):
        undo_import(session, books.actors["approver"], done.batches[0], part)
    undone = undo_import(session, books.actors["admin"], done.batches[0], part)
    assert (undone.withdrawn, undone.kept) == (2, 0)
    count = func.sum(Line.amount_minor)
    live = select(Line.account_id, count).where(Line.withdrawn_event_id.is_(None)).group_by(Line.account_id)
    assert dict(session.execute(live).all()) == {books.bank.id: 400, books.ledger.id: 700}
    with pytest.raises(Refusal, match="no lines of that account"):
        undo_import(session, books.preparer, done.batches[0], part)
    again = import_file(session, books.preparer, numbered.encode())
    assert (again.new, again.known) == (2, 4)
    assert undo_import(session, books.preparer, done.batches[0]).withdrawn == 0
    assert undo_import(session, books.preparer, again.batches[0]).withdrawn == 6
    sound(session)
