"""OCR giro: payments of one sum share an entry, a minus is a credit note, and the totals of 88 and 89 are checked."""

from pathlib import Path

import pytest

from recon.errors import Unreadable
from recon.intake.detect import read_file

FIXTURE = Path(__file__).parents[1] / "fixtures" / "payments.ocr"
CONTENT = FIXTURE.read_text(encoding="ascii")


def changed(old: str, new: str) -> bytes:
    assert old in CONTENT
    return CONTENT.replace(old, new, 1).encode()


def test_reads_payments_with_kid() -> None:
    reading = read_file(FIXTURE)
    (statement,) = reading.statements
    assert not reading.findings
    assert (statement.account, statement.currency, statement.entries, statement.sum_minor) == (
        "86011117947",
        "NOK",
        3,
        119000,
    )
    paid, credited, told = statement.lines.to_pylist()
    assert paid["entry"] == credited["entry"] == "2024-01-31 100021 750.00 NOK #1"
    assert [line["part"] for line in (paid, credited, told)] == [1, 2, 0]
    assert (paid["kid"], paid["archive_reference"], paid["counterparty_account"]) == (
        "1234567",
        "094561154",
        "97104133219",
    )
    assert (credited["amount"], credited["counterparty_account"]) == (-25000, None)
    assert (told["text"], told["transaction_code"], told["kid"]) == ("Leie for januar", "21", None)


@pytest.mark.parametrize(
    ("old", "new", "codes"),
    [
        ("0000000300000009", "0000000400000009", ["control-count"]),
        ("00000000000044000", "00000000000044100", ["control-sum", "control-sum"]),
        ("NY091030", "NY091830", ["card-reversals"]),
    ],
)
def test_totals_that_differ_and_card_reversals_are_said(old: str, new: str, codes: list[str]) -> None:
    reading = read_file(
        changed(old, new).replace(b"NY091031000000160", b"NY091831000000160") if "18" in new else changed(old, new),
        "x.txt",
    )
    assert [finding.code for finding in reading.findings] == codes


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("00000000000100000", "0000000000010000x", "line 3: “0000000000010000x” is no amount"),
        ("0000001310124", "0000001310224", "line 3: “310224” is no date"),
        ("NY0910310000002", "NY0910310000009", "line 6: an amount item does not follow its payment"),
        ("NY091030", "NY099930", "line 3: “99” is no type of payment"),
        ("NY091030", "XX091030", "line 3: “XX09"),
        ("NY090088", "NY090077", "line 10: “NY0900770"),
    ],
)
def test_refuses_with_the_line(old: str, new: str, said: str) -> None:
    with pytest.raises(Unreadable, match=said):
        read_file(changed(old, new), "x.txt")


def test_refuses_what_was_cut_off_and_what_holds_no_payments() -> None:
    lines = CONTENT.splitlines()
    with pytest.raises(Unreadable, match="it has been cut off"):
        read_file("\n".join(lines[:-1]).encode(), "x.txt")
    with pytest.raises(Unreadable, match="an AvtaleGiro agreement file"):
        read_file("\n".join([*lines[:-1], "NY212420".ljust(80, "0"), lines[-1]]).encode(), "x.txt")
