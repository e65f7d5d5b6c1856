"""What derive rules take out of texts."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.evaluate import capture, derived
from rules.model import Derive, Extract
from rules.text import is_missing
from tests.rules.line_frames import lines

PATTERNS = [r"KID[ :]*(\d{4,25})", r"\d{5}", r"(a)|b", r"(?i)kid(\d*)", r"^x.*y$", r"b*", r"(?P<n>[æø])+", r"\n(a)?"]


def taken(pattern: str, *texts: str | None) -> list[str | None]:
    rule = Derive("d", "D", "right", None, (("reference", Extract("text", pattern)),))
    return list(derived(rule, lines(text=list(texts)))["reference"].to_pylist())


def test_group_1_or_the_whole_hit() -> None:
    assert taken(r"KID[ :]*(\d{4,25})", "Betaling KID: 12345 takk", "kid 12345", None) == ["12345", None, None]
    assert taken(r"\d{5}", "nr 10045", "x") == ["10045", None]


def test_the_leftmost_hit() -> None:
    assert taken(r"(\d{4})", "1111 2222", "x 33334444") == ["1111", "3333"]
    assert taken(r"(a)|b", "b a", "xab") == ["b", "a"]


def test_lines_and_patterns_with_anchors() -> None:
    assert taken(r"(?m)^ref (\w+)$", "first\nref A1\nlast") == ["A1"]
    assert taken(r"^ref", "x\nref") == [None]
    assert taken(r"a|b", "xb") == ["b"], "an alternative stays inside the pattern"


def test_a_hit_without_content_is_no_hit() -> None:
    assert taken(r"KID: ?(\d*)", "KID: ", "KID: 000", "KID: 7") == [None, None, "7"]


def test_several_fields_and_no_lines() -> None:
    rule = Derive(
        "d", "D", "right", None, (("kid", Extract("text", r"\d+")), ("extra.word", Extract("text", r"[a-z]+")))
    )
    found = derived(rule, lines(text=["ab 12"]))
    assert {field: values.to_pylist() for field, values in found.items()} == {"kid": ["12"], "extra.word": ["ab"]}
    assert derived(rule, lines(text=["x"]).iloc[:0])["kid"].to_pylist() == []


@settings(deadline=None)
@given(st.lists(st.text("abx y1æøKID:\n2345(", max_size=14), min_size=1), st.sampled_from(PATTERNS))
def test_columns_take_what_one_text_gives(texts: list[str], pattern: str) -> None:
    singly = [None if is_missing(text) else capture(text, pattern) for text in texts]
    assert taken(pattern, *texts) == [None if is_missing(value) else value for value in singly]


@pytest.mark.parametrize("pattern", PATTERNS)
def test_nothing_comes_of_nothing(pattern: str) -> None:
    assert taken(pattern, None, "", "---") == [None, None, None]
