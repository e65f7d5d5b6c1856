"""What approved periods were reconciled from: the lines a backtest sets out with, and the matches that stood.

Pool: the lines of matches that took effect in the periods, manual ones included, each with what these matches took,
and what was open at the end of the last one. It is what Reconcile had before it, period by period, taken together.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
import pyarrow as pa
from sqlalchemy import select
from sqlalchemy.orm import Session

from recon.database.bulk import read_table
from recon.database.line_tables import lean_group_frame
from recon.database.models import AccountGroup, Document, GroupLine
from recon.errors import Refusal
from recon.matching.compare import MatchSet
from recon.matching.side import Ints
from rules.wording import _

_TAKEN = {
    "match": pa.int64(),
    "rule": pa.string(),
    "line": pa.int64(),
    "side": pa.string(),
    "amount_minor": pa.int64(),
    "later": pa.bool_(),
}


@dataclass(frozen=True, slots=True)
class Pool:
    """`lines`: a frame as `open_lines` gives it, amounts as above. `stood`: its matches, `match_ids` their keys."""

    from_on: date
    to_on: date
    documents: tuple[str, ...]
    lines: pd.DataFrame
    stood: MatchSet
    match_ids: Ints


def approved_pool(
    session: Session, group: AccountGroup, from_on: date | None, to_on: date | None, fields: Collection[str]
) -> Pool:
    """The pool of the approved periods that end within these days (None: from the first, to the last).

    Of the lines only these fields are read. Raises Refusal where there is no such period.
    """
    documents = _approved(session, group, from_on, to_on)
    first, last = documents[0].from_on, documents[-1].to_on
    taken = _taken(session, group.id, first, last)
    stood = taken[~taken["later"]]
    keys, number = np.unique(stood["match"].to_numpy(dtype=np.int64), return_inverse=True)
    rules = stood.drop_duplicates("match")["rule"].to_numpy(dtype=object, na_value=None)  # type: ignore[call-overload]
    matches = pd.DataFrame({"rule": rules, "outcome": "confirmed"}, dtype=object)
    members = stood.assign(match=number)[["match", "line", "side", "amount_minor"]]
    lines = _lines(session, group.id, (first, last), taken, fields)
    return Pool(first, last, tuple(d.number or "" for d in documents), lines, MatchSet(matches, members), keys)


def _approved(session: Session, group: AccountGroup, from_on: date | None, to_on: date | None) -> list[Document]:
    query = select(Document).where(Document.group_id == group.id, Document.state == "approved")
    if from_on:
        query = query.where(Document.to_on >= from_on)
    if to_on:
        query = query.where(Document.to_on <= to_on)
    found = list(session.scalars(query.order_by(Document.to_on)))
    if not found:
        raise Refusal(_("{group} has no approved period to test on in these days.").format(group=group.name))
    return found


def _live(group_id: int) -> str:
    return f"m.group_id = {group_id} AND m.undone_event_id IS NULL AND m.state <> 'suggested'"


def _taken(session: Session, group_id: int, first: date, last: date) -> pd.DataFrame:
    """What matches in effect from the first day on took of each line, by match; `later`: after the last day."""
    query = f"""
        SELECT m.id, m.rule_key, a.line_id, a.side, a.amount_minor, m.effective_on > '{last}'
        FROM match m JOIN allocation a ON a.match_id = m.id
        WHERE {_live(group_id)} AND m.effective_on >= '{first}' AND a.line_id IS NOT NULL
        ORDER BY m.id, a.id"""  # noqa: S608
    taken: pd.DataFrame = read_table(session, query, _TAKEN).to_pandas()
    return taken


def _lines(
    session: Session, group_id: int, days: tuple[date, date], taken: pd.DataFrame, fields: Collection[str]
) -> pd.DataFrame:
    """The lines with what of them was open at the end, and what the matches of the periods took."""
    first, last = days
    counted = "COALESCE(gl.period_on, gl.booked_on)"
    # No match takes effect before its lines count: only of earlier lines it must be asked which are matched later.
    matched = f"""
        gl.line_id IN (SELECT a.line_id FROM allocation a JOIN match m ON m.id = a.match_id
                       WHERE {_live(group_id)} AND m.effective_on >= '{first}')"""  # noqa: S608
    wanted = f"{counted} <= '{last}' AND ({counted} >= '{first}' OR gl.is_open OR {matched})"
    frame = lean_group_frame(session, group_id, wanted, fields)
    line_ids = frame["line_id"].to_numpy(dtype=np.int64)
    idle = np.isin(line_ids, _out_of_play(session, group_id))
    then, later = (_sums(part, line_ids) for part in (taken[~taken["later"]], taken[taken["later"]]))
    opened = np.where(idle, 0, frame["amount"].to_numpy(dtype=np.int64) + later)
    kept = ~idle | np.isin(line_ids, taken.loc[~taken["later"], "line"].to_numpy(dtype=np.int64))
    amounts = pd.Series(opened + then, index=frame.index, dtype=frame["amount"].dtype)
    return frame.assign(amount=amounts)[kept].reset_index(drop=True)


def _out_of_play(session: Session, group_id: int) -> Ints:
    """Lines that are deactivated: they are open, but not for matching."""
    query = select(GroupLine.line_id).where(GroupLine.group_id == group_id, GroupLine.state == "deactivated")
    return np.array(list(session.scalars(query)), dtype=np.int64)


def _sums(taken: pd.DataFrame, line_ids: Ints) -> Ints:
    """What is taken of each line."""
    found = taken.groupby("line")["amount_minor"].sum().reindex(line_ids, fill_value=0)
    return found.to_numpy(dtype=np.int64)
