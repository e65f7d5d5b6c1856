"""Duplicate control as laws: a file read twice, in part, or beside another counts every payment once."""

import datetime as dt
import random
from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from recon.intake.detect import read_file
from recon.intake.duplicates import recognise
from recon.intake.fingerprint import FINGERPRINT, OCCURRENCE, fingerprints, identified, line_ids
from recon.intake.statement import NO_LINES, Statement

BANK = Path(__file__).parents[1] / "fixtures" / "bank.camt053.xml"

DAYS = st.dates(dt.date(2024, 1, 1), dt.date(2024, 3, 31))
LINES = st.lists(
    st.fixed_dictionaries(
        {
            "booking_date": DAYS,
            "amount": st.sampled_from([50000, 50000, -50000, 12345]),
            "currency": st.just("NOK"),
            "text": st.sampled_from(["Husleie", "HUSLEIE  ", None]),
            "kid": st.sampled_from([None, "0001234567"]),
        }
    ),
    max_size=30,
)
SCHEMA = pa.schema([*NO_LINES.schema, ("text", pa.string()), ("kid", pa.string())])


def statement(lines: list[dict[str, Any]]) -> Statement:
    return Statement("8601.11.17947", "NOK", pa.Table.from_pylist(lines, schema=SCHEMA))


def as_stored(found: pa.Table) -> pa.Table:
    """Lines with the names of the store, keys from 1 on."""
    lines = found.rename_columns(
        [{"booking_date": "booked_on", "amount": "amount_minor"}.get(name, name) for name in found.column_names]
    )
    return lines.append_column("archive_reference", pa.nulls(len(lines), pa.string()))


class Account:
    """What is stored of an account; `read` imports a file and says how many lines were new."""

    def __init__(self) -> None:
        self.lines = as_stored(identified([])).slice(0, 0)
        self.total = 0

    @property
    def known(self) -> Counter[str]:
        return Counter(self.lines[FINGERPRINT].to_pylist())

    def read(self, lines: list[dict[str, Any]]) -> int:
        found = as_stored(identified([statement(lines)]))
        stored = self.lines.append_column("id", pa.array(range(len(self.lines)), pa.int64()))
        verdict = recognise(found, stored)
        place = found.column_names.index(OCCURRENCE)
        fresh = found.set_column(place, OCCURRENCE, verdict.occurrences).filter(verdict.is_new)
        self.lines = pa.concat_tables([self.lines, fresh], promote_options="default")
        self.total += sum(fresh["amount_minor"].to_pylist())
        return len(fresh)


def counted(lines: pa.Table) -> Counter[str]:
    return Counter(lines[FINGERPRINT].to_pylist())


@given(LINES)
def test_T6_import_twice_adds_none_and_leaves_the_balance(lines: list[dict[str, Any]]) -> None:
    account = Account()
    assert account.read(lines) == len(lines)
    before = account.total
    assert account.read(lines) == 0
    assert account.total == before == sum(line["amount"] for line in lines)


@given(LINES)
def test_T6_january_to_march_after_january_adds_only_what_is_later(lines: list[dict[str, Any]]) -> None:
    account = Account()
    january = [line for line in lines if line["booking_date"] < dt.date(2024, 2, 1)]
    account.read(january)
    assert account.read(lines) == len(lines) - len(january)
    assert account.total == sum(line["amount"] for line in lines)


@given(LINES, st.integers(min_value=2, max_value=5))
def test_T7_equal_payments_of_one_day_all_live_and_a_second_import_adds_none(
    lines: list[dict[str, Any]], times: int
) -> None:
    account = Account()
    twins = [line for line in lines for _n in range(times)]
    assert account.read(twins) == len(twins)
    assert account.read(twins) == 0
    assert account.total == sum(line["amount"] for line in twins)


@given(LINES, st.randoms(use_true_random=False))
def test_the_order_of_a_file_does_not_matter(lines: list[dict[str, Any]], rng: random.Random) -> None:
    shuffled = rng.sample(lines, len(lines))
    ids = [sorted(line_ids(identified([statement(order)])).to_pylist()) for order in (lines, shuffled)]
    assert ids[0] == ids[1]
    account = Account()
    account.read(lines)
    assert account.read(shuffled) == 0


@given(LINES, st.integers(0, 30), st.integers(0, 30))
def test_overlapping_files_add_up_to_the_fullest_count_of_each_line(
    lines: list[dict[str, Any]], end: int, start: int
) -> None:
    """A file that covers a day only in part cannot tell its twins from those stored: the larger count stands."""
    account = Account()
    first, second = lines[:end], lines[start:]
    account.read(first)
    account.read(second)
    marks = [counted(identified([statement(part)])) for part in (first, second)]
    assert account.known == Counter(marks[0]) | Counter(marks[1])


def test_an_account_on_two_pages_is_counted_once_through() -> None:
    line = {"booking_date": dt.date(2024, 1, 1), "amount": 100, "currency": "NOK", "text": "x", "kid": None}
    found = identified([statement([line]), statement([line, line])])
    assert found[OCCURRENCE].to_pylist() == [1, 2, 3]
    assert len(set(found[FINGERPRINT].to_pylist())) == 1
    assert identified([statement([line])], "other")[FINGERPRINT] != found[FINGERPRINT].slice(0, 1)


def test_one_account_for_all_lines_is_the_same_as_one_a_line() -> None:
    lines = read_file(BANK).statements[0].lines
    assert fingerprints(lines, "86011117947") == identified(read_file(BANK).statements)[FINGERPRINT].combine_chunks()


def test_what_makes_a_line_another_one() -> None:
    line = {"booking_date": dt.date(2024, 1, 1), "amount": 100, "currency": "NOK", "text": "Å betale", "kid": "1"}
    mark = identified([statement([line])])[FINGERPRINT][0].as_py()
    assert mark == "8fbc4bb011d9582113cd611c5ef5223d", "stored lines carry this: another recipe makes them all new"
    same = {**line, "text": "  å   BETALE\n"}
    assert identified([statement([same])])[FINGERPRINT][0].as_py() == mark
    for other in (
        {"amount": 101},
        {"currency": "SEK"},
        {"text": "x"},
        {"kid": "2"},
        {"booking_date": dt.date(2024, 1, 2)},
    ):
        assert identified([statement([{**line, **other}])])[FINGERPRINT][0].as_py() != mark


def test_a_real_file_read_twice() -> None:
    lines = identified(read_file(BANK).statements)
    assert len(lines) == 5
    assert line_ids(lines).to_pylist() == line_ids(identified(read_file(BANK).statements)).to_pylist()


def test_no_statements_are_no_lines() -> None:
    assert len(identified([])) == 0
