"""A rule in words, with what is wrong with it and what is doubtful: for the editor, and for the list of a set."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from recon.web.wording import _
from rules.codec import from_document, rule_from_document, to_document
from rules.errors import Finding, RuleError, RuleErrors
from rules.lint import lint
from rules.model import Derive, Exclude, Match, Post, Rule, RuleSet
from rules.sentence import decision_sentence, rule_sentence


@dataclass(frozen=True)
class Reading:
    """What the editor shows of the rule being typed: its faults, or its sentence and the findings about it."""

    sentence: str = ""
    errors: Sequence[RuleError] = ()
    findings: Sequence[Finding] = ()


@dataclass(frozen=True)
class SetReading:
    """A whole set in words."""

    sentences: dict[str, str]
    findings: Sequence[Finding]
    decisions: Sequence[str] = field(default=())

    @staticmethod
    def kind(rule: Rule) -> str:
        match rule:
            case Match(outcome="suggested"):
                return _("suggests")
            case Match():
                return _("matches")
            case Exclude():
                return _("leaves aside")
            case Derive():
                return _("reads a field")
            case Post():
                return _("proposes an entry")

    @staticmethod
    def style(rule: Rule) -> str:
        if isinstance(rule, Match):
            return "accent" if rule.outcome == "suggested" else "good"
        return ""


def readings_of(rules: RuleSet) -> SetReading:
    return SetReading(
        {rule.key: rule_sentence(rule) for rule in rules.rules},
        lint(rules),
        [decision_sentence(decision) for decision in rules.decide],
    )


def read_rule(rules: RuleSet, old_key: str, document: Callable[[], dict[str, Any]]) -> Reading:
    """The typed rule in its place in the set, read as a file would be. Never raises on what a person typed."""
    try:
        rule = rule_from_document(document())
        changed = from_document(to_document(in_place(rules, old_key, rule)))
    except RuleErrors as faults:
        return Reading(errors=faults.errors)
    at = next(place for place, each in enumerate(changed.rules) if each.key == rule.key)
    about = [finding for finding in lint(changed) if finding.where.startswith(f"rules[{at}]")]
    return Reading(rule_sentence(rule), findings=about)


def in_place(rules: RuleSet, old_key: str, rule: Rule) -> RuleSet:
    """The set with the rule in the place of the one with the old key, or as its last."""
    if old_key and any(each.key == old_key for each in rules.rules):
        return replace(rules, rules=tuple(rule if each.key == old_key else each for each in rules.rules))
    return replace(rules, rules=(*rules.rules, rule))
