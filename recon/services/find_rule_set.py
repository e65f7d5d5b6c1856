"""Find the rules that a person names as `set` or `set@version`."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from recon.access import Actor, Permission
from recon.database.models import RuleSet, RuleSetVersion
from recon.errors import NotFound
from recon.services.find_group import group_for
from rules.codec import from_document
from rules.model import RuleSet as Rules
from rules.wording import _


def find_rules(session: Session, actor: Actor, group_id: int, name: str) -> Rules:
    """The version of that number, else the newest, of the set of the group's company, else of the installation's.

    Raises NotFound where there is no such set or version.
    """
    group = group_for(session, actor, group_id, Permission.VIEW)
    set_name, _at, number = name.rpartition("@") if "@" in name else (name, "", "")
    owners = RuleSet.company_id.is_(None) | (RuleSet.company_id == group.company_id)
    query = (
        select(RuleSetVersion)
        .join(RuleSet, RuleSet.id == RuleSetVersion.rule_set_id)
        .where(RuleSet.name == set_name, owners)
        .order_by(RuleSet.company_id.is_(None), RuleSetVersion.no.desc())
    )
    if number:
        query = query.where(RuleSetVersion.no == _number(name, number))
    version = session.scalars(query.limit(1)).one_or_none()
    if version is None:
        raise NotFound(_("There is no rule set {name} for {group}.").format(name=name, group=group.name))
    return from_document(version.body)


def _number(name: str, number: str) -> int:
    if not (number.isascii() and number.isdigit() and len(number) < 10):
        raise NotFound(_("“{name}”: after @ comes the number of a version.").format(name=name))
    return int(number)
