"""Rules proposed from what people did in a group: matched by hand, took apart, rejected, put aside. Writes nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

import pandas as pd
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from recon.access import Actor, Permission
from recon.database.line_tables import group_frame
from recon.database.models import AccountGroup, Adjustment, Allocation, EntryType, GroupLine, Line, Match, Refusal
from recon.database.models import RuleSet as StoredSet
from recon.matching.learn import Work, learn
from recon.matching.learned import Case, Proposal
from recon.matching.nearest import with_derived
from recon.matching.side import SideName
from recon.services.explain_match import MemberLine, member_lines
from recon.services.find_group import group_for
from recon.services.rule_versions import inactive_rules
from rules.codec import from_document, rule_hash
from rules.explain import Row, rows
from rules.model import Derive, RuleSet
from rules.sentence import rule_sentence

NEWEST = 300
"""Matches by hand that are looked at, the newest: habits of long ago are no habits."""
EXAMPLES = 3


@dataclass(frozen=True, slots=True)
class Example:
    """What a proposal was seen in: lines that belong together, or one that was put aside."""

    match_id: int | None
    lines: tuple[MemberLine, ...]


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A proposal with its rule's sentence, the number of cases and the first of them. `name` is its rule's hash, by
    which a click names it; `rules` are the newest version's with this one in its place."""

    name: str
    proposal: Proposal
    sentence: str
    count: int
    examples: tuple[Example, ...]
    rules: RuleSet


def suggest_rules(session: Session, actor: Actor, group_id: int) -> list[Suggestion]:
    """What the group's work teaches beside the newest version of its rule set; nothing for a group without rules."""
    group = group_for(session, actor, group_id, Permission.VIEW)
    stored = session.get(StoredSet, group.rule_set_id) if group.rule_set_id else None
    if stored is None or not stored.versions:
        return []
    rules = from_document(stored.versions[-1].body)
    seen = _Seen(session, group, rules)
    proposals = learn(seen.work(), rules, group.country, _taken(stored))
    return [_suggestion(rules, proposal, seen) for proposal in proposals]


def _taken(stored: StoredSet) -> set[str]:
    """Keys are permanent: one that any version ever gave is not given again."""
    active = {rule["key"] for version in stored.versions for rule in version.body["rules"]}
    return active | {each.rule.key for version in stored.versions for each in inactive_rules(version)}


def _suggestion(rules: RuleSet, proposal: Proposal, seen: _Seen) -> Suggestion:
    return Suggestion(
        name=rule_hash(proposal.rule),
        proposal=proposal,
        sentence=rule_sentence(proposal.rule),
        count=len(proposal.cases),
        examples=tuple(seen.example(proposal, number) for number in proposal.cases[:EXAMPLES]),
        rules=replace(rules, rules=proposal.within(rules)),
    )


class _Seen:
    """The lines of a group that people worked on, read once."""

    def __init__(self, session: Session, group: AccountGroup, rules: RuleSet) -> None:
        self.session, self.group, self.rules = session, group, rules
        self.taken = self._by_hand()
        self.undone = self._undone()
        self.aside = self._lines("gl.state = 'deactivated'")
        wanted = sorted(set(self.taken["line_id"].tolist()))
        self.lines = self._lines(f"gl.line_id IN ({', '.join(map(str, wanted))})") if wanted else self.aside.iloc[:0]

    def work(self) -> Work:
        return Work(
            by_hand=self._cases(),
            undone=self.undone,
            standing=self._standing(),
            aside={
                side: dict(zip(part["line_id"].tolist(), rows(part), strict=True))
                for side, part in _sides(self.aside).items()
            },
            matched=self._matched_texts(),
        )

    def example(self, proposal: Proposal, number: int) -> Example:
        if proposal.kind == "aside":
            return Example(None, tuple(member_lines(self.aside[self.aside["line_id"] == number])))
        if proposal.kind == "distrust":
            return Example(number, self._undone_lines(number))
        return Example(number, tuple(member_lines(self._frame(number, self.lines))))

    def _by_hand(self) -> pd.DataFrame:
        """match, line_id, amount_minor of the newest standing matches that people made."""
        newest = (
            select(Match.id)
            .where(
                Match.group_id == self.group.id,
                Match.rule_key.is_(None),
                Match.undone_event_id.is_(None),
                Match.state != "suggested",
            )
            .order_by(Match.id.desc())
            .limit(NEWEST)
        )
        query = select(Allocation.match_id, Allocation.line_id, Allocation.amount_minor).where(
            Allocation.match_id.in_(newest), Allocation.line_id.is_not(None)
        )
        found = self.session.execute(query.order_by(Allocation.match_id)).all()
        return pd.DataFrame(found, columns=["match", "line_id", "amount_minor"])

    def _lines(self, where: str) -> pd.DataFrame:
        """Lines of the group with what derive rules set."""
        frame = group_frame(self.session, self.group.id, where)
        sides = _sides(frame)
        for rule in self.rules.rules:
            if isinstance(rule, Derive):
                sides = {side: with_derived(rule, side, part) for side, part in sides.items()}
        return pd.concat(list(sides.values()), ignore_index=True)

    def _frame(self, match_id: int, lines: pd.DataFrame) -> pd.DataFrame:
        """The lines of a match by hand; `amount` is what it takes of each."""
        mine = self.taken[self.taken["match"] == match_id].set_index("line_id")["amount_minor"]
        part = lines[lines["line_id"].isin(mine.index.to_numpy())]
        amounts = [int(mine[line]) for line in part["line_id"]]
        return part.assign(amount=pd.Series(amounts, index=part.index, dtype=lines["amount"].dtype))

    def _cases(self) -> list[Case]:
        """Matches between two sides; those within one side teach nothing about the other."""
        booked = self._entry_types()
        by_line = dict(zip(self.lines["line_id"].tolist(), rows(self.lines), strict=True))
        taken: dict[int, dict[str, list[Row]]] = defaultdict(lambda: {"left": [], "right": []})
        for match, line_id, minor in self.taken.itertuples(index=False, name=None):
            row = {**by_line[line_id], "amount": int(minor)}
            taken[int(match)][str(row["side"])].append(row)
        return [
            Case(match, tuple(sides["left"]), tuple(sides["right"]), booked.get(match))
            for match, sides in sorted(taken.items())
            if sides["left"] and sides["right"]
        ]

    def _entry_types(self) -> dict[int, str]:
        query = (
            select(Adjustment.match_id, EntryType.key)
            .join(EntryType, EntryType.id == Adjustment.entry_type_id)
            .where(Adjustment.match_id.in_(sorted(set(self.taken["match"].tolist()))))
        )
        return {match or 0: key for match, key in self.session.execute(query)}

    def _undone(self) -> dict[str, list[int]]:
        """Rule -> its matches that a person took apart or rejected and nobody cleared."""
        query = (
            select(Match.rule_key, func.max(Match.id))
            .join(
                Refusal,
                (Refusal.group_id == Match.group_id)
                & (Refusal.set_hash == Match.set_hash)
                & (Refusal.rule_hash == Match.rule_hash),
            )
            .where(
                Match.group_id == self.group.id, Match.undone_event_id.is_not(None), Refusal.cleared_event_id.is_(None)
            )
            .group_by(Match.rule_key, Match.set_hash)
        )
        found: dict[str, list[int]] = defaultdict(list)
        for key, match_id in self.session.execute(query):
            found[key or ""].append(match_id)
        return {key: sorted(matches) for key, matches in found.items()}

    def _undone_lines(self, match_id: int) -> tuple[MemberLine, ...]:
        where = f"gl.line_id IN (SELECT line_id FROM allocation WHERE match_id = {int(match_id)})"  # noqa: S608
        return tuple(member_lines(group_frame(self.session, self.group.id, where)))

    def _standing(self) -> dict[str, int]:
        query = (
            select(Match.rule_key, func.count())
            .where(
                Match.group_id == self.group.id, Match.undone_event_id.is_(None), Match.rule_key.in_(list(self.undone))
            )
            .group_by(Match.rule_key)
        )
        return {key or "": count for key, count in self.session.execute(query)}

    def _matched_texts(self) -> dict[str, Sequence[str]]:
        """Texts of lines that are matched, by side; only looked at where something was put aside."""
        if self.aside.empty:
            return {}
        query = (
            select(GroupLine.side, Line.text)
            .join(Line, Line.id == GroupLine.line_id)
            .where(GroupLine.group_id == self.group.id, ~GroupLine.is_open, Line.text.is_not(None))
            .distinct()
        )
        found: dict[str, list[str]] = defaultdict(list)
        for side, text in self.session.execute(query):
            found[side].append(text or "")
        return dict(found)


def _sides(frame: pd.DataFrame) -> dict[SideName, pd.DataFrame]:
    return {"left": frame[frame["side"] == "left"], "right": frame[frame["side"] == "right"]}
