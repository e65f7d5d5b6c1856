"""One company's share of a file into the database: lines, the batch that saw them, statements, balances, groups."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy.orm import Session

from recon.access import Actor
from recon.database.audit import record
from recon.database.bulk import Keys, write_table
from recon.database.line_tables import add_lines, lines_digest, row_hashes, whole
from recon.database.models import Batch, BatchStatement, Event, Line
from recon.intake.statement import Statement
from recon.memory import release_unused
from recon.services.enter_lines import enter_lines, readers_of_accounts
from recon.services.judge_lines import AccountLines
from recon.services.known_statements import statement_number
from recon.services.plan_import import Plan
from recon.services.replace_lines import replace_changed, replace_lumps
from recon.services.return_vouchers import return_vouchers
from recon.services.statement_balances import balances_digest, given_balances, store_balances

VOUCHER = ("id", "booked_on", "amount_minor", "voucher_type", "voucher_number", "reference", "text")


def store_batch(
    session: Session, actor: Actor, company_id: int, plan: Plan, parts: Sequence[AccountLines], file_name: str
) -> tuple[Batch, dict[int, int]]:
    """The batch, and how many lines entered each group (the parts of a lump not counted). One event for the lines; one
    more where matches go on with other members."""
    new = pa.concat_tables([_dated(session, each) for each in parts], promote_options="default")
    hashes = row_hashes(new)
    digest = lines_digest(hashes)
    balances = [given.to_json() for each in parts for given in given_balances(each.account, each.statements)]
    after = {
        "file": file_name,
        "sha256": plan.reading.sha256,
        "rows": sum(each.rows for each in parts),
        "new": new.num_rows,
        "balances": balances_digest(balances),
        **_decided(parts),
    }
    what = "file " + plan.reading.sha256[:12]
    event = record(session, actor, company_id, "import", what, after=after, digest=digest)
    keys = add_lines(session, event.id, new, hashes)
    del hashes
    release_unused()
    batch = _batch(actor, event, plan, parts, file_name, digest, balances)
    session.add(batch)
    session.flush()
    _keep_seen(session, batch, keys, parts)
    for each in parts:
        session.add_all(_statement(batch, each, statement) for statement in each.statements)
        store_balances(session, event.id, batch, given_balances(each.account, each.statements))
    stored = new.add_column(0, "id", pa.array(keys))
    return batch, _place(session, actor, company_id, event, parts, stored)


def _place(
    session: Session, actor: Actor, company_id: int, event: Event, parts: Sequence[AccountLines], stored: pa.Table
) -> dict[int, int]:
    """Lines into groups, in the place of those that they replace."""
    keys = stored["id"].to_numpy()
    gone: list[int] = []
    changed: dict[int, int] = {}
    lumps: dict[int, list[int]] = {}
    start = 0
    for each in parts:
        if each.accepted:
            gone += [change.line_id for change in each.changes if change.gone]
        changed |= {old: int(keys[start + place]) for place, old in each.replacing.items()}
        lumps |= {lump: [int(keys[start + place]) for place in places] for lump, places in each.parts.items()}
        start += each.new.num_rows
    if gone or changed:
        replace_changed(session, event.id, gone, changed)
    readers = readers_of_accounts(session, [each.account.id for each in parts])
    entered = enter_lines(session, readers, stored)
    if lumps:
        replace_lumps(session, actor, company_id, event.id, lumps)
    if any(each.account.kind != "bank" for each in parts):
        return_vouchers(session, actor, company_id, event.id, lambda: whole(stored).select(VOUCHER).to_pylist())
    return entered


def _dated(session: Session, each: AccountLines) -> pa.Table:
    """The account's new lines; the parts of a lump stand on its day, for that is when its money moved."""
    if not each.parts:
        return each.new
    days = each.new["booked_on"].to_pylist()
    for lump, places in each.parts.items():
        day = session.get_one(Line, lump).booked_on
        for place in places:
            days[place] = day
    column = each.new.column_names.index("booked_on")
    return each.new.set_column(column, "booked_on", pa.array(days, pa.date32()))


def _decided(parts: Sequence[AccountLines]) -> dict[str, Any]:
    """What a person decided, as the event tells it."""
    overruled = sorted({rung for each in parts for rung in each.overruled})
    accepted = sum(len(each.changes) for each in parts if each.accepted)
    return {**({"anyway": overruled} if overruled else {}), **({"changes": accepted} if accepted else {})}


def _keep_seen(session: Session, batch: Batch, keys: Keys, parts: Sequence[AccountLines]) -> None:
    seen = np.sort(np.concatenate([keys, *(np.array(each.known, dtype=np.int64) for each in parts)]))
    seen_by = {"batch_id": pa.repeat(batch.id, len(seen)), "line_id": pa.array(seen, pa.int64())}
    write_table(session, "batch_line", pa.table(seen_by))


def _statement(batch: Batch, each: AccountLines, statement: Statement) -> BatchStatement:
    first, last = statement.covers
    own = each.account.currency
    opening, closing = statement.opening, statement.closing
    return BatchStatement(
        batch_id=batch.id,
        account_id=each.account.id,
        number=statement_number(statement),
        from_on=first,
        to_on=last,
        opening_minor=opening.amount_minor if opening and opening.currency == own else None,
        closing_minor=closing.amount_minor if closing and closing.currency == own else None,
        rows=statement.lines.num_rows,
        ledger=each.covered is not None,
    )


def _batch(
    actor: Actor,
    event: Event,
    plan: Plan,
    parts: Sequence[AccountLines],
    file_name: str,
    digest: str,
    balances: list[dict[str, Any]],
) -> Batch:
    assert event.company_id is not None
    return Batch(
        company_id=event.company_id,
        file_name=file_name,
        sha256=plan.reading.sha256,
        reader=plan.reading.format,
        actor_id=actor.user_id,
        rows=sum(each.rows for each in parts),
        new_rows=sum(each.new.num_rows for each in parts),
        digest=digest,
        covers_from=_covered(parts, min),
        covers_to=_covered(parts, max),
        balances=balances,
        event_id=event.id,
    )


def _covered(parts: Sequence[AccountLines], extreme: Callable[[list[dt.date]], dt.date]) -> dt.date | None:
    """First or last day the file says it covers, or has a line on."""
    days = [day for each in parts for statement in each.statements for day in _days(statement)]
    return extreme(days) if days else None


def _days(statement: Statement) -> list[dt.date]:
    told = [day for day in (statement.from_on, statement.to_on) if day is not None]
    ends = pc.min_max(statement.lines["booking_date"]).as_py()
    return told + [day for day in ends.values() if day is not None]
