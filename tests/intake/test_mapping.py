"""Tables of banks: what headings and content tell, what stays to be asked, the proof, and profiles that come back."""

import datetime as dt
import io
import json
from collections.abc import Sequence
from pathlib import Path

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from recon.errors import Refusal, Unreadable
from recon.intake.detect import read_file
from recon.intake.mapping import (
    Grid,
    Profile,
    Proposal,
    answered,
    check,
    fingerprint_of,
    open_table,
    propose,
    read_with,
)

FIXTURE = Path(__file__).parents[1] / "fixtures" / "netbank.csv"


def grid(*rows: str, name: str = "x.csv") -> Grid:
    return open_table("\n".join([*rows, ""]).encode(), name)


def proposal(*rows: str, currency: str | None = "NOK") -> Proposal:
    return propose(grid(*rows), currency)


def amounts(told: Proposal) -> list[int]:
    assert told.reading is not None, told.refusal
    return [amount for s in told.reading.statements for amount in s.lines["amount"].to_pylist()]


def asked(told: Proposal) -> list[str]:
    return [question.code for question in told.open_questions]


def codes(told: Proposal) -> list[str]:
    return [finding.code for finding in told.findings]


def sheet(*rows: Sequence[object]) -> bytes:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"default_date_format": "yyyy-mm-dd"})
    page = book.add_worksheet()
    for number, row in enumerate(rows):
        for column, cell in enumerate(row):
            page.write(number, column, cell)
    book.close()
    return out.getvalue()


@pytest.mark.parametrize(("plus", "minus"), [("K", "D"), ("CRDT", "DBIT"), ("+", "-"), ("H", "S")])
def test_marks_under_an_unknown_heading_are_told_by_content(plus: str, minus: str) -> None:
    told = proposal("Dato;Tekst;Beløp;Merke", f"13.01.2026;a;10,00;{plus}", f"14.01.2026;b;2,50;{minus}")
    assert (told.profile.sign, asked(told), amounts(told)) == ("mark", [], [1000, -250])


def test_letters_that_only_look_like_marks_are_none() -> None:
    """All of one kind, or others among them: what the amounts mean is asked."""
    for first, second in (("D", "D"), ("D", "X")):
        told = proposal("Dato;Tekst;Beløp;Merke", f"13.01.2026;a;10,00;{first}", f"14.01.2026;b;2,50;{second}")
        assert "mark" not in told.profile.roles
        assert asked(told) == ["sign"]


def test_a_bank_table_is_proposed_proved_and_read() -> None:
    told = propose(open_table(FIXTURE.read_bytes(), "netbank.csv"), "NOK")
    profile = told.profile
    assert profile.header == ("Bokført", "Tekst", "Inn på konto", "Ut fra konto", "Saldo", "Referanse", "")
    assert profile.roles == ("booking_date", "text", "money_in", "money_out", "balance", "reference", "")
    assert (profile.decimal, profile.date_order, profile.sign) == (",", "dmy", "in_out")
    assert told.settled
    assert not told.open_questions
    (proof,) = told.proof
    assert (proof.kind, proof.holds, proof.checked) == ("running balance", True, 3)
    assert (proof.opening_minor, proof.total_minor, proof.closing_minor) == (108250, 108525, 216775)
    assert told.reading is not None
    (statement,) = told.reading.statements
    assert statement.account == "8601 11 17947"
    assert [line["amount"] for line in statement.lines.to_pylist()] == [125050, -8250, -8250, -25]
    assert statement.lines["booking_date"][0].as_py() == dt.date(2024, 1, 15)
    assert statement.lines["text"][0].as_py() == 'Ørn "Å"; Ås'


def test_a_profile_comes_back_from_its_document_and_reads_the_same() -> None:
    table = open_table(FIXTURE.read_bytes(), "netbank.csv")
    told = propose(table, "NOK")
    again = Profile.from_document(json.loads(json.dumps(told.profile.to_document())))
    assert again == told.profile
    assert again.fingerprint == fingerprint_of(table)
    assert told.reading is not None
    assert read_with(table, again).statements == told.reading.statements
    assert check(table, again).proof == told.proof


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ({"roles": ["x"]}, "knows no role “x”"),
        ({"roles": ["amount", "amount"]}, "gives the role “Amount” to two columns"),
        ({"roles": "amount"}, "“roles” is not a list of texts"),
        ({"decimal": ";"}, "“decimal” is “;”; it can be"),
        ({"currency": "KRO"}, "currency “KRO” is no ISO currency"),
    ],
)
def test_a_document_that_is_no_profile_is_refused(document: dict[str, object], said: str) -> None:
    with pytest.raises(Refusal, match=said):
        Profile.from_document(document)


def test_what_the_content_leaves_open_is_asked_and_the_answer_read() -> None:
    told = proposal("Date;Text;Amount", "03/04/2024;a;1.234", "05/06/2024;b;2.500")
    assert asked(told) == ["decimal", "date_order", "sign"]
    with pytest.raises(Unreadable, match=r"Does the mark in “1\.234” part thousands or decimals\?"):
        read_file(b"Date;Text;Amount\n03/04/2024;a;1.234\n05/06/2024;b;2.500\n", "x.csv")
    profile = told.profile
    for code, value in (("decimal", ","), ("date_order", "mdy"), ("sign", "turned")):
        profile = answered(profile, code, value)
    again = check(grid("Date;Text;Amount", "03/04/2024;a;1.234", "05/06/2024;b;2.500"), profile)
    assert amounts(again) == [-123400, -250000]
    assert again.reading is not None
    assert again.reading.statements[0].lines["booking_date"].to_pylist() == [dt.date(2024, 3, 4), dt.date(2024, 5, 6)]
    assert not again.open_questions


def test_a_cell_of_several_lines_is_quoted_in_one() -> None:
    with pytest.raises(Unreadable, match=r"^x\.csv: Does the mark in “1\.23 4” part thousands or decimals\?[^\n]*$"):
        read_file(b'Date;Text;Amount\n2024-04-03;a;"1.23\n4"\n2024-06-05;b;2.500\n', "x.csv")
    assert str(Unreadable("x.csv, line 2: “a\r\nb\u2028c” is no date.")) == "x.csv, line 2: “a b c” is no date."


def test_columns_that_are_not_found_are_asked() -> None:
    told = proposal("When;What;How much", "31.01.2024;a;-1,50", "30.01.2024;b;2,00")
    assert asked(told) == ["booking_date", "amount"]
    profile = answered(answered(told.profile, "booking_date", "0"), "amount", "2")
    assert profile.roles == ("booking_date", "extra", "amount")
    with pytest.raises(Refusal, match="there is no column 9"):
        answered(profile, "amount", "9")


@pytest.mark.parametrize(
    ("written", "minor"),
    [
        ("1 234,50", 123450), ("-144,75 kr", -14475), ("−5,00", -500), ("12,00-", -1200), ("(7,25)", -725),
        ("1.234.567,89", 123456789), ("kr 5,00", 500), ("100,-", 10000), ("+3,10", 310), ("1'000,00", 100000),
        (",50", 50),
    ],
)  # fmt: skip
def test_amounts_as_banks_write_them(written: str, minor: int) -> None:
    told = proposal("Dato;Tekst;Beløp", f"31.01.2024;a;{written}", "31.01.2024;b;-0,01")
    assert amounts(told) == [minor, -1]


@settings(deadline=None)
@given(st.lists(st.integers(-(10**12), 10**12), min_size=1, max_size=30), st.booleans())
def test_amounts_survive_being_written_with_either_mark(minors: list[int], comma: bool) -> None:
    mark, group = (",", ".") if comma else (".", ",")
    texts = [
        f"{'-' if minor < 0 else ''}{abs(minor) // 100:,}".replace(",", group) + f"{mark}{abs(minor) % 100:02d}"
        for minor in minors
    ]
    rows = [f'2024-01-31;t;"{text}"' for text in texts]
    assert amounts(proposal("Date;Text;Amount", *rows, f'2024-01-31;t;"-0{mark}01"')) == [*minors, -1]


@pytest.mark.parametrize(
    "date",
    [
        "31.01.2024",
        "31/1/2024",
        "31-01-24",
        "2024-01-31",
        "20240131",
        "2024:01:31",
        "31. januar 2024",
        "2024-01-31 12:30:00",
    ],
)
def test_dates_as_banks_write_them(date: str) -> None:
    told = proposal("Dato;Tekst;Beløp", f"{date};a;-1,50")
    assert told.reading is not None, told.refusal
    assert told.reading.statements[0].lines["booking_date"].to_pylist() == [dt.date(2024, 1, 31)]


@pytest.mark.parametrize(
    ("rows", "sign", "minors"),
    [
        (("Debit,Credit", "5.00,", ",7.00"), "in_out", [-500, 700]),
        (("Debit,Credit", "-5.00,", ",7.00"), "in_out", [-500, 700]),
        (("Debit,Credit", "5.00,", "-7.00,"), "in_minus_out", [-500, 700]),
        (("Amount,Type", "-5.00,", "7.00,"), "signed", [-500, 700]),
        (("Amount,Type", "5.00,", "-7.00,"), "turned", [-500, 700]),
        (("Amount,D/C", "5.00,D", "7.00,C"), "mark", [-500, 700]),
        (("Amount,D/C", "-5.00,D", "7.00,C"), "mark", [-500, 700]),
    ],
)  # fmt: skip
def test_the_running_balance_decides_the_signs(rows: tuple[str, ...], sign: str, minors: list[int]) -> None:
    header, first, second = rows
    told = proposal(f"Date,Text,{header},Balance", f"2024-01-02,a,{first},95.00", f"2024-01-03,b,{second},102.00")
    assert (told.profile.sign, amounts(told), asked(told)) == (sign, minors, [])
    assert told.proof[0].holds


def test_a_fee_on_top_is_taken_off_where_the_balance_says_so() -> None:
    told = proposal(
        "Completed Date,Description,Amount,Fee,Currency,State,Balance",
        "2024-01-02,a,-5.00,0.50,EUR,COMPLETED,94.50",
        "2024-01-03,b,-1.00,0.00,EUR,COMPLETED,93.50",
        "2024-01-04,c,-2.00,0.00,EUR,PENDING,",
    )
    assert amounts(told) == [-550, -100]
    assert codes(told) == ["not-booked"]


def test_money_out_with_both_signs_and_no_balance_is_asked() -> None:
    told = proposal("Date;Text;Inn;Ut", "31.01.2024;a;;5,00", "31.01.2024;b;;-7,00")
    assert asked(told) == ["sign"]
    assert check(
        grid("Date;Text;Inn;Ut", "31.01.2024;a;;5,00", "31.01.2024;b;;-7,00"), answered(told.profile, "sign", "in_out")
    ).refusal


def test_totals_balances_and_headings_below_are_no_lines() -> None:
    told = proposal(
        "Dato;Tekst;Beløp", ";Inngående saldo;100,00", "31.01.2024;a;-1,50", "Dato;Tekst;Beløp", ";Sum;-1,50",
        ";Utgående saldo;98,50",
    )  # fmt: skip
    assert amounts(told) == [-150]
    assert (told.proof[0].kind, told.proof[0].holds) == ("balances", True)
    broken = proposal("Dato;Tekst;Beløp", ";Inngående saldo;100,00", "31.01.2024;a;-1,50", ";Utgående saldo;98,00")
    assert codes(broken) == ["balance-proof"]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (";b;2,00", "line 3, column Dato: the date is missing"),
        ("i går;b;2,00", "line 3, column Dato: “i går” is no date"),
        ("31.01.2024;b;2..5", "line 3, column Beløp: “2..5” is no amount in NOK"),
        ("31.01.2024;b;2,005", "line 3, column Beløp: “2,005” is no amount in NOK"),
        ("31.01.2024;b;99999999999999999999", "line 3, column Beløp: “99999999999999999999” is no amount in NOK"),
    ],
)
def test_a_bad_row_is_refused_with_its_place(row: str, said: str) -> None:
    told = proposal("Dato;Tekst;Beløp", "31.01.2024;a;-1,50", row, "31.01.2024;c;3,00")
    assert told.reading is None
    mark = " with the decimal mark “,”" if "amount" in said else ""
    assert told.refusal == f"x.csv, {said}{mark}."


def test_a_file_in_another_currency_than_the_mapping_is_refused() -> None:
    table = grid("Konto: 1234 56 78901  Valuta: EUR", "Dato;Tekst;Beløp", "31.01.2024;a;-1,50")
    assert propose(table, "NOK").profile.currency == "EUR"
    with pytest.raises(Unreadable, match="is in EUR, the mapping says NOK"):
        read_with(table, answered(propose(table).profile, "currency", "NOK"))


def test_a_profile_reads_only_tables_of_its_headings() -> None:
    profile = proposal("Dato;Tekst;Beløp", "31.01.2024;a;-1,50").profile
    with pytest.raises(Unreadable, match="has not the headings of the mapping"):
        read_with(grid("Date;Text;Amount", "31.01.2024;a;-1,50"), profile)
    assert read_with(grid("DATO ; tekst; Beløp:", "31.01.2024;a;-1,50"), profile).entries == 1


def test_currencies_and_accounts_part_a_table_into_statements() -> None:
    told = proposal(
        "Kontonummer;Dato;Valuta;Beløp", "1234 56 78901;31.01.2024;NOK;-1,50", "1234 56 78901;31.01.2024;JPY;-200",
        "9876 54 32109;31.01.2024;NOK;1,00",
    )  # fmt: skip
    assert told.reading is not None
    assert [(s.account, s.currency, s.sum_minor) for s in told.reading.statements] == [
        ("1234 56 78901", "NOK", -150), ("1234 56 78901", "JPY", -200), ("9876 54 32109", "NOK", 100),
    ]  # fmt: skip


def test_letters_and_separators_are_told_from_the_content() -> None:
    rows = ("Dato{0}Tekst{0}Beløp", "31.01.2024{0}Kjøp{0}-1.50", "31.01.2024{0}Lønn{0}2.00")
    for separator in ";\t|":
        for encoding in ("utf-8", "utf-8-sig", "cp1252", "utf-16"):
            content = "\n".join(rows).format(separator).encode(encoding)
            statement = read_file(content, "x.csv").statements[0]
            assert statement.lines["text"].to_pylist() == ["Kjøp", "Lønn"], (separator, encoding)


def test_a_line_may_end_with_a_carriage_return_alone() -> None:
    content = b"Konto: 1\rDato;Tekst;Bel\xc3\xb8p;Valuta\r31.01.2024;a;-1,50;NOK\r\n31.01.2024;b;2,00;NOK\n"
    assert read_file(content, "x.csv").statements[0].sum_minor == 50


def test_a_table_called_xls_is_told_by_its_content() -> None:
    assert read_file(FIXTURE.read_bytes(), "netbank.xls").format == "csv"


def test_a_workbook_is_read_with_numbers_dates_and_texts() -> None:
    content = sheet(
        ["Kontoutskrift"], ["Konto: 8601 11 17947", "", "Valuta: NOK"], [],
        ["Dato", "Tekst", "Beløp", "KID"],
        [dt.date(2024, 1, 31), "a", -1.5, "000123"], ["30.01.2024", "b", "1 234,50", 42],
    )  # fmt: skip
    reading = read_file(content, "x.xlsx")
    (statement,) = reading.statements
    assert (reading.format, statement.account, statement.currency) == ("excel", "8601 11 17947", "NOK")
    assert [(line["booking_date"], line["amount"], line["kid"]) for line in statement.lines.to_pylist()] == [
        (dt.date(2024, 1, 30), 123450, "42"),
        (dt.date(2024, 1, 31), -150, "000123"),
    ]


def test_a_number_of_a_sheet_that_is_changed_is_said() -> None:
    reading = read_file(
        sheet(["Dato", "Tekst", "Beløp", "Valuta"], ["2024-01-31", "a", -1.5000000001, "NOK"]), "x.xlsx"
    )
    assert reading.statements[0].sum_minor == -150
    assert [finding.code for finding in reading.findings] == ["excel-digits"]
    assert "row 2, column Beløp: the cell holds -1.5000000001; it is read as -1.50" in reading.findings[0].sentence


def test_a_sheet_of_too_many_columns_is_refused() -> None:
    with pytest.raises(Unreadable, match="has 2 rows and 501 columns, more than are read"):
        read_file(sheet(["Dato", "Tekst", *[""] * 498, "Beløp"], ["2024-01-31", "a", *[""] * 498, 1]), "x.xlsx")


def test_old_workbooks_are_read_apart() -> None:
    reading = read_file(FIXTURE.with_name("netbank.xls"))
    (statement,) = reading.statements
    assert [line["amount"] for line in statement.lines.to_pylist()] == [125050, -8250]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"hello;world\n1;2\n", "no row of headings is found"),
        (b"Dato;Tekst;Bel\xc3\xb8p\n", "holds headings and no lines"),
        (b"Dato;Tekst;Bel\xc3\xb8p\n31.01.2024;\0;1,00\n", "line 2: a NUL byte"),
        (b"just words\nand words\n", "no separator parts its lines"),
    ],
)
def test_what_is_no_table_is_refused(content: bytes, said: str) -> None:
    with pytest.raises(Unreadable, match=said):
        read_file(content, "x.csv", format="csv")
