"""Matches on their way into the database: as tables, with the adjustments that make the sum of each 0."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pyarrow as pa
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from recon.database.bulk import Keys
from recon.database.match_tables import ALLOCATION_COLUMNS, MATCH_COLUMNS, run_digest, write_matches
from recon.database.models import AccountGroup, Adjustment, Allocation, EntryType
from recon.services.vouchers import usual_counter_account, usual_ledger_account

EPOCH = date(1970, 1, 1)


@dataclass(frozen=True, slots=True)
class Tables:
    """MATCH_COLUMNS and ALLOCATION_COLUMNS of the database, and per match the key of its entry type or None."""

    matches: pa.Table
    allocations: pa.Table
    entry_types: list[str | None]

    @property
    def digest(self) -> str:
        """What the event of these matches records: every allocation, those of adjustments too."""
        lines = self.allocations.set_column(1, "line_id", self.allocations["line_id"].cast(pa.string()))
        places = [place for place, key in enumerate(self.entry_types) if key]
        differences = self.matches["difference_minor"].take(pa.array(places, pa.int64()))
        added = pa.table(
            {
                "match": pa.array(places, pa.int64()),
                "line_id": pa.repeat("", len(places)),
                "side": pa.repeat("left", len(places)),
                "amount_minor": differences,
            }
        )
        return run_digest(self.matches, pa.concat_tables([lines.select(added.column_names), added]))


def tables(matches: pd.DataFrame, members: pd.DataFrame, positions: Sequence[int]) -> Tables:
    """`matches` (the drafts at these positions) and their `members` (match, line_id, side, amount_minor) as tables."""
    number = np.full(int(members["match"].max()) + 1 if len(members) else 0, -1, dtype=np.int64)
    number[list(positions)] = np.arange(len(positions))
    place = number[members["match"].to_numpy(dtype=np.int64)]
    kept = members[place >= 0].assign(match=place[place >= 0])
    days = pa.array(matches["effective_on"].to_numpy(dtype=np.int32)).cast(pa.date32())
    columns = {name: pa.array(matches[name], kind, from_pandas=True) for name, kind in _plain(MATCH_COLUMNS).items()}
    return Tables(
        pa.table({**columns, "effective_on": days}).select(list(MATCH_COLUMNS)),
        pa.table({name: pa.array(kept[name], kind, from_pandas=True) for name, kind in ALLOCATION_COLUMNS.items()}),
        [key if isinstance(key, str) else None for key in matches["entry_type"]],
    )


def _plain(columns: dict[str, pa.DataType]) -> dict[str, pa.DataType]:
    return {name: kind for name, kind in columns.items() if name != "effective_on"}


def day_number(day: date) -> int:
    """Days since 1970, as drafts hold `effective_on`."""
    return (day - EPOCH).days


def day_of(number: int) -> date:
    return EPOCH + timedelta(days=int(number))


def write_drafts(
    session: Session, group_id: int, company_id: int, event_id: int, run_id: int | None, drafts: Tables
) -> Keys:
    """Store the matches, settle their lines and add the adjustments; the keys of the matches, in order."""
    keys = write_matches(session, group_id, event_id, run_id, drafts.matches, drafts.allocations)
    treated = [(place, key) for place, key in enumerate(drafts.entry_types) if key]
    if treated:
        _add_adjustments(session, group_id, company_id, event_id, keys, drafts, treated)
    return keys


def _add_adjustments(
    session: Session,
    group_id: int,
    company_id: int,
    event_id: int,
    keys: Keys,
    drafts: Tables,
    treated: list[tuple[int, str]],
) -> None:
    types = {kind.key: kind for kind in session.scalars(select(EntryType).where(EntryType.company_id == company_id))}
    group = session.get_one(AccountGroup, group_id)
    own = usual_ledger_account(session, group)
    adjustments = [
        Adjustment(
            company_id=company_id,
            group_id=group_id,
            match_id=int(keys[place]),
            entry_type_id=types[key].id,
            account_id=own.id if own else None,
            counter_account=usual_counter_account(types[key], drafts.matches["difference_minor"][place].as_py(), own),
            vat_code=types[key].vat_code,
            dimensions=types[key].dimensions,
            text=types[key].name,
            booked_on=drafts.matches["effective_on"][place].as_py(),
            amount_minor=drafts.matches["difference_minor"][place].as_py(),
            currency=group.currency,
            state="proposed" if drafts.matches["state"][place].as_py() == "suggested" else "unreleased",
            event_id=event_id,
        )
        for place, key in treated
    ]
    session.add_all(adjustments)
    session.flush()
    rows = [
        {
            "match_id": adjustment.match_id,
            "adjustment_id": adjustment.id,
            "side": "left",
            "amount_minor": adjustment.amount_minor,
            "event_id": event_id,
        }
        for adjustment in adjustments
    ]
    session.execute(insert(Allocation), rows)
