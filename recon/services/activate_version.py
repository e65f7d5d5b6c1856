"""Put a version of a rule set in force; where the company has four eyes, by somebody who wrote none of its changes."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import select
from sqlalchemy.orm import Session

from recon.access import Actor, Permission, require, require_operator
from recon.database.audit import record
from recon.database.models import AccountGroup, Company, RuleSet, RuleSetVersion
from recon.database.remainders import touch_group
from recon.errors import NotAllowed, Refusal
from recon.services.rule_versions import in_force, version_for
from rules.wording import NP_, _


def activate_version(session: Session, actor: Actor, version_id: int) -> RuleSetVersion:
    """Put a version in force for every linked group; nothing happens where it is already.

    Whoever may edit the set may, and an approver may for another's version. Where four eyes are asked for, only an
    approver (for the installation's sets: another operator) who saved none of the versions since the one in force.
    A version is put in force once: an older one comes back by rolling back to it.
    """
    version = version_for(session, actor, version_id)
    current = in_force(session, version.rule_set_id)
    if current is not None and current.id == version.id:
        return version
    _check_newer(version, current)
    reason = why_not_activate(session, actor, version)
    if reason is not None:
        raise reason
    rule_set = version.rule_set
    before = {"version": current.no} if current else None
    after = {"version": version.no, "sha256": version.sha256}
    record(session, actor, rule_set.company_id, "activate rules", f"rule set {rule_set.name}", before, after)
    version.activated_by = actor.user_id
    version.activated_at = _after(current)
    session.flush()
    for group_id in session.scalars(select(AccountGroup.id).where(AccountGroup.rule_set_id == version.rule_set_id)):
        touch_group(session, group_id)
    return version


def why_not_activate(session: Session, actor: Actor, version: RuleSetVersion) -> NotAllowed | None:
    """The refusal this actor would meet because of who they are; None where they may put the version in force."""
    company_id = version.rule_set.company_id
    if not needs_second_person(session, version.rule_set):
        anothers = version.author_id != actor.user_id
        if company_id is not None and anothers and actor.may(company_id, Permission.ACTIVATE_RULES):
            return None
        return _missing_right(actor, company_id, Permission.EDIT_RULES)
    missing = _missing_right(actor, company_id, Permission.ACTIVATE_RULES)
    if missing is not None:
        return missing
    if actor.user_id in authors_since(session, version):
        return NotAllowed(_("Four eyes: you changed these rules; somebody else puts them in force."))
    return None


def needs_second_person(session: Session, rule_set: RuleSet) -> bool:
    """Whether four eyes are asked for: by the company, or by a company that uses a set of the installation."""
    if rule_set.company_id is not None:
        return session.get_one(Company, rule_set.company_id).four_eyes
    linked = select(Company.id).join(AccountGroup, AccountGroup.company_id == Company.id)
    query = linked.where(AccountGroup.rule_set_id == rule_set.id, Company.four_eyes.is_(True))
    return session.scalar(query.limit(1)) is not None


def authors_since(session: Session, version: RuleSetVersion) -> set[int | None]:
    """Who saved the versions after the one in force, up to this one: a draft may hold the work of several."""
    current = in_force(session, version.rule_set_id)
    query = select(RuleSetVersion.author_id).where(
        RuleSetVersion.rule_set_id == version.rule_set_id,
        RuleSetVersion.no > (current.no if current else 0),
        RuleSetVersion.no <= version.no,
    )
    return set(session.scalars(query))


def require_editor(actor: Actor, company_id: int | None) -> None:
    """Refuse whoever may not change the rule sets of the company, or of the installation (None)."""
    if company_id is None:
        require_operator(actor, NP_("may", "change the rule sets of the installation"))
    else:
        require(actor, company_id, Permission.EDIT_RULES)


def _missing_right(actor: Actor, company_id: int | None, permission: Permission) -> NotAllowed | None:
    try:
        if company_id is None:
            require_operator(actor, NP_("may", "change the rule sets of the installation"))
        else:
            require(actor, company_id, permission)
    except NotAllowed as missing:
        return missing
    return None


def _check_newer(version: RuleSetVersion, current: RuleSetVersion | None) -> None:
    if current is None or current.no < version.no:
        return
    sentence = _("Version {old} is older than version {no}, which is in force; roll back to it instead.")
    raise Refusal(sentence.format(old=version.no, no=current.no))


def _after(current: RuleSetVersion | None) -> dt.datetime:
    """Now, or the moment of the version in force where the clock has been set back since."""
    now = dt.datetime.now(dt.UTC)
    return max(now, current.activated_at) if current and current.activated_at else now
