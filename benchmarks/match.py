"""`recon match` beside its floor, in one run, as whole processes on the same files.

    python -m benchmarks.match --events 500000 [--runs 3] [--seed 1] [--profile standard] [--data DIR] [--json]

Prints the median time of each, the ratio, and the peak memory of `recon match`, beside what issue "The main job" asks.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.events import PROFILES, generate, write

MOST_RATIO = 6.0
MOST_BYTES = 3 * 10**9


@dataclass(frozen=True)
class Run:
    """One whole process: seconds of wall clock and of processor, peak resident memory in bytes."""

    seconds: float
    processor: float
    peak_bytes: int


@dataclass(frozen=True)
class Comparison:
    lines: int
    recon_seconds: float
    floor_seconds: float
    ratio: float
    processor_ratio: float
    peak_bytes: int

    @property
    def holds(self) -> bool:
        return self.ratio <= MOST_RATIO and self.peak_bytes < MOST_BYTES

    def sentence(self) -> str:
        times = f"recon match {self.recon_seconds:.2f} s, DuckDB floor {self.floor_seconds:.2f} s"
        ratio = f"ratio {self.ratio:.2f} (asked at most {MOST_RATIO:g}; {self.processor_ratio:.2f} in processor time)"
        memory = f"peak {self.peak_bytes / 1e9:.2f} GB (asked below {MOST_BYTES / 1e9:g})"
        return f"{self.lines:,} lines: {times}, {ratio}, {memory}"


class ProcessFailed(RuntimeError):
    """The measured command did not end well; its exit code is in the sentence."""


def run(command: list[str]) -> Run:
    """Time `command` from start to end; its output is thrown away, its errors are not.

    Python keeps its compiled modules, as it does wherever it is not told otherwise.
    """
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    null = os.open(os.devnull, os.O_WRONLY)
    started = time.perf_counter()
    child = os.posix_spawn(command[0], command, environment, file_actions=[(os.POSIX_SPAWN_DUP2, null, 1)])
    _, status, usage = os.wait4(child, 0)
    seconds = time.perf_counter() - started
    os.close(null)
    code = os.waitstatus_to_exitcode(status)
    if code:
        raise ProcessFailed(f"{' '.join(command)} ended with exit code {code}")
    unit = 1 if sys.platform == "darwin" else 1024
    return Run(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * unit)


def recon_match(folder: Path, out: Path, *options: str) -> list[str]:
    files = [str(folder / "left.csv"), str(folder / "right.csv")]
    return [sys.executable, "-m", "recon", "match", *files, "--rules", "standard", "--out", str(out), *options]


def floor(folder: Path, out: Path) -> list[str]:
    files = [str(folder / "left.csv"), str(folder / "right.csv")]
    return [sys.executable, "-m", "benchmarks.floor_match", *files, str(out)]


def compare(folder: Path, runs: int) -> Comparison:
    """Floor and `recon match` in turn, `runs` times each, on the files in `folder`: median time, largest memory."""
    ours, floors = [], []
    with tempfile.TemporaryDirectory() as scratch:
        out = Path(scratch)
        for _ in range(runs):
            floors.append(run(floor(folder, out / "pairs.csv")))
            ours.append(run(recon_match(folder, out / "matches.csv")))
    seconds, least = (statistics.median(r.seconds for r in side) for side in (ours, floors))
    busy, idle = (statistics.median(r.processor for r in side) for side in (ours, floors))
    return Comparison(_lines(folder), seconds, least, seconds / least, busy / idle, max(r.peak_bytes for r in ours))


def _lines(folder: Path) -> int:
    return sum((folder / name).read_bytes().count(b"\n") - 1 for name in ("left.csv", "right.csv"))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.match", description="recon match beside its floor.")
    parser.add_argument("--events", type=int, default=500_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--profile", choices=PROFILES, default="standard")
    parser.add_argument("--data", type=Path, help="a folder with left.csv and right.csv, instead of made-up events")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as made:
        folder = args.data or Path(made)
        if args.data is None:
            write(generate(args.events, args.seed, profile=args.profile), folder)
        found = compare(folder, args.runs)
    print(json.dumps(asdict(found)) if args.json else found.sentence())
    sys.exit(0 if found.holds else 1)


if __name__ == "__main__":
    main()
