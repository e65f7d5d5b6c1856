"""BAI2: the type code gives the sign, 88 goes on, several records may share a line, control totals are checked."""

import datetime as dt
from pathlib import Path

import pytest

from recon.errors import Unreadable
from recon.intake.detect import read_file
from recon.intake.statement import Reading

FIXTURE = Path(__file__).parents[1] / "fixtures" / "bank.bai2"


def file(*records: str, total: str = "") -> bytes:
    return "\n".join(
        [
            "01,A,B,240201,0600,1,,,2/",
            "02,B,A,1,240131,,NOK,/",
            "03,1,,010,100,,/",
            *records,
            f"49,{total},/",
            "98,,1,/",
            "99,,1,/",
        ]
    ).encode()


def read(*records: str, total: str = "") -> Reading:
    return read_file(file(*records, total=total), "x.bai")


def test_reads_accounts_balances_and_transactions() -> None:
    reading = read_file(FIXTURE)
    own, empty = reading.statements
    assert not reading.findings
    assert (own.account, own.currency, own.entries, own.sum_minor) == ("86011117947", "NOK", 3, 116775)
    assert own.opening is not None
    assert own.closing is not None
    assert (own.opening.amount_minor, own.closing.amount_minor) == (100000, 216775)
    assert (empty.account, empty.currency, empty.entries) == ("60110511223", "EUR", 0)
    paid, charge, interest = own.lines.to_pylist()
    assert (paid["text"], paid["archive_reference"], paid["reference"]) == ("Ørn Ås Faktura 77", "A1", "REF77")
    assert (paid["booking_date"], paid["value_date"]) == (dt.date(2024, 1, 31), dt.date(2024, 2, 1))
    assert (charge["amount"], charge["text"]) == (-8250, "Gebyr")
    assert (interest["archive_reference"], interest["text"]) == ("A3", "Renter, gjeldsrente")


def test_the_type_code_gives_the_sign() -> None:
    reading = read("16,100,5,Z,,,/", "16,399,5,Z,,,/", "16,400,3,Z,,,/", "16,699,3,,,,/", "16,890,0,,,,/")
    assert (reading.entries, reading.statements[0].sum_minor) == (5, 4)
    assert [finding.code for finding in reading.findings] == ["no-sign"]


def test_control_totals_and_counts_that_differ_are_said() -> None:
    assert not read("16,100,5,Z,,,/", total="105").findings
    assert [finding.code for finding in read("16,100,5,Z,,,/", total="5").findings] == ["control-total"]
    content = file().replace(b"98,,1,/", b"98,,2,/")
    assert [finding.code for finding in read_file(content, "x.bai").findings] == ["control-count"]


@pytest.mark.parametrize(
    ("record", "said"),
    [
        ("16,100,x,Z,,,/", "line 4: “x” is no amount"),
        ("16,1,5,Z,,,/", "line 4: “1” is no type code of a transaction"),
        ("16,100,5,V,240231,,,,/", "line 4: “240231” is no date"),
        ("03,2,,/", "line 4: an account begins before the one before it has ended"),
        ("49,,/", "line 5: an account ends that has not begun"),
    ],
)
def test_refuses_a_bad_record_with_its_place(record: str, said: str) -> None:
    with pytest.raises(Unreadable, match=said):
        read(record)


def test_refuses_what_was_cut_off() -> None:
    with pytest.raises(Unreadable, match="it has been cut off"):
        read_file(file()[:-8], "x.bai")
