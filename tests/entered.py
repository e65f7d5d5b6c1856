"""Lines entered into a group for tests, by the same way as a file takes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from recon.access import Actor
from recon.database.models import Account, GroupLine, RuleSetVersion, StatementBalance, User
from recon.services.import_file import import_file
from recon.services.save_rule_set import link_rule_set, save_rule_set
from rules.codec import from_document
from tests.books import Books

Row = tuple[str, str, str, str]
"""Id, ISO date, amount, reference."""

EXACT = {
    "version": 1,
    "name": "Exact",
    "rules": [
        {
            "key": "reference",
            "name": "Same reference, same amount",
            "kind": "match",
            "cardinality": "one_to_one",
            "pair": {"all": [{"left": "reference", "op": "same", "right": "reference"}]},
        }
    ],
}


def operator(session: Session) -> Actor:
    user = User(email="operator@test", name="Operator", fs_uniquifier="operator", active=True, operator=True)
    session.add(user)
    session.flush()
    return Actor(user.id, operator=True, name="Operator")


def enter(session: Session, books: Books, account: Account, rows: Sequence[Row]) -> None:
    """Import rows as a canonical CSV file."""
    text = "id,booking_date,amount,currency,reference\n" + "".join(
        f"{key},{on},{amount},NOK,{reference}\n" for key, on, amount, reference in rows
    )
    import_file(session, books.preparer, text.encode(), name=f"{account.number}.csv", account=account)


def use_rules(session: Session, books: Books, document: dict[str, object] = EXACT) -> RuleSetVersion:
    """Save the rules for the company, in force for its group."""
    version = save_rule_set(session, books.actors["author"], books.company.id, from_document(document))
    link_rule_set(session, books.actors["author"], books.group.id, version.rule_set_id)
    return version


def line_ids(session: Session, books: Books, side: str) -> list[int]:
    """The group's lines of a side, in order of date and amount."""
    query = select(GroupLine.line_id).where(GroupLine.group_id == books.group.id, GroupLine.side == side)
    return list(session.scalars(query.order_by(GroupLine.booked_on, GroupLine.amount_minor)))


def state_balance(session: Session, account: Account, on: dt.date, minor: int, event_id: int) -> None:
    session.add(
        StatementBalance(account_id=account.id, kind="closing", on_date=on, amount_minor=minor, event_id=event_id)
    )
    session.flush()
