"""Values of the trade and their only home: minor units, amounts as people write them.

Money is an int of the currency's minor unit. Nothing here passes an amount through a float.
"""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from functools import lru_cache

from babel import Locale

from rules.wording import _, spoken

_TWO_DECIMALS = (
    "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE "
    "CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD "
    "HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP "
    "MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD "
    "SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS "
    "VED VES WST XAD XCD XCG YER ZAR ZMW ZWG "
    # withdrawn, still met in old statements
    "ANG ATS BEF CYP DEM EEK ESP FIM FRF GRD HRK IEP ITL LTL LUF LVL MRO MTL NLG PTE SIT SKK SLL STD VEF ZMK ZWL "
    "XXX"  # no currency: what banks write in anonymised statements, with two decimals
).split()
_EXPONENTS: dict[str, int] = {
    **dict.fromkeys(_TWO_DECIMALS, 2),
    **dict.fromkeys("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split(), 0),
    **dict.fromkeys("BHD IQD JOD KWD LYD OMR TND".split(), 3),
    **dict.fromkeys("CLF UYW".split(), 4),
}
MOST_DECIMALS = max(_EXPONENTS.values())
"""Decimals of the currency that has most."""
_MOST_MINOR = 2**63 - 1
_PLAIN = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")


class AmountError(ValueError):
    """An amount or currency that cannot be read exactly; the message is the sentence for the user."""


def exponent(currency: str) -> int:
    """Decimals of a currency's minor unit (ISO 4217). Raises `AmountError` for a code that is none."""
    try:
        return _EXPONENTS[currency]
    except KeyError:
        raise AmountError(_("“{code}” is not a currency code of ISO 4217.").format(code=currency)) from None


def to_minor(amount: str | Decimal, currency: str) -> int:
    """Minor units of an exact amount: text as files and the API write it (`-7134154.55`), or a Decimal.

    Raises `AmountError` when it is not a number, too large, or has more decimals than the currency has.
    """
    value = _decimal(amount)
    places = exponent(currency)
    minor = value.scaleb(places)
    if minor != minor.to_integral_value():
        sentence = _("{amount} has more decimals than {currency} has ({places}).")
        raise AmountError(sentence.format(amount=amount, currency=currency, places=places))
    if abs(minor) > _MOST_MINOR:
        raise AmountError(_("{amount} {currency} is too large.").format(amount=amount, currency=currency))
    return int(minor)


def _decimal(amount: str | Decimal) -> Decimal:
    if isinstance(amount, str):
        if not _PLAIN.fullmatch(amount) or len(amount) > 28:
            raise AmountError(_("“{amount}” is not an amount; write it as 7134154.55.").format(amount=amount))
        return Decimal(amount)
    if not amount.is_finite() or len(amount.as_tuple().digits) > 28:
        raise AmountError(_("“{amount}” is not an amount.").format(amount=amount))
    return amount


def from_minor(minor: int, currency: str) -> str:
    """Plain text of an amount, for files and the API: `7134154.55`, `-50.00`, `1000` (JPY)."""
    whole, rest = _split(minor, exponent(currency))
    return f"{'-' if minor < 0 else ''}{whole}{'.' + rest if rest else ''}"


def _split(minor: int, places: int) -> tuple[str, str]:
    digits = str(abs(minor)).rjust(places + 1, "0")
    return (digits[:-places], digits[-places:]) if places else (digits, "")


@lru_cache(maxsize=64)
def _marks(locale: str) -> tuple[str, str, str]:
    """Decimal mark, grouping mark and minus sign of a locale (CLDR)."""
    symbols = Locale.parse(locale.replace("-", "_")).number_symbols["latn"]
    return symbols["decimal"], symbols["group"], symbols["minusSign"]


def decimal_mark(locale: str) -> str:
    """The mark before a number's decimals: "," in nb, "." in en."""
    return _marks(locale)[0]


def format_amount(minor: int, currency: str, locale: str, symbol: bool = False) -> str:
    """An amount as the locale's readers write it: `7 134 154,55` and `−361 969,76` in nb, `7,134,154.55` in en.

    With `symbol` the currency stands before it (`kr −50,00`, `EUR 12,00`). Spaces are non-breaking.
    """
    decimal, group, minus = _marks(locale)
    whole, rest = _split(minor, exponent(currency))
    grouped = f"{int(whole):,}".replace(",", group)
    text = f"{minus if minor < 0 else ''}{grouped}{decimal + rest if rest else ''}"
    return f"{_symbol(currency, locale)}\N{NO-BREAK SPACE}{text}" if symbol else text


def _symbol(currency: str, locale: str) -> str:
    own = {"NOK": ("nb", "nn", "no"), "SEK": ("sv",), "DKK": ("da",)}.get(currency, ())
    return "kr" if re.split("[-_]", locale)[0] in own else currency


def format_day(day: date, locale: str) -> str:
    """A day as the trade writes it: `31.01.2026` in nb and da, `31.1.2026` in fi, else the ISO form, which nobody can
    misread.
    """
    match re.split("[-_]", locale)[0]:
        case "nb" | "nn" | "no" | "da":
            return f"{day:%d.%m.%Y}"
        case "fi":
            return f"{day.day}.{day.month}.{day.year}"
    return day.isoformat()


def parse_day(text: str, locale: str) -> date:
    """A day as a person types it: the ISO form everywhere, and where days are written `31.01.2026`, that too. Raises
    ValueError where it is none.
    """
    written = re.fullmatch(r"([0-9]{1,2})\.([0-9]{1,2})\.([0-9]{4})", text.strip())
    if written is None or "." not in format_day(date.min, locale):
        return date.fromisoformat(text.strip())
    day, month, year = map(int, written.groups())
    return date(year, month, day)


def said_money(minor: int, currency: str) -> str:
    """An amount inside a sentence: as the language spoken writes it, in English as files do (`7134154.55`)."""
    return from_minor(minor, currency) if spoken() == "en" else format_amount(minor, currency, spoken())


def said_number(value: Decimal) -> str:
    """A number inside a sentence, by the same marks."""
    text = f"{value:f}"
    if spoken() == "en":
        return text
    decimal, group, minus = _marks(spoken())
    whole, _point, rest = text.lstrip("-").partition(".")
    grouped = f"{int(whole):,}".replace(",", group)
    return f"{minus if value < 0 else ''}{grouped}{decimal + rest if rest else ''}"


def said_day(day: date) -> str:
    """A day inside a sentence."""
    return format_day(day, spoken())


_MINUS_SIGNS = dict.fromkeys(map(ord, "\N{MINUS SIGN}\N{EN DASH}\N{SMALL HYPHEN-MINUS}\N{FULLWIDTH HYPHEN-MINUS}"), "-")
_WORD = r"(?:[A-Za-z]{3}|[Kk][Rr]\.?|[€$£¥])"
_WRITTEN = re.compile(
    rf"(?P<open>\()? ?(?P<before>[-+]?) ?{_WORD}? ?(?P<inner>[-+]?) ?(?P<body>[0-9][0-9 .,'’]*?|[.,][0-9]+?) ?"
    rf"(?P<after>-?) ?{_WORD}? ?(?P<close>\))?"
)


def parse_amount(text: str, locale: str) -> Decimal:
    """The amount a person typed or pasted, by the locale's marks: `7 134 154,55`, `−361 969,76`, `kr −50,00`.

    Spaces of any kind group thousands; a trailing minus and parentheses mean negative. Raises `AmountError` where it
    is no amount, or where a mark may mean thousands as well as decimals (`1.234` in nb).
    """
    spaced = " ".join(text.split()).translate(_MINUS_SIGNS)
    written = _WRITTEN.fullmatch(spaced)
    if not written or bool(written["open"]) != bool(written["close"]):
        raise _not_an_amount(text)
    signs = [sign for sign in (written["before"], written["inner"], written["after"], written["open"]) if sign]
    if len(signs) > 1:
        raise _not_an_amount(text)
    value = _body(written["body"], text, *_marks(locale)[:2])
    return -value if signs and signs[0] != "+" else value


def _not_an_amount(text: str) -> AmountError:
    return AmountError(_("“{amount}” is not an amount.").format(amount=text))


def _body(body: str, text: str, decimal: str, group: str) -> Decimal:
    mark = _decimal_mark(body, text, decimal, group)
    whole, _mark, rest = body.rpartition(mark) if mark else (body, "", "")
    separators = set(re.sub(r"[0-9]", "", whole))
    if (rest and not rest.isdigit()) or len(separators) > 1 or mark in separators:
        raise _not_an_amount(text)
    if separators and not re.fullmatch(r"[0-9]{1,3}([ .,'’][0-9]{3})+", whole):
        raise _not_an_amount(text)
    return Decimal(f"{re.sub(r'[^0-9]', '', whole) or '0'}.{rest or '0'}")


def _decimal_mark(body: str, text: str, decimal: str, group: str) -> str:
    """Which mark of `body` parts the decimals; "" for none."""
    found = [char for char in body if char in ".,"]
    if not found:
        return ""
    last = found[-1]
    if len(set(found)) == 2:
        return last
    if len(found) > 1:
        return ""
    if last == decimal or not re.search(r"^[0-9]{1,3}[.,][0-9]{3}$", body):
        return last
    if last == group:
        return ""
    raise AmountError(_("“{amount}” may mean thousands or decimals; write it without that mark.").format(amount=text))
