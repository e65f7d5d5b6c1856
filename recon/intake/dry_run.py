"""What `recon import FILE --dry-run --json` says of a file, as plain values; amounts are decimal strings."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import TypedDict

from recon.intake.statement import Balance, Reading, Statement
from rules.errors import Finding
from rules.values import from_minor

Period = TypedDict("Period", {"from": str | None, "to": str | None})
"""ISO dates: the stated period, else the first and last booking date."""


class StatementReport(Period):
    account: str | None
    currency: str | None
    opening: str | None
    closing: str | None


class FindingReport(TypedDict):
    code: str
    severity: str
    where: str
    sentence: str


class Report(TypedDict):
    """`new` and `known` count lines; `sum` is "12.00", or "EUR 12.00; USD 1.00" where currencies differ."""

    format: str
    statements: list[StatementReport]
    entries: int
    details: int
    sum: str
    new: int
    known: int
    findings: list[FindingReport]


def report(reading: Reading, *, known: int = 0) -> Report:
    """`known` is the number of the file's lines that are stored already; without a database none are."""
    lines = sum(len(statement.lines) for statement in reading.statements)
    return {
        "format": reading.format,
        "statements": [_statement(statement) for statement in reading.statements],
        "entries": reading.entries,
        "details": reading.details,
        "sum": _sum(reading.statements),
        "new": lines - known,
        "known": known,
        "findings": [_finding(finding) for finding in reading.findings],
    }


def _statement(statement: Statement) -> StatementReport:
    first, last = statement.covers
    return {
        "account": statement.account,
        "currency": statement.currency or None,
        "opening": _amount(statement.opening),
        "closing": _amount(statement.closing),
        "from": _iso(first),
        "to": _iso(last),
    }


def _amount(balance: Balance | None) -> str | None:
    if balance is None:
        return None
    return balance.written or from_minor(balance.amount_minor, balance.currency)


def _iso(on: date | None) -> str | None:
    return on.isoformat() if on else None


def _sum(statements: Sequence[Statement]) -> str:
    totals: dict[str, int] = defaultdict(int)
    for statement in statements:
        totals[statement.currency] += statement.sum_minor
    written = {currency: from_minor(minor, currency) if currency else "0" for currency, minor in totals.items()}
    if len(written) == 1:
        return next(iter(written.values()))
    return "; ".join(f"{currency} {amount}" for currency, amount in written.items() if currency) or "0"


def _finding(finding: Finding) -> FindingReport:
    return {
        "code": finding.code,
        "severity": finding.severity,
        "where": finding.where,
        "sentence": finding.sentence,
    }
