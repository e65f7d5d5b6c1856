"""Groups hold the lines that they read and open in balance; rule versions are what was saved."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from recon.database.models import AccountGroup, GroupLine, RuleSetVersion
from recon.errors import Refusal
from recon.services.enter_lines import lines_of_group
from recon.services.group_plans import check_plan, plan_of_group
from recon.services.rule_versions import inactive_rules, version_hash
from recon.services.verify_events import broken
from rules.codec import from_document
from rules.errors import Finding, RuleErrors
from rules.wording import _


def setup_findings(session: Session) -> Iterator[Finding]:
    """Lines that a group lacks or has beyond what it reads, openings out of balance, changed rule versions."""
    for group in session.scalars(
        select(AccountGroup).where(AccountGroup.archived_at.is_(None)).order_by(AccountGroup.id)
    ):
        yield from _lines(session, group)
        try:
            check_plan(plan_of_group(session, group))
        except Refusal as fault:
            yield broken("group-setup", f"group {group.id}", str(fault))
    for version in session.scalars(select(RuleSetVersion).order_by(RuleSetVersion.id)):
        if _hash(version) != version.sha256:
            yield broken("rules-changed", f"rule set version {version.id}", _("it was changed after it was saved"))


def _lines(session: Session, group: AccountGroup) -> Iterator[Finding]:
    standing = select(GroupLine.line_id, GroupLine.side).where(GroupLine.group_id == group.id)
    has = {(line_id, side) for line_id, side in session.execute(standing)}
    reads = lines_of_group(session, group)
    for line_id, _side in sorted(reads - has):
        yield broken("group-lacks", _place(group, line_id), _("the group reads it and does not have it"))
    for line_id, _side in sorted(has - reads):
        yield broken("group-exceeds", _place(group, line_id), _("the group has it and does not read it"))


def _place(group: AccountGroup, line_id: int) -> str:
    return _("line {line} in group {group}").format(line=line_id, group=group.id)


def _hash(version: RuleSetVersion) -> str | None:
    try:
        return version_hash(from_document(version.body), inactive_rules(version))
    except RuleErrors:
        return None
