"""The live matches that a person acts on, checked before anything is written."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from recon.database.models import AccountGroup, Allocation, Match, Refusal
from recon.errors import NotFound
from recon.errors import Refusal as Refused
from rules.wording import _


def standing_matches(
    session: Session, group: AccountGroup, match_ids: Sequence[int], states: Sequence[str]
) -> list[Match]:
    """The live matches with these keys, all in one of the states; NotFound, or Refusal naming the first other."""
    wanted = sorted(set(match_ids))
    found: list[Match] = []
    for start in range(0, len(wanted), 10_000):
        some = wanted[start : start + 10_000]
        query = select(Match).where(Match.id.in_(some), Match.group_id == group.id, Match.undone_event_id.is_(None))
        found += session.scalars(query.order_by(Match.id))
    if len(found) != len(wanted):
        gone = sorted(set(wanted) - {match.id for match in found})[0]
        raise NotFound(_("Match {match} does not stand in {group}.").format(match=gone, group=group.name))
    for match in found:
        if match.state not in states:
            raise Refused(_not_now(match))
    return found


def _not_now(match: Match) -> str:
    if match.state == "approved":
        return _("Match {match} is approved: withdraw the approval first.").format(match=match.id)
    if match.state == "confirmed":
        return _("Match {match} is confirmed already.").format(match=match.id)
    return _("Match {match} is only suggested: accept or reject it.").format(match=match.id)


def taken_rows(session: Session, match_ids: Sequence[int]) -> list[tuple[str, int | None, str, int]]:
    """(set hash, line or None, side, amount) of every allocation of these matches, for the event's digest."""
    rows: list[tuple[str, int | None, str, int]] = []
    for start in range(0, len(match_ids), 10_000):
        query = (
            select(Match.set_hash, Allocation.line_id, Allocation.side, Allocation.amount_minor)
            .join(Allocation, Allocation.match_id == Match.id)
            .where(Match.id.in_(match_ids[start : start + 10_000]))
        )
        rows += session.execute(query)
    return rows


def remember_refusals(session: Session, group: AccountGroup, matches: Sequence[Match], event_id: int) -> None:
    """That rule never makes that set of lines again until cleared. Matches by hand are not remembered."""
    known: set[tuple[str, str]] = set(
        session.execute(
            select(Refusal.set_hash, Refusal.rule_hash).where(
                Refusal.group_id == group.id, Refusal.cleared_event_id.is_(None)
            )
        )
    )
    for match in matches:
        if match.rule_hash is None or (match.set_hash, match.rule_hash) in known:
            continue
        known.add((match.set_hash, match.rule_hash))
        session.add(Refusal(group_id=group.id, set_hash=match.set_hash, rule_hash=match.rule_hash, event_id=event_id))
    session.flush()
