"""What is missing, what normalises to what: the column's and the value's reading, on any text there is."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.text import STEPS, folded, is_missing, normal, normalised, present, tokens, words

ANY_TEXT = st.text(st.characters(exclude_categories=("Cs", "Cn")), max_size=12)
COLUMN = st.lists(st.one_of(st.none(), ANY_TEXT, st.sampled_from(["", " ", "---", "000", "0-0", "\xa0", "İ", "ǅ"])))


@pytest.mark.parametrize("value", [None, "", " ", "\t\xa0\u2009", "---", "000", "0-0", "/.", "\u200b"])
def test_missing(value: str | None) -> None:
    assert is_missing(value)
    assert present(pa.array([value], pa.string())).to_pylist() == [None]


@pytest.mark.parametrize("value", ["a", "1", "0a", "-1-", "ø", "½", "10"])
def test_present(value: str) -> None:
    assert not is_missing(value)
    assert present(pa.array([value])).to_pylist() == [value]


@settings(deadline=None)
@given(COLUMN, st.sets(st.sampled_from(STEPS)))
def test_column_and_value_normalise_alike(values: list[str | None], steps: set[str]) -> None:
    column = normalised(pa.chunked_array([pa.array(values, pa.string())]), tuple(steps))
    assert column.to_pylist() == [
        None if value is None or is_missing(value) else normal(value, steps) for value in values
    ]


@settings(deadline=None)
@given(COLUMN)
def test_normalising_twice_changes_nothing(values: list[str | None]) -> None:
    once = normalised(pa.array(values, pa.string()), STEPS)
    assert normalised(once, STEPS).equals(once)


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ((), "00-Ab 12"),
        (("case",), "00-ab 12"),
        (("spaces",), "00-Ab12"),
        (("punctuation",), "00Ab 12"),
        (("leading_zeros",), "-Ab 12"),
        (("leading_zeros", "punctuation", "spaces", "case"), "ab12"),
    ],
)
def test_each_step(steps: tuple[str, ...], expected: str) -> None:
    assert normalised(pa.array(["00-Ab 12"]), steps).to_pylist() == [expected]
    assert normal("00-Ab 12", steps) == expected


def test_other_types_stand_as_they_are() -> None:
    numbers = pa.array([1, None])
    assert normalised(numbers, STEPS).equals(numbers)
    assert normalised(pa.nulls(2), STEPS).null_count == 2
    encoded = pa.array(["A 1", None]).dictionary_encode()
    assert normalised(encoded, ("case", "spaces")).to_pylist() == ["a1", None]


def test_folding_keeps_the_number_of_letters() -> None:
    assert folded(pa.array(["ÆØÅ İ ß", "ABC"])).to_pylist() == ["æøå i ß", "abc"]
    assert folded(pa.array([], pa.string())).to_pylist() == []


def test_tokens_hold_a_digit() -> None:
    assert tokens("faktura 10045, kid:00123 ab12 x9", 4) == {"10045", "00123", "ab12"}
    assert words("a_b-c1") == ["a", "b", "c1"]
