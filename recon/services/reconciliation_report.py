"""The reconciliation document of a group as of a date, ready to be drawn: figures, open items, matches, digest."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import cast

import pandas as pd
from sqlalchemy import ColumnElement, and_, case, func, select
from sqlalchemy.orm import Session

from recon.closing.documents import Period
from recon.database.audit import digest_texts
from recon.database.models import (
    AccountGroup,
    Adjustment,
    Allocation,
    Company,
    EntryType,
    GroupLine,
    Line,
    Match,
    Note,
    RuleSetVersion,
    Run,
)
from recon.reports.reconciliation import (
    MATCH_COLUMNS,
    OPEN_COLUMNS,
    BalanceRow,
    ProofRow,
    Reconciliation,
    RuleRow,
    Signature,
)
from recon.services.period_figures import OpenLine, counted_on, open_lines_as_of
from recon.services.read_balances import GroupBalances
from rules.names import rule_title
from rules.wording import _, spoken

CHUNK = 10_000


@dataclass(frozen=True, slots=True)
class Signing:
    """What the document says of itself: its number, who prepared and approved it, and their words."""

    number: str | None = None
    draft: bool = True
    prepared: Signature | None = None
    approved: Signature | None = None
    reason: str = ""
    conclusion: str = ""
    language: str = field(default_factory=spoken)


def reconciliation_of(
    session: Session,
    group: AccountGroup,
    balances: GroupBalances,
    signing: Signing,
    lines: list[OpenLine] | None = None,
) -> Reconciliation:
    """The document as of `balances.period.to_on`; `lines` is a stored open list, else it is read as of that day."""
    period = balances.period
    opened = open_lines_as_of(session, group.id, period.to_on) if lines is None else lines
    names = _side_names(balances)
    return Reconciliation(
        company=session.get_one(Company, group.company_id).name,
        group=group.name,
        kind=group.kind,
        currency=group.currency,
        from_on=period.from_on,
        to_on=period.to_on,
        number=signing.number,
        draft=signing.draft,
        prepared=signing.prepared or Signature("", None),
        approved=signing.approved,
        balances=tuple(_balance_rows(balances)),
        proof=tuple(ProofRow(p.side, p.label, p.amount_minor, p.count) for p in balances.proof.lines),
        open_lines=open_frame(session, group, opened),
        rules=tuple(_rule_rows(session, group.id, period)),
        match_lines=match_frame(session, group.id, period),
        rule_sets=tuple(_versions(session, group.id, period)),
        digest=data_digest(session, group.id, period, opened),
        reason=signing.reason,
        conclusion=signing.conclusion,
        adjustments=tuple(_adjustments(session, group.id, period)),
        left_name=names["left"],
        right_name=names["right"],
        late_lines=_late_lines(session, group.id, period),
        language=signing.language,
    )


def block_of(line: OpenLine) -> str:
    """The block of the document in which an open line stands: its side, and out of or into the account."""
    return f"{line.side}_{'withdrawal' if line.amount_minor < 0 else 'deposit'}"


def _side_names(balances: GroupBalances) -> dict[str, str]:
    names = {side: [a.account for a in balances.accounts if a.side == side] for side in ("left", "right")}
    return {side: ", ".join(found) for side, found in names.items()}


def _balance_rows(balances: GroupBalances) -> list[BalanceRow]:
    return [
        BalanceRow(
            a.side,
            a.account,
            a.currency,
            a.calculated.amount_minor,
            a.calculated.on,
            a.to_date.amount_minor,
            a.fetched.amount_minor,
            a.fetched.on,
            a.statement.amount_minor if a.statement else None,
            a.statement.on if a.statement else None,
            a.difference_minor,
            a.not_comparable,
        )
        for a in balances.accounts
    ]


def open_frame(session: Session, group: AccountGroup, opened: list[OpenLine]) -> pd.DataFrame:
    """OPEN_COLUMNS of the report, by block, date and key."""
    known: dict[int, tuple[date, str, str]] = {}
    for ids in _chunks([line.line_id for line in opened]):
        query = select(
            Line.id, Line.booked_on, Line.voucher_number, Line.reference, Line.counterparty, Line.text
        ).where(Line.id.in_(ids))
        for key, on, voucher, reference, counterparty, text in session.execute(query):
            known[key] = (on, voucher or reference or "", _joined(counterparty, text))
    notes = _notes(session, group.id)
    rows = [
        (block_of(line), *known[line.line_id], notes.get(line.line_id, ""), line.amount_minor, line.later_on)
        for line in opened
    ]
    rows.sort(key=lambda row: (row[0], row[1]))
    return pd.DataFrame(rows, columns=list(OPEN_COLUMNS), dtype=object)


def _joined(counterparty: str | None, text: str | None) -> str:
    """Counterparty and text without saying one thing twice."""
    if counterparty and text and counterparty.casefold() in text.casefold():
        return text
    return " · ".join(part for part in (counterparty, text) if part)


def _notes(session: Session, group_id: int) -> dict[int, str]:
    """The newest note on each line of the group."""
    query = select(Note.line_id, Note.body).where(Note.group_id == group_id, Note.line_id.is_not(None))
    return {cast(int, line): body for line, body in session.execute(query.order_by(Note.id))}


def _chunks(ids: list[int]) -> list[list[int]]:
    return [ids[start : start + CHUNK] for start in range(0, len(ids), CHUNK)]


def in_effect(group_id: int, period: Period) -> ColumnElement[bool]:
    """The confirmed or approved live matches that belong to a period."""
    return and_(
        Match.group_id == group_id,
        Match.undone_event_id.is_(None),
        Match.state != "suggested",
        Match.effective_on.between(period.from_on, period.to_on),
    )


def _rule_rows(session: Session, group_id: int, period: Period) -> list[RuleRow]:
    minor = Allocation.amount_minor
    query = (
        select(
            Match.rule_key,
            Run.version_id,
            func.count(func.distinct(Match.id)),
            func.count(Allocation.line_id),
            func.coalesce(func.sum(case((Allocation.side == "left", minor), else_=0)), 0),
            func.coalesce(func.sum(case((Allocation.side == "right", minor), else_=0)), 0),
        )
        .join(Allocation, Allocation.match_id == Match.id)
        .outerjoin(Run, Run.id == Match.run_id)
        .where(in_effect(group_id, period))
        .group_by(Match.rule_key, Run.version_id)
    )
    found = list(session.execute(query))
    versions = _bodies(session, {version for _key, version, *_rest in found if version})
    rows = [
        (
            _place(versions, version, key),
            RuleRow(*_names(versions, version, key), matches, lines, int(left), int(right)),
        )
        for key, version, matches, lines, left, right in found
    ]
    return [row for _order, row in sorted(rows, key=lambda item: item[0])]


def _bodies(session: Session, version_ids: set[int]) -> dict[int, RuleSetVersion]:
    return {v.id: v for v in session.scalars(select(RuleSetVersion).where(RuleSetVersion.id.in_(version_ids)))}


def _names(versions: dict[int, RuleSetVersion], version_id: int | None, key: str | None) -> tuple[str, str]:
    """What the rule and its version are called; a match by hand has no version."""
    if key is None:
        return _("By hand"), ""
    if version_id is None:
        return key, _("chosen by hand")
    version = versions[version_id]
    names = {rule["key"]: rule["name"] for rule in version.body["rules"]}
    return rule_title(names.get(key, key)), f"{version.rule_set.name} {version.no}"


def _place(versions: dict[int, RuleSetVersion], version_id: int | None, key: str | None) -> tuple[int, int, str]:
    """Versions from old to new, rules in their order, what was done by hand last."""
    if version_id is None:
        return (1, 0, key or "")
    keys = [rule["key"] for rule in versions[version_id].body["rules"]]
    return (0, versions[version_id].no * 1000 + (keys.index(key) if key in keys else 999), key or "")


def _versions(session: Session, group_id: int, period: Period) -> list[str]:
    used = select(Run.version_id).join(Match, Match.run_id == Run.id).where(in_effect(group_id, period))
    query = select(RuleSetVersion).where(RuleSetVersion.id.in_(used)).order_by(RuleSetVersion.id)
    sentence = _("{name}, version {no} (SHA-256 {sha256})")
    return [
        sentence.format(name=version.rule_set.name, no=version.no, sha256=version.sha256[:16])
        for version in session.scalars(query)
    ]


def match_frame(session: Session, group_id: int, period: Period) -> pd.DataFrame:
    """MATCH_COLUMNS of the report: every line of every match of the period, by rule, match, side and date."""
    query = (
        select(
            Match.id,
            Match.rule_key,
            Allocation.side,
            Line.booked_on,
            Line.reference,
            Line.voucher_number,
            Line.counterparty,
            Line.text,
            Allocation.amount_minor,
        )
        .join(Allocation, Allocation.match_id == Match.id)
        .join(Line, Line.id == Allocation.line_id)
        .where(in_effect(group_id, period))
        .order_by(Match.effective_on, Match.id, Allocation.side, Line.booked_on, Line.id)
    )
    names = _rule_names(session, group_id)
    order = {key: place for place, key in enumerate(names)}
    found = sorted(session.execute(query), key=lambda row: order.get(row[1], len(order)) if row[1] else len(order) + 1)
    numbers: dict[int, int] = {}
    rows = [
        (
            numbers.setdefault(match, len(numbers) + 1),
            names.get(key, key) if key else _("By hand"),
            side,
            on,
            reference or voucher or "",
            _joined(counterparty, text),
            minor,
        )
        for match, key, side, on, reference, voucher, counterparty, text, minor in found
    ]
    return pd.DataFrame(rows, columns=list(MATCH_COLUMNS), dtype=object)


def _rule_names(session: Session, group_id: int) -> dict[str, str]:
    """Key -> name, as the newest version used by a run of the group calls it."""
    used = select(Run.version_id).where(Run.group_id == group_id)
    query = select(RuleSetVersion.body).where(RuleSetVersion.id.in_(used)).order_by(RuleSetVersion.id)
    return {rule["key"]: rule["name"] for body in session.scalars(query) for rule in body["rules"]}


def _adjustments(session: Session, group_id: int, period: Period) -> list[tuple[date, str, str, int]]:
    query = (
        select(Adjustment, EntryType.name)
        .join(EntryType, EntryType.id == Adjustment.entry_type_id)
        .where(
            Adjustment.group_id == group_id,
            Adjustment.state.in_(("unreleased", "released")),
            Adjustment.booked_on.between(period.from_on, period.to_on),
        )
        .order_by(Adjustment.booked_on, Adjustment.id)
    )
    return [
        (a.booked_on, f"{a.series or ''} {a.number or ''}".strip(), name, a.amount_minor)
        for a, name in session.execute(query)
    ]


def _late_lines(session: Session, group_id: int, period: Period) -> int:
    late = and_(GroupLine.period_on > GroupLine.booked_on, counted_on().between(period.from_on, period.to_on))
    query = select(func.count()).select_from(GroupLine).where(GroupLine.group_id == group_id, late)
    return session.scalar(query) or 0


def data_digest(session: Session, group_id: int, period: Period, opened: list[OpenLine]) -> str:
    """SHA-256 over what the document rests on: its period's lines, its matches and its open list, in no order."""
    lines = (
        select(Line.row_hash)
        .join(GroupLine, GroupLine.line_id == Line.id)
        .where(GroupLine.group_id == group_id, counted_on().between(period.from_on, period.to_on))
        .where(Line.withdrawn_event_id.is_(None))
    )
    taken = (
        select(Match.set_hash, Allocation.line_id, Allocation.side, Allocation.amount_minor)
        .join(Allocation, Allocation.match_id == Match.id)
        .where(in_effect(group_id, period))
    )
    return digest_texts(
        [
            *(f"line {row_hash}" for row_hash in session.scalars(lines)),
            *(f"match {lines} {line} {side} {minor}" for lines, line, side, minor in session.execute(taken)),
            *(f"open {line.line_id} {line.side} {line.amount_minor}" for line in opened),
        ]
    )
