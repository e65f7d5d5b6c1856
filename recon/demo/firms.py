"""The three companies, their accounts and people."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from recon.demo.numbers import iban, norwegian_account

START = date(2026, 1, 1)
"""First day of the demo's groups; the books run to the end of June."""

MONTHS = tuple((2026, month) for month in range(1, 7))
PASSWORD = "reconcile-2026"  # noqa: S105 - the demo's open secret, printed on the login page


@dataclass(frozen=True)
class Firm:
    """A company: `ledger_bank` and `bank` are reconciled against each other, both opening with `opening_minor`.

    `receivable`, `payable`, `clearing` and `intercompany` are its other ledger accounts; `words` how it writes.
    """

    key: str
    name: str
    country: str
    currency: str
    organisation_number: str
    ledger_bank: str
    bank: str
    opening_minor: int
    receivable: str
    payable: str
    clearing: str
    intercompany: str
    ledger_format: str
    words: dict[str, str]


_NORWEGIAN = {
    "invoice": "Faktura", "payment": "Innbetaling", "supplier": "Leverandørbetaling", "run": "Remittering",
    "rent": "Husleie", "lease": "Leasing varebil", "phone": "Telefoni", "salary": "Lønn", "tax": "Forskuddstrekk",
    "cards": "Kortoppgjør", "fee": "Gebyr betalingsformidling", "interest": "Kreditrenter", "reversal": "Reversering",
    "returned": "Retur betaling", "cheque": "Uavklart utbetaling", "subscription": "Abonnement", "structured": "KID",
    "collected": "OCR-innbetalinger",
}  # fmt: skip
_SWEDISH = {
    "invoice": "Faktura", "payment": "Inbetalning", "supplier": "Leverantörsbetalning", "run": "Betalfil", "rent": "Hyra",
    "lease": "Leasing bil", "phone": "Telefoni", "salary": "Lön", "tax": "Skatt", "cards": "Kortinlösen",
    "fee": "Bankavgift", "interest": "Ränta", "reversal": "Makulering", "returned": "Retur betalning",
    "cheque": "Ej inlöst utbetalning", "subscription": "Prenumeration", "structured": "OCR",
    "collected": "Bankgiroinsättningar",
}  # fmt: skip
_DANISH = {
    "invoice": "Fakturanr.", "payment": "Indbetaling", "supplier": "Leverandørbetaling", "run": "Betalingskørsel",
    "rent": "Husleje", "lease": "Leasing varevogn", "phone": "Telefoni", "salary": "Løn", "tax": "A-skat",
    "cards": "Kortafregning", "fee": "Omkostninger", "interest": "Renter", "reversal": "Tilbageførsel",
    "returned": "Returneret betaling", "cheque": "Uafklaret udbetaling", "subscription": "Abonnement",
    "structured": "FIK", "collected": "Fælles indbetalingskort",
}  # fmt: skip

FIRMS = (
    Firm(
        "nordlys", "Nordlys Handel AS", "NO", "NOK", "999 100 014", "1920", norwegian_account("8601111794"),
        1_250_000_00, "1500", "2400", "1579", "1570", "csv", _NORWEGIAN,
    ),
    Firm(
        "fjallsjo", "Fjällsjö Teknik AB", "SE", "SEK", "559999-0014", "1930", iban("SE", "50000000058398257466"),
        840_000_00, "1510", "2440", "1790", "2860", "sie", _SWEDISH,
    ),
    Firm(
        "strandby", "Strandby Logistik ApS", "DK", "DKK", "99 90 00 14", "5820", iban("DK", "00400440116243"),
        615_000_00, "5600", "6800", "6990", "5680", "csv", _DANISH,
    ),
)  # fmt: skip


@dataclass(frozen=True)
class Person:
    """A demo user and the role held in every company."""

    username: str
    name: str
    role: str


PEOPLE = (
    Person("admin", "Ada Admin", "admin"),
    Person("author", "Aksel Author", "author"),
    Person("preparer", "Petra Preparer", "preparer"),
    Person("approver", "Arne Approver", "approver"),
    Person("auditor", "Aud Auditor", "auditor"),
)
