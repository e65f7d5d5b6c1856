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
