"""Decide a tie: take one of the candidates that a rule listed."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from recon.access import Actor, Permission
from recon.database.models import Choice, ChoiceMember, Match
from recon.errors import NotFound, Refusal
from recon.services.find_group import group_for
from recon.services.match_lines import chosen_members, write_match
from recon.services.run_choices import close_choices
from rules.wording import _


def take_choice(session: Session, actor: Actor, choice_id: int, option: int) -> int:
    """Match the candidate's lines and drop the rest; the key of the match. Refused where a line is no longer open."""
    choice = session.get(Choice, choice_id)
    if choice is None or choice.closed_event_id is not None:
        raise NotFound(_("There is no such choice any more."))
    group = group_for(session, actor, choice.group_id, Permission.MATCH)
    taken = session.scalars(
        select(ChoiceMember).where(ChoiceMember.choice_id == choice_id, ChoiceMember.option == option)
    ).all()
    if not taken:
        raise Refusal(_("The choice has no candidate {option}.").format(option=option + 1))
    members = chosen_members(session, group, {member.line_id: member.amount_minor for member in taken})
    held = sorted({member.held_by for member in members if member.held_by is not None})
    match_id = write_match(
        session,
        actor,
        group,
        members,
        "take choice",
        held,
        rule_key=choice.rule_key,
        rule_hash=choice.rule_hash,
    )
    close_choices(session, session.get_one(Match, match_id).event_id, [choice_id])
    return match_id
