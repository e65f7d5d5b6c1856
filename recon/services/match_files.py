"""Reconcile two files without a database."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from recon.intake.frames import read_side
from recon.matching.result import RunResult
from recon.matching.run import run_rules
from rules.model import RuleSet


@dataclass(frozen=True, slots=True)
class MatchedFiles:
    """Both frames of lines as read, and what the run found in them."""

    left: pd.DataFrame
    right: pd.DataFrame
    result: RunResult


def match_files(
    left: Path,
    right: Path,
    rule_set: RuleSet,
    *,
    left_account: str | None = None,
    right_account: str | None = None,
    country: str | None = None,
    progress: Callable[[str, float], None] | None = None,
) -> MatchedFiles:
    """Read `left` (ledger) and `right` (bank) in any format the readers know and run the rules over them.

    Raises `Unreadable` on a bad file, `Refusal` where banking days lack a country.
    """
    with ThreadPoolExecutor(2) as pool:  # Arrow reads outside the interpreter lock
        bank_side = pool.submit(read_side, right, account=right_account)
        ledger = read_side(left, account=left_account)
        bank = bank_side.result()
    return MatchedFiles(ledger, bank, run_rules(ledger, bank, rule_set, country=country, progress=progress))
