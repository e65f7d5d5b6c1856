"""Reconcile two files without a database."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from recon.intake.detect import read_file
from rules.model import RuleSet

if TYPE_CHECKING:
    import pandas as pd

    from recon.matching.result import RunResult


@dataclass(frozen=True, slots=True)
class MatchedFiles:
    """Both frames of lines as read, and what the run found in them."""

    left: pd.DataFrame
    right: pd.DataFrame
    result: RunResult


def match_files(
    left: Path,
    right: Path,
    rules: Callable[[], RuleSet],
    *,
    left_account: str | None = None,
    right_account: str | None = None,
    country: str | None = None,
    progress: Callable[[str, float], None] | None = None,
) -> MatchedFiles:
    """Read `left` (ledger) and `right` (bank) in any format the readers know and run the rules over them.

    Raises `Unreadable` on a bad file, `RuleErrors` on bad rules, `Refusal` where banking days lack a country.
    """
    with ThreadPoolExecutor(2) as pool:  # Arrow reads outside the interpreter lock, so meanwhile the rest is loaded
        ledger_file, bank_file = (pool.submit(read_file, path, digest=False) for path in (left, right))
        from recon.intake.frames import side_frame
        from recon.matching.run import run_rules

        rule_set = rules()
        ledger = side_frame(ledger_file.result(), left.name, account=left_account)
        bank = side_frame(bank_file.result(), right.name, account=right_account)
    return MatchedFiles(ledger, bank, run_rules(ledger, bank, rule_set, country=country, progress=progress))
