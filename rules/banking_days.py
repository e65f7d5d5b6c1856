"""Banking days of a country: weekdays on which its banks settle payments.

The days are those that the central banks keep; docs/decisions/banking-days.md lists them with their sources. The
`holidays` package gives the public holidays, what banks add to them stands here.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from functools import lru_cache
from types import ModuleType

import numpy as np
from dateutil.easter import easter
from numpy.typing import NDArray

from rules.wording import _

EPOCH = date(1970, 1, 1)
_FAR = 110_000
"""Days from 1970 beyond which no calendar is made (year 2271): such days, and marks for a missing day, stand as they
are.
"""
_FIRST_DANISH_FRIDAY = 2009
"""The year from which Danish banks close on the day after Ascension."""


class BankingCalendar:
    """The banking days of a country (ISO code): not Saturday, Sunday or a day on which its banks are closed.

    Raises ValueError for a country that nobody knows.
    """

    def __init__(self, country: str) -> None:
        if country not in _countries():
            raise ValueError(_("No banking calendar is known for the country “{code}”.").format(code=country))
        self.country = country

    def ordinal(self, days: NDArray[np.integer]) -> NDArray[np.int64]:
        """Number in the row of banking days of each day (days since 1970-01-01); a day off counts as the next banking
        day.

        The difference of two ordinals is the distance in banking days.
        """
        wanted = np.asarray(days, dtype=np.int64)
        near = np.abs(wanted) < _FAR
        if not near.any():
            return wanted.copy()
        first, last = _decade(int(wanted[near].min())), _decade(int(wanted[near].max())) + 10
        table, start = _ordinals(self.country, min(first, 1970), max(last, 1980))
        return np.where(near, table[np.where(near, wanted - start, 0)], wanted)

    def count(self, first: date, last: date) -> int:
        """Banking days from one date to another, day by day; negative where `last` comes first."""
        if last < first:
            return -self.count(last, first)
        closed = _closed(self.country, range(first.year, last.year + 2))
        weekmask = _weekmask(self.country)
        days = [first + timedelta(days=number) for number in range((last - first).days)]
        return sum(weekmask[day.weekday()] and day not in closed for day in days)


def known_country(country: str) -> bool:
    return country in _countries()


def _holidays() -> ModuleType:
    import holidays  # here: a tenth of a second that most commands need not wait

    return holidays


@lru_cache(maxsize=1)
def _countries() -> frozenset[str]:
    return frozenset(_holidays().list_supported_countries())


def _decade(day: int) -> int:
    return (EPOCH + timedelta(days=day)).year // 10 * 10


@lru_cache(maxsize=32)
def _ordinals(country: str, first: int, last: int) -> tuple[NDArray[np.int64], int]:
    """Ordinals of every day from 1 January `first` until `last` + 1, and the first of them as a day number."""
    start = (date(first, 1, 1) - EPOCH).days
    stop = (date(last + 1, 1, 1) - EPOCH).days
    closed = np.array(sorted(_closed(country, range(first, last + 1))), dtype="datetime64[D]")
    days = np.arange(start, stop).astype("datetime64[D]")
    banking = np.is_busday(days, weekmask=_weekmask(country), holidays=closed).astype(np.int64)
    before = np.cumsum(banking) - banking
    return before - before[-start], start


def _closed(country: str, years: range) -> set[date]:
    """Public holidays, and the further days on which the country's banks are closed."""
    closed = set(_holidays().country_holidays(country, years=years))
    if add := _BANKS_ADD.get(country):
        closed.update(*(add(year) for year in years))
    return closed


def _norway(year: int) -> set[date]:
    return {date(year, 12, 24)}


def _sweden(year: int) -> set[date]:
    """Midsummer Eve, the Friday of 19 to 25 June, and the eves of Christmas and New Year."""
    latest = date(year, 6, 25)
    midsummer_eve = latest - timedelta(days=(latest.weekday() - 4) % 7)
    return {midsummer_eve, date(year, 12, 24), date(year, 12, 31)}


def _denmark(year: int) -> set[date]:
    closed = {date(year, 6, 5), date(year, 12, 24), date(year, 12, 31)}
    if year >= _FIRST_DANISH_FRIDAY:
        closed.add(easter(year) + timedelta(days=40))
    return closed


_BANKS_ADD: dict[str, Callable[[int], set[date]]] = {"NO": _norway, "SE": _sweden, "DK": _denmark}
"""Finland's public holidays, with Midsummer Eve and Christmas Eve, are the days its banks keep."""


def _weekmask(country: str) -> list[bool]:
    weekend = _holidays().country_holidays(country).weekend
    return [day not in weekend for day in range(7)]
