"""The synthetic events keep what they promise: their truth adds up, a seed fixes them, shares are shares."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from benchmarks import events
from benchmarks.events import KINDS
from benchmarks.score import TWIN_FIELDS

SINGLES = {"bank_only", "ledger_only"}


def _truth_with_amounts(made: events.Events) -> pd.DataFrame:
    lines = pd.concat([made.left[["id", "amount", "currency"]], made.right[["id", "amount", "currency"]]])
    return made.truth.merge(lines, on="id", validate="one_to_one").astype({"amount": "int64"})


@pytest.mark.parametrize("profile", events.PROFILES)
def test_every_true_group_sums_to_zero_but_for_fees(profile: str) -> None:
    truth = _truth_with_amounts(events.generate(1500, 3, profile=profile))
    truth["signed"] = truth["amount"].where(truth["side"] == "right", -truth["amount"])
    groups = truth.groupby("event_id").agg(
        kind=("kind", "first"), kinds=("kind", "nunique"), total=("signed", "sum"), lines=("id", "size"),
        currencies=("currency", "nunique"),
    )  # fmt: skip
    assert (groups["kinds"] == 1).all()
    assert (groups["currencies"] == 1).all()
    whole = groups[groups["lines"] > 1]
    assert (whole[whole["kind"] != "fee_netted"]["total"] == 0).all()
    fees = whole[whole["kind"] == "fee_netted"]["total"]
    assert (fees < 0).all()


def test_every_kind_makes_exactly_its_share_of_events() -> None:
    made = events.generate(2000, 5, dict.fromkeys(KINDS, 1.0))
    per_kind = made.truth.groupby("kind")["event_id"].nunique()
    assert set(per_kind.index) == set(KINDS)
    assert per_kind.between(2000 // len(KINDS), 2000 // len(KINDS) + 1).all()
    assert made.truth["event_id"].nunique() == 2000


def test_single_kinds_stand_alone() -> None:
    truth = events.generate(2000, 5).truth
    lines = truth[truth["kind"].isin(SINGLES)].groupby("event_id").size()
    assert (lines == 1).all()


def test_same_seed_same_files(tmp_path: Path) -> None:
    for name in ("a", "b"):
        events.write(events.generate(300, 11, profile="messy"), tmp_path / name)
    for name in ("left.csv", "right.csv", "truth.csv"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def test_ids_are_unique_and_rows_shuffled() -> None:
    made = events.generate(2000, 2)
    assert made.truth["id"].is_unique
    assert not made.left["booking_date"].is_monotonic_increasing


def test_unknown_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="no kind of event named twinz"):
        events.generate(10, 1, {"twinz": 1})


@pytest.mark.parametrize(("minor", "text"), [(0, "0.00"), (-5, "-0.05"), (123456, "1234.56"), (-100, "-1.00")])
def test_decimal_text(minor: int, text: str) -> None:
    assert events.decimal_text(minor) == text


def test_equal_twins_are_interchangeable_on_both_sides() -> None:
    made = events.generate(400, 9, dict.fromkeys(KINDS, 0.0) | {"twins": 1.0})
    for side in (made.left, made.right):
        fields = [name for name in TWIN_FIELDS if name in side]
        copies = side.astype(object).fillna("").groupby(fields)["id"].size()
        assert copies.between(1, 8).all()
        assert (copies > 1).mean() > 0.9
