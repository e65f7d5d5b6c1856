"""The live matches of a group, one row a member."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa
from sqlalchemy.orm import Session

from recon.access import Actor, Permission
from recon.database.bulk import read_table
from recon.services.find_group import group_for

_COLUMNS = {
    "match": pa.int64(),
    "side": pa.string(),
    "id": pa.string(),
    "allocated_minor": pa.int64(),
    "rule": pa.string(),
    "outcome": pa.string(),
    "difference_minor": pa.int64(),
    "effective_on": pa.date32(),
    "booking_date": pa.date32(),
    "reference": pa.string(),
    "text": pa.string(),
    "line_id": pa.int64(),
    "adjustment_id": pa.int64(),
}


def list_matches(session: Session, actor: Actor, group_id: int) -> pd.DataFrame:
    """Members of live matches by match, side and date; `allocated_minor` and `difference_minor` int64.

    `rule` is null for a match made by hand. A member that is an adjustment has no `id`.
    """
    group = group_for(session, actor, group_id, Permission.VIEW)
    query = f"""
        SELECT m.id, a.side, l.fingerprint || '.' || l.occurrence || '.' || l.part, a.amount_minor, m.rule_key, m.state,
               m.difference_minor, m.effective_on, l.booked_on, l.reference, l.text, a.line_id, a.adjustment_id
        FROM match m JOIN allocation a ON a.match_id = m.id LEFT JOIN line l ON l.id = a.line_id
        WHERE m.group_id = {int(group.id)} AND m.undone_event_id IS NULL AND a.undone_event_id IS NULL
        ORDER BY m.id, a.side, l.booked_on, a.id"""  # noqa: S608
    found: pd.DataFrame = read_table(session, query, _COLUMNS).to_pandas(types_mapper=pd.ArrowDtype)
    return found
