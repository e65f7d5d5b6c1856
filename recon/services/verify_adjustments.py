"""Adjustments: vouchers are what was released, numbered without a gap, each with the line it became; none is double."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from recon.database.models import Adjustment, Event, NumberSeries
from recon.services.verify_events import broken
from recon.services.vouchers import told
from rules.errors import Finding
from rules.wording import _

_LINES = """
    SELECT a.id FROM adjustment a LEFT JOIN line l ON l.id = a.line_id
    LEFT JOIN group_line gl ON gl.group_id = a.group_id AND gl.line_id = a.line_id AND gl.side = 'left'
    WHERE a.state IN ('released', 'reversed') AND l.withdrawn_event_id IS NULL
      AND (gl.line_id IS NULL OR gl.amount_minor <> a.amount_minor
           OR (l.origin = 'adjustment' AND (l.booked_on <> a.booked_on OR l.account_id <> a.account_id)))
    ORDER BY a.id"""

_STATES = """
    SELECT a.id FROM adjustment a
    WHERE (a.state IN ('released', 'reversed')) <> (a.number IS NOT NULL AND a.released_event_id IS NOT NULL)
       OR (a.state = 'reversed') <> EXISTS (SELECT 1 FROM adjustment r WHERE r.reverses_id = a.id)
    ORDER BY a.id"""

_TWICE = """
    SELECT MAX(a.id) FROM adjustment a
    WHERE a.from_line_id IS NOT NULL AND a.state IN ('proposed', 'unreleased', 'released')
    GROUP BY a.group_id, a.from_line_id HAVING COUNT(*) > 1 ORDER BY 1"""

_REMAINDERS = """
    SELECT a.id FROM adjustment a
    LEFT JOIN group_line gl ON gl.group_id = a.group_id AND gl.line_id = a.from_line_id
    WHERE a.from_line_id IS NOT NULL AND a.state IN ('proposed', 'unreleased')
      AND (gl.line_id IS NULL
           OR a.amount_minor <> CASE WHEN gl.side = 'right' THEN gl.open_minor ELSE -gl.open_minor END)
    ORDER BY a.id"""

_DIFFERENCES = """
    SELECT a.id FROM adjustment a LEFT JOIN match m ON m.id = a.match_id
    WHERE a.match_id IS NOT NULL AND a.state IN ('proposed', 'unreleased', 'released')
      AND (m.undone_event_id IS NOT NULL OR a.amount_minor <> m.difference_minor
           OR (a.state = 'proposed') <> (m.state = 'suggested'))
    ORDER BY a.id"""


def adjustment_findings(session: Session) -> Iterator[Finding]:
    """Vouchers that were changed, lack their line or number, or book a line twice; series with gaps."""
    for query, code, sentence in (
        (_STATES, "voucher-state", _("its state does not go with its number, its release or its reversal")),
        (_LINES, "voucher-line", _("the line it became is not there with its account, day and amount")),
        (_TWICE, "posted-twice", _("its line is posted twice")),
        (_REMAINDERS, "posting-amount", _("its amount is not what is open of its line")),
        (_DIFFERENCES, "difference-amount", _("it is not the difference of its match")),
    ):
        for key in session.scalars(text(query)):
            yield broken(code, f"adjustment {key}", sentence)
    yield from _changed(session)
    yield from _series(session)


def _changed(session: Session) -> Iterator[Finding]:
    """Vouchers that are not as the event of their release tells them."""
    query = select(Adjustment, Event).join(Event, Event.id == Adjustment.released_event_id)
    for adjustment, entry in session.execute(query.order_by(Adjustment.id)):
        if told(adjustment) not in (entry.after or {}).get("vouchers", []):
            yield broken("voucher-changed", f"adjustment {adjustment.id}", _("it is not the voucher that was released"))


def _series(session: Session) -> Iterator[Finding]:
    """Every number that a series has given stands on one voucher."""
    numbers: dict[tuple[int, str], list[int]] = {}
    given = select(Adjustment.company_id, Adjustment.series, Adjustment.number).where(Adjustment.number.is_not(None))
    for company_id, name, number in session.execute(given):
        numbers.setdefault((company_id, name or ""), []).append(number or 0)
    for series in session.scalars(select(NumberSeries).order_by(NumberSeries.id)):
        used = sorted(numbers.get((series.company_id, series.name), []))
        if used and used != list(range(used[0], series.next_number)):
            sentence = _("numbers are missing or double in series {name}").format(name=series.name)
            yield broken("series-gap", f"number series {series.id}", sentence)
