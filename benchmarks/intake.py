"""What reading costs: a large camt.053, a large CSV of our own columns and one of a bank, against the bare parse.

    python -m benchmarks.intake [--megabytes 100] [--rows 1000000] [--json]

The bare parse is lxml's iterparse of the entries, and pyarrow's CSV. Each measurement has a process of its own, so that
its peak memory is its own. Reading gives statements with lines, findings and proof; nothing is stored.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from pathlib import Path

import pyarrow.csv as pacsv
from lxml import etree

from recon.intake.detect import read_file

FIRST = date(2024, 1, 1)
DETAILS = (1, 1, 1, 1, 8, 8)
"""Details of entries, in turn: single payments and lumps."""


@dataclass(frozen=True)
class Cost:
    """Seconds of the bare parse and of reading, and the peak memory of the process that read, in megabytes."""

    file: str
    megabytes: float
    lines: int
    bare_seconds: float
    read_seconds: float
    read_megabytes: int

    @property
    def ratio(self) -> float:
        return self.read_seconds / self.bare_seconds


def camt(path: Path, megabytes: int) -> None:
    """A statement of payments with names, addresses and references, as large as asked for; it adds up."""
    total, number = 0, 0
    with path.open("w", encoding="utf-8") as file:
        file.write('<?xml version="1.0" encoding="UTF-8"?>\n')
        file.write('<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt><Stmt><Id>1</Id>')
        file.write("<Acct><Id><IBAN>NO2486011117947</IBAN></Id><Ccy>NOK</Ccy></Acct>")
        while file.tell() < megabytes * 1_000_000:
            minors = [(number * 7919 + n * 104729) % 900_000 + 100 for n in range(DETAILS[number % len(DETAILS)])]
            credit = number % 3 != 0
            file.write(_entry(number, minors, credit))
            total += sum(minors) if credit else -sum(minors)
            number += 1
        for kind, minor in (("OPBD", 0), ("CLBD", total)):
            file.write(_balance(kind, minor))
        file.write("</Stmt></BkToCstmrStmt></Document>")


def _amount(minor: int) -> str:
    return f"{abs(minor) // 100}.{abs(minor) % 100:02d}"


def _balance(kind: str, minor: int) -> str:
    mark = "CRDT" if minor >= 0 else "DBIT"
    return (
        f'<Bal><Tp><CdOrPrtry><Cd>{kind}</Cd></CdOrPrtry></Tp><Amt Ccy="NOK">{_amount(minor)}</Amt>'
        f"<CdtDbtInd>{mark}</CdtDbtInd><Dt><Dt>2024-12-31</Dt></Dt></Bal>"
    )


def _entry(number: int, minors: list[int], credit: bool) -> str:
    mark, on = "CRDT" if credit else "DBIT", (FIRST + timedelta(days=number % 366)).isoformat()
    details = "".join(_detail(number, n, minor, mark) for n, minor in enumerate(minors))
    return (
        f'<Ntry>\n<NtryRef>{number}</NtryRef><Amt Ccy="NOK">{_amount(sum(minors))}</Amt><CdtDbtInd>{mark}</CdtDbtInd>'
        f"<Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>{on}</Dt></BookgDt><ValDt><Dt>{on}</Dt></ValDt>"
        f"<AcctSvcrRef>L{number:09d}</AcctSvcrRef><BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>RCDT</Cd>"
        f"<SubFmlyCd>VCOM</SubFmlyCd></Fmly></Domn></BkTxCd><NtryDtls>{details}</NtryDtls></Ntry>\n"
    )


def _detail(number: int, n: int, minor: int, mark: str) -> str:
    party = (
        f"<Pty><Nm>Kunde nummer {number} AS</Nm><PstlAdr><StrtNm>Storgata</StrtNm><BldgNb>{n}</BldgNb>"
        "<PstCd>0155</PstCd><TwnNm>Oslo</TwnNm><Ctry>NO</Ctry><AdrLine>c/o Regnskapskontoret i Fjordvik</AdrLine>"
        "</PstlAdr><Id><OrgId><Othr><Id>999888777</Id><SchmeNm><Cd>BANK</Cd></SchmeNm></Othr></OrgId></Id></Pty>"
    )
    agent = "<FinInstnId><BICFI>DNBANOKK</BICFI><Nm>DNB Bank ASA</Nm></FinInstnId>"
    return (
        f"<TxDtls>\n<Refs><AcctSvcrRef>D{number:09d}{n}</AcctSvcrRef><EndToEndId>E2E-{number}-{n}</EndToEndId></Refs>"
        f'<Amt Ccy="NOK">{_amount(minor)}</Amt><CdtDbtInd>{mark}</CdtDbtInd>'
        f"<RltdPties><Dbtr>{party}</Dbtr><DbtrAcct><Id><Othr><Id>97104133219</Id></Othr></Id></DbtrAcct>"
        "<Cdtr><Pty><Nm>Fjordvik Handel AS</Nm></Pty></Cdtr></RltdPties>"
        f"<RltdAgts><DbtrAgt>{agent}</DbtrAgt></RltdAgts>"
        f"<RmtInf><Strd><CdtrRefInf><Tp><CdOrPrtry><Cd>SCOR</Cd></CdOrPrtry></Tp><Ref>{number:012d}{n}</Ref></CdtrRefInf>"
        f"</Strd><Ustrd>Faktura {number} for varer og tjenester levert i perioden</Ustrd></RmtInf></TxDtls>\n"
    )


def own_csv(path: Path, rows: int) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.write("id,booking_date,value_date,amount,currency,text,reference,counterparty\n")
        for n, on, minor in _lines(rows):
            sign = "-" if minor < 0 else ""
            file.write(
                f"{n},{on},{on},{sign}{_amount(minor)},NOK,Faktura {n} for varer,{n:012d},Kunde nummer {n % 5000} AS\n"
            )


def bank_csv(path: Path, rows: int) -> None:
    """With in, out and a running balance, the oldest line first."""
    balance = 0
    with path.open("w", encoding="utf-8") as file:
        file.write("Bokført;Rentedato;Tekst;Inn på konto;Ut fra konto;Saldo;Referanse;Valuta\n")
        for n, on, minor in _lines(rows):
            balance += minor
            day, amount = date.fromisoformat(on).strftime("%d.%m.%Y"), _amount(minor).replace(".", ",")
            into, out = (amount, "") if minor > 0 else ("", amount)
            shown = ("-" if balance < 0 else "") + _amount(balance).replace(".", ",")
            file.write(f"{day};{day};Faktura {n} for varer;{into};{out};{shown};{n:012d};NOK\n")


def _lines(rows: int) -> Iterator[tuple[int, str, int]]:
    """(number, day, minor units), days in order."""
    for n in range(rows):
        on = (FIRST + timedelta(days=n * 366 // rows)).isoformat()
        yield n, on, ((n * 7919) % 900_000 + 100) * (-1 if n % 3 == 0 else 1)


def parse_xml(path: Path) -> int:
    count = 0
    for _event, element in etree.iterparse(str(path), tag="{*}Ntry", resolve_entities=False, no_network=True):
        count += 1
        element.clear()
        while element.getprevious() is not None:
            parent = element.getparent()
            assert parent is not None, "an entry is never the root"
            del parent[0]
    return count


def parse_csv(path: Path) -> int:
    delimiter = ";" if path.name.startswith("bank") else ","
    return int(pacsv.read_csv(path, parse_options=pacsv.ParseOptions(delimiter=delimiter)).num_rows)


def read(path: Path) -> int:
    reading = read_file(path)
    assert not [finding for finding in reading.findings if finding.severity != "info"], reading.findings[:3]
    return sum(len(statement.lines) for statement in reading.statements)


STEPS: dict[str, Callable[[Path], int]] = {"xml": parse_xml, "csv": parse_csv, "read": read}


def measured(step: str, path: Path) -> tuple[float, int, int]:
    """(seconds, what was counted, peak megabytes) of a step in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.intake", "--step", step, str(path)]
    seconds, count, peak = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    return seconds, count, peak


def step(name: str, path: Path) -> None:
    started = time.perf_counter()
    count = STEPS[name](path)
    seconds = time.perf_counter() - started
    print(json.dumps([seconds, count, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024]))


def costs(megabytes: int, rows: int) -> Iterator[Cost]:
    with tempfile.TemporaryDirectory() as folder:
        made: dict[str, Callable[[Path], None]] = {
            "statement.xml": lambda path: camt(path, megabytes),
            "own.csv": lambda path: own_csv(path, rows),
            "bank.csv": lambda path: bank_csv(path, rows),
        }
        for name, make in made.items():
            path = Path(folder) / name
            make(path)
            bare, _count, _peak = measured("xml" if name.endswith(".xml") else "csv", path)
            seconds, lines, peak = measured("read", path)
            yield Cost(name, round(path.stat().st_size / 1e6, 1), lines, bare, seconds, peak)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--megabytes", type=int, default=100)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--step", nargs=2, metavar=("STEP", "FILE"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.step:
        step(given.step[0], Path(given.step[1]))
        return
    for cost in costs(given.megabytes, given.rows):
        if given.json:
            print(json.dumps({**asdict(cost), "ratio": cost.ratio}))
        else:
            print(
                f"{cost.file}: {cost.megabytes} MB, {cost.lines} lines; bare parse {cost.bare_seconds:.2f} s, "
                f"read {cost.read_seconds:.2f} s = {cost.ratio:.1f} x, peak {cost.read_megabytes} MB",
                flush=True,
            )


if __name__ == "__main__":
    main()
