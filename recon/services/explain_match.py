"""Why a match: its rule as a sentence, every test with the values compared, and what else there was.

Recomputed from immutable lines and the rule's own version, never stored.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import pandas as pd
from sqlalchemy import select
from sqlalchemy.orm import Session

from recon.access import Actor, Permission
from recon.database.line_tables import group_frame
from recon.database.models import (
    AccountGroup,
    Adjustment,
    Allocation,
    EntryType,
    Event,
    Match,
    RuleSetVersion,
    Run,
    User,
)
from recon.errors import NotFound
from recon.matching.figures import deciding, figures
from recon.matching.nearby import internal_order
from recon.matching.nearest import with_derived
from recon.matching.side import SideName
from recon.services.find_group import group_for
from recon.services.known_refusals import Refused, known_refusals
from recon.services.match_alternatives import Alternative, match_alternatives
from recon.services.posted_pairs import PAIR_KEY, pair_name
from recon.services.rule_versions import decoded
from recon.services.told_tests import plain_test, told_test
from rules.explain import Explanation, Row, match_rule, rows
from rules.model import Derive, RuleSet
from rules.model import Match as MatchRule
from rules.names import rule_title, side_words
from rules.sentence import decision_sentence, rule_sentence
from rules.values import from_minor, said_day, said_money
from rules.wording import _

__all__ = ["Decided", "MatchExplanation", "MemberLine", "explain_match", "member_lines", "plain_test", "tests_on"]


@dataclass(frozen=True, slots=True)
class MemberLine:
    """A line of the match, and what the match takes of it (minor units)."""

    line_id: int
    side: str
    booked_on: date
    amount_minor: int
    reference: str
    text: str

    def sentence(self, currency: str) -> str:
        side, day = side_words(self.side), said_day(self.booked_on)
        amount = said_money(self.amount_minor, currency)
        return f"{side:7}  {day}  {amount:>16}  {self.reference}  {self.text}".rstrip()


@dataclass(frozen=True, slots=True)
class Decided:
    """The decision that fired on the match, with the values it read. `then` is "suggest" (what is left is no match)."""

    name: str
    sentence: str
    then: str
    test: Explanation

    def plain(self) -> dict[str, Any]:
        return {"name": self.name, "sentence": self.sentence, "then": self.then, "test": plain_test(self.test)}


@dataclass(frozen=True, slots=True)
class MatchExplanation:
    """`explanation` is None for a match by hand. `alternatives`: how many other candidates shared a unit with this one
    when it was made; `others`: the nearest of them, found again. `decided`: the decision that fired on it. `refused`: a
    person took these lines apart before, under another rule: hence only a marked suggestion.
    """

    match_id: int
    group_id: int
    state: str
    currency: str
    rule_key: str | None
    rule_name: str
    version: str
    sentence: str
    explanation: Explanation | None
    members: tuple[MemberLine, ...]
    alternatives: int
    difference_minor: int
    entry_type: str
    made_by: str
    made_at: datetime
    effective_on: date
    reason: str
    others: tuple[Alternative, ...] = ()
    decided: Decided | None = None
    refused: Refused | None = None

    def plain(self) -> dict[str, Any]:
        """Plain values; amounts as decimal text."""
        return {
            "match": self.match_id,
            "state": self.state,
            "rule": self.rule_key,
            "name": self.rule_name,
            "version": self.version,
            "sentence": self.sentence,
            "tests": [plain_test(test) for test in self.explanation.parts] if self.explanation else [],
            "lines": [
                {
                    "line": member.line_id,
                    "side": member.side,
                    "date": member.booked_on.isoformat(),
                    "amount": from_minor(member.amount_minor, self.currency),
                    "reference": member.reference,
                    "text": member.text,
                }
                for member in self.members
            ],
            "alternatives": self.alternatives,
            "others": [other.plain() for other in self.others],
            "decision": self.decided.plain() if self.decided else None,
            "taken_apart_before": self._plain_refused(),
            "difference": from_minor(self.difference_minor, self.currency),
            "entry_type": self.entry_type or None,
            "made_by": self.made_by,
            "made_at": self.made_at.isoformat(),
            "effective_on": self.effective_on.isoformat(),
            "reason": self.reason or None,
        }

    def _plain_refused(self) -> dict[str, str] | None:
        return {"by": self.refused.by, "at": self.refused.at.isoformat()} if self.refused else None

    def sentences(self) -> list[str]:
        """What a person reads, line by line."""
        states = {"suggested": _("suggested"), "confirmed": _("confirmed"), "approved": _("approved")}
        head = _("Match {match}, {state}: {name} {version}").format(
            match=self.match_id, state=states[self.state], name=self.rule_name, version=self.version
        )
        told = [head.strip(), *([f"  {self.sentence}"] if self.sentence else [])]
        told += [f"  {member.sentence(self.currency)}" for member in self.members]
        if self.explanation:
            told += [f"  {told_test(test)}" for test in self.explanation.parts]
        if self.difference_minor:
            amount = said_money(self.difference_minor, self.currency)
            told.append(
                "  " + _("The difference {amount} is booked as {entry}.").format(amount=amount, entry=self.entry_type)
            )
        if self.decided:
            told.append(f"  {self.decided.name}: {self.decided.sentence}")
        if self.refused:
            said = _("{name} took these lines apart under another rule on {day}: it is only suggested.")
            told.append("  " + said.format(name=self.refused.by, day=said_day(self.refused.at.date())))
        if self.alternatives:
            told.append("  " + _("There were {count} other candidates.").format(count=self.alternatives))
        told += [f"    {other.sentence()}" for other in self.others]
        return told


def explain_match(session: Session, actor: Actor, match_id: int) -> MatchExplanation:
    """The explanation of a live match. Raises NotFound."""
    match = session.get(Match, match_id)
    if match is None or match.undone_event_id is not None:
        raise NotFound(_("There is no such match."))
    group = group_for(session, actor, match.group_id, Permission.VIEW)
    lines = _lines(session, group, match)
    version, rule_set = _version(session, group, match)
    rule = next((r for r in rule_set.rules if r.key == match.rule_key), None) if rule_set else None
    explained, decided = None, None
    others: tuple[Alternative, ...] = ()
    if rule_set is not None and isinstance(rule, MatchRule):
        explained = tests_on(rule_set, rule, lines, group.country)
        others = match_alternatives(session, group, match, rule_set, rule, lines)
        decided = _decided(rule_set, rule, lines, group.country, match.alternatives)
    event = session.get_one(Event, match.event_id)
    user = session.get_one(User, event.actor_id)
    return MatchExplanation(
        match_id=match.id,
        group_id=group.id,
        state=match.state,
        currency=group.currency,
        rule_key=match.rule_key,
        rule_name=rule_title(rule.name) if rule else _named(match.rule_key),
        version=f"{version.rule_set.name} {version.no}" if version else "",
        sentence=rule_sentence(rule) if rule else "",
        explanation=explained,
        members=tuple(member_lines(lines)),
        alternatives=match.alternatives,
        difference_minor=match.difference_minor,
        entry_type=_entry_type(session, match.id),
        made_by=user.name or user.email,
        made_at=event.at,
        effective_on=match.effective_on,
        reason=match.reason or "",
        others=others,
        decided=decided,
        refused=_refused(session, group, match),
    )


def _decided(
    rule_set: RuleSet, rule: MatchRule, lines: pd.DataFrame, country: str, alternatives: int
) -> Decided | None:
    found = figures(rule, *_units(rule_set, rule, lines), country)
    fired = deciding(rule_set.decide, rule, found, alternatives)
    if fired is None:
        return None
    decision, test = fired
    return Decided(rule_title(decision.name) or _("Decision"), decision_sentence(decision), decision.then, test)


def _refused(session: Session, group: AccountGroup, match: Match) -> Refused | None:
    """The standing refusal of exactly these lines under another rule."""
    found = known_refusals(session, group.id, [match.set_hash])
    return next((refused for refused in found if refused.rule_hash != match.rule_hash), None)


def _named(rule_key: str | None) -> str:
    """What made a match that no rule in the version made."""
    return pair_name() if rule_key == PAIR_KEY else rule_key or _("By hand")


def _lines(session: Session, group: AccountGroup, match: Match) -> pd.DataFrame:
    """The frame of the match's lines; `amount` is what the match takes of each."""
    frame = group_frame(
        session,
        group.id,
        f"gl.line_id IN (SELECT line_id FROM allocation WHERE match_id = {match.id})",  # noqa: S608
    )
    query = select(Allocation.line_id, Allocation.amount_minor).where(
        Allocation.match_id == match.id, Allocation.line_id.is_not(None)
    )
    taken = dict(session.execute(query).all())
    amounts = [taken[line] for line in frame["line_id"]]
    return frame.assign(amount=pd.Series(amounts, index=frame.index, dtype=frame["amount"].dtype))


def member_lines(lines: pd.DataFrame) -> list[MemberLine]:
    """The lines of one match as people read them, by side and date."""
    ordered = lines.sort_values(["side", "booking_date", "id"])
    return [
        MemberLine(
            line["line_id"],
            line["side"],
            line["booking_date"],
            line["amount"],
            line.get("reference") or line.get("voucher_number") or "",
            line.get("text") or line.get("counterparty") or "",
        )
        for line in rows(ordered)
    ]


def _version(session: Session, group: AccountGroup, match: Match) -> tuple[RuleSetVersion | None, RuleSet | None]:
    """The version that made the match; for a choice taken by hand the newest of the group's set with that rule."""
    if match.run_id is not None:
        version = session.get_one(RuleSetVersion, session.get_one(Run, match.run_id).version_id)
        return version, decoded(version).rule_set
    if match.rule_hash is None or group.rule_set_id is None:
        return None, None
    query = select(RuleSetVersion).where(RuleSetVersion.rule_set_id == group.rule_set_id)
    for version in session.scalars(query.order_by(RuleSetVersion.no.desc())):
        found = decoded(version)
        if match.rule_hash in found.hashes.values():
            return version, found.rule_set
    return None, None


def tests_on(rule_set: RuleSet, rule: MatchRule, lines: pd.DataFrame, country: str) -> Explanation:
    """Every test of a rule of the set on the lines of one match (a frame with `side`; amounts are what it takes)."""
    return match_rule(rule, *_units(rule_set, rule, lines), country)


def _units(rule_set: RuleSet, rule: MatchRule, lines: pd.DataFrame) -> tuple[list[Row], list[Row]]:
    """The two units of one match as the rule saw them."""
    lines = _as_seen(rule_set, rule, lines)
    if rule.internal:
        return internal_order(rows(lines))
    ordered = lines.sort_values(["booking_date", "id"])
    return [*rows(ordered[ordered["side"] == "left"])], [*rows(ordered[ordered["side"] == "right"])]


def _as_seen(rule_set: RuleSet, rule: MatchRule, lines: pd.DataFrame) -> pd.DataFrame:
    """The lines with what derive rules above the rule set."""
    above = rule_set.rules[: rule_set.rules.index(rule)]
    names: tuple[SideName, ...] = ("left", "right")
    sides = {side: lines[lines["side"] == side] for side in names}
    for step in above:
        if isinstance(step, Derive):
            sides = {side: with_derived(step, side, part) for side, part in sides.items()}
    return pd.concat([sides["left"], sides["right"]], ignore_index=True)


def _entry_type(session: Session, match_id: int) -> str:
    query = (
        select(EntryType.name)
        .join(Adjustment, Adjustment.entry_type_id == EntryType.id)
        .where(Adjustment.match_id == match_id, Adjustment.state != "dropped")
    )
    return session.scalars(query.limit(1)).first() or ""
