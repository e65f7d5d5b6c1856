"""One account of a file, judged by every rung: single lines, whole statements, parts of sums, vouchers changed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import select
from sqlalchemy.orm import Session

from recon.database.line_tables import stored_lines
from recon.database.models import Account, Allocation, Match
from recon.intake.duplicates import Rung
from recon.intake.lumps import Lump, attached, entries, tells_details, tells_more, words
from recon.intake.revisions import COMPARED, Change, Covered, changes
from recon.intake.statement import Statement
from recon.services.judge_lines import AccountLines, Decisions, Judgement, days_of, stored_of
from recon.services.known_statements import KnownStatement, known_statements

Rows = list[dict[str, Any]]
SOME_KEYS = 5_000
LUMP = (
    *("booked_on", "amount_minor", "entry", "part", "archive_reference", "reference", "end_to_end_id", "text"),
    *("kid", "invoice_number", "counterparty"),
)


def judge_account(
    session: Session,
    account: Account,
    statements: Sequence[Statement],
    format: str,
    decisions: Decisions,
    covered: Covered | None,
) -> AccountLines:
    """What of the account's statements is new. `covered`: the days of a ledger that the file holds whole."""
    judged = Judgement(account, statements, decisions)
    known = known_statements(session, account)
    days = days_of(judged.lines, format, covered)
    stored = stored_of(session, account, *days) if days else judged.lines.slice(0, 0)
    judged.recognise(stored)
    again = judged.again(known)
    lumps = _lumps(session, judged, known, format, days) if days and stored.num_rows else {}
    found = _changes(session, judged, stored, covered) if covered else ()
    replacing = _held_back(judged, found)
    new, places = judged.new_lines()
    return AccountLines(
        account=account,
        statements=tuple(statements),
        new=new,
        known=tuple(sorted(judged.known)),
        refused=judged.refused(),
        changes=found,
        replacing={places.get(place, place): line_id for place, line_id in replacing.items()},
        parts={line_id: tuple(places.get(place, place) for place in own) for line_id, own in lumps.items()},
        surplus=len(judged.surplus),
        again=again,
        decisions=decisions,
        covered=covered,
    )


# ledgers exported again


def _changes(session: Session, judged: Judgement, stored: pa.Table, covered: Covered) -> tuple[Change, ...]:
    """Stored lines on covered days that the file has otherwise, or not at all."""
    inside = pc.and_(
        pc.greater_equal(stored["booked_on"], pa.scalar(covered.first)),
        pc.less_equal(stored["booked_on"], pa.scalar(covered.last)),
    )
    missing = sorted(set(stored.filter(inside)["id"].to_pylist()) - judged.known)
    if not missing:
        return ()
    return changes(_rows_of(session, missing, COMPARED), judged.rows(judged.new_places()))


def _held_back(judged: Judgement, found: Iterable[Change]) -> dict[int, int]:
    """Place -> stored line of changed lines that are accepted; what is not accepted is kept out."""
    changed = {change.place: change.line_id for change in found if change.place is not None}
    if judged.decisions.accept_changes:
        return changed
    judged.refuse(changed, Rung.CHANGED)
    return {}


def _rows_of(session: Session, keys: Sequence[int], columns: Iterable[str]) -> Rows:
    rows: Rows = []
    for start in range(0, len(keys), SOME_KEYS):
        listed = ", ".join(map(str, keys[start : start + SOME_KEYS]))
        rows += stored_lines(session, f"l.id IN ({listed}) AND l.withdrawn_event_id IS NULL", columns).to_pylist()
    return rows


# sums and their parts


def _lumps(
    session: Session,
    judged: Judgement,
    known: Sequence[KnownStatement],
    format: str,
    days: tuple[date, date],
) -> dict[int, tuple[int, ...]]:
    """Stored lump -> places of the lines that take its place. Money that is here already is kept out."""
    places = judged.new_places()
    details = {k.batch_id for k in known if tells_details(k.format)}
    if not places or Rung.PARTS in judged.decisions.anyway or not (details or tells_details(format)):
        return {}
    rows = judged.rows(places)
    if tells_details(format):
        return _parts_of_lumps(session, judged, rows, days, known, details)
    _known_by_parts(session, judged, rows, days, details)
    return {}


def _parts_of_lumps(
    session: Session,
    judged: Judgement,
    rows: list[tuple[int, dict[str, Any]]],
    days: tuple[date, date],
    known: Sequence[KnownStatement],
    details: set[int],
) -> dict[int, tuple[int, ...]]:
    lumps = {row["id"]: row for row in _stored_between(session, judged, days, details, inside=False)}
    fixed = _approved(session, lumps)
    by_place = dict(rows)
    stored = [Lump(r["booked_on"], r["amount_minor"], words(r), line_id=r["id"]) for r in lumps.values()]
    pairs = attached(entries(rows), [lump for lump in stored if not lumps[lump.line_id]["part"]])
    parts: dict[int, tuple[int, ...]] = {}
    for entry, lump in pairs:
        told = [by_place[place] for place in entry.places]
        if lump.line_id in fixed or not tells_more(told, lumps[lump.line_id]):
            judged.refuse(entry.places, Rung.PARTS, [lump.line_id])
        else:
            parts[lump.line_id] = entry.places
    _without_lump(judged, rows, pairs, known)
    return parts


def _without_lump(
    judged: Judgement,
    rows: list[tuple[int, dict[str, Any]]],
    pairs: list[tuple[Lump, Lump]],
    known: Sequence[KnownStatement],
) -> None:
    """Entries on days that a statement covers, without a sum in it: not money of that account."""
    paired = {place for entry, _lump in pairs for place in entry.places}
    whole = [k for k in known if not tells_details(k.format) and k.closing_minor is not None]
    judged.refuse(
        [p for p, row in rows if p not in paired and any(k.covers(row["booked_on"]) for k in whole)], Rung.NO_LUMP
    )


def _known_by_parts(
    session: Session,
    judged: Judgement,
    rows: list[tuple[int, dict[str, Any]]],
    days: tuple[date, date],
    details: set[int],
) -> None:
    """A statement after its details: a sum whose parts are here is known by them."""
    own = _stored_between(session, judged, days, details, inside=True)
    keys = {place: row["id"] for place, row in enumerate(own)}
    for entry, parts in attached(entries(rows), entries(list(enumerate(own)))):
        judged.refuse(entry.places, Rung.PARTS, [keys[place] for place in parts.places])


def _stored_between(
    session: Session, judged: Judgement, days: tuple[date, date], details: set[int], inside: bool
) -> Rows:
    """Live imported lines of the account on some days that detail files brought, or that they did not."""
    listed = ", ".join(map(str, sorted(details))) or "0"
    brought = f"EXISTS (SELECT 1 FROM batch_line bl WHERE bl.line_id = l.id AND bl.batch_id IN ({listed}))"  # noqa: S608
    where = (
        f"l.account_id = {int(judged.account.id)} AND l.origin = 'imported' AND l.withdrawn_event_id IS NULL"
        f" AND l.booked_on BETWEEN '{days[0]}' AND '{days[1]}' AND {'' if inside else 'NOT '}{brought}"
    )
    rows = stored_lines(session, where, LUMP).to_pylist()
    return [row for row in rows if row["id"] not in judged.known]


def _approved(session: Session, line_ids: Iterable[int]) -> set[int]:
    """Lines that an approved match holds: they stay as they are."""
    keys = sorted(line_ids)
    found: set[int] = set()
    for start in range(0, len(keys), SOME_KEYS):
        query = select(Allocation.line_id).join(Match, Match.id == Allocation.match_id)
        held = (Allocation.line_id.in_(keys[start : start + SOME_KEYS]), Allocation.undone_event_id.is_(None))
        found |= {key for key in session.scalars(query.where(*held, Match.state == "approved")) if key is not None}
    return found
