"""Theme `lines-in`: what the issue about files, doubles, undo and other companies' accounts asks."""

from __future__ import annotations

from functools import partial

from acceptance.check import Check
from acceptance.suites import scenario_tests, suite

SCENARIOS = [5, 8, 9, 10, 11, 12, 20, 21, 27, 29, 31]

CHECKS = [
    Check("samples of every format", "each does what its `expect` says", partial(suite, "tests/intake", least=300)),
    Check(
        "no doubles, nothing lost",
        "balances and counts as they should be",
        partial(
            suite,
            "tests/services/test_import_laws.py",
            "tests/services/test_duplicates.py",
            "tests/services/test_ledger_again.py",
            least=30,
        ),
    ),
    Check(
        "killed while importing",
        "nothing half stored, no doubles",
        partial(suite, "tests/services/test_import_killed.py"),
    ),
    Check(
        "bank connection",
        "dates, folders, SFTP, SQL; interrupted anywhere",
        partial(suite, "tests/services/test_bank_connection.py", "tests/sources", least=40),
    ),
    Check("named scenarios", "T5 T8–T12 T20 T21 T27 T29 T31 pass", partial(scenario_tests, SCENARIOS)),
]
