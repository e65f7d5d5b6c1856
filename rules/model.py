"""The rule tree: immutable values that every reading (columns, agenda, explanation, sentence, codec) walks.

Source: the rule language, version 1. A tree is built by `rules.codec` only, which has checked it; nothing here
validates.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal, get_args

SideName = Literal["left", "right", "both"]
Value = str | tuple[str, ...] | None
"""A literal as written: text, a decimal string, an ISO date, or several of one of these."""


@dataclass(frozen=True, slots=True)
class Test:
    """A leaf that reads one line: `field op value`. `side` names the line inside a `pair` condition, else None."""

    field: str
    op: str
    value: Value = None
    case: bool = False
    at_least: float | None = None
    side: Literal["left", "right"] | None = None


Rounding = Literal["half_up", "floor", "truncate"]
ROUNDINGS: tuple[Rounding, ...] = get_args(Rounding)


@dataclass(frozen=True, slots=True)
class PairTest:
    """A leaf that compares a field of the left line with a field of the right line."""

    left: str
    op: str
    right: str
    normalise: tuple[str, ...] = ("case", "spaces")
    at_least: float | None = None
    value: Decimal | None = None
    places: int | None = None
    mode: Rounding = "half_up"


@dataclass(frozen=True, slots=True)
class All:
    items: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Any:
    items: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Not:
    item: Condition


Condition = All | Any | Not | Test | PairTest


Leaf = Test | PairTest


def leaves(condition: Condition | None) -> Iterator[Leaf]:
    """Every leaf test of a tree, in order of reading, repeated where the tree repeats it."""
    match condition:
        case All(items) | Any(items):
            for item in items:
                yield from leaves(item)
        case Not(item):
            yield from leaves(item)
        case Test() | PairTest():
            yield condition


@dataclass(frozen=True, slots=True)
class Unit:
    """What stands on one side of a match rule: the lines that pass `where`, as lines or as key groups."""

    where: Condition | None = None
    group_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DateWindow:
    """Right minus left in days, both ends inside. `calendar` is "calendar", "banking" or "banking:CC"."""

    field: str = "booking_date"
    earliest: int = 0
    latest: int = 0
    calendar: str = "calendar"


@dataclass(frozen=True, slots=True)
class Allowance:
    """How far Σ right − Σ left may be from 0: in currency units, or in percent of `basis`. `anything` is `amount:
    any`.
    """

    minus: Decimal = Decimal(0)
    plus: Decimal = Decimal(0)
    percent: Decimal | None = None
    cap: Decimal | None = None
    basis: Literal["left", "right", "larger", "smaller"] = "left"
    left: str = "amount"
    right: str = "amount"
    anything: bool = False

    @property
    def exact(self) -> bool:
        return not (self.anything or self.minus or self.plus or self.percent)


@dataclass(frozen=True, slots=True)
class Search:
    """Subset search on the one "many" side."""

    max_lines: int = 8
    max_steps: int = 2_000_000
    same: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Difference:
    """Treatment of a difference: an entry type's key, or `keep_open` (the remainder stays open)."""

    entry_type: str | None = None
    keep_open: bool = False


@dataclass(frozen=True, slots=True)
class Exclude:
    key: str
    name: str
    side: SideName
    where: Condition | None


@dataclass(frozen=True, slots=True)
class Extract:
    """`{from: field, pattern: RE2}`: group 1, else the whole hit, leftmost."""

    source: str
    pattern: str


@dataclass(frozen=True, slots=True)
class Derive:
    key: str
    name: str
    side: SideName
    where: Condition | None
    set: tuple[tuple[str, Extract], ...]


Cardinality = Literal["one_to_one", "one_to_many", "many_to_one", "many_to_many", "internal_left", "internal_right"]


MANY_SIDES: dict[str, tuple[Literal["left", "right"], ...]] = {
    "one_to_one": (),
    "one_to_many": ("right",),
    "many_to_one": ("left",),
    "many_to_many": ("left", "right"),
    "internal_left": ("left",),
    "internal_right": ("right",),
}
"""The sides on which a rule may take several lines as one unit. An internal rule may, on its own side."""


Policy = Literal["unique_only", "closest", "first", "newest", "suggest"]
POLICIES: tuple[Policy, ...] = get_args(Policy)
SETTLING: tuple[Policy, ...] = ("first", "newest")
"""The policies that leave no tie: whatever can be taken is taken."""


@dataclass(frozen=True, slots=True)
class Match:
    key: str
    name: str
    cardinality: Cardinality
    left: Unit = Unit()
    right: Unit = Unit()
    pair: Condition | None = None
    date: DateWindow | None = None
    amount: Allowance = Allowance()
    ambiguous: Policy = "unique_only"
    outcome: Literal["confirmed", "suggested"] = "confirmed"
    difference: Difference | None = None
    search: Search | None = None

    @property
    def internal(self) -> Literal["left", "right"] | None:
        return {"internal_left": "left", "internal_right": "right"}.get(self.cardinality)  # type: ignore[return-value]


@dataclass(frozen=True, slots=True)
class Post:
    key: str
    name: str
    side: SideName
    where: Condition | None
    entry_type: str
    outcome: Literal["confirmed", "suggested"] = "suggested"


Rule = Exclude | Derive | Match | Post


@dataclass(frozen=True, slots=True)
class Decision:
    """`when` reads the candidate fields; the first that fires lowers trust: to a suggestion, or to nothing."""

    name: str
    when: Condition | None
    then: Literal["suggest", "leave"]


@dataclass(frozen=True, slots=True)
class RuleSet:
    name: str
    rules: tuple[Rule, ...]
    decide: tuple[Decision, ...] = field(default=())
    version: int = 1
