"""Propose vouchers: for marked open lines, or by an amount alone. They wait to be released."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from recon.access import Actor, Permission
from recon.database.audit import record
from recon.database.models import AccountGroup, Adjustment, Match
from recon.database.remainders import dissolve, touch_group
from recon.errors import Refusal
from recon.services.find_group import first_open_day, group_for
from recon.services.open_members import Member, open_members
from recon.services.standing_adjustments import drop, require_unposted
from recon.services.vouchers import Voucher, fill, posted_from
from rules.wording import _


def propose_adjustments(
    session: Session, actor: Actor, group_id: int, line_ids: Sequence[int], voucher: Voucher
) -> list[int]:
    """One adjustment for what is open of each line; their keys, in the order of the lines' keys.

    What the ledger lacks of a line is its remainder, with the other sign on the left. Lines with nothing left are
    passed over; suggestions and proposals on them give way. Raises Refusal where a line is posted already.
    """
    group = group_for(session, actor, group_id, Permission.ADJUST)
    if voucher.amount_minor is not None:
        raise Refusal(_("A line is posted with what is open of it; the amount cannot be changed."))
    members = [member for member in open_members(session, group, line_ids) if member.open_minor]
    if not members:
        raise Refusal(_("None of the lines has anything left to post."))
    dropped = require_unposted(session, group.id, [member.line_id for member in members], released_too=True)
    earliest = first_open_day(session, group)
    adjustments = [
        Adjustment(
            from_line_id=member.line_id,
            booked_on=voucher.booked_on or max(member.booked_on, earliest),
            amount_minor=lacking(member),
        )
        for member in members
    ]
    sources = posted_from(session, adjustments)
    for adjustment in adjustments:
        adjustment.text = sources[adjustment.from_line_id or 0].text
    held = sorted({member.held_by for member in members if member.held_by is not None})
    return _store(session, actor, group, adjustments, voucher, held, dropped)


def propose_amount(session: Session, actor: Actor, group_id: int, voucher: Voucher) -> int:
    """An adjustment by its amount and day alone, such as the fee a statement shows; its key."""
    group = group_for(session, actor, group_id, Permission.ADJUST)
    if not voucher.amount_minor or voucher.booked_on is None:
        raise Refusal(_("An adjustment needs an amount and a date."))
    adjustment = Adjustment(booked_on=voucher.booked_on, amount_minor=voucher.amount_minor)
    return _store(session, actor, group, [adjustment], voucher, [], [])[0]


def lacking(member: Member) -> int:
    """What the ledger lacks of an open line: right − left of the line alone."""
    return member.open_minor if member.side == "right" else -member.open_minor


def _store(
    session: Session,
    actor: Actor,
    group: AccountGroup,
    adjustments: Sequence[Adjustment],
    voucher: Voucher,
    held: Sequence[int],
    dropped: Sequence[int],
) -> list[int]:
    for adjustment in adjustments:
        fill(session, group, adjustment, voucher)
    after = {
        "adjustments": [
            [a.from_line_id, a.amount_minor, a.booked_on.isoformat(), a.entry_type.key] for a in adjustments
        ],
        "withdrawn": list(held),
        "dropped": list(dropped),
    }
    event = record(session, actor, group.company_id, "propose adjustments", f"group {group.id}", after=after)
    touch_group(session, group.id, seen=group.revision)
    if held:
        dissolve(session, group.id, event.id, select(Match.id).where(Match.id.in_(held)))
    drop(session, dropped)
    for adjustment in adjustments:
        adjustment.company_id, adjustment.group_id = group.company_id, group.id
        adjustment.currency, adjustment.state, adjustment.event_id = group.currency, "unreleased", event.id
    session.add_all(adjustments)
    session.flush()
    return [adjustment.id for adjustment in adjustments]
