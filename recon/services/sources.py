"""Where a company's lines come from by themselves: sources are added, paused and removed by its administrator."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from recon.access import Actor, Permission, require
from recon.database.audit import record
from recon.database.models import Account, CollectedFile, Source
from recon.errors import NotFound, Refusal
from rules.wording import _

FIELDS: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "folder": (("path",), ()),
    "sftp": (("host", "user", "folder", "host_key"), ("port", "key_file", "password")),
    "sql": (("url", "lines", "columns"), ("balances", "days")),
}
"""Kind -> what its place must say, and what it may say (models.connections.Source tells what each is)."""

_VARIABLES = ("url", "key_file", "password")
_READ_QUERY = re.compile(r"\s*(select|with)\b", re.IGNORECASE)


def add_source(
    session: Session,
    actor: Actor,
    company_id: int,
    *,
    name: str,
    kind: str,
    place: Mapping[str, Any],
    pattern: str = "*",
    account_id: int | None = None,
) -> Source:
    """A new source of the company. Raises Refusal where its place lacks something, or the name is taken."""
    require(actor, company_id, Permission.MANAGE_SOURCES)
    name = name.strip()
    if not name:
        raise Refusal(_("give the source a name"))
    if session.scalars(select(Source.id).filter_by(company_id=company_id, name=name)).first() is not None:
        raise Refusal(_("there is a source {name} already").format(name=name))
    account = session.get(Account, account_id) if account_id else None
    if account_id and (account is None or account.company_id != company_id):
        raise NotFound(_("there is no such account in this company"))
    checked = checked_place(kind, place)
    after = {"kind": kind, "place": checked, "pattern": pattern, "account": account.number if account else None}
    event = record(session, actor, company_id, "add source", f"source {name}", after=after)
    source = Source(
        company_id=company_id,
        name=name,
        kind=kind,
        place=checked,
        pattern=pattern.strip() or "*",
        account_id=account_id,
        event_id=event.id,
    )
    session.add(source)
    session.flush()
    return source


def checked_place(kind: str, place: Mapping[str, Any]) -> dict[str, Any]:
    """The place with what its kind knows, and nothing missing. Secrets are named, never held."""
    if kind not in FIELDS:
        raise Refusal(_("there is no kind of source {kind}").format(kind=kind))
    needed, possible = FIELDS[kind]
    told = {key: place[key] for key in (*needed, *possible) if place.get(key) not in (None, "", {})}
    missing = [key for key in needed if key not in told]
    if kind == "sftp" and not (told.get("key_file") or told.get("password")):
        missing.append("key_file")
    if missing:
        raise Refusal(_("the source lacks {fields}").format(fields=", ".join(missing)))
    for key in _VARIABLES:
        if key in told and not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", str(told[key])):
            raise Refusal(_("{field} is the name of an environment variable, not the secret itself").format(field=key))
    for key in ("lines", "balances"):
        if key in told and not _READ_QUERY.match(str(told[key])):
            raise Refusal(_("the query for {field} must begin with SELECT or WITH").format(field=key))
    for key in ("port", "days"):
        if key in told and not str(told[key]).isdecimal():
            raise Refusal(_("{field} must be a whole number").format(field=key))
    return {key: int(value) if key in ("port", "days") else value for key, value in told.items()}


def pause_source(session: Session, actor: Actor, source_id: int, paused: bool) -> Source:
    """Stop reading a source, or read it again."""
    source = source_for(session, actor, source_id)
    if source.paused != paused:
        verb = "pause source" if paused else "resume source"
        record(session, actor, source.company_id, verb, f"source {source.name}")
        source.paused = paused
        session.flush()
    return source


def remove_source(session: Session, actor: Actor, source_id: int) -> None:
    """Remove a source for good; the record of what it gave stays."""
    source = source_for(session, actor, source_id)
    event = record(session, actor, source.company_id, "remove source", f"source {source.name}")
    source.removed_event_id, source.paused = event.id, True
    source.name = f"{source.name} ({event.id})"[:200]
    session.flush()


def source_for(
    session: Session, actor: Actor, source_id: int, permission: Permission = Permission.MANAGE_SOURCES
) -> Source:
    source = session.get(Source, source_id)
    if source is None or not actor.sees(source.company_id) or source.removed_event_id is not None:
        raise NotFound(_("there is no such source"))
    require(actor, source.company_id, permission)
    return source


def sources_of(session: Session, company_id: int) -> list[Source]:
    """The standing sources of a company, by name."""
    query = select(Source).where(Source.company_id == company_id, Source.removed_event_id.is_(None))
    return list(session.scalars(query.order_by(Source.name)))


def collected_of(session: Session, company_id: int, most: int = 100) -> list[CollectedFile]:
    """What the sources of a company gave, the latest first."""
    query = select(CollectedFile).join(Source).where(Source.company_id == company_id)
    return list(session.scalars(query.order_by(CollectedFile.id.desc()).limit(most)))
