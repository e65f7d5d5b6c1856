"""How numbers, dates and names are written on pages: by the reader's locale, never through a float."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal
from flask import Flask, current_app, g, url_for
from flask_babel import get_locale
from markupsafe import Markup

from recon.web.languages import page_language
from recon.web.row_version import row_version
from rules.names import rule_title
from rules.values import format_amount, format_day


def number_locale() -> str:
    """Whose digits, separators and dates this page uses: those of its language; English ones, spoken everywhere, follow
    the active company's country.
    """
    return str(getattr(g, "number_locale", "en"))


def amount(minor: int | None, currency: str = "NOK") -> str:
    """Minor units as the reader writes money: 713415455 NOK is "7 134 154,55" in nb. Missing is empty."""
    if minor is None:
        return ""
    return format_amount(minor, currency, number_locale())


def money(minor: int | None, currency: str = "NOK") -> Markup:
    return Markup('<span class="tab nowrap">{}</span>').format(amount(minor, currency))


def difference(minor: int | None, currency: str = "NOK") -> Markup:
    """A difference: red unless it is 0."""
    style = "tab nowrap bad" if minor else "tab nowrap"
    return Markup('<span class="{}">{}</span>').format(style, amount(minor, currency))


def count(number: int | None) -> str:
    return "" if number is None else format_decimal(number, locale=number_locale())


def day(value: date | None) -> str:
    return "" if value is None else format_day(value, number_locale())


def moment(value: datetime | None) -> str:
    """A UTC time in the installation's time zone, to the minute."""
    if value is None:
        return ""
    aware = value if value.tzinfo else value.replace(tzinfo=UTC)
    local = aware.astimezone()
    return f"{day(local.date())} {format_datetime(local, 'HH:mm', locale=number_locale())}"


def month(value: date) -> str:
    return str(format_date(value, "LLLL yyyy", locale=get_locale()))


def asset(name: str) -> str:
    """Address of a static file that changes with its content's time, so that browsers may keep it."""
    file = Path(current_app.static_folder or "") / name
    version = int(file.stat().st_mtime) if file.is_file() else 0
    return url_for("static", filename=name, v=version)


def register(app: Flask) -> None:
    app.jinja_env.filters.update(amount=amount, money=money, difference=difference, count=count, day=day, moment=moment)
    app.jinja_env.filters.update(month=month, rule_title=rule_title)
    app.jinja_env.globals.update(
        asset=asset, number_locale=number_locale, page_language=page_language, row_version=row_version
    )
