"""The four figures and when two of them may be compared."""

from __future__ import annotations

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from recon.closing.balances import Comparison, Figure, Sums, account_balances, statement_as_of
from recon.closing.proof import SideTotals, Term, prove

END = date(2019, 11, 30)
SUMS = Sums(opening_minor=1000, in_period_minor=50, until_minor=250, so_far_minor=300, last_line_on=date(2019, 12, 2))


def test_each_figure_has_its_own_date() -> None:
    found = account_balances("1920", "left", "NOK", SUMS, END)
    assert (found.calculated, found.to_date) == (Figure(1050, END), Figure(1250, END))
    assert found.fetched == Figure(1300, date(2019, 12, 2))


def test_calculated_begins_with_the_previous_closing() -> None:
    sums = Sums(1000, 50, 250, 300, None, closing_before_minor=1200)
    assert account_balances("1920", "left", "NOK", sums, END).calculated.amount_minor == 1250


def test_difference_is_statement_minus_calculated() -> None:
    found = account_balances("1920", "left", "NOK", SUMS, END, Figure(1000, END))
    assert (found.comparison, found.difference_minor) == (Comparison.DIFFERENT, -50)


def test_unlike_dates_are_not_compared_and_both_are_named() -> None:
    """T5, read so: amber with both dates, never a red difference."""
    found = account_balances("1920", "left", "NOK", SUMS, END, Figure(99, date(2019, 11, 6)))
    assert (found.comparison, found.difference_minor) == (Comparison.OTHER_DATE, None)
    assert found.not_comparable == "not comparable: calculated as of 2019-11-30, statement as of 2019-11-06"


def test_a_filtered_account_is_not_comparable_with_the_whole_balance() -> None:
    found = account_balances("1500", "right", "NOK", SUMS, END, Figure(1050, END), filtered=True)
    assert (found.comparison, found.difference_minor) == (Comparison.FILTERED, None)


def test_a_later_statement_says_nothing_about_the_period() -> None:
    known = [Figure(1, date(2019, 11, 6)), Figure(2, END), Figure(3, date(2019, 12, 31))]
    assert statement_as_of(known, END) == Figure(2, END)
    assert statement_as_of(known[2:], END) is None


def test_the_proof_lists_every_term_and_says_what_remains() -> None:
    proof = prove(SideTotals(6000, -4000, 1), SideTotals(9950, 0, 0, 0, 0), accepted_minor=-50, accepted_count=1)
    assert [line.term for line in proof.of("left")] == [Term.BALANCE, Term.OPEN, Term.DEACTIVATED, Term.ACCEPTED]
    assert (proof.explained_minor("left"), proof.explained_minor("right"), proof.holds) == (9950, 9950, True)
    assert all(line.label for line in proof.lines)


amounts = st.integers(-(10**12), 10**12)


@given(matched=st.lists(amounts), left_open=st.lists(amounts), right_open=st.lists(amounts), fees=st.lists(amounts))
def test_matched_lines_and_treated_differences_never_break_the_proof(
    matched: list[int], left_open: list[int], right_open: list[int], fees: list[int]
) -> None:
    """Each fee is a match whose right side shows it and whose left side lacks it."""
    left = SideTotals(sum(matched) + sum(left_open), sum(left_open), len(left_open))
    right = SideTotals(sum(matched) + sum(fees) + sum(right_open), sum(right_open), len(right_open))
    assert prove(left, right, sum(fees), len(fees)).holds


@given(error=amounts.filter(bool), balance=amounts)
def test_the_proof_names_every_unit_that_is_wrong(error: int, balance: int) -> None:
    assert prove(SideTotals(balance), SideTotals(balance + error)).difference_minor == error
