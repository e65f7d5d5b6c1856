"""How amounts, days and moments are written on paper, by language. Whole numbers in, text out: no float on the way."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

MINUS = "\N{MINUS SIGN}"
_NBSP = "\N{NO-BREAK SPACE}"
_SEPARATORS = {"en": (",", "."), "nb": (_NBSP, ","), "sv": (_NBSP, ","), "da": (".", ","), "fi": (_NBSP, ",")}
_DAYS = {"nb": "%d.%m.%Y", "da": "%d.%m.%Y", "fi": "%d.%m.%Y"}


@dataclass(frozen=True, slots=True)
class Writing:
    """One document's way of writing. `digits` is the number of decimals of its currency."""

    language: str = "en"
    digits: int = 2

    def money(self, minor: int | None) -> str:
        """`-36196976` -> `−361,969.76` (en), `−361 969,76` (nb, sv); nothing for None."""
        if minor is None:
            return ""
        thousands, point = _SEPARATORS.get(self.language, _SEPARATORS["en"])
        whole, part = divmod(abs(minor), 10**self.digits)
        decimals = f"{point}{part:0{self.digits}d}" if self.digits else ""
        return f"{MINUS if minor < 0 else ''}{whole:,}".replace(",", thousands) + decimals

    def count(self, number: int) -> str:
        return f"{number:,}".replace(",", _SEPARATORS.get(self.language, _SEPARATORS["en"])[0])

    def day(self, day: date | None) -> str:
        return day.strftime(_DAYS.get(self.language, "%Y-%m-%d")) if day else ""

    def moment(self, at: datetime | None) -> str:
        """A UTC moment to the minute; the zone is written so that nobody reads it as local time."""
        return f"{self.day(at.date())} {at:%H:%M} UTC" if at else ""
