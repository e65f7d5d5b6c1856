"""Hit rates: what every rule matched, what of it people undid, and the rules that never fire."""

from __future__ import annotations

import datetime as dt
import io
from typing import Any

import pytest
from pypdf import PdfReader
from python_calamine import CalamineWorkbook
from sqlalchemy import select
from sqlalchemy.orm import Session

from recon.database.models import Match
from recon.errors import NotFound, Refusal
from recon.services.hit_rates import draw_hit_rates, read_hit_rates
from recon.services.match_lines import match_lines
from recon.services.reconcile_group import reconcile_group
from recon.services.unmatch_lines import unmatch_lines
from tests.books import Books, add_actor, add_company
from tests.entered import EXACT, enter, line_ids, use_rules


def other(key: str, name: str, **more: Any) -> dict[str, Any]:
    return {"key": key, "name": name, "kind": "match", "cardinality": "one_to_one", **more}


RULES: dict[str, Any] = {
    **EXACT,
    "rules": [
        *EXACT["rules"],  # type: ignore[misc]
        other("suggest", "Same amount", date={"within": 2}, outcome="suggested"),
        other("never", "Same KID", pair={"left": "kid", "op": "same", "right": "kid"}),
    ],
}


@pytest.fixture
def worked(session: Session, books: Books) -> Books:
    """January: two matches by reference, one of them taken apart; February: one by reference, one by hand and one
    suggested; the run is pressed twice."""
    enter(
        session,
        books,
        books.ledger,
        [
            ("a", "2025-01-02", "100.00", "R1"),
            ("b", "2025-01-03", "-40.00", "R2"),
            ("c", "2025-02-03", "7.00", "R3"),
            ("d", "2025-02-10", "5.00", ""),
            ("e", "2025-02-20", "9.00", "Z"),
        ],
    )
    enter(
        session,
        books,
        books.bank,
        [
            ("v", "2025-01-02", "100.00", "R1"),
            ("w", "2025-01-31", "-40.00", "R2"),
            ("x", "2025-02-03", "7.00", "R3"),
            ("y", "2025-02-11", "5.00", ""),
            ("z", "2025-02-27", "9.00", ""),
        ],
    )
    use_rules(session, books, RULES)
    reconcile_group(session, books.preparer, books.group.id)
    (second,) = session.scalars(select(Match).where(Match.effective_on == dt.date(2025, 1, 31)))
    unmatch_lines(session, books.preparer, books.group.id, [second.id])
    left, right = line_ids(session, books, "left"), line_ids(session, books, "right")
    match_lines(session, books.preparer, books.group.id, [left[-1], right[-1]])
    reconcile_group(session, books.preparer, books.group.id)
    return books


def test_every_rule_by_month_with_what_was_undone(session: Session, worked: Books) -> None:
    found = read_hit_rates(session, worked.actors["auditor"], worked.group.id, to_on=dt.date(2025, 2, 1))
    assert found.months == (dt.date(2025, 1, 1), dt.date(2025, 2, 1))
    told = {
        rule.key: [(h.matches, h.suggested, h.undone, h.lines, h.amount_minor) for h in rule.months[-2:]]
        for rule in found.rules
    }
    assert told == {
        "reference": [(2, 0, 1, 4, 140_00), (1, 0, 0, 2, 7_00)],
        "suggest": [(0, 0, 0, 0, 0), (1, 1, 0, 2, 5_00)],
        "": [(0, 0, 0, 0, 0), (1, 0, 0, 2, 9_00)],
    }
    assert [rule.name for rule in found.rules if not rule.key] == ["By hand"]
    assert found.rules[0].total.undone_percent == "33.3"
    assert [(rule.key, rule.place, rule.last_on) for rule in found.silent] == [("never", 3, None)]


def test_a_rule_that_fired_before_tells_when(session: Session, worked: Books) -> None:
    found = read_hit_rates(session, worked.preparer, worked.group.id, dt.date(2025, 3, 1), dt.date(2025, 3, 31))
    assert found.rules == ()
    assert {rule.key: rule.last_on for rule in found.silent} == {
        "reference": dt.date(2025, 2, 3),
        "suggest": dt.date(2025, 2, 11),
        "never": None,
    }


def test_a_rule_that_is_gone_keeps_its_hits(session: Session, worked: Books) -> None:
    use_rules(session, worked, {**RULES, "rules": RULES["rules"][1:]})
    found = read_hit_rates(session, worked.preparer, worked.group.id, to_on=dt.date(2025, 2, 1))
    gone = next(rule for rule in found.rules if rule.key == "reference")
    assert (gone.in_force, gone.total.matches) == (False, 3)


def test_the_report_in_every_format(session: Session, worked: Books) -> None:
    found = read_hit_rates(session, worked.preparer, worked.group.id, dt.date(2025, 1, 1), dt.date(2025, 2, 28))
    lines = draw_hit_rates(found, "csv").decode().splitlines()
    assert lines[0] == "month,rule,name,matches,suggested,undone,lines,amount"
    assert '2025-01,reference,"Same reference, same amount",2,0,1,4,140.00' in lines
    assert len(lines) == 5
    book = CalamineWorkbook.from_filelike(io.BytesIO(draw_hit_rates(found, "xlsx")))
    assert len(book.get_sheet_by_index(0).to_python()) == 5
    paper = draw_hit_rates(found, "pdf")
    assert paper == draw_hit_rates(found, "pdf")
    text = PdfReader(io.BytesIO(paper)).pages[0].extract_text()
    assert "Hit rates of rules" in text
    assert "Same KID" in text
    assert "never" in text
    assert b"<svg" not in draw_hit_rates(found, "html")
    with pytest.raises(NotFound, match="no format odt"):
        draw_hit_rates(found, "odt")


def test_twelve_months_are_usual_but_none_before_the_groups_start(session: Session, worked: Books) -> None:
    found = read_hit_rates(session, worked.preparer, worked.group.id, to_on=dt.date(2026, 6, 15))
    assert (len(found.months), found.months[0]) == (12, dt.date(2025, 7, 1))
    assert read_hit_rates(session, worked.preparer, worked.group.id).months[-1] == dt.date(2025, 2, 1)


def test_months_out_of_order_and_strangers_are_refused(session: Session, worked: Books) -> None:
    with pytest.raises(Refusal, match="Name one to 120 months"):
        read_hit_rates(session, worked.preparer, worked.group.id, dt.date(2025, 3, 1), dt.date(2025, 2, 1))
    stranger = add_actor(session, add_company(session, "Annen AS"), "admin", name="stranger")
    with pytest.raises(NotFound):
        read_hit_rates(session, stranger, worked.group.id)
