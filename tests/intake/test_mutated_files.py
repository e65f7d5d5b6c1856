"""Damaged files: every reader either reads them or refuses them in one sentence, quickly, and never falls over."""

import base64
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


def bank_sheet() -> bytes:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"default_date_format": "yyyy-mm-dd"})
    sheet = book.add_worksheet()
    rows = [("Konto: 8601 11 17947",), ("Dato", "Tekst", "Beløp", "Saldo"), (dt.date(2024, 1, 1), "a", 1.5, 11.5)]
    for n, row in enumerate([*rows, (dt.date(2024, 1, 2), "b", "-2,50", 9)]):
        sheet.write_row(n, 0, row)
    book.close()
    return out.getvalue()


def signed_ledger() -> bytes:
    """A SIE file between control sums."""
    return b"#FLAGGA 0\n#KSUMMA\n" + (FIXTURES / "ledger.se").read_bytes() + b"#KSUMMA 123\n"


def enveloped() -> bytes:
    content = base64.b64encode((FIXTURES / "bank.camt053.xml").read_bytes())
    return b"<b:ApplicationResponse><b:Content>" + content + b"</b:Content></b:ApplicationResponse>"


def fixture(name: str) -> Callable[[], bytes]:
    return (FIXTURES / name).read_bytes


SEEDS: dict[str, tuple[str, Callable[[], bytes]]] = {
    "bai2": ("x.bai", fixture("bank.bai2")),
    "bgmax": ("x.txt", fixture("payments.bgmax")),
    "camt": ("x.xml", fixture("bank.camt053.xml")),
    "camt in envelope": ("x.xml", enveloped),
    "coda": ("x.cod", fixture("bank.cod")),
    "csv": ("x.csv", canonical),
    "csv of a bank": ("x.csv", fixture("netbank.csv")),
    "excel": ("x.xlsx", workbook),
    "excel of a bank": ("x.xlsx", bank_sheet),
    "mt940": ("x.sta", fixture("bank.sta")),
    "ocr": ("x.txt", fixture("payments.ocr")),
    "ofx": ("x.ofx", fixture("bank.ofx")),
    "saft": ("x.xml", fixture("ledger.saft.xml")),
    "sie": ("x.se", signed_ledger),
    "sie5": ("x.sie", sie5),
}


def named(seed: str) -> str:
    """The reader's name."""
    return seed.partition(" ")[0]


def zipped(seed: str) -> bool:
    return named(seed) == "excel"


@pytest.mark.parametrize("seed", SEEDS)
def test_a_damaged_file_is_read_or_refused(seed: str) -> None:
    name, make = SEEDS[seed]
    content, dice = make(), random.Random(20240131)
    assert read_file(content, name).entries
    slowest, sentences = 0.0, []
    for number in range(FILES):
        wound = mutated_inside if zipped(seed) and number % 2 else mutated
        damaged = wound(content, dice)
        started = time.process_time()
        # every second one by the reader that is named, so that it is not always the same reader that refuses
        sentences.append(outcome(damaged, name, named(seed) if number % 4 > 1 else None))
        slowest = max(slowest, time.process_time() - started)
    assert slowest < 10
    refusals = [sentence for sentence in sentences if sentence]
    assert 0 < len(refusals) < len(sentences)
    assert not [sentence for sentence in refusals if "\n" in sentence or len(sentence) > 1_500]


def test_a_damaged_old_workbook_is_read_or_refused() -> None:
    """Each is opened in a process of its own: fewer of them."""
    content, dice = (FIXTURES / "netbank.xls").read_bytes(), random.Random(20240131)
    for _number in range(12):
        assert "\n" not in outcome(mutated(content, dice), "x.xls", None)


def outcome(content: bytes, name: str, format: str | None) -> str:
    """The refusal, or "" for a file that is read and whose lines make a frame."""
    try:
        reading = read_file(content, name, format=format)
    except Unreadable as error:
        return str(error)
    assert len(lines_frame(reading)) == sum(len(s.lines) for s in reading.statements)
    return ""


@pytest.mark.parametrize("seed", SEEDS)
def test_other_letters_are_read_or_refused(seed: str) -> None:
    name, make = SEEDS[seed]
    text = make().decode("latin-1")
    for encoding in ("utf-16", "utf-16-be", "utf-8-sig", "cp437", "utf-32"):
        assert "\n" not in outcome(text.encode(encoding, "replace"), name, named(seed))


@pytest.mark.parametrize("seed", [seed for seed in SEEDS if not zipped(seed)])
def test_a_line_without_end_is_read_or_refused(seed: str) -> None:
    """Three megabytes in one line, in the middle of the file."""
    name, make = SEEDS[seed]
    content = make()
    half = len(content) // 2
    for filling in (b"A" * 3_000_000, b"9" * 3_000_000, b'"' + b"x," * 1_500_000, b"<a>" * 1_000_000):
        started = time.process_time()
        assert "\n" not in outcome(content[:half] + filling + content[half:], name, named(seed))
        assert time.process_time() - started < 10


ENTITIES = (
    b"""<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>"""
)


@pytest.mark.parametrize("seed", ["camt", "saft", "sie5"])
def test_a_document_type_is_refused_whatever_it_defines(seed: str) -> None:
    content = SEEDS[seed][1]().split(b"?>\n", 1)[-1]
    assert "DOCTYPE" in outcome(ENTITIES + content, "x.xml", named(seed))
    # hidden behind a comment that is longer than what is looked at first
    hidden = b'<?xml version="1.0"?><!--' + b" " * 100_000 + b"-->" + ENTITIES.split(b"?>", 1)[1] + content
    assert "DOCTYPE" in outcome(hidden, "x.xml", named(seed))
