"""The audit chain: one event a command, each holding the hash of the one before.

`hash` = SHA-256 over the canonical JSON of all other columns. Events name users by number only. The digests that events
hold are over the content of the rows written, not over their keys, so that `recon verify` recomputes them.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import DDL, event, select, text
from sqlalchemy.orm import Session

from recon.access import Actor
from recon.database.models.record import Event

GENESIS = "0" * 64
_CHAIN_LOCK = 0x7265636F6E

SQLITE_TRIGGERS = (
    "CREATE TRIGGER event_no_update BEFORE UPDATE ON event BEGIN SELECT RAISE(ABORT, 'events are append-only'); END",
    "CREATE TRIGGER event_no_delete BEFORE DELETE ON event BEGIN SELECT RAISE(ABORT, 'events are append-only'); END",
)
POSTGRESQL_TRIGGERS = (
    "CREATE OR REPLACE FUNCTION event_refuse() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN RAISE EXCEPTION 'events are append-only'; END $$",
    "CREATE TRIGGER event_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON event "
    "FOR EACH STATEMENT EXECUTE FUNCTION event_refuse()",
)


def canonical(value: Any) -> str:
    """JSON with sorted keys and no spaces: the same value gives the same text."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def digest_of(rows: Iterable[Sequence[Any]]) -> str:
    """SHA-256 over rows in any order: each as canonical JSON, sorted, one a line."""
    return digest_texts(canonical(list(row)) for row in rows)


def digest_texts(texts: Iterable[str]) -> str:
    """SHA-256 over texts in any order: sorted, one a line."""
    return hashlib.sha256("\n".join(sorted(texts)).encode()).hexdigest()


def allocation_digest(rows: Iterable[tuple[str, int | None, str, int]]) -> str:
    """The digest of allocations as (set hash of the match, line or None for an adjustment, side, amount)."""
    return digest_texts(f"{set_of} {line_id or ''} {side} {minor}" for set_of, line_id, side, minor in rows)


def event_hash(entry: Event) -> str:
    """What `entry.hash` must be."""
    fields = [
        entry.id,
        entry.at.astimezone(dt.UTC).isoformat(timespec="microseconds"),
        entry.actor_id,
        entry.company_id,
        entry.verb,
        entry.object,
        entry.before,
        entry.after,
        entry.digest,
        entry.prev_hash,
    ]
    return hashlib.sha256(canonical(fields).encode()).hexdigest()


def record(
    session: Session,
    actor: Actor,
    company_id: int | None,
    verb: str,
    object: str,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    digest: str | None = None,
) -> Event:
    """Append one event and flush it, so that rows can name its id. The chain is locked until the transaction ends."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _CHAIN_LOCK})
    last = session.execute(select(Event.id, Event.hash).order_by(Event.id.desc()).limit(1)).first()
    entry = Event(
        id=last.id + 1 if last else 1,
        at=dt.datetime.now(dt.UTC),
        actor_id=actor.user_id,
        company_id=company_id,
        verb=verb,
        object=object,
        before=before,
        after=after,
        digest=digest,
        prev_hash=last.hash if last else GENESIS,
    )
    entry.hash = event_hash(entry)
    session.add(entry)
    session.flush()
    return entry


def _attach_triggers() -> None:
    for dialect, statements in (("sqlite", SQLITE_TRIGGERS), ("postgresql", POSTGRESQL_TRIGGERS)):
        for statement in statements:
            ddl = DDL(statement.replace("%", "%%"))  # type: ignore[no-untyped-call]
            event.listen(Event.__table__, "after_create", ddl.execute_if(dialect=dialect))


_attach_triggers()
