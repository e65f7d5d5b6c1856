"""The whole demo as files: what is imported when it is loaded, and what a newcomer may import by hand."""

from __future__ import annotations

import calendar
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from recon.demo.accounts import Postings, card_clearing, intercompany, partners_with_account, subledger
from recon.demo.books import Booking, Books
from recon.demo.business import make_books
from recon.demo.files import camt053, ledger_csv, sie4
from recon.demo.firms import FIRMS, MONTHS, START, UNDER_WAY_MINOR, UNDER_WAY_REFERENCE, Firm

LOADED = MONTHS[:-1]
"""Months that are loaded; the last one is left for the newcomer to import."""


@dataclass(frozen=True)
class File:
    """A file of one company."""

    company: str
    name: str
    content: bytes


@dataclass(frozen=True)
class Balance:
    """An account's balance at the end of a day, in its own sign."""

    company: str
    account_kind: str
    account: str
    on: date
    minor: int


@dataclass(frozen=True)
class Demo:
    """`files` in the order of their import, `by_hand` for the newcomer, `balances` of the ledgers' month ends.

    `subledgers`: company -> "customer" or "supplier" -> numbers of the accounts.
    """

    books: dict[str, Books]
    files: tuple[File, ...]
    by_hand: tuple[File, ...]
    balances: tuple[Balance, ...]
    subledgers: dict[str, dict[str, tuple[str, ...]]]


def make_demo(seed: int) -> Demo:
    """The same seed gives the same bytes."""
    books = {firm.key: make_books(firm, seed) for firm in FIRMS}
    subledgers = {key: _subledgers(one) for key, one in books.items()}
    others = {key: _other_postings(one) for key, one in books.items()}
    claim, debt = intercompany(FIRMS[0], FIRMS[1], seed)
    others[FIRMS[0].key] += claim
    between = {FIRMS[0].key: claim, FIRMS[1].key: debt}
    files = [file for firm in FIRMS for file in _loaded(firm, books[firm.key], others[firm.key])]
    files.append(_between_file(debt, LOADED))
    by_hand = [file for firm in FIRMS for file in _last_month(firm, books[firm.key])]
    balances = [
        b for firm in FIRMS for b in _balances(firm, books[firm.key], others[firm.key], between.get(firm.key, []))
    ]
    return Demo(books, tuple(files), tuple(by_hand), tuple(balances), subledgers)


def _subledgers(books: Books) -> dict[str, tuple[str, ...]]:
    firm = books.firm
    kinds = {"customer": firm.receivable, "supplier": firm.payable}
    return {kind: partners_with_account(books, counter) for kind, counter in kinds.items() if firm.has(kind)}


def _other_postings(books: Books) -> Postings:
    firm = books.firm
    out = card_clearing(books) if firm.has("clearing") else []
    for kind, counter in (("customer", firm.receivable), ("supplier", firm.payable)):
        out += subledger(books, counter) if firm.has(kind) else []
    return out


def _loaded(firm: Firm, books: Books, others: Postings) -> Iterator[File]:
    """A bank statement a month, and the ledger of all these months in one file."""
    for place in range(len(LOADED)):
        yield _statement(firm, books, place)
    yield _ledger(firm, books, START, days_of(LOADED[-1])[1])
    early = [(account, line) for account, line in others if _month(line.on) in LOADED]
    if early:
        yield File(firm.key, f"{firm.key}-2026-accounts.csv", ledger_csv(early, firm.currency))


def _last_month(firm: Firm, books: Books) -> Iterator[File]:
    yield _statement(firm, books, len(MONTHS) - 1)
    yield _ledger(firm, books, *days_of(MONTHS[-1]))


def _between_file(debt: Postings, months: Iterable[tuple[int, int]]) -> File:
    """The buyer's debt stands in the seller's currency, in a file of its own."""
    early = [(account, line) for account, line in debt if _month(line.on) in months]
    return File(FIRMS[1].key, f"{FIRMS[1].key}-2026-intercompany.csv", ledger_csv(early, FIRMS[0].currency))


def _statement(firm: Firm, books: Books, place: int) -> File:
    first, last = days_of(MONTHS[place])
    opening = firm.opening_minor + sum(line.minor for line in books.payments if line.on < first)
    paid = [line for line in books.payments if first <= line.on <= last]
    content = camt053(firm, paid, opening, first, last, place + 1)
    return File(firm.key, f"{firm.key}-{first:%Y-%m}-camt053.xml", content)


def _ledger(firm: Firm, books: Books, first: date, last: date) -> File:
    """The ledger's bank account over these days; SIE holds the year so far."""
    stem = f"{firm.key}-{last:%Y-%m}"
    if firm.ledger_format == "sie":
        so_far = [line for line in books.bookings if line.on <= last]
        return File(firm.key, f"{stem}.se", sie4(firm, so_far, ledger_opening(firm), last))
    booked = [(firm.ledger_bank, line) for line in books.bookings if first <= line.on <= last]
    return File(firm.key, f"{stem}-ledger.csv", ledger_csv(booked, firm.currency))


def ledger_opening(firm: Firm) -> int:
    """The ledger opens lower than the bank by the payment that was under way at the turn of the year."""
    return firm.opening_minor + UNDER_WAY_MINOR


def days_of(month: tuple[int, int]) -> tuple[date, date]:
    return date(*month, 1), date(*month, calendar.monthrange(*month)[1])


def _month(on: date) -> tuple[int, int]:
    return on.year, on.month


def _balances(firm: Firm, books: Books, others: Postings, between: Postings) -> Iterator[Balance]:
    """Month-end balances of all accounts of the ledger: SIE gives its last day's only, CSV none."""
    postings = [(firm.ledger_bank, line) for line in books.bookings]
    yield from _month_ends(firm, "ledger", firm.ledger_bank, postings, ledger_opening(firm))
    kinds = {number: kind for kind, numbers in _subledgers(books).items() for number in numbers}
    mine = others if between and between[0] in others else others + between
    for account in dict.fromkeys(account for account, _line in mine):
        yield from _month_ends(firm, kinds.get(account, "ledger"), account, mine, 0)


def _month_ends(firm: Firm, kind: str, account: str, postings: Postings, opening: int) -> Iterator[Balance]:
    for month in LOADED:
        last = days_of(month)[1]
        minor = opening + sum(line.minor for number, line in postings if number == account and line.on <= last)
        yield Balance(firm.key, kind, account, last, minor)


def opening_item(firm: Firm) -> Booking:
    """The payment under way at START: booked in December, on the bank's statement in January."""
    on = START - timedelta(3)
    return Booking(on, UNDER_WAY_MINOR, "99", firm.words["supplier"], firm.payable, 0, UNDER_WAY_REFERENCE)
