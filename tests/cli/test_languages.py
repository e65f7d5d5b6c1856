"""Commands speak the language of the environment, or the one that is named; values for machines stay as they are."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from recon.cli import commands, language_of_environment

RULES = """
version: 1
name: Ours
rules:
  - {key: amount, name: Same amount, kind: match, cardinality: one_to_one}
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "ours.yaml").write_text(RULES, encoding="utf-8")
    return tmp_path / "ours.yaml"


@pytest.mark.parametrize(
    ("variables", "language"),
    [
        ({"LANG": "nb_NO.UTF-8"}, "nb"),
        ({"LANG": "no_NO"}, "nb"),
        ({"LANG": "sv_SE.UTF-8", "LC_MESSAGES": "en_GB.UTF-8"}, "en"),
        ({"LANG": "en_US.UTF-8", "LC_ALL": "sv_SE"}, "sv"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
        ({"LANG": "C.UTF-8"}, "en"),
        ({}, "en"),
    ],
)
def test_the_environment_names_the_language(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], language: str
) -> None:
    for name in ("LANG", "LC_MESSAGES", "LC_ALL"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert language_of_environment() == language


@pytest.mark.parametrize(
    ("words", "variables", "said"),
    [
        (["--language", "nb"], {}, "Ours: 1 regler."),
        ([], {"LC_ALL": "sv_SE.UTF-8"}, "hur långt ifrån varandra de än är"),
        (["--language", "en"], {"LC_ALL": "sv_SE.UTF-8"}, "Ours: 1 rules."),
    ],
)
def test_findings_are_told_in_it(file: Path, words: list[str], variables: dict[str, str], said: str) -> None:
    done = CliRunner().invoke(commands, [*words, "rules", "check", str(file)], env=variables)
    assert said in done.output


def test_json_keeps_keys_and_codes(file: Path) -> None:
    done = CliRunner().invoke(commands, ["--language", "nb", "rules", "check", str(file), "--json"])
    told = json.loads(done.output)
    assert {finding["code"] for finding in told["findings"]}
    assert "beløpet" in told["findings"][0]["sentence"]


def test_one_command_does_not_speak_the_language_of_the_one_before(file: Path) -> None:
    CliRunner().invoke(commands, ["--language", "nb", "rules", "check", str(file)])
    assert "Ours: 1 rules." in CliRunner().invoke(commands, ["rules", "check", str(file)]).output
