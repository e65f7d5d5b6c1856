"""Matches, allocations and remainders: whole statements over all rows, each finding naming one of them."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import text
from sqlalchemy.orm import Session

from recon.database.audit import allocation_digest
from recon.services.verify_events import broken
from rules.errors import Finding
from rules.wording import _

_LIVE = "a.undone_event_id IS NULL"

_UNBALANCED = """
    SELECT m.id FROM match m JOIN allocation a ON a.match_id = m.id
    WHERE m.undone_event_id IS NOT NULL OR a.undone_event_id IS NULL
    GROUP BY m.id HAVING SUM(CASE WHEN a.side = 'left' THEN a.amount_minor ELSE -a.amount_minor END) <> 0
    ORDER BY m.id"""

_EMPTY = """
    SELECT m.id FROM match m WHERE NOT EXISTS (SELECT 1 FROM allocation a WHERE a.match_id = m.id) ORDER BY m.id"""

_HALF_UNDONE = """
    SELECT a.id FROM allocation a JOIN match m ON m.id = a.match_id
    WHERE m.undone_event_id IS NOT NULL AND a.undone_event_id IS NULL ORDER BY a.id"""

_NOT_IN_GROUP = f"""
    SELECT a.id FROM allocation a JOIN match m ON m.id = a.match_id
    LEFT JOIN group_line gl ON gl.group_id = m.group_id AND gl.line_id = a.line_id AND gl.side = a.side
    WHERE a.line_id IS NOT NULL AND {_LIVE} AND gl.line_id IS NULL ORDER BY a.id"""  # noqa: S608

_REMAINDERS = f"""
    SELECT gl.group_id, gl.line_id FROM group_line gl LEFT JOIN (
        SELECT m.group_id, a.line_id, MIN(CASE WHEN m.state = 'suggested' THEN m.id END) AS holder,
               SUM(CASE WHEN m.state <> 'suggested' THEN a.amount_minor ELSE 0 END) AS minor,
               SUM(CASE WHEN m.state <> 'suggested' THEN 1 ELSE 0 END) AS times
        FROM allocation a JOIN match m ON m.id = a.match_id
        WHERE {_LIVE} AND a.line_id IS NOT NULL GROUP BY m.group_id, a.line_id
    ) t ON t.group_id = gl.group_id AND t.line_id = gl.line_id
    WHERE gl.open_minor <> gl.amount_minor - COALESCE(t.minor, 0)
       OR COALESCE(gl.held_by_match_id, 0) <> COALESCE(t.holder, 0)
       OR gl.is_open <> (gl.amount_minor <> COALESCE(t.minor, 0) OR COALESCE(t.times, 0) = 0)
    ORDER BY gl.group_id, gl.line_id"""  # noqa: S608

_DOUBLE_CLAIMS = f"""
    SELECT gl.group_id, gl.line_id FROM group_line gl JOIN match m ON m.group_id = gl.group_id
    JOIN allocation a ON a.match_id = m.id AND a.line_id = gl.line_id
    WHERE {_LIVE} GROUP BY gl.group_id, gl.line_id, gl.amount_minor
    HAVING SUM(a.amount_minor) NOT BETWEEN
        CASE WHEN gl.amount_minor < 0 THEN gl.amount_minor ELSE 0 END
        AND CASE WHEN gl.amount_minor > 0 THEN gl.amount_minor ELSE 0 END
    OR (gl.amount_minor = 0 AND COUNT(*) > 1)
    ORDER BY gl.group_id, gl.line_id"""  # noqa: S608

_AMOUNTS = """
    SELECT gl.group_id, gl.line_id FROM group_line gl JOIN line l ON l.id = gl.line_id
    JOIN account_group g ON g.id = gl.group_id
    WHERE ABS(gl.amount_minor) <> ABS(CASE WHEN l.currency = g.currency THEN l.amount_minor ELSE l.original_minor END)
       OR gl.booked_on <> l.booked_on OR l.withdrawn_event_id IS NOT NULL
    ORDER BY gl.group_id, gl.line_id"""


def match_findings(session: Session) -> Iterator[Finding]:
    """Matches that are not 0, claims beyond a line's amount, remainders that do not follow from the allocations."""
    for key in _keys(session, _UNBALANCED):
        yield broken("match-sum", f"match {key}", _("its allocations do not sum to 0"))
    for key in _keys(session, _EMPTY):
        yield broken("match-empty", f"match {key}", _("it has no allocations"))
    for key in _keys(session, _HALF_UNDONE):
        yield broken("allocation-undone", f"allocation {key}", _("it stands although its match is undone"))
    for key in _keys(session, _NOT_IN_GROUP):
        yield broken("allocation-line", f"allocation {key}", _("its line does not stand on that side of the group"))
    yield from _of_lines(session, "double-claim", _DOUBLE_CLAIMS, _("matches claim more than its amount"))
    yield from _of_lines(session, "remainder", _REMAINDERS, _("what is open is not its amount less its allocations"))
    yield from _of_lines(session, "group-amount", _AMOUNTS, _("it does not stand there with its own amount and date"))
    yield from _digests(session)


def _keys(session: Session, query: str) -> Iterator[int]:
    return iter(session.scalars(text(query)))


def _of_lines(session: Session, code: str, query: str, sentence: str) -> Iterator[Finding]:
    for group_id, line_id in session.execute(text(query)):
        yield broken(code, _("line {line} in group {group}").format(line=line_id, group=group_id), sentence)


_WRITTEN = """
    SELECT a.event_id, m.set_hash, a.line_id, a.side, a.amount_minor FROM allocation a JOIN match m ON m.id = a.match_id
    ORDER BY a.event_id"""

_RUNS = """
    SELECT r.id FROM run r JOIN event e ON e.id = r.event_id
    WHERE r.digest <> COALESCE(e.digest, '') ORDER BY r.id"""


def _digests(session: Session) -> Iterator[Finding]:
    """The allocations that an event wrote are those that it told."""
    digests: dict[int, str | None] = dict(session.execute(text("SELECT id, digest FROM event")).all())
    written: list[tuple[str, int | None, str, int]] = []
    current: int | None = None
    for event_id, *row in [*session.execute(text(_WRITTEN)), (None,)]:
        if event_id != current and current is not None and digests.get(current) != allocation_digest(written):
            yield broken("event-allocations", f"event {current}", _("its allocations are not those that it wrote"))
        if event_id != current:
            current, written = event_id, []
        if row:
            written.append(tuple(row))
    for key in _keys(session, _RUNS):
        yield broken("run-changed", f"run {key}", _("its digest is not that of its event"))
