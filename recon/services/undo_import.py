"""An import taken back, whole or by account and days: lines nobody else delivered are withdrawn, what they replaced
comes back, and the matches that hold them are dissolved."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, exists, select, update
from sqlalchemy.orm import Session, aliased

from recon.access import Actor, Permission, require
from recon.database.audit import record
from recon.database.models import Batch, BatchLine, CollectedFile, Event, Line, StatementBalance
from recon.errors import NotFound, Refusal
from recon.services.replace_lines import QUIET, in_chunks, leave_groups, refuse_if_approved, withdraw
from recon.services.restore_lines import Restoring, restore, to_restore
from recon.services.statement_balances import GivenBalance, stored_balance
from rules.wording import _


@dataclass(frozen=True)
class Part:
    """What of an import is taken back: of one account or all, from one day to another, both included."""

    account_id: int | None = None
    first: dt.date | None = None
    last: dt.date | None = None

    @property
    def whole(self) -> bool:
        return self == Part()

    def lines(self) -> list[ColumnElement[bool]]:
        """The conditions on `Line`."""
        return [
            *([Line.account_id == self.account_id] if self.account_id is not None else []),
            *([Line.booked_on >= self.first] if self.first is not None else []),
            *([Line.booked_on <= self.last] if self.last is not None else []),
        ]

    def holds(self, account_id: int, day: dt.date) -> bool:
        return (
            self.account_id in (None, account_id)
            and (self.first is None or day >= self.first)
            and (self.last is None or day <= self.last)
        )

    def to_json(self, event_id: int) -> dict[str, object]:
        days = {"from": self.first and self.first.isoformat(), "to": self.last and self.last.isoformat()}
        return {"account_id": self.account_id, **days, "event_id": event_id}


WHOLE = Part()


@dataclass(frozen=True)
class Undone:
    """`withdrawn` lines, `kept` because another import has them too, `dissolved` matches, and `restored` lines that the
    import had replaced."""

    withdrawn: int
    kept: int
    dissolved: int
    restored: int = 0


def undo_import(session: Session, actor: Actor, batch_id: int, part: Part = WHOLE, reason: str = "") -> Undone:
    """Take an import back, or a part of it: by who made it, or who may undo imports of others.

    What a source delivered goes by whoever may undo imports of others, whole and with a reason, and is not taken in
    again. Raises Refusal if it is undone already, the part holds nothing of it, or one of its lines lies in an approved
    period, whose group is named.
    """
    batch = standing_batch(session, actor, batch_id)
    if batch.collected_id is not None:
        _bar_delivery(session, actor, batch, part, reason.strip())
    seen = list(session.scalars(_seen(batch, part)))
    if not seen and not part.whole:
        raise Refusal(_("import {number} has no lines of that account and those days").format(number=batch_id))
    restoring = to_restore(session, batch, _only_here(session, batch, part), part)
    going = sorted(restoring.going)
    refuse_if_approved(session, going)
    hashes = len(going)
    after = {"file": batch.file_name, "withdrawn": hashes, "kept": len(seen) - hashes}
    if reason.strip():
        after["reason"] = reason.strip()
    if not part.whole:
        after["part"] = {name: value for name, value in part.to_json(0).items() if name != "event_id"}
    event = record(session, actor, batch.company_id, "undo import", f"import {batch.id}", after=after)
    dissolved = _take_back(session, actor, event, batch, restoring)
    _mark(session, event, batch, part, seen)
    _withdraw_balances(session, event, batch, part)
    return Undone(hashes, max(0, len(seen) - hashes), dissolved, len(restoring.coming))


def _bar_delivery(session: Session, actor: Actor, batch: Batch, part: Part, reason: str) -> None:
    """A delivered file is taken back whole and with a reason, and put into quarantine when its source is next read."""
    require(actor, batch.company_id, Permission.UNDO_IMPORT)
    if not part.whole:
        raise Refusal(_("what a source delivered is taken back whole, not by account or days"))
    if not reason:
        raise Refusal(_("say why the delivered file is taken back"))
    entry = session.get_one(CollectedFile, batch.collected_id)
    entry.outcome, entry.said, entry.filed_at = "withdrawn", reason, None


def standing_batch(session: Session, actor: Actor, batch_id: int) -> Batch:
    """The import, if this actor may take it back. Raises NotFound, NotAllowed, or Refusal if it is undone already."""
    batch = session.get(Batch, batch_id)
    if batch is None or not actor.sees(batch.company_id):
        raise NotFound(_("there is no import {number}").format(number=batch_id))
    require(actor, batch.company_id, Permission.IMPORT if batch.actor_id == actor.user_id else Permission.UNDO_IMPORT)
    if batch.undone_event_id is not None:
        raise Refusal(_("import {number} is undone already").format(number=batch_id))
    return batch


def _seen(batch: Batch, part: Part) -> Select[int]:
    """Keys of the lines of that part that the batch has seen and still counts as having seen."""
    query = select(BatchLine.line_id).join(Line, Line.id == BatchLine.line_id)
    return query.where(BatchLine.batch_id == batch.id, BatchLine.undone_event_id.is_(None), *part.lines())


def _only_here(session: Session, batch: Batch, part: Part) -> list[int]:
    """Of these the ones that no other standing batch has seen, and that are live or a lump with parts in its place."""
    other, other_line = aliased(Batch), aliased(BatchLine)
    elsewhere = exists().where(
        other_line.line_id == Line.id,
        other_line.undone_event_id.is_(None),
        other.id == other_line.batch_id,
        other.id != batch.id,
        other.undone_event_id.is_(None),
    )
    return list(session.scalars(select(Line.id).where(Line.id.in_(_seen(batch, part)), ~elsewhere)))


def _take_back(session: Session, actor: Actor, event: Event, batch: Batch, restoring: Restoring) -> int:
    restoring.give_back_vouchers(session, actor, batch.company_id)
    dissolved = leave_groups(session, event.id, sorted(restoring.going))
    withdraw(session, event.id, sorted(restoring.going))
    session.flush()
    restore(session, event.id, restoring)
    return dissolved


def _mark(session: Session, event: Event, batch: Batch, part: Part, seen: Sequence[int]) -> None:
    """The batch, or its part, no longer counts as having seen its lines."""
    if not part.whole:
        for some in in_chunks(seen):
            marking = update(BatchLine).where(BatchLine.batch_id == batch.id, BatchLine.line_id.in_(some))
            session.execute(marking.values(undone_event_id=event.id).execution_options(**QUIET))
        batch.undone_parts = [*(batch.undone_parts or []), part.to_json(event.id)]
    left = exists().where(BatchLine.batch_id == batch.id, BatchLine.undone_event_id.is_(None))
    if part.whole or not session.scalar(select(left)):
        batch.undone_event_id = event.id
    session.flush()


def _withdraw_balances(session: Session, event: Event, batch: Batch, part: Part) -> None:
    """Its balances go; what another standing import gave as well stays known, now as that import's."""
    mine = select(StatementBalance).where(
        StatementBalance.batch_id == batch.id, StatementBalance.withdrawn_event_id.is_(None)
    )
    gone = [balance for balance in session.scalars(mine) if part.holds(balance.account_id, balance.on_date)]
    for balance in gone:
        balance.withdrawn_event_id = event.id
    session.flush()
    if gone:
        _restore_balances(session, event, batch, {balance.account_id for balance in gone})


def _restore_balances(session: Session, event: Event, batch: Batch, accounts: set[int]) -> None:
    standing = select(Batch).where(Batch.company_id == batch.company_id, Batch.undone_event_id.is_(None))
    for other in session.scalars(standing.order_by(Batch.id)):
        for stored in other.balances:
            given = GivenBalance.from_json(stored)
            wanted = given.account_id in accounts and not _taken_back(other, given)
            if wanted and stored_balance(session, given) is None:
                session.add(StatementBalance(**vars(given), batch_id=other.id, event_id=event.id))
                session.flush()


def _taken_back(batch: Batch, given: GivenBalance) -> bool:
    return any(part_of(stored).holds(given.account_id, given.on_date) for stored in batch.undone_parts or ())


def part_of(stored: dict[str, object]) -> Part:
    """A part as `Batch.undone_parts` keeps it."""
    account_id, first, last = (stored.get(name) for name in ("account_id", "from", "to"))
    return Part(
        account_id if isinstance(account_id, int) else None,
        dt.date.fromisoformat(str(first)) if first else None,
        dt.date.fromisoformat(str(last)) if last else None,
    )
