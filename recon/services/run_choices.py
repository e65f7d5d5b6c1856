"""Choices: ties that a rule lists for a person. They hold no line; each run writes them anew where they changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from recon.database.models import Choice, ChoiceMember

if TYPE_CHECKING:
    from recon.services.run_changes import Changes
    from recon.services.run_plan import RunPlan

Option = frozenset[tuple[int, int]]
"""One candidate: its lines, and what it would take of each."""
Tie = tuple[str, frozenset[Option]]
"""A rule's meaning and the candidates between which nothing decides."""


def standing_choices(session: Session, group_id: int) -> dict[Tie, int]:
    """The open choices of a group."""
    query = (
        select(Choice.id, Choice.rule_hash, ChoiceMember.option, ChoiceMember.line_id, ChoiceMember.amount_minor)
        .join(ChoiceMember, ChoiceMember.choice_id == Choice.id)
        .where(Choice.group_id == group_id, Choice.closed_event_id.is_(None))
    )
    rows: dict[tuple[int, str], dict[int, list[tuple[int, int]]]] = {}
    for choice_id, rule, option, line_id, minor in session.execute(query):
        rows.setdefault((choice_id, rule), {}).setdefault(option, []).append((line_id, minor))
    return {(rule, frozenset(map(frozenset, options.values()))): key for (key, rule), options in rows.items()}


def planned_choices(plan: RunPlan) -> dict[Tie, tuple[str, list[list[tuple[int, str, int]]]]]:
    """The choices of a plan: rule key and, for each candidate, its members (line, side, amount)."""
    rows: dict[tuple[int, str], dict[int, list[tuple[int, str, int]]]] = {}
    columns = ("choice", "rule", "candidate", "line_id", "side", "amount_minor")
    for choice, rule, candidate, line_id, side, minor in plan.choices[list(columns)].itertuples(index=False):
        members = rows.setdefault((int(choice), str(rule)), {}).setdefault(int(candidate), [])
        members.append((int(line_id), str(side), int(minor)))
    return {
        (plan.rules.hashes[rule], frozenset(frozenset((line, minor) for line, _side, minor in o) for o in options)): (
            rule,
            options,
        )
        for (_choice, rule), found in rows.items()
        for options in [list(found.values())]
    }


def replace_choices(session: Session, plan: RunPlan, changed: Changes, run_id: int, event_id: int) -> None:
    """Close the choices that do not come out again and write the new ones."""
    if not changed.choices_differ:
        return
    standing, planned = standing_choices(session, plan.group_id), planned_choices(plan)
    gone = [key for tie, key in standing.items() if tie not in planned]
    close_choices(session, event_id, gone)
    for tie, (rule, options) in planned.items():
        if tie not in standing:
            _write(session, plan, rule, options, run_id, event_id)


def close_choices(session: Session, event_id: int, choice_ids: list[int]) -> None:
    if choice_ids:
        session.execute(update(Choice).where(Choice.id.in_(choice_ids)).values(closed_event_id=event_id))


def _write(
    session: Session,
    plan: RunPlan,
    rule: str,
    options: list[list[tuple[int, str, int]]],
    run_id: int,
    event_id: int,
) -> None:
    choice = Choice(
        group_id=plan.group_id,
        run_id=run_id,
        rule_key=rule,
        rule_hash=plan.rules.hashes[rule],
        event_id=event_id,
    )
    session.add(choice)
    session.flush()
    rows = [
        {"choice_id": choice.id, "option": number, "line_id": line_id, "side": side, "amount_minor": minor}
        for number, members in enumerate(options)
        for line_id, side, minor in members
    ]
    session.execute(insert(ChoiceMember), rows)
