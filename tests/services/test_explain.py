"""Why a line is matched, and why not."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from recon.database.models import Match
from recon.services.explain_line import explain_line
from recon.services.explain_match import explain_match
from recon.services.import_file import import_file
from recon.services.match_lines import match_lines
from recon.services.reconcile_group import reconcile_group
from tests.books import Books
from tests.entered import EXACT, enter, line_ids, use_rules

LEDGER = [("a", "2025-01-02", "100.00", "R1"), ("b", "2025-01-03", "-40.00", "R2")]
BANK = [("x", "2025-01-02", "100.00", "R1"), ("y", "2025-01-05", "-41.00", "R2"), ("z", "2025-01-05", "5.00", "")]


def reconciled(session: Session, books: Books, document: dict[str, Any] = EXACT) -> None:
    enter(session, books, books.ledger, LEDGER)
    enter(session, books, books.bank, BANK)
    use_rules(session, books, document)
    reconcile_group(session, books.preparer, books.group.id)


def test_a_match_tells_its_rule_and_the_values_compared(session: Session, books: Books) -> None:
    reconciled(session, books)
    told = explain_match(session, books.actors["auditor"], session.scalars(select(Match.id)).one())
    assert (told.rule_key, told.version, told.state) == ("reference", "Exact 1", "confirmed")
    assert told.explanation is not None
    assert told.explanation.holds
    values = [value for test in told.explanation.parts for value in test.values]
    assert "R1" in str(told.plain())
    assert "100.00 NOK" in values
    assert [line.side for line in told.members] == ["left", "right"]


def test_an_open_line_names_its_nearest_miss_and_the_failing_test(session: Session, books: Books) -> None:
    reconciled(session, books)
    left = line_ids(session, books, "left")
    told = explain_line(session, books.preparer, books.group.id, left[1])
    assert told.matches == ()
    nearest = told.misses[0]
    assert (nearest.rule, nearest.failing) == ("reference", 1)
    assert nearest.first_failing is not None
    assert nearest.first_failing.values == ("-40.00 NOK", "-41.00 NOK", "-1.00 NOK")
    assert any("✗" in sentence for sentence in told.sentences())


def test_a_matched_line_is_explained_by_its_match(session: Session, books: Books) -> None:
    reconciled(session, books)
    left = line_ids(session, books, "left")
    told = explain_line(session, books.preparer, books.group.id, left[0])
    assert [match.rule_key for match in told.matches] == ["reference"]
    assert (told.state, told.misses) == ("matched", ())


def test_a_match_by_hand_says_so(session: Session, books: Books) -> None:
    reconciled(session, books)
    enter(session, books, books.ledger, [("c", "2025-01-06", "5.00", "")])
    lines = [line_ids(session, books, "left")[-1], line_ids(session, books, "right")[-1]]
    told = explain_match(session, books.preparer, match_lines(session, books.preparer, books.group.id, lines))
    assert (told.rule_key, told.rule_name, told.explanation, told.made_by) == (None, "By hand", None, "preparer")


def test_an_excluded_line_names_the_excluding_rule(session: Session, books: Books) -> None:
    small = {"field": "amount", "op": "between", "value": ["0", "10"]}
    exclude = {"key": "small", "name": "Small change", "kind": "exclude", "side": "right", "where": small}
    reconciled(session, books, {**EXACT, "rules": [exclude, *EXACT["rules"]]})  # type: ignore[misc]
    told = explain_line(session, books.preparer, books.group.id, line_ids(session, books, "right")[-1])
    assert (told.excluded_by, told.misses) == ("Small change", ())


def test_what_derive_set_is_what_the_explanation_compares(session: Session, books: Books) -> None:
    where = {"field": "reference", "op": "is_empty"}
    found = {"reference": {"from": "text", "pattern": "KID (\\d+)"}}
    step = {"key": "kid", "name": "KID", "kind": "derive", "side": "right", "where": where, "set": found}
    document: dict[str, Any] = {**EXACT, "rules": [step, *EXACT["rules"]]}  # type: ignore[misc]
    use_rules(session, books, document)
    enter(session, books, books.ledger, [("a", "2025-01-02", "100.00", "123456")])
    text = "id,booking_date,amount,currency,text\nx,2025-01-02,100.00,NOK,Payment KID 123456\n"
    import_file(session, books.preparer, text.encode(), name="bank.csv", account=books.bank)
    reconcile_group(session, books.preparer, books.group.id)
    told = explain_match(session, books.preparer, session.scalars(select(Match.id)).one())
    assert told.explanation is not None
    assert told.explanation.holds
