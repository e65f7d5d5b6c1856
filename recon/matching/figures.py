"""The figures of one candidate, read from its lines: what agreement compares and decisions read.

The reading by columns is `recon.matching.agreement`; this one is for telling people.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import product

from recon.matching.agreement import COMPARED
from recon.matching.side import DEFAULT_STEPS
from rules.explain import Explanation, Row, days_between, line
from rules.likeness import similarities
from rules.model import DateWindow, Decision, Match, PairTest, leaves
from rules.one_line import currency_of, exact, sum_of
from rules.text import fold, normal
from rules.values import exponent, said_number
from rules.wording import _


@dataclass(frozen=True, slots=True)
class Figures:
    """`amount` is Σ left, `difference` Σ right − Σ left, in currency units; None where an amount is missing.

    `days_apart`: the largest between two members, None where a date is missing; `same`: how many of the fields that
    agreement compares are filled and the same; `similarity`: the lowest of the rule's `similar` tests, None without.
    """

    currency: str
    amount: Fraction | None
    difference: Fraction | None
    days_apart: int | None
    left_count: int
    right_count: int
    same: int
    similarity: float | None

    @property
    def rank(self) -> tuple[Fraction, int, int, float]:
        """The smaller the better (rule language, agreement)."""
        apart = abs(self.days_apart) if self.days_apart is not None else 1 << 40
        difference = abs(self.difference) if self.difference is not None else Fraction(1 << 62)
        return difference, apart, -self.same, -(self.similarity or 0.0)


def figures(rule: Match, left: Sequence[Row], right: Sequence[Row], country: str | None = None) -> Figures:
    """Of one candidate (for an internal rule: the earlier line and the later ones)."""
    one = sum_of(rule.amount.left, left)
    other = sum_of(rule.amount.left if rule.internal else rule.amount.right, right)
    return Figures(
        currency=currency_of(rule.amount.left, left[0]) or "",
        amount=one,
        difference=None if one is None or other is None else _difference(rule, one, other),
        days_apart=_days_apart(rule.date or DateWindow(), left, right, country),
        left_count=len(left),
        right_count=len(right),
        same=sum(_is_same(field, left, right) for field in COMPARED),
        similarity=_similarity(rule, left, right),
    )


def deciding(
    decide: Sequence[Decision], rule: Match, found: Figures, alternatives: int
) -> tuple[Decision, Explanation] | None:
    """The first decision that fires on a candidate, with the values it read; None where none does."""
    facts = _facts(rule, found, alternatives)
    for decision in decide:
        told = line(decision.when, facts)
        if told.holds:
            return decision, told
    return None


def why_lost(taken: Figures, rival: Figures) -> str:
    """What agreement preferred in the candidate that was taken; of equals, and of one that agrees better, just that."""
    if rival.rank < taken.rank:
        return _("it agrees better, but its other lines were not free")
    if rival.difference is not None and taken.difference is not None:
        theirs, ours = abs(rival.difference), abs(taken.difference)
        if theirs != ours:
            told = _("difference {theirs} against {ours}")
            return told.format(theirs=_money(theirs, rival.currency), ours=_money(ours, taken.currency))
    if rival.days_apart != taken.days_apart:
        theirs_apart = "–" if rival.days_apart is None else abs(rival.days_apart)
        ours_apart = "–" if taken.days_apart is None else abs(taken.days_apart)
        return _("{theirs} days apart against {ours}").format(theirs=theirs_apart, ours=ours_apart)
    if rival.same != taken.same:
        return _("{theirs} fields the same against {ours}").format(theirs=rival.same, ours=taken.same)
    if rival.similarity != taken.similarity:
        told = _("{theirs} % similar against {ours} %")
        return told.format(theirs=int((rival.similarity or 0) * 100), ours=int((taken.similarity or 0) * 100))
    return _("it agrees just as well")


def _money(amount: Fraction, currency: str) -> str:
    places = exponent(currency) if currency else 2
    return said_number(Decimal(int(amount * 10**places)).scaleb(-places))


def _difference(rule: Match, one: Fraction, other: Fraction) -> Fraction:
    """Right less left; within one side what the ledger lacks for its lines to cancel out."""
    if rule.internal:
        return (one + other) * (-1 if rule.internal == "left" else 1)
    return other - one


def _facts(rule: Match, found: Figures, alternatives: int) -> Row:
    """The candidate as decisions read it: amounts in minor units."""
    scale = 10 ** (exponent(found.currency) if found.currency else 2)
    amount = None if found.amount is None else int(found.amount * scale)
    difference = None if found.difference is None else int(found.difference * scale)
    return {
        "rule": rule.key,
        "cardinality": rule.cardinality,
        "currency": found.currency,
        "difference": difference,
        "abs_difference": None if difference is None else abs(difference),
        "amount": amount,
        "abs_amount": None if amount is None else abs(amount),
        "days_apart": None if found.days_apart is None else abs(found.days_apart),
        "left_count": found.left_count,
        "right_count": found.right_count,
        "alternatives": alternatives,
        "similarity": found.similarity,
    }


def _days_apart(window: DateWindow, left: Sequence[Row], right: Sequence[Row], country: str | None) -> int | None:
    days = [{exact(window.field, values) for values in rows} for rows in (left, right)]
    if None in days[0] | days[1]:
        return None
    return max(
        (days_between(one, other, window.calendar, country) for one, other in product(*days)),
        key=lambda apart: (abs(apart), apart),
    )


def _is_same(field: str, left: Sequence[Row], right: Sequence[Row]) -> bool:
    """All lines of both sides are filled and the same."""
    values = {exact(field, values) for values in (*left, *right)}
    if None in values:
        return False
    return len({normal(str(value), DEFAULT_STEPS) for value in values}) == 1


def _similarity(rule: Match, left: Sequence[Row], right: Sequence[Row]) -> float | None:
    tests = [leaf for leaf in leaves(rule.pair) if isinstance(leaf, PairTest) and leaf.op == "similar"]
    if not tests:
        return None
    return min(_score(test, one, other) for test in tests for one, other in product(left, right))


def _score(test: PairTest, left: Row, right: Row) -> float:
    one, other = exact(test.left, left), exact(test.right, right)
    if one is None or other is None:
        return 0.0
    return float(similarities([fold(one)], [fold(other)])[0])
