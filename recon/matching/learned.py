"""What people's work consists of, as rules are learnt from it, and what is proposed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from rules.explain import Row
from rules.model import Match, Rule, RuleSet

LEAST = 3
"""Cases that make a habit: fewer may be chance, and a person can write that rule without us."""

Kind = Literal["reference", "group", "date", "tolerance", "aside", "distrust"]


@dataclass(frozen=True, slots=True)
class Case:
    """A match that a person made (its lines by side; amounts are what it takes), and how a difference was booked."""

    number: int
    left: tuple[Row, ...]
    right: tuple[Row, ...]
    entry_type: str | None = None

    @property
    def sums_minor(self) -> tuple[int, int]:
        left, right = (sum(int(row["amount"]) for row in side) for side in (self.left, self.right))
        return left, right

    @property
    def difference_minor(self) -> int:
        left, right = self.sums_minor
        return right - left

    @property
    def one_sign(self) -> bool:
        """Whether both sides have one sign, as every rule between two sides asks."""
        left, right = self.sums_minor
        return (left > 0) == (right > 0) and (left < 0) == (right < 0)


@dataclass(frozen=True, slots=True)
class Proposal:
    """A rule that would have done the work. `cases` are the numbers of what it was seen in.

    `replaces` is the key of the rule that it takes the place of; else it stands after the rule `after`, or first where
    that is None.
    """

    kind: Kind
    rule: Rule
    cases: tuple[int, ...]
    after: str | None = None
    replaces: str | None = None

    def within(self, rules: RuleSet) -> tuple[Rule, ...]:
        """The rules with this one in its place."""
        if self.replaces:
            return tuple(self.rule if each.key == self.replaces else each for each in rules.rules)
        at = next((place + 1 for place, each in enumerate(rules.rules) if each.key == self.after), 0)
        return (*rules.rules[:at], self.rule, *rules.rules[at:])


def last_key(rules: RuleSet) -> str | None:
    return rules.rules[-1].key if rules.rules else None


def shape(case: Case) -> Literal["one_to_one", "one_to_many", "many_to_one", ""]:
    """The cardinality of a case that a rule of one kind of key could have; "" for others."""
    match (len(case.left), len(case.right)):
        case (1, 1):
            return "one_to_one"
        case (1, right) if right > 1:
            return "one_to_many"
        case (left, 1) if left > 1:
            return "many_to_one"
    return ""


def match_rules(rules: Sequence[Rule]) -> list[Match]:
    """The rules between two sides that a case may nearly have met."""
    return [rule for rule in rules if isinstance(rule, Match) and rule.internal is None and rule.search is None]
