"""The three companies, their accounts and people."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from recon.demo.numbers import iban, norwegian_account
from rules.wording import N_

START = date(2026, 1, 1)
"""First day of the demo's groups."""

MONTHS = tuple((2026, month) for month in range(1, 8))
UNDER_WAY_MINOR = -12_400_00
"""A payment booked in December that each bank takes in January, in the firm's currency."""
UNDER_WAY_REFERENCE = "F998"

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
    keeps: frozenset[str]
    words: dict[str, str]

    def has(self, kind: str) -> bool:
        """Whether the demo shows this firm's "customer" or "supplier" accounts, or its card "clearing" account."""
        return kind in self.keeps


_NORWEGIAN = {
    "invoice": "Faktura", "payment": "Innbetaling", "supplier": "Leverandørbetaling", "run": "Remittering",
    "rent": "Husleie", "lease": "Leasing varebil", "phone": "Telefoni", "salary": "Lønn", "tax": "Forskuddstrekk",
    "cards": "Kortoppgjør", "fee": "Gebyr betalingsformidling", "interest": "Kreditrenter", "reversal": "Reversering",
    "returned": "Retur betaling", "cheque": "Uavklart utbetaling", "subscription": "Abonnement", "structured": "KID",
    "collected": "OCR-innbetalinger",
}  # fmt: skip
_SWEDISH = {
    "invoice": "Faktura", "payment": "Inbetalning", "supplier": "Leverantörsbetalning", "run": "Betalfil",
    "rent": "Hyra", "lease": "Leasing bil", "phone": "Telefoni", "salary": "Lön", "tax": "Skatt",
    "cards": "Kortinlösen",
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
        1_250_000_00, "1500", "2400", "1579", "1570", "csv", frozenset({"clearing", "customer"}), _NORWEGIAN,
    ),
    Firm(
        "fjallsjo", "Fjällsjö Teknik AB", "SE", "SEK", "559999-0014", "1930", iban("SE", "50000000058398257466"),
        840_000_00, "1510", "2440", "1790", "2860", "sie", frozenset(), _SWEDISH,
    ),
    Firm(
        "strandby", "Strandby Logistik ApS", "DK", "DKK", "99 90 00 14", "5820", iban("DK", "00400440116243"),
        615_000_00, "5600", "6800", "6990", "5680", "csv", frozenset({"supplier"}), _DANISH,
    ),
)  # fmt: skip


@dataclass(frozen=True)
class Person:
    """A demo user and the roles held in every company."""

    username: str
    name: str
    does: str
    roles: tuple[str, ...]


PEOPLE = (
    Person("demo", "Dina Demo", N_("everything"), ("admin", "author", "preparer", "approver", "auditor")),
    Person("admin", "Ada Admin", N_("users, companies, accounts"), ("admin",)),
    Person("author", "Aksel Author", N_("rules and set-up"), ("author",)),
    Person("preparer", "Petra Preparer", N_("import, reconcile, match"), ("preparer",)),
    Person("approver", "Arne Approver", N_("approve and withdraw"), ("approver",)),
    Person("auditor", "Aud Auditor", N_("read and verify"), ("auditor",)),
)
