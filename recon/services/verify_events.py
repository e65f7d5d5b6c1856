"""The audit chain: every event holds the hash of the one before, and none is missing."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from recon.database.audit import GENESIS, event_hash
from recon.database.models import Event
from rules.errors import Finding
from rules.wording import _


def broken(code: str, where: str, sentence: str) -> Finding:
    """A row that does not hold; `where` is its table and key, such as `line 17`."""
    return Finding(code, "error", where, f"{where}: {sentence}")


def event_findings(session: Session) -> Iterator[Finding]:
    """Events whose own hash does not hold, that do not follow the one before, or that are gone."""
    number, previous = 0, GENESIS
    for entry in session.scalars(select(Event).order_by(Event.id).execution_options(yield_per=5_000)):
        where = f"event {entry.id}"
        if entry.id != number + 1:
            yield broken("event-missing", where, _("events before it are missing"))
        elif entry.prev_hash != previous:
            yield broken("event-chain", where, _("it does not follow the event before it"))
        if entry.hash != event_hash(entry):
            yield broken("event-changed", where, _("it was changed after it was written"))
        number, previous = entry.id, entry.hash
