"""What there is to know of one line, for its page: the fields that it has, and the files that brought it."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import select

from recon.database.models import Batch, BatchLine, GroupLine, Line
from recon.web.formats import amount, day
from recon.web.person import actor
from recon.web.storage import database
from recon.web.wording import _
from rules.fields import LINE_FIELDS, FieldType
from rules.names import field_label

TEXTS = [f.name for f in LINE_FIELDS.values() if f.type is FieldType.TEXT and f.stored]


def facts_of(line: Line, standing: GroupLine, currency: str) -> list[tuple[str, str]]:
    """(label, value) of all that the line has but its text, its day and its amount in the group."""
    account = f"{line.account.number} {line.account.name}".strip()
    facts = [(_("Account"), account), (_("Side"), _("left") if standing.side == "left" else _("right"))]
    if standing.open_minor != standing.amount_minor:
        facts.append((_("Open"), f"{amount(standing.open_minor, currency)} {currency}"))
    facts += [(field_label(name), day(on)) for name, on in days_of(line) if on is not None]
    if line.original_minor is not None and line.original_currency:
        written = f"{amount(line.original_minor, line.original_currency)} {line.original_currency}"
        facts.append((field_label("original_amount"), written))
    texts = [(field_label(name), getattr(line, name, None)) for name in TEXTS if name != "text"]
    facts += [(label, text) for label, text in texts if text]
    files = files_of(line)
    return [*facts, (_("File"), ", ".join(files))] if files else facts


def days_of(line: Line) -> list[tuple[str, dt.date | None]]:
    return [("value_date", line.valued_on), ("due_date", line.due_on)]


def files_of(line: Line) -> list[str]:
    """Names of the standing imports that have seen the line; none of a company that the reader was not given."""
    if not actor().sees(line.account.company_id):
        return []
    query = select(Batch.file_name).join(BatchLine, BatchLine.batch_id == Batch.id)
    standing = (BatchLine.undone_event_id.is_(None)) & (Batch.undone_event_id.is_(None))
    return list(database().scalars(query.where(BatchLine.line_id == line.id, standing).order_by(Batch.id)))
