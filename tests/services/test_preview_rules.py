"""Previewing rules nobody saved: what they would match, newly and no longer, with the why; nothing is written."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy.orm import Session

from recon.errors import NotFound
from recon.services.preview_rules import Preview, RulePreview, preview_rules
from recon.services.reconcile_group import reconcile_group
from recon.services.trial_matches import plain, stored, with_dates
from rules.codec import from_document
from tests.books import Books, add_actor, add_company
from tests.entered import EXACT, enter, use_rules
from tests.row_counts import row_counts

LEDGER = [("a", "2025-01-02", "100.00", "R1"), ("b", "2025-01-03", "-40.00", "R2"), ("c", "2025-01-09", "7.00", "")]
BANK = [("x", "2025-01-02", "100.00", "R1"), ("y", "2025-01-05", "-40.00", "R2"), ("z", "2025-01-11", "7.00", "")]
REFERENCE: dict[str, Any] = EXACT["rules"][0]  # type: ignore[index]
AMOUNT = {
    "key": "amount",
    "name": "Same amount",
    "kind": "match",
    "cardinality": "one_to_one",
    "date": {"field": "booking_date", "within": 3},
    "outcome": "suggested",
}


def rules(*documents: dict[str, Any], name: str = "Edited") -> Any:
    return from_document({"version": 1, "name": name, "rules": list(documents)})


def entered(session: Session, books: Books, *documents: dict[str, Any]) -> None:
    enter(session, books, books.ledger, LEDGER)
    enter(session, books, books.bank, BANK)
    use_rules(session, books, {**EXACT, "rules": list(documents)} if documents else EXACT)


def previewed(session: Session, books: Books, *documents: dict[str, Any]) -> Preview:
    return preview_rules(session, books.actors["auditor"], books.group.id, rules(*documents))


def by_rule(preview: Preview) -> dict[str, RulePreview]:
    return {row.rule: row for row in preview.rules}


def test_a_new_rule_shows_what_it_matches_newly_and_why(session: Session, books: Books) -> None:
    entered(session, books)
    preview = previewed(session, books, REFERENCE, AMOUNT)
    assert (preview.against, preview.rule_set, preview.currency) == ("Exact 1", "Edited", "NOK")
    kept, new = by_rule(preview)["reference"], by_rule(preview)["amount"]
    assert (kept.matches, kept.lines, kept.newly, kept.no_longer, kept.turnover_minor) == (2, 4, 0, 0, 14000)
    assert (new.matches, new.suggested, new.newly, new.turnover_minor) == (1, 1, 1, 700)
    example = new.new_examples[0]
    assert [line.amount_minor for line in example.lines] == [700, 700]
    assert all(test["holds"] for test in example.tests)
    assert any("2025-01-11" in value for test in example.tests for value in test["values"])
    assert (preview.left_open_before["left"].amount_minor, preview.left_open["left"].count) == (700, 0)


def test_a_narrower_rule_shows_what_it_no_longer_matches_and_the_test_that_fails(
    session: Session, books: Books
) -> None:
    entered(session, books)
    row = by_rule(previewed(session, books, {**REFERENCE, "date": {"field": "booking_date", "within": 1}}))["reference"]
    assert (row.matches, row.newly, row.no_longer) == (1, 0, 1)
    failing = [test for test in row.lost_examples[0].tests if not test["holds"]]
    assert [test["values"] for test in failing] == [["2025-01-03", "2025-01-05"]]


def test_a_rule_that_takes_over_says_from_how_many(session: Session, books: Books) -> None:
    entered(session, books)
    rows = by_rule(previewed(session, books, AMOUNT, REFERENCE))
    assert (rows["amount"].taken_over, rows["amount"].newly) == (2, 1)
    assert (rows["reference"].matches, rows["reference"].handed_over, rows["reference"].no_longer) == (0, 2, 0)


def test_a_rule_that_is_gone_is_named_with_what_is_lost(session: Session, books: Books) -> None:
    entered(session, books)
    row = by_rule(previewed(session, books, AMOUNT))["reference"]
    assert (row.gone, row.matches, row.handed_over) == (True, 0, 2)


def test_the_rules_in_force_preview_as_nothing_new(session: Session, books: Books) -> None:
    entered(session, books, REFERENCE, AMOUNT)
    preview = previewed(session, books, REFERENCE, AMOUNT)
    assert not preview.differs
    assert not any(row.new_examples or row.lost_examples for row in preview.rules)


def test_confirmed_matches_stand_and_untouched_suggestions_are_looked_at_again(session: Session, books: Books) -> None:
    entered(session, books, REFERENCE, AMOUNT)
    reconcile_group(session, books.preparer, books.group.id)
    preview = previewed(session, books, {**AMOUNT, "outcome": "confirmed"})
    assert {side: rest.count for side, rest in preview.open_lines.items()} == {"left": 1, "right": 1}
    row = by_rule(preview)["amount"]
    assert (row.matches, row.suggested, row.newly) == (1, 0, 0)


def test_a_group_without_rules_is_compared_with_nothing(session: Session, books: Books) -> None:
    enter(session, books, books.ledger, LEDGER)
    enter(session, books, books.bank, BANK)
    preview = previewed(session, books, REFERENCE)
    assert (preview.against, by_rule(preview)["reference"].newly) == ("", 2)


def test_an_excluded_line_is_counted_under_its_rule(session: Session, books: Books) -> None:
    entered(session, books)
    small = {"field": "amount", "op": "between", "value": ["0", "10"]}
    exclude = {"key": "small", "name": "Small change", "kind": "exclude", "side": "both", "where": small}
    rows = by_rule(previewed(session, books, exclude, AMOUNT))
    assert (rows["small"].kind, rows["small"].excluded, rows["amount"].matches) == ("exclude", 2, 2)


def test_nothing_is_written(session: Session, books: Books) -> None:
    entered(session, books, REFERENCE, AMOUNT)
    reconcile_group(session, books.preparer, books.group.id)
    session.commit()
    before, revision = row_counts(session), books.group.revision
    previewed(session, books, AMOUNT, REFERENCE)
    assert row_counts(session) == before
    session.expire_all()
    assert books.group.revision == revision


def test_a_preview_is_stored_as_json_and_comes_back(session: Session, books: Books) -> None:
    entered(session, books)
    kept = json.loads(json.dumps(stored(previewed(session, books, AMOUNT))))
    example = next(row for row in kept["rules"] if row["new_examples"])["new_examples"][0]
    assert with_dates(kept)["rules"][0]["new_examples"][0]["lines"][0]["booked_on"].year == 2025
    assert plain(example, "NOK")["lines"][0]["amount"] == "7.00"


def test_who_does_not_see_the_company_sees_no_preview(session: Session, books: Books) -> None:
    entered(session, books)
    stranger = add_actor(session, add_company(session, "Annen AS"), "author", name="stranger")
    with pytest.raises(NotFound):
        preview_rules(session, stranger, books.group.id, rules(REFERENCE))
