"""Lines, batches and given balances: what came in is what stands there."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import pyarrow.compute as pc
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from recon.database.audit import digest_texts
from recon.database.line_tables import hex_digits, row_hashes, stored_lines
from recon.database.models import Batch, Event, Line, StatementBalance
from recon.services.statement_balances import GivenBalance, balances_digest
from recon.services.verify_events import broken
from rules.errors import Finding
from rules.wording import _

CHUNK = 200_000


def line_findings(session: Session) -> Iterator[Finding]:
    """Changed lines, events whose lines are not those they wrote, batches and balances that tell another story."""
    hashes: defaultdict[int, list[str]] = defaultdict(list)
    last = session.scalar(select(func.max(Line.id))) or 0
    for start in range(0, last, CHUNK):
        lines = stored_lines(session, f"l.id > {start} AND l.id <= {start + CHUNK}")
        told = hex_digits(row_hashes(lines))
        for key in lines["id"].filter(pc.not_equal(told, lines["row_hash"])).to_pylist():
            yield broken("line-changed", f"line {key}", _("it was changed after it was written"))
        for event_id, stored in zip(lines["event_id"].to_pylist(), lines["row_hash"].to_pylist(), strict=True):
            hashes[event_id].append(stored)
    yield from _event_digests(session, hashes)
    yield from _batches(session)
    yield from _balances(session)


def _event_digests(session: Session, hashes: dict[int, list[str]]) -> Iterator[Finding]:
    digests = dict(session.execute(select(Event.id, Event.digest)).all())
    for event_id, written in sorted(hashes.items()):
        if digests.get(event_id) != digest_texts(written):
            yield broken("event-lines", f"event {event_id}", _("its lines are not those that it wrote"))


def _batches(session: Session) -> Iterator[Finding]:
    counts = select(Line.event_id, func.count(Line.id)).group_by(Line.event_id)
    lines = dict(session.execute(counts).all())
    for batch, entry in session.execute(
        select(Batch, Event).join(Event, Event.id == Batch.event_id).order_by(Batch.id)
    ):
        where, after = f"batch {batch.id}", entry.after or {}
        if batch.digest != entry.digest or batch.new_rows != lines.get(entry.id, 0):
            yield broken("batch-changed", where, _("its lines are not those that its import wrote"))
        if after.get("balances") != balances_digest(batch.balances):
            yield broken("batch-balances", where, _("its balances are not those of its file"))


def _balances(session: Session) -> Iterator[Finding]:
    query = select(StatementBalance, Batch, Event)
    query = query.outerjoin(Batch, Batch.id == StatementBalance.batch_id)
    query = query.join(Event, Event.id == StatementBalance.event_id).order_by(StatementBalance.id)
    for balance, batch, entry in session.execute(query):
        given = GivenBalance(balance.account_id, balance.kind, balance.on_date, balance.amount_minor)
        typed = (entry.after or {}).get("minor") == balance.amount_minor
        holds = given.to_json() in batch.balances if balance.batch_id else typed
        if not holds:
            yield broken("balance-changed", f"statement balance {balance.id}", _("it is not what was given"))
