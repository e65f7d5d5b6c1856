"""What people took apart or rejected in a group, and is not cleared."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from recon.database.models import Event, Refusal, User


@dataclass(frozen=True, slots=True)
class Refused:
    """One memory: the exact set of lines, the hash of the rule's meaning, and who said no, when."""

    refusal_id: int
    set_hash: str
    rule_hash: str
    by: str
    at: dt.datetime


def known_refusals(session: Session, group_id: int, set_hashes: Collection[str] | None = None) -> list[Refused]:
    """The standing refusals of a group, newest first; of some sets of lines, or of all."""
    query = (
        select(Refusal.id, Refusal.set_hash, Refusal.rule_hash, User.name, User.email, Event.at)
        .join(Event, Event.id == Refusal.event_id)
        .join(User, User.id == Event.actor_id)
        .where(Refusal.group_id == group_id, Refusal.cleared_event_id.is_(None))
        .order_by(Refusal.id.desc())
    )
    if set_hashes is not None:
        query = query.where(Refusal.set_hash.in_(set_hashes))
    return [
        Refused(key, lines, rule, name or email, at) for key, lines, rule, name, email, at in session.execute(query)
    ]
