"""The four figures of each account of a group, each with its date, and the two-sided proof."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import cast

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from recon.access import Actor, Permission
from recon.closing.balances import AccountBalances, Figure, SideName, account_balances, statement_as_of
from recon.closing.documents import Period, Predecessor, period_of
from recon.closing.proof import Proof, prove
from recon.database.models import AccountGroup, Document, GroupAccount, GroupLine, StatementBalance
from recon.services.document_figures import accounts_from, closings_from, proof_from
from recon.services.find_group import group_for
from recon.services.period_figures import (
    accepted_differences,
    exported_vouchers,
    members_of,
    open_of_sides,
    source_account,
    sums_of_accounts,
)


@dataclass(frozen=True, slots=True)
class GroupBalances:
    """`document` is the number of the approved document the figures were read from, if the date is one's."""

    group_id: int
    currency: str
    period: Period
    previous: Predecessor | None
    accounts: tuple[AccountBalances, ...]
    member_ids: tuple[int, ...]
    proof: Proof
    document: str | None = None


def read_balances(session: Session, actor: Actor, group_id: int, as_of: date | None = None) -> GroupBalances:
    """The figures as of a date; without one, of the newest day that a statement balance or else a line is known for.

    The figures of an approved period are those of its document, whatever came later.
    """
    group = group_for(session, actor, group_id, Permission.VIEW)
    return balances_as_of(session, group, as_of or newest_day(session, group))


def balances_as_of(session: Session, group: AccountGroup, to_on: date) -> GroupBalances:
    approved = _approved(session, group.id, to_on)
    if approved is not None and approved.to_on == to_on:
        return _from_document(session, group, approved)
    closings = closings_from(approved.figures) if approved else {}
    previous = Predecessor(approved.number or "", approved.to_on) if approved else None
    members = members_of(session, group.id)
    sums = sums_of_accounts(session, group.id, to_on, previous.to_on if previous else None, closings)
    accounts = tuple(
        account_balances(
            display_name(member),
            cast(SideName, member.side),
            group.currency,
            sums[member.id],
            to_on,
            statement_of(session, member, to_on),
            filtered=filtered(member),
        )
        for member in members
    )
    return GroupBalances(
        group.id,
        group.currency,
        period_of(group.start_on, to_on, previous),
        previous,
        accounts,
        tuple(member.id for member in members),
        _proof(session, group.id, to_on, accounts),
    )


def _proof(session: Session, group_id: int, to_on: date, accounts: tuple[AccountBalances, ...]) -> Proof:
    sides = {s: sum(a.calculated.amount_minor for a in accounts if a.side == s) for s in ("left", "right")}
    totals = open_of_sides(session, group_id, to_on, sides)
    accepted = accepted_differences(session, group_id, to_on)
    exported = exported_vouchers(session, group_id, to_on)
    return prove(
        totals["left"],
        totals["right"],
        accepted.amount_minor,
        accepted.count,
        exported.amount_minor,
        exported.count,
    )


def _from_document(session: Session, group: AccountGroup, document: Document) -> GroupBalances:
    before = _approved(session, group.id, document.from_on - timedelta(days=1))
    accounts = accounts_from(document.figures)
    return GroupBalances(
        group.id,
        group.currency,
        Period(document.from_on, document.to_on),
        Predecessor(before.number or "", before.to_on) if before else None,
        accounts,
        tuple(closings_from(document.figures)),
        proof_from(document.figures),
        document.number,
    )


def _approved(session: Session, group_id: int, to_on: date) -> Document | None:
    """The newest approved document that ends on or before a day."""
    query = select(Document).where(Document.group_id == group_id, Document.state == "approved", Document.to_on <= to_on)
    return session.scalars(query.order_by(Document.to_on.desc()).limit(1)).one_or_none()


def newest_day(session: Session, group: AccountGroup) -> date:
    """The newest day of a statement balance of the group's accounts, else of a line, else the group's first day."""
    accounts = [source_account(member) for member in members_of(session, group.id)]
    stated = select(func.max(StatementBalance.on_date)).where(
        StatementBalance.account_id.in_(accounts),
        StatementBalance.kind == "closing",
        StatementBalance.withdrawn_event_id.is_(None),
    )
    booked = select(func.max(GroupLine.booked_on)).where(GroupLine.group_id == group.id)
    return session.scalar(stated) or session.scalar(booked) or group.start_on


def statement_of(session: Session, member: GroupAccount, to_on: date) -> Figure | None:
    """The newest given balance up to a day, in the group's sign; the opening of a day closes the day before."""
    query = select(StatementBalance.kind, StatementBalance.on_date, StatementBalance.amount_minor).where(
        StatementBalance.account_id == source_account(member),
        StatementBalance.withdrawn_event_id.is_(None),
        StatementBalance.on_date <= to_on + timedelta(days=1),
    )
    sign = -1 if negated(member) else 1
    closings: dict[date, int] = {}
    openings: dict[date, int] = {}
    for kind, on, minor in session.execute(query):
        day, known = (on, closings) if kind == "closing" else (on - timedelta(days=1), openings)
        known[day] = sign * minor
    return statement_as_of([Figure(minor, day) for day, minor in {**openings, **closings}.items()], to_on)


def negated(member: GroupAccount) -> bool:
    """Whether the group reads the account's lines with changed sign; twice changed is unchanged."""
    return member.negate != (member.account_import.negate if member.account_import else False)


def filtered(member: GroupAccount) -> bool:
    return bool(member.filter or (member.account_import and member.account_import.filter))


def display_name(member: GroupAccount) -> str:
    """The account as panes, balances and PDF call it: an import by its own name."""
    if member.account_import is not None:
        return member.account_import.name
    account = member.account
    return f"{account.number} {account.name}".strip() if account else ""
