"""The rule set in force for a group, decoded, with the hashes by which matches and refusals name its rules."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from recon.database.models import AccountGroup, RuleSetVersion
from recon.errors import Refusal
from rules.codec import from_document, rule_hash
from rules.model import Rule, RuleSet
from rules.wording import _


@dataclass(frozen=True, slots=True)
class RulesInForce:
    """An immutable version and its tree. `hashes` is rule key -> hash of the rule's meaning."""

    version_id: int
    no: int
    sha256: str
    rule_set: RuleSet
    hashes: dict[str, str]

    def rule(self, key: str) -> Rule | None:
        return next((rule for rule in self.rule_set.rules if rule.key == key), None)


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
    hashes = {rule.key: rule_hash(rule) for rule in rule_set.rules}
    return RulesInForce(version.id, version.no, version.sha256, rule_set, hashes)
