"""Rules in plain sentences, for the people who sign for them."""

from __future__ import annotations

from rules.match_sentence import amount_sentence, date_phrase, outcome_sentences, policy_sentence, taking_phrase
from rules.model import Decision, Derive, Exclude, Match, Post, Rule, RuleSet
from rules.names import field_words, rule_title
from rules.phrases import condition_phrase, quoted
from rules.wording import _, listed

__all__ = ["condition_sentence", "decision_sentence", "rule_sentence", "rule_set_sentence"]

condition_sentence = condition_phrase


def rule_sentence(rule: Rule) -> str:
    """What a rule does, in one to a few sentences."""
    match rule:
        case Exclude():
            return _("Leave {lines} aside.").format(lines=_lines(rule))
        case Derive():
            return _derive(rule)
        case Post(outcome="suggested"):
            return _("Propose an entry of type {entry} for {lines}.").format(entry=rule.entry_type, lines=_lines(rule))
        case Post():
            return _("Prepare an entry of type {entry} for {lines}.").format(entry=rule.entry_type, lines=_lines(rule))
        case Match():
            return _match(rule)


def rule_set_sentence(rule_set: RuleSet) -> str:
    """A whole set, one numbered rule a line, then its decisions."""
    lines = [f"{n}. {rule_title(rule.name)}: {rule_sentence(rule)}" for n, rule in enumerate(rule_set.rules, 1)]
    return "\n".join([*lines, *map(decision_sentence, rule_set.decide)])


def decision_sentence(decision: Decision) -> str:
    """What a decision does to a match that a rule has chosen."""
    if decision.when is None:
        if decision.then == "leave":
            return _("Every match that a rule has chosen is left open.")
        return _("Every match that a rule has chosen is only suggested.")
    when = condition_phrase(decision.when)
    if decision.then == "leave":
        return _("A match is left open where {condition}.").format(condition=when)
    return _("A match is only suggested where {condition}.").format(condition=when)


def _lines(rule: Exclude | Derive | Post) -> str:
    sides = {"left": _("left lines"), "right": _("right lines"), "both": _("lines of both sides")}
    if rule.where is None:
        return _("all {lines}").format(lines=sides[rule.side])
    return _("{lines} where {condition}").format(lines=sides[rule.side], condition=condition_phrase(rule.where))


def _derive(rule: Derive) -> str:
    steps = [
        _("the {field} from what the pattern {pattern} finds in the {source}").format(
            field=field_words(name), pattern=quoted(step.pattern), source=field_words(step.source)
        )
        for name, step in rule.set
    ]
    return _("On {lines}, fill {steps}.").format(lines=_lines(rule), steps=listed(steps, _("and")))


def _match(rule: Match) -> str:
    parts = [
        (_("on the left {condition}"), rule.left.where),
        (_("on the right {condition}"), rule.right.where),
        ("{condition}", rule.pair),
    ]
    phrases = [words.format(condition=condition_phrase(each, nested=True)) for words, each in parts if each]
    date = date_phrase(rule)
    tests = listed([*phrases, date] if date else phrases, _("and"))
    head = taking_phrase(rule)
    first = _("{head} where {tests}.").format(head=head, tests=tests) if tests else f"{head}."
    said = [first, amount_sentence(rule), policy_sentence(rule), *outcome_sentences(rule)]
    return " ".join(words for words in said if words)
