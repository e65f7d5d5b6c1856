"""Manual lines, lines out of play, notes and attachments."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from recon.database.line_tables import open_lines
from recon.database.models import Event, GroupLine, Line
from recon.errors import NotAllowed, NotFound, Refusal
from recon.services.deactivate_lines import activate_lines, deactivate_before, deactivate_lines
from recon.services.manual_lines import ManualLine, add_manual_line, change_manual_line, remove_manual_line
from recon.services.match_lines import match_lines
from recon.services.read_balances import balances_as_of
from recon.services.reconcile_group import reconcile_group
from recon.services.unmatch_lines import unmatch_lines
from recon.services.verify_lines import line_findings
from recon.services.verify_matches import match_findings
from recon.services.write_notes import (
    LARGEST_FILE,
    Target,
    attach_file,
    attachment_for,
    media_type,
    remarks_on,
    remove_attachment,
    write_note,
)
from tests.books import Books
from tests.entered import enter, line_ids, use_rules
from tests.services.test_import_file import approve

JANUARY = dt.date(2025, 1, 31)


def sound(session: Session) -> None:
    assert [*line_findings(session), *match_findings(session)] == []


def left_balance(session: Session, books: Books) -> int:
    found = balances_as_of(session, books.group, JANUARY)
    return found.accounts[0].calculated.amount_minor


def manual(amount: int, day: int = 10, side: str = "left", **fields: str) -> ManualLine:
    return ManualLine(side, dt.date(2025, 1, day), amount, fields=fields)


def test_a_manual_line_changes_the_balance_and_is_matched_like_any_other(session: Session, books: Books) -> None:
    enter(session, books, books.bank, [("1", "2025-01-10", "40.00", "R")])
    use_rules(session, books)
    key = add_manual_line(session, books.preparer, books.group.id, manual(4000, reference="R"))
    assert left_balance(session, books) == 4000
    line = session.get_one(Line, key)
    assert (line.origin, line.only_group_id) == ("manual", books.group.id)
    reconcile_group(session, books.preparer, books.group.id)
    assert open_lines(session, books.group.id).empty
    sound(session)


def test_two_equal_manual_lines_both_live_and_one_is_removed(session: Session, books: Books) -> None:
    first = add_manual_line(session, books.preparer, books.group.id, manual(500, text="coffee"))
    add_manual_line(session, books.preparer, books.group.id, manual(500, text="coffee"))
    assert left_balance(session, books) == 1000
    remove_manual_line(session, books.preparer, books.group.id, first)
    assert left_balance(session, books) == 500
    add_manual_line(session, books.preparer, books.group.id, manual(500, text="coffee"))
    assert left_balance(session, books) == 1000
    sound(session)


def test_what_a_manual_line_may_not_be(session: Session, books: Books) -> None:
    for wanted, said in (
        (manual(0), "needs an amount"),
        (ManualLine("left", dt.date(2024, 12, 31), 1), "before"),
        (ManualLine("left", dt.date(2025, 1, 1), 1, member=3), "no such account"),
        (ManualLine("left", dt.date(2025, 1, 1), 1, fields={"entry": "x"}), "has no entry"),
    ):
        with pytest.raises(Refusal, match=said):
            add_manual_line(session, books.preparer, books.group.id, wanted)
    with pytest.raises(NotAllowed):
        add_manual_line(session, books.actors["auditor"], books.group.id, manual(1))
    approve(session, books, JANUARY)
    with pytest.raises(Refusal, match="approved period"):
        add_manual_line(session, books.preparer, books.group.id, manual(1))


def test_t20_an_opposite_manual_line_and_no_deleting_while_matched(session: Session, books: Books) -> None:
    wrong = add_manual_line(session, books.preparer, books.group.id, manual(500000, text="opening item"))
    opposite = add_manual_line(session, books.preparer, books.group.id, manual(-500000, text="corrects it"))
    match = match_lines(session, books.preparer, books.group.id, [wrong, opposite])
    assert left_balance(session, books) == 0
    with pytest.raises(Refusal, match="matched"):
        remove_manual_line(session, books.preparer, books.group.id, opposite)
    unmatch_lines(session, books.preparer, books.group.id, [match])
    remove_manual_line(session, books.preparer, books.group.id, opposite)
    assert left_balance(session, books) == 500000
    changed = change_manual_line(session, books.preparer, books.group.id, wrong, manual(499900, text="opening item"))
    assert (left_balance(session, books), changed != wrong) == (499900, True)
    sound(session)


def test_t29_a_deactivated_line_is_not_matched_nor_summed_and_comes_back(session: Session, books: Books) -> None:
    enter(session, books, books.ledger, [("1", "2025-01-10", "40.00", "R"), ("2", "2025-01-20", "7.00", "S")])
    enter(session, books, books.bank, [("1", "2025-01-10", "40.00", "R")])
    use_rules(session, books)
    away = line_ids(session, books, "left")[0]
    assert deactivate_lines(session, books.preparer, books.group.id, [away], "old") == 1
    reconcile_group(session, books.preparer, books.group.id)
    assert sorted(open_lines(session, books.group.id)["amount"]) == [700, 4000]  # the bank's 40.00 stays open
    found = balances_as_of(session, books.group, JANUARY)
    terms = {(line.term.value, line.side): line.amount_minor for line in found.proof.lines}
    assert terms["deactivated", "left"] == -4000
    assert left_balance(session, books) == 4700  # still in the balance
    assert found.proof.holds
    with pytest.raises(Refusal, match="deactivated"):
        match_lines(session, books.preparer, books.group.id, [away, line_ids(session, books, "right")[0]])
    assert activate_lines(session, books.preparer, books.group.id, [away]) == 1
    reconcile_group(session, books.preparer, books.group.id)
    assert list(open_lines(session, books.group.id)["amount"]) == [700]
    sound(session)


def test_all_before_a_day_of_one_side_or_both(session: Session, books: Books) -> None:
    rows = [(str(day), f"2025-01-{day:02}", f"{day}.00", f"r{day}") for day in range(1, 11)]
    enter(session, books, books.ledger, rows)
    enter(session, books, books.bank, rows[:3])
    assert deactivate_before(session, books.preparer, books.group.id, dt.date(2025, 1, 6), "left") == 5
    assert deactivate_before(session, books.preparer, books.group.id, dt.date(2025, 1, 3)) == 2
    idle = select(GroupLine.line_id).where(GroupLine.state == "deactivated")
    keys = list(session.scalars(idle))
    assert len(keys) == 7
    assert session.scalars(select(Event.verb).order_by(Event.id.desc()).limit(1)).one() == "deactivate"
    assert activate_lines(session, books.preparer, books.group.id, keys) == 7
    with pytest.raises(Refusal, match="no open line"):
        deactivate_before(session, books.preparer, books.group.id, dt.date(2025, 1, 1))
    with pytest.raises(NotAllowed):
        deactivate_lines(session, books.actors["approver"], books.group.id, keys)


def test_matched_and_approved_lines_stay_in_play(session: Session, books: Books) -> None:
    enter(session, books, books.ledger, [("1", "2025-01-10", "40.00", "R"), ("2", "2025-01-12", "1.00", "S")])
    enter(session, books, books.bank, [("1", "2025-01-10", "40.00", "R")])
    left, right = line_ids(session, books, "left"), line_ids(session, books, "right")
    match_lines(session, books.preparer, books.group.id, [left[0], right[0]])
    with pytest.raises(Refusal, match="take the match apart"):
        deactivate_lines(session, books.preparer, books.group.id, [left[0]])
    approve(session, books, JANUARY)
    with pytest.raises(Refusal, match="approved period"):
        deactivate_lines(session, books.preparer, books.group.id, [left[1]])


def test_notes_and_attachments_belong_to_a_line_in_its_group(session: Session, books: Books) -> None:
    enter(session, books, books.ledger, [("1", "2025-01-10", "40.00", "R")])
    target = Target(line_id=line_ids(session, books, "left")[0])
    write_note(session, books.preparer, books.group.id, target, " asked the customer ")
    pdf = attach_file(session, books.preparer, books.group.id, target, "../letter\x00.pdf", b"%PDF-1.7 x")
    assert (pdf.name, pdf.media_type, pdf.size) == ("..letter.pdf", "application/pdf", 10)
    notes, files = remarks_on(session, books.group.id, target)
    assert ([note.body for note in notes], [file.id for file in files]) == (["asked the customer"], [pdf.id])
    with pytest.raises(Refusal, match="Write something"):
        write_note(session, books.preparer, books.group.id, target, "  ")
    with pytest.raises(Refusal, match="larger than 10 MB"):
        attach_file(session, books.preparer, books.group.id, target, "x", b"x" * (LARGEST_FILE + 1))
    with pytest.raises(NotFound):
        write_note(session, books.preparer, books.group.id, Target(line_id=999), "x")
    with pytest.raises(NotAllowed):
        write_note(session, books.actors["auditor"], books.group.id, target, "x")
    remove_attachment(session, books.preparer, pdf.id)
    with pytest.raises(NotFound):
        attachment_for(session, books.preparer, pdf.id)


def test_a_file_is_what_its_bytes_are() -> None:
    assert media_type(b"<html><script>alert(1)</script>") == "text/plain"
    assert media_type(b"\x89PNG\r\n\x1a\nxx") == "image/png"
    assert media_type(b"\x00\x01") == "application/octet-stream"
