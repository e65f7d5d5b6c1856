"""Why a line of a group is matched, or what its nearest misses lack."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd
from sqlalchemy import select
from sqlalchemy.orm import Session

from recon.access import Actor, Permission
from recon.database.line_tables import open_lines
from recon.database.models import AccountGroup, Allocation, GroupLine, Line, Match
from recon.errors import NotFound
from recon.matching.nearest import Miss, nearest_misses
from recon.matching.side import SideName
from recon.services.explain_match import MatchExplanation, explain_match, plain_test, told_test
from recon.services.find_group import group_for
from recon.services.rule_versions import RulesInForce, rules_of_group
from rules.explain import Explanation
from rules.values import from_minor
from rules.wording import _


@dataclass(frozen=True, slots=True)
class NearMiss:
    """A candidate that a rule did not take: the other lines, and the first test that it fails (None: it fails none)."""

    rule: str
    name: str
    line_ids: tuple[int, ...]
    lines: tuple[str, ...]
    first_failing: Explanation | None
    failing: int

    def sentence(self) -> str:
        if self.first_failing is None:
            told = _("✓ nothing fails: others are as good, or a person refused it")
        else:
            told = told_test(self.first_failing)
        return f"{self.name}: {', '.join(self.lines)}\n    {told}"


@dataclass(frozen=True, slots=True)
class LineExplanation:
    """`matches`: those that take or hold the line; `misses`: of an open line, the nearest first."""

    line_id: int
    side: str
    booked_on: date
    amount_minor: int
    open_minor: int
    currency: str
    state: str
    matches: tuple[MatchExplanation, ...]
    excluded_by: str | None
    misses: tuple[NearMiss, ...]

    def plain(self) -> dict[str, Any]:
        """Plain values; amounts as decimal text."""
        return {
            "line": self.line_id,
            "side": self.side,
            "date": self.booked_on.isoformat(),
            "amount": from_minor(self.amount_minor, self.currency),
            "open": from_minor(self.open_minor, self.currency),
            "state": self.state,
            "matches": [match.plain() for match in self.matches],
            "excluded_by": self.excluded_by,
            "nearest": [
                {
                    "rule": miss.rule,
                    "name": miss.name,
                    "lines": list(miss.line_ids),
                    "first_failing": plain_test(miss.first_failing) if miss.first_failing else None,
                    "failing": miss.failing,
                }
                for miss in self.misses
            ],
        }

    def sentences(self) -> list[str]:
        """What a person reads, line by line."""
        head = _("Line {line}, {side}, {on}, {amount}: {state}").format(
            line=self.line_id,
            side=self.side,
            on=self.booked_on,
            amount=from_minor(self.amount_minor, self.currency),
            state=self.state,
        )
        told = [head, *(sentence for match in self.matches for sentence in match.sentences())]
        if self.excluded_by:
            told.append("  " + _("Excluded by rule {rule}.").format(rule=self.excluded_by))
        if not self.matches and not self.misses:
            told.append("  " + _("No rule has a candidate for it on the other side."))
        return told + [f"  {miss.sentence()}" for miss in self.misses]


def explain_line(session: Session, actor: Actor, group_id: int, line: str | int) -> LineExplanation:
    """The explanation of a line of a group, named by its key or by its id in lists (fingerprint.occurrence.part)."""
    group = group_for(session, actor, group_id, Permission.VIEW)
    found = _line(session, group, str(line))
    matches = tuple(explain_match(session, actor, match) for match in _matches(session, group_id, found.line_id))
    excluded_by: str | None = None
    misses: tuple[NearMiss, ...] = ()
    if found.is_open and found.state == "active" and not matches:
        excluded_by, misses = _why_not(session, group, found)
    return LineExplanation(
        line_id=found.line_id,
        side=found.side,
        booked_on=found.booked_on,
        amount_minor=found.amount_minor,
        open_minor=found.open_minor,
        currency=group.currency,
        state=_state(found),
        matches=matches,
        excluded_by=excluded_by,
        misses=misses,
    )


def _state(line: GroupLine) -> str:
    if line.state == "deactivated":
        return _("deactivated")
    if line.held_by_match_id is not None:
        return _("suggested")
    return _("open") if line.is_open else _("matched")


def _line(session: Session, group: AccountGroup, name: str) -> GroupLine:
    query = select(GroupLine).where(GroupLine.group_id == group.id)
    if name.isdigit():
        query = query.where(GroupLine.line_id == int(name))
    else:
        fingerprint, _dot, rest = name.partition(".")
        occurrence, _dot, part = rest.partition(".")
        query = query.join(Line, Line.id == GroupLine.line_id).where(
            Line.fingerprint == fingerprint,
            Line.occurrence == (int(occurrence) if occurrence.isdigit() else 1),
            Line.part == (int(part) if part.isdigit() else 0),
        )
    found = session.scalars(query.limit(1)).first()
    if found is None:
        raise NotFound(_("{group} has no line {line}.").format(group=group.name, line=name))
    return found


def _matches(session: Session, group_id: int, line_id: int) -> list[int]:
    query = (
        select(Match.id)
        .join(Allocation, Allocation.match_id == Match.id)
        .where(Match.group_id == group_id, Allocation.line_id == line_id, Match.undone_event_id.is_(None))
    )
    return list(session.scalars(query.order_by(Match.id)))


def _why_not(session: Session, group: AccountGroup, line: GroupLine) -> tuple[str | None, tuple[NearMiss, ...]]:
    rules = rules_of_group(session, group)
    lines = open_lines(session, group.id)
    sides = {side: lines[lines["side"] == side].reset_index(drop=True) for side in ("left", "right")}
    row = int((sides[line.side]["line_id"] == line.line_id).to_numpy().argmax())
    side: SideName = "left" if line.side == "left" else "right"
    answer = nearest_misses(rules.rule_set, sides["left"], sides["right"], side, row, group.country)
    return _excluding(rules, answer.excluded_by), tuple(_near(miss, sides, side) for miss in answer.misses)


def _excluding(rules: RulesInForce, key: str | None) -> str | None:
    rule = rules.rule(key) if key else None
    return rule.name if rule else None


def _near(miss: Miss, sides: dict[str, pd.DataFrame], side: str) -> NearMiss:
    other = side if miss.rule.internal else ("right" if side == "left" else "left")
    others = sides[other].iloc[list(miss.others)]
    failing = miss.failing
    return NearMiss(
        rule=miss.rule.key,
        name=miss.rule.name,
        line_ids=tuple(int(line) for line in others["line_id"]),
        lines=tuple(
            f"{on} {from_minor(int(minor), currency)}"
            for on, minor, currency in zip(others["booking_date"], others["amount"], others["currency"], strict=True)
        )[:5],
        first_failing=failing[0] if failing else None,
        failing=len(failing),
    )
