"""A line that was posted and the line its voucher became belong together, whatever the rules say of them."""

from __future__ import annotations

import hashlib
from collections.abc import Collection

import pandas as pd
from sqlalchemy import select
from sqlalchemy.orm import Session

from recon.database.models import Adjustment
from recon.matching.result import set_hash
from rules.wording import _

PAIR_KEY = ":posted"
"""Stands where matches name their rule; no rule can have this key."""
PAIR_HASH = hashlib.sha256(PAIR_KEY.encode()).hexdigest()


def pair_name() -> str:
    return _("Posted lines with their vouchers")


def posted_pairs(
    session: Session, group_id: int, lines: pd.DataFrame, refusals: Collection[tuple[str, str]] = ()
) -> list[tuple[int, int]]:
    """Positions in `lines` of each posted line and its voucher's, both open with the whole amount and not refused."""
    query = select(Adjustment.from_line_id, Adjustment.line_id, Adjustment.amount_minor).where(
        Adjustment.group_id == group_id,
        Adjustment.state == "released",
        Adjustment.from_line_id.is_not(None),
        Adjustment.line_id.is_not(None),
    )
    released = session.execute(query.order_by(Adjustment.id)).all()
    if not released:
        return []
    place = {line_id: at for at, line_id in enumerate(lines["line_id"].tolist())}
    sides, amounts, ids = (lines[name].tolist() for name in ("side", "amount", "id"))
    pairs = []
    for from_line, voucher_line, minor in released:
        one, other = place.get(from_line), place.get(voucher_line)
        if one is None or other is None:
            continue
        lacking = amounts[one] if sides[one] == "right" else -amounts[one]
        refused = (set_hash([ids[one], ids[other]]), PAIR_HASH) in refusals
        if lacking == minor == amounts[other] and not refused:
            pairs.append((one, other))
    return pairs


def pair_frames(lines: pd.DataFrame, pairs: list[tuple[int, int]], first: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The pairs as matches and members of a run (`recon.matching.result`), numbered from `first`; members name places
    in `lines`."""
    count = len(pairs)
    days = [abs((lines["booking_date"].iloc[one] - lines["booking_date"].iloc[other]).days) for one, other in pairs]
    matches = pd.DataFrame(
        {
            "match": range(first, first + count),
            "rule": PAIR_KEY,
            "outcome": "confirmed",
            "difference": 0,
            "days_apart": pd.Series(days, dtype="Int64"),
            "alternatives": 0,
            "entry_type": None,
            "keep_open": False,
            "marked": False,
        }
    )
    places = [at for pair in pairs for at in pair]
    taken = lines.iloc[places]
    members = pd.DataFrame(
        {
            "match": [first + at // 2 for at in range(2 * count)],
            "side": taken["side"].to_numpy(dtype=object),
            "row": places,
            "allocated": taken["amount"].to_numpy(dtype="int64"),
        }
    )
    return matches, members
