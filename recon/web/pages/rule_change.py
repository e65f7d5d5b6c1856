"""What a form would make of a rule set: the changed set, where in it the edited part stands, and its sentence.

Faults (`RuleErrors`) and findings name their place inside the edited part, so that the form can show them at the field.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from recon.web.pages.rule_form import Document, Form, decision_document_of, document_of
from recon.web.wording import _
from rules.changes import fresh_key, with_decision, with_rule
from rules.codec import decision_from_document, from_document, rule_from_document, to_document
from rules.errors import Finding, RuleError, RuleErrors
from rules.lint import lint
from rules.model import RuleSet
from rules.sentence import decision_sentence, rule_sentence


@dataclass(frozen=True)
class Change:
    """The set as it would be; `path` is the edited part's, such as `rules[3]`."""

    rules: RuleSet
    path: str
    sentence: str

    def findings(self) -> list[Finding]:
        """What is doubtful about the edited part, in its place in the set."""
        found = [each for each in lint(self.rules) if _within(each.where, self.path)]
        return [replace(each, where=_inside(each.where, self.path)) for each in found]


def rule_change(rules: RuleSet, form: Form, taken: Collection[str]) -> Change:
    """The set with the form's rule in its place. Raises `RuleErrors`. `taken` are keys a new rule cannot have."""
    old_key = form.get("old_key", "")
    rule = rule_from_document(_with_key(document_of(form), old_key, taken))
    if old_key and rule.key != old_key:
        raise RuleErrors([RuleError("key", _("The key of a rule never changes: it is “%(key)s”.", key=old_key))])
    if not old_key and rule.key in taken:
        raise RuleErrors([RuleError("key", _("The key “%(key)s” was given before; choose another.", key=rule.key))])
    changed = with_rule(rules, rule, old_key, form.get("place", type=int))
    at = next(place for place, each in enumerate(changed.rules) if each.key == rule.key)
    return Change(_whole(changed, f"rules[{at}]"), f"rules[{at}]", rule_sentence(rule))


def decision_change(rules: RuleSet, form: Form) -> Change:
    """The set with the form's decision in its place, or as its last."""
    decision = decision_from_document(decision_document_of(form))
    at = form.get("at", type=int)
    changed = with_decision(rules, decision, at)
    place = at if at is not None and 0 <= at < len(rules.decide) else len(rules.decide)
    return Change(_whole(changed, f"decide[{place}]"), f"decide[{place}]", decision_sentence(decision))


def _with_key(document: Document, old_key: str, taken: Collection[str]) -> Document:
    """The key that stands, else the one that the rule has, else a new one from the name."""
    named = {name: value for name, value in document.items() if value != "" or name not in ("key", "name")}
    if "key" in named:
        return named
    key = old_key or fresh_key(str(named.get("name", "")), taken)
    return {"key": key, **named} if key and named.get("name") else named


def _whole(changed: RuleSet, path: str) -> RuleSet:
    """The set read as a file would be: what the language forbids in a whole set is found here."""
    try:
        return from_document(to_document(changed))
    except RuleErrors as faults:
        inside = [RuleError(_inside(each.path, path), each.sentence) for each in faults.errors]
        raise RuleErrors(inside) from None


def _within(where: str, path: str) -> bool:
    return where == path or where.startswith((f"{path}.", f"{path}["))


def _inside(where: str, path: str) -> str:
    return where[len(path) :].lstrip(".") if _within(where, path) else where
