"""Nearest misses are looked for, never crossed: few candidates are read, whatever the number of lines."""

from __future__ import annotations

from typing import Any

import pytest

from recon.matching import nearby
from recon.matching.nearest import Asked, nearest_misses
from rules import standard
from rules.explain import Explanation, match_rule
from tests.matching.tables import frame, line


@pytest.mark.parametrize("count", [50, 3_000])
def test_the_reading_is_asked_a_few_times_a_rule(monkeypatch: pytest.MonkeyPatch, count: int) -> None:
    left, right = (
        frame(
            [
                line(f"{side}{n}", f"2026-01-{n % 28 + 1:02}", f"{n % 40}", reference=f"R{n + skew}")
                for n in range(count)
            ]
        )
        for side, skew in (("l", 0), ("r", 7))
    )
    read: list[Any] = []
    told = match_rule

    def noted(*asked: Any) -> Explanation:
        read.append(asked)
        return told(*asked)

    monkeypatch.setattr("recon.matching.nearby.match_rule", noted)
    rule_set = standard.load("standard")
    answer = nearest_misses(rule_set, left, right, Asked("left", 20, "NO"))
    assert len(answer.misses) > 40
    assert len(read) <= 2 * nearby.NEAR * len(rule_set.rules)
    assert sum(len(asked[1]) * len(asked[2]) for asked in read) <= 2 * nearby.MOST_PAIRS * len(rule_set.rules)
