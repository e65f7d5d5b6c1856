"""Where the lines of each account come from: folders, servers and databases that are read, and files by hand."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from recon.access import Actor, Permission, require
from recon.database.models import Account, Batch, BatchStatement, CollectedFile, Source


@dataclass
class AccountSources:
    """Names of standing sources that are for the account or have given lines of it; whether files came by hand."""

    names: set[str] = field(default_factory=set)
    by_hand: bool = False


def account_sources(session: Session, actor: Actor, company_id: int) -> dict[int, AccountSources]:
    """By account; one of which nothing is known has no entry."""
    require(actor, company_id, Permission.VIEW)
    found: defaultdict[int, AccountSources] = defaultdict(AccountSources)
    standing = (Source.company_id == company_id) & Source.removed_event_id.is_(None)
    named = select(Source.account_id, Source.name).where(standing, Source.account_id.is_not(None))
    gave = (
        select(BatchStatement.account_id, Source.name)
        .join(Batch, Batch.id == BatchStatement.batch_id)
        .join(CollectedFile, CollectedFile.id == Batch.collected_id)
        .join(Source, Source.id == CollectedFile.source_id)
        .where(standing)
        .distinct()
    )
    for account_id, name in [*session.execute(named), *session.execute(gave)]:
        found[account_id or 0].names.add(name)
    by_hand = (
        select(BatchStatement.account_id)
        .join(Batch, Batch.id == BatchStatement.batch_id)
        .join(Account, Account.id == BatchStatement.account_id)
        .where(Account.company_id == company_id, Batch.collected_id.is_(None), Batch.undone_event_id.is_(None))
        .distinct()
    )
    for account_id in session.scalars(by_hand):
        found[account_id].by_hand = True
    return dict(found)
