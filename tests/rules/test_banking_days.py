"""Banking days: the days that banks keep (docs/decisions/banking-days.md), and distances in them."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.banking_days import EPOCH, BankingCalendar

COUNTRIES = st.sampled_from(["NO", "SE", "DK", "FI"])
DAYS = st.dates(date(1955, 1, 1), date(2099, 12, 31))

CLOSED = {
    # Norges Bank: settlement days 2017 and 2019; Nordea's list of the central banks' days, 2020 to 2022
    ("NO", 2017): "04-13 04-14 04-17 05-01 05-17 05-25 06-05 12-25 12-26",
    ("NO", 2019): "01-01 04-18 04-19 04-22 05-01 05-17 05-30 06-10 12-24 12-25 12-26",
    ("NO", 2020): "01-01 04-09 04-10 04-13 05-01 05-21 06-01 12-24 12-25",
    ("NO", 2021): "01-01 04-01 04-02 04-05 05-13 05-17 05-24 12-24",
    ("NO", 2026): "01-01 04-02 04-03 04-06 05-01 05-14 05-25 12-24 12-25",
    # Sveriges Riksbank: bank holidays 2017 and 2026
    ("SE", 2017): "01-06 04-14 04-17 05-01 05-25 06-06 06-23 12-25 12-26",
    ("SE", 2020): "01-01 01-06 04-10 04-13 05-01 05-21 06-19 12-24 12-25 12-31",
    ("SE", 2021): "01-01 01-06 04-02 04-05 05-13 06-25 12-24 12-31",
    ("SE", 2026): "01-01 01-06 04-03 04-06 05-01 05-14 06-19 12-24 12-25 12-31",
    # Danish Bankers Association 2006; Danmarks Nationalbank 2016, 2026 and 2027
    ("DK", 2006): "04-13 04-14 04-17 05-12 05-25 06-05 12-25 12-26",
    ("DK", 2016): "01-01 03-24 03-25 03-28 04-22 05-05 05-06 05-16 12-26",
    ("DK", 2020): "01-01 04-09 04-10 04-13 05-08 05-21 05-22 06-01 06-05 12-24 12-25 12-31",
    ("DK", 2026): "01-01 04-02 04-03 04-06 05-14 05-15 05-25 06-05 12-24 12-25 12-31",
    ("DK", 2027): "01-01 03-25 03-26 03-29 05-06 05-07 05-17 12-24 12-31",
    # Suomen Pankki 2015; OP 2024; Nordea 2020
    ("FI", 2015): "01-01 01-06 04-03 04-06 05-01 05-14 06-19 12-24 12-25",
    ("FI", 2020): "01-01 01-06 04-10 04-13 05-01 05-21 06-19 12-24 12-25",
    ("FI", 2024): "01-01 03-29 04-01 05-01 05-09 06-21 12-06 12-24 12-25 12-26",
}
"""Weekdays of a year on which a country's banks are closed, as its central bank or its banks listed them."""


def ordinals(country: str, *days: date) -> list[int]:
    numbers = np.array([(day - EPOCH).days for day in days])
    return [int(ordinal) for ordinal in BankingCalendar(country).ordinal(numbers)]


def apart(country: str, first: date, last: date) -> int:
    one, other = ordinals(country, first, last)
    return other - one


@pytest.mark.parametrize(("country", "year"), CLOSED)
def test_the_weekdays_of_a_year_on_which_banks_are_closed(country: str, year: int) -> None:
    days = [date(year, 1, 1) + timedelta(days=number) for number in range(366)]
    closed = [
        f"{day:%m-%d}"
        for day in days
        if day.year == year and day.weekday() < 5 and apart(country, day, day + timedelta(days=1)) == 0
    ]
    assert " ".join(closed) == CLOSED[country, year]


@pytest.mark.parametrize(
    ("country", "day"),
    [
        ("NO", "2026-12-31"),  # the exchange is closed, the banks are not
        ("FI", "2026-12-31"),
        ("FI", "2026-04-02"),  # a short banking day is one
        ("SE", "2026-04-30"),
        ("DK", "2026-05-01"),
        ("DK", "2024-04-26"),  # Store Bededag, abolished from 2024
        ("SE", "2026-05-25"),  # Whit Monday, until 2004
    ],
)
def test_days_that_look_closed_and_are_not(country: str, day: str) -> None:
    open_day = date.fromisoformat(day)
    assert apart(country, open_day, open_day + timedelta(days=1)) == 1


def test_easter_in_norway() -> None:
    wednesday, tuesday = date(2026, 4, 1), date(2026, 4, 7)
    assert apart("NO", wednesday, tuesday) == 1  # Thursday to Monday are closed
    assert apart("NO", tuesday, wednesday) == -1


def test_a_day_off_counts_as_the_next_banking_day() -> None:
    saturday, sunday, monday = ordinals("NO", date(2026, 1, 10), date(2026, 1, 11), date(2026, 1, 12))
    assert saturday == sunday == monday


@settings(deadline=None)
@given(DAYS, st.integers(0, 60), COUNTRIES)
def test_ordinals_count_banking_days(day: date, length: int, country: str) -> None:
    last = day + timedelta(days=length)
    assert apart(country, day, last) == BankingCalendar(country).count(day, last)


@settings(deadline=None)
@given(st.lists(DAYS, min_size=3, max_size=3), COUNTRIES)
def test_the_distance_is_additive_and_turns_with_its_direction(days: list[date], country: str) -> None:
    first, middle, last = days
    assert apart(country, first, middle) + apart(country, middle, last) == apart(country, first, last)
    assert apart(country, first, last) == -apart(country, last, first)
    assert apart(country, first, first) == 0


@settings(deadline=None)
@given(DAYS, st.integers(0, 400), COUNTRIES)
def test_the_distance_never_falls_and_is_never_more_than_the_days_between(day: date, length: int, country: str) -> None:
    last = day + timedelta(days=length)
    distance = apart(country, day, last)
    assert 0 <= distance <= length
    assert apart(country, day, last + timedelta(days=1)) - distance in (0, 1)


@settings(deadline=None)
@given(DAYS, COUNTRIES)
def test_of_seven_days_at_least_one_and_at_most_five_are_banking_days(day: date, country: str) -> None:
    assert 1 <= apart(country, day, day + timedelta(days=7)) <= 5


def test_marks_for_missing_days_stand() -> None:
    far = np.array([-(1 << 40), 0])
    assert BankingCalendar("NO").ordinal(far).tolist() == [-(1 << 40), 0]
    assert BankingCalendar("NO").ordinal(far[:1]).tolist() == [-(1 << 40)]


def test_an_unknown_country_is_refused() -> None:
    with pytest.raises(ValueError, match="“XX”"):
        BankingCalendar("XX")
