"""One reader claims a file, or the user is told; everything else is refused by name."""

import hashlib
from pathlib import Path

import pytest

from recon.errors import Unreadable
from recon.intake import detect
from recon.intake.detect import read_file
from recon.intake.frames import lines_frame, read_side
from recon.intake.readers import csv as csv_reader
from rules.fields import FieldType, storage

FIXTURES = Path(__file__).parents[1] / "fixtures"


@pytest.mark.parametrize(
    ("head", "said"),
    [
        (b":20:X\n:25:1\n:28C:1\n:34F:NOK1,\n:61:2401010101C1,NTRF\n", "an MT942 interim report"),
        (b"01,121000248,ME,240101,0600,1,80,,1/\n", "a BAI2 file without the header of version 2"),
        (b"0000024012472505        00099449      X".ljust(128) + b"\n", "a piece of a CODA file"),
        (b"NY000010000080801091949000102".ljust(80, b"0") + b"\nNY2124", "an AvtaleGiro agreement file"),
        (b"110009912346060328LEVERANT\xd6RSBETALNINGAR", "a Bankgirot LB file"),
        (b"AH200TBII00000000  04010400005BETFOR00123", "a Telepay payment file"),
        (
            b'<AuditFile xmlns="urn:OECD:StandardAuditFile-Tax:PT_1.04_01"/>',
            "an audit file of another country than Norway",
        ),
        (b'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.001.001.03"><A/></Document>', "a pain.001 message"),
        (b"<Document/>", "XML with the root <Document>"),
        (b"%PDF-1.7\n", "a PDF"),
        (b"hello world\n", "is of no format that is known here"),
        (b" \n\t ", "the file is empty."),
        (b"", "the file is empty."),
    ],
)
def test_a_format_without_a_reader_is_refused_by_name(head: bytes, said: str) -> None:
    with pytest.raises(Unreadable) as caught:
        read_file(head)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_path_a_name_and_bytes_give_the_same() -> None:
    path = FIXTURES / "ledger.se"
    by_path, by_text, by_bytes = read_file(path), read_file(str(path)), read_file(path.read_bytes(), "x")
    assert by_path == by_text == by_bytes
    assert by_path.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_file_that_is_not_there() -> None:
    with pytest.raises(Unreadable, match=r"none\.csv cannot be opened: No such file"):
        read_file("none.csv")
    with pytest.raises(Unreadable, match="cannot be opened"):
        read_file(FIXTURES)


def test_a_named_format_is_taken_and_an_unknown_one_refused() -> None:
    with pytest.raises(Unreadable, match="no row of headings is found"):
        read_file(FIXTURES / "ledger.se", format="csv")
    with pytest.raises(Unreadable, match="There is no reader x; there are bai2, bgmax, camt, coda, csv, "):
        read_file(FIXTURES / "ledger.se", format="x")
    assert read_file(FIXTURES / "bank.camt053.xml", format="camt.053").entries == 4


def test_two_claims_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_reader, "sniff", lambda _head, _name: True)
    with pytest.raises(Unreadable, match=r"ledger\.se could be any of csv, sie: name the format"):
        read_file(FIXTURES / "ledger.se")


def test_a_file_that_is_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(detect, "LARGEST", 10)
    with pytest.raises(Unreadable, match="larger than 10 bytes"):
        read_file(FIXTURES / "ledger.se")


def test_every_reader_of_the_list_is_a_reader() -> None:
    assert sorted(detect.readers()) == sorted(detect.READERS)


def test_a_side_of_a_ledger_needs_its_account() -> None:
    with pytest.raises(Unreadable, match=r"ledger\.se holds several accounts \(1930, 3010, 6570\): name one of them"):
        read_side(FIXTURES / "ledger.se")
    frame = read_side(FIXTURES / "ledger.se", account="1930")
    assert sorted(frame["amount"]) == [-8750, 125000]
    assert frame.dtypes["amount"] == storage(FieldType.MONEY)
    assert frame.dtypes["booking_date"] == storage(FieldType.DATE)
    assert frame.dtypes["text"] == storage(FieldType.TEXT)
    assert "part" not in frame


def test_ids_of_a_side_are_its_content_and_unique() -> None:
    bank = read_file(FIXTURES / "bank.camt053.xml")
    ids = lines_frame(bank)["id"]
    assert ids.is_unique
    assert ids.tolist() == lines_frame(bank, account="8601 11 17947")["id"].tolist()
    assert {id.partition(".")[2] for id in ids} == {"1"}
    with pytest.raises(Unreadable, match="account 1 is not in the file, which holds NO2486011117947"):
        lines_frame(bank, account="1")
