"""OFX: signed amounts with point or comma, days as written, one balance, and nothing of a file that was cut off."""

import datetime as dt
from pathlib import Path

import pytest

from recon.errors import Unreadable
from recon.intake.detect import read_file
from recon.intake.statement import Reading

FIXTURE = Path(__file__).parents[1] / "fixtures" / "bank.ofx"


def file(*transactions: str, currency: str = "NOK") -> bytes:
    listed = "".join(f"<STMTTRN>{transaction}</STMTTRN>" for transaction in transactions)
    account = "<BANKACCTFROM><ACCTID>1</BANKACCTFROM>"
    balance = "<LEDGERBAL><BALAMT>0<DTASOF>20240131</LEDGERBAL>"
    return (
        f"<OFX><STMTRS><CURDEF>{currency}{account}<BANKTRANLIST>{listed}</BANKTRANLIST>{balance}</STMTRS></OFX>"
    ).encode()


def transaction(amount: str = "1", posted: str = "20240131", more: str = "") -> str:
    return f"<DTPOSTED>{posted}<TRNAMT>{amount}<FITID>F{more}"


def read(*transactions: str, currency: str = "NOK") -> Reading:
    return read_file(file(*transactions, currency=currency), "x.ofx")


def test_reads_sgml_without_end_tags() -> None:
    reading = read_file(FIXTURE)
    (statement,) = reading.statements
    assert (reading.format, reading.version) == ("ofx", "103")
    assert (statement.account, statement.currency, statement.entries, statement.sum_minor) == (
        "86011117947",
        "NOK",
        3,
        116775,
    )
    assert (statement.from_on, statement.to_on) == (dt.date(2024, 1, 1), dt.date(2024, 1, 31))
    assert statement.closing is not None
    assert (statement.closing.amount_minor, statement.opening) == (216775, None)
    assert [balance.kind for balance in statement.balances] == ["AVAILBAL"]
    paid, charge, interest = statement.lines.to_pylist()
    assert (paid["counterparty"], paid["text"], paid["archive_reference"]) == ("Ørn & Ås", "Faktura 77", "F1")
    assert (charge["amount"], charge["reference"], charge["counterparty_account"]) == (-8250, "1001", "97104133219")
    assert (interest["amount"], interest["booking_date"]) == (-25, dt.date(2024, 1, 31))
    assert [finding.code for finding in reading.findings] == ["id-repeated"]


def test_reads_xml_with_end_tags_and_letters_of_windows() -> None:
    content = FIXTURE.read_text(encoding="utf-8").replace("<NAME>Renter", "<NAME>Renter</NAME>")
    assert read_file(content.encode("cp1252"), "x.ofx").statements == read_file(FIXTURE).statements


@pytest.mark.parametrize(
    ("written", "minor"),
    [("-1.5", -150), ("+1,5", 150), (".5", 50), ("-,05", -5), ("12", 1200), ("1.500", 150), ("  -3,00", -300)],
)
def test_amounts(written: str, minor: int) -> None:
    assert read(transaction(written)).statements[0].sum_minor == minor


@pytest.mark.parametrize("written", ["", "-", ".", "1.234,50", "1e3", "1 2", "x", "1.005", "9" * 20])
def test_refuses_what_is_no_exact_amount(written: str) -> None:
    with pytest.raises(Unreadable, match=r"^x\.ofx, line 1: "):
        read(transaction(written))


def test_the_amount_may_be_in_another_currency() -> None:
    foreign = transaction(more="<CURRENCY><CURRATE>11.3<CURSYM>EUR</CURRENCY>")
    reading = read(foreign, transaction(more="<ORIGCURRENCY><CURRATE>11.3<CURSYM>EUR</ORIGCURRENCY>"))
    assert reading.statements[0].lines["currency"].to_pylist() == ["EUR", "NOK"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (file(transaction(posted="20240231")), "“20240231” is no date"),
        (file(currency="KRO"), "“KRO” is no ISO currency"),
        (file(transaction())[:-6], "it has been cut off"),
        (file(transaction()).replace(b"</STMTTRN>", b""), "the transaction before it does not end"),
        (b"<OFX></OFX>", "holds no account statement"),
        (b'<OFX><!DOCTYPE x [<!ENTITY a "b">]></OFX>', "holds a DOCTYPE"),
    ],
)
def test_refuses(content: bytes, said: str) -> None:
    with pytest.raises(Unreadable, match=said):
        read_file(content, "x.ofx", format="ofx")


def test_investments_and_empty_transactions_are_said() -> None:
    reading = read_file(b"<OFX><INVSTMTRS><CURDEF>USD</INVSTMTRS></OFX>", "x.qfx")
    assert [finding.code for finding in reading.findings] == ["investments"]
    empty = read("  ", transaction())
    assert (empty.entries, len(empty.statements[0].lines), [f.code for f in empty.findings]) == (
        2,
        1,
        ["empty-transaction"],
    )
