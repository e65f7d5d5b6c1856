"""camt.053 and camt.054: entries and details as lines that add up to the entries."""

import datetime as dt
from pathlib import Path
from typing import Any, cast

import pyarrow as pa
import pytest

from recon.errors import Unreadable
from recon.intake import rows
from recon.intake.detect import read_file
from recon.intake.statement import Balance, Reading

BANK = Path(__file__).parents[1] / "fixtures" / "bank.camt053.xml"


def entry(amount: str = "100.00", sign: str = "CRDT", inner: str = "", ccy: str = "NOK", status: str = "BOOK") -> str:
    return (
        f'<Ntry><Amt Ccy="{ccy}">{amount}</Amt><CdtDbtInd>{sign}</CdtDbtInd><Sts>{status}</Sts>'
        f"<BookgDt><Dt>2024-01-31</Dt></BookgDt>{inner}</Ntry>"
    )


def details(*parts: str) -> str:
    return "<NtryDtls>" + "".join(f"<TxDtls>{part}</TxDtls>" for part in parts) + "</NtryDtls>"


def amount(value: str, ccy: str = "NOK") -> str:
    return f'<Amt Ccy="{ccy}">{value}</Amt>'


def balance(kind: str, value: str, sign: str = "CRDT", ccy: str = "NOK") -> str:
    mark = f"<CdtDbtInd>{sign}</CdtDbtInd>" if sign else ""
    return (
        f"<Bal><Tp><CdOrPrtry><Cd>{kind}</Cd></CdOrPrtry></Tp>{amount(value, ccy)}{mark}"
        "<Dt><Dt>2024-01-31</Dt></Dt></Bal>"
    )


def file(
    *entries: str, head: str = "", namespace: str = ' xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02"'
) -> bytes:
    account = "<Id>S1</Id><Acct><Id><Othr><Id>8601.11.17947</Id></Othr></Id><Ccy>NOK</Ccy></Acct>"
    statement = f"<Stmt>{account}{head}{''.join(entries)}</Stmt>"
    return f"<Document{namespace}><BkToCstmrStmt>{statement}</BkToCstmrStmt></Document>".encode()


def lines(reading: Reading) -> list[dict[str, Any]]:
    found = pa.concat_tables([s.lines for s in reading.statements], promote_options="default")
    return cast("list[dict[str, Any]]", found.to_pylist())


def read(*entries: str, head: str = "") -> Reading:
    return read_file(file(*entries, head=head), "bank.xml")


def codes(reading: Reading) -> list[str]:
    return [finding.code for finding in reading.findings]


def amounts(reading: Reading) -> list[int]:
    return [line["amount"] for line in lines(reading)]


def test_a_whole_statement() -> None:
    reading = read_file(BANK)
    (statement,) = reading.statements
    assert (reading.format, reading.version, reading.entries, reading.details) == ("camt.053", "001.08", 4, 3)
    assert (statement.account, statement.account_key, statement.iban) == (
        "NO2486011117947",
        "86011117947",
        statement.account,
    )
    assert (statement.account_name, statement.owner) == ("Drift", "Fjordvik Handel AS")
    assert (statement.statement_id, statement.electronic_number, statement.legal_number) == ("2024-021", "21", "1")
    assert statement.covers == (dt.date(2024, 1, 31), dt.date(2024, 1, 31))
    assert statement.opening is not None
    assert statement.closing is not None
    assert statement.opening.amount_minor + statement.sum_minor == statement.closing.amount_minor == 232350
    assert [b.kind for b in statement.balances] == ["CLAV"]
    assert codes(reading) == ["not-booked"]


def test_the_lines_of_a_whole_statement() -> None:
    first, second, abroad, back, fee = lines(read_file(BANK))
    assert (first["amount"], first["kid"], first["reference"], first["counterparty"]) == (
        100000, "0001234567", "0001234567", "Ørn Ås")  # fmt: skip
    assert first["counterparty_account"] == "97104133219"
    assert (first["archive_reference"], first["transaction_code"], first["extra.bank_code"]) == (
        "A1",
        "PMNT/RCDT/VCOM",
        "230",
    )
    assert first["end_to_end_id"] is None
    assert first["text"] == "0001234567"
    assert first["entry"] == second["entry"] == "2024-01-31 LUMP77 1500.00 NOK #1"
    assert (first["part"], second["part"], first["value_date"]) == (1, 2, dt.date(2024, 2, 1))
    assert (abroad["amount"], abroad["original_amount"], abroad["original_currency"]) == (-11500, -1000, "EUR")
    assert (abroad["text"], abroad["reference"], abroad["counterparty"]) == ("Faktura 8841", "E2E-9", "Bücher GmbH")
    assert (back["amount"], back["extra.reversal"], back["text"], back["part"]) == (2050, "true", "Gebyr tilbake", 0)
    assert (fee["amount"], fee["archive_reference"]) == (-8200, None)


@pytest.mark.parametrize(
    "content",
    [
        file(entry(), namespace=""),
        file(entry(), namespace=' xmlns="urn:some:bank"'),
        b"<message><AppHdr><Fr/></AppHdr>" + file(entry()) + b"</message>",
        b'<?xml version="1.0"?><!-- out --><x:e xmlns:x="urn:e">' + file(entry()) + b"</x:e>",
        file(entry()).replace(b"<", b"<c:").replace(b"<c:/", b"</c:").replace(b" xmlns=", b" xmlns:c="),
        "\ufeff".encode() + file(entry()),
        file(entry()).decode().encode("utf-16"),
    ],
)
def test_namespace_envelope_and_encoding_do_not_matter(content: bytes) -> None:
    assert amounts(read_file(content, "x.xml")) == [10000]


def test_only_cdtdbtind_gives_the_sign() -> None:
    reading = read(
        entry(sign="DBIT", inner="<RvslInd>true</RvslInd>"), entry(sign="CRDT", inner="<RvslInd>true</RvslInd>")
    )
    assert amounts(reading) == [-10000, 10000]


def test_the_instructed_amount_is_never_what_was_booked() -> None:
    inner = details(f"<AmtDtls><InstdAmt>{amount('7.00', 'NOK')}</InstdAmt></AmtDtls>")
    assert amounts(read(entry("100.00", inner=inner))) == [10000]


def test_a_batch_is_its_details_and_they_add_up() -> None:
    tx = "<AmtDtls><TxAmt>{}</TxAmt></AmtDtls>"
    reading = read(entry("100.00", inner=details(amount("60.00"), tx.format(amount("40.00")))))
    assert amounts(reading) == [6000, 4000]
    assert (reading.entries, reading.details, reading.findings) == (1, 2, ())


def test_a_rest_is_a_line_of_its_own_and_said() -> None:
    reading = read(entry("100.00", "DBIT", details(amount("60.00"), amount("30.00"))))
    assert amounts(reading) == [-6000, -3000, -1000]
    assert [line["extra.rest"] for line in lines(reading)] == [None, None, "rest"]
    assert [line["part"] for line in lines(reading)] == [1, 2, 3]
    assert codes(reading) == ["details-rest"]


def test_charges_explain_a_rest() -> None:
    inner = details(amount("1500.00") + f"<Chrgs><Rcrd>{amount('26.00')}</Rcrd></Chrgs>")
    reading = read(entry("1526.00", "DBIT", inner))
    assert amounts(reading) == [-150000, -2600]
    assert lines(reading)[1]["extra.rest"] == "charges"
    assert [f.severity for f in reading.findings] == ["info"]


def test_a_credit_note_among_invoices_keeps_its_sign() -> None:
    reading = read(entry("100.00", inner=details(amount("150.00"), amount("50.00") + "<CdtDbtInd>DBIT</CdtDbtInd>")))
    assert (amounts(reading), codes(reading)) == ([15000, -5000], [])


def test_the_entrys_sign_rules_over_a_details() -> None:
    reading = read(entry("77.70", "DBIT", details(amount("77.70") + "<CdtDbtInd>CRDT</CdtDbtInd>")))
    assert (amounts(reading), codes(reading)) == ([-7770], ["detail-sign"])


def test_details_without_amounts_stay_one_lump() -> None:
    reading = read(entry("100.00", inner=details("<Refs/>", "<Refs/>") + "<AddtlNtryInf>OCR</AddtlNtryInf>"))
    assert amounts(reading) == [10000]
    assert (lines(reading)[0]["part"], lines(reading)[0]["text"], codes(reading)) == (
        0,
        "OCR",
        ["detail-without-amount"],
    )


def test_the_entrys_text_belongs_to_no_detail_of_many() -> None:
    inner = details(amount("60.00"), amount("40.00")) + "<AddtlNtryInf>Samlet</AddtlNtryInf>"
    assert [line.get("text") for line in lines(read(entry("100.00", inner=inner)))] == [None, None]


def test_two_equal_entries_are_two_lumps() -> None:
    first, second = lines(read(entry(), entry()))
    assert first["entry"] != second["entry"]


def test_only_booked_entries_count() -> None:
    reading = read(entry("1.00"), entry("2.00", status="PDNG"), entry("4.00", status="INFO"))
    assert (amounts(reading), reading.entries, codes(reading)) == ([100], 1, ["not-booked", "not-booked"])


def test_balances_that_do_not_add_up_are_a_finding() -> None:
    head = balance("OPBD", "10.00", "DBIT") + balance("CLBD", "89.00", "")
    reading = read(entry("100.00"), head=head)
    assert codes(reading) == ["balance-proof"]
    assert (
        "opening -10.00 + entries 100.00 is not closing 89.00; the difference is -1.00" in reading.findings[0].sentence
    )


def test_the_previous_closing_stands_in_for_an_opening() -> None:
    (statement,) = read(head=balance("PRCD", "10.00") + balance("CLBD", "10.00")).statements
    assert (statement.opening, statement.sum_minor) == (statement.opening, 0)
    assert statement.opening is not None
    assert (statement.opening.kind, statement.opening.amount_minor) == ("PRCD", 1000)


def test_declared_totals_are_checked() -> None:
    summary = (
        "<TxsSummry><TtlNtries><NbOfNtries>3</NbOfNtries><TtlNetNtryAmt>5.00</TtlNetNtryAmt></TtlNtries></TxsSummry>"
    )
    assert codes(read(entry(), head=summary)) == ["declared-count", "declared-sum"]


def test_an_entry_in_another_currency_is_said() -> None:
    assert codes(read(entry(ccy="EUR"))) == ["entry-currency"]


def test_trailing_zeros_do_not_change_an_amount_but_more_decimals_do() -> None:
    assert amounts(read(entry("18.15000"))) == [1815]
    with pytest.raises(
        Unreadable, match=r"bank.xml, statement 1, entry 1 \(line 1\): 18.155 has more decimals than NOK"
    ):
        read(entry("18.155"))


@pytest.mark.parametrize(
    ("entries", "said"),
    [
        (entry("-1.00"), "“-1.00” is no amount"),
        (entry("1,00"), "“1,00” is no amount"),
        (entry("1e2"), "“1e2” is no amount"),
        (entry(""), "“” is no amount"),
        (entry(sign=""), "CdtDbtInd is “”"),
        (entry(ccy="KRO"), "“KRO” is not a currency code"),
        (entry().replace("2024-01-31", "2024-01-32"), "“2024-01-32” is no date"),
        (entry().replace("<BookgDt><Dt>2024-01-31</Dt></BookgDt>", ""), "no booking date"),
        ("<Ntry><CdtDbtInd>CRDT</CdtDbtInd></Ntry>", "no amount"),
        ("<Ntry>", "not well-formed XML"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_place(entries: str, said: str) -> None:
    with pytest.raises(Unreadable, match=r"bank\.xml") as caught:
        read(entry(), entries)
    assert said in str(caught.value)


def test_a_missing_booking_date_is_filled_and_said() -> None:
    bare = entry().replace("<BookgDt><Dt>2024-01-31</Dt></BookgDt>", "{}")
    reading = read(bare.format("<ValDt><Dt>2024-01-30</Dt></ValDt>"), bare.format(""), head=balance("CLBD", "200.00"))
    assert [line["booking_date"] for line in lines(reading)] == [dt.date(2024, 1, 30), dt.date(2024, 1, 31)]
    assert codes(reading) == ["no-booking-date"]


def test_a_doctype_is_refused_before_anything_is_expanded() -> None:
    bomb = b'<!DOCTYPE d [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>' + file(entry())
    for prolog in (b"", b'<?xml version="1.0"?>\n<!-- x -->', b"\xef\xbb\xbf"):
        with pytest.raises(Unreadable, match="DOCTYPE"):
            read_file(prolog + bomb, "bank.xml")
    with pytest.raises(Unreadable, match="DOCTYPE"):
        read_file(bomb.decode().encode("utf-16"), "bank.xml")


def test_camt052_is_refused_by_name() -> None:
    report = file(entry()).replace(b"BkToCstmrStmt", b"BkToCstmrAcctRpt").replace(b"Stmt>", b"Rpt>")
    with pytest.raises(Unreadable, match=r"camt\.052"):
        read_file(report, "x.xml")


def test_a_notification_is_a_statement_without_balances() -> None:
    content = file(entry()).replace(b"BkToCstmrStmt", b"BkToCstmrDbtCdtNtfctn").replace(b"Stmt>", b"Ntfctn>")
    reading = read_file(content.replace(b"camt.053", b"camt.054"), "x.xml")
    assert (reading.format, reading.statements[0].opening, amounts(reading)) == ("camt.054", None, [10000])


def test_several_statements_keep_their_accounts() -> None:
    other = file(entry("2.00")).replace(b"8601.11.17947", b"97104133219")
    second = other[other.index(b"<Stmt>") : other.index(b"</BkToCstmrStmt>")]
    reading = read_file(file(entry("1.00")).replace(b"</BkToCstmrStmt>", second + b"</BkToCstmrStmt>"), "x.xml")
    assert [(s.account_key, s.sum_minor) for s in reading.statements] == [("86011117947", 100), ("97104133219", 200)]


def test_a_statement_given_twice_is_said() -> None:
    content = file(entry())
    statement = content[content.index(b"<Stmt>") : content.index(b"</BkToCstmrStmt>")]
    assert codes(read_file(content.replace(statement, statement * 2), "x.xml")) == ["statement-repeated"]


def test_an_inexact_original_amount_is_left_out_and_said() -> None:
    inner = details(f"<AmtDtls><InstdAmt>{amount('10.005', 'EUR')}</InstdAmt></AmtDtls>")
    reading = read(entry("100.00", inner=inner))
    assert (amounts(reading), "original_amount" in lines(reading)[0], codes(reading)) == (
        [10000],
        False,
        ["original-amount"],
    )


def test_the_original_amount_of_a_lump_is_no_details_own() -> None:
    lump = f"<AmtDtls><InstdAmt>{amount('9.00', 'EUR')}</InstdAmt></AmtDtls>"
    reading = read(entry("100.00", inner=lump + details(amount("60.00"), amount("40.00"))))
    assert "original_amount" not in reading.statements[0].lines.column_names
    (line,) = lines(read(entry("100.00", "DBIT", inner=lump)))
    assert (line["original_amount"], line["original_currency"]) == (-900, "EUR")


def test_pages_and_accounts_that_are_missing_are_said() -> None:
    page = "<StmtPgntn><PgNb>1</PgNb><LastPgInd>false</LastPgInd></StmtPgntn>"
    content = file(entry(), head=page).replace(b"<Id><Othr><Id>8601.11.17947</Id></Othr></Id>", b"")
    assert codes(read_file(content, "x.xml")) == ["more-pages", "no-account"]


def test_page_balances_stand_in_for_opening_and_closing() -> None:
    (statement,) = read(entry("100.00"), head=balance("ITBD", "1.00") + balance("ITBD", "101.00")).statements
    assert [b and b.amount_minor for b in (statement.opening, statement.closing)] == [100, 10100]


def test_balances_without_a_date_or_an_amount() -> None:
    undated = balance("OPBD", "1.00").replace("<Dt><Dt>2024-01-31</Dt></Dt>", "<Dt/>")
    assert read(head=undated).statements[0].opening == Balance("OPBD", 100, "NOK", None)
    with pytest.raises(Unreadable, match="a balance has no amount"):
        read(head="<Bal><Tp/></Bal>")


def test_lines_are_kept_in_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows, "BATCH", 3)
    reading = read(*(entry(f"{n}.00", inner="<AddtlNtryInf>x</AddtlNtryInf>" if n == 5 else "") for n in range(1, 8)))
    assert amounts(reading) == [100, 200, 300, 400, 500, 600, 700]
    assert [line["text"] for line in lines(reading)].count("x") == 1


def test_findings_of_one_kind_are_counted_beyond_fifty() -> None:
    reading = read(*[entry("100.00", inner=details(amount("60.00"))) for _n in range(60)])
    assert len(reading.findings) == 51
    assert "10 more findings like this one" in reading.findings[-1].sentence


def test_entries_are_let_go_as_they_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file of any size needs the memory of one entry: counted in elements still below the statement."""
    from recon.intake.readers import camt

    left: list[int] = []
    close = camt._Open.close

    def counting(self):  # type: ignore[no-untyped-def]
        left.append(len(self.element.findall("{*}Ntry")))
        return close(self)

    monkeypatch.setattr(camt._Open, "close", counting)
    read(*[entry()] * 300)
    assert left == [1]


def test_an_entry_far_down_a_large_file_is_named_by_its_line() -> None:
    """libxml2 has 16 bits for the line of an element; beyond them the line is known by what is below it."""
    far = "\n" * 70_000 + entry(sign="XXXX", inner="\n<NtryRef>1</NtryRef>")
    with pytest.raises(Unreadable, match=r"entry 2 \(line 70001\): the entry's CdtDbtInd is “XXXX”"):
        read(entry(), far)


def test_an_entry_below_anything_but_a_statement_is_none() -> None:
    reading = read(entry("1.00", inner=entry("5.00")), f"<Other>{entry('7.00')}</Other>", entry("2.00"))
    assert amounts(reading) == [100, 200]


def test_the_last_entry_of_each_statement_is_its_own() -> None:
    first = file(entry("1.00"), entry("2.00")).decode()
    second = first.replace("<Id>S1</Id>", "<Id>S2</Id>").replace("2.00", "3.00")
    both = first.replace("</Stmt>", "</Stmt>" + second[second.index("<Stmt>") : second.index("</BkToCstmrStmt>")])
    statements = read_file(both.encode(), "bank.xml").statements
    assert [(s.statement_id, s.lines["amount"].to_pylist()) for s in statements] == [
        ("S1", [100, 200]),
        ("S2", [100, 300]),
    ]
