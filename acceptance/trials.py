"""Theme `rules`, trying rules out: a backtest of a year, preview and backtest, suggestions from people's work."""

from __future__ import annotations

from functools import partial

from acceptance.check import Check, Outcome
from acceptance.suites import suite
from benchmarks.backtest import MOST_RATIO, compare


def backtest_of_a_year() -> Outcome:
    found = compare(events=111_000, runs=3, seed=1)
    return Outcome(found.holds, found.sentence())


CHECKS = [
    Check("backtest of 100,000 lines a side", f"≤ {MOST_RATIO:g} × one `recon match`", backtest_of_a_year),
    Check(
        "preview and backtest",
        "same, new, lost, changed; nothing written",
        partial(
            suite,
            "tests/matching/test_compare.py",
            "tests/services/test_preview_rules.py",
            "tests/services/test_backtest_rules.py",
            "tests/services/test_backtest_report.py",
            "tests/cli/test_trials.py",
            "tests/web/test_rule_trials.py",
            least=40,
        ),
    ),
    Check(
        "suggestions from people's work",
        "with evidence and figures, a draft by one click",
        partial(
            suite,
            "tests/matching/test_learn.py",
            "tests/services/test_suggest_rules.py",
            "tests/web/test_rule_suggestions.py",
            least=20,
        ),
    ),
]
