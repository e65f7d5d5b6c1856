"""Sound files of every format, and wounds to give them by seed."""

from __future__ import annotations

import base64
import io
import random
import re
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.intake.workbooks import BANK, OWN, ods, xlsb, xlsx

FIXTURES = Path(__file__).parents[1] / "fixtures"
TOKENS = (
    b"", b"\0", b"\xff", b'"', b"<", b">", b"&", b"]]>", b"{", b"}", b"#VER A 1", b",", b"\n", b"-", b"9" * 20,
    b"1e9", b"NaN", b"\xef\xbb\xbf", b"<Ntry>", b"</Stmt>", b"NOK", b"XYZ", b"2024-13-01", b"0000-00-00", b" ", b"\r",
)  # fmt: skip


VALUES = (
    b"", b"0", b"-1", b"-0.00", b"1e5", b"9" * 30, b"9223372036854775807", b"92233720368547758.08", b"NaN", b"Infinity",
    b"0.005", b"1,50", b"1 000", b"2024-02-30", b"0001-01-01", b"9999-12-31", b"2024-01-31T24:00:00", b"JPY", b"KWD",
    b"XXX", b"nok", b"CRDT", b"true", b"\xc3\xa6", b"\xe6", b"\xe2\x88\x925", b"&#0;", b"&lt;", b"a" * 5000,
)  # fmt: skip
"""What stands in an element of XML instead of its own text."""
LEAF = re.compile(rb"<(\w[\w:]*)[^<>]*>([^<>]*)</\1>")


def canonical() -> bytes:
    header = b"id,booking_date,amount,currency,text,value_date,original_amount,original_currency\n"
    row = '{n},2024-01-{d:02d},{n}.50,NOK,"tekst, nr {n}",2024-02-01,-{n},JPY\n'
    return header + "".join(row.format(n=n, d=n % 28 + 1) for n in range(1, 20)).encode()


def sie5() -> bytes:
    entry = (
        '<JournalEntry id="{n}" journalDate="2024-01-31"><LedgerEntry accountId="1930" amount="{n}.5"/></JournalEntry>'
    )
    return f"<SieEntry><Journal id='A'>{''.join(entry.format(n=n) for n in range(9))}</Journal></SieEntry>".encode()


def signed_ledger() -> bytes:
    """A SIE file between control sums."""
    return b"#FLAGGA 0\n#KSUMMA\n" + (FIXTURES / "ledger.se").read_bytes() + b"#KSUMMA 123\n"


def enveloped() -> bytes:
    content = base64.b64encode((FIXTURES / "bank.camt053.xml").read_bytes())
    return b"<b:ApplicationResponse><b:Content>" + content + b"</b:Content></b:ApplicationResponse>"


def fixture(name: str) -> Callable[[], bytes]:
    return (FIXTURES / name).read_bytes


SOUND: dict[str, tuple[str, Callable[[], bytes]]] = {
    "bai2": ("x.bai", fixture("bank.bai2")),
    "bgmax": ("x.txt", fixture("payments.bgmax")),
    "camt": ("x.xml", fixture("bank.camt053.xml")),
    "camt in envelope": ("x.xml", enveloped),
    "coda": ("x.cod", fixture("bank.cod")),
    "csv": ("x.csv", canonical),
    "csv of a bank": ("x.csv", fixture("netbank.csv")),
    "excel": ("x.xlsx", lambda: xlsx(OWN)),
    "excel of a bank": ("x.xlsx", lambda: xlsx(BANK)),
    "excel .xls": ("x.xls", fixture("netbank.xls")),
    "excel .xlsb": ("x.xlsb", lambda: xlsb(BANK)),
    "excel .ods": ("x.ods", lambda: ods(BANK)),
    "mt940": ("x.sta", fixture("bank.sta")),
    "ocr": ("x.txt", fixture("payments.ocr")),
    "ofx": ("x.ofx", fixture("bank.ofx")),
    "saft": ("x.xml", fixture("ledger.saft.xml")),
    "sie": ("x.se", signed_ledger),
    "sie5": ("x.sie", sie5),
}
"""A sound file by reader and kind: its name, and its content."""


def reader_of(kind: str) -> str:
    return kind.partition(" ")[0]


def zipped(kind: str) -> bool:
    return SOUND[kind][1]().startswith(b"PK")


def damaged(kind: str, count: int, seed: int) -> Iterator[bytes]:
    """So many damaged files of a kind, the same for the same seed. Where a wound anywhere mostly ends the unpacking or
    the parsing, every second file is wounded inside: in a part of a packed one, in elements of XML."""
    content, dice = SOUND[kind][1](), random.Random(seed)
    elements = len(LEAF.findall(content)) > 4
    inside = mutated_part if zipped(kind) else mutated_elements if elements else mutated
    for number in range(count):
        yield (inside if number % 2 else mutated)(content, dice)


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


def mutated_elements(content: bytes, dice: random.Random) -> bytes:
    """One to four elements without children are taken out, doubled, or hold something else."""
    for _wound in range(dice.randint(1, 4)):
        leaves = list(LEAF.finditer(content))
        leaf = dice.choice(leaves)
        whole, (start, end) = leaf[0], leaf.span(2)
        match dice.randrange(6):
            case 0:
                content = content[: leaf.start()] + content[leaf.end() :]
            case 1:
                content = content[: leaf.end()] + whole + content[leaf.end() :]
            case 2:
                content = content[:start] + dice.choice(leaves)[2] + content[end:]
            case _:
                content = content[:start] + dice.choice(VALUES) + content[end:]
    return content


def mutated_part(content: bytes, dice: random.Random) -> bytes:
    """A sound zip with one wounded part."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w") as new:
        victim = dice.choice([part.filename for part in old.infolist()])
        for part in old.infolist():
            inner = old.read(part)
            new.writestr(part.filename, mutated(inner, dice) if part.filename == victim else inner)
    return out.getvalue()
