"""Deliveries for tests of imports, as small as their formats allow: camt.053, camt.054 and SIE 4."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Entry:
    """A booked entry: ISO day, decimal amount with sign, the bank's reference, and its details (amount, KID)."""

    on: str
    amount: str
    reference: str = ""
    text: str = ""
    details: Sequence[tuple[str, str]] = ()


def camt053(
    entries: Iterable[Entry],
    *,
    account: str = "12345678903",
    number: str = "1",
    opening: str | None = None,
    closing: str | None = None,
    days: tuple[str, str] = ("2025-01-01", "2025-01-31"),
) -> bytes:
    """A statement; balances only where given."""
    period = f"<FrToDt><FrDtTm>{days[0]}T00:00:00</FrDtTm><ToDtTm>{days[1]}T23:59:59</ToDtTm></FrToDt>"
    balances = _balance("OPBD", opening, days[0]) + _balance("CLBD", closing, days[1])
    return _message("053", "BkToCstmrStmt", "Stmt", number, period, account, balances, entries)


def camt054(
    entries: Iterable[Entry],
    *,
    account: str = "12345678903",
    number: str = "N1",
) -> bytes:
    """A notification: details, and no balance."""
    return _message("054", "BkToCstmrDbtCdtNtfctn", "Ntfctn", number, "", account, "", entries)


def _message(
    kind: str, root: str, part: str, number: str, period: str, account: str, balances: str, entries: Iterable[Entry]
) -> bytes:
    body = "".join(_entry(entry) for entry in entries)
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.{kind}.001.08">'
        f"<{root}><GrpHdr><MsgId>M{number}</MsgId><CreDtTm>2025-02-01T00:00:00</CreDtTm></GrpHdr>"
        f"<{part}><Id>{number}</Id><CreDtTm>2025-02-01T00:00:00</CreDtTm>{period}"
        f"<Acct><Id><Othr><Id>{account}</Id></Othr></Id><Ccy>NOK</Ccy></Acct>{balances}{body}</{part}></{root}></Document>"
    ).encode()


def _amount(amount: str) -> str:
    side = "DBIT" if amount.startswith("-") else "CRDT"
    return f'<Amt Ccy="NOK">{amount.lstrip("-")}</Amt><CdtDbtInd>{side}</CdtDbtInd>'


def _balance(kind: str, amount: str | None, on: str) -> str:
    if amount is None:
        return ""
    coded = f"<Tp><CdOrPrtry><Cd>{kind}</Cd></CdOrPrtry></Tp>"
    return f"<Bal>{coded}{_amount(amount)}<Dt><Dt>{on}</Dt></Dt></Bal>"


def _entry(entry: Entry) -> str:
    named = f"<AcctSvcrRef>{entry.reference}</AcctSvcrRef>" if entry.reference else ""
    details = "".join(
        f"<TxDtls>{_amount(amount)}<RmtInf><Strd><CdtrRefInf><Ref>{kid}</Ref></CdtrRefInf></Strd></RmtInf></TxDtls>"
        for amount, kid in entry.details
    )
    held = f"<NtryDtls>{details}</NtryDtls>" if details else ""
    text = f"<AddtlNtryInf>{entry.text}</AddtlNtryInf>" if entry.text else ""
    return (
        f"<Ntry>{_amount(entry.amount)}<Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>{entry.on}</Dt></BookgDt>"
        f"<ValDt><Dt>{entry.on}</Dt></ValDt>{named}{held}{text}</Ntry>"
    )


@dataclass(frozen=True)
class Voucher:
    """A voucher of two rows: one on the account, one on 3000."""

    number: int
    on: str
    amount: str
    text: str = "Sale"
    series: str = "A"
    account: str = "1920"


def sie4(vouchers: Sequence[Voucher], *, days: tuple[str, str] = ("20250101", "20251231")) -> bytes:
    """A ledger's whole year with the balance of 1920."""
    total = sum(round(float(v.amount) * 100) for v in vouchers if v.account == "1920")
    head = [
        *("#FLAGGA 0", "#FORMAT PC8", "#SIETYP 4", '#PROGRAM "Test" 1', "#GEN 20250601", '#FNAMN "Fjord AS"'),
        *(f"#RAR 0 {days[0]} {days[1]}", "#VALUTA NOK", "#IB 0 1920 0.00", f"#UB 0 1920 {total / 100:.2f}"),
    ]
    return ("\r\n".join([*head, *map(_voucher, vouchers)]) + "\r\n").encode("cp437")


def _voucher(voucher: Voucher) -> str:
    other = voucher.amount.lstrip("-") if voucher.amount.startswith("-") else "-" + voucher.amount
    day = voucher.on.replace("-", "")
    rows = [
        f'#VER "{voucher.series}" {voucher.number} {day} "{voucher.text}"',
        "{",
        f"#TRANS {voucher.account} {{}} {voucher.amount}",
        f"#TRANS 3000 {{}} {other}",
        "}",
    ]
    return "\r\n".join(rows)
