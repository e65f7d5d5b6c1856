"""Roll a rule set back: a new version that is equal to an old one."""

from __future__ import annotations

from sqlalchemy.orm import Session

from recon.access import Actor
from recon.database.models import RuleSetVersion
from recon.errors import Refusal
from recon.services.activate_version import activate_version, require_editor, why_not_activate
from recon.services.rule_versions import inactive_rules, version_for
from recon.services.save_rule_set import locked_set, write_version
from rules.codec import from_document
from rules.wording import _


def roll_back_to_version(session: Session, actor: Actor, version_id: int, *, activate: bool = True) -> RuleSetVersion:
    """A new version equal to the one named, put in force unless a second person has to do that.

    History only grows: nothing between the two is deleted. Rules added since become neither active nor lost: they
    stand in the versions between. Refused where the newest version is equal already.
    """
    old = version_for(session, actor, version_id)
    require_editor(actor, old.rule_set.company_id)
    rule_set = locked_set(session, old.rule_set_id)
    newest = rule_set.versions[-1]
    if newest.sha256 == old.sha256:
        raise Refusal(_("Version {no} is the same as version {old} already.").format(no=newest.no, old=old.no))
    verb = "roll back rules"
    version = write_version(session, actor, rule_set, from_document(old.body), inactive_rules(old), verb)
    waits = not activate or why_not_activate(session, actor, version) is not None
    return version if waits else activate_version(session, actor, version.id)
