"""Balances that files give: kept once an account, kind and day, and compared with what is known already."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from recon.database.audit import digest_of
from recon.database.models import Account, Batch, StatementBalance
from recon.intake.statement import Statement
from rules.errors import Finding
from rules.values import said_day, said_money
from rules.wording import _


@dataclass(frozen=True)
class GivenBalance:
    """A balance of an account at the start (`opening`) or the end (`closing`) of a day, in the account's sign."""

    account_id: int
    kind: str
    on_date: dt.date
    amount_minor: int

    def to_json(self) -> dict[str, Any]:
        return {**asdict(self), "on_date": self.on_date.isoformat()}

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> GivenBalance:
        return cls(**{**stored, "on_date": dt.date.fromisoformat(stored["on_date"])})


def balances_digest(balances: Sequence[dict[str, Any]]) -> str:
    """The digest that an import's event holds of the balances its file gave."""
    return digest_of([balance[name] for name in sorted(balance)] for balance in balances)


def given_balances(account: Account, statements: Sequence[Statement]) -> list[GivenBalance]:
    """Opening and closing of each statement that says on which day."""
    return list(_given(account, statements))


def _given(account: Account, statements: Sequence[Statement]) -> Iterator[GivenBalance]:
    for each in statements:
        opens, closes = (
            each.from_on or (each.opening and each.opening.on),
            (each.closing and each.closing.on) or each.to_on,
        )
        if each.opening and opens and each.opening.currency == account.currency:
            yield GivenBalance(account.id, "opening", opens, each.opening.amount_minor)
        if each.closing and closes and each.closing.currency == account.currency:
            yield GivenBalance(account.id, "closing", closes, each.closing.amount_minor)


def stored_balance(session: Session, given: GivenBalance) -> StatementBalance | None:
    """The live balance of the same account, kind and day."""
    return session.scalars(
        select(StatementBalance).where(
            StatementBalance.account_id == given.account_id,
            StatementBalance.kind == given.kind,
            StatementBalance.on_date == given.on_date,
            StatementBalance.withdrawn_event_id.is_(None),
        )
    ).first()


def store_balances(session: Session, event_id: int, batch: Batch, given: Sequence[GivenBalance]) -> None:
    """Keep the balances that are not known yet; one that disagrees with a known one is a finding, not a change."""
    for each in given:
        if stored_balance(session, each) is None:
            session.add(StatementBalance(**asdict(each), batch_id=batch.id, event_id=event_id))
            session.flush()


def balance_findings(session: Session, account: Account, statements: Sequence[Statement]) -> list[Finding]:
    """Balances that disagree with those known, and an opening that is not the closing of the day it follows."""
    findings = []
    for given in given_balances(account, statements):
        known = stored_balance(session, given)
        if known is not None and known.amount_minor != given.amount_minor:
            findings.append(_disagreement(account, given, known))
        if given.kind == "opening" and (finding := _broken_chain(session, account, given)):
            findings.append(finding)
    return findings


def _disagreement(account: Account, given: GivenBalance, known: StatementBalance) -> Finding:
    told = _(
        "account {account}: the file gives {given} as the balance of {day}, and {known} is known; that one is kept"
    )
    sentence = told.format(
        account=account.number,
        given=said_money(given.amount_minor, account.currency),
        day=said_day(given.on_date),
        known=said_money(known.amount_minor, account.currency),
    )
    return Finding("balance-disagrees", "warning", account.number, sentence)


def _broken_chain(session: Session, account: Account, given: GivenBalance) -> Finding | None:
    """Between the previous closing and this opening no other balance is known: they must be equal."""
    previous = session.scalars(
        select(StatementBalance)
        .where(
            StatementBalance.account_id == account.id,
            StatementBalance.kind == "closing",
            StatementBalance.on_date < given.on_date,
            StatementBalance.withdrawn_event_id.is_(None),
        )
        .order_by(StatementBalance.on_date.desc())
    ).first()
    if previous is None or previous.amount_minor == given.amount_minor:
        return None
    told = _(
        "account {account}: the file opens with {opening} on {day}, and the statement before it closed with {closing}"
        " on {last}; days or lines between them are missing"
    )
    sentence = told.format(
        account=account.number,
        opening=said_money(given.amount_minor, account.currency),
        day=said_day(given.on_date),
        closing=said_money(previous.amount_minor, account.currency),
        last=said_day(previous.on_date),
    )
    return Finding("opening-differs", "warning", account.number, sentence)
