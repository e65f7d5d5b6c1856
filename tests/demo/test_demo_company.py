"""The demo's books: fixed by their seed, exact in every balance, numbers that pass their checks, a known truth."""

from __future__ import annotations

from collections import defaultdict
from datetime import date

import pytest

from recon.demo.business import make_books
from recon.demo.company import LOADED, Demo, days_of, make_demo
from recon.demo.firms import FIRMS, Firm
from recon.demo.numbers import iban, luhn, norwegian_account
from recon.intake.detect import read_file
from recon.intake.statement import Reading


@pytest.fixture(scope="module")
def demo() -> Demo:
    return make_demo(7)


@pytest.fixture(scope="module")
def readings(demo: Demo) -> dict[str, Reading]:
    return {file.name: read_file(file.content, file.name) for file in (*demo.files, *demo.by_hand)}


def test_the_same_seed_gives_the_same_bytes(demo: Demo) -> None:
    again, other = make_demo(7), make_demo(8)
    assert again.files == demo.files
    assert again.by_hand == demo.by_hand
    assert again.balances == demo.balances
    assert other.files != demo.files


def test_every_file_is_read_without_a_remark(readings: dict[str, Reading]) -> None:
    remarks = {name: [f.sentence for f in r.findings] for name, r in readings.items() if r.findings}
    assert remarks == {}


@pytest.mark.parametrize("firm", FIRMS, ids=lambda f: f.key)
def test_bank_statements_add_up_and_follow_each_other(firm: Firm, readings: dict[str, Reading]) -> None:
    balance = firm.opening_minor
    for name in sorted(n for n in readings if n.startswith(firm.key) and n.endswith("camt053.xml")):
        (statement,) = readings[name].statements
        assert statement.opening is not None
        assert statement.closing is not None
        assert statement.opening.amount_minor == balance
        balance += statement.sum_minor
        assert statement.closing.amount_minor == balance


def test_typed_balances_are_opening_and_lines(demo: Demo, readings: dict[str, Reading]) -> None:
    """Each balance differs from the one before by exactly that month's lines of the loaded files."""
    moved: dict[tuple[str, str, date], int] = defaultdict(int)
    for file in demo.files:
        for statement in readings[file.name].statements:
            if file.name.endswith(".xml"):
                continue
            for on, minor in zip(*(statement.lines[c].to_pylist() for c in ("booking_date", "amount")), strict=True):
                moved[file.company, str(statement.account), days_of((on.year, on.month))[1]] += minor
    last: dict[tuple[str, str], int] = {}
    for balance in demo.balances:
        key = (balance.company, balance.account)
        if key in last:
            assert balance.minor - last[key] == moved[(*key, balance.on)]
        last[key] = balance.minor
    assert len(demo.balances) == len(LOADED) * len(last)


@pytest.mark.parametrize("firm", FIRMS, ids=lambda f: f.key)
def test_truth_of_every_event_sums_to_zero_or_is_said_to_be_open(firm: Firm) -> None:
    books = make_books(firm, 3)
    left: dict[int, int] = defaultdict(int)
    right: dict[int, int] = defaultdict(int)
    for booking in books.bookings:
        left[booking.event] += booking.minor
    for payment in books.payments:
        right[payment.event] += payment.minor
    both = left.keys() & right.keys()
    differences = {right[e] - left[e] for e in both}
    assert differences <= {0, -2_500, -3_500, -5_000}
    alone = [*(left[e] for e in left.keys() - both), *(right[e] for e in right.keys() - both)]
    assert alone.count(0) == 2 * (len(LOADED) + 1)  # a reversal in the ledger and a return at the bank each month
    assert len(both) > 450


def test_numbers_pass_their_checks() -> None:
    assert luhn("1234567") == "4"
    assert norwegian_account("8601111794") == "86011117947"
    assert iban("NO", "86011117947") == "NO9386011117947"
    with pytest.raises(ValueError, match="no check digit"):
        norwegian_account("8601111705")
