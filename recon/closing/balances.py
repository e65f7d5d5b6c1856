"""The four figures of an account, each with its own date, and whether two of them may be compared.

calculated = closing of the previous document + the lines of the period · fetched = opening of the group + every line so
far · to date = opening of the group + the lines up to the period's end · statement = given, never computed.
Amounts are minor units in the sign of the group. Difference = statement - calculated, everywhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Literal

from rules.values import said_day
from rules.wording import _

SideName = Literal["left", "right"]


@dataclass(frozen=True, slots=True)
class Figure:
    """A balance and the date it is true on; `on` is None where no line has given it a date yet."""

    amount_minor: int
    on: date | None


@dataclass(frozen=True, slots=True)
class Sums:
    """What the store sums for one account in one group, in minor units.

    `closing_before_minor` is the closing of the previous approved document, None before the first;
    `in_period_minor` the lines after that document up to `to_on`; opening items are inside `opening_minor`.
    """

    opening_minor: int
    in_period_minor: int
    until_minor: int
    so_far_minor: int
    last_line_on: date | None
    closing_before_minor: int | None = None


class Comparison(StrEnum):
    """`EQUAL` and `DIFFERENT` compare figures of one date; the others say why nothing can be compared."""

    EQUAL = "equal"
    DIFFERENT = "different"
    NO_STATEMENT = "no_statement"
    OTHER_DATE = "other_date"
    FILTERED = "filtered"

    @property
    def comparable(self) -> bool:
        return self in (Comparison.EQUAL, Comparison.DIFFERENT)


@dataclass(frozen=True, slots=True)
class AccountBalances:
    """The figures of one account as a group sees it (display name, sign and filter applied)."""

    account: str
    side: SideName
    currency: str
    calculated: Figure
    fetched: Figure
    to_date: Figure
    statement: Figure | None
    filtered: bool = False

    @property
    def comparison(self) -> Comparison:
        if self.filtered:
            return Comparison.FILTERED
        if self.statement is None:
            return Comparison.NO_STATEMENT
        if self.statement.on != self.calculated.on:
            return Comparison.OTHER_DATE
        return Comparison.DIFFERENT if self.difference_minor else Comparison.EQUAL

    @property
    def difference_minor(self) -> int | None:
        """Statement - calculated, or None where the two cannot be compared."""
        if self.filtered or self.statement is None or self.statement.on != self.calculated.on:
            return None
        return self.statement.amount_minor - self.calculated.amount_minor

    @property
    def not_comparable(self) -> str | None:
        """Why the statement balance says nothing about the calculated one; None where it does."""
        match self.comparison:
            case Comparison.FILTERED:
                return _("not comparable: only part of the account is in the group")
            case Comparison.NO_STATEMENT:
                return _("not comparable: no statement balance is known")
            case Comparison.OTHER_DATE:
                return _("not comparable: calculated as of {calculated}, statement as of {statement}").format(
                    calculated=_day(self.calculated), statement=_day(self.statement)
                )
            case _:
                return None


def _day(figure: Figure | None) -> str:
    return said_day(figure.on) if figure and figure.on else "-"


def account_balances(
    account: str,
    side: SideName,
    currency: str,
    sums: Sums,
    to_on: date,
    statement: Figure | None = None,
    *,
    filtered: bool = False,
) -> AccountBalances:
    """The figures of one account for the period that ends on `to_on`."""
    before = sums.opening_minor if sums.closing_before_minor is None else sums.closing_before_minor
    return AccountBalances(
        account=account,
        side=side,
        currency=currency,
        calculated=Figure(before + sums.in_period_minor, to_on),
        fetched=Figure(sums.opening_minor + sums.so_far_minor, sums.last_line_on),
        to_date=Figure(sums.opening_minor + sums.until_minor, to_on),
        statement=statement,
        filtered=filtered,
    )


def statement_as_of(known: list[Figure], to_on: date) -> Figure | None:
    """The newest given balance not later than `to_on`; a later one says nothing about the period."""
    usable = [figure for figure in known if figure.on is not None and figure.on <= to_on]
    return max(usable, key=lambda figure: figure.on or date.min, default=None)
