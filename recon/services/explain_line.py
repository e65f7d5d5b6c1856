"""Why a line of a group is matched, or what its nearest misses lack."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd
from sqlalchemy import select
from sqlalchemy.orm import Session

from recon.access import Actor, Permission
from recon.database.line_tables import open_lines
from recon.database.models import AccountGroup, Adjustment, Allocation, EntryType, GroupLine, Line, Match
from recon.errors import NotFound
from recon.matching.nearest import Asked, nearest_misses, rows_of
from recon.matching.side import SideName
from recon.services.explain_match import MatchExplanation, explain_match
from recon.services.find_group import group_for
from recon.services.known_refusals import Refused, known_refusals
from recon.services.near_misses import NearMiss, Telling
from recon.services.rule_versions import rules_of_group
from rules.model import Exclude, Post
from rules.names import rule_title, side_words
from rules.values import from_minor, said_day, said_money
from rules.wording import _

SIDES: tuple[SideName, ...] = ("left", "right")
TOLD = 8
"""Rules of which the text tells; pages and JSON have all."""


@dataclass(frozen=True, slots=True)
class Posted:
    """The adjustment that is to book the line: its entry type, its amount (minor units) and how far it is."""

    adjustment_id: int
    entry_type: str
    amount_minor: int
    state: str
    rule: str


@dataclass(frozen=True, slots=True)
class LineExplanation:
    """`matches`: those that take or hold the line; `misses`: of an open line, one a rule, the nearest first.

    `excluded_by`: the name of the rule that leaves the line aside, so that none below sees it; `posts`: of one that
    would book it; `posted`: the adjustment that does. `version`: the rules that were asked.
    """

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
    posts: str | None = None
    posted: Posted | None = None
    version: str = ""

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
            "posted_by": self.posts,
            "adjustment": self._plain_posted(),
            "version": self.version or None,
            "nearest": [miss.plain() for miss in self.misses],
        }

    def _plain_posted(self) -> dict[str, Any] | None:
        if self.posted is None:
            return None
        return {
            "adjustment": self.posted.adjustment_id,
            "entry_type": self.posted.entry_type,
            "amount": from_minor(self.posted.amount_minor, self.currency),
            "state": self.posted.state,
            "rule": self.posted.rule or None,
        }

    def sentences(self) -> list[str]:
        """What a person reads, line by line."""
        head = _("Line {line}, {side}, {on}, {amount}: {state}").format(
            line=self.line_id,
            side=side_words(self.side),
            on=said_day(self.booked_on),
            amount=said_money(self.amount_minor, self.currency),
            state=self.state,
        )
        told = [head, *(sentence for match in self.matches for sentence in match.sentences())]
        told += [f"  {sentence}" for sentence in self.held_sentences()]
        if self.state == _("open") and not self.matches and not self.misses and not self.excluded_by:
            told.append("  " + _("No rule has a candidate for it on the other side."))
        told += [f"  {miss.sentence()}" for miss in self.misses[:TOLD]]
        if len(self.misses) > TOLD:
            more = _("{count} more rules come less near; --json has them all.")
            told.append("  " + more.format(count=len(self.misses) - TOLD))
        return told

    def held_sentences(self) -> list[str]:
        """What keeps every rule below from seeing the line."""
        told = []
        if self.excluded_by:
            told.append(_("Excluded by rule {rule}.").format(rule=self.excluded_by))
        if self.posted is not None:
            amount = said_money(self.posted.amount_minor, self.currency)
            states = {"proposed": _("proposed"), "unreleased": _("not released yet"), "released": _("released")}
            state = states.get(self.posted.state, self.posted.state)
            said = _("An entry of type {entry} over {amount} is {state} for it.")
            told.append(said.format(entry=self.posted.entry_type, amount=amount, state=state))
        elif self.posts:
            told.append(_("Rule {rule} proposes an entry for it at the next Reconcile.").format(rule=self.posts))
        return told


def explain_line(session: Session, actor: Actor, group_id: int, line: str | int) -> LineExplanation:
    """The explanation of a line of a group, named by its key or by its id in lists (fingerprint.occurrence.part)."""
    group = group_for(session, actor, group_id, Permission.VIEW)
    found = _line(session, group, str(line))
    matches = tuple(explain_match(session, actor, match) for match in _matches(session, group_id, found.line_id))
    why_not = _WhyNot()
    if found.is_open and found.state == "active" and not matches:
        why_not = _why_not(session, group, found)
    return LineExplanation(
        line_id=found.line_id,
        side=found.side,
        booked_on=found.booked_on,
        amount_minor=found.amount_minor,
        open_minor=found.open_minor,
        currency=group.currency,
        state=_state(found),
        matches=matches,
        excluded_by=why_not.excluded_by,
        misses=why_not.misses,
        posts=why_not.posts,
        posted=_posted(session, group, found.line_id),
        version=why_not.version,
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


@dataclass(frozen=True, slots=True)
class _WhyNot:
    excluded_by: str | None = None
    posts: str | None = None
    misses: tuple[NearMiss, ...] = ()
    version: str = ""


def _why_not(session: Session, group: AccountGroup, found: GroupLine) -> _WhyNot:
    rules = rules_of_group(session, group)
    lines = open_lines(session, group.id)
    sides = {name: lines[lines["side"] == name].reset_index(drop=True) for name in SIDES}
    side: SideName = "left" if found.side == "left" else "right"
    row = int((sides[side]["line_id"] == found.line_id).to_numpy().argmax())
    refusals = known_refusals(session, group.id)
    asked = Asked(side, row, group.country, _by_set(refusals), {name: _held(sides[name]) for name in SIDES})
    answer = nearest_misses(rules.rule_set, sides["left"], sides["right"], asked)
    tell = Telling(sides, side, refusals)
    held = answer.held_by_rule
    return _WhyNot(
        excluded_by=rule_title(held.name) if isinstance(held, Exclude) else None,
        posts=rule_title(held.name) if isinstance(held, Post) else None,
        misses=tuple(tell.miss(miss) for miss in answer.misses),
        version=f"{rules.rule_set.name} {rules.no}",
    )


def _by_set(refusals: Sequence[Refused]) -> dict[str, set[str]]:
    known: dict[str, set[str]] = {}
    for refused in refusals:
        known.setdefault(refused.set_hash, set()).add(refused.rule_hash)
    return known


def _held(frame: pd.DataFrame) -> frozenset[int]:
    return rows_of(frame["held_by"].notna().to_numpy(dtype=bool))


def _posted(session: Session, group: AccountGroup, line_id: int) -> Posted | None:
    query = (
        select(Adjustment, EntryType.name)
        .join(EntryType, EntryType.id == Adjustment.entry_type_id)
        .where(
            Adjustment.group_id == group.id,
            Adjustment.from_line_id == line_id,
            Adjustment.state.not_in(("reversed", "dropped")),
        )
    )
    found = session.execute(query.limit(1)).first()
    if found is None:
        return None
    adjustment, entry_type = found
    return Posted(adjustment.id, entry_type, adjustment.amount_minor, adjustment.state, adjustment.rule_key or "")
