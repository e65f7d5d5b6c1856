"""What does not add up in a statement, as findings: the bank's own figures against the entries."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow.compute as pc

from recon.intake.statement import Statement
from rules.errors import Finding
from rules.values import said_money
from rules.wording import _


def proof(statement: Statement, where: str) -> Iterator[Finding]:
    """Opening + sum = closing, one currency, and the totals the statement declares."""
    yield from _currencies(statement, where)
    yield from _balance(statement, where)
    yield from _totals(statement, where)


def _warn(code: str, where: str, sentence: str, **facts: object) -> Finding:
    return Finding(code, "warning", where, f"{where}: {sentence.format(**facts)}")


def _currencies(statement: Statement, where: str) -> Iterator[Finding]:
    own = statement.currency
    for balance in (statement.opening, statement.closing):
        if balance and balance.currency != own:
            sentence = _("the balance {kind} is in {other}, the account in {own}.")
            yield _warn("balance-currency", where, sentence, kind=balance.kind, other=balance.currency, own=own)
    for other in pc.unique(statement.lines["currency"]).to_pylist():
        if other != own:
            sentence = _("an entry is in {other}, the account in {own}; its amount counts as it stands.")
            yield _warn("entry-currency", where, sentence, other=other, own=own)


def _balance(statement: Statement, where: str) -> Iterator[Finding]:
    if not statement.opening or not statement.closing:
        return
    opening, total, closing = statement.opening.amount_minor, statement.sum_minor, statement.closing.amount_minor
    if opening + total != closing:
        figures = {"opening": opening, "total": total, "closing": closing, "off": closing - opening - total}
        shown = {name: said_money(minor, statement.currency) for name, minor in figures.items()}
        sentence = _("opening {opening} + entries {total} is not closing {closing}; the difference is {off}.")
        yield _warn("balance-proof", where, sentence, **shown)


def _totals(statement: Statement, where: str) -> Iterator[Finding]:
    declared = statement.declared
    if declared.entries is not None and declared.entries != statement.entries:
        sentence = _("{declared} entries are declared, {found} are booked.")
        yield _warn("declared-count", where, sentence, declared=declared.entries, found=statement.entries)
    if declared.net_minor is not None and abs(declared.net_minor) != abs(statement.sum_minor):
        shown = {n: said_money(m, statement.currency) for n, m in _nets(statement).items()}
        yield _warn("declared-sum", where, _("a sum of {declared} is declared, the entries give {found}."), **shown)


def _nets(statement: Statement) -> dict[str, int]:
    return {"declared": statement.declared.net_minor or 0, "found": statement.sum_minor}
