"""What a group remembers of refusals: which lines, under which rule, by whom and when."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from recon.access import Actor, Permission
from recon.database.models import AccountGroup, Adjustment, Allocation, Line, Match
from recon.errors import Refusal as Refused
from recon.matching.result import set_hash
from recon.services.find_group import group_for
from recon.services.known_refusals import Refused as Known
from recon.services.known_refusals import known_refusals
from recon.services.rule_versions import rules_of_group
from rules.names import rule_title
from rules.values import from_minor

SOME = 500


@dataclass(frozen=True, slots=True)
class RefusedLine:
    """A line that was taken apart; what the match took of it, in minor units of the group."""

    line_id: int
    side: str
    booked_on: dt.date
    amount_minor: int
    words: str


@dataclass(frozen=True, slots=True)
class RememberedRefusal:
    """`in_force`: the rule still means what it meant, so that it would make the match again without this memory."""

    refusal_id: int
    rule: str
    rule_name: str
    by: str
    at: dt.datetime
    lines: tuple[RefusedLine, ...]
    in_force: bool

    def plain(self, currency: str) -> dict[str, Any]:
        return {
            "refusal": self.refusal_id,
            "rule": self.rule,
            "name": self.rule_name,
            "by": self.by,
            "at": self.at.isoformat(),
            "in_force": self.in_force,
            "lines": [
                {
                    "line": line.line_id,
                    "side": line.side,
                    "date": line.booked_on.isoformat(),
                    "amount": from_minor(line.amount_minor, currency),
                }
                for line in self.lines
            ],
        }


def list_refusals(
    session: Session, actor: Actor, group_id: int, *, after: int | None = None, most: int = SOME
) -> list[RememberedRefusal]:
    """The refusals that stand, newest first; `after` goes on below a key."""
    group = group_for(session, actor, group_id, Permission.VIEW)
    known = [each for each in known_refusals(session, group.id) if after is None or each.refusal_id < after][:most]
    made = _lines_of_matches(session, group, known) | _lines_of_postings(session, group, known)
    names, hashes = _rules(session, group)
    return [_remembered(each, *made.get((each.set_hash, each.rule_hash), ("", [])), names, hashes) for each in known]


def _remembered(
    each: Known, key: str, lines: Sequence[RefusedLine], names: Mapping[str, str], hashes: Collection[str]
) -> RememberedRefusal:
    in_force = each.rule_hash in hashes
    return RememberedRefusal(each.refusal_id, key, names.get(key, key), each.by, each.at, tuple(lines), in_force)


Made = dict[tuple[str, str | None], tuple[str, list[RefusedLine]]]
"""(Set hash, rule hash) -> the rule's key and the lines."""


def _rules(session: Session, group: AccountGroup) -> tuple[dict[str, str], Collection[str]]:
    try:
        rules = rules_of_group(session, group)
    except Refused:
        return {}, ()
    return {rule.key: rule_title(rule.name) for rule in rules.rule_set.rules}, set(rules.hashes.values())


def _lines_of_matches(session: Session, group: AccountGroup, known: Sequence[Known]) -> Made:
    """Matches are never deleted: those that were taken apart still name their lines."""
    wanted = sorted({each.set_hash for each in known})
    query = (
        select(
            Match.id, Match.set_hash, Match.rule_hash, Match.rule_key, Allocation.side, Allocation.amount_minor, Line
        )
        .join(Allocation, Allocation.match_id == Match.id)
        .join(Line, Line.id == Allocation.line_id)
        .where(Match.group_id == group.id, Match.set_hash.in_(wanted), Match.rule_hash.is_not(None))
        .order_by(Match.id, Allocation.side, Line.booked_on, Line.id)
    )
    made: Made = {}
    first: dict[tuple[str, str | None], int] = {}
    for match_id, lines, rule, key, side, minor, line in session.execute(query):
        if first.setdefault((lines, rule), match_id) == match_id:
            made.setdefault((lines, rule), (key or "", []))[1].append(_line(line, side, minor))
    return made


def _lines_of_postings(session: Session, group: AccountGroup, known: Sequence[Known]) -> Made:
    """A rejected proposal of a post rule is remembered by its one line."""
    wanted = {(each.set_hash, each.rule_hash) for each in known}
    query = (
        select(Adjustment.rule_hash, Adjustment.rule_key, Line)
        .join(Line, Line.id == Adjustment.from_line_id)
        .where(Adjustment.group_id == group.id, Adjustment.rule_hash.in_(sorted({rule for _lines, rule in wanted})))
    )
    made: Made = {}
    for rule, key, line in session.execute(query):
        name = set_hash([f"{line.fingerprint}.{line.occurrence}.{line.part}"])
        if (name, rule) in wanted:
            made[name, rule] = (key or "", [_line(line, "right", line.amount_minor)])
    return made


def _line(line: Line, side: str, minor: int) -> RefusedLine:
    told = [line.counterparty, line.text, line.reference or line.kid or line.invoice_number or line.voucher_number]
    return RefusedLine(line.id, side, line.booked_on, minor, " · ".join(filter(None, told)))
