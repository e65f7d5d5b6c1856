"""Ties that a rule left to a person: the candidates side by side."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from recon.database.models import AccountGroup, Choice, ChoiceMember, Line
from recon.web.pages.pairings import Member
from recon.web.pages.rule_names import rule_name

MOST = 50


@dataclass
class Option:
    """One candidate; `number` counts from 0 as the choice does."""

    number: int
    left: list[Member] = field(default_factory=list)
    right: list[Member] = field(default_factory=list)


@dataclass
class OpenChoice:
    id: int
    rule: str
    options: list[Option]


def open_choices(session: Session, group: AccountGroup) -> list[OpenChoice]:
    """The oldest choices that nobody has taken yet."""
    query = select(Choice).where(Choice.group_id == group.id, Choice.closed_event_id.is_(None)).order_by(Choice.id)
    choices = session.scalars(query.limit(MOST)).all()
    options = _options(session, [choice.id for choice in choices])
    return [
        OpenChoice(choice.id, rule_name(session, group, choice.rule_key), list(options.get(choice.id, {}).values()))
        for choice in choices
    ]


def _options(session: Session, choice_ids: list[int]) -> dict[int, dict[int, Option]]:
    query = (
        select(ChoiceMember, Line)
        .join(Line, Line.id == ChoiceMember.line_id)
        .where(ChoiceMember.choice_id.in_(choice_ids))
        .order_by(ChoiceMember.option, Line.booked_on, Line.id)
    )
    found: dict[int, dict[int, Option]] = {}
    for member, line in session.execute(query):
        option = found.setdefault(member.choice_id, {}).setdefault(member.option, Option(member.option))
        side: list[Member] = getattr(option, member.side)
        side.append(Member(member.amount_minor, line))
    return found
