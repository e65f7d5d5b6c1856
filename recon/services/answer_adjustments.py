"""Accept or reject proposed vouchers, change or delete those that wait: nothing here is released yet."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from recon.access import Actor, Permission
from recon.database.audit import record
from recon.database.models import AccountGroup, Adjustment, Allocation, GroupLine, Line, Match, Refusal
from recon.database.remainders import touch_group
from recon.errors import Refusal as Refused
from recon.matching.result import set_hash
from recon.services.find_group import first_open_day, group_for
from recon.services.standing_adjustments import adjustments_of, drop
from recon.services.vouchers import Voucher, fill, told
from rules.wording import _


def accept_adjustments(session: Session, actor: Actor, group_id: int, adjustment_ids: Sequence[int]) -> int:
    """Let proposals of post rules wait for their release; how many. That of a match is accepted with its match."""
    group = group_for(session, actor, group_id, Permission.ADJUST)
    found = adjustments_of(session, group, adjustment_ids, ("proposed",))
    _refuse_of_matches(found, _("accept its match instead"))
    after = {"adjustments": [adjustment.id for adjustment in found]}
    record(session, actor, group.company_id, "accept adjustments", f"group {group.id}", after=after)
    touch_group(session, group.id, seen=group.revision)
    for adjustment in found:
        adjustment.state = "unreleased"
    session.flush()
    return len(found)


def reject_adjustments(session: Session, actor: Actor, group_id: int, adjustment_ids: Sequence[int]) -> int:
    """End proposals, and adjustments that wait for their release; how many. Their lines are open again.

    The rule that made one never posts that line again until the refusal is cleared.
    """
    group = group_for(session, actor, group_id, Permission.ADJUST)
    found = adjustments_of(session, group, adjustment_ids, ("proposed", "unreleased"))
    _refuse_of_matches(found, _("take its match apart instead"))
    after = {"adjustments": [told(adjustment) for adjustment in found]}
    event = record(session, actor, group.company_id, "reject adjustments", f"group {group.id}", after=after)
    touch_group(session, group.id, seen=group.revision)
    _remember(session, group, found, event.id)
    drop(session, [adjustment.id for adjustment in found])
    session.flush()
    return len(found)


def edit_adjustment(session: Session, actor: Actor, group_id: int, adjustment_id: int, voucher: Voucher) -> None:
    """Let an adjustment that is not released say what the voucher says. A proposal a person changed is accepted.

    The amount follows from the line or the match that it is for; only one proposed by its amount can change it.
    """
    group = group_for(session, actor, group_id, Permission.ADJUST)
    (found,) = adjustments_of(session, group, [adjustment_id], ("proposed", "unreleased"))
    before = {"adjustment": told(found)}
    _set_amount(found, voucher.amount_minor)
    found.booked_on = voucher.booked_on or found.booked_on
    fill(session, group, found, voucher)
    after = {"adjustment": told(found)}
    record(session, actor, group.company_id, "edit adjustment", f"group {group.id}", before=before, after=after)
    touch_group(session, group.id, seen=group.revision)
    if found.match_id is None:
        found.state = "unreleased"
    else:
        _move_match(session, group, found)
    session.flush()


def _set_amount(adjustment: Adjustment, minor: int | None) -> None:
    if minor in (None, adjustment.amount_minor):
        return
    if adjustment.from_line_id or adjustment.match_id:
        raise Refused(_("The amount follows from what is posted; it cannot be changed."))
    if not minor:
        raise Refused(_("An adjustment needs an amount and a date."))
    adjustment.amount_minor = minor


def _move_match(session: Session, group: AccountGroup, adjustment: Adjustment) -> None:
    """A match takes effect with the newest of its members, the voucher of its difference among them."""
    match = session.get_one(Match, adjustment.match_id)
    newest = (
        select(func.max(func.coalesce(GroupLine.period_on, GroupLine.booked_on)))
        .join(Allocation, (Allocation.line_id == GroupLine.line_id) & (GroupLine.group_id == group.id))
        .where(Allocation.match_id == match.id, Allocation.undone_event_id.is_(None))
    )
    days = (first_open_day(session, group), adjustment.booked_on, session.scalar(newest) or adjustment.booked_on)
    match.effective_on = max(days)


def _refuse_of_matches(found: Sequence[Adjustment], instead: str) -> None:
    for adjustment in found:
        if adjustment.match_id is not None:
            told = _("Adjustment {id} is for the difference of match {match}: {instead}.")
            raise Refused(told.format(id=adjustment.id, match=adjustment.match_id, instead=instead))


def _remember(session: Session, group: AccountGroup, found: Sequence[Adjustment], event_id: int) -> None:
    for adjustment in found:
        if adjustment.rule_hash is None or adjustment.from_line_id is None:
            continue
        lines = set_hash([_line_key(session.get_one(Line, adjustment.from_line_id))])
        known = select(Refusal.id).where(
            Refusal.group_id == group.id,
            Refusal.set_hash == lines,
            Refusal.rule_hash == adjustment.rule_hash,
            Refusal.cleared_event_id.is_(None),
        )
        if session.scalar(known) is None:
            refusal = Refusal(group_id=group.id, set_hash=lines, rule_hash=adjustment.rule_hash, event_id=event_id)
            session.add(refusal)
            session.flush()


def _line_key(line: Line) -> str:
    return f"{line.fingerprint}.{line.occurrence}.{line.part}"
