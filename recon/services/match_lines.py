"""Match lines by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import pandas as pd
from sqlalchemy import select
from sqlalchemy.orm import Session

from recon.access import Actor, Permission
from recon.database.audit import record
from recon.database.models import AccountGroup, GroupLine, Line, Match
from recon.database.remainders import dissolve, touch_group
from recon.errors import Refusal
from recon.matching.result import set_hash
from recon.services.find_group import first_open_day, group_for
from recon.services.match_drafts import day_number, tables, write_drafts
from rules.values import format_amount
from rules.wording import _


@dataclass(frozen=True, slots=True)
class Member:
    """A line of a match to be made, in the group's sign; `counted_on` is the day from which the line counts."""

    line_id: int
    line_key: str
    side: str
    amount_minor: int
    open_minor: int
    counted_on: date
    held_by: int | None


def match_lines(
    session: Session,
    actor: Actor,
    group_id: int,
    line_ids: Sequence[int],
    *,
    amounts: Mapping[int, int] | None = None,
    reason: str | None = None,
) -> int:
    """Match open lines whose remainders sum to 0 (left - right); the key of the match.

    `amounts` (line -> minor units) takes part of a line and leaves the rest open. Suggestions that hold one of the
    lines give way: manual work wins. Raises Refusal where a line is not open or the sum is not 0.
    """
    group = group_for(session, actor, group_id, Permission.MATCH)
    members = _members(session, group, line_ids, amounts or {})
    _check(group, members)
    held = sorted({member.held_by for member in members if member.held_by is not None})
    return write_match(session, actor, group, members, "match", held, reason=reason)


def chosen_members(session: Session, group: AccountGroup, amounts: Mapping[int, int]) -> list[Member]:
    """Open lines with what is to be taken of each (minor units). Raises Refusal as `match_lines` does."""
    members = _members(session, group, list(amounts), amounts)
    _check(group, members)
    return members


def write_match(
    session: Session,
    actor: Actor,
    group: AccountGroup,
    members: list[Member],
    verb: str,
    give_way: Sequence[int] = (),
    *,
    rule_key: str | None = None,
    rule_hash: str | None = None,
    reason: str | None = None,
) -> int:
    """Store one confirmed match, dissolving the suggestions `give_way`; one event.

    The members were read at `group.revision`; Conflict where somebody changed the group since.
    """
    frame = pd.DataFrame([_draft(session, group, members, rule_key, rule_hash)])
    rows = [(0, m.line_id, m.side, m.amount_minor) for m in members]
    drafts = tables(frame, pd.DataFrame(rows, columns=["match", "line_id", "side", "amount_minor"]), [0])
    after = {"lines": sorted(m.line_id for m in members), "withdrawn": list(give_way), "reason": reason}
    event = record(session, actor, group.company_id, verb, f"group {group.id}", after=after, digest=drafts.digest)
    touch_group(session, group.id, seen=group.revision)
    if give_way:
        dissolve(session, group.id, event.id, select(Match.id).where(Match.id.in_(give_way)))
    match_id = int(write_drafts(session, group.id, group.company_id, event.id, None, drafts)[0])
    if reason:
        session.get_one(Match, match_id).reason = reason
        session.flush()
    return match_id


def _draft(
    session: Session, group: AccountGroup, members: list[Member], rule_key: str | None, rule_hash: str | None
) -> dict[str, object]:
    effective = max(first_open_day(session, group), *(member.counted_on for member in members))
    return {
        "rule_key": rule_key,
        "rule_hash": rule_hash,
        "state": "confirmed",
        "effective_on": day_number(effective),
        "set_hash": set_hash(member.line_key for member in members),
        "alternatives": 0,
        "difference_minor": 0,
        "entry_type": None,
    }


def _members(
    session: Session, group: AccountGroup, line_ids: Sequence[int], amounts: Mapping[int, int]
) -> list[Member]:
    query = (
        select(GroupLine, Line.fingerprint, Line.occurrence, Line.part)
        .join(Line, Line.id == GroupLine.line_id)
        .where(GroupLine.group_id == group.id, GroupLine.line_id.in_(set(line_ids)))
        .order_by(GroupLine.line_id)
    )
    found = session.execute(query).all()
    if len(found) != len(set(line_ids)):
        raise Refusal(_("Some of the lines are not in {group}.").format(group=group.name))
    members = []
    for line, fingerprint, occurrence, part in found:
        if line.state != "active":
            raise Refusal(_("Line {line} is deactivated.").format(line=line.line_id))
        if not line.is_open:
            raise Refusal(_("Line {line} is already matched.").format(line=line.line_id))
        minor = amounts.get(line.line_id, line.open_minor)
        key = f"{fingerprint}.{occurrence}.{part}"
        counted = line.period_on or line.booked_on
        members.append(Member(line.line_id, key, line.side, minor, line.open_minor, counted, line.held_by_match_id))
    return members


def _check(group: AccountGroup, members: list[Member]) -> None:
    if len(members) < 2:
        raise Refusal(_("A match needs at least two lines."))
    for member in members:
        low, high = sorted((0, member.open_minor))
        if not low <= member.amount_minor <= high or (member.amount_minor == 0 and member.open_minor != 0):
            sentence = _("Line {line} has {open} left to match; {amount} cannot be taken of it.")
            left, wanted = _money(member.open_minor, group), _money(member.amount_minor, group)
            raise Refusal(sentence.format(line=member.line_id, open=left, amount=wanted))
    difference = sum(m.amount_minor if m.side == "right" else -m.amount_minor for m in members)
    if difference:
        sentence = _("The lines do not sum to 0: right minus left is {difference}.")
        raise Refusal(sentence.format(difference=_money(difference, group)))


def _money(minor: int, group: AccountGroup) -> str:
    return format_amount(minor, group.currency, "en", symbol=True)
