"""Rules that nearly made what people matched by hand: only the days, or only the amount, were out of bounds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal

from recon.matching.learned import LEAST, Case, Proposal, match_rules
from rules.explain import match_rule
from rules.model import Allowance, DateWindow, Difference, Match, RuleSet
from rules.names import rule_title
from rules.values import exponent
from rules.wording import _

MOST_DAYS = 45
"""Days later or earlier than allowed that are looked at; more is another matter than a slow bank."""


def widened(rules: RuleSet, cases: Sequence[Case], country: str | None) -> Iterator[Proposal]:
    """For each rule the window, and the allowance, that its cases ask for: as a second rule below it that suggests."""
    for rule in match_rules(rules.rules):
        late = {case.number: lag for case in cases if (lag := _lag(rule, case, country))}
        if len(late) >= LEAST and rule.date is not None:
            yield _with_days(rule, rule.date, late)
        apart = [case for case in cases if _only_amount(rule, case, country)]
        if len(apart) >= LEAST:
            yield _with_allowance(rule, apart)


def _holds(rule: Match, case: Case, country: str | None) -> bool:
    return match_rule(rule, case.left, case.right, country).holds


def _lag(rule: Match, case: Case, country: str | None) -> int:
    """Days in the rule's calendar by which the case misses its window, earlier ones negative; 0 where it does not, or
    misses more than the window."""
    if rule.date is None or _holds(rule, case, country) or not _holds(replace(rule, date=None), case, country):
        return 0
    for days in range(1, MOST_DAYS + 1):
        for lag in (days, -days):
            if _holds(replace(rule, date=_by(rule.date, [lag])), case, country):
                return lag
    return 0


def _by(window: DateWindow, lags: Sequence[int]) -> DateWindow:
    return replace(window, earliest=window.earliest + min(0, *lags), latest=window.latest + max(0, *lags))


def _with_days(rule: Match, window: DateWindow, late: dict[int, int]) -> Proposal:
    wider = _by(window, list(late.values()))
    name = _("{name}, {first} to {last} days").format(
        name=rule_title(rule.name), first=wider.earliest, last=wider.latest
    )
    made = replace(rule, key=f"{rule.key}-wider", name=name, date=wider, outcome="suggested")
    return Proposal("date", made, tuple(late), after=rule.key)


def _only_amount(rule: Match, case: Case, country: str | None) -> bool:
    """Whether the case would be made by the rule with just this difference allowed."""
    if not case.difference_minor or rule.amount.anything or (rule.amount.left, rule.amount.right) != ("amount",) * 2:
        return False
    allowed = replace(rule, amount=_allowing([case], rule.amount))
    return not _holds(rule, case, country) and _holds(allowed, case, country)


def _with_allowance(rule: Match, apart: Sequence[Case]) -> Proposal:
    allowance = _allowing(apart, rule.amount)
    told = _("{name}, −{minus} to +{plus}")
    made = replace(
        rule,
        key=f"{rule.key}-tolerance",
        name=told.format(name=rule_title(rule.name), minus=allowance.minus, plus=allowance.plus),
        amount=allowance,
        difference=treatment_of(apart),
        outcome="suggested",
    )
    return Proposal("tolerance", made, tuple(case.number for case in apart), after=rule.key)


def _allowing(cases: Sequence[Case], known: Allowance) -> Allowance:
    """What is allowed already, and every difference seen."""
    differences = [_units(case) for case in cases]
    less, more = max(-each for each in differences), max(differences)
    return replace(known, minus=max(known.minus, less), plus=max(known.plus, more))


def allowance_of(cases: Sequence[Case]) -> Allowance:
    """The allowance that just covers the differences of the cases; exact where there are none."""
    return _allowing(cases, Allowance())


def treatment_of(cases: Sequence[Case]) -> Difference | None:
    """How people treated differences most often; without an entry type the rest stays open. None without any."""
    if not any(case.difference_minor for case in cases):
        return None
    booked = Counter(case.entry_type for case in cases if case.entry_type).most_common(1)
    return Difference(entry_type=booked[0][0]) if booked else Difference(keep_open=True)


def _units(case: Case) -> Decimal:
    """The difference of a case in currency units."""
    return Decimal(case.difference_minor).scaleb(-exponent(str(case.left[0]["currency"])))
