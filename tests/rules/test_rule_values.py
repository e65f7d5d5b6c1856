"""Minor units, amounts as people write them (T31)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.values import (
    AmountError,
    exponent,
    format_amount,
    format_day,
    from_minor,
    parse_amount,
    parse_day,
    to_minor,
)

CURRENCIES = st.sampled_from(["NOK", "JPY", "KWD", "CLF", "SEK"])
MINOR = st.integers(-(10**17), 10**17)


@pytest.mark.parametrize(
    ("currency", "places"), [("NOK", 2), ("JPY", 0), ("ISK", 0), ("KWD", 3), ("CLF", 4), ("EEK", 2)]
)
def test_exponents_of_iso_4217(currency: str, places: int) -> None:
    assert exponent(currency) == places


@pytest.mark.parametrize("code", ["", "nok", "XXQ", "KRONER", "XAU"])
def test_what_is_no_currency_is_refused(code: str) -> None:
    with pytest.raises(AmountError, match="ISO 4217"):
        exponent(code)


@settings(deadline=None)
@given(MINOR, CURRENCIES)
def test_minor_units_survive_writing_and_reading(minor: int, currency: str) -> None:
    assert to_minor(from_minor(minor, currency), currency) == minor


@settings(deadline=None)
@given(MINOR, CURRENCIES, st.sampled_from(["nb", "sv", "en", "da", "fi", "nb_NO", "sv-SE"]), st.booleans())
def test_t31_what_is_printed_can_be_read(minor: int, currency: str, locale: str, symbol: bool) -> None:
    printed = format_amount(minor, currency, locale, symbol)
    assert to_minor(parse_amount(printed, locale), currency) == minor


def test_plain_text_of_amounts() -> None:
    assert from_minor(713415455, "NOK") == "7134154.55"
    assert from_minor(-5, "NOK") == "-0.05"
    assert from_minor(1000, "JPY") == "1000"
    assert from_minor(-1, "KWD") == "-0.001"


def test_t31_amounts_as_printed() -> None:
    assert format_amount(713415455, "NOK", "nb") == "7\xa0134\xa0154,55"
    assert format_amount(-36196976, "SEK", "sv") == "−361\xa0969,76"
    assert format_amount(-5000, "NOK", "nb", symbol=True) == "kr\xa0−50,00"
    assert format_amount(-5000, "EUR", "nb", symbol=True) == "EUR\xa0−50,00"
    assert format_amount(713415455, "NOK", "en") == "7,134,154.55"


@pytest.mark.parametrize(
    ("text", "locale", "amount"),
    [
        ("7 134 154,55", "nb", "7134154.55"),
        ("7\xa0134\xa0154,55", "sv", "7134154.55"),
        ("7\u2009134\u202f154,55", "nb", "7134154.55"),
        ("−361 969,76", "sv", "-361969.76"),
        ("kr −50,00", "nb", "-50"),
        ("−50,00 kr", "sv", "-50"),
        ("Kr. 50", "nb", "50"),
        ("NOK 1 000", "nb", "1000"),
        ("50,00-", "nb", "-50"),
        ("(50,00)", "nb", "-50"),
        ("+50", "nb", "50"),
        ("50.00", "nb", "50"),
        ("1.234,50", "nb", "1234.5"),
        ("1,234.50", "nb", "1234.5"),
        ("1.234.567", "nb", "1234567"),
        ("1,234", "nb", "1.234"),
        ("1,234", "en", "1234"),
        ("1.234", "en", "1.234"),
        ("1.234", "da", "1234"),
        ("1'234.50", "en", "1234.5"),
        (",5", "nb", "0.5"),
    ],
)
def test_t31_written_amounts(text: str, locale: str, amount: str) -> None:
    assert parse_amount(text, locale) == Decimal(amount)


@pytest.mark.parametrize(
    "text", ["", "kr", "--5", "-5-", "(5", "-(5)", "1 23", "1,2,3", "12.34.56", "1.234,5,6", "5x", "1e5"]
)
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(AmountError, match="is not an amount"):
        parse_amount(text, "nb")


def test_a_mark_that_may_mean_two_things_is_refused() -> None:
    with pytest.raises(AmountError, match="thousands or decimals"):
        parse_amount("1.234", "nb")


def test_more_decimals_than_the_currency_has_are_refused() -> None:
    with pytest.raises(AmountError, match=r"1\.005 has more decimals than NOK has \(2\)"):
        to_minor("1.005", "NOK")
    assert to_minor("1.500", "NOK") == 150
    assert to_minor(Decimal("1.0"), "JPY") == 1


@pytest.mark.parametrize("text", ["1,5", "", "1e5", " 1", "NaN", "1_000", "٣", "9" * 30])
def test_files_write_amounts_plainly(text: str) -> None:
    with pytest.raises(AmountError):
        to_minor(text, "NOK")


def test_amounts_beyond_int64_are_refused() -> None:
    assert to_minor("92233720368547758.07", "NOK") == 2**63 - 1
    with pytest.raises(AmountError, match="too large"):
        to_minor("92233720368547758.08", "NOK")
    with pytest.raises(AmountError):
        to_minor(Decimal("NaN"), "NOK")


@pytest.mark.parametrize("locale", ["nb", "sv", "da", "fi", "en"])
@pytest.mark.parametrize("day", [date(2026, 1, 31), date(2025, 12, 5)])
def test_a_day_is_read_as_it_is_written(locale: str, day: date) -> None:
    assert parse_day(format_day(day, locale), locale) == day
    assert parse_day(f" {day.isoformat()} ", locale) == day


@pytest.mark.parametrize(("text", "locale"), [("31.2.2026", "nb"), ("31.01.2026", "sv"), ("31.1.26", "nb"), ("", "en")])
def test_what_is_no_day(text: str, locale: str) -> None:
    with pytest.raises(ValueError, match=r"day|isoformat"):
        parse_day(text, locale)
