"""One rule set as its pages see it: whose it is, who may change it, its newest rules, and saving them."""

from __future__ import annotations

from flask import flash, request
from sqlalchemy import or_, select

from recon.access import Permission
from recon.database.models import AccountGroup, RuleSet, RuleSetVersion
from recon.errors import NotFound
from recon.services.rule_versions import inactive_rules
from recon.services.save_rule_set import save_rule_set
from recon.web.person import actor, here, may
from recon.web.storage import command, database
from recon.web.wording import _
from rules.codec import from_document, to_document
from rules.model import RuleSet as Rules


def visible_sets() -> list[RuleSet]:
    """The sets of the active company, then those of the installation."""
    of_here = or_(RuleSet.company_id.is_(None), RuleSet.company_id == here().company_id)
    return list(database().scalars(select(RuleSet).where(of_here).order_by(RuleSet.company_id.desc(), RuleSet.name)))


def visible_set(set_id: int) -> RuleSet:
    found = next((each for each in visible_sets() if each.id == set_id), None)
    if found is None or not found.versions:
        raise NotFound(_("There is no such rule set."))
    return found


def editable(rule_set: RuleSet) -> bool:
    return actor().operator if rule_set.company_id is None else may(Permission.EDIT_RULES)


def linked_groups(rule_set: RuleSet) -> list[AccountGroup]:
    """The active company's groups that are reconciled by the set."""
    return [each for each in groups_here() if each.rule_set_id == rule_set.id]


def other_groups(rule_set: RuleSet) -> list[AccountGroup]:
    return [each for each in groups_here() if each.rule_set_id != rule_set.id]


def groups_here() -> list[AccountGroup]:
    query = select(AccountGroup).where(AccountGroup.company_id == here().company_id, AccountGroup.archived_at.is_(None))
    return list(database().scalars(query.order_by(AccountGroup.name)))


def newest_rules(rule_set: RuleSet) -> Rules:
    return from_document(rule_set.versions[-1].body)


def taken_keys(rule_set: RuleSet) -> set[str]:
    """Every key that a version of the set has ever given: hit rates and matches hang on them."""
    active = {rule["key"] for version in rule_set.versions for rule in version.body["rules"]}
    return active | {each.rule.key for version in rule_set.versions for each in inactive_rules(version)}


def save_rules(rule_set: RuleSet, rules: Rules) -> RuleSetVersion:
    """The rules as the set's next version, read whole as a file is; says so. Conflict where another came meanwhile.

    The version that the page started from is the form's `version`.
    """
    with command() as session:
        checked = from_document(to_document(rules))
        seen = request.form.get("version", type=int)
        version = save_rule_set(session, actor(), rule_set.company_id, checked, seen=seen)
    flash(saved_sentence(version), "success")
    return version


def saved_sentence(version: RuleSetVersion) -> str:
    if version.activated_at is None:
        return _("Saved as version %(no)s. It waits for somebody else to put it in force.", no=version.no)
    return _("Saved as version %(no)s.", no=version.no)
