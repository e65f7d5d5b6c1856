"""Why a line takes part, and why two units match under a rule or do not: every test with the values it compared.

This is the reading for people. It is also the oracle that the readings by columns and by the rules engine are held to.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import ROUND_DOWN, Decimal
from fractions import Fraction
from itertools import product

from rules.banking_days import BankingCalendar
from rules.match_sentence import amount_sentence, date_phrase, days_apart_phrase, taking_phrase
from rules.model import MANY_SIDES, Allowance, Condition, DateWindow, Match, Unit
from rules.names import field_words
from rules.one_line import Explanation, Row, currency_of, exact, line, pair, rows, shown, sum_of, told
from rules.values import exponent, said_day, said_number
from rules.wording import _

__all__ = ["Explanation", "Row", "days_between", "line", "match_rule", "pair", "rows"]

MOST_PARTS = 50
"""Members of a unit whose tests are listed one by one; of more, those that fail and the first of the others."""


def match_rule(rule: Match, left: Sequence[Row], right: Sequence[Row], country: str | None = None) -> Explanation:
    """Every test that the units must pass to match, and whether they do.

    `left` and `right` are the members of the two units (for an internal rule the earlier and the later lines of its
    side; amounts are remainders). `country` is what `calendar: banking` means. Raises ValueError where it is needed
    and missing.
    """
    tests = [
        _counts(rule, left, right),
        *_line_tests(rule, left, right),
        *_shared_keys(rule, left, right),
        _one_currency(rule, left, right),
    ]
    if rule.pair is not None:
        tests.append(_pairs(rule.pair, left, right))
    if rule.date is not None:
        tests.append(_dates(rule, rule.date, left, right, country))
    tests.append(_amounts(rule, left, right))
    return Explanation(all(test.holds for test in tests), taking_phrase(rule), (), tuple(tests))


def _counts(rule: Match, left: Sequence[Row], right: Sequence[Row]) -> Explanation:
    """Many means at least two lines, and many to many three in all."""
    counts = (len(left), len(right))
    if rule.internal:
        many = bool(rule.search or rule.left.group_by or rule.right.group_by)
        holds = sum(counts) >= 2 if many else sum(counts) == 2
    else:
        many_sides = MANY_SIDES[rule.cardinality]
        fits = [n >= 1 if side in many_sides else n == 1 for side, n in zip(("left", "right"), counts, strict=True)]
        holds = all(fits) and sum(counts) >= (3 if many_sides else 2)
    if rule.search is not None:
        holds = holds and len(_searched(rule, left, right)) <= rule.search.max_lines
    figures = _("{left} and {right} lines").format(left=counts[0], right=counts[1])
    return Explanation(holds, taking_phrase(rule), tuple(map(str, counts)), (), None, figures)


def _line_tests(rule: Match, left: Sequence[Row], right: Sequence[Row]) -> list[Explanation]:
    if rule.internal:
        own = rule.left if rule.internal == "left" else rule.right
        sides = [(own, [*left, *right])]
    else:
        sides = [(rule.left, list(left)), (rule.right, list(right))]
    return [_every_line(unit, rows) for unit, rows in sides if unit.where is not None]


def _every_line(unit: Unit, rows: Sequence[Row]) -> Explanation:
    parts = [line(unit.where, values) for values in rows]
    return parts[0] if len(parts) == 1 else _together(parts[0].sentence if parts else "", parts, unit.where)


def _together(sentence: str, parts: Sequence[Explanation], condition: Condition | None = None) -> Explanation:
    """A test that must hold for every member; long lists are cut to what tells."""
    telling = [part for part in parts if not part.holds] + [part for part in parts if part.holds]
    return Explanation(all(part.holds for part in parts), sentence, (), tuple(telling[:MOST_PARTS]), None)


def _shared_keys(rule: Match, left: Sequence[Row], right: Sequence[Row]) -> list[Explanation]:
    """Every group key is filled and the same on all members of its side; so are the fields that a search shares."""
    if rule.internal:
        unit = rule.left if rule.internal == "left" else rule.right
        keys = [(key, [*left, *right]) for key in unit.group_by]
    else:
        keys = [(key, list(rows)) for unit, rows in ((rule.left, left), (rule.right, right)) for key in unit.group_by]
    if rule.search is not None:
        keys += [(key, _searched(rule, left, right)) for key in rule.search.same]
    return [_shared(key, rows) for key, rows in keys]


def _searched(rule: Match, left: Sequence[Row], right: Sequence[Row]) -> list[Row]:
    """The lines that a search has added up: those of the many side that is not grouped, or of the rule's own side."""
    if rule.internal:
        return [*left, *right]
    sides = [side for side in MANY_SIDES[rule.cardinality] if not getattr(rule, side).group_by]
    return list(left if sides == ["left"] else right)


def _shared(key: str, rows: Sequence[Row]) -> Explanation:
    values = [exact(key, values) for values in rows]
    words, said = (tuple(dict.fromkeys(write(key, row) for row in rows))[:MOST_PARTS] for write in (shown, told))
    sentence = _("all lines share the {field}").format(field=field_words(key))
    return Explanation(None not in values and len(set(values)) == 1, sentence, words, told=said)


def _one_currency(rule: Match, left: Sequence[Row], right: Sequence[Row]) -> Explanation:
    """Currency is an implied key: the currencies of the compared amounts are one."""
    found = [currency_of(_left_field(rule), values) for values in left]
    found += [currency_of(_right_field(rule), values) for values in right]
    names = dict.fromkeys(currency or "" for currency in found)
    return Explanation(len(names) == 1 and "" not in names, _("all amounts are in one currency"), tuple(names))


def _left_field(rule: Match) -> str:
    return rule.amount.left


def _right_field(rule: Match) -> str:
    return rule.amount.left if rule.internal else rule.amount.right


def _pairs(condition: Condition, left: Sequence[Row], right: Sequence[Row]) -> Explanation:
    """The pair condition holds for every left with every right member."""
    parts = [pair(condition, one, other) for one, other in product(left, right)]
    return parts[0] if len(parts) == 1 else _together(parts[0].sentence if parts else "", parts, condition)


def _dates(
    rule: Match, window: DateWindow, left: Sequence[Row], right: Sequence[Row], country: str | None
) -> Explanation:
    """Every member lies inside the window; the values are the dates that are furthest apart."""
    sentence = date_phrase(rule)
    days = [[exact(window.field, values) for values in rows] for rows in (left, right)]
    if None in days[0] + days[1]:
        members = [*left, *right][:MOST_PARTS]
        dates, said = (tuple(write(window.field, row) for row in members) for write in (shown, told))
        return Explanation(False, sentence, dates, told=said)
    if rule.internal:
        first, last = min(days[0] + days[1]), max(days[0] + days[1])
        apart = days_between(first, last, window.calendar, country)
        window = replace(window, earliest=-window.latest)
        figures = days_apart_phrase(window, apart)
        return _dated(apart <= window.latest, sentence, (first, last), figures)
    distances = {
        (one, other): days_between(one, other, window.calendar, country) for one, other in product(*map(set, days))
    }
    holds = all(window.earliest <= distance <= window.latest for distance in distances.values())
    furthest = max(distances, key=lambda dates: (abs(distances[dates]), dates))
    outside = max(distances.values(), key=lambda apart: (max(window.earliest - apart, apart - window.latest), apart))
    figures = days_apart_phrase(window, outside)
    return _dated(holds, sentence, furthest, figures)


def _dated(holds: bool, sentence: str, days: Sequence[date], figures: str) -> Explanation:
    values, said = (tuple(write(day) for day in days) for write in (date.isoformat, said_day))
    return Explanation(holds, sentence, values, (), None, figures, said)


def days_between(one: date, other: date, calendar: str, country: str | None) -> int:
    """Days from one to the other in a rule's calendar."""
    if calendar == "calendar":
        return (other - one).days
    named = calendar.partition(":")[2] or country
    if not named:
        raise ValueError(_("The rule counts banking days; say of which country."))
    return BankingCalendar(named).count(one, other)


def _amounts(rule: Match, left: Sequence[Row], right: Sequence[Row]) -> Explanation:
    """Same sign (zero meets only zero), and the difference right less left inside what is allowed."""
    one, other = sum_of(_left_field(rule), left), sum_of(_right_field(rule), right)
    if one is None or other is None:
        return Explanation(False, amount_sentence(rule), ("", ""))
    difference, facing = other - one, other
    if rule.internal:
        # Seen from the ledger side: what has to be added there, or taken from the other account's lines.
        difference, facing = (one + other) * (-1 if rule.internal == "left" else 1), -other
    signs = rule.internal is not None or _sign(one) == _sign(facing)
    limit = _limit(rule.amount, difference, abs(one), abs(facing))
    holds = signs and (limit is None or abs(difference) <= limit)
    currency = currency_of(_left_field(rule), left[0]) or ""
    values, said = (tuple(write(each, currency) for each in (one, other, difference)) for write in (_money, _said))
    figures = _difference_phrase(abs(difference), limit, currency) if signs else _("the signs differ")
    return Explanation(holds, amount_sentence(rule), values, (), None, figures, said)


def _difference_phrase(difference: Fraction, limit: Fraction | None, currency: str) -> str:
    found = _said(difference, currency)
    if limit is None:
        return _("difference {difference}, any allowed").format(difference=found)
    if not limit:
        return _("difference {difference}, none allowed").format(difference=found)
    places = Decimal(1).scaleb(-(exponent(currency) if currency else 2))
    allowed = (Decimal(limit.numerator) / Decimal(limit.denominator)).quantize(places, ROUND_DOWN)
    return _("difference {difference}, {allowed} allowed").format(difference=found, allowed=said_number(allowed))


def _sign(amount: Fraction) -> int:
    return (amount > 0) - (amount < 0)


def _limit(amount: Allowance, difference: Fraction, left: Fraction, right: Fraction) -> Fraction | None:
    """How far such a difference may go, the boundary inside: in currency units or in percent up to the cap, the larger
    of both; None for any."""
    if amount.anything:
        return None
    fixed = Fraction(amount.plus if difference > 0 else amount.minus)
    if amount.percent is None:
        return fixed
    basis = {"left": left, "right": right, "larger": max(left, right), "smaller": min(left, right)}[amount.basis]
    share = Fraction(amount.percent) / 100 * basis
    return max(fixed, share if amount.cap is None else min(share, Fraction(amount.cap)))


def _money(amount: Fraction, currency: str) -> str:
    return f"{_rounded(amount, currency):f} {currency}".strip()


def _said(amount: Fraction, currency: str) -> str:
    return f"{said_number(_rounded(amount, currency))} {currency}".strip()


def _rounded(amount: Fraction, currency: str) -> Decimal:
    places = Decimal(1).scaleb(-(exponent(currency) if currency else 2))
    return (Decimal(amount.numerator) / Decimal(amount.denominator)).quantize(places)
