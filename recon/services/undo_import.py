"""An import taken back, whole: lines nobody else delivered are withdrawn, and the matches that hold them dissolved."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Select, delete, exists, func, select, update
from sqlalchemy.orm import Session, aliased

from recon.access import Actor, Permission, require
from recon.database.audit import record
from recon.database.models import (
    AccountGroup,
    Allocation,
    Batch,
    BatchLine,
    Document,
    Event,
    GroupLine,
    Line,
    StatementBalance,
)
from recon.database.remainders import dissolve, touch_group
from recon.errors import NotFound, Refusal
from recon.services.statement_balances import GivenBalance, stored_balance
from rules.wording import _


@dataclass(frozen=True)
class Undone:
    """`withdrawn` lines, `kept` because another import has them too, and `dissolved` matches."""

    withdrawn: int
    kept: int
    dissolved: int


def undo_import(session: Session, actor: Actor, batch_id: int) -> Undone:
    """Take an import back: by who made it, or who may undo imports of others.

    Raises Refusal if it is undone already or one of its lines lies in an approved period, whose group is named.
    """
    batch = session.get(Batch, batch_id)
    if batch is None or not actor.sees(batch.company_id):
        raise NotFound(_("there is no import {number}").format(number=batch_id))
    require(actor, batch.company_id, Permission.IMPORT if batch.actor_id == actor.user_id else Permission.UNDO_IMPORT)
    if batch.undone_event_id is not None:
        raise Refusal(_("import {number} is undone already").format(number=batch_id))
    lines = _only_here(batch)
    _refuse_if_approved(session, lines)
    hashes = session.scalars(select(Line.row_hash).where(Line.id.in_(lines))).all()
    after = {"file": batch.file_name, "withdrawn": len(hashes), "kept": batch.rows - len(hashes)}
    event = record(session, actor, batch.company_id, "undo import", f"import {batch.id}", after=after)
    dissolved = _leave_groups(session, event, lines)
    _withdraw(session, event, batch, lines)
    return Undone(len(hashes), batch.rows - len(hashes), dissolved)


def _only_here(batch: Batch) -> Select[int]:
    """Keys of the live lines that no other standing batch has seen."""
    other, other_line = aliased(Batch), aliased(BatchLine)
    elsewhere = exists().where(
        other_line.line_id == Line.id,
        other_line.batch_id == other.id,
        other.id != batch.id,
        other.undone_event_id.is_(None),
    )
    seen = select(BatchLine.line_id).where(BatchLine.batch_id == batch.id)
    return select(Line.id).where(Line.id.in_(seen), Line.withdrawn_event_id.is_(None), ~elsewhere)


def _refuse_if_approved(session: Session, lines: Select[int]) -> None:
    counted_on = func.coalesce(GroupLine.period_on, GroupLine.booked_on)
    found = session.execute(
        select(AccountGroup.name, Document.to_on)
        .join(GroupLine, GroupLine.group_id == AccountGroup.id)
        .join(Document, Document.group_id == AccountGroup.id)
        .where(GroupLine.line_id.in_(lines), Document.state == "approved", Document.to_on >= counted_on)
        .order_by(Document.to_on)
        .limit(1)
    ).first()
    if found:
        told = _("lines of this import lie in the period of {group} approved at {day}: withdraw the approval first")
        raise Refusal(told.format(group=found[0], day=found[1].isoformat()))


def _leave_groups(session: Session, event: Event, lines: Select[int]) -> int:
    groups = session.scalars(select(GroupLine.group_id).where(GroupLine.line_id.in_(lines)).distinct()).all()
    holding = select(Allocation.match_id).where(Allocation.line_id.in_(lines), Allocation.undone_event_id.is_(None))
    dissolved = 0
    for group_id in sorted(groups):
        dissolved += dissolve(session, group_id, event.id, holding)
        leaving = delete(GroupLine).where(GroupLine.group_id == group_id, GroupLine.line_id.in_(lines))
        session.execute(leaving.execution_options(synchronize_session=False))
        touch_group(session, group_id)
    return dissolved


def _withdraw(session: Session, event: Event, batch: Batch, lines: Select[int]) -> None:
    keys = session.scalars(lines).all()
    batch.undone_event_id = event.id
    for start in range(0, len(keys), 10_000):
        some = Line.id.in_(keys[start : start + 10_000])
        withdrawing = update(Line).where(some).values(withdrawn_event_id=event.id)
        session.execute(withdrawing.execution_options(synchronize_session=False))
    session.execute(
        update(StatementBalance)
        .where(StatementBalance.batch_id == batch.id, StatementBalance.withdrawn_event_id.is_(None))
        .values(withdrawn_event_id=event.id)
        .execution_options(synchronize_session=False)
    )
    session.flush()
    _restore_balances(session, event, batch)


def _restore_balances(session: Session, event: Event, batch: Batch) -> None:
    """What another standing import gave as well stays known, now as that import's."""
    accounts = {stored["account_id"] for stored in batch.balances}
    standing = select(Batch).where(Batch.company_id == batch.company_id, Batch.undone_event_id.is_(None))
    for other in session.scalars(standing.order_by(Batch.id)):
        for stored in other.balances:
            given = GivenBalance.from_json(stored)
            if given.account_id in accounts and stored_balance(session, given) is None:
                session.add(StatementBalance(**vars(given), batch_id=other.id, event_id=event.id))
                session.flush()
