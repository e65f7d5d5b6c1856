"""Damaged files: every reader either reads them or refuses them in one sentence, quickly, and never falls over."""

import datetime as dt
import io
import random
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import xlsxwriter

from recon.errors import Unreadable
from recon.intake.detect import read_file
from recon.intake.frames import lines_frame

FIXTURES = Path(__file__).parents[1] / "fixtures"
FILES = 500
TOKENS = (
    b"", b"\0", b"\xff", b'"', b"<", b">", b"&", b"]]>", b"{", b"}", b"#VER A 1", b",", b"\n", b"-", b"9" * 20,
    b"1e9", b"NaN", b"\xef\xbb\xbf", b"<Ntry>", b"</Stmt>", b"NOK", b"XYZ", b"2024-13-01", b"0000-00-00", b" ", b"\r",
)  # fmt: skip


def canonical() -> bytes:
    header = b"id,booking_date,amount,currency,text,value_date,original_amount,original_currency\n"
    row = '{n},2024-01-{d:02d},{n}.50,NOK,"tekst, nr {n}",2024-02-01,-{n},JPY\n'
    return header + "".join(row.format(n=n, d=n % 28 + 1) for n in range(1, 20)).encode()


def sie5() -> bytes:
    entry = (
        '<JournalEntry id="{n}" journalDate="2024-01-31"><LedgerEntry accountId="1930" amount="{n}.5"/></JournalEntry>'
    )
    return f"<SieEntry><Journal id='A'>{''.join(entry.format(n=n) for n in range(9))}</Journal></SieEntry>".encode()


def workbook() -> bytes:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"default_date_format": "yyyy-mm-dd"})
    sheet = book.add_worksheet()
    for n, row in enumerate([("id", "booking_date", "amount", "currency"), ("1", dt.date(2024, 1, 1), 1.5, "NOK")]):
        sheet.write_row(n, 0, row)
    book.close()
    return out.getvalue()


def mutated(content: bytes, dice: random.Random) -> bytes:
    """One to four wounds: bytes changed, cut out, doubled, swapped, or a token put in."""
    data = bytearray(content)
    for _wound in range(dice.randint(1, 4)):
        at, length = dice.randrange(len(data) + 1), dice.randint(1, 40)
        match dice.randrange(5):
            case 0:
                data[at : at + 1] = bytes([dice.randrange(256)])
            case 1:
                del data[at : at + length]
            case 2:
                data[at:at] = data[at : at + length] * dice.randint(1, 3)
            case 3:
                data[at:at] = dice.choice(TOKENS)
            case _:
                other = dice.randrange(len(data) + 1)
                data[at : at + length] = data[other : other + length]
    return bytes(data)


def mutated_inside(content: bytes, dice: random.Random) -> bytes:
    """A sound zip with one wounded part."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w") as new:
        victim = dice.choice([part.filename for part in old.infolist()])
        for part in old.infolist():
            inner = old.read(part)
            new.writestr(part.filename, mutated(inner, dice) if part.filename == victim else inner)
    return out.getvalue()


SEEDS: dict[str, tuple[str, Callable[[], bytes]]] = {
    "camt": ("x.xml", (FIXTURES / "bank.camt053.xml").read_bytes),
    "csv": ("x.csv", canonical),
    "sie": ("x.se", (FIXTURES / "ledger.se").read_bytes),
    "sie5": ("x.sie", sie5),
    "excel": ("x.xlsx", workbook),
}


@pytest.mark.parametrize("format", SEEDS)
def test_a_damaged_file_is_read_or_refused(format: str) -> None:
    name, make = SEEDS[format]
    content, dice = make(), random.Random(20240131)
    assert read_file(content, name).entries
    slowest, sentences = 0.0, []
    for number in range(FILES):
        wound = mutated_inside if format == "excel" and number % 2 else mutated
        damaged = wound(content, dice)
        started = time.process_time()
        sentences += [outcome(damaged, name, named) for named in (None, format)]
        slowest = max(slowest, time.process_time() - started)
    assert slowest < 10
    refusals = [sentence for sentence in sentences if sentence]
    assert 0 < len(refusals) < len(sentences)
    assert not [sentence for sentence in refusals if "\n" in sentence]


def outcome(content: bytes, name: str, format: str | None) -> str:
    """The refusal, or "" for a file that is read and whose lines make a frame."""
    try:
        reading = read_file(content, name, format=format)
    except Unreadable as error:
        return str(error)
    assert len(lines_frame(reading)) == sum(len(s.lines) for s in reading.statements)
    return ""
