"""The dates of a bank connection: what may still come by hand, what a bank may deliver, and when it is silent.

While a service is pending, lines from its activation day on are the bank's to bring, so none are taken by hand; earlier
days stay open. The first delivered statement makes it active: then the bank brings nothing from before that day, and
what lies in the waiting time may be entered by hand. (Domain, bank connection; scenario T27.)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

import pyarrow as pa
import pyarrow.compute as pc
from stdnum import iban as iban_number
from stdnum.exceptions import ValidationError

from recon.intake.statement import Reading, Statement
from rules.banking_days import BankingCalendar
from rules.errors import Finding
from rules.values import said_day
from rules.wording import _

SILENT_DAYS = 2
"""Banking days without a word after which a bank counts as silent."""

TOO_EARLY = "before-activation"
"""The code of the finding about lines from before the activation day."""


def barred_by_hand(state: str, from_on: date, day: date) -> bool:
    """Whether a line of that day may not be entered, nor come in a file uploaded by hand."""
    return state == "pending" and day >= from_on


def iban_fault(iban: str | None) -> str | None:
    """Why an IBAN cannot serve, as a sentence; None where it can."""
    if not (iban or "").strip():
        return _("the account has no IBAN, and the bank names the account by it")
    try:
        iban_number.validate(str(iban))
    except ValidationError:
        return _("{iban} is no IBAN: its length or its check digits are wrong").format(iban=iban)
    return None


def delivered(reading: Reading, from_on: Mapping[str, date]) -> Reading:
    """What a bank may bring: of each account in `from_on` (by account key) only lines from that day on.

    A statement that ends before it is left out whole; what is left out is told in a finding.
    """
    parts: list[Statement] = []
    findings: list[Finding] = []
    for statement in reading.statements:
        start = from_on.get(statement.account_key or "")
        kept = statement if start is None else _since(statement, start)
        if kept is not None:
            parts.append(kept)
        if start is not None and kept is not statement:
            left_out = statement.lines.num_rows - (kept.lines.num_rows if kept else 0)
            findings.append(_too_early(statement, start, left_out))
    return replace(reading, statements=tuple(parts), findings=(*reading.findings, *findings))


def _since(statement: Statement, start: date) -> Statement | None:
    lines = statement.lines
    late = pc.greater_equal(lines["booking_date"], pa.scalar(start))
    if pc.all(late, min_count=0).as_py() and lines.num_rows:
        return statement
    last = statement.covers[1]
    if last is not None and last < start:
        return None
    return replace(statement, lines=lines.filter(late))


def _too_early(statement: Statement, start: date, count: int) -> Finding:
    told = _("{count} lines of account {account} are from before {day}, when its statement service began; left out")
    return Finding(
        TOO_EARLY,
        "warning",
        str(statement.account),
        told.format(count=count, account=statement.account, day=said_day(start)),
    )


def silent(last_heard: date, today: date, country: str) -> bool:
    """Whether two banking days have gone by without a delivery."""
    return BankingCalendar(country).count(last_heard, today) > SILENT_DAYS
