"""Theme `lines-in`: what the issue about files, doubles, undo and other companies' accounts asks."""

from __future__ import annotations

from functools import partial

from acceptance import import_costs
from acceptance.check import Check
from acceptance.suites import scenario_tests, suite

SCENARIOS = [5, 8, 9, 10, 11, 12, 20, 21, 27, 29, 31]

CHECKS = [
    Check(
        "samples of every format",
        "129 files: each does what its `expect` says, or is refused by name",
        partial(suite, "tests/intake/test_intake_samples.py", least=129),
    ),
    Check(
        "samples brought in",
        "every line once, nothing the second time",
        partial(suite, "tests/services/test_sample_imports.py", least=10),
    ),
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
        "damaged files",
        "10,000 a kind: no traceback, none longer than 10 s or above 500 MB; lines of 100 MB, entities, other letters",
        partial(
            suite,
            "tests/intake/test_mutated_files.py",
            least=39,
            RECON_DAMAGED="10000",
            RECON_LONG_LINE="100",
            RECON_SEED="2",
        ),
    ),
    Check(
        "readers and mapping wizard",
        "own files of every format, bank tables, proofs",
        partial(
            suite,
            "tests/intake",
            "--deselect=tests/intake/test_mutated_files.py",
            "tests/web/test_mapping_pages.py",
            least=300,
        ),
    ),
    Check("zip bombs", "refused while they are counted", partial(suite, "tests/intake/test_excel.py", least=15)),
    Check(
        "damaged imports",
        "200 a kind: each stored as it is read, or nothing of it",
        partial(suite, "tests/services/test_damaged_imports.py", least=15, RECON_DAMAGED_IMPORTS="200", RECON_SEED="2"),
    ),
    Check(
        "killed at random moments",
        "50 times on each database: nothing half stored, pick-up resumes, no doubles",
        partial(suite, "tests/services/test_killed_imports.py", least=6, RECON_KILLS="50"),
    ),
    Check(
        "bank connection",
        "dates, folders, SFTP, SQL; interrupted anywhere",
        partial(suite, "tests/services/test_bank_connection.py", "tests/sources", least=40),
    ),
    Check(
        "other companies' accounts",
        "views, filters, signs, named currency, split by filters, opened from either company",
        partial(suite, "tests/services/test_account_import.py", "tests/web/test_account_import_pages.py", least=25),
    ),
    Check(
        "lines by hand",
        "entered, out of play and back, notes, files",
        partial(suite, "tests/services/test_lines_by_hand.py", "tests/web/test_by_hand_pages.py", least=15),
    ),
    *import_costs.CHECKS,
    Check("named scenarios", "T5 T8–T12 T20 T21 T27 T29 T31 pass", partial(scenario_tests, SCENARIOS)),
]
