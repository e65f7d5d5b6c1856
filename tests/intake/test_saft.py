"""SAF-T: debit less credit, master data and dimensions by name whatever the version and prefix, totals of the file."""

import datetime as dt
from pathlib import Path

import pytest

from recon.errors import Unreadable
from recon.intake.detect import read_file

FIXTURE = Path(__file__).parents[1] / "fixtures" / "ledger.saft.xml"
CONTENT = FIXTURE.read_text(encoding="utf-8")


def changed(old: str, new: str) -> bytes:
    assert old in CONTENT
    return CONTENT.replace(old, new, 1).encode()


def test_reads_accounts_vouchers_and_master_data() -> None:
    reading = read_file(FIXTURE)
    assert (reading.format, reading.version, reading.entries) == ("saft", "1.30", 4)
    assert not reading.findings
    customers, bank, charges = reading.statements
    assert (bank.account, bank.account_name, bank.owner) == ("1920", "Bank", "Fjordvik Handel AS")
    assert (bank.from_on, bank.to_on) == (dt.date(2024, 1, 1), dt.date(2024, 1, 31))
    assert bank.opening is not None
    assert bank.closing is not None
    assert (bank.opening.amount_minor, bank.sum_minor, bank.closing.amount_minor) == (100000, 116750, 216750)
    assert charges.opening is None
    paid, charge = bank.lines.to_pylist()
    assert (paid["booking_date"], paid["text"], paid["period"]) == (dt.date(2024, 1, 31), "Faktura 77", "2024-01")
    assert (paid["original_amount"], paid["original_currency"]) == (11025, "EUR")
    assert (charge["amount"], charge["text"], charge["voucher_type"], charge["voucher_number"]) == (
        -8250,
        "Gebyr",
        "BA",
        "2",
    )
    (claim,) = customers.lines.to_pylist()
    assert (claim["customer_number"], claim["counterparty"], claim["invoice_number"]) == ("10001", "Ørn Ås", "77")
    assert (claim["kid"], claim["reference"], claim["due_date"]) == ("1234567", "1234567", dt.date(2024, 1, 15))
    (fee,) = charges.lines.to_pylist()
    assert (fee["department"], fee["extra.dim_X"]) == ("10", "7")


def test_a_default_namespace_gives_the_same() -> None:
    bare = CONTENT.replace("n1:", "").replace("xmlns:n1", "xmlns").replace("xmlns:", "xmlns").encode()
    assert read_file(bare, "x.xml").statements == read_file(FIXTURE).statements


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("<n1:TotalDebit>1332.50", "<n1:TotalDebit>1332.51", "control-total"),
        ("<n1:NumberOfEntries>2", "<n1:NumberOfEntries>3", "control-total"),
        ("<n1:Amount>82.50", "<n1:Amount>82.51", "voucher-balance"),
        ("2167.5<", "2167.6<", "balance-proof"),
        (">NOK<", ">aaa<", "currency"),
        ("110.25<", "110.255<", "original-amount"),
        (
            "<n1:AccountID>1500</n1:AccountID><n1:AccountD",
            "<n1:AccountID>1920</n1:AccountID><n1:AccountD",
            "account-repeated",
        ),
    ],
)
def test_what_does_not_add_up_is_said(old: str, new: str, code: str) -> None:
    assert code in [finding.code for finding in read_file(changed(old, new), "x.xml").findings]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("<n1:Amount>82.5<", "<n1:Amount>x<", "line 28: “x” is no amount"),
        ("<n1:Amount>82.5<", "<n1:Amount>82.555<", "line 28: 82.555 has more decimals than NOK has"),
        ("<n1:GLPostingDate>2024-01-31", "<n1:GLPostingDate>2024-02-31", "line 22: “2024-02-31” is no date"),
        (
            "<n1:AccountID>1500</n1:AccountID><n1:SourceDocumentID>",
            "<n1:SourceDocumentID>",
            "line 22: a line has no account",
        ),
        ("</n1:Journal>", "", "not well-formed XML"),
    ],
)
def test_refuses_with_the_line(old: str, new: str, said: str) -> None:
    with pytest.raises(Unreadable, match=said):
        read_file(changed(old, new), "x.xml")


def test_negative_amounts_in_credits_are_turned_twice() -> None:
    content = changed("<n1:CreditAmount><n1:Amount>82.50", "<n1:CreditAmount><n1:Amount>-82.50")
    bank = read_file(content, "x.xml").statements[1]
    assert bank.lines["amount"].to_pylist() == [125000, 8250]


def test_another_country_is_refused_by_name() -> None:
    with pytest.raises(Unreadable, match="an audit file of another country than Norway"):
        read_file(changed("Financial:NO", "Financial:PT"), "x.xml")
