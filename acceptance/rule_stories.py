"""What a person does with rules, in a real browser, and the scenarios named after the seeds."""

from __future__ import annotations

from functools import partial

from acceptance.check import Check
from acceptance.suites import scenario_tests, suite

CHECKS = [
    Check(
        "rule editor in a real browser",
        "a rule built without syntax, previewed, backtested, put in force by another, run",
        partial(suite, "tests/browser/test_rule_editor.py"),
    ),
    Check("named scenarios of rules", "T16 T26 pass", partial(scenario_tests, [16, 26])),
]
