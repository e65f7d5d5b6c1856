"""How good a reconciliation is against the truth of `benchmarks.events`.

    python -m benchmarks.score DIR matches.csv [--samples 20]

A match is *right* when its lines are exactly those of one true group. Lines of a side that agree in every field of
`TWIN_FIELDS` are interchangeable. A true group of two lines or more is *confirmed* when one confirmed match is right
for it, and *found* when one match is, suggestions included.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

TWIN_FIELDS = (
    "booking_date", "value_date", "amount", "currency", "reference", "counterparty", "counterparty_account", "text",
    "transaction_code",
)  # fmt: skip
MATCH_COLUMNS = ["match_id", "side", "id", "rule", "outcome"]


@dataclass(frozen=True)
class Score:
    """Shares are percent. `kinds` has one row a kind, `rules` one row a rule, `wrong` one row a wrong match."""

    groups: int
    confirmed: int
    confirmed_right: float
    groups_confirmed: float
    groups_found: float
    suggested: int
    suggested_right: float
    kinds: pd.DataFrame
    rules: pd.DataFrame
    wrong: pd.DataFrame

    def summary(self) -> str:
        return (
            f"{self.groups:,} true groups, {self.confirmed:,} confirmed matches: {self.confirmed_right:.3f} % right, "
            f"{self.groups_confirmed:.2f} % of the groups confirmed, {self.groups_found:.2f} % found; "
            f"{self.suggested:,} suggestions: {self.suggested_right:.1f} % right"
        )


def score(left: pd.DataFrame, right: pd.DataFrame, truth: pd.DataFrame, matches: pd.DataFrame) -> Score:
    """`left` and `right` hold `id` and the twin fields, `truth` event_id, side, id, kind; `matches` the lines of the
    matches: match_id, side, id, rule, outcome. Rows of `matches` that are no line (adjustments) are left out."""
    lines = truth.merge(_twin_codes(left, right), on=["side", "id"], validate="one_to_one")
    groups = _signed(lines, "event_id", ["kind"])
    groups = groups[groups["lines"] > 1]
    taken = matches.loc[matches["outcome"].isin(["confirmed", "suggested"]), MATCH_COLUMNS]
    members = taken.merge(lines[["side", "id", "code", "kind"]], on=["side", "id"])
    made = _signed(members, "match_id", ["rule", "outcome", "kind"]).sort_values("outcome", kind="stable")
    made["turn"] = made.groupby("signature").cumcount()
    groups["turn"] = groups.groupby("signature").cumcount()
    made = made.merge(groups[["signature", "turn", "event_id"]], on=["signature", "turn"], how="left")
    made["right"] = made["event_id"].notna()
    groups = groups.merge(made.loc[made["right"], ["event_id", "outcome"]], on="event_id", how="left")
    return _score(groups, made)


def _score(groups: pd.DataFrame, made: pd.DataFrame) -> Score:
    confirmed, suggested = (made[made["outcome"] == outcome] for outcome in ("confirmed", "suggested"))
    return Score(
        groups=len(groups),
        confirmed=len(confirmed),
        confirmed_right=_percent(confirmed["right"]),
        groups_confirmed=_percent(groups["outcome"] == "confirmed"),
        groups_found=_percent(groups["outcome"].notna()),
        suggested=len(suggested),
        suggested_right=_percent(suggested["right"]),
        kinds=_by_kind(groups, made),
        rules=_by_rule(made),
        wrong=made.loc[~made["right"], ["match_id", "rule", "outcome"]],
    )


def _twin_codes(left: pd.DataFrame, right: pd.DataFrame) -> pd.DataFrame:
    """One random 64-bit code for each set of interchangeable lines, so that sums of codes tell groups apart."""
    both = pd.concat([left.assign(side="left"), right.assign(side="right")], ignore_index=True)
    keys = ["side", *(name for name in TWIN_FIELDS if name in both)]
    number = both.groupby(keys, dropna=False, sort=False).ngroup().to_numpy(np.int64)
    codes = np.random.default_rng(20_231).integers(1, 2**63, int(number.max()) + 1, dtype=np.int64)
    return pd.DataFrame({"side": both["side"], "id": both["id"].astype(object), "code": codes[number]})


def _signed(lines: pd.DataFrame, key: str, first: list[str]) -> pd.DataFrame:
    """One row a group: the sum of its codes (modulo 2**64), its number of lines, and the first of each other column."""
    grouped = lines.groupby(key, sort=True)
    columns = {"signature": ("code", "sum"), "lines": ("code", "size"), **{name: (name, "first") for name in first}}
    return grouped.agg(**columns).reset_index()


def _percent(flags: pd.Series) -> float:
    return 100.0 * float(flags.mean()) if len(flags) else 100.0


def _by_kind(groups: pd.DataFrame, made: pd.DataFrame) -> pd.DataFrame:
    """Recall by the kind of the true group; wrong matches by the kind of their first line."""
    by = groups["kind"]
    table = pd.DataFrame(
        {
            "groups": groups.groupby(by).size(),
            "confirmed %": (groups["outcome"] == "confirmed").groupby(by).mean() * 100,
            "found %": groups["outcome"].notna().groupby(by).mean() * 100,
        }
    )
    wrong = made[~made["right"]]
    for outcome in ("confirmed", "suggested"):
        table[f"wrong {outcome}"] = wrong[wrong["outcome"] == outcome].groupby("kind").size()
    return table.fillna(0).round(2)


def _by_rule(made: pd.DataFrame) -> pd.DataFrame:
    grouped = made.groupby(["outcome", "rule"])["right"]
    table = pd.DataFrame({"matches": grouped.size(), "wrong": grouped.size() - grouped.sum()})
    return table.sort_values("matches", ascending=False)


def read_folder(folder: Path) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    left, right, truth = (_read(folder / f"{name}.csv") for name in ("left", "right", "truth"))
    return left, right, truth


def _read(path: Path) -> pd.DataFrame:
    return pd.read_csv(path, dtype=str, keep_default_na=False)


def wrong_samples(found: Score, folder: Path, matches: pd.DataFrame, count: int) -> str:
    """The lines of the first wrong matches, confirmed ones first, with the kind and event of each line."""
    left, right, truth = read_folder(folder)
    lines = pd.concat([left.assign(side="left"), right.assign(side="right")]).merge(truth, on=["side", "id"])
    shown = [c for c in ("side", "event_id", "kind", *TWIN_FIELDS, "kid", "archive_reference") if c in lines]
    out = []
    for row in found.wrong.head(count).itertuples():
        of_match = matches.loc[matches["match_id"] == row.match_id, ["side", "id"]].merge(lines, on=["side", "id"])
        out.append(f"{row.match_id} by {row.rule} ({row.outcome})\n{of_match[shown].to_string(index=False)}")
    return "\n\n".join(out)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.score", description="How good a reconciliation is.")
    parser.add_argument("folder", type=Path, help="folder of benchmarks.events: left.csv, right.csv, truth.csv")
    parser.add_argument("matches", type=Path, help="what `recon match` wrote")
    parser.add_argument("--samples", type=int, default=10, help="how many wrong matches to show line by line")
    args = parser.parse_args()
    matches = _read(args.matches)
    found = score(*read_folder(args.folder), matches)
    print(found.kinds.to_string(), found.rules.to_string(), sep="\n\n")
    print("\n" + wrong_samples(found, args.folder, matches, args.samples) + "\n")
    print(found.summary())


if __name__ == "__main__":
    main()
