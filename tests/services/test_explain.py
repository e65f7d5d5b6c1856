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
from recon.services.near_misses import NearMiss
from recon.services.reconcile_group import reconcile_group
from recon.services.unmatch_lines import unmatch_lines
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


# why not, rule by rule


def rule(key: str, **more: Any) -> dict[str, Any]:
    return {"key": key, "name": key.title(), "kind": "match", "cardinality": "one_to_one", **more}


def rules(*every: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"version": 1, "name": "Set", "rules": list(every), **more}


def why_not(session: Session, books: Books, side: str, place: int) -> dict[str, NearMiss]:
    line = line_ids(session, books, side)[place]
    told = explain_line(session, books.preparer, books.group.id, line)
    return {miss.rule: miss for miss in told.misses}


SAME = {"left": "reference", "op": "same", "right": "reference"}
FEE = {"entry_type": "ROUNDING"}


def test_every_rule_tells_its_first_failing_test_with_figures(session: Session, books: Books) -> None:
    enter(session, books, books.ledger, [("a", "2025-01-02", "100.00", "R1")])
    enter(session, books, books.bank, [("x", "2025-01-07", "100.00", "R1"), ("y", "2025-01-02", "103.00", "R1")])
    far = rule("far", pair=SAME, date={"within": 3})
    above = {"where": {"field": "amount", "op": "at_least", "value": "101"}}
    near = rule("near", pair=SAME, right=above, date={"within": 1}, amount={"plus": "2.00"}, difference=FEE)
    large = rule("large", left={"where": {"field": "amount", "op": "at_least", "value": "1000"}})
    use_rules(session, books, rules(far, near, large))
    found = why_not(session, books, "left", 0)
    assert list(found) == ["far", "near", "large"]
    assert found["far"].reason.startswith("5 days apart, 3 allowed (")
    assert found["near"].reason.startswith("difference 3.00 NOK, 2.00 allowed (")
    assert (found["large"].verdict, found["large"].line_ids) == ("aside", ())
    assert found["large"].reason == "the rule is not about this line: the amount is at least 1000 (100.00 NOK)"


def test_what_fails_nothing_tells_what_kept_it(session: Session, books: Books) -> None:
    enter(session, books, books.ledger, [("a", "2025-01-02", "100.00", ""), ("b", "2025-01-03", "70.00", "R2")])
    enter(
        session,
        books,
        books.bank,
        [("x", "2025-01-02", "100.00", ""), ("y", "2025-01-03", "100.00", ""), ("z", "2025-01-04", "70.00", "R2")],
    )
    leave = {"when": {"field": "abs_amount", "op": "less_than", "value": "80"}, "then": "leave", "name": "Small"}
    use_rules(session, books, rules(rule("amount"), decide=[leave]))
    reconcile_group(session, books.preparer, books.group.id)
    tied = why_not(session, books, "left", 0)["amount"]
    right = line_ids(session, books, "right")
    assert (tied.verdict, {*tied.line_ids, *(line for rival in tied.rivals for line in rival)}) == (
        "rivals",
        set(right[:2]),
    )
    left = why_not(session, books, "left", 1)["amount"]
    assert left.reason == "fails nothing, but the decision “Small” leaves it open"
    enter(session, books, books.bank, [("w", "2025-01-20", "-12.00", "")])
    enter(session, books, books.ledger, [("c", "2025-01-20", "-12.00", "")])
    use_rules(session, books, rules(rule("amount")))
    assert why_not(session, books, "left", 2)["amount"].reason == "fails nothing: the next Reconcile takes it"


def test_a_refused_pair_names_who_refused_it_and_another_rule_only_suggests_it(session: Session, books: Books) -> None:
    reconciled(session, books)
    (match,) = session.scalars(select(Match))
    unmatch_lines(session, books.preparer, books.group.id, [match.id])
    told = why_not(session, books, "left", 0)["reference"]
    assert told.verdict == "refused"
    assert "preparer took these lines apart or rejected them on" in told.reason
    use_rules(session, books, {**EXACT, "rules": [*EXACT["rules"], rule("other", date={"within": 1})]})  # type: ignore[misc]
    reconcile_group(session, books.preparer, books.group.id)
    (again,) = session.scalars(select(Match).where(Match.undone_event_id.is_(None)))
    assert (again.rule_key, again.state) == ("other", "suggested")
    marked = explain_match(session, books.preparer, again.id)
    assert marked.refused is not None
    assert marked.refused.by == "preparer"
    assert any("took these lines apart under another rule" in sentence for sentence in marked.sentences())


def test_key_groups_and_searches_are_explained_too(session: Session, books: Books) -> None:
    enter(session, books, books.ledger, [("t", "2025-01-02", "100.00", "T")])
    parts = [("x", "2025-01-03", "60.00", "T"), ("y", "2025-01-03", "30.00", "T"), ("z", "2025-01-03", "15.00", "U")]
    enter(session, books, books.bank, parts)
    grouped = rule("grouped", cardinality="one_to_many", right={"group_by": ["reference"]}, date={"within": 5})
    search = {"max_lines": 4, "max_steps": 100000, "same": ["booking_date"]}
    searched = rule("searched", cardinality="one_to_many", date={"within": 5}, search=search)
    use_rules(session, books, rules(grouped, searched))
    found = why_not(session, books, "left", 0)
    right = line_ids(session, books, "right")
    assert set(found["grouped"].line_ids) == {right[1], right[2]}
    assert found["grouped"].reason.startswith("difference 10.00 NOK, none allowed")
    assert found["searched"].reason.startswith("no lines among 3 that may belong to it add up")
    part = why_not(session, books, "right", 1)["grouped"]
    assert (len(part.own_ids), part.verdict) == (2, "fails")
    enter(session, books, books.bank, [("w", "2025-01-03", "25.00", "V")])
    whole = why_not(session, books, "left", 0)["searched"]
    assert (whole.verdict, len(whole.line_ids)) == ("free", 3)
    assert why_not(session, books, "right", 1)["searched"].verdict == "free"


def test_a_posted_line_names_the_rule_that_books_it(session: Session, books: Books) -> None:
    enter(session, books, books.bank, [("x", "2025-01-03", "-5.00", "FEE")])
    where = {"field": "amount", "op": "between", "value": ["-10", "-0.01"]}
    post = {"key": "fees", "name": "Fees", "kind": "post", "side": "right", "where": where, "entry_type": "BANKFEE"}
    use_rules(session, books, rules(post, rule("amount")))
    told = explain_line(session, books.preparer, books.group.id, line_ids(session, books, "right")[0])
    assert (told.posts, told.misses) == ("Fees", ())
    assert any("Rule Fees proposes an entry" in sentence for sentence in told.sentences())


# alternatives


def test_a_match_names_the_candidates_that_lost_and_why(session: Session, books: Books) -> None:
    enter(session, books, books.ledger, [("a", "2025-01-02", "100.00", "R1")])
    enter(session, books, books.bank, [("x", "2025-01-03", "100.00", "R1"), ("y", "2025-01-05", "100.00", "R1")])
    decide = [{"name": "Others", "when": {"field": "alternatives", "op": "at_least", "value": 1}, "then": "suggest"}]
    use_rules(session, books, rules(rule("closest", pair=SAME, ambiguous="closest"), decide=decide))
    reconcile_group(session, books.preparer, books.group.id)
    (match,) = session.scalars(select(Match))
    assert (match.state, match.alternatives) == ("suggested", 1)
    told = explain_match(session, books.actors["auditor"], match.id)
    (other,) = told.others
    right = line_ids(session, books, "right")
    assert (other.side, other.line_ids, other.match_id) == ("right", (right[1],), None)
    assert other.reason == "3 days apart against 1"
    assert told.decided is not None
    assert (told.decided.name, told.decided.test.values) == ("Others", ("1",))
    assert told.plain()["decision"]["name"] == "Others"
    assert any("3 days apart against 1" in sentence for sentence in told.sentences())


def test_an_alternative_that_is_matched_since_says_in_which_match(session: Session, books: Books) -> None:
    enter(session, books, books.ledger, [("a", "2025-01-02", "100.00", "R1"), ("b", "2025-01-06", "100.00", "R1")])
    enter(session, books, books.bank, [("x", "2025-01-02", "100.00", "R1"), ("y", "2025-01-06", "100.00", "R1")])
    use_rules(session, books, rules(rule("closest", pair=SAME, ambiguous="closest")))
    reconcile_group(session, books.preparer, books.group.id)
    first, second = session.scalars(select(Match).order_by(Match.id))
    others = explain_match(session, books.preparer, first.id).others
    assert {other.side for other in others} == {"left", "right"}
    assert {other.match_id for other in others} == {second.id}
    assert {other.reason for other in others} == {"4 days apart against 0"}
