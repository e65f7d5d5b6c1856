"""Tables of banks that are known by their headings: what the headings alone do not say.

Each row is what a bank's own files showed, or what a public reader of them does (docs/formats.md says which). A known
bank answers a question that the content leaves open; it never overrules what the content says.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from recon.intake.tables.headings import is_account
from recon.intake.tables.profile import heading_words
from recon.intake.tables.written import DateOrder, DecimalMark, day


@dataclass(frozen=True, slots=True)
class Bank:
    """`headings` must all be there. `currency` is that of the bank's home market, which most of its accounts are in;
    `roles` gives headings another role than their words would.
    """

    name: str
    headings: tuple[str, ...]
    currency: str | None = None
    date_order: DateOrder | None = None
    decimal: DecimalMark | None = None
    roles: Mapping[str, str] = field(default_factory=dict)


BANKS = (
    Bank("SpareBank 1", ("dato", "beskrivelse", "rentedato", "inn", "ut"), "NOK", "dmy", ","),
    Bank("DNB", ("dato", "forklaring", "rentedato", "ut fra konto", "inn på konto"), "NOK", "dmy", ","),
    Bank(
        "DNB card", ("dato", "beløpet gjelder", "valuta", "kurs", "inn", "ut"), "NOK", "dmy", ",",
        {"valuta": "extra", "kurs": "extra"},
    ),
    Bank(
        "Bank Norwegian", ("transactiondate", "text", "type", "currency amount", "currency", "amount", "bookdate"),
        "NOK", "mdy", ".", {"currency": "original_currency"},
    ),
    Bank(
        "Nordea Norway", ("bokføringsdato", "beløp", "avsender", "mottaker", "navn", "tittel", "valuta"),
        "NOK", "ymd", ",",
    ),
    Bank(
        "Nordea Sweden", ("bokföringsdag", "belopp", "avsändare", "mottagare", "namn", "rubrik", "saldo"),
        "SEK", "ymd", ",",
    ),
    Bank("Handelsbanken Sweden", ("reskontradatum", "transaktionsdatum", "text", "belopp", "saldo"), "SEK", "ymd"),
    Bank(
        "SEB Sweden", ("bokföringsdatum", "valutadatum", "verifikationsnummer", "text / mottagare", "belopp", "saldo"),
        "SEK", "ymd", None, {"verifikationsnummer": "archive_reference"},
    ),
    Bank(
        "Swedbank Sweden",
        ("radnummer", "clearingnummer", "kontonummer", "valuta", "bokföringsdag", "belopp", "bokfört saldo"),
        "SEK", "ymd", ".",
    ),
    Bank("ICA Banken", ("datum", "text", "typ", "budgetgrupp", "belopp", "saldo"), "SEK", "ymd", ","),
    Bank("Danske Bank Denmark", ("dato", "tekst", "beløb", "saldo"), "DKK", "dmy", ","),
    Bank(
        "Danske Bank Lithuania", ("date", "bank", "branch", "name", "memo", "memoconv", "memodet", "amount"),
        None, "ymd", ".", {"bank": "extra", "branch": "extra"},
    ),
    Bank(
        "Revolut", ("type", "product", "started date", "completed date", "amount", "fee", "currency", "balance"),
        None, "ymd", ".",
    ),
)  # fmt: skip

SWEDBANK_BALTICS = "Swedbank Baltics"
_BALTIC_TYPES = frozenset({"10", "20", "82", "86"})
_BALTIC_ROLES = (
    "account_number", "row_type", "booking_date", "counterparty", "text", "amount", "currency", "mark",
    "archive_reference", "transaction_code", "reference", "extra",
)  # fmt: skip


def known_bank(header: Sequence[str]) -> Bank | None:
    """The bank whose headings all stand in the header; the one that asks for most where several do."""
    words = {heading_words(cell) for cell in header}
    fitting = [bank for bank in BANKS if words.issuperset(bank.headings)]
    return max(fitting, key=lambda bank: len(bank.headings), default=None)


def baltic_roles(first: Sequence[str], width: int) -> tuple[str, ...] | None:
    """Roles of Swedbank's Baltic export, told by a row of it (account, kind of row, day, ...); headings or not."""
    if len(first) < 8 or first[1] not in _BALTIC_TYPES or not is_account(first[0]) or first[7] not in ("D", "K"):
        return None
    if day(first[2], "dmy") is None:
        return None
    return (_BALTIC_ROLES + ("",) * width)[:width]
