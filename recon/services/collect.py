"""Whatever lies in a source is taken in: each file whole or not at all, then put away with its outcome.

Interrupted anywhere, nothing is doubled and nothing is lost: a file is stored and written down in one transaction, and
put away after it. One that is met again in its place, stored but not put away, is only put away.
"""

from __future__ import annotations

import datetime as dt
import fnmatch
import hashlib
import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import PurePosixPath

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from recon.access import Actor, Permission
from recon.database.audit import record
from recon.database.models import CollectedFile, Source
from recon.errors import Refusal
from recon.intake.revisions import Covered
from recon.intake.statement import Reading
from recon.services.import_file import import_delivered
from recon.services.judge_lines import NO_DECISIONS, Decisions
from recon.services.read_delivery import read_delivery
from recon.services.read_rows import read_rows, window
from recon.services.sources import source_for
from recon.sources.folder import folder_of
from recon.sources.place import ARCHIVE, LARGEST, QUARANTINE, Found, Gone, Place, Unreachable, finished
from recon.sources.sftp import Address, remote_of
from rules.wording import _

SETTLE = 5.0
"""Seconds for which a file must have stood still before it is taken: somebody may be writing it."""

Sessions = Callable[[], Session]


@dataclass(frozen=True, slots=True)
class Taken:
    """One file: its name, its outcome, a sentence, and how many of its lines are new."""

    name: str
    outcome: str
    said: str
    new: int = 0


@dataclass(frozen=True, slots=True)
class Collected:
    """What reading one source gave. Not `reached`: `said` tells why."""

    source: str
    reached: bool
    said: str
    files: tuple[Taken, ...] = ()

    @property
    def new(self) -> int:
        return sum(taken.new for taken in self.files)


def collect(
    sessions: Sessions,
    actor: Actor,
    source_id: int,
    *,
    environment: Mapping[str, str] = os.environ,
    settle: float = SETTLE,
) -> Collected:
    """Read one source now. It owns its sessions and commits, because every file is a transaction of its own.

    A source that cannot be reached is no exception but an answer. Raises NotFound, NotAllowed.
    """
    with sessions() as session:
        source = source_for(session, actor, source_id, Permission.IMPORT)
        name, kind, place, pattern = source.name, source.kind, dict(source.place), source.pattern
    try:
        if kind == "sql":
            files = _take_rows(sessions, actor, source_id, environment)
        else:
            with _opened(kind, place, environment) as opened:
                files = tuple(_take_files(sessions, actor, source_id, opened, pattern, settle))
    except Unreachable as error:
        _note(sessions, source_id, False, str(error))
        return Collected(name, False, str(error))
    said = _summary(files)
    _note(sessions, source_id, True, said)
    return Collected(name, True, said, files)


@contextmanager
def _opened(kind: str, place: Mapping[str, object], environment: Mapping[str, str]) -> Iterator[Place]:
    if kind == "folder":
        with folder_of(str(place["path"])) as folder:
            yield folder
    else:
        told = {key: str(value) for key, value in place.items() if key != "port"}
        with remote_of(Address(**told, port=int(str(place.get("port", 22)))), environment) as remote:
            yield remote


def _take_files(
    sessions: Sessions, actor: Actor, source_id: int, place: Place, pattern: str, settle: float
) -> Iterator[Taken]:
    _quarantine(sessions, source_id, place)
    for found in finished(place.files(), time.time(), settle):
        if fnmatch.fnmatch(found.name.lower(), pattern.lower()) and found.size <= LARGEST:
            try:
                yield _take_file(sessions, actor, source_id, place, found)
            except Gone:
                continue


def _quarantine(sessions: Sessions, source_id: int, place: Place) -> None:
    """Files that were taken back since leave the archive."""
    going = select(CollectedFile).filter_by(source_id=source_id, outcome="withdrawn", filed_at=None)
    with sessions() as session, session.begin():
        for entry in session.scalars(going):
            place.put_away(f"{ARCHIVE}/{put_away_name(entry)}", QUARANTINE, put_away_name(entry))
            entry.filed_at = dt.datetime.now(dt.UTC)


def _take_file(sessions: Sessions, actor: Actor, source_id: int, place: Place, found: Found) -> Taken:
    content = place.content(found.name)
    digest = hashlib.sha256(content).hexdigest()
    with sessions() as session:
        entry_id = session.scalar(_lying(source_id, found.name, digest))
    if entry_id is None:
        entry_id = _take_in(sessions, actor, source_id, found.name, digest, content)
    with sessions() as session, session.begin():
        entry = session.get_one(CollectedFile, entry_id)
        folder = QUARANTINE if entry.outcome in ("refused", "withdrawn") else ARCHIVE
        place.put_away(found.name, folder, put_away_name(entry))
        entry.filed_at = dt.datetime.now(dt.UTC)
        return Taken(entry.name, entry.outcome, entry.said, entry.new_rows)


def _lying(source_id: int, name: str, digest: str) -> Select[int]:
    """The entry of a file that was written down, and interrupted before it was put away."""
    return (
        select(CollectedFile.id)
        .filter_by(source_id=source_id, name=name, sha256=digest)
        .where(CollectedFile.filed_at.is_(None))
        .limit(1)
    )


def put_away_name(entry: CollectedFile) -> str:
    """Under which name a file is put away: unique, and told apart by day."""
    return f"{entry.at:%Y-%m-%d}-{entry.id}-{PurePosixPath(entry.name).name}"


def _take_in(sessions: Sessions, actor: Actor, source_id: int, name: str, digest: str, content: bytes) -> int:
    """Store the file and write down that it came, in one transaction; refused, only write that down."""

    def read(session: Session, source: Source) -> tuple[Reading, Decisions]:
        _refuse_withdrawn(session, source, digest)
        given = read_delivery(session, content, name, company_id=source.company_id, account=source.account)
        return given.reading, NO_DECISIONS

    try:
        with sessions() as session, session.begin():
            return _stored(session, actor, source_id, _Arrived(name, digest, len(content)), read)
    except Unreachable:
        raise
    except Refusal as refusal:
        with sessions() as session, session.begin():
            return _refused(session, actor, source_id, _Arrived(name, digest, len(content)), str(refusal))


@dataclass(frozen=True, slots=True)
class _Arrived:
    name: str
    sha256: str
    size: int


def _stored(
    session: Session,
    actor: Actor,
    source_id: int,
    arrived: _Arrived,
    read: Callable[[Session, Source], tuple[Reading, Decisions]],
) -> int:
    source = session.get_one(Source, source_id)
    entry = _entry(session, source, arrived, "stored", "")
    reading, decisions = read(session, source)
    done = import_delivered(session, actor, reading, entry, account=source.account, decisions=decisions)
    entry.outcome = "stored" if done.new else "known"
    entry.new_rows, entry.known_rows = done.new, done.known
    told = [_("{new} new lines, {known} known").format(new=done.new, known=done.known)]
    entry.said = "; ".join([*told, *(f.sentence for f in done.plan.findings if f.severity != "info")])
    session.flush()
    return entry.id


def _refused(session: Session, actor: Actor, source_id: int, arrived: _Arrived, sentence: str) -> int:
    source = session.get_one(Source, source_id)
    entry = _entry(session, source, arrived, "refused", sentence)
    after = {"file": arrived.name, "sha256": arrived.sha256, "said": sentence}
    record(session, actor, source.company_id, "refuse file", f"source {source.name}", after=after)
    return entry.id


def _entry(session: Session, source: Source, arrived: _Arrived, outcome: str, said: str) -> CollectedFile:
    entry = CollectedFile(
        source_id=source.id,
        name=arrived.name[:200],
        sha256=arrived.sha256,
        size=arrived.size,
        at=dt.datetime.now(dt.UTC),
        outcome=outcome,
        said=said,
    )
    entry.source = source
    session.add(entry)
    session.flush()
    return entry


def _refuse_withdrawn(session: Session, source: Source, digest: str) -> None:
    """What an administrator took back does not come in again by itself."""
    query = select(CollectedFile).filter_by(source_id=source.id, sha256=digest, outcome="withdrawn").limit(1)
    if (known := session.scalars(query).first()) is not None:
        raise Refusal(_("this file was taken back before: {reason}").format(reason=known.said))


def _take_rows(sessions: Sessions, actor: Actor, source_id: int, environment: Mapping[str, str]) -> tuple[Taken, ...]:
    """The rows of a database; what is as it was the last time is not written down again."""
    today = dt.datetime.now(dt.UTC).date()
    with sessions() as session:
        source = session.get_one(Source, source_id)
        name, place = source.name, dict(source.place)
        last = session.scalar(_latest(source_id))
    arrived = _Arrived(name, "", 0)
    try:
        reading = read_rows(name, place, environment, today)
        if reading.sha256 == last:
            return ()
        arrived = _Arrived(name, reading.sha256, sum(s.lines.nbytes for s in reading.statements))
        decisions = Decisions(covers=Covered(*window(place, today)))
        with sessions() as session, session.begin():
            entry_id = _stored(session, actor, source_id, arrived, lambda *_given: (reading, decisions))
    except Unreachable:
        raise
    except Refusal as refusal:
        with sessions() as session, session.begin():
            entry_id = _refused(session, actor, source_id, arrived, str(refusal))
    with sessions() as session, session.begin():
        entry = session.get_one(CollectedFile, entry_id)
        entry.filed_at = entry.at
        return (Taken(entry.name, entry.outcome, entry.said, entry.new_rows),)


def _latest(source_id: int) -> Select[str]:
    return (
        select(CollectedFile.sha256)
        .where(CollectedFile.source_id == source_id, CollectedFile.outcome.in_(("stored", "known")))
        .order_by(CollectedFile.id.desc())
        .limit(1)
    )


def _note(sessions: Sessions, source_id: int, reached: bool, said: str) -> None:
    with sessions() as session, session.begin():
        source = session.get_one(Source, source_id)
        source.heard_at, source.reached, source.said = dt.datetime.now(dt.UTC), reached, said


def _summary(files: tuple[Taken, ...]) -> str:
    if not files:
        return _("nothing new")
    refused = sum(taken.outcome == "refused" for taken in files)
    told = _("{count} taken in, {new} new lines").format(
        count=len(files) - refused, new=sum(taken.new for taken in files)
    )
    return told + (_(", {refused} refused").format(refused=refused) if refused else "")
