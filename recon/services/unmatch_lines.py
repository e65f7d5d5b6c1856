"""Take confirmed matches apart."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from recon.access import Actor, Permission
from recon.database.audit import allocation_digest, record
from recon.database.models import Match
from recon.database.remainders import dissolve, touch_group
from recon.services.find_group import group_for
from recon.services.standing_matches import remember_refusals, standing_matches, taken_rows


def unmatch_lines(session: Session, actor: Actor, group_id: int, match_ids: Sequence[int], reason: str = "") -> int:
    """Open the lines of confirmed matches again; how many matches. Those of a rule are remembered as refused.

    Raises Refusal where a match is approved (withdraw first) or holds a released adjustment.
    """
    group = group_for(session, actor, group_id, Permission.MATCH)
    matches = standing_matches(session, group, match_ids, ("confirmed",))
    ids = [match.id for match in matches]
    digest = allocation_digest(taken_rows(session, ids))
    after = {"matches": len(ids), "reason": reason or None}
    event = record(session, actor, group.company_id, "unmatch", f"group {group.id}", after=after, digest=digest)
    touch_group(session, group.id, seen=group.revision)
    remember_refusals(session, group, matches, event.id)
    return dissolve(session, group.id, event.id, select(Match.id).where(Match.id.in_(ids)))
