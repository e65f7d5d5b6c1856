"""The other candidates that a match had, and why they lost: looked for again among the lines that were free then.

Which lines were free follows from the append-only history: those that had come before the match was made and that no
match of an earlier event, or of a rule further up in the same run, held. Of a line that was taken in part before, the
whole amount is read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any

import pandas as pd
from sqlalchemy import select
from sqlalchemy.orm import Session

from recon.database.line_tables import group_frame
from recon.database.models import AccountGroup, Allocation, GroupLine, Match
from recon.matching.figures import Figures, figures, why_lost
from recon.matching.nearby import SLACK, Candidate, in_order, nearby
from recon.matching.side import SideName
from recon.matching.view import Rows, View, keys_of
from rules.model import Derive, Exclude, Post, RuleSet
from rules.model import Match as MatchRule
from rules.values import exponent, said_day, said_money
from rules.wording import _

MOST = 10
LOOKED_AT = 40
WIDEST = 31
"""Days to both sides in which other groups of lines are looked for, where the rule has no date window."""


@dataclass(frozen=True, slots=True)
class Alternative:
    """Another candidate: `lines` stand where the match has other ones on `side`; `match_id` holds them now, if any."""

    side: str
    line_ids: tuple[int, ...]
    lines: tuple[str, ...]
    reason: str
    match_id: int | None

    def sentence(self) -> str:
        told = f"{', '.join(self.lines)}: {self.reason}"
        if self.match_id is None:
            return told
        return f"{told} ({_('it is in match {match} now').format(match=self.match_id)})"

    def plain(self) -> dict[str, Any]:
        return {"side": self.side, "lines": list(self.line_ids), "reason": self.reason, "match": self.match_id}


def match_alternatives(
    session: Session, group: AccountGroup, match: Match, rule_set: RuleSet, rule: MatchRule, lines: pd.DataFrame
) -> tuple[Alternative, ...]:
    """The nearest other candidates of a match's two units, best first. `lines`: the frame of the match's own lines."""
    if not match.alternatives or rule.search is not None:
        return ()
    frame = _free_then(session, group, match, rule_set, rule, lines)
    names: tuple[SideName, ...] = ("left", "right")
    sides = {name: frame[frame["side"] == name].reset_index(drop=True) for name in names}
    view = _seen_by(rule_set, rule, View(sides["left"], sides["right"]))
    units = _units(rule, view, sides, set(lines["line_id"].tolist()))
    if units is None:
        return ()
    taken = _figures(view, rule, *units[0], units[1][1], group.country)
    rivals = _rivals(view, rule, units, group.country)
    ranked = sorted(rivals, key=lambda each: (_candidate_figures(view, each, group.country).rank, each.others))
    told = [_told(view, each, why_lost(taken, _candidate_figures(view, each, group.country))) for each in ranked[:MOST]]
    return _with_matches(session, group, told)


def _units(
    rule: MatchRule, view: View, sides: dict[SideName, pd.DataFrame], ids: set[int]
) -> tuple[tuple[SideName, Rows], tuple[SideName, Rows]] | None:
    """The two units of the match as rows of the view; None where a line of it is not there."""
    rows = {name: tuple(side.index[side["line_id"].isin(ids)].tolist()) for name, side in sides.items()}
    if rule.internal:
        order = sides[rule.internal].loc[list(rows[rule.internal])].sort_values(["booking_date", "id"]).index.tolist()
        return ((rule.internal, tuple(order[:1])), (rule.internal, tuple(order[1:]))) if len(order) > 1 else None
    if not rows["left"] or not rows["right"]:
        return None
    return ("left", rows["left"]), ("right", rows["right"])


def _rivals(
    view: View, rule: MatchRule, units: tuple[tuple[SideName, Rows], tuple[SideName, Rows]], country: str
) -> list[Candidate]:
    found = []
    for (side, own), (_side, theirs) in (units, units[::-1]):
        near = nearby(view, rule, side, own, country, LOOKED_AT)
        found += [each for each in near if each.holds and set(each.others) != set(theirs)]
    return found


def _candidate_figures(view: View, candidate: Candidate, country: str) -> Figures:
    return _figures(view, candidate.rule, candidate.side, candidate.own, candidate.others, country)


def _figures(view: View, rule: MatchRule, side: SideName, own: Rows, others: Rows, country: str) -> Figures:
    return figures(rule, *in_order(view, rule, side, own, others), country)


def _seen_by(rule_set: RuleSet, rule: MatchRule, view: View) -> View:
    for step in rule_set.rules[: rule_set.rules.index(rule)]:
        if isinstance(step, Derive | Exclude | Post):
            view.apply(step)
    return view


def _told(view: View, candidate: Candidate, reason: str) -> Alternative:
    side: SideName = candidate.rule.internal or ("right" if candidate.side == "left" else "left")
    found = view.frames[side].iloc[list(candidate.others)]
    columns = (found["booking_date"], found["amount"], found["currency"])
    lines = tuple(
        f"{said_day(on)} {said_money(int(minor), currency)}" for on, minor, currency in zip(*columns, strict=True)
    )
    return Alternative(side, tuple(map(int, found["line_id"])), lines, reason, None)


def _with_matches(session: Session, group: AccountGroup, found: Sequence[Alternative]) -> tuple[Alternative, ...]:
    wanted = {line for each in found for line in each.line_ids}
    query = (
        select(Allocation.line_id, Allocation.match_id)
        .join(Match, Match.id == Allocation.match_id)
        .where(Match.group_id == group.id, Match.undone_event_id.is_(None), Allocation.line_id.in_(wanted))
    )
    holders = dict(session.execute(query).all())
    return tuple(
        Alternative(each.side, each.line_ids, each.lines, each.reason, holders.get(each.line_ids[0])) for each in found
    )


# the lines that were free


def _free_then(
    session: Session, group: AccountGroup, match: Match, rule_set: RuleSet, rule: MatchRule, lines: pd.DataFrame
) -> pd.DataFrame:
    """The match's lines, and those near them in amount or date that nothing else held when it was made."""
    own = ", ".join(str(int(line)) for line in lines["line_id"])
    near = " OR ".join(_near(group, rule, name, lines) for name in _sides(rule))
    where = f"gl.line_id IN ({own}) OR (({near}) AND {_untaken(match, rule_set, rule)})"
    frame = group_frame(session, group.id, where)
    wanted = [int(line) for line in frame["line_id"]]
    whole: dict[int, int] = {}
    for start in range(0, len(wanted), 10_000):
        some = GroupLine.line_id.in_(wanted[start : start + 10_000])
        query = select(GroupLine.line_id, GroupLine.amount_minor).where(GroupLine.group_id == group.id, some)
        whole.update((line_id, minor) for line_id, minor in session.execute(query))
    whole.update(zip(map(int, lines["line_id"]), map(int, lines["amount"]), strict=True))
    amounts = [whole[line] for line in wanted]
    return frame.assign(amount=pd.Series(amounts, index=frame.index, dtype=frame["amount"].dtype))


def _sides(rule: MatchRule) -> tuple[SideName, ...]:
    return (rule.internal,) if rule.internal else ("left", "right")


def _near(group: AccountGroup, rule: MatchRule, name: SideName, lines: pd.DataFrame) -> str:
    """A condition in SQL on `gl` for lines of a side that may belong to another candidate."""
    named = (rule.amount.left, rule.amount.right) != ("amount", "amount")
    if keys_of(rule, name) or named or rule.amount.anything:
        days = _days(rule)
        first = min(lines["booking_date"]) - pd.Timedelta(days=days).to_pytimedelta()
        last = max(lines["booking_date"]) + pd.Timedelta(days=days).to_pytimedelta()
        return f"(gl.side = '{name}' AND gl.booked_on BETWEEN '{first.isoformat()}' AND '{last.isoformat()}')"
    totals = [int(lines.loc[lines["side"] == side, "amount"].sum()) for side in ("left", "right")]
    bands = [total for total in totals if total] or [0]
    if rule.internal:
        bands = [int(amount) for amount in lines["amount"]]
    allowed = max(_allowed(rule, group.currency, total) for total in bands)
    low, high = min(bands) - allowed, max(bands) + allowed
    return f"(gl.side = '{name}' AND gl.amount_minor BETWEEN {low} AND {high})"


def _allowed(rule: MatchRule, currency: str, total: int) -> int:
    fixed: int = ceil(max(rule.amount.minus, rule.amount.plus) * 10 ** exponent(currency))
    return max(fixed, ceil(abs(total) * 2 * (rule.amount.percent or 0) / 100))


def _days(rule: MatchRule) -> int:
    if rule.date is None:
        return WIDEST
    slack = 0 if rule.date.calendar == "calendar" else SLACK
    return max(abs(rule.date.earliest), abs(rule.date.latest)) + slack


def _untaken(match: Match, rule_set: RuleSet, rule: MatchRule) -> str:
    above = [each.key for each in rule_set.rules[: rule_set.rules.index(rule)]]
    listed = ", ".join("'{}'".format(key.replace("'", "''")) for key in above) or "''"
    return f"""l.event_id < {match.event_id} AND NOT EXISTS (
        SELECT 1 FROM allocation a JOIN "match" m ON m.id = a.match_id
        WHERE a.line_id = gl.line_id AND m.group_id = gl.group_id AND m.id <> {match.id}
          AND (a.undone_event_id IS NULL OR a.undone_event_id > {match.event_id})
          AND (a.event_id < {match.event_id} OR (a.event_id = {match.event_id} AND m.rule_key IN ({listed}))))"""  # noqa: S608
