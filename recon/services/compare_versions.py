"""The difference of two versions of a rule set, in sentences."""

from __future__ import annotations

from sqlalchemy.orm import Session

from recon.access import Actor
from recon.database.models import RuleSetVersion
from recon.errors import Refusal
from recon.services.rule_versions import inactive_rules, version_for
from rules.codec import from_document
from rules.difference import RuleChange, differences
from rules.model import Rule
from rules.wording import _


def compare_versions(session: Session, actor: Actor, old_id: int, new_id: int) -> list[RuleChange]:
    """What changed from one version to another of the same set; a deactivated rule is told as such."""
    old, new = version_for(session, actor, old_id), version_for(session, actor, new_id)
    if old.rule_set_id != new.rule_set_id:
        raise Refusal(_("These are versions of two different rule sets."))
    return changes_between(old, new)


def changes_between(old: RuleSetVersion, new: RuleSetVersion) -> list[RuleChange]:
    """The same, of versions at hand."""
    return differences(from_document(old.body), from_document(new.body), _aside(old), _aside(new))


def _aside(version: RuleSetVersion) -> list[Rule]:
    return [each.rule for each in inactive_rules(version)]
