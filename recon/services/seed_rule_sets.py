"""The rule sets that are shipped, as rule sets of the installation."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from recon.access import Actor
from recon.database.models import RuleSet, RuleSetVersion
from recon.services.save_rule_set import save_rule_set
from rules import standard

FOR_NEW_GROUPS = "standard"
"""The shipped set that a new group is linked to."""


def seed_rule_sets(session: Session, actor: Actor) -> dict[str, RuleSetVersion]:
    """Shipped name -> its version in force; what is stored already stays as it is. Only the operator may."""
    return {name: save_rule_set(session, actor, None, standard.load(name)) for name in standard.NAMES}


def rule_set_for_new_groups(session: Session) -> RuleSet | None:
    """The installation's standard set; None before it was seeded."""
    name = standard.load(FOR_NEW_GROUPS).name
    return session.scalars(select(RuleSet).where(RuleSet.company_id.is_(None), RuleSet.name == name)).one_or_none()
