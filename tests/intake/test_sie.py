"""SIE: vouchers and balances of every account, exact, in whatever letters the program wrote."""

import datetime as dt
from pathlib import Path

import pytest

from recon.errors import Unreadable
from recon.intake.detect import read_file
from recon.intake.readers.sie import fields
from recon.intake.statement import Reading

LEDGER = Path(__file__).parents[1] / "fixtures" / "ledger.se"
HEAD = "#FLAGGA 0\n#SIETYP 4\n"


def voucher(*rows: str, head: str = "#VER A 1 20240131 Text") -> str:
    return "\n".join([head, "{", *rows, "}", ""])


def read(text: str, head: str = HEAD) -> Reading:
    return read_file((head + text).encode(), "book.se")


def refusal(text: str, head: str = HEAD) -> str:
    with pytest.raises(Unreadable) as caught:
        read(text, head)
    return str(caught.value)


def test_a_whole_ledger() -> None:
    reading = read_file(LEDGER)
    bank, sales, fees = reading.statements
    assert (reading.format, reading.version, reading.entries, reading.details) == ("sie", "4", 4, 0)
    assert [s.account for s in reading.statements] == ["1930", "3010", "6570"]
    assert (bank.account_name, bank.owner, bank.currency) == ("Företagskonto", "Skärgårdens Bygg AB", "SEK")
    assert bank.covers == (dt.date(2024, 1, 1), dt.date(2024, 2, 29))
    assert bank.opening is not None
    assert bank.closing is not None
    assert (bank.opening.amount_minor, bank.sum_minor, bank.closing.amount_minor) == (100000, 116250, 216250)
    assert (sales.opening, fees.sum_minor, reading.findings) == (None, 8750, ())


def test_the_rows_of_a_voucher() -> None:
    bank, sales, _fees = (s.lines.to_pylist() for s in read_file(LEDGER).statements)
    assert bank[0] == {
        "booking_date": dt.date(2024, 1, 30),
        "amount": 125000,
        "currency": "SEK",
        "account_number": "1930",
        "voucher_type": "A",
        "voucher_number": "1",
        "text": 'Inbetalning "100"',
        "extra.quantity": "2",
        "extra.voucher_text": "Faktura 100",
    }
    assert (bank[1]["amount"], bank[1]["booking_date"], bank[1]["text"]) == (-8750, dt.date(2024, 2, 28), "Avgift")
    assert {k: v for k, v in sales[0].items() if k not in bank[0]} == {
        "department": "Nord",
        "project": "P1",
        "customer_number": "30025",
        "invoice_number": "100",
        "extra.dim_21": "x",
    }


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp437", "cp1252", "iso-8859-15"])
def test_letters_are_right_in_every_encoding(encoding: str) -> None:
    content = LEDGER.read_text(encoding="utf-8").encode(encoding)
    assert read_file(content, "x.se").statements[0].owner == "Skärgårdens Bygg AB"


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends_of_every_system(end: str) -> None:
    assert read_file(LEDGER.read_bytes().replace(b"\n", end.encode()), "x.se").entries == 4


def test_fields_of_a_record() -> None:
    assert fields('#TRANS\t1910 {1 "a b" 6 "}"} -1.50 "" "say \\"hi\\"" \'x\'') == [
        "#TRANS", "1910", ["1", "a b", "6", "}"], "-1.50", "", 'say "hi"', "'x'"
    ]  # fmt: skip
    assert fields("") == []


def test_a_voucher_that_does_not_balance_is_a_finding() -> None:
    reading = read(voucher("#TRANS 1930 {} 10.00", "#TRANS 3010 {} -9.00"))
    assert [f.code for f in reading.findings] == ["voucher-balance"]
    assert "line 3: the voucher A 1 does not balance; debit − credit is 1.00" in reading.findings[0].sentence


def test_balances_are_proved_where_there_are_vouchers() -> None:
    balances = "#RAR 0 20240101 20241231\n#IB 0 1930 5.00\n#UB 0 1930 16.00\n#UB 0 1940 7.00\n"
    reading = read(balances + voucher("#TRANS 1930 {} 10.00", "#TRANS 3010 {} -10.00"))
    assert [(f.code, f.where) for f in reading.findings] == [("balance-proof", "1930"), ("balance-proof", "1940")]
    assert read(balances).findings == ()


def test_hyphens_in_dates_are_read_and_said() -> None:
    reading = read(voucher(head='#VER A 1 "2024-01-31" x') + voucher("#TRANS 1930 {} 0.00"))
    assert [f.code for f in reading.findings] == ["date-form"]


def test_the_currency_of_the_books() -> None:
    (statement,) = read("#VALUTA EUR\n#IB 0 1930 5.00\n").statements
    assert statement.currency == "EUR"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (voucher("#TRANS 1930"), "book.se, line 5: #TRANS has no amount"),
        (voucher("#TRANS 1930 {} x"), "line 5: “x” is not an amount"),
        (voucher("#TRANS 1930 {} 1.234"), "line 5: 1.234 has more decimals than SEK"),
        (voucher("#TRANS 1930 {} 1.0 20240230"), "line 5: “20240230” is no date"),
        (voucher("#TRANS {} {} 1.0"), "an object list stands where a value is expected"),
        (voucher("#TRANS \"\" {} 1.0"), "the account number is missing"),
        (voucher(head="#VER A 1 2024 x"), "line 3: “2024” is no date"),
        ("#TRANS 1930 {} 1.0\n", "line 3: #TRANS stands outside a voucher"),
        ("#VER A 1 20240131\n{\n#TRANS 1930 {} 1.0\n", "the file ends inside the voucher A 1"),
        ("#VER A 1 20240131\n{\n#VER A 2 20240131\n", "a voucher begins inside the voucher A 1"),
        ("#IB 0 1930 1.0\n#IB 0 1930 2.0\n", "line 4: the account 1930 has this balance already"),
        ("#VALUTA KRO\n", "“KRO” is not a currency code"),
        ("#KONTO 1930 Bank\n", "holds neither vouchers nor balances"),
        ("#IB 0 1930 1.0\0\n", "NUL"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_with_its_line(text: str, said: str) -> None:
    assert said in refusal(text)


SIE5 = """<?xml version="1.0"?><SieEntry xmlns="http://www.sie.se/sie5">
<FileInfo><Company name="Verkö AB"/></FileInfo><Accounts><Account id="1930" name="Bank"/></Accounts>
<Journal id="B"><JournalEntry id="7" journalDate="2024-01-31" text="Hyra">
<LedgerEntry accountId="1930" amount="-100.50"><ObjectReference dimId="1" objectId="Syd"/></LedgerEntry>
<LedgerEntry accountId="5010" amount="100.5" text="Lokal" ledgerDate="2024-02-01"/>
<LedgerEntry accountId="5010" amount="7"><Overstrike date="2024-02-02" by="a"/></LedgerEntry>
</JournalEntry></Journal></SieEntry>"""


def test_sie5_entry_files() -> None:
    reading = read_file(SIE5.encode(), "x.sie")
    bank, rent = reading.statements
    assert (reading.format, reading.entries, reading.findings) == ("sie5", 2, ())
    assert (bank.account_name, bank.owner, bank.sum_minor) == ("Bank", "Verkö AB", -10050)
    (line,) = rent.lines.to_pylist()
    assert (line["text"], line["booking_date"], line["voucher_type"], line["voucher_number"]) == (
        "Lokal", dt.date(2024, 2, 1), "B", "7")  # fmt: skip
    assert bank.lines.to_pylist()[0]["department"] == "Syd"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("SieEntry", "Sie", "whole SIE 5 ledger"),
        ('amount="100.5"', 'amount="x"', "line 3: “x” is no amount"),
        ("2024-01-31", "2024-13-31", "line 3: “2024-13-31” is no date"),
        ('accountId="5010"', 'accountId=""', "the account number is missing"),
        ("JournalEntry", "Other", "holds neither vouchers nor balances"),
    ],
)
def test_sie5_refusals(old: str, new: str, said: str) -> None:
    with pytest.raises(Unreadable) as caught:
        read_file(SIE5.replace(old, new).encode(), "x.sie")
    assert said in str(caught.value)
