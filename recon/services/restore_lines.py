"""What comes back when an import is undone: lumps in the place of their parts, vouchers as they were, adjustments."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

from sqlalchemy import exists, select, update
from sqlalchemy.orm import Session, aliased

from recon.access import Actor
from recon.database.models import Adjustment, Allocation, Batch, BatchLine, GroupLine, Line, Match, Replacement
from recon.errors import Refusal
from recon.services.enter_lines import enter_lines, live_lines, readers_of_accounts
from recon.services.replace_lines import QUIET, in_chunks
from recon.services.succeed_matches import Member, Swap, succeed_matches
from rules.wording import _


class Scope(Protocol):
    def holds(self, account_id: int, day: date) -> bool: ...


@dataclass
class Restoring:
    """Keys of the live lines that go and of the withdrawn ones that come back, with the replacements that end."""

    going: set[int] = field(default_factory=set)
    coming: set[int] = field(default_factory=set)
    ending: list[Replacement] = field(default_factory=list)

    def give_back_vouchers(self, session: Session, actor: Actor, company_id: int) -> None:
        """Adjustments, or their provisional lines, take the place of the vouchers that go, inside their matches."""
        vouchers = [each for each in self.ending if each.kind == "voucher"]
        provisional = [each.old_line_id for each in vouchers if each.old_line_id is not None]
        _revive(session, provisional)
        succeed_matches(session, actor, company_id, "returned vouchers", [_swap(session, each) for each in vouchers])
        for each in vouchers:
            session.get_one(Adjustment, each.adjustment_id).line_id = each.old_line_id
        session.flush()


def to_restore(session: Session, batch: Batch, only_here: Sequence[int], scope: Scope) -> Restoring:
    """What an undo of these lines of a batch takes away and brings back.

    A lump that goes takes its parts along. Parts go together or not at all. What the import withdrew comes back where a
    standing import still has it.
    """
    found = Restoring(going=_live(session, only_here))
    _lumps_going(session, found, set(only_here))
    _lumps_coming(session, found)
    _vouchers(session, batch, found, scope)
    return found


def _live(session: Session, keys: Sequence[int]) -> set[int]:
    live: set[int] = set()
    for some in in_chunks(keys):
        live |= set(session.scalars(select(Line.id).where(Line.id.in_(some), Line.withdrawn_event_id.is_(None))))
    return live


def _standing(session: Session, column: str, keys: Iterable[int], *kinds: str) -> list[Replacement]:
    """Standing replacements whose old or new line is one of these."""
    found: list[Replacement] = []
    for some in in_chunks(sorted(keys)):
        query = select(Replacement).where(getattr(Replacement, column).in_(some), Replacement.kind.in_(kinds))
        found += session.scalars(query.where(Replacement.undone_event_id.is_(None)).order_by(Replacement.id))
    return found


def _lumps_going(session: Session, found: Restoring, only_here: set[int]) -> None:
    """Lumps of this import that parts stand for: their money goes, so the parts go, and the lump stays withdrawn."""
    for each in _standing(session, "old_line_id", only_here - found.going, "parts"):
        found.going.add(each.new_line_id or 0)
        found.ending.append(each)


def _lumps_coming(session: Session, found: Restoring) -> None:
    """Lumps whose parts go, all of them: the lump takes their place again. Otherwise the parts stay."""
    done = {id(each) for each in found.ending}
    parts = [each for each in _standing(session, "new_line_id", found.going, "parts") if id(each) not in done]
    for lump in sorted({each.old_line_id or 0 for each in parts}):
        every = _standing(session, "old_line_id", [lump], "parts")
        own = {each.new_line_id or 0 for each in every}
        if own <= found.going:
            found.coming.add(lump)
            found.ending += every
        else:
            found.going -= own


def _vouchers(session: Session, batch: Batch, found: Restoring, scope: Scope) -> None:
    """What this import withdrew from the ledger, and the adjustments whose vouchers it brought."""
    found.ending += _standing(session, "new_line_id", found.going, "voucher")
    mine = select(Replacement, Line).join(Line, Line.id == Replacement.old_line_id)
    mine = mine.where(Replacement.event_id == batch.event_id, Replacement.undone_event_id.is_(None))
    for each, line in session.execute(mine.where(Replacement.kind.in_(("changed", "gone")))):
        back = each.new_line_id in found.going if each.new_line_id else scope.holds(line.account_id, line.booked_on)
        if back:
            found.ending.append(each)
            if _may_return(session, line):
                found.coming.add(line.id)


def _may_return(session: Session, line: Line) -> bool:
    """A standing import has it, and nothing live has its identity."""
    twin = aliased(Line)
    seen = exists().where(
        BatchLine.line_id == line.id,
        BatchLine.undone_event_id.is_(None),
        Batch.id == BatchLine.batch_id,
        Batch.undone_event_id.is_(None),
    )
    same = exists().where(
        twin.account_id == line.account_id,
        twin.fingerprint == line.fingerprint,
        twin.occurrence == line.occurrence,
        twin.part == line.part,
        twin.withdrawn_event_id.is_(None),
    )
    return bool(session.scalar(select(seen & ~same)))


def _swap(session: Session, each: Replacement) -> Swap:
    adjustment = session.get_one(Adjustment, each.adjustment_id)
    held = select(Match.state).join(Allocation, Allocation.match_id == Match.id)
    live = (Allocation.line_id == each.new_line_id, Match.undone_event_id.is_(None))
    if "approved" in session.scalars(held.where(*live)).all():
        told = _("the voucher {series} {number} stands in an approved match: withdraw the approval first")
        raise Refusal(told.format(series=adjustment.series, number=adjustment.number))
    amount = adjustment.amount_minor
    back = Member(amount, each.old_line_id) if each.old_line_id else Member(amount, adjustment_id=adjustment.id)
    return Swap(adjustment.group_id, Member(amount, each.new_line_id), (back,))


def restore(session: Session, event_id: int, restoring: Restoring) -> None:
    """Let the lines that come back live and enter their groups again, and end the replacements."""
    _revive(session, sorted(restoring.coming))
    for each in restoring.ending:
        each.undone_event_id = event_id
    session.flush()


def _revive(session: Session, keys: Sequence[int]) -> None:
    for some in in_chunks(keys):
        reviving = update(Line).where(Line.id.in_(some)).values(withdrawn_event_id=None)
        session.execute(reviving.execution_options(**QUIET))
        accounts = session.scalars(select(Line.account_id).where(Line.id.in_(some)).distinct()).all()
        readers = readers_of_accounts(session, accounts)
        here = select(GroupLine.line_id).where(GroupLine.line_id.in_(some))
        wanted = sorted(set(some) - set(session.scalars(here)))
        listed = ", ".join(map(str, wanted)) or "0"
        enter_lines(session, readers, live_lines(session, readers, f"l.id IN ({listed})"))
