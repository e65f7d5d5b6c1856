"""The amount, currency and day of every line as a rule reads them."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from recon.errors import Refusal
from recon.matching.candidates import Candidates, Opposed
from recon.matching.kept import Step
from recon.matching.side import NO_DAY, Ints, Mask, Side, SideName
from recon.matching.units import Measure, currency_codes
from rules.banking_days import BankingCalendar
from rules.fields import LINE_FIELDS
from rules.model import DateWindow, Match
from rules.wording import _


class Measures:
    """Days and currencies are read once a run; amounts each time, because remainders shrink."""

    def __init__(self, sides: Mapping[SideName, Side], country: str | None) -> None:
        self.sides = sides
        self.country = country
        self._numbers: dict[str, int] = {}
        self._currencies: dict[tuple[SideName, str], Ints] = {}
        self._known: dict[tuple[SideName, str], Mask] = {}
        self._days: dict[tuple[SideName, str, str], Ints] = {}

    def shrink(self, name: SideName, step: Step) -> None:
        """The side goes on with fewer rows."""
        self._currencies = {
            key: codes[step.kept] if key[0] == name else codes for key, codes in self._currencies.items()
        }
        self._known = {key: known[step.kept] if key[0] == name else known for key, known in self._known.items()}
        self._days = {key: days[step.kept] if key[0] == name else days for key, days in self._days.items()}

    @property
    def currencies(self) -> dict[int, str]:
        return {number: name for name, number in self._numbers.items()}

    def of(self, rule: Match, name: SideName, amount_field: str) -> Measure:
        currency_field = LINE_FIELDS[amount_field].currency_field or "currency"
        currency, known = self.currency(name, currency_field), self._known[name, currency_field]
        amount, filled = self.sides[name].money(amount_field)
        days = self.days(name, rule.date or DateWindow())
        return Measure(amount, currency, days, known if filled is None else known & filled)

    def currency(self, name: SideName, field: str) -> Ints:
        if (name, field) not in self._currencies:
            codes = currency_codes([(self.sides[name], field)], self._numbers)[0]
            self._currencies[name, field], self._known[name, field] = codes, codes >= 0
        return self._currencies[name, field]

    def days(self, name: SideName, date: DateWindow) -> Ints:
        """Day numbers in the rule's calendar: their differences are its distances."""
        key = (name, date.field, date.calendar)
        if key not in self._days:
            days = self.sides[name].days(date.field)
            self._days[key] = days if date.calendar == "calendar" else self._banking(days, date.calendar)
        return self._days[key]

    def _banking(self, days: Ints, calendar: str) -> Ints:
        country = calendar.partition(":")[2] or self.country
        if not country:
            raise Refusal(_("A rule counts banking days; say of which country (--country NO)."))
        ordinals = np.full(len(days), NO_DAY, dtype=np.int64)
        known = days != NO_DAY
        ordinals[known] = BankingCalendar(country).ordinal(days[known])
        return ordinals

    def one_currency(self, opposed: Opposed, candidates: Candidates, at: Ints) -> Mask:
        """Where the lines' own amounts are in one currency (those of first members; key groups share theirs)."""
        left = self.currency(opposed.left_side.name, "currency")[opposed.left.first_row[candidates.left[at]]]
        right = self.currency(opposed.right_side.name, "currency")[opposed.right.first_row[candidates.right[at]]]
        equal: Mask = left == right
        return equal

    def accounts_agree(self, opposed: Opposed, candidates: Candidates) -> Mask:
        """Where the lines' own amounts are equal too, or not comparable because their currencies differ."""
        everything = np.arange(len(candidates), dtype=np.int64)
        left = _own_totals(opposed.left_side, opposed.left.rows, opposed.left.start, opposed.left.grouped)
        right = _own_totals(opposed.right_side, opposed.right.rows, opposed.right.start, opposed.right.grouped)
        equal = left[candidates.left] == right[candidates.right]
        agree: Mask = equal | ~self.one_currency(opposed, candidates, everything)
        return agree


def _own_totals(side: Side, rows: Ints, start: Ints, grouped: bool) -> Ints:
    if not grouped or len(start) < 2:
        return side.amount[rows[start[:-1]]]
    return np.add.reduceat(side.amount[rows], start[:-1])
