"""Open lines of a group that a person works on, checked before anything is written."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from recon.database.models import AccountGroup, GroupLine, Line
from recon.errors import Refusal
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
    booked_on: date
    counted_on: date
    held_by: int | None


def open_members(
    session: Session, group: AccountGroup, line_ids: Collection[int], amounts: Mapping[int, int] | None = None
) -> list[Member]:
    """The lines in order of their keys, with what is to be taken of each: `amounts` (minor units), else all.

    Raises Refusal where one is not in the group, not open, or has less than that left.
    """
    query = (
        select(GroupLine, Line.fingerprint, Line.occurrence, Line.part)
        .join(Line, Line.id == GroupLine.line_id)
        .where(GroupLine.group_id == group.id, GroupLine.line_id.in_(set(line_ids)))
        .order_by(GroupLine.line_id)
    )
    found = session.execute(query).all()
    if len(found) != len(set(line_ids)):
        raise Refusal(_("Some of the lines are not in {group}.").format(group=group.name))
    members = [_member(line, key, amounts or {}) for line, *key in found]
    for member in members:
        _check(group, member)
    return members


def _member(line: GroupLine, key: list[object], amounts: Mapping[int, int]) -> Member:
    if line.state != "active":
        raise Refusal(_("Line {line} is deactivated.").format(line=line.line_id))
    if not line.is_open:
        raise Refusal(_("Line {line} is already matched.").format(line=line.line_id))
    return Member(
        line.line_id,
        ".".join(map(str, key)),
        line.side,
        amounts.get(line.line_id, line.open_minor),
        line.open_minor,
        line.booked_on,
        line.period_on or line.booked_on,
        line.held_by_match_id,
    )


def _check(group: AccountGroup, member: Member) -> None:
    low, high = sorted((0, member.open_minor))
    if not low <= member.amount_minor <= high or (member.amount_minor == 0 and member.open_minor != 0):
        sentence = _("Line {line} has {open} left to match; {amount} cannot be taken of it.")
        left, wanted = money(member.open_minor, group), money(member.amount_minor, group)
        raise Refusal(sentence.format(line=member.line_id, open=left, amount=wanted))


def money(minor: int, group: AccountGroup) -> str:
    """An amount in a refusal's sentence."""
    return format_amount(minor, group.currency, "en", symbol=True)
