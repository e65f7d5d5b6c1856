"""Versions of a rule set: the one in force for a group, decoded, with the hashes by which matches name its rules.

A version holds the rules a run uses (`body`) and, beside them, those that are deactivated (`inactive`): a rule that a
match was made by is never deleted.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from recon.access import Actor
from recon.database.audit import canonical
from recon.database.models import AccountGroup, RuleSet, RuleSetVersion
from recon.errors import NotFound, Refusal
from rules.codec import from_document, rule_document, rule_from_document, rule_hash, set_hash
from rules.model import Rule
from rules.model import RuleSet as Rules
from rules.wording import _


@dataclass(frozen=True, slots=True)
class RulesInForce:
    """An immutable version and its tree. `hashes` is rule key -> hash of the rule's meaning."""

    version_id: int
    no: int
    sha256: str
    rule_set: Rules
    hashes: dict[str, str]

    def rule(self, key: str) -> Rule | None:
        return next((rule for rule in self.rule_set.rules if rule.key == key), None)


@dataclass(frozen=True, slots=True)
class InactiveRule:
    """A deactivated rule, and the place (from 0) it had among the active ones, to which it comes back."""

    place: int
    rule: Rule

    def plain(self) -> dict[str, Any]:
        return {"place": self.place, "rule": rule_document(self.rule)}


def in_force(session: Session, rule_set_id: int) -> RuleSetVersion | None:
    """The version that was activated last."""
    query = (
        select(RuleSetVersion)
        .where(RuleSetVersion.rule_set_id == rule_set_id, RuleSetVersion.activated_at.is_not(None))
        .order_by(RuleSetVersion.activated_at.desc(), RuleSetVersion.no.desc())
    )
    return session.scalars(query.limit(1)).one_or_none()


def rules_of_group(session: Session, group: AccountGroup) -> RulesInForce:
    """What Reconcile uses. Raises Refusal where the group has no rule set in force."""
    version = in_force(session, group.rule_set_id) if group.rule_set_id else None
    if version is None:
        raise Refusal(_("{group} has no rule set in force; link one first.").format(group=group.name))
    return decoded(version)


def decoded(version: RuleSetVersion) -> RulesInForce:
    rule_set = from_document(version.body)
    return RulesInForce(version.id, version.no, version.sha256, rule_set, _hashes(rule_set))


def _hashes(rules: Rules) -> dict[str, str]:
    return {rule.key: rule_hash(rule) for rule in rules.rules}


def inactive_rules(version: RuleSetVersion) -> tuple[InactiveRule, ...]:
    """The deactivated rules that a version keeps. Raises RuleErrors where one cannot be read."""
    return tuple(InactiveRule(each["place"], rule_from_document(each["rule"])) for each in version.inactive or ())


def version_hash(rules: Rules, inactive: Sequence[InactiveRule] = ()) -> str:
    """What `sha256` of a version must be: the hash of its rules, and of those deactivated where there are any."""
    active = set_hash(rules)
    if not inactive:
        return active
    kept = canonical([{**each.plain(), "meaning": rule_hash(each.rule)} for each in inactive])
    return hashlib.sha256(f"{active}\n{kept}".encode()).hexdigest()


def rule_set_for(session: Session, actor: Actor, rule_set_id: int) -> RuleSet:
    """A set of a company the actor sees, or of the installation; NotFound else."""
    found = session.get(RuleSet, rule_set_id)
    if found is None or not found.versions or not (found.company_id is None or actor.sees(found.company_id)):
        raise NotFound(_("There is no such rule set."))
    return found


def version_for(session: Session, actor: Actor, version_id: int) -> RuleSetVersion:
    """A version of a set the actor sees; NotFound else."""
    found = session.get(RuleSetVersion, version_id)
    if found is None or not (found.rule_set.company_id is None or actor.sees(found.rule_set.company_id)):
        raise NotFound(_("There is no such version of a rule set."))
    return found


def owned_by(company_id: int | None) -> ColumnElement[bool]:
    """The condition for rule sets of a company, or of the installation (None)."""
    return RuleSet.company_id.is_(None) if company_id is None else RuleSet.company_id == company_id
