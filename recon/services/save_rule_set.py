"""Save a rule set: every change is a new immutable version, and what is in force is the version activated last."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import select
from sqlalchemy.orm import Session

from recon.access import Actor, Permission, require, require_operator
from recon.database.audit import record
from recon.database.models import AccountGroup, RuleSet, RuleSetVersion
from recon.database.remainders import touch_group
from recon.errors import NotFound, Refusal
from recon.services.rule_versions import in_force
from rules.codec import set_hash, to_document
from rules.model import RuleSet as Rules
from rules.wording import _


def save_rule_set(
    session: Session, actor: Actor, company_id: int | None, rules: Rules, *, activate: bool = True
) -> RuleSetVersion:
    """A new version of the set of that name (made if there is none), of a company or of the installation (None).

    The same meaning as the newest version makes no new one. `activate` puts it in force for every linked group.
    """
    _may_edit(actor, company_id)
    rule_set = _named(session, company_id, rules.name)
    newest = rule_set.versions[-1] if rule_set else None
    sha256 = set_hash(rules)
    if newest is not None and newest.sha256 == sha256:
        return activate_version(session, actor, newest.id) if activate else newest
    number = newest.no + 1 if newest else 1
    after = {"name": rules.name, "version": number, "sha256": sha256}
    record(session, actor, company_id, "save rules", f"rule set {rules.name}", after=after, digest=sha256)
    if rule_set is None:
        rule_set = RuleSet(company_id=company_id, name=rules.name)
        session.add(rule_set)
        session.flush()
    version = RuleSetVersion(
        rule_set_id=rule_set.id,
        no=number,
        body=to_document(rules),
        sha256=sha256,
        author_id=actor.user_id,
        created_at=dt.datetime.now(dt.UTC),
    )
    session.add(version)
    session.flush()
    session.refresh(rule_set)
    return activate_version(session, actor, version.id) if activate else version


def activate_version(session: Session, actor: Actor, version_id: int) -> RuleSetVersion:
    """Put a version in force. One's own needs the right to edit rules; an approver may activate another's."""
    version = session.get(RuleSetVersion, version_id)
    if version is None:
        raise NotFound(_("There is no such version of a rule set."))
    company_id = version.rule_set.company_id
    _may_activate(actor, company_id, version)
    current = in_force(session, version.rule_set_id)
    if current is not None and current.id == version.id:
        return version
    before = {"version": current.no} if current else None
    after = {"version": version.no, "sha256": version.sha256}
    record(session, actor, company_id, "activate rules", f"rule set {version.rule_set.name}", before, after)
    version.activated_by = actor.user_id
    version.activated_at = dt.datetime.now(dt.UTC)
    session.flush()
    for group_id in session.scalars(select(AccountGroup.id).where(AccountGroup.rule_set_id == version.rule_set_id)):
        touch_group(session, group_id)
    return version


def link_rule_set(session: Session, actor: Actor, group_id: int, rule_set_id: int) -> None:
    """Let a group be reconciled by a rule set of its company or of the installation."""
    group, rule_set = session.get(AccountGroup, group_id), session.get(RuleSet, rule_set_id)
    if group is None or rule_set is None or not actor.sees(group.company_id):
        raise NotFound(_("There is no such account group or rule set."))
    require(actor, group.company_id, Permission.EDIT_RULES)
    if rule_set.company_id not in (None, group.company_id):
        raise Refusal(_("{name} belongs to another company.").format(name=rule_set.name))
    if group.rule_set_id == rule_set_id:
        return
    before, after = {"rule_set": group.rule_set_id}, {"rule_set": rule_set_id}
    record(session, actor, group.company_id, "link rules", f"group {group_id}", before, after)
    group.rule_set_id = rule_set_id
    session.flush()
    touch_group(session, group_id)


def _named(session: Session, company_id: int | None, name: str) -> RuleSet | None:
    query = select(RuleSet).where(RuleSet.name == name)
    owner = RuleSet.company_id.is_(None) if company_id is None else RuleSet.company_id == company_id
    return session.scalars(query.where(owner)).one_or_none()


def _may_edit(actor: Actor, company_id: int | None) -> None:
    if company_id is None:
        require_operator(actor, _("change the rule sets of the installation"))
    else:
        require(actor, company_id, Permission.EDIT_RULES)


def _may_activate(actor: Actor, company_id: int | None, version: RuleSetVersion) -> None:
    anothers = version.author_id != actor.user_id
    if company_id is not None and anothers and actor.may(company_id, Permission.ACTIVATE_RULES):
        return
    _may_edit(actor, company_id)
