"""Take a released voucher back, which only a voucher the other way round can do."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from recon.access import Actor, Permission
from recon.database.models import Adjustment, Allocation, Match
from recon.database.remainders import dissolve
from recon.errors import Refusal
from recon.services.find_group import first_open_day, group_for
from recon.services.match_lines import write_match
from recon.services.open_members import open_members
from recon.services.standing_adjustments import adjustments_of
from recon.services.write_vouchers import write_vouchers
from rules.wording import _


def reverse_adjustment(
    session: Session, actor: Actor, group_id: int, adjustment_id: int, reason: str, booked_on: date | None = None
) -> int:
    """Book a released adjustment the other way round; the key of the reversing one.

    The match that holds its line is taken apart and the two lines are matched with each other. In an approved match
    the line stays, and the reversing one is open. Raises Refusal without a reason, or where nothing is released.
    """
    group = group_for(session, actor, group_id, Permission.RELEASE)
    (found,) = adjustments_of(session, group, [adjustment_id], ("released",))
    if not reason.strip():
        raise Refusal(_("Say why the voucher is reversed."))
    if found.reverses_id is not None:
        raise Refusal(_("Adjustment {id} is a reversal itself; propose a new one instead.").format(id=found.id))
    reversing = Adjustment(
        company_id=group.company_id,
        group_id=group.id,
        entry_type=found.entry_type,
        account_id=found.account_id,
        counter_account=found.counter_account,
        booked_on=booked_on or max(found.booked_on, first_open_day(session, group)),
        amount_minor=-found.amount_minor,
        currency=found.currency,
        text=_("Reversal of {series} {number}").format(series=found.series, number=found.number),
        dimensions=found.dimensions,
        vat_code=found.vat_code,
        reverses_id=found.id,
        state="unreleased",
        event_id=found.event_id,
    )
    session.add(reversing)
    session.flush()
    after = {"reverses": found.id, "reason": reason.strip()}
    event = write_vouchers(session, actor, group, [reversing], "reverse", after)
    reversing.event_id = event.id
    found.state = "reversed"
    session.flush()
    if not _is_approved(session, found):
        dissolve(session, group.id, event.id, _holding(found))
        group = group_for(session, actor, group_id, Permission.RELEASE)
        members = open_members(session, group, [found.line_id or 0, reversing.line_id or 0])
        write_match(session, actor, group, members, "match", reason=reversing.text)
    return reversing.id


def _holding(adjustment: Adjustment) -> Select[int]:
    """The matches that hold the voucher's line."""
    live = (Allocation.line_id == adjustment.line_id, Allocation.undone_event_id.is_(None))
    return select(Allocation.match_id).where(*live)


def _is_approved(session: Session, adjustment: Adjustment) -> bool:
    approved = select(Match.id).where(Match.id.in_(_holding(adjustment)), Match.state == "approved")
    return session.scalar(approved.limit(1)) is not None
