"""Which open lines add up to one line ("delsummering"): asked by a person, so a clock may end the search."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from recon.access import Actor, Permission
from recon.database.models import AccountGroup, GroupLine, Line
from recon.errors import NotFound, Refusal
from recon.matching.subsets import Items, Limits, Outcome
from recon.services.find_group import group_for
from rules.wording import _

MOST_SOLUTIONS = 20
MOST_STEPS = 8_000_000
MOST_LINES = 20
"""Lines that a person may ask to be tried together."""

Where = Literal["other", "same"]


@dataclass(frozen=True, slots=True)
class Part:
    """An open line of a group, with what is open of it in the group's sign."""

    standing: GroupLine
    line: Line

    @property
    def open_minor(self) -> int:
        return self.standing.open_minor


@dataclass(frozen=True, slots=True)
class Sum:
    """Lines that add up to the target but for `difference_minor` (right - left of the match they would make);
    `days_apart` is the farthest of them."""

    parts: tuple[Part, ...]
    difference_minor: int
    days_apart: int


@dataclass(frozen=True, slots=True)
class SubsetSearch:
    """`sums` by difference, number of lines and days; all there are where `complete`. `tried` lines could take part."""

    target: Part
    sums: tuple[Sum, ...]
    outcome: Outcome
    complete: bool
    tried: int


def search_subset(
    session: Session,
    actor: Actor,
    group_id: int,
    line_id: int,
    *,
    side: Where = "other",
    amount_deviation_minor: int = 0,
    days: int | None = None,
    max_lines: int = 8,
    seconds: float = 5.0,
) -> SubsetSearch:
    """Two lines or more, of the other side or (cancelling it out) of the same, that add up to an open line.

    The sum may miss by `amount_deviation_minor`, each line lie `days` before or after (None: any day). Nothing is
    written. Raises Refusal where the line is not open or a bound makes no sense.
    """
    group = group_for(session, actor, group_id, Permission.VIEW)
    if amount_deviation_minor < 0 or (days is not None and days < 0):
        raise Refusal(_("A deviation is not negative."))
    if not 2 <= max_lines <= MOST_LINES:
        raise Refusal(_("Between 2 and {most} lines can be tried together.").format(most=MOST_LINES))
    target = _target(session, group, line_id)
    parts = _parts(session, group, target, side, days)
    wanted = target.open_minor if side == "other" else -target.open_minor
    ends = time.monotonic() + seconds
    limits = Limits(max_lines, MOST_STEPS, MOST_SOLUTIONS, stopped=lambda: time.monotonic() > ends)
    items = Items([part.open_minor for part in parts], _twins(parts))
    answer = items.solve_between(wanted - amount_deviation_minor, wanted + amount_deviation_minor, limits)
    sums = [_sum(target, [parts[place] for place in solution], side) for solution in answer.solutions]
    sums.sort(key=lambda found: (abs(found.difference_minor), len(found.parts), found.days_apart))
    return SubsetSearch(target, tuple(sums), answer.outcome, answer.complete, len(items))


def _target(session: Session, group: AccountGroup, line_id: int) -> Part:
    query = select(GroupLine, Line).join(Line, Line.id == GroupLine.line_id)
    found = session.execute(query.where(GroupLine.group_id == group.id, GroupLine.line_id == line_id)).one_or_none()
    if found is None:
        raise NotFound
    standing, line = found
    if not standing.is_open or standing.state != "active":
        raise Refusal(_("Line {line} is not open.").format(line=line_id))
    if standing.open_minor == 0:
        raise Refusal(_("Line {line} is of 0: nothing can be added up to it.").format(line=line_id))
    return Part(standing, line)


def _parts(session: Session, group: AccountGroup, target: Part, side: Where, days: int | None) -> list[Part]:
    """Lines that could take part, nearest in time first."""
    own = target.standing.side
    wanted = own if side == "same" else ("left" if own == "right" else "right")
    query = (
        select(GroupLine, Line)
        .join(Line, Line.id == GroupLine.line_id)
        .where(
            GroupLine.group_id == group.id,
            GroupLine.side == wanted,
            GroupLine.is_open,
            GroupLine.state == "active",
            GroupLine.open_minor != 0,
            GroupLine.line_id != target.standing.line_id,
        )
    )
    found = [Part(standing, line) for standing, line in session.execute(query)]
    near = [part for part in found if days is None or _days(target, part) <= days]
    return sorted(near, key=lambda part: (_days(target, part), part.standing.booked_on, part.standing.line_id))


def _days(target: Part, part: Part) -> int:
    return abs((part.standing.booked_on - target.standing.booked_on).days)


def _twins(parts: Sequence[Part]) -> list[int]:
    """Equal lines are interchangeable: a number for each kind."""
    kinds: dict[tuple[object, ...], int] = {}
    return [
        kinds.setdefault(
            (
                part.standing.booked_on,
                part.line.valued_on,
                part.open_minor,
                part.line.reference,
                part.line.counterparty,
                part.line.counterparty_account,
                part.line.text,
                part.line.transaction_code,
            ),
            len(kinds),
        )
        for part in parts
    ]


def _sum(target: Part, parts: list[Part], side: Where) -> Sum:
    total = sum(part.open_minor for part in parts)
    missing = total + target.open_minor if side == "same" else total - target.open_minor
    lines_are_left = (target.standing.side == "left") == (side == "same")
    return Sum(tuple(parts), -missing if lines_are_left else missing, max(_days(target, part) for part in parts))
