"""What is plainly wrong or doubtful in a rule set that can nevertheless be read: findings for its author.

What cannot be read at all (a bad pattern, a difference that nothing treats, dates the wrong way round) is refused by
`rules.codec`, with a path of the same form.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from rules import lint_fields, lint_match, lint_patterns
from rules.errors import Finding, Severity
from rules.impossible import Said, contradictions
from rules.model import Decision, Exclude, Match, Post, Rule, RuleSet, Test
from rules.names import rule_title
from rules.places import conditions, placed
from rules.ranges import written
from rules.shadow import covering
from rules.wording import _

CODES: dict[str, Severity] = {
    "empty-rule": "warning",
    "catch-all-first": "warning",
    "shadowed": "warning",
    "never-true": "error",
    "contradictory-dates": "error",
    "fuzzy-reference": "warning",
    "similar-to-anything": "error",
    "read-before-set": "warning",
    "search-without-same": "warning",
    "any-amount-confirmed": "warning",
    "any-amount": "info",
    "unused-difference": "warning",
    "untreated-difference": "warning",
    "pattern-of-nothing": "warning",
    "slow-pattern": "warning",
    "idle-pattern-ends": "info",
    "unknown-rule": "warning",
    "newest-of-one-day": "info",
    "idle-rounding": "warning",
}
"""Every code, which is permanent, with how bad it is."""


def lint(rule_set: RuleSet) -> list[Finding]:
    """Findings about a rule set, in the order of its rules; `where` is the path in the document."""
    found = [finding for place in range(len(rule_set.rules)) for finding in _of_rule(rule_set, place)]
    return found + [
        finding for place, decision in enumerate(rule_set.decide) for finding in _of_decision(rule_set, place, decision)
    ]


def _finding(code: str, where: str, sentence: str) -> Finding:
    return Finding(code, CODES[code], where, sentence)


def _of_rule(rule_set: RuleSet, place: int) -> Iterator[Finding]:
    rule, path = rule_set.rules[place], f"rules[{place}]"
    yield from _empty(rule, path, last=place == len(rule_set.rules) - 1)
    yield from _covered(rule_set, place)
    for code, look in _LOOKS:
        yield from (_finding(code, f"{path}.{inner}", sentence) for inner, sentence in look(rule))
    if isinstance(rule, Match):
        for code, look_at_match in _LOOKS_AT_MATCHES:
            yield from (_finding(code, f"{path}.{inner}", sentence) for inner, sentence in look_at_match(rule))
    for inner, sentence in lint_fields.read_before_set(rule_set, place):
        yield _finding("read-before-set", f"{path}.{inner}", sentence)


def _impossible(rule: Rule) -> Iterator[Said]:
    for path, condition in conditions(rule):
        yield from contradictions(condition, path)


_LOOKS: tuple[tuple[str, Callable[[Rule], Iterator[Said]]], ...] = (
    ("never-true", _impossible),
    ("similar-to-anything", lint_fields.similar_to_anything),
    ("fuzzy-reference", lint_fields.fuzzy_numbers),
    ("pattern-of-nothing", lint_patterns.patterns_of_nothing),
    ("slow-pattern", lint_patterns.slow_patterns),
    ("idle-pattern-ends", lint_patterns.idle_ends),
)
_LOOKS_AT_MATCHES: tuple[tuple[str, Callable[[Match], Iterator[Said]]], ...] = (
    ("never-true", lint_match.empty_keys),
    ("never-true", lint_match.sides_apart),
    ("contradictory-dates", lint_match.contradictory_dates),
    ("search-without-same", lint_match.search_without_same),
    ("any-amount-confirmed", lint_match.any_amount_confirmed),
    ("any-amount", lint_match.any_amount),
    ("newest-of-one-day", lint_match.newest_of_one_day),
    ("idle-rounding", lint_match.idle_rounding),
    ("unused-difference", lint_match.unused_difference),
    ("untreated-difference", lint_match.untreated_difference),
)


def _empty(rule: Rule, path: str, last: bool) -> Iterator[Finding]:
    if conditions(rule):
        return
    match rule:
        case Match(date=None) if not rule.left.group_by and not rule.right.group_by and not rule.search:
            sentence = _("The rule tests nothing but the amount: any two lines of one amount match, however far apart.")
            yield _finding("empty-rule", path, sentence)
        case Exclude():
            sentence = _("The rule leaves every line aside, so that no rule below sees any.")
            yield _finding("empty-rule" if last else "catch-all-first", path, sentence)
        case Post():
            yield _finding("empty-rule", path, _("The rule proposes an entry for every open line."))


def _covered(rule_set: RuleSet, place: int) -> Iterator[Finding]:
    found = covering(rule_set, place)
    if found is None:
        return
    earlier, how = found
    match earlier, how:
        case Exclude(), _any:
            sentence = _("“{name}” above leaves every line aside that this rule looks at.")
        case Post(), _any:
            sentence = _("“{name}” above holds every line that this rule looks at.")
        case _rule, "shadowed":
            sentence = _("“{name}” above takes everything that this rule could take.")
        case _:
            sentence = _("“{name}” above asks for less and acts first; put the stricter rule above it.")
    yield _finding(how, f"rules[{place}]", sentence.format(name=rule_title(earlier.name)))


def _of_decision(rule_set: RuleSet, place: int, decision: Decision) -> Iterator[Finding]:
    path = f"decide[{place}].when"
    if decision.when is None:
        return
    tests = [(where, leaf) for where, leaf in placed(decision.when, path) if isinstance(leaf, Test)]
    said = [*contradictions(decision.when, path), *lint_match.unreachable_days(rule_set, tests)]
    yield from (_finding("never-true", where, sentence) for where, sentence in said)
    keys = {rule.key.lower() for rule in rule_set.rules}
    for where, test in tests:
        for key in _unknown_rules(test, keys):
            sentence = _("There is no rule with the key “{key}”.").format(key=key)
            yield _finding("unknown-rule", f"{where}.value", sentence)


def _unknown_rules(test: Test, keys: set[str]) -> list[str]:
    if test.field != "rule" or test.op not in ("equals", "in", "not_equals", "not_in"):
        return []
    return [key for key in written(test) if key.lower() not in keys]
