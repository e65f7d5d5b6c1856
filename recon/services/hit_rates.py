"""Hit rates of a group's rules: read from what was ever matched, drawn as a report.

A match counts in the month it takes effect in. A suggestion that a later run withdrew, because it did not come out
again, is no match; one that a person took apart or rejected, or that went with a run or an import, is one undone.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, case, func, or_, select
from sqlalchemy.orm import Session

from recon.access import Actor, Permission
from recon.database.models import AccountGroup, Adjustment, Allocation, Event, Match
from recon.errors import NotFound, Refusal
from recon.reports.hit_rates import (
    HitRates,
    Hits,
    RuleHits,
    SilentRule,
    hit_rates_html,
    hit_rates_pdf,
    hit_rates_sheet,
)
from recon.reports.sheets import csv_bytes, xlsx_bytes
from recon.services.find_group import group_for
from recon.services.rule_versions import RulesInForce, rules_of_group
from rules.model import Match as MatchRule
from rules.model import Post
from rules.names import rule_title
from rules.wording import _, spoken

MONTHS = 12
MOST_MONTHS = 120
FORMATS = ("pdf", "csv", "xlsx", "html")

Cell = tuple[str, date]
"""Rule key ("" by hand) and first day of the month."""


def read_hit_rates(
    session: Session,
    actor: Actor,
    group_id: int,
    from_on: date | None = None,
    to_on: date | None = None,
) -> HitRates:
    """The months from `from_on`'s to `to_on`'s (default: the twelve up to the newest match). Raises Refusal for none,
    or for more than ten years."""
    group = group_for(session, actor, group_id, Permission.VIEW)
    last = month_of(to_on or _newest(session, group))
    first = month_of(from_on) if from_on else _usual_start(group, last)
    months = _months(first, last)
    rules = _in_force(session, group)
    cells = _cells(session, group, months[0], _months_before(last, -1))
    return HitRates(
        company=group.company.name,
        group=group.name,
        currency=group.currency,
        rule_set=f"{rules.rule_set.name} {rules.no}" if rules else "–",
        months=months,
        rules=_rules(rules, cells, months),
        silent=_silent(session, group, rules, {key for key, _month in cells}),
        language=spoken(),
    )


def draw_hit_rates(report: HitRates, kind: str) -> bytes:
    """The report in a format. Raises NotFound for an unknown one."""
    match kind:
        case "pdf":
            return hit_rates_pdf(report)
        case "html":
            return hit_rates_html(report).encode()
        case "csv":
            return csv_bytes(hit_rates_sheet(report))
        case "xlsx":
            return xlsx_bytes(hit_rates_sheet(report))
    raise NotFound(_("There is no format {kind}; there are {known}.").format(kind=kind, known=", ".join(FORMATS)))


def month_of(day: date) -> date:
    return day.replace(day=1)


def _usual_start(group: AccountGroup, last: date) -> date:
    """Twelve months in all, but none before the group's start."""
    return min(max(_months_before(last, MONTHS - 1), month_of(group.start_on)), last)


def _months_before(month: date, count: int) -> date:
    number = month.year * 12 + month.month - 1 - count
    return date(number // 12, number % 12 + 1, 1)


def _months(first: date, last: date) -> tuple[date, ...]:
    count = (last.year - first.year) * 12 + last.month - first.month + 1
    if not 1 <= count <= MOST_MONTHS:
        raise Refusal(_("Name one to {most} months, the first before the last.").format(most=MOST_MONTHS))
    return tuple(_months_before(last, count - 1 - place) for place in range(count))


def _newest(session: Session, group: AccountGroup) -> date:
    return session.scalar(select(func.max(Match.effective_on)).where(Match.group_id == group.id)) or group.start_on


def _in_force(session: Session, group: AccountGroup) -> RulesInForce | None:
    try:
        return rules_of_group(session, group)
    except Refusal:
        return None


# counting


def _counted() -> ColumnElement[bool]:
    """Matches that stand, or that something else than a later run's withdrawal has undone."""
    return or_(Match.undone_event_id.is_(None), Event.verb != "reconcile")


def _cells(session: Session, group: AccountGroup, first: date, after: date) -> dict[Cell, Hits]:
    here = (Match.group_id == group.id, Match.effective_on >= first, Match.effective_on < after)
    waiting = case((Match.undone_event_id.is_(None) & (Match.state == "suggested"), 1), else_=0)
    undone = case((Match.undone_event_id.is_not(None), 1), else_=0)
    matches = (
        select(Match.rule_key, Match.effective_on, func.count(), func.sum(waiting), func.sum(undone))
        .outerjoin(Event, Event.id == Match.undone_event_id)
        .where(*here, _counted())
        .group_by(Match.rule_key, Match.effective_on)
    )
    lines = (
        select(Match.rule_key, Match.effective_on, func.count(Allocation.line_id), func.sum(_moved()))
        .join(Allocation, Allocation.match_id == Match.id)
        .outerjoin(Event, Event.id == Match.undone_event_id)
        .where(*here, _counted())
        .group_by(Match.rule_key, Match.effective_on)
    )
    cells: dict[Cell, Hits] = {}
    for key, on, count, suggested, gone in session.execute(matches):
        _add(cells, key, on, Hits(matches=count, suggested=int(suggested), undone=int(gone)))
    for key, on, count, moved in session.execute(lines):
        _add(cells, key, on, Hits(lines=count, amount_minor=int(moved) // 2))
    for key, on, state, count, moved in session.execute(_postings(group, first, after)):
        suggested, gone = (count if state == "proposed" else 0), (count if state == "reversed" else 0)
        _add(cells, key, on, Hits(count, suggested, gone, count, int(moved)))
    return cells


def _moved() -> ColumnElement[int]:
    """Both sides of a match are equal, so that the amounts without sign are twice what it moves."""
    return func.abs(Allocation.amount_minor)


def _postings(group: AccountGroup, first: date, after: date) -> Select[str | None, date, str, int, Any]:
    """What post rules proposed and nobody dropped."""
    columns = (Adjustment.rule_key, Adjustment.booked_on, Adjustment.state)
    return (
        select(*columns, func.count(), func.sum(func.abs(Adjustment.amount_minor)))
        .where(
            Adjustment.group_id == group.id,
            Adjustment.rule_key.is_not(None),
            Adjustment.from_line_id.is_not(None),
            Adjustment.state != "dropped",
            Adjustment.booked_on >= first,
            Adjustment.booked_on < after,
        )
        .group_by(*columns)
    )


def _add(cells: dict[Cell, Hits], key: str | None, on: date, hits: Hits) -> None:
    cell = (key or "", month_of(on))
    cells[cell] = cells.get(cell, Hits()) + hits


def _rules(rules: RulesInForce | None, cells: dict[Cell, Hits], months: Sequence[date]) -> tuple[RuleHits, ...]:
    """Every rule that matched, those with most matches first."""
    names = {rule.key: rule_title(rule.name) for rule in rules.rule_set.rules} if rules else {}
    keys = dict.fromkeys(key for key, _month in cells)
    found = [
        RuleHits(
            key,
            names.get(key, key) or _("By hand"),
            tuple(cells.get((key, month), Hits()) for month in months),
            key in names,
        )
        for key in keys
    ]
    return tuple(sorted(found, key=lambda rule: (-rule.total.matches, rule.key)))


def _silent(
    session: Session, group: AccountGroup, rules: RulesInForce | None, fired: set[str]
) -> tuple[SilentRule, ...]:
    """Rules in force that match or post, and did not; in the order of the set."""
    if rules is None:
        return ()
    last = _last_days(session, group)
    return tuple(
        SilentRule(rule.key, rule_title(rule.name), place, last.get(rule.key))
        for place, rule in enumerate(rules.rule_set.rules, 1)
        if isinstance(rule, MatchRule | Post) and rule.key not in fired
    )


def _last_days(session: Session, group: AccountGroup) -> dict[str, date]:
    query = (
        select(Match.rule_key, func.max(Match.effective_on))
        .outerjoin(Event, Event.id == Match.undone_event_id)
        .where(Match.group_id == group.id, Match.rule_key.is_not(None), _counted())
        .group_by(Match.rule_key)
    )
    return {key: on for key, on in session.execute(query) if key is not None}
