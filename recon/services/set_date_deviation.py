"""Max date deviation of a whole rule set: −n and n days in every dated rule, as a new version, after a warning."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from recon.access import Actor
from recon.database.models import AccountGroup, Company, RuleSetVersion
from recon.errors import Refusal
from recon.services.activate_version import require_editor
from recon.services.rule_versions import rule_set_for
from recon.services.save_rule_set import save_rule_set
from rules.codec import from_document
from rules.deviation import dated_rules, with_date_deviation
from rules.difference import RuleChange, differences
from rules.model import RuleSet as Rules
from rules.wording import _


@dataclass(frozen=True, slots=True)
class DeviationWarning:
    """What writing the deviation would overwrite.

    `groups`: company/name of the linked groups (who may edit a set sees all that use it). `changes`: the rules that
    would change; `rules`: how many have a date window at all. `version`: the number the warning is about.
    """

    days: int
    version: int
    rules: int
    changes: tuple[RuleChange, ...]
    groups: tuple[str, ...]

    def sentence(self) -> str:
        said = _("{days} days are written into {count} rules of this set, also into those that were fine-tuned.")
        used = _("These account groups use it: {groups}.").format(groups=", ".join(self.groups)) if self.groups else ""
        return f"{said.format(days=self.days, count=len(self.changes))} {used}".strip()


def warn_of_date_deviation(session: Session, actor: Actor, rule_set_id: int, days: int) -> DeviationWarning:
    """What `set_date_deviation` would do. Writes nothing."""
    rule_set = rule_set_for(session, actor, rule_set_id)
    require_editor(actor, rule_set.company_id)
    newest = rule_set.versions[-1]
    rules = from_document(newest.body)
    changes = tuple(differences(rules, _written(newest, days)))
    return DeviationWarning(days, newest.no, len(dated_rules(rules)), changes, _linked_groups(session, rule_set_id))


def set_date_deviation(
    session: Session, actor: Actor, rule_set_id: int, days: int, *, seen: int, activate: bool = True
) -> RuleSetVersion:
    """Write −`days` and `days` into every dated rule as a new version.

    `seen` is the version number of the warning that was confirmed: Conflict where there is a newer one. Refused where
    no rule has a date window, or all have this one.
    """
    rule_set = rule_set_for(session, actor, rule_set_id)
    require_editor(actor, rule_set.company_id)
    newest = rule_set.versions[-1]
    rules, written = from_document(newest.body), _written(newest, days)
    if not dated_rules(rules):
        raise Refusal(_("No rule of this set has a date window."))
    if written == rules:
        raise Refusal(_("Every dated rule has these days already."))
    return save_rule_set(session, actor, rule_set.company_id, written, activate=activate, seen=seen)


def _written(version: RuleSetVersion, days: int) -> Rules:
    try:
        return with_date_deviation(from_document(version.body), days)
    except ValueError as fault:
        raise Refusal(str(fault)) from None


def _linked_groups(session: Session, rule_set_id: int) -> tuple[str, ...]:
    query = (
        select(Company.name, AccountGroup.name)
        .join(AccountGroup, AccountGroup.company_id == Company.id)
        .where(AccountGroup.rule_set_id == rule_set_id, AccountGroup.archived_at.is_(None))
        .order_by(Company.name, AccountGroup.name)
    )
    return tuple(f"{company}/{group}" for company, group in session.execute(query))
