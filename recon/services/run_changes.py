"""What a planned run changes: matches that are new, and suggestions of earlier runs that do not come out again."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from recon.database.models import Allocation, Match
from recon.services.run_choices import planned_choices, standing_choices
from recon.services.run_plan import RunPlan
from recon.services.run_postings import PostingChanges, posting_changes

Sort = tuple[str, str | None, frozenset[tuple[int, int]]]
"""What makes a suggestion the same: its set of lines, its rule's meaning, and what it takes of each line."""


@dataclass(frozen=True, slots=True)
class Changes:
    """`new`: positions in the plan's matches; `kept` and `withdrawn`: keys of suggestions."""

    new: list[int]
    kept: list[int]
    withdrawn: list[int]
    choices_differ: bool
    postings: PostingChanges

    @property
    def nothing(self) -> bool:
        return not (self.new or self.withdrawn or self.choices_differ or self.postings.new or self.postings.withdrawn)


def changes(session: Session, plan: RunPlan) -> Changes:
    """Compare the plan with the suggestions and choices that stand."""
    standing = _standing(session, plan.group_id)
    new, kept = [], []
    for position, sort in _planned(plan):
        match_id = standing.pop(sort, None) if sort else None
        if match_id is None:
            new.append(position)
        else:
            kept.append(match_id)
    differ = set(standing_choices(session, plan.group_id)) != set(planned_choices(plan))
    return Changes(new, kept, sorted(standing.values()), differ, posting_changes(session, plan))


def _standing(session: Session, group_id: int) -> dict[Sort, int]:
    query = (
        select(Match.id, Match.set_hash, Match.rule_hash, Allocation.line_id, Allocation.amount_minor)
        .join(Allocation, Allocation.match_id == Match.id)
        .where(
            Match.group_id == group_id,
            Match.state == "suggested",
            Match.undone_event_id.is_(None),
            Allocation.line_id.is_not(None),
        )
    )
    members: dict[tuple[int, str, str | None], list[tuple[int, int]]] = {}
    for match_id, lines, rule, line_id, minor in session.execute(query):
        members.setdefault((match_id, lines, rule), []).append((line_id or 0, minor))
    return {(lines, rule, frozenset(taken)): match_id for (match_id, lines, rule), taken in members.items()}


def _planned(plan: RunPlan) -> list[tuple[int, Sort | None]]:
    """Position and sort of each planned match; a confirmed one is always new."""
    suggested = plan.matches["state"] == "suggested"
    wanted = plan.members[plan.members["match"].isin(plan.matches.index[suggested])]
    taken: dict[int, list[tuple[int, int]]] = {}
    for match, line_id, minor in zip(wanted["match"], wanted["line_id"], wanted["amount_minor"], strict=True):
        taken.setdefault(int(match), []).append((int(line_id), int(minor)))
    columns = (plan.matches[name].tolist() for name in ("set_hash", "rule_hash"))
    return [
        (position, (lines, rule, frozenset(taken[position])) if position in taken else None)
        for position, (lines, rule) in enumerate(zip(*columns, strict=True))
    ]
