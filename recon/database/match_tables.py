"""Matches of a run from Arrow into the database."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import select
from sqlalchemy.orm import Session

from recon.database.audit import digest_texts
from recon.database.bulk import Keys, reserve_keys, write_table
from recon.database.models import Match
from recon.database.remainders import settle

MATCH_COLUMNS: dict[str, pa.DataType] = {
    "rule_key": pa.string(),
    "rule_hash": pa.string(),
    "state": pa.string(),
    "effective_on": pa.date32(),
    "set_hash": pa.string(),
    "alternatives": pa.int64(),
    "difference_minor": pa.int64(),
}
ALLOCATION_COLUMNS: dict[str, pa.DataType] = {
    "match": pa.int64(),
    "line_id": pa.int64(),
    "side": pa.string(),
    "amount_minor": pa.int64(),
}
"""`match` is the position of the allocation's match in the table of matches."""


def run_digest(matches: pa.Table, allocations: pa.Table) -> str:
    """`audit.allocation_digest` of a whole run: MATCH_COLUMNS with `set_hash`, and ALLOCATION_COLUMNS."""
    sets = matches["set_hash"].take(allocations["match"])
    parts = [sets, *(allocations[name].cast(pa.string()) for name in ("line_id", "side", "amount_minor"))]
    return digest_texts(pc.binary_join_element_wise(*parts, " ").to_pylist())


def write_matches(
    session: Session, group_id: int, event_id: int, run_id: int | None, matches: pa.Table, allocations: pa.Table
) -> Keys:
    """Store matches with their allocations and settle the lines they take or hold; the keys of the matches, in order.

    Of a match with a treated difference the adjustment is added by whoever makes it.
    """
    keys = reserve_keys(session, "match", matches.num_rows)
    count = matches.num_rows
    write_table(
        session,
        "match",
        pa.table(
            {
                "id": pa.array(keys),
                "group_id": pa.repeat(group_id, count),
                "run_id": pa.repeat(pa.scalar(run_id, pa.int64()), count),
                **{name: matches[name].cast(kind) for name, kind in MATCH_COLUMNS.items()},
                "event_id": pa.repeat(event_id, count),
            }
        ),
    )
    _write_allocations(session, event_id, keys, allocations)
    settle(session, group_id, select(Match.id).where(Match.event_id == event_id, Match.group_id == group_id))
    return keys


def _write_allocations(session: Session, event_id: int, match_ids: Keys, allocations: pa.Table) -> None:
    rows = allocations.sort_by([("match", "ascending"), ("line_id", "ascending")])
    write_table(
        session,
        "allocation",
        pa.table(
            {
                "id": pa.array(reserve_keys(session, "allocation", rows.num_rows)),
                "match_id": pa.array(match_ids).take(rows["match"]),
                **{name: rows[name].cast(kind) for name, kind in ALLOCATION_COLUMNS.items() if name != "match"},
                "event_id": pa.repeat(event_id, rows.num_rows),
            }
        ),
    )
