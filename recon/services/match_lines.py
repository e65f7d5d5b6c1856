"""Match lines by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
from sqlalchemy import select
from sqlalchemy.orm import Session

from recon.access import Actor, Permission
from recon.database.audit import record
from recon.database.models import AccountGroup, Match
from recon.database.remainders import dissolve, touch_group
from recon.errors import Refusal
from recon.matching.result import set_hash
from recon.services.find_group import first_open_day, group_for
from recon.services.match_differences import difference_of, treated
from recon.services.match_drafts import day_number, tables, write_drafts
from recon.services.open_members import Member, open_members
from recon.services.standing_adjustments import drop, require_unposted
from rules.model import Difference
from rules.wording import _


def match_lines(
    session: Session,
    actor: Actor,
    group_id: int,
    line_ids: Sequence[int],
    *,
    amounts: Mapping[int, int] | None = None,
    reason: str | None = None,
    treatment: Difference | None = None,
) -> int:
    """Match open lines whose remainders sum to 0 (left - right); the key of the match.

    `amounts` (line -> minor units) takes part of a line and leaves the rest open. With a `treatment` and a reason they
    may differ: booked as an entry type, or the rest of the larger side kept open. Suggestions and proposals that hold
    one of the lines give way: manual work wins. Raises Refusal where a line is not open or may not be matched so.
    """
    group = group_for(session, actor, group_id, Permission.MATCH)
    members = treated(session, group, open_members(session, group, line_ids, amounts), treatment, reason)
    booked = treatment if difference_of(members) else None
    if len(members) < (1 if booked else 2):
        raise Refusal(_("A match needs at least two lines."))
    held = sorted({member.held_by for member in members if member.held_by is not None})
    return write_match(session, actor, group, members, "match", held, reason=reason, treatment=booked)


def chosen_members(session: Session, group: AccountGroup, amounts: Mapping[int, int]) -> list[Member]:
    """Open lines with what is to be taken of each (minor units). Raises Refusal as `match_lines` does."""
    members = treated(session, group, open_members(session, group, list(amounts), amounts), None, None)
    if len(members) < 2:
        raise Refusal(_("A match needs at least two lines."))
    return members


def write_match(
    session: Session,
    actor: Actor,
    group: AccountGroup,
    members: list[Member],
    verb: str,
    give_way: Sequence[int] = (),
    *,
    rule_key: str | None = None,
    rule_hash: str | None = None,
    reason: str | None = None,
    treatment: Difference | None = None,
) -> int:
    """Store one confirmed match, dissolving the suggestions `give_way`; one event.

    The members were read at `group.revision`; Conflict where somebody changed the group since. Raises Refusal where the
    adjustment of a line waits to be released.
    """
    difference = difference_of(members)
    dropped = require_unposted(session, group.id, [member.line_id for member in members])
    frame = pd.DataFrame([_draft(session, group, members, rule_key, rule_hash, difference, treatment)])
    rows = [(0, m.line_id, m.side, m.amount_minor) for m in members]
    drafts = tables(frame, pd.DataFrame(rows, columns=["match", "line_id", "side", "amount_minor"]), [0])
    after: dict[str, Any] = {"lines": sorted(m.line_id for m in members), "withdrawn": list(give_way), "reason": reason}
    if difference:
        after |= {"difference_minor": difference, "entry_type": treatment.entry_type if treatment else None}
    event = record(session, actor, group.company_id, verb, f"group {group.id}", after=after, digest=drafts.digest)
    touch_group(session, group.id, seen=group.revision)
    if give_way:
        dissolve(session, group.id, event.id, select(Match.id).where(Match.id.in_(give_way)))
    drop(session, dropped)
    match_id = int(write_drafts(session, group.id, group.company_id, event.id, None, drafts)[0])
    if reason:
        session.get_one(Match, match_id).reason = reason
        session.flush()
    return match_id


def _draft(
    session: Session,
    group: AccountGroup,
    members: list[Member],
    rule_key: str | None,
    rule_hash: str | None,
    difference: int,
    treatment: Difference | None,
) -> dict[str, object]:
    effective = max(first_open_day(session, group), *(member.counted_on for member in members))
    return {
        "rule_key": rule_key,
        "rule_hash": rule_hash,
        "state": "confirmed",
        "effective_on": day_number(effective),
        "set_hash": set_hash(member.line_key for member in members),
        "alternatives": 0,
        "difference_minor": difference,
        "entry_type": treatment.entry_type if treatment else None,
    }
