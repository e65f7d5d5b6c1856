"""MT940: signs by the mark, years by the value date, texts by their codes, and nothing from between the statements."""

import datetime as dt
from pathlib import Path

import pytest

from recon.errors import Unreadable
from recon.intake.detect import read_file
from recon.intake.statement import Reading

FIXTURE = Path(__file__).parents[1] / "fixtures" / "bank.sta"


def statement(*fields: str, opening: str = ":60F:C240130NOK0,", closing: str = ":62F:C240131NOK0,") -> bytes:
    return "\n".join([":20:X", ":25:86011117947", opening, *fields, closing, "-", ""]).encode()


def read(*fields: str, **more: str) -> Reading:
    return read_file(statement(*fields, **more), "x.sta")


def refusal(*fields: str, **more: str) -> str:
    with pytest.raises(Unreadable) as caught:
        read(*fields, **more)
    return str(caught.value)


def codes(reading: Reading) -> list[str]:
    return [finding.code for finding in reading.findings]


def test_reads_statements_with_blocks_and_without() -> None:
    reading = read_file(FIXTURE)
    assert [(s.account, s.legal_number, s.entries, s.sum_minor) for s in reading.statements] == [
        ("60110511223", "00021/001", 3, 39750),
        ("60110511223", "00022/001", 1, 250),
    ]
    assert codes(reading) == ["letters"]
    paid, charge, returned = reading.statements[0].lines.to_pylist()
    assert (paid["archive_reference"], paid["text"]) == ("A1", "Ørn Ås Faktura 77")
    assert (charge["booking_date"], charge["value_date"]) == (dt.date(2024, 2, 1), dt.date(2024, 1, 31))
    assert (returned["amount"], returned["extra.reversal"], returned["counterparty"]) == (-2000, "true", "Liv Nes")
    assert (returned["end_to_end_id"], returned["text"]) == ("E2E-9", "Retur av faktura")
    assert returned["counterparty_account"] == "DE89370400440532013000"
    (line,) = reading.statements[1].lines.to_pylist()
    assert (line["end_to_end_id"], line["text"], line["counterparty"]) == ("77-A", "Rechnung 8841", "Bücher GmbH")


@pytest.mark.parametrize(
    ("mark", "minor"),
    [("C", 100), ("D", -100), ("RC", -100), ("RD", 100), ("EC", 100), ("ED", -100), ("CR", 100), ("DK", -100)],
)
def test_the_mark_gives_the_sign_and_a_third_letter_does_not(mark: str, minor: int) -> None:
    reading = read(f":61:240131{mark}1,NTRFNONREF")
    assert reading.statements[0].sum_minor == minor
    assert "amount-reading" not in codes(reading)


@pytest.mark.parametrize(
    ("value", "entry", "booked"),
    [
        ("240102", "1231", dt.date(2023, 12, 31)),
        ("231231", "0102", dt.date(2024, 1, 2)),
        ("240229", "0301", dt.date(2024, 3, 1)),
    ],
)
def test_an_entry_date_takes_the_year_that_is_nearest(value: str, entry: str, booked: dt.date) -> None:
    assert read(f":61:{value}{entry}C1,NTRF").statements[0].lines["booking_date"].to_pylist() == [booked]


def test_what_the_bank_says_of_the_statement_is_no_text_of_a_line() -> None:
    reading = read(":86:about the account", ":61:240131C1,NTRF", ":86:own", closing=":62F:C240131NOK1,\n:86:at the end")
    assert reading.statements[0].lines["text"].to_pylist() == ["own"]
    assert not reading.findings


def test_a_text_line_of_a_dash_does_not_end_the_statement() -> None:
    reading = read(":61:240131C1,NTRF", ":86:a", "-", ":61:240131C2,NTRF", closing=":62F:C240131NOK3,")
    assert reading.statements[0].entries == 2
    assert not reading.findings


def test_a_full_line_goes_on_in_the_next_without_a_space() -> None:
    full = "/BENM//NAME/" + "A" * 53
    reading = read(":61:240131C1,NTRF", ":86:" + full, "BC/REMI/x", closing=":62F:C240131NOK1,")
    assert reading.statements[0].lines["counterparty"].to_pylist() == ["A" * 53 + "BC"]


def test_an_account_loses_the_bic_before_it_and_the_currency_behind() -> None:
    for written, account in (("NDEANOKK/1234", "1234"), ("NO2486011117947NOK", "NO2486011117947"), ("12/34", "12/34")):
        content = statement().replace(b":25:86011117947", f":25:{written}".encode())
        assert read_file(content, "x.sta").statements[0].account == account


def test_what_does_not_add_up_is_said() -> None:
    assert codes(read(":61:240131C1,NTRF")) == ["balance-proof"]
    assert codes(read(closing=":62M:C240131NOK0,")) == ["more-pages"]
    assert codes(read(closing=":64:C240131NOK0,")) == ["no-closing"]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        (":61:240231C1,NTRF", "“240231” is no date"),
        (":61:240131X1,NTRF", "“240131X1,NTRF” is no statement line"),
        (":61:240131C1,234NTRF", "1.234 has more decimals than NOK has"),
    ],
)
def test_refuses_a_bad_line_with_its_place(fields: str, said: str) -> None:
    sentence = refusal(fields)
    assert sentence.startswith("x.sta, statement 1 (line 1), entry on line 4: ")
    assert said in sentence


def test_refuses_what_has_no_balance_or_is_interim() -> None:
    assert "no balance, and so no currency" in refusal(opening=":28C:1", closing=":86:x")
    assert "“CXXNOK1,” is no balance" in refusal(opening=":60F:CXXNOK1,")
    with pytest.raises(Unreadable, match="an MT942 interim report"):
        read_file(b":20:X\n:25:1\n:28C:1\n:34F:NOK0,\n:61:240131C1,NTRF\n", "x.sta", format="mt940")
    with pytest.raises(Unreadable, match="line 1: an entry stands before the first statement"):
        read_file(b":61:240131C1,NTRF\n" + statement(), "x.sta")
