"""The floor joins as it says, and whole processes are measured, failing ones named."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from benchmarks.match import Comparison, ProcessFailed, floor, run

HEADER = "id,booking_date,amount,currency,reference\n"


def test_floor_joins_once_on_reference_and_once_on_date(tmp_path: Path) -> None:
    (tmp_path / "left.csv").write_text(HEADER + "a,2025-01-02,1.00,NOK,R1\nb,2025-01-03,2.00,NOK,\n")
    (tmp_path / "right.csv").write_text(HEADER + "x,2025-01-09,1.00,NOK,R1\ny,2025-01-03,2.00,NOK,R2\n")
    measured = run(floor(tmp_path, tmp_path / "pairs.csv"))
    pairs = sorted((tmp_path / "pairs.csv").read_text().splitlines()[1:])
    assert pairs == ["a,x,1", "b,y,2"]
    assert 0 < measured.processor < 10 * measured.seconds
    assert measured.peak_bytes > 1_000_000


def test_a_failing_process_is_named() -> None:
    with pytest.raises(ProcessFailed, match="exit code 3"):
        run([sys.executable, "-c", "raise SystemExit(3)"])


@pytest.mark.parametrize(("ratio", "peak", "holds"), [(6.0, 1, True), (6.01, 1, False), (1.0, 3 * 10**9, False)])
def test_what_is_asked(ratio: float, peak: int, holds: bool) -> None:
    assert Comparison(1, ratio, 1.0, ratio, ratio, peak).holds is holds
