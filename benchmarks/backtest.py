"""A backtest of an approved year beside one `recon match` of the same lines, as whole processes.

    python -m benchmarks.backtest [--events 111000] [--runs 3] [--seed 1] [--json]

Some 100,000 lines a side are imported into a new database, reconciled and approved as one year; then both commands read
the same lines with the same rules. Prints the median time of each and the ratio, beside what issue 3 asks.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

import pandas as pd
from sqlalchemy import func, select

from benchmarks.events import generate, write_lines
from benchmarks.match import run
from recon.database.models import AccountGroup, Document, Event
from recon.database.session import make_engine, session_factory
from rules.codec import dump_yaml
from rules.standard import load

MOST_RATIO = 2.0
FIRST, LAST = date(2025, 1, 1), date(2025, 12, 31)
GROUP = "Bench AS/year"
_SETUP = """
companies:
  - name: Bench AS
    currency: NOK
    accounts: [{kind: ledger, number: 1920}, {kind: bank, number: 12345678903}]
    groups:
      - name: year
        kind: bank
        start_on: 2025-01-01
        left: [{account: {kind: ledger, number: 1920}}]
        right: [{account: {kind: bank, number: 12345678903}}]
"""


@dataclass(frozen=True)
class Comparison:
    """`lines` of the pool, `groups` of the backtest by kind, median seconds of whole processes."""

    lines: int
    groups: dict[str, int]
    backtest_seconds: float
    match_seconds: float
    ratio: float
    processor_ratio: float
    peak_bytes: int

    @property
    def holds(self) -> bool:
        return self.ratio <= MOST_RATIO

    def sentence(self) -> str:
        times = f"backtest {self.backtest_seconds:.2f} s, recon match {self.match_seconds:.2f} s"
        found = ", ".join(f"{number:,} {kind}" for kind, number in self.groups.items())
        ratio = f"ratio {self.ratio:.2f} (asked at most {MOST_RATIO:g}; {self.processor_ratio:.2f} in processor time)"
        return f"{self.lines:,} lines ({found}): {times}, {ratio}"


def compare(events: int, runs: int, seed: int) -> Comparison:
    """Prepare the year, then both commands in turn, `runs` times each."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        os.environ["RECON_DATABASE_URL"] = f"sqlite:///{place / 'recon.sqlite3'}"
        files = prepare(place, events, seed)
        rules = place / "standard.yaml"
        matching = _recon("match", *map(str, files), "--rules", str(rules), "--json")
        testing = _recon("rules", "backtest", GROUP, str(rules), "--json", "--most", "0")
        tested, matched = [], []
        for _ in range(runs):
            matched.append(run(matching))
            tested.append(run(testing))
        told = json.loads(subprocess.run(testing, check=True, capture_output=True, text=True).stdout)
    seconds, least = (statistics.median(each.seconds for each in side) for side in (tested, matched))
    busy, idle = (statistics.median(each.processor for each in side) for side in (tested, matched))
    kinds = {row["kind"]: row["groups"] for row in told["kinds"]}
    peak = max(each.peak_bytes for each in tested)
    return Comparison(told["lines"], kinds, seconds, least, seconds / least, busy / idle, peak)


def prepare(place: Path, events: int, seed: int) -> tuple[Path, Path]:
    """A database with the year imported, reconciled and approved; the two files that hold the same lines."""
    made = generate(events, seed)
    files = place / "left.csv", place / "right.csv"
    for frame, file in zip((made.left, made.right), files, strict=True):
        write_lines(of_the_year(frame), file)
    (place / "setup.yaml").write_text(_SETUP, encoding="utf-8")
    (place / "standard.yaml").write_text(dump_yaml(load("standard")), encoding="utf-8")
    for step in (
        ("db", "upgrade"),
        ("user", "add", "--operator", "bench"),
        ("setup", "apply", str(place / "setup.yaml")),
        ("rules", "import", str(place / "standard.yaml"), "--company", "Bench AS"),
        ("import", str(files[0]), "--account", "1920", "--company", "Bench AS"),
        ("import", str(files[1]), "--account", "12345678903", "--company", "Bench AS"),
        ("run", GROUP),
    ):
        subprocess.run(_recon(*step), check=True, stdout=subprocess.DEVNULL)
    _approve()
    return files


def of_the_year(frame: pd.DataFrame) -> pd.DataFrame:
    """Lines in the group's currency and the approved year."""
    days = frame["booking_date"]
    return frame[(frame["currency"] == "NOK") & (days >= FIRST) & (days <= LAST)].reset_index(drop=True)


def _approve() -> None:
    """The document of the year without its PDF, whose thousands of pages are not what is measured."""
    engine = make_engine(os.environ["RECON_DATABASE_URL"])
    with session_factory(engine).begin() as session:
        group = session.scalars(select(AccountGroup)).one()
        session.add(
            Document(
                company_id=group.company_id,
                group_id=group.id,
                from_on=FIRST,
                to_on=LAST,
                state="approved",
                number="BENCH000001",
                figures={},
                event_id=session.scalar(select(func.max(Event.id))),
            )
        )
    engine.dispose()


def _recon(*words: str) -> list[str]:
    return [sys.executable, "-m", "recon", *words]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.backtest", description=__doc__.splitlines()[0])
    parser.add_argument("--events", type=int, default=111_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    found = compare(args.events, args.runs, args.seed)
    print(json.dumps(asdict(found)) if args.json else found.sentence())
    sys.exit(0 if found.holds else 1)


if __name__ == "__main__":
    main()
