"""BgMax: deposits with their payments, deductions and further references; 15 and 70 are checked."""

from pathlib import Path

import pytest

from recon.errors import Unreadable
from recon.intake.detect import read_file

FIXTURE = Path(__file__).parents[1] / "fixtures" / "payments.bgmax"
CONTENT = FIXTURE.read_text(encoding="latin-1")


def changed(old: str, new: str) -> bytes:
    assert old in CONTENT
    return CONTENT.replace(old, new, 1).encode("latin-1")


def test_reads_deposits() -> None:
    reading = read_file(FIXTURE)
    assert not reading.findings
    assert [(s.account, s.currency, s.legal_number, s.entries, s.sum_minor) for s in reading.statements] == [
        ("9912346", "SEK", "00074", 3, 190050),
        ("9912346", "EUR", "00075", 1, 400000),
    ]
    one, several, deducted = reading.statements[0].lines.to_pylist()
    assert {line["entry"] for line in (one, several, deducted)} == {"2024-01-31 00074 1900.50 SEK #1"}
    assert (one["reference"], one["counterparty"], one["text"]) == ("1001", "Kålgården AB", "Tack for senast")
    assert (one["counterparty_account"], one["extra.organisation_number"]) == ("3783511", "5500001234")
    assert (several["reference"], several["text"]) == (None, "1002 1003")
    assert deducted["amount"] == -50000


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("000000000000190050", "000000000000190051", "control-sum"),
        ("SEK00000003", "SEK00000004", "control-count"),
        ("7000000003", "7000000004", "control-count"),
        ("190050SEK", "190050EUR", "deposit-currency"),
    ],
)
def test_what_does_not_add_up_is_said(old: str, new: str, code: str) -> None:
    assert [finding.code for finding in read_file(changed(old, new), "x.txt").findings] == [code]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("000000000000100050", "00000000000010005x", "line 3: “00000000000010005x” is no amount"),
        ("20240131000740", "20240231000740", "line 12: “20240231” is no date"),
        ("SEK  ", "KRO  ", "line 2: “KRO” is no ISO currency"),
        ("25Tack", "99Tack", "line 4: “99Tack"),
        ("\n1500", "\n0500", "line 12: a deposit begins inside another"),
    ],
)
def test_refuses_with_the_line(old: str, new: str, said: str) -> None:
    with pytest.raises(Unreadable, match=said):
        read_file(changed(old, new), "x.txt")


def test_refuses_what_was_cut_off() -> None:
    with pytest.raises(Unreadable, match="it has been cut off"):
        read_file("\n".join(CONTENT.splitlines()[:-1]).encode("latin-1"), "x.txt")
