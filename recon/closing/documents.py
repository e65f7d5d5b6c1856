"""The states of a reconciliation document, the dates it may cover, its number, and every reason to refuse a step.

on hold -> balanced (saved, difference 0) -> approved; withdrawing returns an approved one to balanced, voiding ends it.
Functions answer with sentences, all of them at once; an empty list means the step may be taken.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from recon.closing.balances import AccountBalances, Comparison
from recon.closing.proof import Proof
from recon.errors import Refusal
from rules.values import format_amount, said_day
from rules.wording import _, spoken


class State(StrEnum):
    ON_HOLD = "on_hold"
    BALANCED = "balanced"
    APPROVED = "approved"
    VOID = "void"


NUMBER_DIGITS = 6


def month_end(day: date) -> date:
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])


def period_end(text: str) -> date:
    """The last day of a period written `YYYYMM`, or an ISO date as it is. Raises Refusal."""
    try:
        if re.fullmatch(r"\d{6}", text):
            return month_end(date(int(text[:4]), int(text[4:]), 1))
        return date.fromisoformat(text)
    except ValueError:
        raise Refusal(_("'{text}' is neither a date (2026-01-31) nor a month (202601).").format(text=text)) from None


def number_in_series(series: str, number: int) -> str:
    """`CARECON000001`: the series and six digits. The store counts on for ever: a number is never given twice."""
    return f"{series}{number:0{NUMBER_DIGITS}d}"


@dataclass(frozen=True, slots=True)
class Predecessor:
    """The newest approved document of the group."""

    number: str
    to_on: date


@dataclass(frozen=True, slots=True)
class Period:
    """The days after the previous document up to `to_on`, both ends inside."""

    from_on: date
    to_on: date


def period_of(start_on: date, to_on: date, previous: Predecessor | None) -> Period:
    return Period(previous.to_on + timedelta(days=1) if previous else start_on, to_on)


@dataclass(frozen=True, slots=True)
class Request:
    """What approving is asked on. `reason` is the approver's, for accounts that cannot be compared; ids are users'."""

    kind: str
    period: Period
    previous: Predecessor | None
    accounts: tuple[AccountBalances, ...]
    proof: Proof
    unreleased_adjustments: int
    preparer_id: int | None
    approver_id: int
    four_eyes: bool
    not_final_lines: int = 0
    reason: str = ""


def refusals_to_approve(request: Request) -> list[str]:
    """Every reason why the period cannot be approved (source: the approval gate of the domain)."""
    return [
        *_date_refusals(request),
        *_people_refusals(request),
        *_balance_refusals(request),
        *_unfinished_refusals(request),
    ]


def _date_refusals(request: Request) -> Iterator[str]:
    period, previous = request.period, request.previous
    if period.to_on < period.from_on:
        if previous:
            yield _("{to} is already covered by document {number}, which ends on {end}.").format(
                to=said_day(period.to_on), number=previous.number, end=said_day(previous.to_on)
            )
        else:
            yield _("{to} is before the group's start on {start}.").format(
                to=said_day(period.to_on), start=said_day(period.from_on)
            )
    elif previous and request.kind != "statement" and period.to_on > month_end(period.from_on):
        yield _("The period that ends on {missing} is not approved; approve it first.").format(
            missing=said_day(month_end(period.from_on))
        )


def _people_refusals(request: Request) -> Iterator[str]:
    if request.four_eyes and request.preparer_id == request.approver_id:
        yield _("Four eyes: whoever prepared the reconciliation cannot approve it; another approver must.")


def _balance_refusals(request: Request) -> Iterator[str]:
    for account in request.accounts:
        if account.comparison is Comparison.DIFFERENT:
            yield _difference(account)
        elif not account.comparison.comparable and not request.reason.strip():
            yield _("{account} is {why}; approving needs a reason, which the document prints.").format(
                account=account.account, why=account.not_comparable
            )
    if not request.proof.holds:
        yield _("The two-sided proof does not hold; what remains differs between the sides.")


def _difference(account: AccountBalances) -> str:
    amount = format_amount(account.difference_minor or 0, account.currency, spoken(), symbol=True)
    sentence = _("{account}: the statement balance on {on} differs from the calculated balance by {amount}.")
    return sentence.format(
        account=account.account, on=said_day(on) if (on := account.calculated.on) else "", amount=amount
    )


def _unfinished_refusals(request: Request) -> Iterator[str]:
    if request.unreleased_adjustments:
        yield _("{count} adjustments are not released.").format(count=request.unreleased_adjustments)
    if request.not_final_lines:
        yield _("{count} lines are not final at the bank.").format(count=request.not_final_lines)


def refusals_to_withdraw(
    number: str, to_on: date, newest: Predecessor | None, lock_on: date | None, reason: str
) -> list[str]:
    """Only the newest approved document, not up to the lock date, and never without a reason."""
    refusals = []
    if newest is None or newest.number != number:
        refusals.append(
            _("{number} is not the newest approved document; withdraw {newest} first.").format(
                number=number, newest=newest.number if newest else "-"
            )
        )
    if lock_on is not None and to_on <= lock_on:
        refusals.append(_("The books are locked up to {lock}.").format(lock=said_day(lock_on)))
    if not reason.strip():
        refusals.append(_("Withdrawing an approval needs a reason."))
    return refusals
