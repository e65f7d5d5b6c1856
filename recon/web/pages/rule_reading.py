"""A rule set in words, with what is doubtful about it: for the page of a set."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from recon.web.wording import _
from rules.errors import Finding
from rules.lint import lint
from rules.model import Derive, Exclude, Match, Post, Rule, RuleSet
from rules.sentence import decision_sentence, rule_sentence


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
