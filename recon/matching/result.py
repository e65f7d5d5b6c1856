"""What a run found, as frames."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field

import pandas as pd

from rules.errors import Finding

POSTING_COLUMNS = {
    "rule": "object",
    "side": "object",
    "row": "int64",
    "amount": "int64",
    "entry_type": "object",
    "outcome": "object",
    "marked": "bool",
}


def no_postings() -> pd.DataFrame:
    return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in POSTING_COLUMNS.items()})


@dataclass(frozen=True, slots=True)
class RunResult:
    """Matches of a run. Rows are positions in the frames that were given; money is in minor units.

    `matches`: match (0…), rule, outcome ("confirmed"|"suggested"), difference (Σ right − Σ left), days_apart (<NA>
    where a
    date is missing), alternatives, entry_type (None unless the difference is treated), keep_open, marked (a person
    had refused
    these lines under another rule).  `members`: match, side, row, allocated.  `choices`: choice, candidate, rule,
    side, row:
    what nothing separates, for a person to choose.  `excluded`: rule, side, row.  `postings`: rule, side, row, amount
    (what the ledger lacks), entry_type, outcome, marked.  `facts`: facts handed to the
    rules engine.
    """

    matches: pd.DataFrame
    members: pd.DataFrame
    choices: pd.DataFrame
    excluded: pd.DataFrame
    findings: list[Finding] = field(default_factory=list)
    facts: int = 0
    passes: int = 0
    postings: pd.DataFrame = field(default_factory=no_postings)


def set_hash(ids: Iterable[str]) -> str:
    """Identity of an exact set of lines: SHA-256 of their ids in order."""
    return hashlib.sha256("\n".join(sorted(ids)).encode()).hexdigest()
