"""Take a rule out of use, and bring it back. A rule that made a match is never deleted: its key stays with the set."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy.orm import Session

from recon.access import Actor
from recon.database.models import RuleSetVersion
from recon.errors import NotFound, Refusal
from recon.services.activate_version import require_editor
from recon.services.rule_uses import used_rules
from recon.services.rule_versions import InactiveRule, inactive_rules, rule_set_for
from recon.services.save_rule_set import save_rule_set
from rules.codec import from_document
from rules.model import Rule
from rules.model import RuleSet as Rules
from rules.names import rule_title
from rules.wording import _


def deactivate_rule(session: Session, actor: Actor, rule_set_id: int, key: str) -> RuleSetVersion:
    """A new version in which the rule stands beside the set instead of in it."""
    newest = _newest(session, actor, rule_set_id)
    rules, kept = from_document(newest.body), inactive_rules(newest)
    place = _place(rules.rules, key)
    active = (*rules.rules[:place], *rules.rules[place + 1 :])
    kept = (*kept, InactiveRule(place, rules.rules[place]))
    return _save(session, actor, newest, replace(rules, rules=active), kept)


def reactivate_rule(session: Session, actor: Actor, rule_set_id: int, key: str) -> RuleSetVersion:
    """A new version in which a deactivated rule is back where it stood, or last where the set is shorter now."""
    newest = _newest(session, actor, rule_set_id)
    rules, kept = from_document(newest.body), inactive_rules(newest)
    found = kept[_place([each.rule for each in kept], key)]
    active = (*rules.rules[: found.place], found.rule, *rules.rules[found.place :])
    rest = tuple(each for each in kept if each is not found)
    return _save(session, actor, newest, replace(rules, rules=active), rest)


def delete_rule(session: Session, actor: Actor, rule_set_id: int, key: str) -> RuleSetVersion:
    """A new version without the rule, active or not. Refused once a match was made by it: deactivate it instead."""
    newest = _newest(session, actor, rule_set_id)
    rules, kept = from_document(newest.body), inactive_rules(newest)
    every = [*rules.rules, *(each.rule for each in kept)]
    rule = every[_place(every, key)]
    if used_rules(session, rule_set_id, [key]):
        raise Refusal(
            _("“{name}” has made matches; deactivate it instead of deleting it.").format(name=rule_title(rule.name))
        )
    active = tuple(each for each in rules.rules if each.key != key)
    rest = tuple(each for each in kept if each.rule.key != key)
    return _save(session, actor, newest, replace(rules, rules=active), rest)


def _newest(session: Session, actor: Actor, rule_set_id: int) -> RuleSetVersion:
    rule_set = rule_set_for(session, actor, rule_set_id)
    require_editor(actor, rule_set.company_id)
    return rule_set.versions[-1]


def _place(rules: Sequence[Rule], key: str) -> int:
    for place, rule in enumerate(rules):
        if rule.key == key:
            return place
    raise NotFound(_("There is no such rule in this set any more."))


def _save(
    session: Session, actor: Actor, newest: RuleSetVersion, rules: Rules, inactive: tuple[InactiveRule, ...]
) -> RuleSetVersion:
    company_id = newest.rule_set.company_id
    return save_rule_set(session, actor, company_id, rules, inactive=inactive, seen=newest.no)
