"""Statements that came in before: how one is known again, and the chain that they make for an account."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from recon.database.models import Account, Batch, BatchStatement
from recon.intake.statement import Statement
from rules.errors import Finding
from rules.values import said_day
from rules.wording import _


@dataclass(frozen=True)
class KnownStatement:
    """A statement of a standing import. Balances are minor units in the account's own sign."""

    batch_id: int
    file_name: str
    format: str
    number: str | None
    from_on: dt.date | None
    to_on: dt.date | None
    opening_minor: int | None
    closing_minor: int | None
    rows: int
    ledger: bool

    @property
    def stated(self) -> bool:
        """Whether the file itself says that these days are whole; a mere table of lines does not."""
        given = (self.number, self.opening_minor, self.closing_minor)
        return not self.ledger and any(each is not None for each in given)

    def covers(self, day: dt.date) -> bool:
        return self.from_on is not None and self.to_on is not None and self.from_on <= day <= self.to_on


def known_statements(session: Session, account: Account) -> list[KnownStatement]:
    """The statements of an account in standing imports, by their days; those taken back in part left out."""
    query = (
        select(BatchStatement, Batch)
        .join(Batch, Batch.id == BatchStatement.batch_id)
        .where(BatchStatement.account_id == account.id, Batch.undone_event_id.is_(None))
        .order_by(BatchStatement.from_on, BatchStatement.to_on, BatchStatement.id)
    )
    found = []
    for statement, batch in session.execute(query):
        if not any(part["account_id"] in (None, account.id) for part in batch.undone_parts or ()):
            found.append(_known(statement, batch))
    return found


def _known(statement: BatchStatement, batch: Batch) -> KnownStatement:
    return KnownStatement(
        batch_id=batch.id,
        file_name=batch.file_name,
        format=batch.reader,
        number=statement.number,
        from_on=statement.from_on,
        to_on=statement.to_on,
        opening_minor=statement.opening_minor,
        closing_minor=statement.closing_minor,
        rows=statement.rows,
        ledger=statement.ledger,
    )


def statement_number(statement: Statement) -> str | None:
    """What the bank calls a statement: its id, else its number."""
    return statement.statement_id or statement.electronic_number or statement.legal_number


def statement_again(statement: Statement, known: Sequence[KnownStatement]) -> KnownStatement | None:
    """The known statement that this is again: same number, days and closing balance."""
    number, closing = statement_number(statement), statement.closing.amount_minor if statement.closing else None
    if number is None or closing is None:
        return None
    mine = (number, *statement.covers, closing)
    return next((k for k in known if (k.number, k.from_on, k.to_on, k.closing_minor) == mine), None)


@dataclass(frozen=True)
class Link:
    """A statement in an account's chain, and how it follows the one before: `fits`, `gap`, `overlap`, `differs`, or
    `first`. `missing` are the days of a gap; `off_minor` is opening − previous closing where both are given."""

    statement: KnownStatement
    kind: str
    missing: tuple[dt.date, dt.date] | None = None
    off_minor: int | None = None


def chain(statements: Sequence[KnownStatement]) -> list[Link]:
    """The statements of an account that give days, one after another."""
    return list(_links([each for each in statements if each.from_on and each.to_on and each.stated]))


def _links(statements: Sequence[KnownStatement]) -> Iterator[Link]:
    last: KnownStatement | None = None
    for each in statements:
        yield _link(last, each)
        if last is None or last.to_on is None or (each.to_on is not None and each.to_on >= last.to_on):
            last = each


def _link(last: KnownStatement | None, each: KnownStatement) -> Link:
    if last is None or last.to_on is None or each.from_on is None:
        return Link(each, "first")
    off = None
    if last.closing_minor is not None and each.opening_minor is not None:
        off = each.opening_minor - last.closing_minor
    if each.from_on <= last.to_on:
        return Link(each, "overlap")
    if off:
        return Link(each, "differs", _between(last.to_on, each.from_on), off)
    if off is None and _between(last.to_on, each.from_on):
        return Link(each, "gap", _between(last.to_on, each.from_on))
    return Link(each, "fits", off_minor=off)


def _between(last: dt.date, first: dt.date) -> tuple[dt.date, dt.date] | None:
    day = dt.timedelta(days=1)
    return (last + day, first - day) if first - last > day else None


def chain_findings(account: Account, statements: Sequence[Statement], known: Sequence[KnownStatement]) -> list[Finding]:
    """What the file's statements overlap, and the days between them and what is known that no statement covers."""
    findings = []
    for statement in statements:
        first, last = statement.covers
        if first is None or last is None or not (statement.opening or statement.closing or statement_number(statement)):
            continue
        overlapped = [k for k in known if k.from_on and k.to_on and k.from_on <= last and k.to_on >= first]
        if overlapped:
            findings.append(_overlap(account, overlapped, first, last))
            continue
        before = [k for k in known if k.to_on and k.to_on < first]
        newest = max(before, key=lambda k: k.to_on or first, default=None)
        if newest is not None and newest.to_on is not None and (missing := _between(newest.to_on, first)):
            proved = newest.closing_minor is not None and statement.opening is not None
            if not (proved and statement.opening and statement.opening.amount_minor == newest.closing_minor):
                findings.append(_gap(account, missing))
    return findings


def _overlap(account: Account, overlapped: Sequence[KnownStatement], first: dt.date, last: dt.date) -> Finding:
    told = _("account {account}: {first} to {last} overlaps {file} ({from_on} to {to_on}); only what is new is added")
    other = overlapped[-1]
    days = {"first": first, "last": last, "from_on": other.from_on or first, "to_on": other.to_on or last}
    said = told.format(
        account=account.number, file=other.file_name, **{name: said_day(on) for name, on in days.items()}
    )
    return Finding("days-overlap", "info", account.number, said)


def _gap(account: Account, missing: tuple[dt.date, dt.date]) -> Finding:
    told = _("account {account}: no statement covers {first} to {last}")
    said = told.format(account=account.number, first=said_day(missing[0]), last=said_day(missing[1]))
    return Finding("days-missing", "warning", account.number, said)


def same_statement_finding(account: Account, known: KnownStatement, added: int, missing: int) -> Finding:
    """A statement that came before: the same content, or other content under the same identity."""
    facts = {"account": account.number, "number": known.number, "file": known.file_name}
    if not added and not missing:
        told = _("account {account}: statement {number} is here already, from {file}")
        return Finding("same-statement", "info", account.number, told.format(**facts))
    told = _(
        "account {account}: statement {number} is here already, from {file}, with other content: {added} lines of this"
        " file are not in that one, {missing} of that one are not in this file; nothing of it is added"
    )
    said = told.format(**facts, added=added, missing=missing)
    return Finding("statement-replaced", "warning", account.number, said)
