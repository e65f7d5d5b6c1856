"""`recon match` on 500,000 events beside its DuckDB floor."""

from __future__ import annotations

import tempfile
from pathlib import Path

from acceptance.check import Check, Outcome
from benchmarks.events import generate, write
from benchmarks.match import MOST_BYTES, MOST_RATIO, compare


def speed() -> Outcome:
    with tempfile.TemporaryDirectory() as made:
        write(generate(500_000, 1), Path(made))
        found = compare(Path(made), runs=3)
    return Outcome(found.holds, found.sentence())


CHECKS = [Check("speed at 500,000 events", f"≤ {MOST_RATIO:g} × the floor, < {MOST_BYTES / 1e9:g} GB", speed)]
