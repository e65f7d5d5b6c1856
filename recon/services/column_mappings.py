"""Saved mappings of columns: kept for a company or one of its accounts, found again by a file's headings."""

from __future__ import annotations

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from recon.access import Actor, Permission, require
from recon.database.audit import record
from recon.database.models import Account, ColumnMapping
from recon.errors import NotFound, Refusal
from recon.intake.mapping import Profile
from rules.wording import _


def save_mapping(
    session: Session, actor: Actor, company_id: int, name: str, profile: Profile, account: Account | None = None
) -> ColumnMapping:
    """Keep a profile under its name; a mapping of that name is changed. Files with its headings are read by it."""
    require(actor, company_id, Permission.EDIT_MAPPINGS)
    name = name.strip()
    if not name:
        raise Refusal(_("give the mapping a name"))
    if account is not None and account.company_id != company_id:
        raise NotFound(_("there is no such account in this company"))
    known = session.scalars(select(ColumnMapping).filter_by(company_id=company_id, name=name)).one_or_none()
    body, before = profile.to_document(), known.body if known else None
    mapping = known or ColumnMapping(company_id=company_id, name=name)
    mapping.account_id = account.id if account else None
    mapping.fingerprint, mapping.body = profile.fingerprint, body
    session.add(mapping)
    session.flush()
    verb = "change mapping" if known else "add mapping"
    record(session, actor, company_id, verb, f"mapping {mapping.id}", before=before, after={"name": name, **body})
    return mapping


def remove_mapping(session: Session, actor: Actor, mapping_id: int) -> None:
    """Forget a mapping; what was read by it stays."""
    mapping = session.get(ColumnMapping, mapping_id)
    if mapping is None or not actor.sees(mapping.company_id):
        raise NotFound(_("there is no such mapping"))
    require(actor, mapping.company_id, Permission.EDIT_MAPPINGS)
    before = {"name": mapping.name, **mapping.body}
    record(session, actor, mapping.company_id, "remove mapping", f"mapping {mapping.id}", before=before)
    session.delete(mapping)
    session.flush()


def mapping_named(session: Session, actor: Actor, company_id: int | None, name: str) -> ColumnMapping:
    """The saved mapping of that name, in the company or in the only one that the actor sees it in."""
    found = session.scalars(select(ColumnMapping).where(ColumnMapping.name == name).order_by(ColumnMapping.id)).all()
    seen = [m for m in found if actor.sees(m.company_id) and company_id in (None, m.company_id)]
    if not seen:
        raise NotFound(_("there is no mapping {name}").format(name=name))
    if len(seen) > 1:
        raise Refusal(_("there are {count} mappings {name}: name the company").format(count=len(seen), name=name))
    return seen[0]


def mapping_of_headings(
    session: Session, company_id: int, fingerprint: str, account: Account | None = None
) -> ColumnMapping | None:
    """The saved mapping for these headings: the account's own first, then one for any account. Without an account, the
    one there is; several are as good as none."""
    query = select(ColumnMapping).where(
        ColumnMapping.company_id == company_id, ColumnMapping.fingerprint == fingerprint
    )
    if account is not None:
        query = query.where(or_(ColumnMapping.account_id == account.id, ColumnMapping.account_id.is_(None)))
    found = session.scalars(query.order_by(ColumnMapping.account_id.is_(None), ColumnMapping.id)).all()
    return found[0] if len(found) == 1 or (found and account is not None) else None


def profile_of(mapping: ColumnMapping) -> Profile:
    return Profile.from_document(mapping.body)
