"""Suggestions from people's work: gathered from a group, explained by examples, taken up as a draft only."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from recon.database.models import GroupLine, Line, Match, RuleSetVersion
from recon.errors import NotAllowed, NotFound
from recon.services.draft_suggestion import draft_suggestion
from recon.services.import_file import import_file
from recon.services.match_lines import match_lines
from recon.services.reconcile_group import reconcile_group
from recon.services.rule_versions import in_force
from recon.services.suggest_rules import Suggestion, suggest_rules
from recon.services.unmatch_lines import unmatch_lines
from rules.model import Match as MatchRule
from tests.books import Books
from tests.entered import EXACT, enter, use_rules
from tests.row_counts import row_counts


def by_kind(session: Session, books: Books) -> dict[str, Suggestion]:
    found = suggest_rules(session, books.actors["auditor"], books.group.id)
    assert len({each.name for each in found}) == len(found)
    return {each.proposal.kind: each for each in found}


@pytest.fixture
def worked(session: Session, books: Books) -> Books:
    """Four pairs matched by hand whose bank line names the ledger's reference in its text, and one odd pair."""
    enter(session, books, books.ledger, [(f"l{n}", f"2025-01-0{n}", f"{n}00.00", f"R{n}0077") for n in range(1, 5)])
    text = "id,booking_date,amount,currency,text\n" + "".join(
        f"b{n},2025-01-0{n + 1},{n}00.00,NOK,Payment R{n}0077\n" for n in range(1, 5)
    )
    import_file(session, books.preparer, text.encode(), name="bank.csv", account=books.bank)
    use_rules(session, books)
    for minor in (10000, 20000, 30000, 40000):
        ids = select(GroupLine.line_id).where(GroupLine.group_id == books.group.id, GroupLine.amount_minor == minor)
        match_lines(session, books.preparer, books.group.id, list(session.scalars(ids)))
    session.commit()
    return books


def test_what_was_matched_by_hand_becomes_a_rule_with_its_evidence(session: Session, worked: Books) -> None:
    before = row_counts(session)
    found = by_kind(session, worked)["reference"]
    assert row_counts(session) == before
    assert found.count == 4
    assert "text" in found.sentence
    assert isinstance(found.proposal.rule, MatchRule)
    assert (found.proposal.rule.outcome, found.proposal.rule.date.latest) == ("suggested", 1)  # type: ignore[union-attr]
    example = found.examples[0]
    assert session.get_one(Match, example.match_id).rule_key is None
    assert [line.side for line in example.lines] == ["left", "right"]
    assert [rule.key for rule in found.rules.rules] == ["reference", found.proposal.rule.key]


def test_one_click_makes_a_draft_that_is_not_in_force_and_is_not_proposed_again(
    session: Session, worked: Books
) -> None:
    name = by_kind(session, worked)["reference"].name
    version = draft_suggestion(session, worked.actors["author"], worked.group.id, name)
    assert (version.no, version.activated_at, len(version.body["rules"])) == (2, None, 2)
    current = in_force(session, version.rule_set_id)
    assert current is not None
    assert current.no == 1
    assert by_kind(session, worked) == {}
    with pytest.raises(NotFound, match="not proposed any more"):
        draft_suggestion(session, worked.actors["author"], worked.group.id, name)


def test_only_who_edits_rules_takes_a_proposal_up(session: Session, worked: Books) -> None:
    name = by_kind(session, worked)["reference"].name
    with pytest.raises(NotAllowed):
        draft_suggestion(session, worked.preparer, worked.group.id, name)
    assert session.scalars(select(RuleSetVersion.no)).all() == [1]


def test_matches_taken_apart_make_their_rule_suggest(session: Session, books: Books) -> None:
    rows = [(f"l{n}", f"2025-01-0{n}", f"{n}00.00", f"R{n}") for n in range(1, 5)]
    enter(session, books, books.ledger, rows)
    enter(session, books, books.bank, rows)
    use_rules(session, books)
    reconcile_group(session, books.preparer, books.group.id)
    apart = session.scalars(select(Match.id).order_by(Match.id).limit(3)).all()
    unmatch_lines(session, books.preparer, books.group.id, apart)
    found = by_kind(session, books)["distrust"]
    assert (found.count, found.proposal.replaces) == (3, "reference")
    assert [len(example.lines) for example in found.examples] == [2, 2, 2]


def test_lines_put_aside_with_one_beginning_become_an_exclusion(session: Session, books: Books) -> None:
    text = "id,booking_date,amount,currency,text\n" + "".join(
        f"b{n},2025-01-0{n},{n}.00,NOK,AUTO SWEEP {n}\n" for n in range(1, 5)
    )
    import_file(session, books.preparer, text.encode(), name="bank.csv", account=books.bank)
    use_rules(session, books)
    session.execute(update(GroupLine).where(GroupLine.line_id.in_(select(Line.id))).values(state="deactivated"))
    session.expire_all()
    found = by_kind(session, books)["aside"]
    assert found.count == 4
    assert "AUTO SWEEP" in found.sentence
    assert found.rules.rules[0] == found.proposal.rule
    assert len(found.examples[0].lines) == 1
    draft_suggestion(session, books.actors["author"], books.group.id, found.name)
    assert by_kind(session, books) == {}


def test_days_are_counted_on_fields_that_derive_rules_set(session: Session, books: Books) -> None:
    derive = {"key": "kid", "name": "KID", "kind": "derive", "side": "right", "set": {}}
    derive["set"] = {"reference": {"from": "text", "pattern": "KID (\\d+)"}}
    rule: dict[str, Any] = {**EXACT["rules"][0], "date": {"within": 0}}  # type: ignore[index]
    use_rules(session, books, {"version": 1, "name": "Exact", "rules": [derive, rule]})
    enter(session, books, books.ledger, [(f"l{n}", f"2025-01-0{n}", f"{n}00.00", f"{n}0077") for n in range(1, 4)])
    text = "id,booking_date,amount,currency,text\n" + "".join(
        f"b{n},2025-01-0{n + 2},{n}00.00,NOK,KID {n}0077\n" for n in range(1, 4)
    )
    import_file(session, books.preparer, text.encode(), name="bank.csv", account=books.bank)
    for minor in (10000, 20000, 30000):
        ids = select(GroupLine.line_id).where(GroupLine.amount_minor == minor)
        match_lines(session, books.preparer, books.group.id, list(session.scalars(ids)))
    found = by_kind(session, books)["date"]
    assert isinstance(found.proposal.rule, MatchRule)
    assert (found.proposal.after, found.proposal.rule.date.latest) == ("reference", 2)  # type: ignore[union-attr]


def test_a_group_without_rules_or_work_teaches_nothing(session: Session, books: Books) -> None:
    assert suggest_rules(session, books.preparer, books.group.id) == []
    use_rules(session, books)
    assert suggest_rules(session, books.preparer, books.group.id) == []
