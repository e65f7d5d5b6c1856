"""The commands on a database, from an empty one to verified books, as a person would type them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from recon.cli import commands
from recon.cli.acting import opened
from recon.errors import Refusal
from recon.services.sources import add_source
from recon.services.users import load_actor
from tests.files import csv_file

SETUP = """
companies:
  - name: Fjord AS
    currency: NOK
    accounts: [{kind: ledger, number: 1920}, {kind: bank, number: 12345678903}]
    groups:
      - name: bank
        kind: bank
        start_on: 2025-01-01
        left: [{account: {kind: ledger, number: 1920}}]
        right: [{account: {kind: bank, number: 12345678903}}]
"""
ROWS = [("2025-01-03", "500.00", "a"), ("2025-01-04", "-20.50", "b")]


def recon(*arguments: object) -> Result:
    return CliRunner().invoke(commands, [str(argument) for argument in arguments], catch_exceptions=True)


def done(*arguments: object) -> str:
    result = recon(*arguments)
    assert result.exception is None, result.exception
    return result.stdout


def refused(*arguments: object) -> str:
    result = recon(*arguments)
    assert isinstance(result.exception, Refusal), result.exception
    return str(result.exception)


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("RECON_DATABASE_URL", f"sqlite:///{tmp_path / 'recon.sqlite3'}")
    (tmp_path / "setup.yaml").write_text(SETUP)
    (tmp_path / "bank.csv").write_bytes(csv_file(ROWS))
    (tmp_path / "ledger.csv").write_bytes(csv_file(ROWS, account="1920"))
    return tmp_path


def test_from_nothing_to_verified_books(place: Path) -> None:
    assert "no tables yet" in refused("setup", "apply", place / "setup.yaml")
    assert "up to date" not in done("db", "upgrade")
    assert "up to date" in done("db", "upgrade")
    assert "no operator account" in refused("setup", "apply", place / "setup.yaml")
    done("user", "add", "--operator")
    done("setup", "apply", place / "setup.yaml")
    assert json.loads(done("setup", "apply", place / "setup.yaml", "--json")) == {"changes": 0}
    done("user", "add", "kari", "--role", "Fjord AS:preparer")
    told = json.loads(done("import", place / "bank.csv", "--json", "--as", "kari"))
    statement = told.pop("statements")[0]
    assert (statement["account"], statement["currency"], statement["closing"]) == ("12345678903", "NOK", None)
    assert told == {
        "format": "csv",
        "entries": 2,
        "details": 0,
        "sum": "479.50",
        "new": 2,
        "known": 0,
        "findings": [],
    }
    assert "0 new, 2 already known" in done("import", place / "bank.csv")
    assert "may not" in refused("verify", "--as", "kari")
    assert "Everything holds" in done("verify")
    lines = json.loads(done("lines", "Fjord AS/bank", "--open", "--json"))
    assert [(line["amount"], line["open"], line["side"], line["reference"]) for line in lines] == [
        ("500.00", "500.00", "right", "a"),
        ("-20.50", "-20.50", "right", "b"),
    ]
    assert done("lines", "Fjord AS/bank", "--side", "left").count("\n") == 1
    assert done("matches", "Fjord AS/bank").startswith("match,side,id,allocated,rule,outcome,difference")


def test_a_dry_run_needs_neither_account_nor_database(place: Path) -> None:
    told = json.loads(done("import", place / "bank.csv", "--dry-run", "--json"))
    assert (told["new"], told["known"], told["sum"]) == (2, 0, "479.50")
    done("user", "add", "--operator")
    done("setup", "apply", place / "setup.yaml")
    done("import", place / "bank.csv")
    told = json.loads(done("import", place / "bank.csv", "--dry-run", "--json"))
    assert (told["new"], told["known"]) == (0, 2)


def test_a_folder_is_imported_file_by_file(place: Path) -> None:
    done("user", "add", "--operator")
    done("setup", "apply", place / "setup.yaml")
    folder = place / "in"
    folder.mkdir()
    for name in ("bank.csv", "ledger.csv"):
        (folder / name).write_bytes((place / name).read_bytes())
    (folder / "bad.csv").write_text("id,booking_date\n1,2\n")
    result = recon("import", folder, "--json")
    assert result.exit_code == 1
    assert "bad.csv" in result.stderr
    assert [(told["file"], told["new"]) for told in json.loads(result.stdout)] == [("bank.csv", 2), ("ledger.csv", 2)]


def test_the_account_is_named_where_the_file_does_not_say(place: Path) -> None:
    done("user", "add", "--operator")
    done("setup", "apply", place / "setup.yaml")
    nameless = place / "nameless.csv"
    nameless.write_text("id,booking_date,amount,currency\n1,2025-01-03,5.00,NOK\n")
    assert "name the account" in refused("import", nameless)
    assert "no account 1930" in refused("import", nameless, "--account", "1930")
    assert "1 new" in done("import", nameless, "--account", "1920", "--company", "Fjord AS")
    assert "1 new" in done("import", nameless, "--account", "bank:12345678903")


def test_export_backup_and_restore(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done("user", "add", "--operator")
    done("setup", "apply", place / "setup.yaml")
    done("import", place / "bank.csv")
    done("setup", "export", place / "out.yaml")
    done("db", "backup", place / "copy")
    assert "there already" in refused("db", "backup", place / "copy")
    assert "not empty" in refused("db", "restore", place / "copy")
    monkeypatch.setenv("RECON_DATABASE_URL", f"sqlite:///{place / 'second.sqlite3'}")
    done("db", "restore", place / "copy")
    assert "Everything holds" in done("verify")
    assert done("setup", "export") == (place / "out.yaml").read_text()
    monkeypatch.setenv("RECON_DATABASE_URL", f"sqlite:///{place / 'third.sqlite3'}")
    done("user", "add", "--operator")
    done("setup", "apply", place / "out.yaml")
    assert done("setup", "export") == (place / "out.yaml").read_text()


def test_a_refusal_is_one_sentence_and_exit_1(place: Path) -> None:
    command = [sys.executable, "-m", "recon", "lines", "Fjord AS/bank"]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr == "the database has no tables yet: run `recon db upgrade`\n"


def test_a_worker_reads_the_sources(place: Path) -> None:
    done("db", "upgrade")
    done("worker", "--once")  # an installation without people or books has nothing to read
    done("user", "add", "--operator")
    done("setup", "apply", place / "setup.yaml")
    inbox = place / "inbox"
    inbox.mkdir()
    file = inbox / "bank.csv"
    file.write_bytes(csv_file(ROWS))
    os.utime(file, (time.time() - 60, time.time() - 60))
    with opened() as session:
        add_source(session, load_actor(session), 1, name="inbox", kind="folder", place={"path": str(inbox)})
        session.commit()
    assert "inbox: 1 taken in, 2 new lines" in recon("worker", "--once").stderr
    assert recon("worker", "--once").stderr == ""
    assert "-20.50" in done("lines", "Fjord AS/bank", "--open", "--format", "csv")
