"""Texts in the order of their bytes: the quick way and Arrow's say the same."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc
from hypothesis import given
from hypothesis import strategies as st

from rules.text import in_byte_order, repeats

TEXTS = st.lists(st.text(alphabet="ab\x00\x7fåø0", max_size=11) | st.text(max_size=12), max_size=40)


@given(TEXTS, st.integers(0, 3))
def test_the_order_is_that_of_arrow(texts: list[str], skipped: int) -> None:
    column = pa.array(texts, pa.string())[skipped:]
    found = [column[int(at)].as_py() for at in in_byte_order(column)]
    assert found == [column[at].as_py() for at in pc.sort_indices(column).to_pylist()]
    assert sorted(in_byte_order(column).tolist()) == list(range(len(column)))


@given(TEXTS)
def test_what_stands_twice_is_noticed(texts: list[str]) -> None:
    assert repeats(pa.array(texts, pa.string())) == (len(set(texts)) < len(texts))


def test_what_begins_alike_is_told_apart_by_the_rest() -> None:
    column = pa.array(["invoice-3", "invoice-1", "invoice", "invoice-2"])
    assert in_byte_order(column).tolist() == [2, 1, 3, 0]
