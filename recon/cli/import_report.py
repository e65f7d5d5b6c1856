"""What `recon import` tells about a file: the figures as JSON holds them, and the same as sentences."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from decimal import Decimal
from typing import Any

from recon.intake.statement import Balance, Reading, Statement
from rules.errors import Finding
from rules.values import from_minor
from rules.wording import _

Told = dict[str, Any]


def told(reading: Reading, new: int, known: int, findings: Iterable[Finding]) -> Told:
    """`format, statements, entries, details, sum, new, known, findings`; amounts are decimal strings."""
    return {
        "format": reading.format,
        "statements": [_statement(statement) for statement in reading.statements],
        "entries": reading.entries,
        "details": reading.details,
        "sum": _sum(reading.statements),
        "new": new,
        "known": known,
        "findings": [asdict(finding) for finding in findings],
    }


def _statement(statement: Statement) -> Told:
    return {
        "account": statement.account,
        "currency": statement.currency,
        "opening": _amount(statement.opening),
        "closing": _amount(statement.closing),
        "from": statement.from_on.isoformat() if statement.from_on else None,
        "to": statement.to_on.isoformat() if statement.to_on else None,
    }


def _amount(balance: Balance | None) -> str | None:
    return from_minor(balance.amount_minor, balance.currency) if balance else None


def _sum(statements: Iterable[Statement]) -> str:
    """Over all statements, whatever their currencies: a figure to compare two readings of a file by."""
    amounts = (Decimal(from_minor(each.sum_minor, each.currency)) for each in statements if each.lines.num_rows)
    return str(sum(amounts, Decimal("0.00")))


def sentences(name: str, report: Told, dry_run: bool) -> Iterable[str]:
    """New, already known, findings."""
    head = _("{file} ({format}): {new} new, {known} already known.")
    if dry_run:
        head = _("{file} ({format}): {new} would be new, {known} are already known; nothing was stored.")
    yield head.format(file=name, format=report["format"], new=report["new"], known=report["known"])
    for finding in report["findings"]:
        yield f"  {finding['severity']}: {finding['sentence']}"
