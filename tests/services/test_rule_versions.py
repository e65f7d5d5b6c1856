"""Versions of a rule set: saved once and never changed, activated, rolled back, compared; rules put aside."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from recon.access import Actor
from recon.database.models import Event, Match, RuleSetVersion
from recon.errors import Conflict, NotAllowed, NotFound, Refusal
from recon.services.activate_version import activate_version
from recon.services.compare_versions import compare_versions
from recon.services.deactivate_rule import deactivate_rule, delete_rule, reactivate_rule
from recon.services.reconcile_group import reconcile_group
from recon.services.roll_back_rules import roll_back_to_version
from recon.services.rule_versions import in_force, inactive_rules, rules_of_group
from recon.services.save_rule_set import save_rule_set
from recon.services.set_date_deviation import set_date_deviation, warn_of_date_deviation
from recon.services.verify_setup import setup_findings
from rules.codec import from_document
from rules.model import Match as MatchRule
from rules.model import RuleSet as Rules
from tests.books import Books, add_actor, add_company
from tests.entered import EXACT, enter, operator, use_rules

DATED: dict[str, Any] = {
    "version": 1,
    "name": "Dated",
    "rules": [
        {
            "key": key,
            "name": name,
            "kind": "match",
            "cardinality": "one_to_one",
            "pair": {"left": "reference", "op": "same", "right": field},
            "date": {"within": days},
        }
        for key, name, field, days in (("a", "Rule A", "reference", 3), ("b", "Rule B", "text", 5))
    ],
}


def dated(**changes: int) -> Rules:
    """The set with other days in some of its rules."""
    rules = [{**rule, "date": {"within": changes.get(rule["key"], rule["date"]["within"])}} for rule in DATED["rules"]]
    return from_document({**DATED, "rules": rules})


def save(session: Session, books: Books, rules: Rules, who: str = "author", **how: Any) -> RuleSetVersion:
    return save_rule_set(session, books.actors[who], books.company.id, rules, **how)


def windows(version: RuleSetVersion) -> dict[str, tuple[int, int]]:
    rules = from_document(version.body).rules
    return {r.key: (r.date.earliest, r.date.latest) for r in rules if isinstance(r, MatchRule) and r.date}


def verbs(session: Session) -> list[str]:
    return list(session.scalars(select(Event.verb).order_by(Event.id)))


# saving and activating


def test_every_save_is_a_version_and_a_draft_changes_nothing_in_force(session: Session, books: Books) -> None:
    first = save(session, books, dated())
    draft = save(session, books, dated(a=9), activate=False)
    assert (first.no, draft.no, draft.activated_at) == (1, 2, None)
    assert in_force(session, first.rule_set_id) is first
    assert windows(first) == {"a": (-3, 3), "b": (-5, 5)}
    books.group.rule_set_id = first.rule_set_id
    assert rules_of_group(session, books.group).no == 1
    activate_version(session, books.actors["author"], draft.id)
    assert rules_of_group(session, books.group).no == 2


def test_the_same_meaning_makes_no_version(session: Session, books: Books) -> None:
    first = save(session, books, dated())
    assert save(session, books, dated()) is first
    assert verbs(session) == ["save rules", "activate rules"]


def test_activating_an_older_version_is_refused_and_rolling_back_named(session: Session, books: Books) -> None:
    first = save(session, books, dated())
    save(session, books, dated(a=9))
    with pytest.raises(Refusal, match="older than version 2, which is in force; roll back"):
        activate_version(session, books.actors["author"], first.id)


def test_a_change_that_started_from_an_older_version_is_refused(session: Session, books: Books) -> None:
    save(session, books, dated())
    save(session, books, dated(a=9), seen=1)
    with pytest.raises(Conflict, match="Somebody saved version 2 meanwhile"):
        save(session, books, dated(a=7), seen=1)


def test_an_approver_may_activate_anothers_draft_without_editing(session: Session, books: Books) -> None:
    draft = save(session, books, dated(), activate=False)
    approver = books.actors["approver"]
    activate_version(session, approver, draft.id)
    assert draft.activated_by == approver.user_id
    with pytest.raises(NotAllowed):
        save(session, books, dated(a=1), "approver")
    with pytest.raises(NotAllowed):
        activate_version(session, books.preparer, save(session, books, dated(b=1), activate=False).id)


def test_four_eyes_let_a_change_wait_for_somebody_else(session: Session, books: Books) -> None:
    books.company.four_eyes = True
    both = add_actor(session, books.company, "author", "approver")
    waits = save_rule_set(session, both, books.company.id, dated())
    assert waits.activated_at is None
    with pytest.raises(NotAllowed, match="Four eyes"):
        activate_version(session, both, waits.id)
    with pytest.raises(NotAllowed, match="may not activate another's rules"):
        activate_version(session, books.actors["author"], waits.id)
    activate_version(session, books.actors["approver"], waits.id)
    assert in_force(session, waits.rule_set_id) is waits


def test_four_eyes_see_through_a_draft_that_another_saved_on_top(session: Session, books: Books) -> None:
    books.company.four_eyes = True
    one, other = (add_actor(session, books.company, "author", "approver", name=name) for name in ("one", "other"))
    first = save_rule_set(session, books.actors["author"], books.company.id, dated())
    activate_version(session, one, first.id)
    save_rule_set(session, one, books.company.id, dated(a=30))
    second = save_rule_set(session, other, books.company.id, dated(a=30, b=6))
    for author in (one, other):
        with pytest.raises(NotAllowed, match="Four eyes"):
            activate_version(session, author, second.id)
    activate_version(session, books.actors["approver"], second.id)


def test_rolling_back_waits_for_the_second_person_too(session: Session, books: Books) -> None:
    first = save(session, books, dated())
    save(session, books, dated(a=9))
    books.company.four_eyes = True
    back = roll_back_to_version(session, books.actors["author"], first.id)
    assert (back.no, back.activated_at) == (3, None)
    assert in_force(session, first.rule_set_id).no == 2  # type: ignore[union-attr]
    activate_version(session, books.actors["approver"], back.id)
    assert in_force(session, first.rule_set_id) is back


def test_a_set_of_the_installation_follows_the_companies_that_use_it(session: Session, books: Books) -> None:
    owner = operator(session)
    first = save_rule_set(session, owner, None, dated())
    assert first.activated_by == owner.user_id
    books.group.rule_set_id = first.rule_set_id
    books.company.four_eyes = True
    session.flush()
    draft = save_rule_set(session, owner, None, dated(a=9))
    assert draft.activated_at is None
    with pytest.raises(NotAllowed, match="Four eyes"):
        activate_version(session, owner, draft.id)
    with pytest.raises(NotAllowed, match="only the operator"):
        activate_version(session, books.actors["approver"], draft.id)
    activate_version(session, Actor(books.preparer.user_id, operator=True, name="Second"), draft.id)
    assert in_force(session, first.rule_set_id) is draft


def test_another_companys_versions_do_not_exist(session: Session, books: Books) -> None:
    version = save(session, books, dated(), activate=False)
    stranger = add_actor(session, add_company(session, "Annen AS"), "admin", "approver")
    for refused in (activate_version, roll_back_to_version):
        with pytest.raises(NotFound):
            refused(session, stranger, version.id)
    with pytest.raises(NotFound):
        compare_versions(session, stranger, version.id, version.id)
    with pytest.raises(NotFound):
        deactivate_rule(session, stranger, version.rule_set_id, "a")


# rolling back and comparing


def test_rolling_back_is_a_new_version_equal_to_the_old(session: Session, books: Books) -> None:
    first = save(session, books, dated())
    second = save(session, books, dated(a=9))
    back = roll_back_to_version(session, books.actors["author"], first.id)
    assert (back.no, back.body, back.sha256) == (3, first.body, first.sha256)
    assert in_force(session, first.rule_set_id) is back
    assert second.body != back.body
    assert compare_versions(session, books.actors["auditor"], first.id, back.id) == []
    with pytest.raises(Refusal, match="Version 3 is the same as version 1 already"):
        roll_back_to_version(session, books.actors["author"], first.id)
    assert verbs(session)[-2:] == ["roll back rules", "activate rules"]
    assert list(setup_findings(session)) == []


def test_two_versions_are_compared_in_sentences(session: Session, books: Books) -> None:
    first, second = save(session, books, dated()), save(session, books, dated(a=9))
    (change,) = compare_versions(session, books.actors["auditor"], first.id, second.id)
    assert change.sentence() == (
        "“Rule A” changed: days: the booking date differs by at most 9 days, before: the booking date differs by at "
        "most 3 days."
    )
    other = save(session, books, replace(dated(), name="Other"))
    with pytest.raises(Refusal, match="two different rule sets"):
        compare_versions(session, books.actors["auditor"], first.id, other.id)


# deactivating instead of deleting


def test_a_deactivated_rule_stands_aside_and_comes_back_where_it_was(session: Session, books: Books) -> None:
    first = save(session, books, dated())
    author = books.actors["author"]
    aside = deactivate_rule(session, author, first.rule_set_id, "a")
    assert [rule["key"] for rule in aside.body["rules"]] == ["b"]
    assert [each.rule.key for each in inactive_rules(aside)] == ["a"]
    (change,) = compare_versions(session, author, first.id, aside.id)
    assert (change.kind, change.name) == ("deactivated", "Rule A")
    kept = save(session, books, replace(dated(b=7), rules=dated(b=7).rules[1:]))
    assert [each.rule.key for each in inactive_rules(kept)] == ["a"]
    again = reactivate_rule(session, author, first.rule_set_id, "a")
    assert [rule["key"] for rule in again.body["rules"]] == ["a", "b"]
    assert again.inactive is None
    (change,) = compare_versions(session, author, kept.id, again.id)
    assert change.kind == "reactivated"
    assert list(setup_findings(session)) == []


def test_verify_tells_a_deactivated_rule_that_was_tampered_with(session: Session, books: Books) -> None:
    first = save(session, books, dated())
    aside = deactivate_rule(session, books.actors["author"], first.rule_set_id, "a")
    assert aside.inactive is not None
    rule = aside.inactive[0]["rule"]
    aside.inactive = [{"place": 0, "rule": {**rule, "date": {"within": 30}}}]
    session.flush()
    (finding,) = setup_findings(session)
    assert finding.code == "rules-changed"


def test_a_rule_that_never_matched_is_deleted(session: Session, books: Books) -> None:
    first = save(session, books, dated())
    gone = delete_rule(session, books.actors["author"], first.rule_set_id, "a")
    assert (len(gone.body["rules"]), gone.inactive) == (1, None)
    with pytest.raises(NotFound, match="no such rule"):
        delete_rule(session, books.actors["author"], first.rule_set_id, "a")


def test_a_rule_that_matched_is_deactivated_not_deleted(session: Session, books: Books) -> None:
    enter(session, books, books.ledger, [("l", "2025-01-02", "10.00", "R")])
    enter(session, books, books.bank, [("b", "2025-01-02", "10.00", "R")])
    version = use_rules(session, books)
    reconcile_group(session, books.preparer, books.group.id)
    assert session.scalars(select(Match.rule_key)).one() == "reference"
    with pytest.raises(Refusal, match="has made matches; deactivate it"):
        delete_rule(session, books.actors["author"], version.rule_set_id, "reference")
    other: dict[str, Any] = {**EXACT, "rules": DATED["rules"]}
    left_out = save(session, books, from_document(other))
    assert [each.rule.key for each in inactive_rules(left_out)] == ["reference"]
    assert "reference" not in rules_of_group(session, books.group).hashes


# max date deviation


def test_t16_the_deviation_of_the_set_overwrites_a_fine_tuned_rule(session: Session, books: Books) -> None:
    version = use_rules(session, books, DATED)
    fine = save(session, books, dated(a=0))
    assert windows(fine)["a"] == (0, 0)
    author = books.actors["author"]
    warning = warn_of_date_deviation(session, author, version.rule_set_id, 10)
    assert warning.groups == (f"{books.company.name}/{books.group.name}",)
    assert [change.key for change in warning.changes] == ["a", "b"]
    assert f"{books.company.name}/{books.group.name}" in warning.sentence()
    assert windows(fine) == {"a": (0, 0), "b": (-5, 5)}
    written = set_date_deviation(session, author, version.rule_set_id, 10, seen=warning.version)
    assert windows(written) == {"a": (-10, 10), "b": (-10, 10)}
    assert rules_of_group(session, books.group).no == written.no
    with pytest.raises(Refusal, match="these days already"):
        set_date_deviation(session, author, version.rule_set_id, 10, seen=written.no)
    tuned = save(session, books, dated(a=2, b=10))
    assert windows(tuned) == {"a": (-2, 2), "b": (-10, 10)}


def test_who_may_not_edit_the_set_may_not_write_the_deviation(session: Session, books: Books) -> None:
    version = save_rule_set(session, operator(session), None, dated())
    with pytest.raises(NotAllowed, match="only the operator"):
        warn_of_date_deviation(session, books.actors["author"], version.rule_set_id, 4)
    with pytest.raises(NotAllowed, match="only the operator"):
        set_date_deviation(session, books.actors["author"], version.rule_set_id, 4, seen=1)


@pytest.mark.parametrize("days", [-1, 40_000])
def test_an_impossible_deviation_is_refused(session: Session, books: Books, days: int) -> None:
    version = save(session, books, dated())
    with pytest.raises(Refusal, match="whole number of days"):
        set_date_deviation(session, books.actors["author"], version.rule_set_id, days, seen=1)
    undated = save(session, books, from_document(EXACT))
    with pytest.raises(Refusal, match="No rule of this set has a date window"):
        set_date_deviation(session, books.actors["author"], undated.rule_set_id, 1, seen=1)
