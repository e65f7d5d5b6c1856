"""What was imported, run and taken back in a company: the action log, newest first."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from recon.access import Actor, Permission, require
from recon.database.models import Account, AccountGroup, Batch, BatchStatement, Event, Run, User

VERBS = ("import", "undo import", "reconcile", "undo run")
PAGE = 50


@dataclass(frozen=True)
class Action:
    """An event of the log with the import or run it made. `accounts` are (key, number) of an import's accounts."""

    event_id: int
    at: dt.datetime
    who: str
    verb: str
    what: str
    after: dict[str, Any]
    batch: Batch | None = None
    run: Run | None = None
    accounts: tuple[tuple[int, str], ...] = field(default=())

    @property
    def state(self) -> str:
        """`stands`, `partly undone` or `undone`; empty for what takes something back."""
        made = self.batch or self.run
        if made is None:
            return ""
        if made.undone_event_id is not None:
            return "undone"
        return "partly undone" if self.batch is not None and self.batch.undone_parts else "stands"


def list_actions(session: Session, actor: Actor, company_id: int, before: int | None = None) -> list[Action]:
    """A page of PAGE actions and one more where there are more; `before` is the event to go on from."""
    require(actor, company_id, Permission.VIEW)
    query = select(Event).where(Event.company_id == company_id, Event.verb.in_(VERBS))
    if before is not None:
        query = query.where(Event.id < before)
    events = list(session.scalars(query.order_by(Event.id.desc()).limit(PAGE + 1)))
    ids = [event.id for event in events]
    batches = {batch.event_id: batch for batch in session.scalars(select(Batch).where(Batch.event_id.in_(ids)))}
    runs = {run.event_id: run for run in session.scalars(select(Run).where(Run.event_id.in_(ids)))}
    names = dict(session.execute(select(User.id, User.name).where(User.id.in_({e.actor_id for e in events}))).all())
    accounts = _accounts(session, [batch.id for batch in batches.values()])
    groups = dict(session.execute(select(AccountGroup.id, AccountGroup.name)).all())
    return [
        Action(
            event_id=event.id,
            at=event.at,
            who=names.get(event.actor_id) or str(event.actor_id),
            verb=event.verb,
            what=_what(event, runs.get(event.id), groups),
            after=event.after or {},
            batch=batches.get(event.id),
            run=runs.get(event.id),
            accounts=accounts.get(batches[event.id].id, ()) if event.id in batches else (),
        )
        for event in events
    ]


def _what(event: Event, run: Run | None, groups: dict[int, str]) -> str:
    """The file, or the group of a run."""
    if run is not None:
        return groups.get(run.group_id, event.object)
    kind, _space, key = event.object.partition(" ")
    if kind == "group" and key.isdigit():
        return groups.get(int(key), event.object)
    return str((event.after or {}).get("file") or event.object)


def _accounts(session: Session, batch_ids: list[int]) -> dict[int, tuple[tuple[int, str], ...]]:
    query = (
        select(BatchStatement.batch_id, Account.id, Account.number)
        .join(Account, Account.id == BatchStatement.account_id)
        .where(BatchStatement.batch_id.in_(batch_ids))
        .distinct()
        .order_by(Account.number)
    )
    found: dict[int, tuple[tuple[int, str], ...]] = {}
    for batch_id, account_id, number in session.execute(query):
        found[batch_id] = (*found.get(batch_id, ()), (account_id, number))
    return found
