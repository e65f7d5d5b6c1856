"""People's work on matches: by hand, unmatch, accept, reject, choose, undo; and what runs make of it afterwards."""

from __future__ import annotations

import copy
import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from recon.access import Actor
from recon.database.models import (
    Adjustment,
    Allocation,
    Choice,
    ChoiceMember,
    EntryType,
    Event,
    GroupLine,
    Match,
    Refusal,
)
from recon.errors import Conflict, NotAllowed, NotFound
from recon.errors import Refusal as Refused
from recon.services.answer_suggestions import accept_suggestions, reject_suggestions
from recon.services.approve_document import approve_document
from recon.services.match_lines import match_lines
from recon.services.reconcile_group import preview_run, reconcile_group, write_run
from recon.services.release_adjustments import release_adjustments
from recon.services.run_plan import plan_run
from recon.services.take_choice import take_choice
from recon.services.undo_run import undo_run
from recon.services.unmatch_lines import unmatch_lines
from recon.services.verify_database import verify_database
from tests.books import Books, add_company
from tests.entered import EXACT, Row, enter, line_ids, use_rules


@pytest.fixture(autouse=True)
def sound(session: Session, books: Books) -> Iterator[None]:
    """Whatever a test did, the database holds against itself afterwards."""
    yield
    session.flush()
    assert verify_database(session, books.actors["auditor"]) == []


Rules = dict[str, Any]


def rules(**changes: object) -> Rules:
    document: Rules = copy.deepcopy(EXACT)
    document["rules"][0].update(changes)
    return document


def entered(session: Session, books: Books, ledger: list[Row], bank: list[Row], document: Rules = EXACT) -> None:
    enter(session, books, books.ledger, ledger)
    enter(session, books, books.bank, bank)
    use_rules(session, books, document)


def pair(session: Session, books: Books, document: Rules = EXACT, bank_amount: str = "100.00") -> None:
    """One line a side with the same reference."""
    entered(
        session,
        books,
        [("a", "2025-01-02", "100.00", "R1")],
        [("x", "2025-01-03", bank_amount, "R1")],
        document,
    )


def standing(session: Session) -> list[Match]:
    return list(session.scalars(select(Match).where(Match.undone_event_id.is_(None)).order_by(Match.id)))


def open_amounts(session: Session) -> list[int]:
    return sorted(session.scalars(select(GroupLine.open_minor).where(GroupLine.is_open)))


def test_lines_that_sum_to_0_are_matched_and_the_event_names_them(session: Session, books: Books) -> None:
    """T18: 450 in the ledger against -50 and 500 at the bank; without the -50 it is refused."""
    bank = [("x", "2025-01-02", "-50.00", ""), ("y", "2025-01-03", "500.00", "")]
    entered(session, books, [("a", "2025-01-02", "450.00", "")], bank)
    left, right = line_ids(session, books, "left"), line_ids(session, books, "right")
    with pytest.raises(Refused, match=r"right minus left is NOK.50\.00"):
        match_lines(session, books.preparer, books.group.id, [left[0], right[1]])
    match_id = match_lines(session, books.preparer, books.group.id, [*left, *right])
    match = session.get_one(Match, match_id)
    assert (match.rule_key, match.state, match.effective_on) == (None, "confirmed", dt.date(2025, 1, 3))
    assert open_amounts(session) == []
    event = session.get_one(Event, match.event_id)
    assert event.after is not None
    assert (event.verb, event.after["lines"]) == ("match", sorted([*left, *right]))


def test_part_of_a_line_is_matched_and_the_rest_stays_open(session: Session, books: Books) -> None:
    entered(session, books, [("a", "2025-01-02", "100.00", "")], [("x", "2025-01-02", "60.00", "")])
    left, right = line_ids(session, books, "left"), line_ids(session, books, "right")
    for minor in (10001, -1, 0):
        with pytest.raises(Refused, match="cannot be taken"):
            match_lines(session, books.preparer, books.group.id, [*left, *right], amounts={left[0]: minor})
    match_lines(session, books.preparer, books.group.id, [*left, *right], amounts={left[0]: 6000})
    assert open_amounts(session) == [4000]


def test_a_matched_line_a_foreign_line_and_a_lonely_line_are_refused(session: Session, books: Books) -> None:
    pair(session, books)
    left, right = line_ids(session, books, "left"), line_ids(session, books, "right")
    match_lines(session, books.preparer, books.group.id, [*left, *right])
    for lines, words in (([*left, *right], "already matched"), ([left[0], 999], "not in"), ([], "two lines")):
        with pytest.raises(Refused, match=words):
            match_lines(session, books.preparer, books.group.id, lines)


def test_only_a_preparer_matches_and_other_companies_do_not_exist(session: Session, books: Books) -> None:
    pair(session, books)
    lines = [*line_ids(session, books, "left"), *line_ids(session, books, "right")]
    with pytest.raises(NotAllowed):
        match_lines(session, books.actors["auditor"], books.group.id, lines)
    stranger = Actor(books.preparer.user_id, {add_company(session, "Other AS").id: frozenset({"preparer"})})
    with pytest.raises(NotFound):
        match_lines(session, stranger, books.group.id, lines)


def test_what_a_person_took_apart_is_not_made_again_by_that_rule(session: Session, books: Books) -> None:
    pair(session, books)
    reconcile_group(session, books.preparer, books.group.id)
    unmatch_lines(session, books.preparer, books.group.id, [standing(session)[0].id])
    assert open_amounts(session) == [10000, 10000]
    assert reconcile_group(session, books.preparer, books.group.id).changed is False
    other = rules(key="other", name="Other", date={"within": 5})
    use_rules(session, books, {**other, "name": "Another"})
    assert reconcile_group(session, books.preparer, books.group.id).matches == 1
    assert [match.state for match in standing(session)] == ["suggested"]


def test_taking_apart_ones_own_match_is_no_refusal(session: Session, books: Books) -> None:
    pair(session, books)
    lines = [*line_ids(session, books, "left"), *line_ids(session, books, "right")]
    unmatch_lines(
        session, books.preparer, books.group.id, [match_lines(session, books.preparer, books.group.id, lines)]
    )
    assert session.scalars(select(Refusal)).all() == []
    assert reconcile_group(session, books.preparer, books.group.id).matches == 1


def test_a_suggestion_holds_its_lines_and_keeps_its_row_while_it_comes_out_again(
    session: Session, books: Books
) -> None:
    pair(session, books, rules(outcome="suggested"))
    reconcile_group(session, books.preparer, books.group.id)
    (first,) = standing(session)
    assert (first.state, open_amounts(session)) == ("suggested", [10000, 10000])
    enter(session, books, books.ledger, [("b", "2025-01-04", "5.00", "R9")])
    enter(session, books, books.bank, [("y", "2025-01-04", "5.00", "R9")])
    report = reconcile_group(session, books.preparer, books.group.id)
    assert (report.matches, report.kept_suggestions, report.withdrawn_suggestions) == (1, 1, 0)
    assert first.id in [match.id for match in standing(session)]


def test_a_suggestion_that_does_not_come_out_again_is_withdrawn(session: Session, books: Books) -> None:
    pair(session, books, rules(outcome="suggested"))
    reconcile_group(session, books.preparer, books.group.id)
    enter(session, books, books.bank, [("y", "2025-01-04", "100.00", "R1")])
    report = reconcile_group(session, books.preparer, books.group.id)
    assert (report.matches, report.withdrawn_suggestions, standing(session)) == (0, 1, [])
    assert session.scalars(select(GroupLine.held_by_match_id)).all() == [None, None, None]


def test_accepting_takes_the_lines_and_rejecting_remembers(session: Session, books: Books) -> None:
    pair(session, books, rules(outcome="suggested"))
    reconcile_group(session, books.preparer, books.group.id)
    accept_suggestions(session, books.preparer, books.group.id, [standing(session)[0].id])
    assert (open_amounts(session), standing(session)[0].state) == ([], "confirmed")
    with pytest.raises(Refused, match="confirmed already"):
        reject_suggestions(session, books.preparer, books.group.id, [standing(session)[0].id])


def test_a_rejected_suggestion_does_not_come_back(session: Session, books: Books) -> None:
    pair(session, books, rules(outcome="suggested"))
    reconcile_group(session, books.preparer, books.group.id)
    reject_suggestions(session, books.preparer, books.group.id, [standing(session)[0].id])
    assert reconcile_group(session, books.preparer, books.group.id).changed is False
    assert standing(session) == []


def test_manual_work_wins_over_a_suggestion(session: Session, books: Books) -> None:
    pair(session, books, rules(outcome="suggested"))
    reconcile_group(session, books.preparer, books.group.id)
    lines = [*line_ids(session, books, "left"), *line_ids(session, books, "right")]
    match_id = match_lines(session, books.preparer, books.group.id, lines)
    assert [match.id for match in standing(session)] == [match_id]


def test_a_plan_made_before_somebody_else_worked_is_not_written(session: Session, books: Books) -> None:
    pair(session, books)
    plan = plan_run(session, books.preparer, books.group.id)
    lines = [*line_ids(session, books, "left"), *line_ids(session, books, "right")]
    match_lines(session, books.preparer, books.group.id, lines)
    with pytest.raises(Conflict):
        write_run(session, books.preparer, plan)


def test_a_dry_run_tells_the_same_and_writes_nothing(session: Session, books: Books) -> None:
    pair(session, books)
    told = preview_run(session, plan_run(session, books.preparer, books.group.id))
    assert standing(session) == []
    done = reconcile_group(session, books.preparer, books.group.id)
    assert (told.rules, told.changed) == (done.rules, done.changed)


def test_a_run_is_undone_whole_and_may_make_the_same_again(session: Session, books: Books) -> None:
    pair(session, books)
    report = reconcile_group(session, books.preparer, books.group.id)
    assert report.run_id is not None
    assert undo_run(session, books.preparer, report.run_id) == 1
    assert (standing(session), open_amounts(session)) == ([], [10000, 10000])
    with pytest.raises(Refused, match="already undone"):
        undo_run(session, books.preparer, report.run_id)
    assert reconcile_group(session, books.preparer, books.group.id).matches == 1


def test_a_tie_is_offered_as_a_choice_and_taking_one_drops_the_rest(session: Session, books: Books) -> None:
    """T30: two bank rows as good as each other, one ledger row: never both."""
    bank = [("x", "2025-01-03", "100.00", "R1"), ("y", "2025-01-01", "100.00", "R1")]
    document = rules(ambiguous="suggest")
    entered(session, books, [("a", "2025-01-02", "100.00", "R1")], bank, document)
    assert reconcile_group(session, books.preparer, books.group.id).choices == 1
    assert reconcile_group(session, books.preparer, books.group.id).changed is False
    choice = session.scalars(select(Choice)).one()
    options = session.scalars(select(ChoiceMember.option).where(ChoiceMember.choice_id == choice.id)).all()
    assert set(options) == {0, 1}
    take_choice(session, books.preparer, choice.id, 1)
    (match,) = standing(session)
    assert (match.rule_key, match.state, open_amounts(session)) == ("reference", "confirmed", [10000])
    assert reconcile_group(session, books.preparer, books.group.id).changed is False
    with pytest.raises(NotFound):
        take_choice(session, books.preparer, choice.id, 0)


def test_a_difference_becomes_an_adjustment_and_the_match_sums_to_0(session: Session, books: Books) -> None:
    fee = EntryType(company_id=books.company.id, key="FEE", name="Bank fee", debit_account="7770")
    session.add(fee)
    session.flush()
    allowed = rules(amount={"minus": "1", "plus": "0"}, difference={"entry_type": "FEE"}, outcome="suggested")
    pair(session, books, allowed, bank_amount="99.50")
    reconcile_group(session, books.preparer, books.group.id)
    adjustment = session.scalars(select(Adjustment)).one()
    assert (adjustment.amount_minor, adjustment.state) == (-50, "proposed")
    sums = {"left": 0, "right": 0}
    for side, minor in session.execute(select(Allocation.side, Allocation.amount_minor)):
        sums[side] += minor
    assert sums == {"left": 9950, "right": 9950}
    assert reconcile_group(session, books.preparer, books.group.id).changed is False
    (match,) = standing(session)
    accept_suggestions(session, books.preparer, books.group.id, [match.id])
    assert session.scalars(select(Adjustment.state)).one() == "unreleased"
    unmatch_lines(session, books.preparer, books.group.id, [match.id])
    assert session.scalars(select(Adjustment.state)).one() == "dropped"


def test_a_difference_that_the_company_cannot_book_is_left_with_a_finding(session: Session, books: Books) -> None:
    allowed = rules(amount={"minus": "1", "plus": "0"}, difference={"entry_type": "FEE"})
    pair(session, books, allowed, bank_amount="99.50")
    report = reconcile_group(session, books.preparer, books.group.id)
    assert (report.matches, [finding.code for finding in report.findings]) == (0, ["entry-type-unknown"])


def test_keep_open_leaves_the_remainder_for_the_next_instalment(session: Session, books: Books) -> None:
    document = rules(amount="any", difference="keep_open")
    pair(session, books, document, bank_amount="60.00")
    reconcile_group(session, books.preparer, books.group.id)
    assert open_amounts(session) == [4000]
    enter(session, books, books.bank, [("y", "2025-01-09", "40.00", "R1")])
    reconcile_group(session, books.preparer, books.group.id)
    assert (open_amounts(session), len(standing(session))) == ([], 2)


def test_T15_existing_matches_are_not_redone_by_another_order(session: Session, books: Books) -> None:
    second: Rules = {"key": "amount", "name": "Same amount", "kind": "match", "cardinality": "one_to_one"}
    both: Rules = {**EXACT, "rules": [*copy.deepcopy(EXACT["rules"]), second]}  # type: ignore[misc]
    pair(session, books, both)
    reconcile_group(session, books.preparer, books.group.id)
    use_rules(session, books, {**both, "rules": list(reversed(both["rules"]))})
    assert reconcile_group(session, books.preparer, books.group.id).changed is False
    assert standing(session)[0].rule_key == "reference"
    undo_run(session, books.preparer, standing(session)[0].run_id or 0)
    reconcile_group(session, books.preparer, books.group.id)
    assert standing(session)[0].rule_key == "amount"


def test_releasing_numbers_an_adjustment_and_fixes_its_match(session: Session, books: Books) -> None:
    session.add(EntryType(company_id=books.company.id, key="FEE", name="Bank fee", debit_account="7770"))
    session.flush()
    allowed = rules(amount={"minus": "1", "plus": "0"}, difference={"entry_type": "FEE"})
    pair(session, books, allowed, bank_amount="99.50")
    reconcile_group(session, books.preparer, books.group.id)
    adjustment, approver = session.scalars(select(Adjustment)).one(), books.actors["approver"]
    with pytest.raises(Refused, match="1 adjustments are not released"):
        approve_document(session, approver, books.group.id, dt.date(2025, 1, 31), reason="no statements")
    with pytest.raises(NotAllowed):
        release_adjustments(session, books.preparer, books.group.id, [adjustment.id])
    release_adjustments(session, approver, books.group.id, [adjustment.id])
    assert (adjustment.state, adjustment.series, adjustment.number) == ("released", "ADJ", 1)
    with pytest.raises(Refused, match="released adjustment"):
        unmatch_lines(session, books.preparer, books.group.id, [standing(session)[0].id])
    with pytest.raises(Refused, match="is released"):
        release_adjustments(session, approver, books.group.id, [adjustment.id])
    sealed = approve_document(session, approver, books.group.id, dt.date(2025, 1, 31), reason="no statements")
    terms = {(t["side"], t["term"]): t["minor"] for t in sealed.document.figures["proof"]}
    assert (terms["left", "accepted_differences"], terms["left", "exported"]) == (0, -50)
