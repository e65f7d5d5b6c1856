"""Forget what people took apart or rejected, so that rules may match those lines again."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from recon.access import Actor, Permission
from recon.database.audit import digest_of, record
from recon.database.models import Refusal
from recon.database.remainders import touch_group
from recon.errors import NotFound
from recon.services.find_group import group_for
from rules.wording import _


def clear_refusals(session: Session, actor: Actor, group_id: int, refusal_ids: Sequence[int] | None = None) -> int:
    """Clear the refusals with these keys, or all of the group; how many. The rows stay, with the event that cleared.

    Raises NotFound where one of them does not stand in the group, or where there is none at all.
    """
    group = group_for(session, actor, group_id, Permission.MATCH)
    standing = (Refusal.group_id == group.id, Refusal.cleared_event_id.is_(None))
    named = standing if refusal_ids is None else (*standing, Refusal.id.in_(sorted(set(refusal_ids))))
    rows = session.execute(select(Refusal.set_hash, Refusal.rule_hash).where(*named)).all()
    if not rows or (refusal_ids is not None and len(rows) != len(set(refusal_ids))):
        raise NotFound(_("{group} remembers no such refusal any more.").format(group=group.name))
    digest = digest_of([list(row) for row in rows])
    after = {"refusals": len(rows)}
    event = record(session, actor, group.company_id, "clear refusals", f"group {group.id}", after=after, digest=digest)
    touch_group(session, group.id, seen=group.revision)
    session.execute(update(Refusal).where(*named).values(cleared_event_id=event.id))
    session.flush()
    return len(rows)


def count_refusals(session: Session, group_id: int) -> int:
    """How many the group remembers."""
    query = select(func.count()).select_from(Refusal)
    return session.scalar(query.where(Refusal.group_id == group_id, Refusal.cleared_event_id.is_(None))) or 0
