"""A person's words and files on a line in its group, or on a match: kept here only, shown in the report."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from recon.access import Actor, Permission
from recon.database.audit import record
from recon.database.models import AccountGroup, Attachment, GroupLine, Match, Note
from recon.errors import NotFound, Refusal
from recon.services.find_group import group_for
from rules.wording import _

LONGEST_NOTE = 4_000
LARGEST_FILE = 10_000_000
"""Bytes."""

MEDIA_TYPES = {
    b"%PDF-": "application/pdf",
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"PK\x03\x04": "application/zip",
}
"""What a file is, told by its first bytes; anything else is text or unnamed bytes."""


@dataclass(frozen=True)
class Target:
    """What a note or file is put to: a line of the group, or one of its matches."""

    line_id: int | None = None
    match_id: int | None = None

    def told(self) -> str:
        return f"line {self.line_id}" if self.line_id is not None else f"match {self.match_id}"


def remarked(session: Session, group_id: int, line_ids: Collection[int]) -> set[int]:
    """Those of a group's lines that have a note or a file."""
    notes = select(Note.line_id).where(Note.group_id == group_id, Note.line_id.in_(line_ids))
    files = select(Attachment.line_id).where(Attachment.group_id == group_id, Attachment.line_id.in_(line_ids))
    standing = files.where(Attachment.removed_event_id.is_(None))
    return {key for key in (*session.scalars(notes), *session.scalars(standing)) if key is not None}


def write_note(session: Session, actor: Actor, group_id: int, target: Target, body: str) -> Note:
    """Add a note. Raises Refusal where it is empty or longer than LONGEST_NOTE."""
    group = _group(session, actor, group_id, target)
    body = body.strip()
    if not body:
        raise Refusal(_("Write something."))
    if len(body) > LONGEST_NOTE:
        raise Refusal(_("A note has at most {most} characters.").format(most=LONGEST_NOTE))
    after = {"note": body}
    event = record(session, actor, group.company_id, "note", f"group {group.id} {target.told()}", after=after)
    note = Note(
        group_id=group.id,
        author_id=actor.user_id,
        at=event.at,
        body=body,
        event_id=event.id,
        line_id=target.line_id,
        match_id=target.match_id,
    )
    session.add(note)
    session.flush()
    return note


def attach_file(session: Session, actor: Actor, group_id: int, target: Target, name: str, content: bytes) -> Attachment:
    """Keep a file. Raises Refusal where it is empty or larger than LARGEST_FILE."""
    group = _group(session, actor, group_id, target)
    if not content:
        raise Refusal(_("{file} is empty.").format(file=name))
    if len(content) > LARGEST_FILE:
        raise Refusal(_("{file} is larger than {most} MB.").format(file=name, most=LARGEST_FILE // 1_000_000))
    sha256 = hashlib.sha256(content).hexdigest()
    after = {"file": name, "sha256": sha256, "size": len(content)}
    what = f"group {group.id} {target.told()}"
    event = record(session, actor, group.company_id, "attach", what, after=after, digest=sha256)
    attachment = Attachment(
        group_id=group.id,
        name=re.sub(r"[\x00-\x1f\x7f/\\]", "", name)[-200:] or "file",
        media_type=media_type(content),
        size=len(content),
        sha256=sha256,
        content=content,
        author_id=actor.user_id,
        at=event.at,
        event_id=event.id,
        line_id=target.line_id,
        match_id=target.match_id,
    )
    session.add(attachment)
    session.flush()
    return attachment


def remove_attachment(session: Session, actor: Actor, attachment_id: int) -> None:
    """Take a file away: it is no longer shown; what it was stays in the log. By who put it there, or who may match."""
    attachment = attachment_for(session, actor, attachment_id)
    group = group_for(session, actor, attachment.group_id, Permission.MATCH)
    before = {"file": attachment.name, "sha256": attachment.sha256}
    event = record(session, actor, group.company_id, "remove attachment", f"group {group.id}", before=before)
    attachment.removed_event_id = event.id
    session.flush()


def attachment_for(session: Session, actor: Actor, attachment_id: int) -> Attachment:
    """A file that the actor may see. Raises NotFound."""
    attachment = session.get(Attachment, attachment_id)
    if attachment is None or attachment.removed_event_id is not None:
        raise NotFound(_("There is no such attachment."))
    group_for(session, actor, attachment.group_id, Permission.VIEW)
    return attachment


def remarks_on(session: Session, group_id: int, target: Target) -> tuple[list[Note], list[Attachment]]:
    """Notes and files of a line or match, oldest first."""
    column = "line_id" if target.line_id is not None else "match_id"
    key = getattr(target, column)
    notes = select(Note).where(Note.group_id == group_id, getattr(Note, column) == key).order_by(Note.id)
    files = select(Attachment).where(Attachment.group_id == group_id, getattr(Attachment, column) == key)
    standing = files.where(Attachment.removed_event_id.is_(None)).order_by(Attachment.id)
    return list(session.scalars(notes)), list(session.scalars(standing))


def media_type(content: bytes) -> str:
    """By content, never by name: a page must not be told that bytes are something they are not."""
    for start, kind in MEDIA_TYPES.items():
        if content.startswith(start):
            return kind
    try:
        content[:4096].decode("utf-8")
    except UnicodeDecodeError:
        return "application/octet-stream"
    return "application/octet-stream" if b"\0" in content[:4096] else "text/plain"


def _group(session: Session, actor: Actor, group_id: int, target: Target) -> AccountGroup:
    """The group in which the target stands. Raises NotFound."""
    group = group_for(session, actor, group_id, Permission.MATCH)
    if target.line_id is not None:
        known: object = session.get(GroupLine, (group.id, target.line_id))
    else:
        query = select(Match).where(Match.id == target.match_id, Match.group_id == group.id)
        known = session.scalars(query).one_or_none()
    if known is None:
        raise NotFound(_("There is no such line or match in {group}.").format(group=group.name))
    return group
