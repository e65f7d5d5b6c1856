"""All candidates of one match rule: a left and a right unit that pass every test."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from recon.matching.abreast import abreast
from recon.matching.allowance import allowed, band
from recon.matching.conditions import Cut, cost, cut
from recon.matching.join import (
    EMPTY,
    Pairs,
    agree,
    band_join,
    equality_join,
    key_codes,
    telling,
    token_join,
    tokens,
)
from recon.matching.side import NO_DAY, Ints, Mask, Side, among, shared_codes
from recon.matching.units import Units, parted, spans, still_live, unit_codes
from rules.errors import Finding
from rules.evaluate import pair_truth
from rules.likeness import SHORTEST_TOKEN
from rules.model import All, Any, Condition, Match, Not, PairTest
from rules.wording import _

CHUNK = 2_000_000
"""Pairs (of members) tested at a time, so that memory stays bounded."""

FAR = 1 << 40
"""Days apart of a candidate with a missing date: farther than any other."""


@dataclass(frozen=True, slots=True)
class Agreed:
    """How well the texts of candidates agree (`agreement.agreed`) that were compared once, −1 where that is not known.

    Selections of the same candidates share what is remembered: `at` are their places in `values`.
    """

    values: NDArray[np.float64]
    at: Ints

    def __getitem__(self, which: Ints | Mask) -> Agreed:
        return Agreed(self.values, self.at[which])

    def of(self, positions: Ints) -> NDArray[np.float64]:
        return self.values[self.at[positions]]

    def remember(self, positions: Ints, values: NDArray[np.float64]) -> None:
        self.values[self.at[positions]] = values


@dataclass(slots=True)
class Candidates:
    """Unit positions with Σ right − Σ left of the compared amounts (minor units) and the largest distance in days."""

    left: Ints
    right: Ints
    difference: Ints
    days: Ints
    agreed: Agreed

    def __len__(self) -> int:
        return len(self.left)

    @classmethod
    def of(cls, left: Ints, right: Ints, difference: Ints, days: Ints) -> Candidates:
        """Candidates that nobody has compared yet."""
        return cls(left, right, difference, days, Agreed(np.full(len(left), -1.0), np.arange(len(left))))

    def keep(self, which: Ints | Mask) -> Candidates:
        """Those at some places, or where a mask holds."""
        return Candidates(*(getattr(self, name)[which] for name in Candidates.__slots__))


@dataclass(frozen=True, slots=True)
class Opposed:
    """What a rule joins: units of two sides, or of one side (positive against negative) for an internal rule."""

    rule: Match
    left_side: Side
    right_side: Side
    left: Units
    right: Units
    currencies: Mapping[int, str]

    @property
    def internal(self) -> bool:
        return self.rule.internal is not None

    @property
    def grouped(self) -> bool:
        return self.left.grouped or self.right.grouped

    def oriented(self, pairs: Pairs) -> tuple[Ints, Ints, Mask]:
        """First rows of both units, earlier first in an internal rule, and where they were swapped."""
        one, other = self.left.first_row[pairs.left], self.right.first_row[pairs.right]
        swapped = np.zeros(len(one), dtype=bool)
        if self.internal:
            day_one, day_other = self.left.first_day[pairs.left], self.right.first_day[pairs.right]
            swapped = (day_other < day_one) | ((day_other == day_one) & (other < one))
        return np.where(swapped, other, one), np.where(swapped, one, other), swapped


def only_candidates(opposed: Opposed, candidates: Candidates) -> tuple[Opposed, Candidates]:
    """Without the line units that stand in no candidate. (A key group may become one when it loses a line.)"""
    left, one = _used(opposed.left, candidates.left)
    right, other = _used(opposed.right, candidates.right)
    return replace(opposed, left=left, right=right), replace(candidates, left=one, right=other)


def _used(units: Units, positions: Ints) -> tuple[Units, Ints]:
    if units.grouped:
        return units, positions
    kept, places = np.unique(positions, return_inverse=True)
    return units.take(kept), places.astype(np.int64)


def standing(opposed: Opposed, candidates: Candidates) -> tuple[Opposed, Candidates]:
    """As suggestions leave them for now: held twins are a unit of their own, and a key group with a held line is
    none."""
    candidates = candidates.keep(_formed(opposed, candidates)) if opposed.grouped else candidates
    left, right = parted(opposed.left, opposed.left_side), parted(opposed.right, opposed.right_side)
    if left is not None:
        opposed, candidates = replace(opposed, left=left[0]), _spread(candidates, "left", left[1])
    if right is not None:
        opposed, candidates = replace(opposed, right=right[0]), _spread(candidates, "right", right[1])
    return opposed, candidates


def _spread(candidates: Candidates, end: Literal["left", "right"], origin: Ints) -> Candidates:
    """Every candidate for each of the parts of its unit at one end; part n is one of unit origin[n]."""
    units = getattr(candidates, end)
    count = np.bincount(origin, minlength=int(units.max(initial=-1)) + 1)
    parts = np.argsort(origin, kind="stable")
    times = count[units]
    spread = candidates.keep(np.repeat(np.arange(len(candidates)), times))
    setattr(spread, end, parts[spans((np.cumsum(count) - count)[units], times)])
    return spread.keep(np.argsort(spread.left, kind="stable"))


def _formed(opposed: Opposed, candidates: Candidates) -> Mask:
    """Where both units stand: a key group is not formed while a suggestion holds one of its members."""
    left, right = opposed.left, opposed.right
    stands: Mask = np.ones(len(candidates), dtype=bool)
    if left.grouped:
        stands &= ~left.held[candidates.left]
    if right.grouped:
        stands &= ~right.held[candidates.right]
    return stands


def remaining_candidates(opposed: Opposed, candidates: Candidates) -> tuple[Opposed, Candidates] | None:
    """What is left of a rule's candidates after lines were matched. None where they must be found anew."""
    left, right = still_live(opposed.left, opposed.left_side), still_live(opposed.right, opposed.right_side)
    if left is None or right is None:
        return None
    one, other = left[1][candidates.left], right[1][candidates.right]
    lives = (one >= 0) & (other >= 0)
    rest = replace(candidates.keep(lives), left=one[lives], right=other[lives])
    return replace(opposed, left=left[0], right=right[0]), rest


def find_candidates(opposed: Opposed) -> tuple[Candidates, list[Finding]]:
    """Every candidate of the rule, and a finding for each block or rule that could not be joined."""
    rule, parts = opposed.rule, cut(opposed.rule.pair, one_side=opposed.rule.internal is not None)
    pairs, found = _joined(opposed, parts)
    kept = [_tested(opposed, parts, Pairs(pairs.left[at], pairs.right[at])) for at in _chunks(opposed, pairs)]
    findings = [_too_large(rule, *block) for block in pairs.left_out] + found
    return _concatenated(kept), findings


def _chunks(opposed: Opposed, pairs: Pairs) -> Iterator[slice]:
    weights = opposed.left.sizes[pairs.left] * opposed.right.sizes[pairs.right]
    ends = np.cumsum(weights)
    start = 0
    while start < len(weights):
        done = int(ends[start - 1]) if start else 0
        stop = max(start + 1, int(np.searchsorted(ends, done + CHUNK, side="right")))
        yield slice(start, stop)
        start = stop


def _concatenated(parts: list[Candidates]) -> Candidates:
    if not parts:
        return Candidates.of(EMPTY, EMPTY, EMPTY, EMPTY)
    found = (
        np.concatenate([getattr(part, name) for part in parts]) for name in ("left", "right", "difference", "days")
    )
    return Candidates.of(*found)


def _joined(opposed: Opposed, parts: Cut) -> tuple[Pairs, list[Finding]]:
    """The cheapest join that can hold every candidate."""
    rule = opposed.rule
    if parts.tokens:
        return _by_tokens(opposed, parts), []
    if rule.amount.exact or parts.same:
        return _equal(opposed, parts), []
    if not rule.amount.anything:
        return _inside_band(opposed), []
    sentence = _("Rule {rule} has no equality to join by, so it was left out.").format(rule=rule.key)
    return Pairs(EMPTY, EMPTY), [Finding("no_equality", "warning", rule.key, sentence)]


def _keys(opposed: Opposed, parts: Cut) -> tuple[list[Ints], list[Ints]]:
    """What must be equal, per unit: the currency, an exact amount, the fields tested with `same`."""
    left, right = opposed.left, opposed.right
    lefts, rights = [left.currency], [right.currency]
    if opposed.rule.amount.exact:
        lefts.append(_key_amount(left.total))
        rights.append(_key_amount(-right.total if opposed.internal else right.total))
    for test in parts.same:
        one, other = same_codes(opposed, test)
        lefts.append(unit_codes(left, one))
        rights.append(unit_codes(right, other))
    return lefts, rights


def _equal(opposed: Opposed, parts: Cut) -> Pairs:
    keys = lefts, rights = _keys(opposed, parts)
    texts = zip(lefts[-len(parts.same) :], rights[-len(parts.same) :], strict=True) if parts.same else ()
    codes = next((column for column in texts if telling(*column)), None) or key_codes(*keys)
    window = None if parts.same else _window(opposed)  # blocks of `same` are small: there the pairs are tested
    pairs = equality_join(*codes, window, opposed.right.first_day)
    return pairs.keep(agree(*keys, pairs))


def _key_amount(total: Ints) -> Ints:
    """Amounts as keys: −1 is kept for "missing", so the numbers move one away from it."""
    return np.where(total < 0, total - 1, total)


def same_codes(opposed: Opposed, test: PairTest) -> tuple[Ints, Ints]:
    codes = shared_codes(opposed.left_side, test.left, opposed.right_side, test.right, test.normalise)
    return codes.left, codes.right


def _window(opposed: Opposed) -> tuple[Ints, Ints] | None:
    """Earliest and latest first day of the right unit for every left unit."""
    date, left = opposed.rule.date, opposed.left
    if date is None:
        return None
    low, high = (-date.latest, date.latest) if opposed.internal else (date.earliest, date.latest)
    missing = left.first_day == NO_DAY
    earliest = np.where(missing, FAR, left.last_day + low)
    latest = np.where(missing, -FAR, left.first_day + high)
    return earliest, latest


def _inside_band(opposed: Opposed) -> Pairs:
    left, right = opposed.left, opposed.right
    sign = -1 if opposed.internal else 1
    low, high = band(opposed.rule.amount, sign * left.total, left.currency, opposed.currencies)
    return band_join(left.currency, right.currency, low, high, right.total)


def _by_tokens(opposed: Opposed, parts: Cut) -> Pairs:
    """Units that share a word and the keys; within one side either unit may be the earlier one, which is left."""
    tests = dict.fromkeys(parts.tokens[0])
    if opposed.internal:
        tests |= dict.fromkeys(map(_turned, parts.tokens[0]))
    keys = _keys(opposed, parts)
    codes = key_codes(*keys)
    found = [_sharing_words(opposed, test, *codes) for test in tests]
    left, right = (np.concatenate([getattr(pairs, end) for pairs in found]) for end in ("left", "right"))
    if len(found) > 1:
        left, right = np.unique(np.stack([left, right]), axis=1)
    pairs = Pairs(left, right, tuple(block for pairs in found for block in pairs.left_out))
    return pairs.keep(agree(*keys, pairs))


def _turned(test: PairTest) -> PairTest:
    turned = {"contains": "contained_in", "contained_in": "contains"}.get(test.op, test.op)
    return replace(test, left=test.right, op=turned, right=test.left)


def _sharing_words(opposed: Opposed, test: PairTest, one: Ints, other: Ints) -> Pairs:
    """Of a value that must be contained, its longest word is enough. Only units with a key in common are read: `one`
    and `other` are codes of the keys of left and right units."""
    lefts, rights = np.flatnonzero(among(one, other)), np.flatnonzero(among(other, one))
    left, right = abreast(
        lambda: tokens(opposed.left_side.values(test.left, opposed.left.first_row[lefts])),
        lambda: tokens(opposed.right_side.values(test.right, opposed.right.first_row[rights])),
    )
    if test.op == "shares_token":
        least = int(test.at_least or SHORTEST_TOKEN)
        left, right = left.numbers(least), right.numbers(least)
    elif test.op == "contains":
        right = right.longest()
    else:
        left = left.longest()
    found = token_join(left, right, one[lefts], other[rights])
    return Pairs(lefts[found.left], rights[found.right], found.left_out)


def _tested(opposed: Opposed, parts: Cut, pairs: Pairs) -> Candidates:
    """The pairs that pass amount, date and the rest of the condition."""
    pairs, days = whatever_amount(
        opposed, parts, pairs.keep(_amount_holds(opposed, pairs) & _enough_lines(opposed, pairs))
    )
    return Candidates.of(pairs.left, pairs.right, differences(opposed, pairs), days)


def whatever_amount(opposed: Opposed, parts: Cut, pairs: Pairs) -> tuple[Pairs, Ints]:
    """The pairs that pass date and the rest of the condition, with their distance in days."""
    days, inside = days_apart(opposed, pairs)
    pairs, days = pairs.keep(inside), days[inside]
    if parts.rest is not None and len(pairs.left):
        holds = _rest_holds(opposed, parts.rest, pairs)
        pairs, days = pairs.keep(holds), days[holds]
    return pairs, days


def differences(opposed: Opposed, pairs: Pairs) -> Ints:
    """Σ right − Σ left; in an internal rule what the side's lines do not cancel, seen from the same angle."""
    left, right = opposed.left.total[pairs.left], opposed.right.total[pairs.right]
    if not opposed.internal:
        return right - left
    return (left + right) * (-1 if opposed.rule.internal == "left" else 1)


def _amount_holds(opposed: Opposed, pairs: Pairs) -> Mask:
    left, right = opposed.left.total[pairs.left], opposed.right.total[pairs.right]
    currency = opposed.left.currency[pairs.left]
    inside: Mask = currency == opposed.right.currency[pairs.right]
    if not opposed.rule.amount.exact:
        gap = differences(opposed, pairs)
        inside &= allowed(opposed.rule.amount, gap, left, right, currency, opposed.currencies)
    if not opposed.internal:
        inside &= np.sign(left) == np.sign(right)
    return inside


def _enough_lines(opposed: Opposed, pairs: Pairs) -> Mask:
    """Many to many means three lines in all; the other cardinalities have seen to it when units were formed."""
    if opposed.rule.cardinality != "many_to_many":
        return np.ones(len(pairs.left), dtype=bool)
    return opposed.left.sizes[pairs.left] + opposed.right.sizes[pairs.right] >= 3


def days_apart(opposed: Opposed, pairs: Pairs) -> tuple[Ints, Mask]:
    """Largest distance between a left and a right member, and whether all lie inside the rule's window."""
    left, right = opposed.left, opposed.right
    first = right.first_day[pairs.right] - left.last_day[pairs.left]
    last = right.last_day[pairs.right] - left.first_day[pairs.left]
    missing = (left.first_day[pairs.left] == NO_DAY) | (right.first_day[pairs.right] == NO_DAY)
    days = np.where(missing, FAR, np.maximum(np.abs(first), np.abs(last)))
    date = opposed.rule.date
    if date is None:
        return days, np.ones(len(days), dtype=bool)
    if opposed.internal:
        return days, days <= date.latest
    return days, ~missing & (first >= date.earliest) & (last <= date.latest)


def _rest_holds(opposed: Opposed, rest: Condition, pairs: Pairs) -> Mask:
    """The condition for every left with every right member of each pair."""
    if not opposed.grouped:
        one, other, _ = opposed.oriented(pairs)
        return _truth(opposed, rest, one, other)
    lsize, rsize = opposed.left.sizes[pairs.left], opposed.right.sizes[pairs.right]
    per_pair = lsize * rsize
    within = spans(np.zeros(len(per_pair), dtype=np.int64), per_pair)
    width = np.repeat(rsize, per_pair)
    one = opposed.left.rows[np.repeat(opposed.left.start[pairs.left], per_pair) + within // width]
    other = opposed.right.rows[np.repeat(opposed.right.start[pairs.right], per_pair) + within % width]
    truth = _truth(opposed, rest, one, other)
    return np.logical_and.reduceat(truth, np.cumsum(per_pair) - per_pair)


def pairs_hold(opposed: Opposed, rest: Condition, one: Ints, other: Ints) -> bool:
    """Whether a condition holds for all pairs of rows."""
    return bool(_truth(opposed, rest, one, other).all())


def _truth(opposed: Opposed, condition: Condition, one: Ints, other: Ints) -> Mask:
    """Whether a condition holds for pairs of rows. Costly tests are asked only where cheap ones leave it undecided."""
    match condition:
        case All(items):
            return _decided(opposed, items, one, other, until=False)
        case Any(items):
            return _decided(opposed, items, one, other, until=True)
        case Not(item):
            return ~_truth(opposed, item, one, other)
        case _:
            return _leaf_truth(opposed, condition, one, other)


def _decided(opposed: Opposed, items: tuple[Condition, ...], one: Ints, other: Ints, *, until: bool) -> Mask:
    """`all` is decided by the first false item (until=False), `any` by the first true one."""
    result = np.full(len(one), not until)
    undecided = np.arange(len(one))
    for item in sorted(items, key=cost):
        truth = _truth(opposed, item, one[undecided], other[undecided])
        result[undecided[truth == until]] = until
        undecided = undecided[truth != until]
    return result


def _leaf_truth(opposed: Opposed, leaf: Condition, one: Ints, other: Ints) -> Mask:
    lrows, li = np.unique(one, return_inverse=True)
    rrows, ri = np.unique(other, return_inverse=True)
    return pair_truth(leaf, opposed.left_side.fields(lrows), opposed.right_side.fields(rrows), li, ri)


def _too_large(rule: Match, left: int, right: int) -> Finding:
    sentence = _(
        "Rule {rule}: a block of {left} left and {right} right units shares its keys; "
        "it is too large to compare and was left open."
    )
    said = sentence.format(rule=rule.key, left=left, right=right)
    return Finding("block_too_large", "warning", rule.key, said)
