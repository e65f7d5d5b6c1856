"""Matches of a group as its pages list them: by the rule that made them, a page of pairings at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from recon.database.models import Adjustment, Allocation, Line, Match
from recon.services.known_refusals import Refused, known_refusals

PAGE = 40
STATES = {"suggested": ("suggested",), "matched": ("confirmed", "approved")}
BY_HAND = ""
"""The key under which pages name matches that no rule made."""


@dataclass(frozen=True)
class RuleCount:
    """How many live matches of some states a rule made, and Σ of their left side in minor units."""

    key: str
    matches: int
    left_minor: int


@dataclass(frozen=True)
class Member:
    """A line of a match with what the match takes of it, or the adjustment that closes its difference."""

    amount_minor: int
    line: Line | None = None
    adjustment: Adjustment | None = None

    @property
    def words(self) -> str:
        """Who and what, each said once."""
        if self.line is None:
            return self.adjustment.entry_type.name if self.adjustment else ""
        told = [self.line.counterparty, self.line.text, self.reference]
        kept: list[str] = []
        for each in told:
            if each and not any(each.casefold() in other.casefold() for other in kept):
                kept.append(each)
        return " · ".join(kept) or "–"

    @property
    def reference(self) -> str:
        line = self.line
        return (line.reference or line.kid or line.invoice_number or line.voucher_number or "") if line else ""


@dataclass
class Pairing:
    """`refused`: who took exactly these lines apart before, under another rule; so that it is only suggested."""

    match: Match
    left: list[Member] = field(default_factory=list)
    right: list[Member] = field(default_factory=list)
    refused: Refused | None = None


def rule_counts(session: Session, group_id: int, state: str) -> list[RuleCount]:
    """The rules with live matches of that state, the most frequent first."""
    sums = (
        select(Allocation.match_id, func.sum(Allocation.amount_minor).label("left_minor"))
        .join(Match, Match.id == Allocation.match_id)
        .where(*_live(group_id, state), Allocation.side == "left")
        .group_by(Allocation.match_id)
        .subquery()
    )
    counted = (
        select(Match.rule_key, func.count(), func.coalesce(func.sum(sums.c.left_minor), 0))
        .outerjoin(sums, sums.c.match_id == Match.id)
        .where(*_live(group_id, state))
        .group_by(Match.rule_key)
        .order_by(func.count().desc())
    )
    return [RuleCount(key or BY_HAND, count, int(minor)) for key, count, minor in session.execute(counted)]


def pairings(session: Session, group_id: int, state: str, rule_key: str, after: int = 0) -> list[Pairing]:
    """A page of one rule's matches, oldest first; a page of PAGE + 1 says there are more."""
    made_by = Match.rule_key.is_(None) if rule_key == BY_HAND else Match.rule_key == rule_key
    query = select(Match).where(*_live(group_id, state), made_by, Match.id > after).order_by(Match.id)
    found = filled(session, session.scalars(query.limit(PAGE + 1)).all())
    return marked(session, group_id, found) if state == "suggested" else found


def marked(session: Session, group_id: int, found: list[Pairing]) -> list[Pairing]:
    """The pairings, with what a person took apart before."""
    known = known_refusals(session, group_id, [pairing.match.set_hash for pairing in found])
    by_set = {refused.set_hash: refused for refused in known}
    for pairing in found:
        pairing.refused = by_set.get(pairing.match.set_hash)
    return found


def filled(session: Session, matches: Sequence[Match]) -> list[Pairing]:
    """The matches with their members, in the order given."""
    found = {match.id: Pairing(match) for match in matches}
    query = (
        select(Allocation, Line, Adjustment)
        .outerjoin(Line, Line.id == Allocation.line_id)
        .outerjoin(Adjustment, Adjustment.id == Allocation.adjustment_id)
        .where(Allocation.match_id.in_(found))
        .order_by(Allocation.line_id.is_(None), Line.booked_on, Allocation.id)
    )
    for allocation, line, adjustment in session.execute(query):
        members: list[Member] = getattr(found[allocation.match_id], allocation.side)
        members.append(Member(allocation.amount_minor, line, adjustment))
    return list(found.values())


def _live(group_id: int, state: str) -> tuple[ColumnElement[bool], ...]:
    return (Match.group_id == group_id, Match.state.in_(STATES[state]), Match.undone_event_id.is_(None))
