"""`recon import` of the largest files beside the bare parse and the bare insert of the same rows."""

from __future__ import annotations

import json
import subprocess
import sys
from functools import partial

from acceptance.check import Check, Outcome
from benchmarks.imports import MOST_BYTES, MOST_TIMES, Cost


def cost(kind: str) -> Outcome:
    """In a process of its own, for the benchmark names its database in the environment."""
    command = [sys.executable, "-m", "benchmarks.imports", kind, "--json"]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True)
    if not done.stdout:
        return Outcome(False, f"the benchmark ended with exit code {done.returncode}")
    found = Cost(**json.loads(done.stdout))
    return Outcome(found.holds, found.sentence())


_ASKED = f"≤ {MOST_TIMES:g} × bare parse and insert, < {MOST_BYTES / 1e6:g} MB"

CHECKS = [
    Check("import of a CSV of 1,000,000 rows", _ASKED, partial(cost, "csv")),
    Check("import of a camt.053 of 100 MB", _ASKED, partial(cost, "camt")),
]
