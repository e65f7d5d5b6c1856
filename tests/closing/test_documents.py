"""Dates, numbers and refusals of a reconciliation document."""

from __future__ import annotations

from datetime import date

import pytest

from recon.closing.balances import Figure, Sums, account_balances
from recon.closing.documents import (
    Period,
    Predecessor,
    Request,
    number_in_series,
    period_end,
    period_of,
    refusals_to_approve,
    refusals_to_withdraw,
)
from recon.closing.proof import SideTotals, prove
from recon.errors import Refusal

MARCH = date(2022, 3, 31)
AGREED = account_balances("1920", "left", "NOK", Sums(0, 5, 5, 5, None), MARCH, Figure(5, MARCH))
UNSTATED = account_balances("1920", "left", "NOK", Sums(0, 5, 5, 5, None), MARCH)


def asked(**changes: object) -> Request:
    facts: dict[str, object] = {
        "kind": "bank",
        "period": Period(date(2022, 3, 1), MARCH),
        "previous": Predecessor("CARECON000001", date(2022, 2, 28)),
        "accounts": (AGREED,),
        "proof": prove(SideTotals(5), SideTotals(5)),
        "unreleased_adjustments": 0,
        "preparer_id": 1,
        "approver_id": 1,
        "four_eyes": False,
    }
    return Request(**(facts | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize(("text", "day"), [("202202", date(2022, 2, 28)), ("2024-02-29", date(2024, 2, 29))])
def test_a_period_is_written_as_month_or_date(text: str, day: date) -> None:
    assert period_end(text) == day


@pytest.mark.parametrize("text", ["202213", "2022-02-30", "march", "20220"])
def test_what_is_no_period_is_refused_in_one_sentence(text: str) -> None:
    with pytest.raises(Refusal, match="neither a date"):
        period_end(text)


def test_numbers_have_six_digits() -> None:
    assert number_in_series("CARECON", 1) == "CARECON000001"


def test_a_document_covers_the_days_after_the_one_before() -> None:
    assert period_of(date(2022, 1, 1), MARCH, None) == Period(date(2022, 1, 1), MARCH)
    assert period_of(date(2022, 1, 1), MARCH, Predecessor("x", date(2022, 2, 28))).from_on == date(2022, 3, 1)


def test_an_agreed_period_after_its_predecessor_is_approved() -> None:
    assert refusals_to_approve(asked()) == []


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"period": Period(date(2022, 3, 1), date(2022, 5, 31))}, "2022-03-31 is not approved"),
        ({"period": Period(date(2022, 3, 1), date(2022, 2, 1))}, "already covered by document CARECON000001"),
        ({"period": Period(date(2022, 3, 1), date(2022, 2, 1)), "previous": None}, "before the group's start"),
        ({"accounts": (UNSTATED,)}, "needs a reason"),
        ({"proof": prove(SideTotals(5), SideTotals(6))}, "two-sided proof does not hold"),
        ({"unreleased_adjustments": 2}, "2 adjustments are not released"),
        ({"not_final_lines": 1}, "1 lines are not final"),
        ({"four_eyes": True}, "Four eyes"),
    ],
)
def test_every_refusal_says_why(changes: dict[str, object], words: str) -> None:
    (sentence,) = refusals_to_approve(asked(**changes))
    assert words in sentence


def test_all_refusals_come_at_once() -> None:
    assert len(refusals_to_approve(asked(four_eyes=True, unreleased_adjustments=1, accounts=(UNSTATED,)))) == 3


def test_a_statement_document_may_span_months_and_a_reason_lets_the_uncomparable_pass() -> None:
    period = Period(date(2022, 3, 1), date(2022, 5, 31))
    assert refusals_to_approve(asked(kind="statement", period=period)) == []
    assert refusals_to_approve(asked(accounts=(UNSTATED,), reason="paper")) == []


def test_withdrawing_wants_the_newest_an_open_book_and_a_reason() -> None:
    newest = Predecessor("R2", MARCH)
    assert refusals_to_withdraw("R2", MARCH, newest, None, "typing error") == []
    assert len(refusals_to_withdraw("R1", MARCH, newest, MARCH, " ")) == 3
