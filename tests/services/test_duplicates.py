"""Nothing twice: statements, references, formats; each refusal shown and overruled; sums and their parts."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from recon.database.line_tables import open_lines
from recon.database.models import Allocation, GroupLine, Line, Match
from recon.intake.duplicates import Rung
from recon.services.import_file import Imported, import_file, preview_import
from recon.services.judge_lines import Decisions
from recon.services.undo_import import undo_import
from recon.services.verify_lines import line_findings
from recon.services.verify_matches import match_findings
from tests.books import Books
from tests.deliveries import Entry, camt053, camt054
from tests.files import csv_file
from tests.matches import add_match

JANUARY = [Entry("2025-01-03", "500.00", "R1", "one"), Entry("2025-01-10", "-20.50", "R2", "two")]


def held(session: Session) -> int:
    """The sum of what is live."""
    return session.scalar(select(func.sum(Line.amount_minor)).where(Line.withdrawn_event_id.is_(None))) or 0


def codes(done: Imported) -> list[str]:
    return [finding.code for finding in done.plan.findings]


def rungs(done: Imported) -> dict[str, int]:
    return {r.rung.value: r.lines.num_rows for each in done.plan.accounts for r in each.refused}


def sound(session: Session) -> None:
    assert [*line_findings(session), *match_findings(session)] == []


def test_the_same_file_and_the_same_statement_are_named(session: Session, books: Books) -> None:
    file = camt053(JANUARY, opening="0.00", closing="479.50")
    import_file(session, books.preparer, file, name="january.xml")
    again = import_file(session, books.preparer, file, name="january.xml")
    assert (again.new, again.known) == (0, 2)
    assert {"same-file", "same-statement"} <= set(codes(again))
    assert rungs(again) == {"line": 2}
    assert held(session) == 47950


def test_a_statement_with_other_content_is_shown_and_not_added(session: Session, books: Books) -> None:
    import_file(session, books.preparer, camt053(JANUARY, opening="0.00", closing="479.50"))
    other = camt053([JANUARY[0], Entry("2025-01-10", "-20.50", "X9", "other words")], opening="0.00", closing="479.50")
    done = import_file(session, books.preparer, other)
    assert (done.new, rungs(done)) == (0, {"line": 1, "statement": 1})
    told = next(f.sentence for f in done.plan.findings if f.code == "statement-replaced")
    assert "1 lines of this file are not in that one, 1 of that one are not in this file" in told
    forced = import_file(session, books.preparer, other, decisions=Decisions(anyway=frozenset({Rung.STATEMENT})))
    assert forced.new == 1
    assert held(session) == 45900


def test_a_trusted_reference_tells_a_line_whose_words_changed(session: Session, books: Books) -> None:
    import_file(session, books.preparer, camt053(JANUARY, number="1"))
    reworded = camt053([Entry("2025-01-03", "500.00", "R1", "another text")], number="2")
    done = import_file(session, books.preparer, reworded)
    assert (done.new, rungs(done)) == (0, {"reference": 1})
    untrusted = [Entry("2025-01-05", "7.00", "NONREF", text) for text in ("a", "b")]
    assert import_file(session, books.preparer, camt053(untrusted[:1], number="3")).new == 1
    assert import_file(session, books.preparer, camt053(untrusted[1:], number="4")).new == 1
    forced = import_file(session, books.preparer, reworded, decisions=Decisions(anyway=frozenset({Rung.REFERENCE})))
    assert forced.new == 1
    sound(session)


def test_lines_known_by_content_can_be_stored_again_when_asked(session: Session, books: Books) -> None:
    rows = [("2025-01-03", "5.00", "a"), ("2025-01-03", "5.00", "a")]
    import_file(session, books.preparer, csv_file(rows))
    done = import_file(session, books.preparer, csv_file(rows), decisions=Decisions(anyway=frozenset({Rung.LINE})))
    assert done.new == 2
    assert sorted(session.scalars(select(Line.occurrence))) == [1, 2, 3, 4]
    assert import_file(session, books.preparer, csv_file(rows)).new == 0
    sound(session)


def test_a_line_taken_out_between_its_twins_leaves_no_hole(session: Session, books: Books) -> None:
    """Counted, not compared by number: the second twin alone is still one of one."""
    one = import_file(session, books.preparer, csv_file([("2025-01-03", "5.00", "a")]))
    import_file(session, books.preparer, csv_file([("2025-01-03", "5.00", "a")] * 2))
    undo_import(session, books.preparer, one.batches[0])
    assert import_file(session, books.preparer, csv_file([("2025-01-03", "5.00", "a")])).new == 0
    assert held(session) == 1000


def test_t8_the_same_days_through_another_format_are_warned_of_not_blocked(session: Session, books: Books) -> None:
    import_file(session, books.preparer, camt053(JANUARY, opening="0.00", closing="479.50"))
    rows = [("2025-01-03", "500.00", "x"), ("2025-01-10", "-20.50", "y"), ("2025-01-12", "1.00", "z")]
    doubled = import_file(session, books.preparer, csv_file(rows))
    told = next(f for f in doubled.plan.findings if f.code == "other-format")
    assert "2 of the new lines (479.50)" in told.sentence
    assert "camt.053" in told.sentence
    assert (doubled.new, held(session)) == (3, 47950 + 48050)
    import_file(session, books.preparer, csv_file([("2025-01-03", "500.00", "l")], account="1920"))
    frame = open_lines(session, books.group.id)
    double = frame[(frame["reference"] == "x") | (frame["reference"] == "l")]
    add_match(session, books, list(double["line_id"]))
    undone = undo_import(session, books.preparer, doubled.batches[0])
    assert (undone.withdrawn, undone.dissolved) == (3, 1)
    assert held(session) == 47950 + 50000
    sound(session)


def test_gaps_and_overlaps_of_statements_are_findings(session: Session, books: Books) -> None:
    days = {"january": ("2025-01-01", "2025-01-31"), "march": ("2025-03-01", "2025-03-31")}
    import_file(session, books.preparer, camt053(JANUARY, opening="0.00", closing="479.50", days=days["january"]))
    march = camt053(
        [Entry("2025-03-03", "1.00", "M")], number="3", opening="500.00", closing="501.00", days=days["march"]
    )
    found = {f.code: f.sentence for f in import_file(session, books.preparer, march).plan.findings}
    assert "no statement covers 2025-02-01 to 2025-02-28" in found["days-missing"]
    assert "479.50" in found["opening-differs"]
    whole = camt053(
        [*JANUARY, Entry("2025-02-03", "20.50", "F")], number="9", days=("2025-01-01", "2025-02-28"), opening="0.00"
    )
    again = import_file(session, books.preparer, whole)
    assert again.new == 1
    assert "days-overlap" in codes(again)


LUMP = Entry("2025-01-06", "300.00", "LUMP1", "Incoming")
PARTS = Entry("2025-01-06", "300.00", "LUMP1", details=[("100.00", "0001"), ("120.00", "0002"), ("80.00", "0003")])


def amounts(session: Session, books: Books) -> list[int]:
    query = select(GroupLine.amount_minor).where(GroupLine.group_id == books.group.id, GroupLine.side == "right")
    return sorted(session.scalars(query))


def test_details_that_come_later_take_the_place_of_their_sum(session: Session, books: Books) -> None:
    statement = camt053([LUMP, JANUARY[0]], opening="0.00", closing="800.00")
    import_file(session, books.preparer, statement)
    details = import_file(session, books.preparer, camt054([PARTS]))
    assert "lump-parts" in codes(details)
    assert amounts(session, books) == [8000, 10000, 12000, 50000]
    assert held(session) == 80000
    again = import_file(session, books.preparer, camt054([PARTS]))
    assert (again.new, again.known) == (0, 3)
    assert import_file(session, books.preparer, statement).new == 0
    assert held(session) == 80000
    sound(session)
    undo_import(session, books.preparer, details.batches[0])
    assert amounts(session, books) == [8000, 10000, 12000, 50000]  # the second delivery has them too
    undo_import(session, books.preparer, again.batches[0])
    assert amounts(session, books) == [30000, 50000]
    sound(session)


def test_inside_a_match_the_parts_take_the_sum_s_place(session: Session, books: Books) -> None:
    import_file(session, books.preparer, camt053([LUMP], opening="0.00", closing="300.00"))
    import_file(session, books.preparer, csv_file([("2025-01-06", "300.00", "l")], account="1920"))
    frame = open_lines(session, books.group.id)
    match = add_match(session, books, list(frame["line_id"]))
    import_file(session, books.preparer, camt054([PARTS]))
    live = session.scalars(select(Match).where(Match.undone_event_id.is_(None))).one()
    assert live.id != match.id
    held_by = session.scalars(select(Allocation.amount_minor).where(Allocation.match_id == live.id)).all()
    assert sorted(held_by) == [8000, 10000, 12000, 30000]
    assert open_lines(session, books.group.id).empty
    sound(session)


def test_details_before_their_statement_make_the_sum_known(session: Session, books: Books) -> None:
    assert import_file(session, books.preparer, camt054([PARTS])).new == 3
    later = import_file(session, books.preparer, camt053([LUMP, JANUARY[0]], opening="0.00", closing="800.00"))
    assert (later.new, rungs(later)) == (1, {"parts": 1})
    assert held(session) == 80000


def test_details_without_a_sum_on_a_covered_day_are_no_money(session: Session, books: Books) -> None:
    import_file(session, books.preparer, camt053([JANUARY[0]], opening="0.00", closing="500.00"))
    done = import_file(session, books.preparer, camt054([PARTS]))
    assert (done.new, rungs(done), held(session)) == (0, {"no-lump": 3}, 50000)
    forced = import_file(session, books.preparer, camt054([PARTS]), decisions=Decisions(anyway=frozenset({"no-lump"})))
    assert forced.new == 3


def test_undoing_the_statement_takes_the_parts_of_its_sums_along(session: Session, books: Books) -> None:
    statement = import_file(session, books.preparer, camt053([LUMP, JANUARY[0]], opening="0.00", closing="800.00"))
    import_file(session, books.preparer, camt054([PARTS]))
    undo_import(session, books.preparer, statement.batches[0])
    assert held(session) == 0
    assert amounts(session, books) == []
    sound(session)


def test_a_preview_says_all_this_and_stores_nothing(session: Session, books: Books) -> None:
    import_file(session, books.preparer, camt053([LUMP], opening="0.00", closing="300.00"))
    before = held(session), session.scalar(select(func.count(Line.id)))
    plan = preview_import(session, books.preparer, camt054([PARTS]))
    assert (plan.new, next(set(each.parts) for each in plan.accounts)) == (3, {1})
    assert before == (held(session), session.scalar(select(func.count(Line.id))))
