"""Release adjustments: from then on they are vouchers with a number, taken back only by reversing them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from recon.access import Actor, Permission
from recon.database.models import AccountGroup, Adjustment, GroupLine, Match
from recon.services.find_group import group_for
from recon.services.standing_adjustments import adjustments_of
from recon.services.succeed_matches import Member, Swap, succeed_matches
from recon.services.write_vouchers import write_vouchers


def release_adjustments(session: Session, actor: Actor, group_id: int, adjustment_ids: Sequence[int]) -> int:
    """Number and release unreleased adjustments; how many.

    Each becomes a line of the ledger, provisional until the ledger's own line comes: that of a match's difference joins
    the match, any other is open. Raises Refusal where one is only proposed, released already or lacks an account.
    """
    group = group_for(session, actor, group_id, Permission.RELEASE)
    found = adjustments_of(session, group, adjustment_ids, ("unreleased",))
    write_vouchers(session, actor, group, found, "release")
    _join_matches(session, actor, group, [adjustment for adjustment in found if adjustment.match_id])
    return len(found)


def _join_matches(session: Session, actor: Actor, group: AccountGroup, found: Sequence[Adjustment]) -> None:
    """The voucher's line takes the adjustment's place; the match takes effect no earlier than the line counts."""
    swaps = []
    for adjustment in found:
        minor = adjustment.amount_minor
        new = (Member(minor, line_id=adjustment.line_id),)
        swaps.append(Swap(group.id, Member(minor, adjustment_id=adjustment.id), new))
        match = session.get_one(Match, adjustment.match_id)
        match.effective_on = max(match.effective_on, _counted_on(session, group, adjustment))
    session.flush()
    succeed_matches(session, actor, group.company_id, f"group {group.id}", swaps)


def _counted_on(session: Session, group: AccountGroup, adjustment: Adjustment) -> date:
    counted = func.coalesce(GroupLine.period_on, GroupLine.booked_on)
    standing = (GroupLine.group_id == group.id, GroupLine.line_id == adjustment.line_id)
    return session.execute(select(counted).where(*standing)).scalar_one()
