"""Lines in the place of others: the parts of a lump, a ledger's changed vouchers, and what a later export lacks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from recon.access import Actor
from recon.database.models import AccountGroup, Allocation, Document, GroupLine, Line, Replacement
from recon.database.remainders import dissolve, touch_group
from recon.errors import Refusal
from recon.services.standing_adjustments import end_postings
from recon.services.succeed_matches import Member, Swap, succeed_matches
from rules.values import said_day
from rules.wording import _

SOME = 10_000
QUIET = {"synchronize_session": False}


def in_chunks(keys: Sequence[int]) -> Iterable[Sequence[int]]:
    return (keys[start : start + SOME] for start in range(0, len(keys), SOME))


def refuse_if_approved(session: Session, line_ids: Sequence[int]) -> None:
    """Raise Refusal, naming the group, if one of the lines lies in an approved period, here or in another company."""
    counted_on = func.coalesce(GroupLine.period_on, GroupLine.booked_on)
    for some in in_chunks(line_ids):
        found = session.execute(
            select(AccountGroup.name, Document.to_on)
            .join(GroupLine, GroupLine.group_id == AccountGroup.id)
            .join(Document, Document.group_id == AccountGroup.id)
            .where(GroupLine.line_id.in_(some), Document.state == "approved", Document.to_on >= counted_on)
            .order_by(Document.to_on)
            .limit(1)
        ).first()
        if found:
            told = _("lines of this import lie in the period of {group} approved at {day}: withdraw the approval first")
            raise Refusal(told.format(group=found[0], day=said_day(found[1])))


def leave_groups(session: Session, event_id: int, line_ids: Sequence[int]) -> int:
    """Take lines out of every group, dissolving the matches that hold them; how many matches.

    Adjustments posted from them end. Raises Refusal where one is released: its voucher is reversed first.
    """
    dissolved = 0
    end_postings(session, line_ids)
    for some in in_chunks(line_ids):
        groups = session.scalars(select(GroupLine.group_id).where(GroupLine.line_id.in_(some)).distinct()).all()
        holding = select(Allocation.match_id).where(Allocation.line_id.in_(some), Allocation.undone_event_id.is_(None))
        for group_id in sorted(groups):
            dissolved += dissolve(session, group_id, event_id, holding)
            leaving = delete(GroupLine).where(GroupLine.group_id == group_id, GroupLine.line_id.in_(some))
            session.execute(leaving.execution_options(**QUIET))
            touch_group(session, group_id)
    return dissolved


def withdraw(session: Session, event_id: int, line_ids: Sequence[int]) -> None:
    """The lines are no longer live."""
    for some in in_chunks(line_ids):
        withdrawing = update(Line).where(Line.id.in_(some)).values(withdrawn_event_id=event_id)
        session.execute(withdrawing.execution_options(**QUIET))


def replace_changed(session: Session, event_id: int, gone: Sequence[int], changed: Mapping[int, int]) -> int:
    """Withdraw lines that a ledger's new export lacks or has otherwise (old -> new line); how many matches dissolved.

    Raises Refusal if one of them is approved.
    """
    keys = [*gone, *changed]
    refuse_if_approved(session, keys)
    dissolved = leave_groups(session, event_id, keys)
    withdraw(session, event_id, keys)
    session.add_all(Replacement(kind="gone", old_line_id=key, event_id=event_id) for key in gone)
    session.add_all(
        Replacement(kind="changed", old_line_id=old, new_line_id=new, event_id=event_id) for old, new in changed.items()
    )
    session.flush()
    return dissolved


def replace_lumps(
    session: Session, actor: Actor, company_id: int, event_id: int, parts: Mapping[int, Sequence[int]]
) -> None:
    """Put parts in the place of their lump, in every group and inside its matches; the sum stays what it is.

    Raises Refusal where a group would not read all the parts of a lump that stands in it.
    """
    swaps = [swap for lump, own in parts.items() for swap in _swaps(session, lump, own)]
    succeed_matches(session, actor, company_id, "lump parts", swaps)
    lumps = list(parts)
    for some in in_chunks(lumps):
        session.execute(delete(GroupLine).where(GroupLine.line_id.in_(some)).execution_options(**QUIET))
    withdraw(session, event_id, lumps)
    session.add_all(
        Replacement(kind="parts", old_line_id=lump, new_line_id=part, event_id=event_id)
        for lump, own in parts.items()
        for part in own
    )
    session.flush()
    for group_id in sorted({swap.group_id for swap in swaps}):
        touch_group(session, group_id)


def _swaps(session: Session, lump: int, parts: Sequence[int]) -> Iterable[Swap]:
    standing = session.scalars(select(GroupLine).where(GroupLine.line_id == lump)).all()
    for held in standing:
        own = session.scalars(
            select(GroupLine)
            .where(GroupLine.group_id == held.group_id, GroupLine.line_id.in_(parts), GroupLine.side == held.side)
            .order_by(GroupLine.line_id)
        ).all()
        if sum(part.amount_minor for part in own) != held.amount_minor:
            group = session.get_one(AccountGroup, held.group_id)
            told = _("the parts of the sum of {day} would not all stand in group {group}: its filter parts them")
            raise Refusal(told.format(day=said_day(held.booked_on), group=group.name))
        for part in own:
            part.state, part.cleared, part.period_on = held.state, held.cleared, held.period_on
        members = tuple(Member(part.amount_minor, part.line_id, side=part.side) for part in own)
        yield Swap(held.group_id, Member(held.amount_minor, lump, side=held.side), members)
