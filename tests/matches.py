"""Matches as a person makes them, without the service that does."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from recon.database.audit import allocation_digest, record
from recon.database.models import Allocation, GroupLine, Match
from recon.database.remainders import settle
from recon.matching.result import set_hash
from tests.books import Books


def add_match(session: Session, books: Books, line_ids: Sequence[int], state: str = "confirmed") -> Match:
    """A match of these lines with all that is open of them."""
    standing = GroupLine.group_id == books.group.id, GroupLine.line_id.in_(line_ids)
    lines = session.scalars(select(GroupLine).where(*standing)).all()
    name = set_hash(map(str, line_ids))
    digest = allocation_digest((name, line.line_id, line.side, line.open_minor) for line in lines)
    event = record(session, books.preparer, books.company.id, "match", f"group {books.group.id}", digest=digest)
    match = Match(
        group_id=books.group.id,
        state=state,
        effective_on=max(line.booked_on for line in lines),
        set_hash=name,
        event_id=event.id,
    )
    match.allocations = [
        Allocation(line_id=line.line_id, side=line.side, amount_minor=line.open_minor, event_id=event.id)
        for line in lines
    ]
    session.add(match)
    session.flush()
    settle(session, books.group.id, select(Match.id).where(Match.id == match.id))
    return match
