"""What may stand on a side of a group: by the group's kind and the account kinds that are ticked for that side."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from recon.access import Actor, Permission, require
from recon.database.models import Account, AccountImport

USUAL = {
    "bank": (("ledger",), ("bank",)),
    "intercompany": (("ledger", "customer", "supplier"), ("ledger", "customer", "supplier")),
    "interim": (("ledger",), ()),
    "statement": (("ledger",), ()),
    "control": (("ledger",), ("customer", "supplier")),
}
"""Account kinds that are ticked left and right when the kind of a group is chosen."""

IMPORTED_ON = ("bank", "intercompany")
"""Kinds of group on whose right side imported accounts are offered."""


def offered_sources(
    session: Session, actor: Actor, company_id: int, group_kind: str, side: str, ticked: Collection[str]
) -> list[Account | AccountImport]:
    """Accounts of the ticked kinds; on the right of a bank or intercompany group also imported accounts of them.

    Imported accounts follow the ticks of their own side: a kind ticked only on the left lists none of them.
    """
    require(actor, company_id, Permission.VIEW)
    own = select(Account).where(Account.company_id == company_id, Account.kind.in_(ticked))
    found: list[Account | AccountImport] = list(session.scalars(own.order_by(Account.kind, Account.number)))
    if side == "right" and group_kind in IMPORTED_ON:
        views = select(AccountImport).join(Account, Account.id == AccountImport.source_account_id)
        views = views.where(AccountImport.company_id == company_id, Account.kind.in_(ticked))
        found += session.scalars(views.order_by(AccountImport.name))
    return found
