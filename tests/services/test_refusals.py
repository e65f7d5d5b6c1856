"""What people took apart is remembered, listed with its lines, and forgotten when they say so."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from recon.database.models import Event, Match
from recon.errors import Conflict, NotAllowed, NotFound
from recon.services.answer_suggestions import reject_suggestions
from recon.services.clear_refusals import clear_refusals, count_refusals
from recon.services.list_refusals import list_refusals
from recon.services.reconcile_group import reconcile_group, write_run
from recon.services.run_plan import plan_run
from recon.services.unmatch_lines import unmatch_lines
from recon.services.verify_database import verify_database
from tests.books import Books, add_actor, add_company
from tests.entered import EXACT, enter, line_ids, operator, use_rules

AMOUNT: dict[str, Any] = {
    "key": "amount",
    "name": "Same amount",
    "kind": "match",
    "cardinality": "one_to_one",
    "date": {"within": 5},
}
BOTH: dict[str, Any] = {**EXACT, "rules": [*EXACT["rules"], AMOUNT]}  # type: ignore[misc]


@pytest.fixture
def refused(session: Session, books: Books) -> Books:
    """One match by reference that the preparer took apart, and a suggestion by amount that they rejected."""
    enter(session, books, books.ledger, [("a", "2025-01-02", "100.00", "R1"), ("b", "2025-01-03", "40.00", "")])
    enter(session, books, books.bank, [("x", "2025-01-02", "100.00", "R1"), ("y", "2025-01-05", "40.00", "")])
    suggesting = {**BOTH, "rules": [BOTH["rules"][0], {**AMOUNT, "outcome": "suggested"}]}
    use_rules(session, books, suggesting)
    reconcile_group(session, books.preparer, books.group.id)
    for match in session.scalars(select(Match).order_by(Match.id)).all():
        answer = unmatch_lines if match.state == "confirmed" else reject_suggestions
        answer(session, books.preparer, books.group.id, [match.id])
    return books


def live(session: Session) -> list[tuple[str | None, str]]:
    query = select(Match.rule_key, Match.state).where(Match.undone_event_id.is_(None)).order_by(Match.rule_key)
    return [(key, state) for key, state in session.execute(query)]


def test_refusals_are_listed_with_lines_rule_and_person(session: Session, refused: Books) -> None:
    found = list_refusals(session, refused.actors["auditor"], refused.group.id)
    assert [(each.rule, each.rule_name, each.by, each.in_force) for each in found] == [
        ("amount", "Same amount", "preparer", True),
        ("reference", "Same reference, same amount", "preparer", True),
    ]
    left, right = line_ids(session, refused, "left"), line_ids(session, refused, "right")
    assert len({line.line_id for line in found[1].lines} & {*left, *right}) == 2
    assert sorted(line.amount_minor for line in found[0].lines) == [40_00, 40_00]
    assert count_refusals(session, refused.group.id) == 2
    assert [each.refusal_id for each in list_refusals(session, refused.preparer, refused.group.id, most=1)] == [
        found[0].refusal_id
    ]
    (older,) = list_refusals(session, refused.preparer, refused.group.id, after=found[0].refusal_id)
    assert older.plain("NOK")["rule"] == "reference"


def test_a_refused_pair_is_not_made_again_until_it_is_forgotten(session: Session, refused: Books) -> None:
    reconcile_group(session, refused.preparer, refused.group.id)
    assert live(session) == [("amount", "suggested")]  # the pair of the reference rule, by the other one, marked
    (first, second) = list_refusals(session, refused.preparer, refused.group.id)
    assert clear_refusals(session, refused.preparer, refused.group.id, [second.refusal_id]) == 1
    reconcile_group(session, refused.preparer, refused.group.id)
    assert live(session) == [("reference", "confirmed")]
    assert clear_refusals(session, refused.preparer, refused.group.id) == 1
    reconcile_group(session, refused.preparer, refused.group.id)
    assert live(session) == [("amount", "suggested"), ("reference", "confirmed")]
    assert list_refusals(session, refused.preparer, refused.group.id) == []
    assert first.refusal_id != second.refusal_id


def test_clearing_is_an_event_and_a_plan_made_before_it_is_not_written(session: Session, refused: Books) -> None:
    plan = plan_run(session, refused.preparer, refused.group.id)
    clear_refusals(session, refused.preparer, refused.group.id)
    newest = session.scalars(select(Event).order_by(Event.id.desc()).limit(1)).one()
    assert (newest.verb, newest.after) == ("clear refusals", {"refusals": 2})
    with pytest.raises(Conflict):
        write_run(session, refused.preparer, plan)
    assert list(verify_database(session, operator(session))) == []


def test_a_rule_that_changed_since_is_told(session: Session, refused: Books) -> None:
    use_rules(session, refused, {**EXACT, "rules": [{**EXACT["rules"][0], "date": {"within": 9}}]})  # type: ignore[index]
    assert [each.in_force for each in list_refusals(session, refused.preparer, refused.group.id)] == [False, False]


def test_who_may_not_match_may_not_forget(session: Session, refused: Books) -> None:
    for role in ("auditor", "author", "approver"):
        with pytest.raises(NotAllowed):
            clear_refusals(session, refused.actors[role], refused.group.id)
    stranger = add_actor(session, add_company(session, "Annen AS"), "preparer", name="stranger")
    with pytest.raises(NotFound):
        clear_refusals(session, stranger, refused.group.id)
    with pytest.raises(NotFound):
        list_refusals(session, stranger, refused.group.id)
    with pytest.raises(NotFound, match="no such refusal"):
        clear_refusals(session, refused.preparer, refused.group.id, [10**9])
