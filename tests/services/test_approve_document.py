"""Approval: the gate, the sealed PDF, what becomes fixed, and the way back."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterator

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from recon.access import Actor
from recon.closing.balances import Comparison
from recon.database.models import DocumentLine, Match, SealedPdf
from recon.errors import NotAllowed, Refusal
from recon.services.approve_document import Sealed, approve_document
from recon.services.match_lines import match_lines
from recon.services.read_balances import read_balances
from recon.services.reconcile_group import reconcile_group
from recon.services.unmatch_lines import unmatch_lines
from recon.services.verify_database import verify_database
from recon.services.withdraw_document import void_document, withdraw_document
from tests.books import Books
from tests.entered import enter, line_ids, use_rules

JANUARY, FEBRUARY, MARCH = dt.date(2025, 1, 31), dt.date(2025, 2, 28), dt.date(2025, 3, 31)
LEDGER = [("a", "2025-01-02", "100.00", "R1"), ("b", "2025-01-30", "-40.00", "R2"), ("c", "2025-02-09", "7.00", "R3")]
BANK = [("x", "2025-01-02", "100.00", "R1"), ("y", "2025-02-01", "-40.00", "R2"), ("z", "2025-02-09", "7.00", "R3")]


@pytest.fixture(autouse=True)
def sound(session: Session, books: Books) -> Iterator[None]:
    """Whatever a test did, the database holds against itself afterwards."""
    yield
    session.flush()
    assert verify_database(session, books.actors["auditor"]) == []


@pytest.fixture
def reconciled(session: Session, books: Books) -> Books:
    """January: 60 in the ledger, 100 at the bank (R2 comes in February); February: 67 on both."""
    enter(session, books, books.ledger, LEDGER)
    enter(session, books, books.bank, BANK)
    use_rules(session, books)
    reconcile_group(session, books.preparer, books.group.id)
    return books


def approve(
    session: Session, books: Books, to_on: dt.date, ledger: int, bank: int, actor: Actor | None = None
) -> Sealed:
    return approve_document(
        session,
        actor or books.actors["approver"],
        books.group.id,
        to_on,
        statement_balances={books.ledger.id: ledger, books.bank.id: bank},
    )


def test_approving_seals_a_pdf_numbers_it_and_stores_the_open_list(session: Session, reconciled: Books) -> None:
    sealed = approve(session, reconciled, JANUARY, 6000, 10000)
    assert (sealed.document.state, sealed.document.number) == ("approved", "RECON000001")
    assert sealed.pdf.startswith(b"%PDF")
    stored = session.scalars(select(SealedPdf)).one()
    assert stored.sha256 == sealed.document.pdf_sha256 == hashlib.sha256(stored.content).hexdigest()
    line = session.scalars(select(DocumentLine)).one()
    assert (line.block, line.amount_minor, line.later_period) == ("left_withdrawal", -4000, "2025-02-01")


def test_the_proof_counts_a_line_matched_later_as_open(session: Session, reconciled: Books) -> None:
    balances = read_balances(session, reconciled.preparer, reconciled.group.id, JANUARY)
    assert [account.calculated.amount_minor for account in balances.accounts] == [6000, 10000]
    assert balances.proof.holds
    assert balances.proof.explained_minor("left") == 10000


def test_a_wrong_statement_balance_is_refused_and_named(session: Session, reconciled: Books) -> None:
    with pytest.raises(Refusal, match=r"1920: the statement balance on 2025-01-31 differs .* by NOK.1\.00"):
        approve(session, reconciled, JANUARY, 6100, 10000)


def test_without_a_statement_balance_the_approver_gives_a_reason(session: Session, reconciled: Books) -> None:
    approver, group_id = reconciled.actors["approver"], reconciled.group.id
    with pytest.raises(Refusal, match="no statement balance is known"):
        approve_document(session, approver, group_id, JANUARY)
    sealed = approve_document(session, approver, group_id, JANUARY, reason="statements come on paper")
    assert sealed.document.reason == "statements come on paper"


def test_a_period_cannot_be_skipped(session: Session, reconciled: Books) -> None:
    """T23: approved January, March refused while February is not."""
    approve(session, reconciled, JANUARY, 6000, 10000)
    with pytest.raises(Refusal, match="2025-02-28 is not approved"):
        approve(session, reconciled, MARCH, 6700, 6700)
    assert approve(session, reconciled, FEBRUARY, 6700, 6700).document.number == "RECON000002"


def test_approved_matches_cannot_be_taken_apart(session: Session, reconciled: Books) -> None:
    approve(session, reconciled, JANUARY, 6000, 10000)
    approved = session.scalars(select(Match).where(Match.state == "approved")).one()
    with pytest.raises(Refusal, match="withdraw the approval first"):
        unmatch_lines(session, reconciled.preparer, reconciled.group.id, [approved.id])


def test_withdrawing_returns_the_matches_and_supersedes_the_pdf(session: Session, reconciled: Books) -> None:
    approve(session, reconciled, JANUARY, 6000, 10000)
    approver, group_id = reconciled.actors["approver"], reconciled.group.id
    document = withdraw_document(session, approver, group_id, JANUARY, "a line was missing")
    assert document.state == "balanced"
    assert session.scalars(select(SealedPdf.superseded_event_id)).one() is not None
    assert set(session.scalars(select(Match.state))) == {"confirmed"}
    assert approve(session, reconciled, JANUARY, 6000, 10000).document.number == "RECON000002"


def test_only_the_newest_document_can_be_withdrawn(session: Session, reconciled: Books) -> None:
    """T25: the older of two is refused, and so is a document before the lock date."""
    approve(session, reconciled, JANUARY, 6000, 10000)
    approve(session, reconciled, FEBRUARY, 6700, 6700)
    approver, group_id = reconciled.actors["approver"], reconciled.group.id
    with pytest.raises(Refusal, match="withdraw RECON000002 first"):
        withdraw_document(session, approver, group_id, JANUARY, "wrong")
    reconciled.company.locked_on = MARCH
    session.flush()
    with pytest.raises(Refusal, match="locked up to 2025-03-31"):
        withdraw_document(session, approver, group_id, FEBRUARY, "wrong")


def test_after_voiding_the_period_starts_over(session: Session, reconciled: Books) -> None:
    approve(session, reconciled, JANUARY, 6000, 10000)
    void_document(session, reconciled.actors["approver"], reconciled.group.id, JANUARY, "wrong month")
    balances = read_balances(session, reconciled.preparer, reconciled.group.id, JANUARY)
    assert (balances.document, balances.previous) == (None, None)
    assert approve(session, reconciled, JANUARY, 6000, 10000).document.number == "RECON000002"


def test_whoever_prepared_may_not_approve_under_four_eyes(session: Session, reconciled: Books) -> None:
    reconciled.company.four_eyes = True
    session.flush()
    both = Actor(reconciled.preparer.user_id, {reconciled.company.id: frozenset({"preparer", "approver"})})
    with pytest.raises(Refusal, match="Four eyes"):
        approve(session, reconciled, JANUARY, 6000, 10000, both)
    assert approve(session, reconciled, JANUARY, 6000, 10000).document.state == "approved"


def test_a_preparer_may_not_approve(session: Session, reconciled: Books) -> None:
    with pytest.raises(NotAllowed):
        approve_document(session, reconciled.preparer, reconciled.group.id, JANUARY, reason="mine")


def test_a_match_made_later_leaves_the_approved_document_as_it_was(session: Session, reconciled: Books) -> None:
    """The January line is matched after January's approval: its match takes effect in February."""
    approved = session.scalars(select(Match).where(Match.effective_on > JANUARY).order_by(Match.id)).all()
    unmatch_lines(session, reconciled.preparer, reconciled.group.id, [match.id for match in approved])
    sealed = approve(session, reconciled, JANUARY, 6000, 10000)
    figures, left = sealed.document.figures, line_ids(session, reconciled, "left")
    right = line_ids(session, reconciled, "right")
    match_id = match_lines(session, reconciled.preparer, reconciled.group.id, [left[1], right[1]])
    assert session.get_one(Match, match_id).effective_on == dt.date(2025, 2, 1)
    balances = read_balances(session, reconciled.preparer, reconciled.group.id, JANUARY)
    assert balances.document == "RECON000001"
    assert sealed.document.figures == figures
    assert all(account.comparison is Comparison.EQUAL for account in balances.accounts)
