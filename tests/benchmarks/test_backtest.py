"""What is asked of a backtest's time, and the lines it is measured on."""

from __future__ import annotations

import pytest

from benchmarks.backtest import FIRST, LAST, Comparison, of_the_year
from benchmarks.events import generate


@pytest.mark.parametrize(("ratio", "holds"), [(2.0, True), (2.01, False)])
def test_what_is_asked(ratio: float, holds: bool) -> None:
    made = Comparison(1, {"same": 1}, ratio, 1.0, ratio, ratio, 1)
    assert made.holds is holds
    assert f"ratio {ratio:.2f}" in made.sentence()


def test_lines_of_the_year_are_in_one_currency_and_inside_it() -> None:
    lines = of_the_year(generate(500, 1).left)
    assert set(lines["currency"]) == {"NOK"}
    assert FIRST <= lines["booking_date"].min() <= lines["booking_date"].max() <= LAST
    assert len(lines) > 300
