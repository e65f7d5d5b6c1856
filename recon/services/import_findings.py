"""What there is to say about a file against what is stored: doubles, changes, gaps. Nothing of it blocks by itself."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import pyarrow as pa
from sqlalchemy import select
from sqlalchemy.orm import Session

from recon.database.bulk import read_table
from recon.database.models import Account, Batch
from recon.intake.duplicates import possible_doubles
from recon.intake.lumps import tells_details
from recon.intake.remarks import Remarks
from recon.intake.revisions import Change
from recon.intake.statement import Reading
from recon.services.judge_lines import AccountLines
from recon.services.known_statements import chain_findings, known_statements, same_statement_finding
from recon.services.statement_balances import balance_findings
from rules.errors import Finding
from rules.values import said_day, said_money
from rules.wording import _


def file_findings(session: Session, reading: Reading, accounts: Sequence[AccountLines]) -> list[Finding]:
    """The whole file again, and the bank's own mark of a copy."""
    findings = []
    companies = {each.account.company_id for each in accounts}
    same = select(Batch).where(
        Batch.sha256 == reading.sha256, Batch.company_id.in_(companies), Batch.undone_event_id.is_(None)
    )
    for batch in session.scalars(same.order_by(Batch.id).limit(1)):
        told = _("this very file is here already, as {file} (import {number})")
        findings.append(Finding("same-file", "info", "", told.format(file=batch.file_name, number=batch.id)))
    if any(statement.copy for statement in reading.statements):
        told = _("the bank marks a statement of this file as a copy or duplicate")
        findings.append(Finding("marked-copy", "info", "", told))
    return findings


def account_findings(session: Session, reading: Reading, each: AccountLines) -> list[Finding]:
    """Of one account: statements here already, days, balances, vouchers changed, and possible doubles."""
    account = each.account
    findings = [_again(each, *pair) for pair in each.again]
    fresh = [s for s in each.statements if not any(s is known for known, _before in each.again)]
    known = [k for k in known_statements(session, account) if k.stated]
    if each.account.kind == "bank":
        findings += chain_findings(account, fresh, known)
    findings += balance_findings(session, account, each.statements)
    findings += change_findings(account, each.changes)
    findings += _surplus(each) + _parts(each)
    return findings + _other_format(session, reading, each)


def _again(each: AccountLines, statement: Any, before: Any) -> Finding:
    new = sum(r.lines.num_rows for r in each.refused if r.rung == "statement")
    kept = statement.lines.num_rows - new
    return same_statement_finding(each.account, before, new, max(0, before.rows - kept))


def change_findings(account: Account, found: Iterable[Change]) -> tuple[Finding, ...]:
    """Each voucher that an export tells otherwise or no longer holds, with what differs."""
    remarks = Remarks()
    for change in found:
        code = "voucher-gone" if change.gone else "voucher-changed"
        remarks.add(code, "warning", account.number, _told(account, change))
    return remarks.all()


def _told(account: Account, change: Change) -> str:
    facts = {
        "account": account.number,
        "voucher": _voucher(change),
        "day": said_day(change.was["booked_on"]),
        "amount": said_money(change.was["amount_minor"], account.currency),
    }
    if change.gone:
        told = _("account {account}: voucher {voucher} of {day}, {amount}, is no longer in the ledger")
        return told.format(**facts)
    told = _("account {account}: voucher {voucher} of {day}, {amount}, has changed: {fields}")
    return told.format(**facts, fields="; ".join(_field(account, *field) for field in change.fields))


def _voucher(change: Change) -> str:
    parts = (change.was.get("voucher_type"), change.was.get("voucher_number"))
    return " ".join(str(part) for part in parts if part) or "–"


def _field(account: Account, name: str, was: Any, now: Any) -> str:
    if name == "amount_minor":
        was, now = (said_money(minor, account.currency) for minor in (was, now))
    if name == "booked_on":
        was, now = (day and said_day(day) for day in (was, now))
    label = {"booked_on": _("date"), "amount_minor": _("amount"), "text": _("text")}.get(name, name.replace("_", " "))
    return f"{label} {was if was is not None else '–'} → {now if now is not None else '–'}"


def _surplus(each: AccountLines) -> list[Finding]:
    if not each.surplus:
        return []
    told = _("account {account}: {count} lines are equal to lines here already and are added as further ones")
    said = told.format(account=each.account.number, count=each.surplus)
    return [Finding("equal-lines", "warning", each.account.number, said)]


def _parts(each: AccountLines) -> list[Finding]:
    if not each.parts:
        return []
    told = _("account {account}: {parts} details take the place of {sums} sums of the statement; no money is added")
    count = sum(map(len, each.parts.values()))
    said = told.format(account=each.account.number, parts=count, sums=len(each.parts))
    return [Finding("lump-parts", "info", each.account.number, said)]


def _other_format(session: Session, reading: Reading, each: AccountLines) -> list[Finding]:
    """The same days and amounts through another format: most likely the same money a second time."""
    own = {place for places in each.parts.values() for place in places} | set(each.replacing)
    new = each.new
    if own:
        new = new.take(pa.array([place for place in range(new.num_rows) if place not in own], pa.int64()))
    others = [k for k in known_statements(session, each.account) if k.format != reading.format]
    if not new.num_rows or not others or tells_details(reading.format):
        return []
    listed = ", ".join(str(k.batch_id) for k in others)
    query = (
        f"SELECT l.booked_on, l.amount_minor FROM line l WHERE l.account_id = {int(each.account.id)}"  # noqa: S608
        f" AND l.withdrawn_event_id IS NULL"
        f" AND EXISTS (SELECT 1 FROM batch_line bl WHERE bl.line_id = l.id AND bl.batch_id IN ({listed}))"
        f" AND NOT EXISTS (SELECT 1 FROM batch_line bl JOIN batch b ON b.id = bl.batch_id"
        f" WHERE bl.line_id = l.id AND b.reader = '{_quoted(reading.format)}')"
    )
    stored = read_table(session, query, {"booked_on": pa.date32(), "amount_minor": pa.int64()})
    count, total = possible_doubles(new, stored)
    if not count:
        return []
    told = _(
        "account {account}: {count} of the new lines ({total}) have day and amount of lines that came as {formats};"
        " if they are the same payments, importing them doubles the balance"
    )
    formats = ", ".join(sorted({k.format for k in others}))
    total_said = said_money(total, each.account.currency)
    said = told.format(account=each.account.number, count=count, total=total_said, formats=formats)
    return [Finding("other-format", "warning", each.account.number, said)]


def _quoted(text: str) -> str:
    return text.replace("'", "''")
