"""Theme `rules`: what the rules engine costs, and what the rule language's pages and findings promise."""

from __future__ import annotations

from functools import partial

from acceptance.check import Check, Outcome
from acceptance.main_job import peers
from acceptance.suites import suite
from benchmarks.agenda import MOST_FACTS, MOST_SHARE, measure, rule_set
from benchmarks.events import generate

EVENTS, RULES, TESTS = 900_000, 50, 200
"""Of so many events come a little over 1,000,000 lines a side."""


def agenda(seed: int) -> Outcome:
    events = generate(EVENTS, seed)
    found = measure(events.left, events.right, rule_set(RULES, TESTS, seed), TESTS)
    return Outcome(found.holds, found.sentence())


CHECKS = [
    Check("agenda at 1,000,000 lines", f"< {MOST_FACTS:,} facts, < {MOST_SHARE:.0%} of the run", partial(agenda, 1)),
    Check("peers' scenarios", "all that can be said pass", peers),
    Check("lint", "every finding with and without", partial(suite, "tests/rules/test_lint.py", least=100)),
    Check("operators", "every row executed", partial(suite, "tests/tooling/test_rules_page.py", least=28)),
    Check(
        "banking days", "as the central banks list them", partial(suite, "tests/rules/test_banking_days.py", least=20)
    ),
]
