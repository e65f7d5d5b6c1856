"""A draft on approved periods: the pool, what is the same, new, lost and changed; nothing is written."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from recon.database.models import Allocation, GroupLine, Match
from recon.errors import Refusal
from recon.services.approve_document import approve_document
from recon.services.approved_pool import approved_pool
from recon.services.backtest_rules import Backtest, backtest_rules
from recon.services.match_lines import match_lines
from recon.services.period_figures import open_lines_as_of
from recon.services.reconcile_group import reconcile_group
from recon.services.trial_matches import plain, stored
from tests.books import Books
from tests.entered import enter, line_ids, use_rules
from tests.row_counts import row_counts
from tests.services.test_preview_rules import AMOUNT, REFERENCE, rules

JANUARY, FEBRUARY = dt.date(2025, 1, 31), dt.date(2025, 2, 28)
LEDGER = [
    ("a", "2025-01-02", "100.00", "R1"),
    ("b", "2025-01-03", "7.00", ""),
    ("c", "2025-01-30", "-40.00", "R2"),
    ("d", "2025-02-09", "9.00", "R3"),
    ("e", "2025-03-03", "1.00", "R4"),
]
BANK = [
    ("x", "2025-01-02", "100.00", "R1"),
    ("y", "2025-01-05", "7.00", ""),
    ("z", "2025-02-01", "-40.00", "R2"),
    ("u", "2025-02-09", "9.00", "R3"),
    ("v", "2025-03-03", "1.00", "R4"),
]


@pytest.fixture
def approved(session: Session, books: Books) -> Books:
    """January and February approved. R1, R2 and R3 by the rule, the 7.00 by hand; R2 crosses the end of January."""
    enter(session, books, books.ledger, LEDGER)
    enter(session, books, books.bank, BANK)
    use_rules(session, books)
    reconcile_group(session, books.preparer, books.group.id)
    by_hand = [line_ids(session, books, side)[1] for side in ("left", "right")]
    match_lines(session, books.preparer, books.group.id, by_hand)
    for to_on, ledger, bank in ((JANUARY, 6700, 10700), (FEBRUARY, 7600, 7600)):
        balances = {books.ledger.id: ledger, books.bank.id: bank}
        approve_document(session, books.actors["approver"], books.group.id, to_on, statement_balances=balances)
    session.commit()
    return books


def backtested(
    session: Session,
    books: Books,
    *documents: dict[str, Any],
    from_on: dt.date | None = None,
    to_on: dt.date | None = None,
) -> Backtest:
    auditor = books.actors["auditor"]
    return backtest_rules(session, auditor, books.group.id, rules(*documents), from_on=from_on, to_on=to_on)


def test_the_rules_that_made_the_matches_find_them_again_and_miss_the_manual_one(
    session: Session, approved: Books
) -> None:
    found = backtested(session, approved, REFERENCE)
    assert (found.from_on, found.to_on, len(found.documents), found.lines) == (dt.date(2025, 1, 1), FEBRUARY, 2, 8)
    assert {figures.kind: figures.groups for figures in found.kinds} == {"same": 3, "changed": 0, "lost": 1, "new": 0}
    assert (found.figures("same").stood_turnover_minor, found.figures("lost").stood_turnover_minor) == (14900, 700)
    assert [(fate.rule, fate.name, fate.matches["same"], fate.matches["lost"]) for fate in found.stood_by] == [
        ("", "By hand", 0, 1),
        ("reference", "Same reference, same amount", 3, 0),
    ]


def test_a_draft_that_finds_what_people_matched_shows_it_as_the_same(session: Session, approved: Books) -> None:
    found = backtested(session, approved, REFERENCE, AMOUNT)
    assert (found.figures("same").groups, found.figures("lost").groups, found.suggested) == (4, 0, 1)
    assert {fate.rule: fate.matches["same"] for fate in found.found_by} == {"reference": 3, "amount": 1}
    manual = next(group for group in found.groups if group.stood[0].rule == "")
    assert (manual.stood[0].name, manual.found[0].name) == ("By hand", "Same amount")
    assert session.get_one(Match, manual.stood[0].match_id).rule_key is None


def test_what_is_lost_says_which_test_of_the_draft_fails(session: Session, approved: Books) -> None:
    found = backtested(session, approved, {**REFERENCE, "date": {"field": "booking_date", "within": 1}})
    lost = [group for group in found.groups if group.kind == "lost" and group.stood[0].rule]
    (match,) = lost[0].stood
    assert [test["values"] for test in match.tests if not test["holds"]] == [["2025-01-30", "2025-02-01"]]


def test_one_period_sets_out_from_its_matches_and_what_was_open_at_its_end(session: Session, approved: Books) -> None:
    pool = approved_pool(session, approved.group, None, JANUARY, [])
    assert sorted(pool.lines["amount"].tolist()) == [-4000, 700, 700, 10000, 10000]
    found = backtested(session, approved, AMOUNT, to_on=JANUARY)
    assert (found.figures("same").groups, found.figures("new").groups, found.lines) == (2, 0, 5)
    later = backtested(session, approved, AMOUNT, from_on=FEBRUARY)
    assert (later.from_on, later.lines, later.figures("same").groups) == (dt.date(2025, 2, 1), 4, 2)


def test_changed_and_new_groups_name_what_stood_and_what_is_found(session: Session, approved: Books) -> None:
    sides = {"left": {"where": equals("9")}, "right": {"where": equals("7")}}
    loose = {**AMOUNT, **sides, "date": {"within": 60}, "amount": {"minus": "5"}, "difference": "keep_open"}
    found = backtested(session, approved, loose)
    assert {figures.kind: figures.groups for figures in found.kinds} == {"same": 0, "changed": 1, "lost": 2, "new": 0}
    changed = found.groups[0]
    assert sorted(match.rule for match in changed.stood) == ["", "reference"]
    assert [[line.amount_minor for line in match.lines] for match in changed.found] == [[700, 700]]


def equals(amount: str) -> dict[str, str]:
    return {"field": "amount", "op": "equals", "value": amount}


def test_partly_matched_lines_keep_their_amounts(session: Session, books: Books) -> None:
    enter(session, books, books.ledger, [("a", "2025-01-02", "100.00", "R1")])
    enter(session, books, books.bank, [("x", "2025-01-05", "60.00", "R1"), ("y", "2025-02-05", "40.00", "R1")])
    part = {**REFERENCE, "amount": "any", "difference": "keep_open", "ambiguous": "closest"}
    use_rules(session, books, {"version": 1, "name": "Parts", "rules": [part]})
    reconcile_group(session, books.preparer, books.group.id)
    amounts = sorted(session.scalars(select(Match.effective_on)))
    assert amounts == [dt.date(2025, 1, 5), dt.date(2025, 2, 5)]
    balances = {books.ledger.id: 10000, books.bank.id: 6000}
    approve_document(session, books.actors["approver"], books.group.id, JANUARY, statement_balances=balances)
    pool = approved_pool(session, books.group, None, None, [])
    assert sorted(pool.lines["amount"].tolist()) == [6000, 10000]
    assert backtested(session, books, part).figures("same").groups == 1


def test_the_pool_is_what_was_open_then_by_the_books_own_reckoning(session: Session, approved: Books) -> None:
    pool = approved_pool(session, approved.group, None, JANUARY, ["reference"])
    taken = set(pool.stood.members["line"])
    opened = {line.line_id: line.amount_minor for line in open_lines_as_of(session, approved.group.id, JANUARY)}
    amounts = dict(zip(pool.lines["line_id"].tolist(), pool.lines["amount"].tolist(), strict=True))
    assert set(amounts) == taken | set(opened)
    assert {line: amounts[line] for line in opened if line not in taken} == opened
    assert opened == {line_ids(session, approved, "left")[2]: -4000}


def test_a_line_out_of_play_is_not_in_the_pool(session: Session, approved: Books) -> None:
    late = line_ids(session, approved, "left")[2]
    apart = select(Match.id).join(Allocation).where(Allocation.line_id == late)
    event = session.get_one(Match, session.scalars(apart).one()).event_id
    session.execute(update(Match).where(Match.id.in_(apart)).values(undone_event_id=event))
    session.execute(update(GroupLine).where(GroupLine.line_id == late).values(is_open=True, open_minor=-4000))
    session.expire_all()
    assert late in set(approved_pool(session, approved.group, None, JANUARY, []).lines["line_id"])
    session.execute(update(GroupLine).where(GroupLine.line_id == late).values(state="deactivated"))
    assert late not in set(approved_pool(session, approved.group, None, JANUARY, []).lines["line_id"])


def test_without_an_approved_period_it_says_so(session: Session, approved: Books) -> None:
    with pytest.raises(Refusal, match="no approved period"):
        backtested(session, approved, REFERENCE, from_on=dt.date(2025, 3, 1))


def test_nothing_is_written(session: Session, approved: Books) -> None:
    before, revision = row_counts(session), approved.group.revision
    backtested(session, approved, AMOUNT, REFERENCE)
    assert row_counts(session) == before
    session.expire_all()
    assert approved.group.revision == revision


def test_it_is_json_with_decimal_amounts(session: Session, approved: Books) -> None:
    told = plain(json.loads(json.dumps(stored(backtested(session, approved, AMOUNT)))), "NOK")
    assert (told["from_on"], told["kinds"][0]["stood"], told["kinds"][0]["found_lines"]) == ("2025-01-01", 4, 8)
    assert told["groups"][0]["stood"][0]["lines"][0]["amount"] == "100.00"
