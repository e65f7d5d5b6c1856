"""The name of a rule by its permanent key, as the group's rules call it now."""

from __future__ import annotations

from flask import g
from sqlalchemy.orm import Session

from recon.database.models import AccountGroup
from recon.errors import Refusal
from recon.services.posted_pairs import PAIR_KEY, pair_name
from recon.services.rule_versions import rules_of_group
from recon.web.wording import _
from rules.names import rule_title


def rule_name(session: Session, group: AccountGroup, key: str) -> str:
    """“Matched by hand” for no rule; the key itself where no rule of that key is in force any more."""
    if not key:
        return _("Matched by hand")
    return pair_name() if key == PAIR_KEY else _names(session, group).get(key, key)


def _names(session: Session, group: AccountGroup) -> dict[str, str]:
    known: dict[int, dict[str, str]] = g.setdefault("rule_names", {})
    if group.id not in known:
        try:
            rules = rules_of_group(session, group).rule_set.rules
        except Refusal:
            rules = ()
        known[group.id] = {rule.key: rule_title(rule.name) for rule in rules}
    return known[group.id]
