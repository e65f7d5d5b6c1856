"""Synthetic reconciliation events with their truth: what a ledger and a bank wrote, and which lines belong together.

    python -m benchmarks.events --events 20000 --seed 7 --profile messy --share twins=0.1 --out DIR

writes `left.csv` (ledger) and `right.csv` (bank) as `recon match` reads them, and `truth.csv` (event_id, side, id,
kind).
An event is one true group: lines that belong together, or a single line that belongs to nothing. Shares are by event.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv as pc

from benchmarks.kinds import KINDS as USUAL_KINDS
from benchmarks.other_kinds import OTHER_KINDS
from benchmarks.world import Habits, World
from rules.fields import LINE_FIELDS, storage

KINDS = USUAL_KINDS | OTHER_KINDS
SHARES: dict[str, float] = {
    "clean": 0.40, "reference_missing": 0.06, "reference_in_text": 0.10, "reference_mistyped": 0.05, "fee_netted": 0.04,
    "batch_left": 0.04, "batch_right": 0.03, "keyless_batch": 0.02, "instalments": 0.03, "many_to_many": 0.02,
    "reversal": 0.03, "twins": 0.02, "unequal_twins": 0.002, "recurring": 0.05, "weekend_lag": 0.03,
    "name_and_amount": 0.03, "bank_only": 0.03, "ledger_only": 0.033, "corrected": 0.005,
}  # fmt: skip


@dataclass(frozen=True)
class Profile:
    habits: Habits
    shares: dict[str, float]


_PLAIN = Habits(dialect="plain")
PROFILES: dict[str, Profile] = {
    "standard": Profile(Habits(), {}),
    "plain": Profile(_PLAIN, {}),
    "clean": Profile(Habits(dialect="erp"), {"clean": 0.75}),
    "messy": Profile(
        Habits(bank_name=0.6, chatter=0.5, lags=(0.05, 0.1, 0.35, 0.25, 0.15, 0.10)),
        {"clean": 0.15, "reference_in_text": 0.20, "reference_mistyped": 0.12, "reference_missing": 0.12},
    ),
    "batchy": Profile(
        Habits(dialect="erp"),
        {"batch_left": 0.15, "batch_right": 0.12, "keyless_batch": 0.05, "instalments": 0.08, "many_to_many": 0.06},
    ),
    "no-reference": Profile(
        replace(_PLAIN, bank_name=0.9),
        {"clean": 0.15, "reference_missing": 0.20, "name_and_amount": 0.20, "weekend_lag": 0.08},
    ),
    "dense": Profile(Habits(days=30), {}),
    "round": Profile(Habits(round_amounts=0.9), {}),
    "anonymous": Profile(replace(_PLAIN, bank_name=0.1, ledger_name=0.3, bank_account=0.1), {}),
    "other-mind": Profile(Habits(dialect="erp", days=180), {"clean": 0.25} | dict.fromkeys(OTHER_KINDS, 0.04)),
    "keyless": Profile(Habits(bank_name=0.4, lags=(0, 0, 0.7, 0.2, 0.1, 0)), {"keyless_batch": 0.08}),
    "recurring": Profile(Habits(round_amounts=0.6), {"recurring": 0.30, "twins": 0.06, "unequal_twins": 0.01}),
}


@dataclass(frozen=True)
class Events:
    """`left`, `right`: frames of lines (see `rules.fields`); `truth`: event_id, side, id, kind, one row a line."""

    left: pd.DataFrame
    right: pd.DataFrame
    truth: pd.DataFrame


def generate(events: int, seed: int, shares: dict[str, float] | None = None, profile: str = "standard") -> Events:
    """`events` true groups, singles included. `shares` replace those of the profile; all are scaled to add up to 1."""
    chosen = PROFILES[profile]
    weights = SHARES | chosen.shares | (shares or {})
    world = World(events, seed, chosen.habits)
    for kind, count in _counts(events, weights).items():
        if count:
            KINDS[kind](world, count)
    offsets = np.random.default_rng(seed + 1)
    sides = {side: _side(chunks, side, offsets) for side, chunks in world.chunks.items()}
    truth = pd.concat([_truth(frame, side) for side, frame in sides.items()], ignore_index=True)
    return Events(_lines(sides["left"]), _lines(sides["right"]), truth)


def _counts(events: int, weights: dict[str, float]) -> dict[str, int]:
    unknown = set(weights) - set(KINDS)
    if unknown:
        raise ValueError(f"There is no kind of event named {', '.join(sorted(unknown))}; there are {', '.join(KINDS)}.")
    total = sum(weights.values())
    ends = np.round(np.cumsum([weights[k] for k in KINDS if k in weights]) / total * events).astype(int)
    kinds = [k for k in KINDS if k in weights]
    return dict(zip(kinds, np.diff(ends, prepend=0).tolist(), strict=True))


def _side(chunks: list[pd.DataFrame], side: str, rng: np.random.Generator) -> pd.DataFrame:
    """All lines of a side in random order, with ids that say nothing about it."""
    frame = pd.concat(chunks, ignore_index=True)
    order = rng.permutation(len(frame))
    frame = frame.take(order).reset_index(drop=True)
    scattered = (np.arange(len(frame), dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)) ^ np.uint64(
        rng.integers(2**62)
    )
    frame["id"] = [f"{side[0]}{number:016x}" for number in rng.permutation(scattered).tolist()]
    return frame


def _truth(frame: pd.DataFrame, side: str) -> pd.DataFrame:
    return pd.DataFrame({"event_id": frame["event"], "side": side, "id": frame["id"], "kind": frame["kind"]})


def _lines(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame of lines: canonical columns and storage; text nobody wrote is missing."""
    columns: dict[str, pd.Series] = {"id": pd.Series(frame["id"], dtype=storage(LINE_FIELDS["text"].type))}
    for name, source in (("booking_date", "day"), ("value_date", "value_day")):
        if source in frame:
            columns[name] = pd.Series(pd.arrays.ArrowExtensionArray(_dates(frame[source])))
    columns["amount"] = pd.Series(frame["minor"].to_numpy(np.int64), dtype=storage(LINE_FIELDS["amount"].type))
    for name in LINE_FIELDS:
        if name in frame:
            texts = frame[name].to_numpy(object)
            columns[name] = pd.Series(pd.arrays.ArrowExtensionArray(_texts(texts)))
    return pd.DataFrame(columns)


def _dates(days: pd.Series) -> pa.ChunkedArray:
    return pa.chunked_array([pa.array(days.to_numpy(np.int32), pa.int32()).cast(pa.date32())])


def _texts(texts: np.ndarray) -> pa.ChunkedArray:
    clean = [t if isinstance(t, str) and t else None for t in texts.tolist()]
    return pa.chunked_array([pa.array(clean, pa.string())])


def write_lines(frame: pd.DataFrame, path: Path) -> None:
    """A frame of lines as the CSV of `recon match`: dot decimals, ISO dates, an empty cell for what is missing."""
    out = frame.assign(amount=[decimal_text(a) for a in frame["amount"].to_numpy(np.int64).tolist()])
    _write_csv(out, path)


def _write_csv(frame: pd.DataFrame, path: Path) -> None:
    table = pa.Table.from_pandas(frame, preserve_index=False)
    pc.write_csv(table, path, pc.WriteOptions(quoting_style="needed"))


def decimal_text(minor: int) -> str:
    whole, cents = divmod(abs(minor), 100)
    return f"{'-' if minor < 0 else ''}{whole}.{cents:02d}"


def write(events: Events, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    write_lines(events.left, folder / "left.csv")
    write_lines(events.right, folder / "right.csv")
    _write_csv(events.truth, folder / "truth.csv")


def _share(text: str) -> tuple[str, float]:
    kind, _, value = text.partition("=")
    return kind, float(value)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.events", description=__doc__.splitlines()[0])
    parser.add_argument("--events", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--profile", choices=PROFILES, default="standard")
    parser.add_argument(
        "--share", type=_share, nargs="*", default=[], metavar="KIND=SHARE", help=f"kinds: {', '.join(KINDS)}"
    )
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    made = generate(args.events, args.seed, dict(args.share), args.profile)
    write(made, args.out)
    print(f"{len(made.left):,} ledger lines, {len(made.right):,} bank lines, {args.events:,} events in {args.out}")


if __name__ == "__main__":
    main()
