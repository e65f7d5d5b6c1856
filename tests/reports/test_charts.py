"""Charts: well-formed SVG that tells every value, with a scale of round numbers."""

from __future__ import annotations

from itertools import pairwise
from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from recon.reports.charts import Series, scale, sparkline, stacked_bars

SVG = "{http://www.w3.org/2000/svg}"


@given(st.integers(0, 10**9))
def test_the_scale_reaches_and_is_round(most: int) -> None:
    steps = scale(most)
    assert steps[0] == 0
    assert steps[-1] >= most
    assert len(steps) <= 6
    if most:
        apart = {later - one for one, later in pairwise(steps)}
        assert len(apart) == 1
        assert str(apart.pop()).rstrip("0") in ("1", "2", "5")


def test_bars_stand_on_each_other_and_say_their_values() -> None:
    text = stacked_bars(
        ["2025-01", "02"],
        [Series("stand <&>", [30, 0], "main"), Series("undone", [10, 5], "bad")],
        title="Matches",
        height=150,
    )
    root = ElementTree.fromstring(text)
    assert root.attrib["role"] == "img"
    told = [bar.findtext(f"{SVG}title") for bar in root.iter(f"{SVG}rect")]
    assert told[:3] == ["2025-01: stand <&> 30", "2025-01: undone 10", "02: undone 5"]
    first, second, third = list(root.iter(f"{SVG}rect"))[:3]
    assert float(first.attrib["y"]) == float(second.attrib["y"]) + float(second.attrib["height"])
    assert abs(float(first.attrib["height"]) - 3 * float(second.attrib["height"])) < 0.3
    assert float(second.attrib["height"]) > float(third.attrib["height"])


def test_nothing_and_one_rule_are_drawn_too() -> None:
    assert ElementTree.fromstring(stacked_bars([], [], title="Nothing")).findtext(f"{SVG}title") == "Nothing"
    assert len(list(ElementTree.fromstring(sparkline([0, 3, 6], title="R")).iter(f"{SVG}rect"))) == 2
    assert ElementTree.fromstring(sparkline([], title="R")).tag == f"{SVG}svg"
