"""Scoring: right means exactly one true group, twins are interchangeable, nothing counts twice."""

from __future__ import annotations

import pandas as pd

from benchmarks import events
from benchmarks.score import Score, score

LINE = {"booking_date": "2025-03-03", "currency": "NOK", "reference": "", "counterparty": "", "text": ""}


def _lines(side: str, *amounts: str) -> pd.DataFrame:
    return pd.DataFrame([LINE | {"id": f"{side}{i}", "amount": a} for i, a in enumerate(amounts)])


def _truth(*groups: str) -> pd.DataFrame:
    rows = [
        {"event_id": n, "side": "left" if i[0] == "l" else "right", "id": i, "kind": "clean"}
        for n, group in enumerate(groups)
        for i in group.split()
    ]
    return pd.DataFrame(rows)


def _matches(**groups: str) -> pd.DataFrame:
    rows = [
        {"match_id": name, "side": "left" if i[0] == "l" else "right", "id": i, "rule": "r", "outcome": outcome}
        for name, group in groups.items()
        for outcome in ["suggested" if name.startswith("s") else "confirmed"]
        for i in group.split()
    ]
    return pd.DataFrame(rows, columns=["match_id", "side", "id", "rule", "outcome"])


def _score(matches: pd.DataFrame) -> Score:
    left, right = _lines("l", "1.00", "1.00", "5.00", "7.00"), _lines("r", "1.00", "1.00", "5.00", "8.00")
    return score(left, right, _truth("l0 r0", "l1 r1", "l2 r2", "l3", "r3"), matches)


def test_twins_are_interchangeable() -> None:
    found = _score(_matches(a="l0 r1", b="l1 r0"))
    assert (found.confirmed_right, found.groups) == (100.0, 3)
    assert round(found.groups_confirmed, 1) == 66.7


def test_suggestions_are_found_not_confirmed() -> None:
    found = _score(_matches(a="l0 r0", s1="l2 r2"))
    assert (found.confirmed_right, found.confirmed) == (100.0, 1)
    assert round(found.groups_confirmed, 1) == 33.3
    assert round(found.groups_found, 1) == 66.7


def test_too_many_lines_or_too_few_or_singles_are_wrong() -> None:
    found = _score(_matches(a="l0 r0 r1", b="l3 r3", c="l2"))
    assert found.confirmed_right == 0.0
    assert list(found.wrong["match_id"]) == ["a", "b", "c"]


def test_one_true_group_is_not_won_twice() -> None:
    found = _score(_matches(a="l2 r2", b="l2 r2"))
    assert found.confirmed_right == 50.0


def test_nothing_matched_is_nothing_wrong() -> None:
    found = _score(_matches())
    assert (found.confirmed, found.confirmed_right, found.groups_found) == (0, 100.0, 0.0)


def test_the_truth_itself_scores_full_marks() -> None:
    made = events.generate(3000, 4, profile="recurring")
    matches = made.truth.rename(columns={"event_id": "match_id"}).assign(rule="truth", outcome="confirmed")
    sizes = matches.groupby("match_id")["id"].transform("size")
    found = score(made.left, made.right, made.truth, matches[sizes > 1])
    assert (found.confirmed_right, found.groups_confirmed, found.groups_found) == (100.0, 100.0, 100.0)
