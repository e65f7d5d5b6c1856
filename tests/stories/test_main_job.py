"""The main job as a newcomer does it, by the command line: import, reconcile, look, approve, print, verify."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import text

from recon.cli import commands
from recon.database.session import make_engine
from recon.errors import Refusal

GROUP = "Fjord AS/1920-bank"
SETUP = """
companies:
  - name: Fjord AS
    country: NO
    currency: NOK
    accounts:
      - {kind: ledger, number: "1920", name: Bank, currency: NOK}
      - {kind: bank, number: "12345678903", name: Nordbank, currency: NOK}
    groups:
      - name: 1920-bank
        kind: bank
        start_on: 2025-01-01
        left: [{account: {kind: ledger, number: "1920"}}]
        right: [{account: {kind: bank, number: "12345678903"}}]
"""
LEDGER = """id,booking_date,amount,currency,reference,text
a,2025-01-02,100.00,NOK,R10001,Faktura Ærlig Østgård
b,2025-01-30,-40.00,NOK,R20002,Leverandør
c,2025-02-09,7.00,NOK,R30003,Åkerström
"""
BANK = """id,booking_date,amount,currency,reference,text
x,2025-01-02,100.00,NOK,R10001,Innbetaling
y,2025-02-01,-40.00,NOK,R20002,Utbetaling
z,2025-02-09,7.00,NOK,R30003,Innbetaling
w,2025-01-31,-5.50,NOK,,Gebyr
"""


class Office:
    """A newcomer at the command line, with an empty database of their own."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder = folder
        self.url = url

    def run(self, *words: str) -> Result:
        return CliRunner().invoke(commands, list(words), prog_name="recon")

    def do(self, *words: str) -> str:
        done = self.run(*words)
        assert done.exception is None, (words, done.output, done.exception)
        return done.output

    def told(self, *words: str) -> Any:
        return json.loads(self.do(*words, "--json"))

    def refused(self, *words: str) -> str:
        done = self.run(*words)
        assert isinstance(done.exception, Refusal), (words, done.output, done.exception)
        return str(done.exception)

    def file(self, name: str, content: str) -> str:
        (self.folder / name).write_text(content, encoding="utf-8")
        return str(self.folder / name)

    def tamper(self, statement: str) -> None:
        engine = make_engine(self.url)
        with engine.begin() as connection:
            connection.execute(text(statement))
        engine.dispose()


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Office:
    url = f"sqlite:///{tmp_path / 'recon.sqlite3'}"
    monkeypatch.setenv("RECON_DATABASE_URL", url)
    monkeypatch.setenv("RECON_INSTANCE", str(tmp_path))
    office = Office(tmp_path, url)
    office.do("db", "upgrade")
    office.do("user", "add", "--operator", "op")
    office.do("setup", "apply", office.file("setup.yaml", SETUP))
    office.do("import", office.file("ledger.csv", LEDGER), "--company", "Fjord AS", "--account", "1920")
    office.do("import", office.file("bank.csv", BANK), "--company", "Fjord AS", "--account", "12345678903")
    return office


@pytest.fixture
def approved(office: Office) -> Office:
    office.do("run", GROUP)
    balances = ("--statement-balance", "1920=60", "--statement-balance", "12345678903=94.50")
    office.do("approve", GROUP, "202501", *balances, "--pdf", str(office.folder / "january.pdf"))
    return office


def test_import_reconcile_approve_print_verify(office: Office) -> None:
    run = office.told("run", GROUP)
    assert (run["matches"], run["open"]["left"]["lines"], run["open"]["right"]["amount"]) == (3, 0, "-5.50")
    lines = office.told("lines", GROUP)
    assert len(lines) == 7
    figures = office.told("balances", GROUP, "--as-of", "2025-01-31")
    assert [account["calculated"] for account in figures["accounts"]] == [
        {"amount": "60.00", "date": "2025-01-31"},
        {"amount": "94.50", "date": "2025-01-31"},
    ]
    assert (figures["proof"]["holds"], figures["proof"]["left"], figures["proof"]["right"]) == (
        True,
        "100.00",
        "100.00",
    )
    assert "needs a reason" in office.refused("approve", GROUP, "202501")
    target = office.folder / "january.pdf"
    document = office.told(
        *("approve", GROUP, "202501", "--pdf", str(target)),
        *("--statement-balance", "1920=60.00", "--statement-balance", "12345678903=94.50"),
    )
    assert (document["number"], document["state"]) == ("RECON000001", "approved")
    assert hashlib.sha256(target.read_bytes()).hexdigest() == document["pdf_sha256"]
    again = office.folder / "again.pdf"
    office.do("report", "reconciliation", GROUP, "--as-of", "2025-01-31", "--out", str(again))
    assert again.read_bytes() == target.read_bytes()
    assert office.run("verify").exit_code == 0


def test_pressing_reconcile_twice_writes_nothing_the_second_time(office: Office) -> None:
    assert office.told("run", GROUP)["changed"] is True
    before = _everything(office)
    assert office.told("run", GROUP)["changed"] is False
    assert _everything(office) == before


def test_a_dry_run_writes_nothing(office: Office) -> None:
    before = _everything(office)
    assert office.told("run", GROUP, "--dry-run")["matches"] == 3
    assert _everything(office) == before


def _everything(office: Office) -> dict[str, list[Any]]:
    engine = make_engine(office.url)
    with engine.connect() as connection:
        tables = connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")).scalars()
        rows = {table: list(map(tuple, connection.execute(text(f'SELECT * FROM "{table}"')))) for table in tables}
    engine.dispose()
    return rows


def test_matched_and_open_are_all_lines_each_once(office: Office) -> None:
    office.do("run", GROUP)
    lines = {line["id"] for line in office.told("lines", GROUP)}
    opened = [line["id"] for line in office.told("lines", GROUP, "--open")]
    matched = [line["id"] for line in office.told("lines", GROUP, "--matched")]
    assert sorted([*opened, *matched]) == sorted(lines)


def test_every_line_answers_why(office: Office) -> None:
    office.do("run", GROUP)
    for line in office.told("lines", GROUP):
        answer = office.told("why", GROUP, line["id"])
        assert answer["matches"] or answer["nearest"] or answer["state"] == "open"


def test_withdraw_and_void_want_a_reason_and_the_numbers_go_on(approved: Office) -> None:
    assert approved.run("withdraw", GROUP, "202501").exit_code == 2
    told = approved.told("withdraw", GROUP, "202501", "--reason", "a line was missing")
    assert (told["number"], told["state"]) == ("RECON000001", "balanced")
    assert approved.told("approve", GROUP, "202501")["number"] == "RECON000002"
    assert approved.told("void", GROUP, "202501", "--reason", "wrong month")["state"] == "void"
    assert approved.run("verify").exit_code == 0


def test_a_preparer_may_not_approve_and_is_told_so(office: Office) -> None:
    office.do("user", "add", "kari", "--role", "Fjord AS:preparer")
    office.do("run", GROUP, "--as", "kari")
    assert "may not approve" in office.refused("approve", GROUP, "202501", "--reason", "x", "--as", "kari")


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        ("UPDATE line SET amount_minor = amount_minor + 1 WHERE id = 2", "line 2"),
        ("UPDATE allocation SET amount_minor = amount_minor + 1 WHERE id = 1", "match 1"),
        ("UPDATE group_line SET open_minor = 0, is_open = 0 WHERE line_id = 7", "line 7"),
        ("UPDATE sealed_pdf SET content = x'00'", "sealed pdf 1"),
        ("UPDATE document SET number = 'RECON000009'", "document 1"),
        ("UPDATE document_line SET amount_minor = 1", "document 1"),
        ("DROP TRIGGER event_no_update; UPDATE event SET verb = 'x' WHERE id = 3", "event 3"),
    ],
)
def test_verify_names_the_row_that_was_tampered_with(approved: Office, statement: str, named: str) -> None:
    for part in statement.split("; "):
        approved.tamper(part)
    done = approved.run("verify")
    assert done.exit_code == 1
    assert named in done.output
