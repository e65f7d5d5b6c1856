"""Vouchers from proposal to reversal: by hand, by rules, for differences; what each does to lines, proof, numbers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from recon.database.models import Adjustment, Allocation, Batch, EntryType, Event, GroupLine, Line, Match, NumberSeries
from recon.errors import NotAllowed, NotFound
from recon.errors import Refusal as Refused
from recon.services.answer_adjustments import accept_adjustments, edit_adjustment, reject_adjustments
from recon.services.approve_document import approve_document
from recon.services.import_file import import_file
from recon.services.match_lines import match_lines
from recon.services.propose_adjustments import propose_adjustments, propose_amount
from recon.services.read_balances import read_balances
from recon.services.reconcile_group import reconcile_group
from recon.services.release_adjustments import release_adjustments
from recon.services.reverse_adjustment import reverse_adjustment
from recon.services.run_report import RunReport
from recon.services.undo_import import undo_import
from recon.services.undo_run import undo_run
from recon.services.unmatch_lines import unmatch_lines
from recon.services.verify_database import verify_database
from recon.services.vouchers import Voucher
from rules.model import Difference
from tests.books import Books
from tests.entered import EXACT, Row, enter, line_ids, use_rules

JANUARY = dt.date(2025, 1, 31)
FEE = Voucher(entry_type="FEE")
FEES: dict[str, Any] = {
    "key": "fees",
    "name": "Fees",
    "kind": "post",
    "side": "right",
    "entry_type": "FEE",
    "where": {"field": "reference", "op": "equals", "value": "GEBYR"},
}


@pytest.fixture(autouse=True)
def sound(session: Session, books: Books) -> Iterator[None]:
    """Whatever a test did, the database holds against itself afterwards, and so does the proof."""
    yield
    session.flush()
    assert verify_database(session, books.actors["auditor"]) == []
    assert read_balances(session, books.preparer, books.group.id, JANUARY).proof.holds


@pytest.fixture
def fees(session: Session, books: Books) -> EntryType:
    """The entry type FEE: fees on 7770, interest on 8050, numbered in the series BANK."""
    series = NumberSeries(company_id=books.company.id, name="BANK", kind="voucher")
    told = {"debit_account": "7770", "credit_account": "8050", "vat_code": "0"}
    kind = EntryType(company_id=books.company.id, key="FEE", name="Bank fee", series=series, **told)
    session.add(kind)
    session.flush()
    return kind


def entered(session: Session, books: Books, bank: list[Row], ledger: list[Row] | None = None, *rules: object) -> None:
    enter(session, books, books.ledger, ledger or [("a", "2025-01-02", "1000.00", "R0")])
    enter(session, books, books.bank, [("x0", "2025-01-02", "1000.00", "R0"), *bank])
    use_rules(session, books, {**EXACT, "rules": [*EXACT["rules"], *rules]})  # type: ignore[misc]


def reconcile(session: Session, books: Books) -> RunReport:
    return reconcile_group(session, books.preparer, books.group.id)


def adjustments(session: Session) -> list[Adjustment]:
    return list(session.scalars(select(Adjustment).order_by(Adjustment.id)))


def states(session: Session) -> list[str]:
    return [adjustment.state for adjustment in adjustments(session)]


def opened(session: Session, side: str) -> list[int]:
    query = select(GroupLine.open_minor).where(GroupLine.is_open, GroupLine.side == side)
    return sorted(session.scalars(query))


def terms(session: Session, books: Books) -> dict[str, int]:
    proof = read_balances(session, books.preparer, books.group.id, JANUARY).proof
    return {line.term: line.amount_minor for line in proof.of("left")}


def release(session: Session, books: Books, *ids: int) -> None:
    release_adjustments(session, books.actors["approver"], books.group.id, ids)


def sums(session: Session) -> set[int]:
    """Σ left − Σ right of each live match."""
    found: dict[int, int] = {}
    live = select(Allocation).join(Match).where(Match.undone_event_id.is_(None), Allocation.undone_event_id.is_(None))
    for each in session.scalars(live):
        found[each.match_id] = found.get(each.match_id, 0) + each.amount_minor * (1 if each.side == "left" else -1)
    return set(found.values())


@pytest.mark.parametrize(
    ("amount", "minor", "debit", "credit"),
    [("-50.00", -5000, "7770", "1920"), ("12.34", 1234, "1920", "8050")],
)
def test_T26_a_posted_row_becomes_an_open_line_that_the_next_run_matches(
    session: Session, books: Books, fees: EntryType, amount: str, minor: int, debit: str, credit: str
) -> None:
    entered(session, books, [("x", "2025-01-10", amount, "GEBYR")])
    reconcile(session, books)
    line_id = line_ids(session, books, "right")[-1]
    (key,) = propose_adjustments(session, books.preparer, books.group.id, [line_id], FEE)
    adjustment = session.get_one(Adjustment, key)
    assert (adjustment.amount_minor, adjustment.state, adjustment.vat_code) == (minor, "unreleased", "0")
    bank, counter = books.ledger.number, adjustment.counter_account
    assert ((bank, counter) if minor > 0 else (counter, bank)) == (debit, credit)
    with pytest.raises(Refused, match="is posted: adjustment"):
        propose_adjustments(session, books.preparer, books.group.id, [line_id], FEE)
    assert reconcile(session, books).changed is False
    release(session, books, key)
    assert (opened(session, "left"), opened(session, "right")) == ([minor], [minor])
    assert terms(session, books)["exported"] == minor
    with pytest.raises(Refused, match="posted already, by voucher BANK 1"):
        propose_adjustments(session, books.preparer, books.group.id, [line_id], FEE)
    report = reconcile(session, books)
    assert [(count.rule, count.matches, count.lines) for count in report.rules] == [(":posted", 1, 2)]
    assert (opened(session, "left"), opened(session, "right"), sums(session)) == ([], [], {0})
    assert reconcile(session, books).changed is False
    with pytest.raises(Refused, match="already matched"):
        propose_adjustments(session, books.preparer, books.group.id, [line_id], FEE)


def test_T2_a_missing_fee_is_adjusted_before_the_period_can_be_approved(
    session: Session, books: Books, fees: EntryType
) -> None:
    """The part of adjustments: an unreleased one stands in the way of approving, a released one no longer."""
    entered(session, books, [("x", "2025-01-31", "-50.00", "GEBYR")])
    reconcile(session, books)
    preparer, approver = books.preparer, books.actors["approver"]
    key = propose_amount(
        session, preparer, books.group.id, Voucher("FEE", booked_on=JANUARY, amount_minor=-5000, text="Fee January")
    )
    with pytest.raises(Refused, match="1 adjustments are not released"):
        approve_document(session, approver, books.group.id, JANUARY, reason="no statements")
    release(session, books, key)
    assert (opened(session, "left"), opened(session, "right")) == ([-5000], [-5000])
    match_lines(session, preparer, books.group.id, _open_ids(session))
    sealed = approve_document(session, approver, books.group.id, JANUARY, reason="no statements")
    assert sealed.document.state == "approved"
    assert {term["term"]: term["minor"] for term in sealed.document.figures["proof"]}["exported"] == -5000


def _open_ids(session: Session) -> list[int]:
    return list(session.scalars(select(GroupLine.line_id).where(GroupLine.is_open)))


def test_T18_lines_that_differ_are_matched_only_with_a_treatment_and_a_reason(
    session: Session, books: Books, fees: EntryType
) -> None:
    """450 in the ledger, −50 and 500 at the bank agree; without the −50 they differ by 50, right − left."""
    ledger = [("a", "2025-01-02", "450.00", "")]
    enter(session, books, books.ledger, ledger)
    enter(session, books, books.bank, [("x", "2025-01-02", "-50.00", ""), ("y", "2025-01-02", "500.00", "")])
    use_rules(session, books)
    left, right = line_ids(session, books, "left"), line_ids(session, books, "right")
    lines = [left[0], right[1]]
    match = match_lines
    with pytest.raises(Refused, match=r"right minus left is NOK.50\.00"):
        match(session, books.preparer, books.group.id, lines)
    with pytest.raises(Refused, match="Say why"):
        match(session, books.preparer, books.group.id, lines, treatment=Difference("FEE"))
    with pytest.raises(NotFound, match="no entry type NONE"):
        match(session, books.preparer, books.group.id, lines, treatment=Difference("NONE"), reason="rounding")
    match_id = match(session, books.preparer, books.group.id, lines, treatment=Difference("FEE"), reason="rounding")
    made = session.get_one(Match, match_id)
    assert (made.difference_minor, made.reason, made.state) == (5000, "rounding", "confirmed")
    (adjustment,) = adjustments(session)
    assert (adjustment.amount_minor, adjustment.state, adjustment.counter_account) == (5000, "unreleased", "8050")
    told = session.get_one(Event, made.event_id).after or {}
    assert (told["difference_minor"], told["entry_type"], told["reason"]) == (5000, "FEE", "rounding")
    assert (opened(session, "left"), opened(session, "right"), sums(session)) == ([], [-5000], {0})


def test_T18_all_three_lines_agree_and_need_no_treatment(session: Session, books: Books, fees: EntryType) -> None:
    enter(session, books, books.ledger, [("a", "2025-01-02", "450.00", "")])
    enter(session, books, books.bank, [("x", "2025-01-02", "-50.00", ""), ("y", "2025-01-02", "500.00", "")])
    lines = [*line_ids(session, books, "left"), *line_ids(session, books, "right")]
    match_lines(session, books.preparer, books.group.id, lines, treatment=Difference("FEE"), reason="none needed")
    assert (adjustments(session), opened(session, "right")) == ([], [])


def test_a_rest_is_kept_open_on_the_larger_side(session: Session, books: Books) -> None:
    """The smaller side goes whole; of the larger, lines of opposite sign go first, then by date; the last keeps it."""
    enter(session, books, books.ledger, [("a", "2025-01-02", "100.00", "")])
    bank = [("x", "2025-01-05", "90.00", ""), ("y", "2025-01-03", "60.00", ""), ("z", "2025-01-09", "-20.00", "")]
    enter(session, books, books.bank, bank)
    use_rules(session, books)
    lines = [*line_ids(session, books, "left"), *line_ids(session, books, "right")]
    treatment, why = Difference(keep_open=True), "instalment"
    match_lines(session, books.preparer, books.group.id, lines, treatment=treatment, reason=why)
    assert (opened(session, "left"), opened(session, "right"), sums(session)) == ([], [3000], {0})
    assert adjustments(session) == []


def test_sides_of_opposite_sign_keep_no_rest(session: Session, books: Books) -> None:
    enter(session, books, books.ledger, [("a", "2025-01-02", "100.00", "")])
    enter(session, books, books.bank, [("x", "2025-01-05", "-60.00", "")])
    use_rules(session, books)
    lines = [*line_ids(session, books, "left"), *line_ids(session, books, "right")]
    treatment = Difference(keep_open=True)
    with pytest.raises(Refused, match="same way"):
        match_lines(session, books.preparer, books.group.id, lines, treatment=treatment, reason="x")


def test_a_ledger_line_alone_is_written_off(session: Session, books: Books, fees: EntryType) -> None:
    entered(session, books, [], [("a", "2025-01-02", "1000.00", "R0"), ("b", "2025-01-03", "0.50", "")])
    reconcile(session, books)
    (line,) = _open_ids(session)
    match_lines(session, books.preparer, books.group.id, [line], treatment=Difference("FEE"), reason="rounding")
    (adjustment,) = adjustments(session)
    assert (adjustment.amount_minor, opened(session, "left"), sums(session)) == (-50, [], {0})
    release(session, books, adjustment.id)
    assert (opened(session, "left"), sums(session)) == ([], {0})


def test_the_voucher_of_a_difference_joins_its_match_when_released(
    session: Session, books: Books, fees: EntryType
) -> None:
    allowed = {"amount": {"minus": "1", "plus": "0"}, "difference": {"entry_type": "FEE"}}
    enter(session, books, books.ledger, [("a", "2025-01-02", "100.00", "R1")])
    enter(session, books, books.bank, [("x", "2025-01-03", "99.50", "R1")])
    use_rules(session, books, {**EXACT, "rules": [{**EXACT["rules"][0], **allowed}]})  # type: ignore[index]
    reconcile(session, books)
    (adjustment,) = adjustments(session)
    assert terms(session, books)["accepted_differences"] == -50
    release(session, books, adjustment.id)
    session.refresh(adjustment)
    line = session.get_one(Line, adjustment.line_id)
    assert (line.origin, line.amount_minor, line.voucher_type, line.voucher_number) == ("adjustment", -50, "BANK", "1")
    assert terms(session, books) | {"balance": 0} == {
        "balance": 0,
        "open": 0,
        "deactivated": 0,
        "accepted_differences": 0,
        "exported": -50,
    }
    assert (opened(session, "left"), sums(session)) == ([], {0})
    assert reconcile(session, books).changed is False
    (match,) = session.scalars(select(Match.id).where(Match.undone_event_id.is_(None)))
    with pytest.raises(Refused, match="released adjustment"):
        unmatch_lines(session, books.preparer, books.group.id, [match])


def test_a_released_voucher_is_taken_back_only_by_reversing_it(session: Session, books: Books, fees: EntryType) -> None:
    entered(session, books, [("x", "2025-01-10", "-50.00", "GEBYR")])
    reconcile(session, books)
    line_id = line_ids(session, books, "right")[-1]
    (key,) = propose_adjustments(session, books.preparer, books.group.id, [line_id], FEE)
    release(session, books, key)
    reconcile(session, books)
    for work in (reject_adjustments, accept_adjustments):
        with pytest.raises(Refused, match="is released"):
            work(session, books.preparer, books.group.id, [key])
    approver = books.actors["approver"]
    with pytest.raises(NotAllowed):
        reverse_adjustment(session, books.preparer, books.group.id, key, "wrong account")
    with pytest.raises(Refused, match="Say why"):
        reverse_adjustment(session, approver, books.group.id, key, " ")
    reversing = reverse_adjustment(session, approver, books.group.id, key, "wrong account")
    found = session.get_one(Adjustment, reversing)
    assert (found.amount_minor, found.number, found.state, found.reverses_id) == (5000, 2, "released", key)
    assert (states(session), opened(session, "left"), opened(session, "right")) == (
        ["reversed", "released"],
        [],
        [-5000],
    )
    assert (sums(session), terms(session, books)["exported"]) == ({0}, 0)
    assert reconcile(session, books).changed is False
    with pytest.raises(Refused, match="is reversed"):
        reverse_adjustment(session, approver, books.group.id, key, "again")
    with pytest.raises(Refused, match="reversal itself"):
        reverse_adjustment(session, approver, books.group.id, reversing, "again")
    (again,) = propose_adjustments(session, books.preparer, books.group.id, [line_id], FEE)
    release(session, books, again)
    assert session.get_one(Adjustment, again).number == 3


def test_a_post_rule_proposes_keeps_and_withdraws(session: Session, books: Books, fees: EntryType) -> None:
    bank = [("x", "2025-01-10", "-50.00", "GEBYR"), ("y", "2025-01-11", "-7.00", "GEBYR")]
    entered(session, books, bank, None, FEES)
    report = reconcile(session, books)
    assert [(c.rule, c.entry_type, c.outcome, c.lines, c.amount_minor) for c in report.postings] == [
        ("fees", "FEE", "suggested", 2, -5700)
    ]
    before = [(found.id, found.state) for found in adjustments(session)]
    again = reconcile(session, books)
    assert (again.changed, again.kept_postings) == (False, 2)
    enter(session, books, books.ledger, [("f", "2025-01-10", "-50.00", "GEBYR")])
    taken = reconcile(session, books)
    assert (taken.matches, taken.withdrawn_postings, taken.kept_postings) == (1, 1, 1)
    assert [(found.id, found.state) for found in adjustments(session)] == [(before[0][0], "dropped"), before[1]]


def test_a_confirmed_posting_waits_and_a_proposed_one_is_accepted(
    session: Session, books: Books, fees: EntryType
) -> None:
    entered(session, books, [("x", "2025-01-10", "-50.00", "GEBYR")], None, {**FEES, "outcome": "confirmed"})
    reconcile(session, books)
    assert states(session) == ["unreleased"]
    assert reconcile(session, books).changed is False
    with pytest.raises(Refused, match="is unreleased"):
        accept_adjustments(session, books.preparer, books.group.id, [adjustments(session)[0].id])


def test_a_rejected_posting_does_not_come_back(session: Session, books: Books, fees: EntryType) -> None:
    entered(session, books, [("x", "2025-01-10", "-50.00", "GEBYR")], None, FEES)
    reconcile(session, books)
    (proposal,) = adjustments(session)
    with pytest.raises(Refused, match="is proposed, not unreleased"):
        release(session, books, proposal.id)
    reject_adjustments(session, books.preparer, books.group.id, [proposal.id])
    assert (states(session), reconcile(session, books).changed) == (["dropped"], False)
    line_id = line_ids(session, books, "right")[-1]
    propose_adjustments(session, books.preparer, books.group.id, [line_id], FEE)
    assert states(session) == ["dropped", "unreleased"]


def test_a_proposal_gives_way_to_a_person_and_an_accepted_one_does_not(
    session: Session, books: Books, fees: EntryType
) -> None:
    entered(session, books, [("x", "2025-01-10", "-50.00", "GEBYR")], [("a", "2025-01-01", "-50.00", "")], FEES)
    reconcile(session, books)
    (proposal,) = adjustments(session)
    lines = [line_ids(session, books, "left")[0], line_ids(session, books, "right")[-1]]
    accept_adjustments(session, books.preparer, books.group.id, [proposal.id])
    with pytest.raises(Refused, match="waits to be released"):
        match_lines(session, books.preparer, books.group.id, lines)
    reject_adjustments(session, books.preparer, books.group.id, [proposal.id])
    match_lines(session, books.preparer, books.group.id, lines)
    assert states(session) == ["dropped"]


def test_matching_a_line_by_hand_drops_its_proposal(session: Session, books: Books, fees: EntryType) -> None:
    entered(session, books, [("x", "2025-01-10", "-50.00", "GEBYR")], [("a", "2025-01-01", "-50.00", "")], FEES)
    reconcile(session, books)
    lines = [line_ids(session, books, "left")[0], line_ids(session, books, "right")[-1]]
    match_lines(session, books.preparer, books.group.id, lines)
    assert (states(session), reconcile(session, books).changed) == (["dropped"], False)


def test_undoing_a_run_ends_its_proposals_unless_one_is_released(
    session: Session, books: Books, fees: EntryType
) -> None:
    entered(session, books, [("x", "2025-01-10", "-50.00", "GEBYR")], None, {**FEES, "outcome": "confirmed"})
    run_id = reconcile(session, books).run_id or 0
    undo_run(session, books.preparer, run_id)
    assert states(session) == ["dropped"]
    again = reconcile(session, books).run_id or 0
    release(session, books, adjustments(session)[-1].id)
    with pytest.raises(Refused, match="voucher BANK 1 is released"):
        undo_run(session, books.preparer, again)


def test_what_waits_can_be_changed_but_not_its_amount(session: Session, books: Books, fees: EntryType) -> None:
    entered(session, books, [("x", "2025-01-10", "-50.00", "GEBYR")], None, FEES)
    reconcile(session, books)
    (proposal,) = adjustments(session)
    with pytest.raises(Refused, match="cannot be changed"):
        edit_adjustment(session, books.preparer, books.group.id, proposal.id, Voucher("FEE", amount_minor=-4000))
    told = Voucher("FEE", booked_on=dt.date(2025, 1, 12), counter_account="7771", text="Card fee")
    edit_adjustment(session, books.preparer, books.group.id, proposal.id, told)
    session.refresh(proposal)
    assert (proposal.state, proposal.counter_account, proposal.text) == ("unreleased", "7771", "Card fee")
    assert reconcile(session, books).changed is False
    release(session, books, proposal.id)
    line = session.get_one(Line, proposal.line_id)
    assert (line.booked_on, line.text, line.reference) == (dt.date(2025, 1, 12), "Card fee", "GEBYR")


def test_a_difference_follows_the_date_of_its_voucher(session: Session, books: Books, fees: EntryType) -> None:
    enter(session, books, books.ledger, [("a", "2025-01-02", "100.00", "")])
    enter(session, books, books.bank, [("x", "2025-01-03", "99.50", "")])
    use_rules(session, books)
    lines = [*line_ids(session, books, "left"), *line_ids(session, books, "right")]
    match_lines(session, books.preparer, books.group.id, lines, treatment=Difference("FEE"), reason="fee")
    (adjustment,) = adjustments(session)
    later = dt.date(2025, 2, 3)
    edit_adjustment(session, books.preparer, books.group.id, adjustment.id, Voucher("FEE", booked_on=later))
    assert session.scalars(select(Match.effective_on)).one() == later
    release(session, books, adjustment.id)
    assert read_balances(session, books.preparer, books.group.id, dt.date(2025, 2, 28)).proof.holds
    for work in (reject_adjustments, accept_adjustments):
        with pytest.raises(Refused):
            work(session, books.preparer, books.group.id, [adjustment.id])


def test_numbers_follow_each_other_in_each_series(session: Session, books: Books, fees: EntryType) -> None:
    session.add(
        EntryType(company_id=books.company.id, key="OTHER", name="Other", debit_account="1", credit_account="2")
    )
    session.flush()
    told = [("FEE", 100), ("OTHER", 200), ("FEE", -300), ("OTHER", 400)]
    keys = [
        propose_amount(session, books.preparer, books.group.id, Voucher(kind, JANUARY, minor)) for kind, minor in told
    ]
    release(session, books, *keys[:3])
    release(session, books, keys[3])
    assert [(found.series, found.number) for found in adjustments(session)] == [
        *(("BANK", 1), ("ADJ", 1), ("BANK", 2), ("ADJ", 2))
    ]


def test_what_cannot_be_posted_is_refused(session: Session, books: Books, fees: EntryType) -> None:
    entered(session, books, [("x", "2025-01-10", "-50.00", "GEBYR")])
    line_id = line_ids(session, books, "right")[-1]
    group = books.group.id

    def refused(words: str, voucher: Voucher) -> None:
        with pytest.raises(Refused, match=words):
            propose_adjustments(session, books.preparer, group, [line_id], voucher)

    refused("as what entry type", Voucher())
    refused("no entry type NONE", Voucher("NONE"))
    refused("amount cannot be changed", Voucher("FEE", amount_minor=-1))
    refused("before the group's start", Voucher("FEE", booked_on=dt.date(2024, 12, 31)))
    refused("on which of the accounts", Voucher("FEE", account_id=books.bank.id))
    refused("1920 cannot be booked against itself", Voucher("FEE", counter_account="1920"))
    fees.debit_account = None
    refused("names no debit account", FEE)
    for voucher in (Voucher("FEE", JANUARY), Voucher("FEE", amount_minor=100), Voucher("FEE", JANUARY, 0)):
        with pytest.raises(Refused, match="an amount and a date"):
            propose_amount(session, books.preparer, group, voucher)
    with pytest.raises(NotAllowed):
        propose_adjustments(session, books.actors["auditor"], group, [line_id], FEE)
    with pytest.raises(NotAllowed):
        release_adjustments(session, books.preparer, group, [1])
    with pytest.raises(NotFound):
        release_adjustments(session, books.actors["approver"], group, [1])


def test_an_unknown_receipt_is_booked_as_the_company_says(session: Session, books: Books, fees: EntryType) -> None:
    entered(session, books, [("x", "2025-01-10", "12.34", "")])
    books.company.default_entry_type = "FEE"
    line_id = line_ids(session, books, "right")[-1]
    propose_adjustments(session, books.preparer, books.group.id, [line_id], Voucher())
    assert adjustments(session)[0].counter_account == "8050"


def test_a_rule_whose_entry_type_cannot_book_it_leaves_the_line_with_a_finding(session: Session, books: Books) -> None:
    entered(session, books, [("x", "2025-01-10", "-50.00", "GEBYR")], None, FEES)
    report = reconcile(session, books)
    assert ([finding.code for finding in report.findings], report.postings) == (["entry-type-unknown"], ())
    assert reconcile(session, books).changed is False


def test_one_of_two_equal_fees_meets_its_own_voucher(session: Session, books: Books, fees: EntryType) -> None:
    """Two rows as alike as can be, one posted: rules could only call it a tie; the voucher knows its row."""
    entered(session, books, [("x", "2025-01-10", "-50.00", ""), ("y", "2025-01-10", "-50.00", "")])
    reconcile(session, books)
    line_id = sorted(_open_ids(session))[1]
    (key,) = propose_adjustments(session, books.preparer, books.group.id, [line_id], FEE)
    release(session, books, key)
    reconcile(session, books)
    assert (opened(session, "left"), opened(session, "right")) == ([], [-5000])
    assert line_id not in _open_ids(session)


def test_a_voucher_that_was_changed_afterwards_is_found(session: Session, books: Books, fees: EntryType) -> None:
    key = propose_amount(session, books.preparer, books.group.id, Voucher("FEE", JANUARY, -5000))
    release(session, books, key)
    auditor = books.actors["auditor"]
    for changes, code in (
        ({"counter_account": "1"}, "voucher-changed"),
        ({"number": 7}, "voucher-changed"),
        ({"state": "dropped"}, "voucher-state"),
    ):
        with session.begin_nested() as trial:
            session.execute(update(Adjustment).values(**changes))
            session.expire_all()
            assert code in [finding.code for finding in verify_database(session, auditor)]
            trial.rollback()


def test_an_import_is_undone_with_its_postings_but_not_under_a_voucher(
    session: Session, books: Books, fees: EntryType
) -> None:
    entered(session, books, [("x", "2025-01-10", "-50.00", "GEBYR")], None, {**FEES, "outcome": "confirmed"})
    reconcile(session, books)
    batch = session.scalars(select(Batch.id).order_by(Batch.id.desc())).first() or 0
    with session.begin_nested() as trial:
        undo_import(session, books.preparer, batch)
        assert states(session) == ["dropped"]
        trial.rollback()
    release(session, books, adjustments(session)[0].id)
    with pytest.raises(Refused, match="BANK 1: reverse it first"):
        undo_import(session, books.preparer, batch)


def test_the_ledgers_own_line_takes_the_place_of_the_voucher(session: Session, books: Books, fees: EntryType) -> None:
    """The voucher comes back in a ledger file, with its series and number: nothing is open or doubled."""
    entered(session, books, [("x", "2025-01-10", "-50.00", "GEBYR")])
    reconcile(session, books)
    (key,) = propose_adjustments(session, books.preparer, books.group.id, [line_ids(session, books, "right")[-1]], FEE)
    release(session, books, key)
    reconcile(session, books)
    file = "id,booking_date,amount,currency,voucher_type,voucher_number\nv,2025-01-10,-50.00,NOK,BANK,1\n"
    import_file(session, books.preparer, file.encode(), name="ledger.csv", account=books.ledger)
    line = session.get_one(Line, session.get_one(Adjustment, key, populate_existing=True).line_id)
    assert (line.origin, line.voucher_number) == ("imported", "1")
    assert (opened(session, "left"), opened(session, "right"), sums(session)) == ([], [], {0})
    assert "exported" not in terms(session, books)
    assert reconcile(session, books).changed is False


@pytest.mark.parametrize(("amount", "booked"), [("-50.00", "7770"), ("12.34", "7770")])
def test_an_entry_type_may_name_the_bank_account_on_one_side(
    session: Session, books: Books, amount: str, booked: str
) -> None:
    """Fees are debited to 7770 and credited to the bank; money back goes the other way round, never bank on bank."""
    told = {"debit_account": "7770", "credit_account": books.ledger.number}
    session.add(EntryType(company_id=books.company.id, key="FEE", name="Bank fee", **told))
    session.flush()
    entered(session, books, [("x", "2025-01-10", amount, "GEBYR")], None, FEES)
    reconcile(session, books)
    assert [found.counter_account for found in adjustments(session)] == [booked]
