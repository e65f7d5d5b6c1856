"""Max date deviation: one number of days written into every dated rule of a set (rule language, date).

It is an editor's command: nothing overrides a rule while it runs, and rules may be fine-tuned again afterwards.
"""

from __future__ import annotations

from dataclasses import replace

from rules.matching_terms import MOST_DAYS
from rules.model import Match, Rule, RuleSet
from rules.wording import _


def dated_rules(rule_set: RuleSet) -> tuple[Match, ...]:
    """The rules that have a date window."""
    return tuple(rule for rule in rule_set.rules if isinstance(rule, Match) and rule.date is not None)


def with_date_deviation(rule_set: RuleSet, days: int) -> RuleSet:
    """The set with −days to +days in every dated rule; field and calendar of each window stay.

    Raises ValueError where the language does not allow so many days.
    """
    if not 0 <= days <= MOST_DAYS:
        raise ValueError(_("The date deviation is a whole number of days from 0 to {most}.").format(most=MOST_DAYS))
    return replace(rule_set, rules=tuple(_within(rule, days) for rule in rule_set.rules))


def _within(rule: Rule, days: int) -> Rule:
    if not isinstance(rule, Match) or rule.date is None:
        return rule
    return replace(rule, date=replace(rule.date, earliest=-days, latest=days))
