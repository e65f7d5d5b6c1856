"""How amounts, days and moments are written on paper, by language. Whole numbers in, text out: no float on the way."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from rules.values import format_amount, format_day

MINUS = "\N{MINUS SIGN}"


@dataclass(frozen=True, slots=True)
class Writing:
    """One document's way of writing: its language and its currency."""

    language: str
    currency: str

    def money(self, minor: int | None) -> str:
        """`-36196976` -> `−361,969.76` (en), `−361 969,76` (nb, sv); nothing for None."""
        return "" if minor is None else format_amount(minor, self.currency, self.language).replace("-", MINUS)

    def count(self, number: int) -> str:
        # JPY has no decimals, so that a count is written as an amount of it.
        return format_amount(number, "JPY", self.language)

    def day(self, day: date | None) -> str:
        return format_day(day, self.language) if day else ""

    def moment(self, at: datetime | None) -> str:
        """A UTC moment to the minute; the zone is written so that nobody reads it as local time."""
        return f"{self.day(at.date())} {at:%H:%M} UTC" if at else ""
