"""Figures that tests measure: parts of the test suite, run by name, with their counts."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree

from acceptance.check import Outcome


@dataclass
class Tally:
    """Test cases by outcome ("passed", "failed", "skipped"), the names of those that failed, and what cases measured
    (`record_property("figure", …)`)."""

    counts: Counter[str] = field(default_factory=Counter)
    failed: list[str] = field(default_factory=list)
    figures: list[str] = field(default_factory=list)

    def outcome(self, least: int = 1) -> Outcome:
        """Holds when nothing failed or was skipped and at least `least` cases passed."""
        wrong = self.counts["failed"] + self.counts["skipped"]
        figure = ", ".join(
            f"{self.counts[name]} {name}" for name in ("passed", "failed", "skipped") if self.counts[name]
        )
        holds = not wrong and self.counts["passed"] >= least
        return Outcome(holds, figure or "no such test", "\n".join(self.failed), tuple(self.figures))


def run_tests(*arguments: str, **environment: str) -> dict[str, Tally]:
    """Run pytest with these arguments and variables; the tally of each test function (its name without parameters)."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        options = ["-q", "--continue-on-collection-errors", f"--junitxml={report}", "-o", "junit_family=xunit1"]
        command = [sys.executable, "-m", "pytest", *options, *arguments]
        subprocess.run(command, env=os.environ | environment, capture_output=True, check=False)
        return _tallies(report) if report.exists() else {}


def _tallies(report: Path) -> dict[str, Tally]:
    tallies: dict[str, Tally] = {}
    for case in ElementTree.parse(report).iter("testcase"):
        name = re.sub(r"\[.*", "", case.get("name", ""))
        tally = tallies.setdefault(name, Tally())
        outcome = _outcome(case)
        tally.counts[outcome] += 1
        tally.figures += [each.get("value", "") for each in case.iterfind("properties/property[@name='figure']")]
        if outcome == "failed":
            tally.failed.append(f"{case.get('classname')}::{case.get('name')}")
    return tallies


def _outcome(case: ElementTree.Element) -> str:
    for tag, outcome in (("failure", "failed"), ("error", "failed"), ("skipped", "skipped")):
        if case.find(tag) is not None:
            return outcome
    return "passed"


def total(tallies: dict[str, Tally]) -> Tally:
    whole = Tally()
    for tally in tallies.values():
        whole.counts += tally.counts
        whole.failed += tally.failed
        whole.figures += tally.figures
    return whole


def suite(*arguments: str, least: int = 1, **environment: str) -> Outcome:
    return total(run_tests(*arguments, **environment)).outcome(least)


def scenario_tests(numbers: list[int]) -> Outcome:
    """Tests named after scenarios: `test_t6_…` for T6. Each number must have one that passes."""
    words = " or ".join(f"t{number}_" for number in numbers)
    tallies = run_tests("tests", "-k", words)
    by_number = {n: _of_number(tallies, n) for n in numbers}
    bad = [f"T{n}: {tally.outcome().figure}" for n, tally in by_number.items() if not tally.outcome().holds]
    good = [f"T{n}" for n, tally in by_number.items() if tally.outcome().holds]
    return Outcome(not bad, f"{len(good)} of {len(numbers)} pass: {' '.join(good)}", "\n".join(bad))


def _of_number(tallies: dict[str, Tally], number: int) -> Tally:
    named = re.compile(rf"(?i)(^|_)t0?{number}_")
    return total({name: tally for name, tally in tallies.items() if named.search(name)})
