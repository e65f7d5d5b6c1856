"""The other accounts of the demo: card clearing, intercompany, customers and suppliers with their control accounts."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

from recon.demo.books import Booking, Books
from recon.demo.firms import MONTHS, START, Firm

Postings = list[tuple[str, Booking]]
"""Lines with the number of the account they stand on."""

SUBLEDGER = 6
"""How many customers and suppliers have an account of their own."""


def partners_with_account(books: Books, counter: str) -> tuple[str, ...]:
    """Numbers of the partners that `counter` (receivable or payable) was booked against most often."""
    seen = [b.customer_number for b in books.bookings if b.counter == counter and b.customer_number]
    return tuple(sorted(sorted(set(seen)), key=lambda number: (-seen.count(number), number))[:SUBLEDGER])


def card_clearing(books: Books) -> Postings:
    """Each settlement of the bank account clears the card sales of the days before; some wait for the next month."""
    firm, out = books.firm, Postings()
    for booking in books.bookings:
        if booking.counter != firm.clearing:
            continue
        sold = max(booking.on - timedelta(books.draw.choice([1, 2, 3])), START)
        text, key = firm.words["cards"], booking.archive_reference
        sale = (sold, booking.minor, str(books.serial()), f"{text} {sold:%d.%m}")
        for on, minor, voucher, said in (sale, (booking.on, -booking.minor, booking.voucher, text)):
            out.append((firm.clearing, Booking(on, minor, voucher, said, firm.ledger_bank, booking.event, key)))
    return out


def intercompany(seller: Firm, buyer: Firm, seed: int) -> tuple[Postings, Postings]:
    """The seller's claim and the buyer's debt, in the seller's currency: same invoices and payments, other days.

    One invoice a quarter reaches the buyer a month late.
    """
    draw = random.Random(f"{seed} {seller.key} {buyer.key}")  # noqa: S311 - made-up books hold no secret
    claim, debt, serial = Postings(), Postings(), 5000
    for year, month in MONTHS:
        for n in range(draw.choice([3, 4, 5])):
            serial += 1
            on = date(year, month, draw.randint(1, 24))
            minor = draw.randrange(80_000, 2_500_000)
            late = 35 if n == 0 and month % 3 == 0 else draw.choice([0, 0, 1, 3])
            claim.append((seller.intercompany, _between(on, minor, serial, seller, "invoice")))
            debt.append((buyer.intercompany, _between(on + timedelta(late), -minor, serial, buyer, "invoice")))
            paid = on + timedelta(draw.choice([7, 14, 20]))
            claim.append((seller.intercompany, _between(paid + timedelta(1), -minor, serial, seller, "payment")))
            debt.append((buyer.intercompany, _between(paid, minor, serial, buyer, "payment")))
    return claim, debt


def _between(on: date, minor: int, serial: int, firm: Firm, word: str) -> Booking:
    prefix = "IC" if word == "invoice" else "ICP"
    reference = f"{prefix}{serial}"
    return Booking(on, minor, f"{firm.country}{reference}", firm.words[word], firm.ledger_bank, serial, reference)


def subledger(books: Books, counter: str) -> Postings:
    """Accounts of the busiest partners, and the same invoices and payments on their control account.

    Some reach the control account days later, and a few never.
    """
    chosen = set(partners_with_account(books, counter))
    paid = [b for b in books.bookings if b.counter == counter and b.customer_number in chosen]
    lines = [line for booking in paid for line in _invoice_and_payment(books, booking)]
    own = [(line.customer_number, line) for line in lines]
    late = [replace(line, on=line.on + timedelta(2)) if n % 25 == 7 else line for n, line in enumerate(lines)]
    return own + [(counter, line) for n, line in enumerate(late) if n % 60 != 31]


def _invoice_and_payment(books: Books, booking: Booking) -> Iterator[Booking]:
    invoiced = max(booking.on - timedelta(books.draw.choice([10, 14, 20, 30])), START)
    for on, minor, word in ((invoiced, booking.minor, "invoice"), (booking.on, -booking.minor, "payment")):
        yield Booking(
            on, minor, str(books.serial()), books.firm.words[word], books.firm.ledger_bank, booking.event,
            booking.reference, counterparty=booking.counterparty, customer_number=booking.customer_number,
        )  # fmt: skip
