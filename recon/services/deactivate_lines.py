"""Lines out of matching and open items, and back: single ones, many, or all before a day. They stay in the balances."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.orm import Session

from recon.access import Actor, Permission
from recon.database.audit import digest_of, record
from recon.database.models import AccountGroup, GroupLine, Match
from recon.database.remainders import dissolve, touch_group
from recon.errors import NotFound, Refusal
from recon.services.find_group import first_open_day, group_for
from recon.services.replace_lines import QUIET, in_chunks
from rules.values import said_day
from rules.wording import _


def deactivate_lines(session: Session, actor: Actor, group_id: int, line_ids: Sequence[int], reason: str = "") -> int:
    """Take open lines out of play; how many. Suggestions that hold one of them give way.

    Raises Refusal where a line is matched, wholly or in part, or lies in an approved period.
    """
    group = group_for(session, actor, group_id, Permission.DEACTIVATE)
    lines = _named(session, group, line_ids)
    matched = [line for line in lines if line.open_minor != line.amount_minor or not line.is_open]
    if matched:
        raise Refusal(_("Line {line} is matched: take the match apart first.").format(line=matched[0].line_id))
    _refuse_approved(session, group, lines)
    return _set(session, actor, group, [line for line in lines if line.state == "active"], "deactivated", reason)


def deactivate_before(
    session: Session, actor: Actor, group_id: int, day: date, side: str | None = None, reason: str = ""
) -> int:
    """Take all open lines booked before a day out of play, of one side or both; how many. Those of approved periods and
    those matched in part stay as they are."""
    group = group_for(session, actor, group_id, Permission.DEACTIVATE)
    wanted = [*_unmatched(), GroupLine.booked_on < day, GroupLine.state == "active"]
    wanted += [_counted() >= first_open_day(session, group)]
    wanted += [GroupLine.side == side] if side in ("left", "right") else []
    query = select(GroupLine).where(GroupLine.group_id == group.id, *wanted).order_by(GroupLine.line_id)
    lines = list(session.scalars(query))
    if not lines:
        raise Refusal(_("There is no open line before {day}.").format(day=said_day(day)))
    return _set(session, actor, group, lines, "deactivated", reason)


def activate_lines(session: Session, actor: Actor, group_id: int, line_ids: Sequence[int]) -> int:
    """Put deactivated lines back into play; how many."""
    group = group_for(session, actor, group_id, Permission.DEACTIVATE)
    lines = _named(session, group, line_ids)
    _refuse_approved(session, group, lines)
    return _set(session, actor, group, [line for line in lines if line.state == "deactivated"], "active", "")


def _unmatched() -> list[ColumnElement[bool]]:
    return [GroupLine.is_open.is_(True), GroupLine.open_minor == GroupLine.amount_minor]


def _counted() -> ColumnElement[date]:
    return func.coalesce(GroupLine.period_on, GroupLine.booked_on)


def _named(session: Session, group: AccountGroup, line_ids: Sequence[int]) -> list[GroupLine]:
    keys = sorted(set(line_ids))
    found: list[GroupLine] = []
    for some in in_chunks(keys):
        query = select(GroupLine).where(GroupLine.group_id == group.id, GroupLine.line_id.in_(some))
        found += session.scalars(query.order_by(GroupLine.line_id))
    if not keys or len(found) != len(keys):
        raise NotFound(_("Some of the lines are not in {group}.").format(group=group.name))
    return found


def _refuse_approved(session: Session, group: AccountGroup, lines: Sequence[GroupLine]) -> None:
    first = first_open_day(session, group)
    opening = group.start_on
    for line in lines:
        counted = line.period_on or line.booked_on
        if opening <= counted < first:
            told = _("Line {line} lies in an approved period: withdraw the approval first.")
            raise Refusal(told.format(line=line.line_id))


def _set(
    session: Session, actor: Actor, group: AccountGroup, lines: Sequence[GroupLine], state: str, reason: str
) -> int:
    """One event over all the lines; nothing is written where there are none."""
    if not lines:
        return 0
    ids = [line.line_id for line in lines]
    held = sorted({line.held_by_match_id for line in lines if line.held_by_match_id is not None})
    verb = "deactivate" if state == "deactivated" else "activate"
    after = {"lines": len(ids), "reason": reason or None, "suggestions": len(held)}
    digest = digest_of((key, state) for key in ids)
    event = record(session, actor, group.company_id, verb, f"group {group.id}", after=after, digest=digest)
    touch_group(session, group.id, seen=group.revision)
    if held:
        dissolve(session, group.id, event.id, select(Match.id).where(Match.id.in_(held)))
    for some in in_chunks(ids):
        changing = update(GroupLine).where(GroupLine.group_id == group.id, GroupLine.line_id.in_(some))
        session.execute(changing.values(state=state).execution_options(**QUIET))
    session.expire_all()
    return len(ids)
