"""One click: a proposed rule into a draft of the group's rule set, in force only once somebody puts it so."""

from __future__ import annotations

from sqlalchemy.orm import Session

from recon.access import Actor, Permission
from recon.database.models import RuleSet, RuleSetVersion
from recon.errors import NotFound
from recon.services.find_group import group_for
from recon.services.save_rule_set import save_rule_set
from recon.services.suggest_rules import Suggestion, suggest_rules
from rules.codec import from_document, to_document
from rules.wording import _


def draft_suggestion(session: Session, actor: Actor, group_id: int, name: str) -> RuleSetVersion:
    """Save the set with the proposed rule as its next version, not activated. Raises NotFound where the group's work
    does not teach it (any more), NotAllowed for who may not edit the set."""
    group = group_for(session, actor, group_id, Permission.VIEW)
    suggestion = named_suggestion(session, actor, group_id, name)
    owner = session.get_one(RuleSet, group.rule_set_id).company_id
    checked = from_document(to_document(suggestion.rules))  # whole, as a file is
    return save_rule_set(session, actor, owner, checked, activate=False)


def named_suggestion(session: Session, actor: Actor, group_id: int, name: str) -> Suggestion:
    """The proposal of that name."""
    for suggestion in suggest_rules(session, actor, group_id):
        if suggestion.name == name:
            return suggestion
    raise NotFound(_("This rule is not proposed any more: it was taken up, or the work it came from has changed."))
