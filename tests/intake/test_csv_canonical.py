"""CSV with our own columns: exact in, or refused with file, line, column and value."""

import datetime as dt
import random
from decimal import Decimal
from pathlib import Path

import pytest

from recon.errors import Unreadable
from recon.intake.detect import read_file
from recon.intake.frames import lines_frame, read_side

HEADER = "id,booking_date,amount,currency"


def csv(*rows: str, header: str = HEADER) -> bytes:
    return "\n".join([header, *rows, ""]).encode()


def refusal(content: bytes) -> str:
    with pytest.raises(Unreadable) as caught:
        read_file(content, "ledger.csv")
    return str(caught.value)


def test_reads_every_kind_of_field() -> None:
    header = HEADER + ",value_date,text,original_amount,original_currency,Butikk,extra.kasse,kid"
    row = 'A1,2024-01-31,-1234.5,NOK,2024-02-01,"Kjøp, ""varer""\nlinje 2",-100,JPY,Nr 7,3,00123'
    (statement,) = read_file(csv(row, header=header), "x.csv").statements
    (line,) = statement.lines.to_pylist()
    assert line == {
        "id": "A1",
        "booking_date": dt.date(2024, 1, 31),
        "value_date": dt.date(2024, 2, 1),
        "amount": -123450,
        "currency": "NOK",
        "original_amount": -100,
        "original_currency": "JPY",
        "kid": "00123",
        "text": 'Kjøp, "varer"\nlinje 2',
        "extra.Butikk": "Nr 7",
        "extra.kasse": "3",
    }
    assert (statement.account, statement.currency, statement.entries, statement.sum_minor) == (None, "NOK", 1, -123450)


def test_minor_units_follow_the_currency() -> None:
    content = csv("1,2024-01-01,100,JPY", "2,2024-01-01,1.234,KWD", "3,2024-01-01,+0.05,EUR")
    statements = read_file(content, "x.csv").statements
    assert [(s.currency, s.sum_minor) for s in statements] == [("JPY", 100), ("KWD", 1234), ("EUR", 5)]


def test_an_empty_cell_is_missing_and_a_missing_column_is_absent() -> None:
    frame = lines_frame(
        read_file(csv("1,2024-01-01,1.00,NOK,", "2,2024-01-01,1.00,NOK,x", header=HEADER + ",text"), "x.csv")
    )
    assert frame["text"].isna().tolist() == [True, False]
    assert "reference" not in frame


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("2,2024-01-01,12.345,NOK", "line 3, column amount: “12.345” has more decimals than NOK has"),
        ("2,2024-01-01,10.5,JPY", "line 3, column amount: “10.5” has more decimals than JPY has"),
        ("2,2024-01-01,abc,NOK", "line 3, column amount: “abc” is no amount"),
        ("2,2024-01-01,1e5,NOK", "line 3, column amount: “1e5” is no amount"),
        ("2,2024-01-01,NaN,NOK", "line 3, column amount: “NaN” is no amount"),
        ('2,2024-01-01,"1,50",NOK', "line 3, column amount: “1,50” is no amount"),
        ("2,2024-01-01,99999999999999999999,NOK", "line 3, column amount: “99999999999999999999” is no amount"),
        ("2,2024-01-01,,NOK", "line 3, column amount: the cell is empty"),
        ("2,2024-02-30,1.00,NOK", "line 3, column booking_date: “2024-02-30” is no ISO date"),
        ("2,31.01.2024,1.00,NOK", "line 3, column booking_date: “31.01.2024” is no ISO date"),
        ("2,0000-01-01,1.00,NOK", "line 3, column booking_date: “0000-01-01” is no ISO date"),
        ("2,2024-01-01,1.00,KRO", "line 3, column currency: “KRO” is no ISO currency"),
        ("2,2024-01-01,1.00,", "line 3, column currency: the cell is empty"),
        ("1,2024-01-01,1.00,NOK", "line 3, column id: “1” stands on line 2 already"),
        (",2024-01-01,1.00,NOK", "line 3, column id: the cell is empty"),
        ("2,2024-01-01,1.00", "line 3: 3 cells where the header has 4"),
        ("2,2024-01-01,1.00,NOK,x", "line 3: 5 cells where the header has 4"),
    ],
)
def test_refuses_a_bad_row_with_its_place(row: str, said: str) -> None:
    sentence = refusal(csv("1,2024-01-01,1.00,NOK", row, "9,2024-01-01,1.00,NOK"))
    assert sentence.startswith("ledger.csv, ")
    assert said in sentence


def test_the_line_is_the_files_own_even_after_quoted_line_breaks_and_empty_lines() -> None:
    content = csv('1,2024-01-01,1.00,NOK,"a\nb"', "", "2,2024-01-01,x,NOK,", header="\n" + HEADER + ",text")
    assert "line 6, column amount" in refusal(content)


def test_refuses_what_is_no_utf8_with_the_line() -> None:
    rows = csv("1,2024-01-01,1.00,NOK,a", "2,2024-01-01,1.00,NOK,æ", header=HEADER + ",text")
    assert "line 3: the byte 0xE6" in refusal(rows.decode().encode("latin-1"))
    assert "line 2: a NUL byte" in refusal(csv("1,2024-01-01,1.00,N\0K"))


@pytest.mark.parametrize(
    ("header", "said"),
    [
        ("Dato;Beskrivelse;Inn;Ut", "Which column holds the booking date?"),
        ("id,booking_date,currency", "lacks the column(s) amount"),
        (HEADER + ",text,text", "names the column text twice"),
        (HEADER + ",", "column 5 has no name"),
    ],
)
def test_refuses_a_header_that_is_not_ours(header: str, said: str) -> None:
    assert said in refusal(csv("1,2", header=header))


def test_original_amount_needs_its_currency() -> None:
    content = csv("1,2024-01-01,1.00,NOK,5.00", header=HEADER + ",original_amount")
    assert "column original_amount: “5.00” has no original_currency" in refusal(content)


def test_a_byte_order_mark_and_windows_line_ends_do_not_matter() -> None:
    content = b"\xef\xbb\xbf" + csv("1,2024-01-01,1.00,NOK").replace(b"\n", b"\r\n")
    assert read_file(content, "x.csv").statements[0].sum_minor == 100


def test_a_header_alone_is_an_empty_side(tmp_path: Path) -> None:
    path = tmp_path / "none.csv"
    path.write_bytes(csv())
    frame = read_side(path)
    assert len(frame) == 0
    assert {"id", "booking_date", "amount", "currency"} <= set(frame.columns)


def test_account_numbers_make_statements_but_one_side(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    rows = ["1,2024-01-02,1.00,NOK,1920", "2,2024-01-01,2.00,NOK,1930", "3,2024-01-03,4.00,NOK,1920"]
    path.write_bytes(csv(*rows, header=HEADER + ",account_number"))
    statements = read_file(path).statements
    assert [(s.account, s.sum_minor, s.from_on, s.to_on) for s in statements] == [
        ("1920", 500, dt.date(2024, 1, 2), dt.date(2024, 1, 3)),
        ("1930", 200, dt.date(2024, 1, 1), dt.date(2024, 1, 1)),
    ]
    assert sorted(read_side(path)["id"]) == ["1", "2", "3"]
    assert sorted(read_side(path, account="1920")["id"]) == ["1", "3"]
    with pytest.raises(Unreadable, match="account 1940 is not in the file, which holds 1920, 1930"):
        read_side(path, account="1940")


def test_the_name_of_the_file_does_not_matter() -> None:
    assert read_file(csv("1,2024-01-01,1.00,NOK"), "left").statements[0].sum_minor == 100
    with pytest.raises(Unreadable, match=r"left: the header row lacks the column\(s\) id, currency"):
        read_file(csv(header='"booking_date","amount"'), "left")


def test_random_amounts_survive_to_the_minor_unit() -> None:
    """Against Python's own exact arithmetic, with every number of decimals a currency has."""
    dice = random.Random(11)
    rows, expected = [], {}
    for n in range(2000):
        currency, places = dice.choice([("NOK", 2), ("JPY", 0), ("KWD", 3), ("CLF", 4)])
        minor = dice.choice([-1, 1]) * dice.randrange(10 ** dice.randint(1, 17))
        shown = min(places, dice.randint(0, 4))
        minor -= minor % 10 ** (places - shown)
        rows.append(f"{n},2024-01-01,{Decimal(minor).scaleb(-places):.{shown}f},{currency}")
        expected[str(n)] = minor
    frame = lines_frame(read_file(csv(*rows), "x.csv"))
    assert dict(zip(frame["id"], frame["amount"], strict=True)) == expected


def test_a_sum_beyond_int64_is_still_exact() -> None:
    rows = [f"{n},2024-01-01,9999999999999999.99,NOK" for n in range(100)]
    assert read_file(csv(*rows), "x.csv").statements[0].sum_minor == 100 * 999_999_999_999_999_999
