"""Workbooks with our own columns: the same lines as the CSV, exact in spite of floats, and no bomb."""

import datetime as dt
import io
import zipfile
from collections.abc import Callable, Sequence

import pytest
import xlsxwriter

from recon.errors import Unreadable
from recon.intake import workbook
from recon.intake.detect import read_file
from recon.intake.statement import Reading
from tests.intake.workbooks import BANK, OWN, Rows, ods, xlsb, xlsx

HEADER = ["id", "booking_date", "amount", "currency"]


def book(*rows: Sequence[object], header: Sequence[object] = HEADER, above: int = 0, first: str = "") -> bytes:
    out = io.BytesIO()
    written = xlsxwriter.Workbook(out, {"default_date_format": "yyyy-mm-dd"})
    if first:
        written.add_worksheet(first)
    sheet = written.add_worksheet()
    for number, row in enumerate([header, *rows], start=above):
        for column, cell in enumerate(row):
            if cell is not None:
                sheet.write(number, column, cell)
    written.close()
    return out.getvalue()


def read(*rows: Sequence[object], **more: object) -> Reading:
    return read_file(book(*rows, **more), "book.xlsx")  # type: ignore[arg-type]


def refusal(content: bytes) -> str:
    with pytest.raises(Unreadable) as caught:
        read_file(content, "book.xlsx")
    return str(caught.value)


def test_reads_numbers_dates_and_texts_as_the_sheet_shows_them() -> None:
    header = [*HEADER, "value_date", "account_number", "text", "Avdeling", "kid"]
    row = [17, dt.date(2024, 1, 31), -1234.56, "NOK", "2024-02-01", 86011117947, "Kjøp", True, "000123"]
    (statement,) = read(row, header=header).statements
    assert statement.lines.to_pylist() == [
        {
            "id": "17",
            "booking_date": dt.date(2024, 1, 31),
            "value_date": dt.date(2024, 2, 1),
            "amount": -123456,
            "currency": "NOK",
            "kid": "000123",
            "text": "Kjøp",
            "account_number": "86011117947",
            "extra.Avdeling": "TRUE",
        }
    ]


@pytest.mark.parametrize(("make", "name"), [(xlsx, "x.xlsx"), (ods, "x.ods"), (xlsb, "x.xlsb"), (xlsb, "called.xls")])
def test_every_kind_of_workbook_tells_the_same_lines(make: Callable[[Rows], bytes], name: str) -> None:
    (own,) = read_file(make(OWN), name).statements
    assert own.lines.to_pylist() == [{"id": "1", "booking_date": dt.date(2024, 1, 1), "amount": 150, "currency": "NOK"}]
    (bank,) = read_file(make(BANK), name).statements
    balances = [balance.amount_minor if balance else None for balance in (bank.opening, bank.closing)]
    assert (bank.account, bank.lines["amount"].to_pylist(), balances) == ("8601 11 17947", [150, -250], [1000, 900])


def patched(content: bytes, old: bytes, new: bytes) -> bytes:
    """The workbook with other bytes in its sheets."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as before, zipfile.ZipFile(out, "w") as after:
        for part in before.infolist():
            after.writestr(part.filename, before.read(part).replace(old, new))
    return out.getvalue()


def test_amounts_are_exact_and_dust_is_said() -> None:
    rows = [[str(n), dt.date(2024, 1, 1), amount, "NOK"] for n, amount in enumerate([0.3, 0.29, 1e6, 33.33])]
    reading = read_file(patched(book(*rows), b"<v>0.3</v>", b"<v>0.30000000000000004</v>"), "book.xlsx")
    assert reading.statements[0].lines["amount"].to_pylist() == [30, 29, 100_000_000, 3333]
    assert [(f.code, f.where) for f in reading.findings] == [("excel-digits", "row 2")]
    assert "holds 0.30000000000000004; it is read as 0.3" in reading.findings[0].sentence


def test_a_number_too_long_for_a_sheet_is_said() -> None:
    reading = read(["1", dt.date(2024, 1, 1), 1, "NOK", 12345678901234567890], header=[*HEADER, "kid"])
    assert [f.code for f in reading.findings] == ["excel-long-number"]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (["2", dt.date(2024, 1, 1), 1.234, "NOK"], "row 3, column amount: “1.234” has more decimals than NOK has"),
        (["2", dt.date(2024, 1, 1), "1,50", "NOK"], "row 3, column amount: “1,50” is no amount"),
        (["2", dt.date(2024, 1, 1), None, "NOK"], "row 3, column amount: the cell is empty"),
        (["2", 45321, 1, "NOK"], "row 3, column booking_date: “45321” is no ISO date"),
        (
            ["2", dt.datetime(2024, 1, 1, 12), 1, "NOK"],
            "row 3, column booking_date: “2024-01-01 12:00:00” is no ISO date",
        ),
        (["1", dt.date(2024, 1, 1), 1, "NOK"], "row 3, column id: “1” stands on row 2 already"),
        (["2", dt.date(2024, 1, 1), 1, "NOK", "x"], "row 3: a cell stands outside the columns of the header"),
    ],
)
def test_refuses_a_bad_row_with_its_place(row: list[object], said: str) -> None:
    assert said in refusal(book(["1", dt.date(2024, 1, 1), 1, "NOK"], row))


def test_rows_are_numbered_as_in_the_sheet_and_empty_sheets_passed_over() -> None:
    content = book(["1", dt.date(2024, 1, 1), "x", "NOK"], above=4, first="Om")
    assert "row 6, column amount" in refusal(content)


def test_refuses_a_sheet_that_is_not_ours() -> None:
    assert "lacks the column(s) id, booking_date; it reads “Dato, amount, currency”" in refusal(
        book(header=["Dato", "amount", "currency"])
    )
    assert refusal(book(header=[])) == "book.xlsx is empty."


def packed(**parts: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def test_a_zip_bomb_is_refused_while_it_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = packed(**{"xl/worksheets/sheet1.xml": b"\0" * 20_000_000})
    assert len(bomb) < 50_000
    assert "unpacks to more than a sheet should hold" in refusal(bomb)
    monkeypatch.setattr(workbook, "LARGEST_UNPACKED", 1000)
    assert "unpacks to more than a sheet should hold" in refusal(book(["1", dt.date(2024, 1, 1), 1, "NOK"]))
    monkeypatch.setattr(workbook, "MOST_PARTS", 3)
    assert "unpacks to more than a sheet should hold" in refusal(book())


@pytest.mark.parametrize("quote", ['"', "'"])
def test_two_cells_in_far_corners_are_refused(quote: str) -> None:
    """calamine allots every cell between them, and the process would abort."""
    content = book(["1", dt.date(2024, 1, 1), 1, "NOK"])
    far = f"r={quote}XFD1048576{quote}".encode()
    assert "unpacks to more than a sheet should hold" in refusal(patched(content, b'r="D2"', far))


def test_damaged_and_other_sheets_are_refused_in_words() -> None:
    content = book(["1", dt.date(2024, 1, 1), 1, "NOK"])
    assert "damaged" in refusal(content[:-100])
    assert "cannot be read as a sheet" in refusal(packed(**{"xl/x.xml": b"<x/>"}))
    for name, head, said in (
        ("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "cannot be read as a sheet|damaged sheet"),
        ("a.zip", packed(**{"a.txt": b"x"}), "a packed file"),
    ):
        with pytest.raises(Unreadable, match=said):
            read_file(head, name)
