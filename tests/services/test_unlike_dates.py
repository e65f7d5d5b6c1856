"""Scenario T5: a statement balance of another day than the calculated one is no difference."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from recon.closing.balances import AccountBalances, Comparison
from recon.database.models import Line
from recon.services.import_file import import_file
from recon.services.read_balances import read_balances
from tests.books import Books

NOVEMBER = dt.date(2025, 11, 30)

STATEMENT = """<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02"><BkToCstmrStmt>
<GrpHdr><MsgId>{name}</MsgId><CreDtTm>2025-12-01T06:00:00</CreDtTm></GrpHdr><Stmt><Id>{name}</Id>
<FrToDt><FrDtTm>2025-11-01T00:00:00</FrDtTm><ToDtTm>{to}T00:00:00</ToDtTm></FrToDt>
<Acct><Id><Othr><Id>12345678903</Id></Othr></Id><Ccy>NOK</Ccy></Acct>
<Bal><Tp><CdOrPrtry><Cd>OPBD</Cd></CdOrPrtry></Tp><Amt Ccy="NOK">0.00</Amt><CdtDbtInd>CRDT</CdtDbtInd>
<Dt><Dt>2025-11-01</Dt></Dt></Bal>
<Bal><Tp><CdOrPrtry><Cd>CLBD</Cd></CdOrPrtry></Tp><Amt Ccy="NOK">{closing}</Amt><CdtDbtInd>CRDT</CdtDbtInd>
<Dt><Dt>{to}</Dt></Dt></Bal>{entries}</Stmt></BkToCstmrStmt></Document>"""

ENTRY = """<Ntry><Amt Ccy="NOK">{amount}</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts>
<BookgDt><Dt>{day}</Dt></BookgDt><ValDt><Dt>{day}</Dt></ValDt><AcctSvcrRef>{day}-{amount}</AcctSvcrRef></Ntry>"""

FIRST = [("2025-11-03", "100.00"), ("2025-11-06", "50.00")]
LATER = [("2025-11-20", "25.00")]


def statement(to: str, closing: str, entries: list[tuple[str, str]]) -> bytes:
    written = "".join(ENTRY.format(day=day, amount=amount) for day, amount in entries)
    return STATEMENT.format(name=f"S{to}", to=to, closing=closing, entries=written).encode()


def bank(session: Session, books: Books) -> AccountBalances:
    accounts = read_balances(session, books.preparer, books.group.id, NOVEMBER).accounts
    return next(account for account in accounts if account.side == "right")


def test_t5_unlike_dates_are_named_and_no_difference(session: Session, books: Books) -> None:
    import_file(session, books.preparer, statement("2025-11-06", "150.00", FIRST), name="early.xml")
    early = bank(session, books)
    assert (early.comparison, early.difference_minor) == (Comparison.OTHER_DATE, None)
    assert early.not_comparable == "not comparable: calculated as of 2025-11-30, statement as of 2025-11-06"
    whole = statement("2025-11-30", "175.00", [*FIRST, *LATER])
    assert import_file(session, books.preparer, whole, name="whole.xml").new == 1
    found = bank(session, books)
    assert (found.comparison, found.difference_minor) == (Comparison.EQUAL, 0)
    assert found.calculated.amount_minor == 17500
    assert session.scalar(select(func.count(Line.id))) == 3
