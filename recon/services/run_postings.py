"""What post rules make of a run: proposals written anew where they changed, and vouchers that wait for release.

A proposal nobody touched is withdrawn by every run and keeps its row, and so its age, where it comes out again.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa
from sqlalchemy import select
from sqlalchemy.orm import Session

from recon.database.audit import canonical
from recon.database.bulk import reserve_keys, write_table
from recon.database.models import Account, AccountGroup, Adjustment, EntryType
from recon.services.find_group import first_open_day
from recon.services.standing_adjustments import drop, posted_by
from recon.services.vouchers import usual_counter_account, usual_ledger_account
from rules.errors import Finding
from rules.wording import _

if TYPE_CHECKING:
    from recon.services.run_plan import RunPlan

POSTED = "posted"
"""The column in which a run is told what became of earlier postings of a line."""

Sort = tuple[int, str, str, int]
"""What makes a proposal the same: its line, its rule's meaning, its entry type and its amount."""


@dataclass(frozen=True, slots=True)
class PostingChanges:
    """`new`: positions in the plan's postings; `kept` and `withdrawn`: keys of proposals."""

    new: list[int]
    kept: list[int]
    withdrawn: list[int]


def with_postings(session: Session, group_id: int, lines: pd.DataFrame) -> pd.DataFrame:
    """The lines with what became of earlier postings: unreleased, released, or null. Proposals are made anew."""
    known = {line_id: found.state for line_id, found in posted_by(session, group_id).items()}
    told = {line_id: state for line_id, state in known.items() if state != "proposed"}
    if not told:
        return lines
    states = [told.get(line_id) for line_id in lines["line_id"].tolist()]
    return lines.assign(**{POSTED: pd.Series(pd.arrays.ArrowExtensionArray(pa.array(states, pa.string())))})


def bookable(session: Session, group: AccountGroup, postings: pd.DataFrame) -> tuple[pd.DataFrame, list[Finding]]:
    """The postings that the company can book; a finding for each entry type that is not set up or lacks an account."""
    if postings.empty:
        return postings, []
    kinds = {kind.key: kind for kind in session.scalars(select(EntryType).filter_by(company_id=group.company_id))}
    own = usual_ledger_account(session, group)
    known = np.array(
        [
            key in kinds and usual_counter_account(kinds[key], int(minor), own) is not None
            for key, minor in zip(postings["entry_type"], postings["amount"], strict=True)
        ],
        dtype=bool,
    )
    told = _("Lines to be posted as {key} were left out: the company has no such entry type with an account for them.")
    missing = sorted(set(postings["entry_type"][~known]))
    findings = [Finding("entry-type-unknown", "warning", group.name, told.format(key=key)) for key in missing]
    return postings[known].reset_index(drop=True), findings


def posting_changes(session: Session, plan: RunPlan) -> PostingChanges:
    """Compare the plan with the proposals that stand."""
    standing = _standing(session, plan.group_id)
    new, kept = [], []
    for position, (sort, outcome) in enumerate(_planned(plan)):
        adjustment_id = standing.pop(sort, None) if outcome == "suggested" else None
        if adjustment_id is None:
            new.append(position)
        else:
            kept.append(adjustment_id)
    return PostingChanges(new, kept, sorted(standing.values()))


def _standing(session: Session, group_id: int) -> dict[Sort, int]:
    query = (
        select(Adjustment, EntryType.key)
        .join(EntryType, EntryType.id == Adjustment.entry_type_id)
        .where(Adjustment.group_id == group_id, Adjustment.state == "proposed", Adjustment.from_line_id.is_not(None))
    )
    return {
        (found.from_line_id or 0, found.rule_hash or "", key, found.amount_minor): found.id
        for found, key in session.execute(query)
    }


def _planned(plan: RunPlan) -> list[tuple[Sort, str]]:
    columns = ("line_id", "rule", "entry_type", "amount", "outcome")
    return [
        ((int(line_id), plan.rules.hashes[rule], str(entry_type), int(minor)), str(outcome))
        for line_id, rule, entry_type, minor, outcome in plan.postings[list(columns)].itertuples(index=False)
    ]


def write_postings(session: Session, plan: RunPlan, changed: PostingChanges, run_id: int, event_id: int) -> None:
    """Drop the proposals that do not come out again and store the new ones."""
    drop(session, changed.withdrawn)
    if not changed.new:
        return
    group = session.get_one(AccountGroup, plan.group_id)
    postings = plan.postings.iloc[changed.new].sort_values("line_id", ignore_index=True)
    keys = reserve_keys(session, "adjustment", len(postings))
    table = _table(session, group, plan, postings, run_id, event_id)
    write_table(session, "adjustment", table.add_column(0, "id", pa.array(keys)))


def _table(
    session: Session, group: AccountGroup, plan: RunPlan, postings: pd.DataFrame, run_id: int, event_id: int
) -> pa.Table:
    count = len(postings)
    kinds = {kind.key: kind for kind in session.scalars(select(EntryType).filter_by(company_id=group.company_id))}
    booked = [kinds[key] for key in postings["entry_type"]]
    earliest = (first_open_day(session, group) - dt.date(1970, 1, 1)).days
    days = np.maximum(postings["on"].to_numpy(dtype=np.int32), np.int32(earliest))
    states = {"suggested": "proposed", "confirmed": "unreleased"}
    own = usual_ledger_account(session, group)
    return pa.table(
        {
            "company_id": pa.repeat(group.company_id, count),
            "group_id": pa.repeat(group.id, count),
            "from_line_id": pa.array(postings["line_id"].to_numpy(dtype=np.int64)),
            "account_id": pa.array([own.id if own else None] * count, pa.int64()),
            "booked_on": pa.array(days).cast(pa.date32()),
            "amount_minor": pa.array(postings["amount"].to_numpy(dtype=np.int64)),
            "currency": pa.repeat(group.currency, count),
            **_entry_columns(booked, postings["amount"].tolist(), _texts(plan, postings), own),
            "state": pa.array([states[outcome] for outcome in postings["outcome"]], pa.string()),
            "rule_key": pa.array(postings["rule"].tolist(), pa.string()),
            "rule_hash": pa.array([plan.rules.hashes[rule] for rule in postings["rule"]], pa.string()),
            "run_id": pa.repeat(run_id, count),
            "event_id": pa.repeat(event_id, count),
        }
    )


def _entry_columns(
    booked: Sequence[EntryType], amounts: Sequence[int], texts: Sequence[str | None], own: Account | None
) -> dict[str, pa.Array]:
    """What the entry types say of postings, and the text of each: the line's own words, else the entry type's name."""
    counters = [usual_counter_account(kind, minor, own) for kind, minor in zip(booked, amounts, strict=True)]
    dimensions = [canonical(kind.dimensions) if kind.dimensions else None for kind in booked]
    return {
        "entry_type_id": pa.array([kind.id for kind in booked], pa.int64()),
        "counter_account": pa.array(counters, pa.string()),
        "text": pa.array([said or kind.name for said, kind in zip(texts, booked, strict=True)], pa.string()),
        "vat_code": pa.array([kind.vat_code for kind in booked], pa.string()),
        "dimensions": pa.array(dimensions, pa.string()),
    }


def _texts(plan: RunPlan, postings: pd.DataFrame) -> list[str | None]:
    if "text" not in plan.lines:
        return [None] * len(postings)
    texts = dict(zip(plan.lines["line_id"].tolist(), plan.lines["text"].tolist(), strict=True))
    said = (texts.get(line_id) for line_id in postings["line_id"].tolist())
    return [text if isinstance(text, str) else None for text in said]
