"""Another member in a match's place: the match ends, and one with the new members stands in its stead.

Allocations are append-only and a match is named by its exact members, so nothing of a match is ever rewritten: its
successor has its rule, state, day, run and document, and takes over its adjustments and notes.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from recon.access import Actor
from recon.database.audit import allocation_digest, record
from recon.database.models import Adjustment, Allocation, Attachment, Line, Match, Note
from recon.database.remainders import settle, touch_group
from recon.matching.result import set_hash


@dataclass(frozen=True, slots=True)
class Member:
    """A line or an adjustment of a match with what is taken of it, in the group's sign."""

    amount_minor: int
    line_id: int | None = None
    adjustment_id: int | None = None
    side: str = "left"

    @property
    def key(self) -> tuple[int | None, int | None]:
        return self.line_id, self.adjustment_id


@dataclass(frozen=True, slots=True)
class Swap:
    """In one group: the member that goes, and those of equal sum that come in its place."""

    group_id: int
    old: Member
    new: tuple[Member, ...]


Given = dict[tuple[int | None, int | None], deque[Member]]
"""What is left of the new members, by the key of the old one."""


def succeed_matches(session: Session, actor: Actor, company_id: int, what: str, swaps: Sequence[Swap]) -> int | None:
    """Put the new members where the old ones are taken by live matches; one event, its key, or None without a match."""
    plans = [(match, _members_after(session, match, given)) for match, given in _touched(session, swaps)]
    if not plans:
        return None
    rows = [
        (_set_name(session, members), m.line_id, m.side, m.amount_minor) for _match, members in plans for m in members
    ]
    after = {"matches": len(plans)}
    event = record(session, actor, company_id, "replace", what, after=after, digest=allocation_digest(rows))
    for match, members in plans:
        _succeed(session, event.id, match, members)
    for group_id in sorted({match.group_id for match, _members in plans}):
        named = select(Match.id).where(Match.group_id == group_id)
        settle(session, group_id, named.where((Match.event_id == event.id) | (Match.undone_event_id == event.id)))
        touch_group(session, group_id)
    return event.id


def _touched(session: Session, swaps: Sequence[Swap]) -> list[tuple[Match, Given]]:
    """Every live match that holds an old member, with what is left of the new ones for it; oldest match first."""
    waiting: dict[tuple[int, int | None, int | None], deque[Member]] = {
        (swap.group_id, *swap.old.key): deque(swap.new) for swap in swaps
    }
    lines = [swap.old.line_id for swap in swaps if swap.old.line_id is not None]
    adjustments = [swap.old.adjustment_id for swap in swaps if swap.old.adjustment_id is not None]
    found: dict[int, Match] = {}
    for column, keys in ((Allocation.line_id, lines), (Allocation.adjustment_id, adjustments)):
        for start in range(0, len(keys), 5_000):
            query = select(Match).join(Allocation, Allocation.match_id == Match.id)
            live = (column.in_(keys[start : start + 5_000]), Match.undone_event_id.is_(None))
            found |= {match.id: match for match in session.scalars(query.where(*live))}
    groups = {swap.group_id for swap in swaps}
    return [
        (match, {key[1:]: new for key, new in waiting.items() if key[0] == match.group_id})
        for _id, match in sorted(found.items())
        if match.group_id in groups
    ]


def _members_after(session: Session, match: Match, given: Given) -> list[Member]:
    """The members of the match with the new ones in the old one's place, taken from the front of what is left."""
    query = select(Allocation).where(Allocation.match_id == match.id, Allocation.undone_event_id.is_(None))
    members: list[Member] = []
    for held in session.scalars(query.order_by(Allocation.id)):
        old = Member(held.amount_minor, held.line_id, held.adjustment_id, held.side)
        members += _taken(given[old.key], old) if old.key in given else [old]
    return members


def _taken(new: deque[Member], old: Member) -> list[Member]:
    """So much of the new members as the old one gave; what is left of the last stays for the next match."""
    wanted, taken = old.amount_minor, []
    if wanted == 0:
        return [Member(member.amount_minor, *member.key, old.side) for member in new]
    while wanted and new:
        member = new.popleft()
        part = member.amount_minor
        if member.amount_minor * wanted > 0 and abs(member.amount_minor) > abs(wanted):
            part = wanted
            new.appendleft(Member(member.amount_minor - part, *member.key, member.side))
        taken.append(Member(part, *member.key, old.side))
        wanted -= part
    return taken


def _set_name(session: Session, members: Sequence[Member]) -> str:
    ids = [member.line_id for member in members if member.line_id is not None]
    lines = session.execute(select(Line.fingerprint, Line.occurrence, Line.part).where(Line.id.in_(ids)))
    return set_hash(f"{fingerprint}.{occurrence}.{part}" for fingerprint, occurrence, part in lines)


def _succeed(session: Session, event_id: int, match: Match, members: Sequence[Member]) -> None:
    match.undone_event_id = event_id
    quiet = {"synchronize_session": False}
    ending = update(Allocation).where(Allocation.match_id == match.id, Allocation.undone_event_id.is_(None))
    session.execute(ending.values(undone_event_id=event_id).execution_options(**quiet))
    session.flush()
    successor = Match(
        group_id=match.group_id,
        run_id=match.run_id,
        document_id=match.document_id,
        rule_key=match.rule_key,
        rule_hash=match.rule_hash,
        state=match.state,
        effective_on=match.effective_on,
        set_hash=_set_name(session, members),
        alternatives=match.alternatives,
        difference_minor=match.difference_minor,
        reason=match.reason,
        event_id=event_id,
    )
    session.add(successor)
    session.flush()
    session.add_all(
        Allocation(
            match_id=successor.id,
            line_id=member.line_id,
            adjustment_id=member.adjustment_id,
            side=member.side,
            amount_minor=member.amount_minor,
            event_id=event_id,
        )
        for member in members
    )
    for follower in (Adjustment, Note, Attachment):
        moving = update(follower).where(follower.match_id == match.id).values(match_id=successor.id)
        session.execute(moving.execution_options(**quiet))
    session.flush()
