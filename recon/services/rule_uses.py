"""Which rules of a set have made matches, so that their keys stay."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import ColumnElement, or_, select, true
from sqlalchemy.orm import Session

from recon.database.models import AccountGroup, Match, RuleSet, RuleSetVersion, Run


def used_rules(session: Session, rule_set_id: int, keys: Collection[str]) -> set[str]:
    """Those of the keys by which a match of this set was ever made, undone ones included.

    A match without a run is a choice that a person took: it counts where its group is linked to the set.
    """
    groups = list(session.scalars(select(AccountGroup.id).where(_may_use(session.get_one(RuleSet, rule_set_id)))))
    runs = select(Run.id).join(RuleSetVersion, RuleSetVersion.id == Run.version_id)
    linked = select(AccountGroup.id).where(AccountGroup.rule_set_id == rule_set_id)
    made_by_set = or_(
        Match.run_id.in_(runs.where(RuleSetVersion.rule_set_id == rule_set_id)),
        Match.run_id.is_(None) & Match.group_id.in_(linked),
    )
    used = set()
    for key in keys:  # one look by index a key: a few keys, of millions of matches
        query = select(Match.id).where(Match.group_id.in_(groups), Match.rule_key == key, made_by_set)
        if session.scalar(query.limit(1)) is not None:
            used.add(key)
    return used


def _may_use(rule_set: RuleSet) -> ColumnElement[bool]:
    """The groups that can ever have been linked to the set."""
    return true() if rule_set.company_id is None else AccountGroup.company_id == rule_set.company_id
