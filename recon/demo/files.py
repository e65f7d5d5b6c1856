"""Bank and ledger files as the companies would get them: camt.053, CSV with our own columns, SIE 4."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time
from itertools import groupby
from xml.etree import ElementTree as Xml

from recon.demo.accounts import Postings
from recon.demo.books import Booking, Payment
from recon.demo.firms import Firm

_NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"
_CSV_COLUMNS = (
    "id", "account_number", "booking_date", "amount", "currency", "voucher_number", "reference", "archive_reference",
    "counterparty", "customer_number", "text",
)  # fmt: skip


def decimal_text(minor: int) -> str:
    whole, cents = divmod(abs(minor), 100)
    return f"{'-' if minor < 0 else ''}{whole}.{cents:02d}"


def ledger_csv(postings: Postings, currency: str) -> bytes:
    """Lines of one or several accounts, with the columns that `recon match` and the import know."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(_CSV_COLUMNS)
    for place, (account, line) in enumerate(postings, start=1):
        writer.writerow(
            [
                f"{account}-{line.voucher}-{place}", account, line.on.isoformat(), decimal_text(line.minor),
                currency, line.voucher, line.reference, line.archive_reference, line.counterparty,
                line.customer_number, line.text,
            ]
        )  # fmt: skip
    return out.getvalue().encode()


def sie4(firm: Firm, bookings: Sequence[Booking], opening_minor: int, until: date) -> bytes:
    """The year so far: vouchers, and opening and closing balance of the bank account at `until`."""
    closing = opening_minor + sum(line.minor for line in bookings)
    account, year = firm.ledger_bank, until.year
    head = [
        "#FLAGGA 0", '#PROGRAM "Recon demo" 1', "#FORMAT PC8", f"#GEN {until:%Y%m%d}", "#SIETYP 4",
        f"#ORGNR {firm.organisation_number}", f'#FNAMN "{firm.name}"', f"#RAR 0 {year}0101 {year}1231",
        f"#OMFATTN {until:%Y%m%d}", f'#KONTO {account} "Bank"', f"#IB 0 {account} {decimal_text(opening_minor)}",
        f"#UB 0 {account} {decimal_text(closing)}",
    ]  # fmt: skip
    in_order = sorted(bookings, key=lambda line: (line.on, line.voucher))
    vouchers = [
        _voucher(firm, list(lines)) for _key, lines in groupby(in_order, key=lambda line: (line.on, line.voucher))
    ]
    return ("\r\n".join([*head, *vouchers]) + "\r\n").encode("cp437")


def _voucher(firm: Firm, lines: list[Booking]) -> str:
    first = lines[0]
    rows = [f'#VER "A" "{first.voucher}" {first.on:%Y%m%d} "{first.text}"', "{"]
    for line in lines:
        said = " ".join(filter(None, (line.text, line.reference or line.archive_reference, line.counterparty)))
        rows.append(f'   #TRANS {firm.ledger_bank} {{}} {decimal_text(line.minor)} {line.on:%Y%m%d} "{said}"')
        rows.append(f'   #TRANS {line.counter} {{}} {decimal_text(-line.minor)} {line.on:%Y%m%d} "{said}"')
    return "\r\n".join([*rows, "}"])


def camt053(firm: Firm, payments: Iterable[Payment], opening_minor: int, first: date, last: date, number: int) -> bytes:
    """One statement of the days `first` to `last`, with opening and closing balance."""
    listed = sorted(payments, key=lambda line: (line.on, line.bank_reference))
    closing = opening_minor + sum(line.minor for line in listed)
    document = Xml.Element("Document", xmlns=_NAMESPACE)
    report = _below(document, "BkToCstmrStmt")
    made = datetime.combine(last, time(23, 30)).isoformat()
    head = _below(report, "GrpHdr")
    _below(head, "MsgId", f"{firm.country}{last:%Y%m%d}")
    _below(head, "CreDtTm", made)
    statement = _below(report, "Stmt")
    _below(statement, "Id", f"{firm.key.upper()}-{last:%Y-%m}")
    _below(statement, "ElctrncSeqNb", str(number))
    _below(statement, "CreDtTm", made)
    period = _below(statement, "FrToDt")
    _below(period, "FrDtTm", datetime.combine(first, time()).isoformat())
    _below(period, "ToDtTm", datetime.combine(last, time(23, 59, 59)).isoformat())
    _account(statement, firm)
    _balance(statement, "OPBD", opening_minor, firm.currency, first)
    _balance(statement, "CLBD", closing, firm.currency, last)
    for _key, parts in groupby(listed, key=lambda line: (line.on, line.lump or line.bank_reference)):
        _entry(statement, list(parts), firm)
    written: bytes = Xml.tostring(document, encoding="UTF-8", xml_declaration=True)
    return written


def _below(parent: Xml.Element, tag: str, text: str | None = None) -> Xml.Element:
    child = Xml.SubElement(parent, tag)
    child.text = text
    return child


def _path(parent: Xml.Element, *tags: str, text: str) -> None:
    for tag in tags[:-1]:
        parent = _below(parent, tag)
    _below(parent, tags[-1], text)


def _account(statement: Xml.Element, firm: Firm) -> None:
    account = _below(statement, "Acct")
    identity = _below(account, "Id")
    if firm.bank.isdigit():
        _path(identity, "Othr", "Id", text=firm.bank)
    else:
        _below(identity, "IBAN", firm.bank)
    _below(account, "Ccy", firm.currency)
    _path(account, "Ownr", "Nm", text=firm.name)


def _amount(parent: Xml.Element, minor: int, currency: str) -> None:
    amount = _below(parent, "Amt", decimal_text(abs(minor)))
    amount.set("Ccy", currency)
    _below(parent, "CdtDbtInd", "CRDT" if minor >= 0 else "DBIT")


def _balance(statement: Xml.Element, kind: str, minor: int, currency: str, on: date) -> None:
    balance = _below(statement, "Bal")
    _path(balance, "Tp", "CdOrPrtry", "Cd", text=kind)
    _amount(balance, minor, currency)
    _path(balance, "Dt", "Dt", text=on.isoformat())


def _entry(statement: Xml.Element, parts: list[Payment], firm: Firm) -> None:
    first = parts[0]
    entry = _below(statement, "Ntry")
    _below(entry, "NtryRef", first.lump or first.bank_reference)
    _amount(entry, sum(part.minor for part in parts), firm.currency)
    _path(entry, "Sts", "Cd", text="BOOK")
    _path(entry, "BookgDt", "Dt", text=first.on.isoformat())
    _path(entry, "ValDt", "Dt", text=first.on.isoformat())
    _below(entry, "AcctSvcrRef", first.lump or first.bank_reference)
    domain = _below(_below(entry, "BkTxCd"), "Domn")
    _below(domain, "Cd", "PMNT")
    family = _below(domain, "Fmly")
    _below(family, "Cd", "RCDT" if first.minor >= 0 else "ICDT")
    _below(family, "SubFmlyCd", "DMCT")
    details = _below(entry, "NtryDtls")
    for part in parts:
        _detail(_below(details, "TxDtls"), part, firm)


def _detail(detail: Xml.Element, part: Payment, firm: Firm) -> None:
    _path(detail, "Refs", "AcctSvcrRef", text=part.bank_reference)
    _amount(detail, part.minor, firm.currency)
    if part.counterparty:
        role = "Dbtr" if part.minor >= 0 else "Cdtr"
        parties = _below(detail, "RltdPties")
        _path(parties, role, "Pty", "Nm", text=part.counterparty)
        _path(parties, f"{role}Acct", "Id", "Othr", "Id", text=part.counterparty_account)
    remittance = _below(detail, "RmtInf")
    if part.reference:
        _path(remittance, "Strd", "CdtrRefInf", "Ref", text=part.reference)
    else:
        _below(remittance, "Ustrd", part.text)
