"""Save a rule set: every change is a new immutable version, and what is in force is the version activated last."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from recon.access import Actor, Permission, require
from recon.database.audit import record
from recon.database.models import AccountGroup, RuleSet, RuleSetVersion
from recon.database.remainders import touch_group
from recon.errors import Conflict, NotFound, Refusal
from recon.services.activate_version import activate_version, require_editor, why_not_activate
from recon.services.rule_uses import used_rules
from recon.services.rule_versions import InactiveRule, inactive_rules, owned_by, version_hash
from rules.codec import from_document, to_document
from rules.model import RuleSet as Rules
from rules.wording import _


def save_rule_set(
    session: Session,
    actor: Actor,
    company_id: int | None,
    rules: Rules,
    *,
    activate: bool = True,
    inactive: Sequence[InactiveRule] | None = None,
    seen: int | None = None,
) -> RuleSetVersion:
    """A new version of the set of that name (made if there is none), of a company or of the installation (None).

    The same meaning as the newest version makes no new one. `activate` puts it in force for every linked group, unless
    a second person has to: then it waits, and its `activated_at` is None. `inactive` are the deactivated rules beside
    it; by default those of the newest version, and a rule that was left out though a match was made by it. `seen` is
    the number of the version that the change started from: Conflict where there is a newer one.
    """
    require_editor(actor, company_id)
    rule_set = _locked(session, company_id, rules.name)
    newest = rule_set.versions[-1] if rule_set else None
    if seen is not None and newest is not None and newest.no != seen:
        sentence = _("Somebody saved version {no} meanwhile. Look at it, then make your change again.")
        raise Conflict(sentence.format(no=newest.no))
    kept = _kept(session, rules, newest) if inactive is None else tuple(inactive)
    sha256 = version_hash(rules, kept)
    if newest is not None and newest.sha256 == sha256:
        return _put_in_force(session, actor, newest) if activate else newest
    version = write_version(session, actor, rule_set or _new_set(session, company_id, rules.name), rules, kept)
    return _put_in_force(session, actor, version) if activate else version


def write_version(
    session: Session,
    actor: Actor,
    rule_set: RuleSet,
    rules: Rules,
    inactive: Sequence[InactiveRule],
    verb: str = "save rules",
) -> RuleSetVersion:
    """Store the next version of a set, with its event. The caller has checked who may and what differs."""
    number = rule_set.versions[-1].no + 1 if rule_set.versions else 1
    sha256 = version_hash(rules, inactive)
    after = {"name": rules.name, "version": number, "sha256": sha256}
    record(session, actor, rule_set.company_id, verb, f"rule set {rules.name}", after=after, digest=sha256)
    version = RuleSetVersion(
        rule_set_id=rule_set.id,
        no=number,
        body=to_document(rules),
        inactive=[each.plain() for each in inactive] or None,
        sha256=sha256,
        author_id=actor.user_id,
        created_at=dt.datetime.now(dt.UTC),
    )
    session.add(version)
    session.flush()
    session.refresh(rule_set)
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


def locked_set(session: Session, rule_set_id: int) -> RuleSet:
    """The set with its versions as they are now; nobody else saves one before this transaction ends."""
    query = select(RuleSet).where(RuleSet.id == rule_set_id).with_for_update(key_share=True)
    found = session.scalars(query.execution_options(populate_existing=True)).one()
    session.refresh(found, ["versions"])
    return found


def _locked(session: Session, company_id: int | None, name: str) -> RuleSet | None:
    found = session.scalar(select(RuleSet.id).where(RuleSet.name == name, owned_by(company_id)))
    return locked_set(session, found) if found is not None else None


def _new_set(session: Session, company_id: int | None, name: str) -> RuleSet:
    rule_set = RuleSet(company_id=company_id, name=name)
    session.add(rule_set)
    session.flush()
    return rule_set


def _put_in_force(session: Session, actor: Actor, version: RuleSetVersion) -> RuleSetVersion:
    waits = why_not_activate(session, actor, version) is not None
    return version if waits else activate_version(session, actor, version.id)


def _kept(session: Session, rules: Rules, newest: RuleSetVersion | None) -> tuple[InactiveRule, ...]:
    """Deactivated rules that stay beside the set: those of the newest version, and those left out but used."""
    if newest is None:
        return ()
    active = {rule.key for rule in rules.rules}
    stay = [each for each in inactive_rules(newest) if each.rule.key not in active]
    dropped = [each for each in enumerate(from_document(newest.body).rules) if each[1].key not in active]
    used = used_rules(session, newest.rule_set_id, [rule.key for _place, rule in dropped])
    return (*stay, *(InactiveRule(place, rule) for place, rule in dropped if rule.key in used))
