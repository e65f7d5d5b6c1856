"""A SQL source as a file is read: its rows as statements with lines, and the balances its own query gives."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pyarrow as pa

from recon.errors import Unreadable
from recon.intake.canonical import Source as Origin
from recon.intake.canonical import field_names, statements
from recon.intake.statement import Balance, Reading, Statement, account_key
from recon.sources.query import read_query
from rules.values import to_minor
from rules.wording import _

FORMAT = "sql"
DAYS = 400
"""How far back a source is read where it does not say."""

_BALANCE = ("account_number", "on_date", "amount")


def window(place: Mapping[str, Any], today: dt.date) -> tuple[dt.date, dt.date]:
    """First and last day that are asked for."""
    return today - dt.timedelta(days=int(place.get("days", DAYS))), today


def read_rows(name: str, place: Mapping[str, Any], environment: Mapping[str, str], today: dt.date) -> Reading:
    """Ask the source. Raises Unreachable, or Unreadable naming row, column and value."""
    first, last = window(place, today)
    rows = read_query(place["url"], place["lines"], first, last, environment)
    given = read_query(place["url"], place["balances"], first, last, environment) if "balances" in place else None
    cells = _renamed(rows, place["columns"], name)
    found = statements([cells], Origin(name, lambda row: _("row {n}").format(n=row + 1)))
    digest = hashlib.sha256()
    for table in (rows, given):
        for batch in table.to_batches() if table is not None else ():
            for column in batch.to_pydict().items():
                digest.update(repr(column).encode())
    balances = _balances(given, name) if given is not None else {}
    return Reading(FORMAT, "", tuple(_with_balance(each, balances) for each in found), sha256=digest.hexdigest())


def _renamed(rows: pa.Table, columns: Mapping[str, str], name: str) -> pa.Table:
    """The columns under our names; those nobody named are left out."""
    missing = [theirs for theirs in columns.values() if theirs not in rows.column_names]
    if missing:
        raise Unreadable(
            _("{file}: the query gives no column {names}").format(file=name, names=", ".join(sorted(missing)))
        )
    fields = field_names(list(columns), name)
    return pa.table(dict(zip(fields, (rows[theirs] for theirs in columns.values()), strict=True)))


def _balances(given: pa.Table, name: str) -> dict[str, tuple[dt.date, str]]:
    """By account key, the latest balance: its day and its figure as written."""
    if missing := [column for column in _BALANCE if column not in given.column_names]:
        raise Unreadable(_("{file}: the query for balances gives no {names}").format(file=name, names=missing[0]))
    latest: dict[str, tuple[dt.date, str]] = {}
    rows: Sequence[tuple[str, str, str]] = list(zip(*(given[c].to_pylist() for c in _BALANCE), strict=True))
    for number, day, amount in rows:
        try:
            on = dt.date.fromisoformat(day)
        except (TypeError, ValueError):
            raise Unreadable(
                _("{file}: the balance of account {account} has no ISO date: {day}").format(
                    file=name, account=number, day=day
                )
            ) from None
        key = account_key(str(number))
        if key not in latest or latest[key][0] < on:
            latest[key] = (on, amount)
    return latest


def _with_balance(statement: Statement, balances: Mapping[str, tuple[dt.date, str]]) -> Statement:
    known = balances.get(statement.account_key or "")
    if known is None:
        return statement
    on, amount = known
    try:
        minor = to_minor(amount, statement.currency)
    except ValueError as error:
        raise Unreadable(
            _("the balance of account {account}: {reason}").format(account=statement.account, reason=error)
        ) from None
    return replace(statement, closing=Balance("sql", minor, statement.currency, on))
