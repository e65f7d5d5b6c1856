"""`recon rules`: check, import, export."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from recon.cli import commands
from rules.codec import load, load_file
from rules.errors import RuleErrors

RULES = """
version: 1
name: Ours
rules:
  - {key: amount, name: Same amount, kind: match, cardinality: one_to_one, date: {within: 2}}
"""


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("RECON_DATABASE_URL", f"sqlite:///{tmp_path / 'recon.sqlite3'}")
    (tmp_path / "ours.yaml").write_text(RULES, encoding="utf-8")
    return tmp_path / "ours.yaml"


def run(*words: str) -> str:
    done = CliRunner().invoke(commands, list(words))
    if done.exception is not None:
        raise done.exception
    return done.output


def test_a_sound_file_is_checked_without_a_database(file: Path) -> None:
    told = json.loads(run("rules", "check", str(file), "--json"))
    assert (told["name"], told["rules"]) == ("Ours", 1)


def test_a_file_is_checked_on_lines(file: Path) -> None:
    lines = "id,booking_date,amount,currency\n" + "".join(f"{n},2026-03-02,{n}.00,NOK\n" for n in range(1, 5))
    left, right = file.with_name("left.csv"), file.with_name("right.csv")
    left.write_text(lines)
    right.write_text(lines)
    file.write_text(RULES + RULES.splitlines()[-1].replace("amount, name: Same", "wide, name: Wide").replace("2", "3"))
    assert json.loads(run("rules", "check", str(file), "--json"))["findings"] == []
    told = json.loads(run("rules", "check", str(file), "--on", str(left), str(right), "--json"))
    assert [(finding["code"], finding["where"]) for finding in told["findings"]] == [("shadowed-on-data", "rules[1]")]
    file.write_text(RULES, encoding="utf-8")
    assert json.loads(run("rules", "check", str(file), "--on", str(left), str(right), "--json"))["findings"] == []


def test_every_fault_of_a_file_is_named_with_its_path(file: Path) -> None:
    file.write_text(RULES.replace("one_to_one", "one_to_two"), encoding="utf-8")
    with pytest.raises(RuleErrors, match=r"rules\[0\]\.cardinality"):
        run("rules", "check", str(file))


def test_an_imported_set_comes_out_the_same_and_the_same_again_makes_no_version(file: Path) -> None:
    run("db", "upgrade")
    run("user", "add", "--operator", "op")
    assert json.loads(run("rules", "import", str(file), "--json"))["version"] == 1
    assert json.loads(run("rules", "import", str(file), "--json"))["version"] == 1
    target = file.with_name("out.json")
    run("rules", "export", "Ours", str(target))
    assert load_file(target) == load_file(file) == load(run("rules", "export", "Ours"))
    file.write_text(RULES.replace("within: 2", "within: 3"), encoding="utf-8")
    assert json.loads(run("rules", "import", str(file), "--json"))["version"] == 2
