"""The acceptance runner counts what holds, and a check that breaks is a failed one."""

from __future__ import annotations

from pathlib import Path

import pytest

from acceptance import check, suites
from acceptance.check import Check, Outcome


def _broken() -> Outcome:
    raise RuntimeError("no such file")


def test_each_check_is_one_line_and_a_broken_one_fails(capsys: pytest.CaptureFixture[str]) -> None:
    good = Check("speed", "≤ 6", lambda: Outcome(True, "3.2"))
    assert check.run([good])
    assert not check.run([good, Check("verify", "passes", _broken)])
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "[ok] speed: 3.2 (≤ 6)"
    assert "[FAILED] verify: RuntimeError: no such file (passes)" in lines
    assert lines[-1] == "1 of 2 hold"


def test_nothing_measured_is_nothing_held() -> None:
    assert not check.run([Check("speed", "≤ 6", lambda: Outcome(True, "3.2"))], wanted="sped")


def test_tests_are_tallied_by_name(tmp_path: Path) -> None:
    source = "import pytest\n\ndef test_t6_one(record_property): record_property('figure', '3 of 3')\n\n"
    source += "def test_t16_other(): assert False\n\n"
    source += "@pytest.mark.skip\ndef test_t7_later(): pass\n"
    (tmp_path / "test_some.py").write_text(source)
    tallies = suites.run_tests(str(tmp_path), "-p", "no:cacheprovider")
    assert {name: dict(tally.counts) for name, tally in tallies.items()} == {
        "test_t6_one": {"passed": 1},
        "test_t16_other": {"failed": 1},
        "test_t7_later": {"skipped": 1},
    }
    whole = suites.total(tallies).outcome()
    assert (whole.holds, whole.figure) == (False, "1 passed, 1 failed, 1 skipped")
    one = suites.total({"test_t6_one": tallies["test_t6_one"]}).outcome()
    assert (one.holds, one.parts) == (True, ("3 of 3",))


def test_what_was_measured_apart_stands_below(capsys: pytest.CaptureFixture[str]) -> None:
    check.run([Check("kills", "50", lambda: Outcome(True, "2 passed", parts=("SQLite: 50", "PostgreSQL: 50")))])
    assert capsys.readouterr().out.splitlines()[:3] == [
        "[ok] kills: 2 passed (50)",
        "    SQLite: 50",
        "    PostgreSQL: 50",
    ]
