"""The rows of a pane of open lines: a page at a time, by position in the sort order rather than by number.

`LIMIT … OFFSET` would read everything before the page; here a page starts after the last row of the one before.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import ColumnElement, Select, select, tuple_
from sqlalchemy.orm import InstrumentedAttribute, Session

from recon.database.models import AccountGroup, Adjustment, GroupLine, Line
from recon.services.remaining_lines import remaining
from recon.services.standing_adjustments import posted_by
from recon.services.write_notes import remarked
from recon.web.formats import amount, count, day
from recon.web.searching import fits

PAGE = 200
SORTS: dict[str, InstrumentedAttribute[Any]] = {"on": GroupLine.booked_on, "open": GroupLine.open_minor}


@dataclass(frozen=True)
class Wanted:
    """What a pane asks for. `after` is the sort value and line of the last row it has, or empty."""

    side: Literal["left", "right"]
    search: str = ""
    sort: str = "on"
    descending: bool = False
    after: str = ""
    page: int = 1


def page_of(session: Session, group: AccountGroup, wanted: Wanted) -> dict[str, Any]:
    """`data` rows, the `next` position, and `last_page` as Tabulator counts: one more while there may be more."""
    column = SORTS.get(wanted.sort, GroupLine.booked_on)
    query = _open(group, wanted).where(*_after(column, wanted))
    keys = (column, GroupLine.line_id)
    ordered = query.order_by(*(key.desc() for key in keys) if wanted.descending else keys)
    found = session.execute(ordered.limit(PAGE + 1)).all()
    shown, more = found[:PAGE], len(found) > PAGE
    total = {} if wanted.after else {"total": _total(session, group, wanted.side)}
    return total | {
        "data": rows_of(session, group, [(held, line) for held, line in shown]),
        "next": _position(column, shown[-1][0]) if more else "",
        "last_page": wanted.page + more,
    }


def _total(session: Session, group: AccountGroup, side: str) -> dict[str, str]:
    """What is open on the side in all, whatever is searched for, as the pane's head writes it."""
    opened = remaining(session, group.id)[side]
    return {"count": count(opened.count), "amount": f"{amount(opened.amount_minor, group.currency)} {group.currency}"}


def _open(group: AccountGroup, wanted: Wanted) -> Select[GroupLine, Line]:
    query = (
        select(GroupLine, Line)
        .join(Line, Line.id == GroupLine.line_id)
        .where(
            GroupLine.group_id == group.id,
            GroupLine.side == wanted.side,
            GroupLine.is_open,
            GroupLine.state == "active",
        )
    )
    return query.where(fits(wanted.search, group.currency, GroupLine.open_minor)) if wanted.search.strip() else query


def _after(column: InstrumentedAttribute[Any], wanted: Wanted) -> list[ColumnElement[bool]]:
    if not wanted.after:
        return []
    try:
        value, line_id = wanted.after.split("|")
        position = (dt.date.fromisoformat(value) if column is GroupLine.booked_on else int(value), int(line_id))
    except ValueError:
        return []
    keys = tuple_(column, GroupLine.line_id)
    return [keys < position if wanted.descending else keys > position]


def _position(column: InstrumentedAttribute[Any], row: GroupLine) -> str:
    return f"{getattr(row, column.key)}|{row.line_id}"


def rows_of(session: Session, group: AccountGroup, shown: Sequence[tuple[GroupLine, Line]]) -> list[dict[str, Any]]:
    """Lines as the rows of a pane."""
    keys = [held.line_id for held, _line in shown]
    posted, noted = posted_by(session, group.id, keys), remarked(session, group.id, keys)
    return [_row(held, line, _marks(held, line, posted.get(line.id), line.id in noted)) for held, line in shown]


def _row(held: GroupLine, line: Line, marks: list[str]) -> dict[str, Any]:
    """Amounts travel as text: a browser's numbers would round large ones."""
    return {
        "id": held.line_id,
        "on": day(held.booked_on),
        "text": line.text or "",
        "counterparty": line.counterparty or "",
        "reference": line.reference or line.kid or line.invoice_number or line.voucher_number or "",
        "open": str(held.open_minor),
        "marks": marks,
    }


ORIGINS = {"manual": "by_hand", "opening": "opening"}


def _marks(held: GroupLine, line: Line, posted: Adjustment | None, noted: bool) -> list[str]:
    """What there is to know of an open line at a glance, as keys of the pane's texts."""
    told = (ORIGINS.get(line.origin, ""), _state(held, line, posted), "noted" if noted else "")
    return [mark for mark in told if mark]


def _state(held: GroupLine, line: Line, posted: Adjustment | None) -> str:
    if held.held_by_match_id:
        return "suggested"
    if posted is not None:
        return "proposed" if posted.state == "proposed" else "posted"
    if line.origin == "adjustment":
        return "provisional"
    return "remainder" if held.open_minor != held.amount_minor else ""
