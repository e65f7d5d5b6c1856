"""Lines as they are stored: completed a part at a time, hashed over all of their columns, extra fields as JSON."""

from __future__ import annotations

import datetime as dt
import hashlib

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recon.database.audit import canonical, digest_texts
from recon.database.line_tables import (
    HASH,
    LINE_COLUMNS,
    extra_json,
    hex_digits,
    lines_digest,
    parts_of,
    row_hashes,
    whole,
)

CELL = st.none() | st.text(st.characters(codec="utf-8"), max_size=4) | st.sampled_from(['"', "\\", "\n", ",", "\x7f"])
ROWS = st.lists(st.fixed_dictionaries(dict.fromkeys(("extra.b", "extra.a,", 'extra."'), CELL)), max_size=6)
LEAN = pa.table(
    {
        "booked_on": pa.array([dt.date(2025, 1, 31), dt.date(2025, 2, 1)]),
        "amount_minor": pa.array([-1234, 5]),
        "currency": ["NOK", "NOK"],
        "text": ["Leie", None],
        "extra.id": ["a", "b"],
        "account_id": pa.array([7, 7]).dictionary_encode(),
        "origin": pa.array(["imported", "imported"]).dictionary_encode(),
        "fingerprint": ["f" * 32, "e" * 32],
        "occurrence": pa.array([1, 1]),
    }
)


@given(ROWS)
def test_extra_fields_are_canonical_json_of_what_is_there(rows: list[dict[str, str | None]]) -> None:
    names = ["extra.b", "extra.a,", 'extra."']
    lines = pa.Table.from_pylist(rows, schema=pa.schema([(name, pa.string()) for name in names]))
    kept = [{name.removeprefix("extra."): row[name] for name in names if row[name] is not None} for row in rows]
    assert extra_json(lines).to_pylist() == [canonical(row) if row else None for row in kept]


def test_a_line_is_hashed_over_every_column_in_its_order() -> None:
    line = LEAN.slice(0, 1)
    told = {"account_id": "7", "origin": "imported", "fingerprint": "f" * 32, "occurrence": "1", "part": "0"}
    told |= {"booked_on": "2025-01-31", "amount_minor": "-1234", "currency": "NOK", "text": "Leie"}
    told |= {"extra": '{"id":"a"}', "final": "true"}
    text = "\x1f".join(told.get(name, "") for name in LINE_COLUMNS)
    assert hex_digits(row_hashes(line)).to_pylist() == [hashlib.sha256(text.encode()).hexdigest()]


def test_lines_are_the_same_whole_and_part_by_part() -> None:
    complete = whole(LEAN)
    assert complete.schema == pa.schema(LINE_COLUMNS)
    assert pa.concat_tables(parts_of(LEAN, 1)).to_pylist() == complete.to_pylist()
    assert row_hashes(complete).equals(row_hashes(LEAN))


@pytest.mark.parametrize("count", [0, 1, 3])
def test_the_digest_of_lines_is_that_of_their_hashes_as_texts(count: int) -> None:
    raw = [hashlib.sha256(bytes([n])).digest() for n in range(count)]
    hashes = pa.array([b"x" * 32, *raw], HASH).slice(1)
    assert hex_digits(hashes).to_pylist() == [each.hex() for each in raw]
    assert lines_digest(hashes) == digest_texts(each.hex() for each in raw)
