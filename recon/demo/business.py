"""Months of business: every way in which a ledger and a bank tell the same story differently."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date, timedelta

from recon.demo.books import Books, Partner
from recon.demo.firms import MONTHS, START, UNDER_WAY_MINOR, UNDER_WAY_REFERENCE, Firm

Month = tuple[int, int]


def make_books(firm: Firm, seed: int) -> Books:
    """The firm's books from START to the end of the last month. The same seed gives the same books."""
    books = Books(firm, random.Random(f"{seed} {firm.key}"))  # noqa: S311 - made-up books hold no secret
    books.pay(0, START + timedelta(4), UNDER_WAY_MINOR, firm.words["supplier"], reference=UNDER_WAY_REFERENCE)
    for month in MONTHS:
        for write, times in _MONTHLY:
            for _ in range(times):
                write(books, month)
        for write in (rent, lease, phone, salary, tax):
            write(books, month)
    return books


def paid_by_reference(books: Books, month: Month) -> None:
    """A customer pays an invoice with its KID."""
    partner, minor = books.partner(), books.amount()
    reference, on, event = books.reference(partner), books.day(*month), books.new_event()
    words = books.firm.words
    _received(books, event, on, minor, partner, reference)
    books.pay(event, books.at_bank(on), minor, words["structured"], partner, reference=reference)


def _received(books: Books, event: int, on: date, minor: int, partner: Partner, reference: str) -> None:
    words = books.firm.words
    books.book(event, on, minor, words["payment"], books.firm.receivable, partner, reference=reference)


def paid_with_text(books: Books, month: Month) -> None:
    """The payer writes the number into the message, among other words."""
    partner, minor = books.partner(), books.amount()
    reference, on, event = books.reference(partner), books.day(*month), books.new_event()
    words = books.firm.words
    phrase = books.draw.choice(
        [
            f"{words['structured']} {reference}",
            f"{words['structured']}: {reference} {partner.spelled}",
            f"{words['invoice']} {reference}",
            f"ref. {reference}, kundenr {partner.number}",
            f"{words['invoice']} {reference} {on:%d.%m.%Y}",
        ]
    )
    _received(books, event, on, minor, partner, reference)
    books.pay(event, books.at_bank(on), minor, phrase, partner)


def paid_with_slip(books: Books, month: Month) -> None:
    """One digit of the reference is wrong, or two are swapped."""
    partner, minor = books.partner(), books.amount()
    reference, on, event = books.reference(partner), books.day(*month), books.new_event()
    place = books.draw.randrange(2, len(reference) - 2)
    swapped = reference[:place] + reference[place + 1] + reference[place] + reference[place + 2 :]
    wrong = reference[:place] + str((int(reference[place]) + 3) % 10) + reference[place + 1 :]
    _received(books, event, on, minor, partner, reference)
    typed = swapped if swapped != reference and books.draw.random() < 0.5 else wrong
    books.pay(event, books.at_bank(on), minor, books.firm.words["structured"], partner, reference=typed)


def paid_by_name(books: Books, month: Month) -> None:
    """No reference: only name and amount tell."""
    partner, minor, on, event = books.partner(), books.amount(), books.day(*month), books.new_event()
    _received(books, event, on, minor, partner, "")
    books.pay(event, books.at_bank(on), minor, books.firm.words["payment"], partner)


def paid_less_fee(books: Books, month: Month) -> None:
    """A foreign customer's bank kept its fee."""
    partner, minor = books.partner(), books.amount(500_000, 6_000_000)
    reference, on, event = books.reference(partner), books.day(*month), books.new_event()
    _received(books, event, on, minor, partner, reference)
    fee = books.draw.choice([2_500, 3_500, 5_000])
    books.pay(event, books.at_bank(on), minor - fee, books.firm.words["structured"], partner, reference=reference)


def card_settlement(books: Books, month: Month) -> None:
    """Card sales: the ledger has one sum, the bank an entry with a part for each card."""
    event, on = books.new_event(), books.day(*month)
    lump = f"K{on:%y%m%d}{books.serial()}"
    parts = [books.amount(80_000, 900_000) for _ in range(books.draw.choice([2, 3, 4]))]
    words = books.firm.words
    books.book(event, on, sum(parts), words["cards"], books.firm.clearing, archive_reference=lump)
    at_bank = books.at_bank(on)
    for part in parts:
        books.pay(event, at_bank, part, words["cards"], bank_reference=lump, lump=lump)


def payment_run(books: Books, month: Month) -> None:
    """Several suppliers are paid in one file: one line at the bank, one voucher in the ledger."""
    event, on = books.new_event(), books.day(*month)
    run, voucher = f"R{on:%y%m%d}{books.serial()}", str(books.serial())
    amounts = [-books.amount() for _ in range(books.draw.choice([3, 4, 5, 6]))]
    words = books.firm.words
    for minor in amounts:
        books.book(
            event, on, minor, words["supplier"], books.firm.payable, books.partner(),
            archive_reference=run, voucher=voucher,
        )  # fmt: skip
    books.pay(event, books.at_bank(on), sum(amounts), words["run"], bank_reference=run)


def supplier_paid(books: Books, month: Month) -> None:
    """A single supplier payment with the supplier's invoice number."""
    partner, minor, on, event = books.partner(), -books.amount(), books.day(*month), books.new_event()
    reference = f"F{books.serial()}"
    words = books.firm.words
    books.book(event, on, minor, words["supplier"], books.firm.payable, partner, reference=reference)
    books.pay(event, books.at_bank(on), minor, words["supplier"], partner, reference=reference)


def paid_in_parts(books: Books, month: Month) -> None:
    """One invoice, two or three payments a week apart under the same reference."""
    partner, reference, event = books.partner(), "", books.new_event()
    reference, on = books.reference(partner), books.day(*month, most=10)
    parts = [books.amount(100_000, 800_000) for _ in range(books.draw.choice([2, 3]))]
    _received(books, event, on, sum(parts), partner, reference)
    for week, part in enumerate(parts):
        at_bank = books.at_bank(on + timedelta(7 * week))
        books.pay(event, at_bank, part, books.firm.words["structured"], partner, reference=reference)


def booked_and_paid_in_parts(books: Books, month: Month) -> None:
    """Two lines in the ledger, two at the bank: only the sums agree."""
    partner, event, on = books.partner(), books.new_event(), books.day(*month)
    reference, first, second = books.reference(partner), books.amount(200_000), books.amount(200_000)
    moved = books.draw.randrange(1_000, 90_000)
    for minor in (first, second):
        _received(books, event, on, minor, partner, reference)
    at_bank = books.at_bank(on)
    for minor in (first + moved, second - moved):
        books.pay(event, at_bank, minor, books.firm.words["structured"], partner, reference=reference)


def reversed_booking(books: Books, month: Month) -> None:
    """The ledger booked a receipt that never came, and took it back."""
    partner, minor, on, event = books.partner(), books.amount(), books.day(*month, most=24), books.new_event()
    reference = books.reference(partner)
    words = books.firm.words
    _received(books, event, on, minor, partner, reference)
    later = books.at_bank(on)
    text = f"{words['reversal']} {reference}"
    books.book(event, later, -minor, text, books.firm.receivable, partner, reference=reference)


def returned_payment(books: Books, month: Month) -> None:
    """The bank sent a payment out and got it back."""
    partner, minor, on, event = books.partner(), books.amount(), books.day(*month, most=24), books.new_event()
    reference = f"F{books.serial()}"
    words = books.firm.words
    books.pay(event, on, -minor, words["supplier"], partner, reference=reference)
    books.pay(event, books.at_bank(on), minor, f"{words['returned']} {reference}", partner, reference=reference)


def twins(books: Books, month: Month) -> None:
    """Two subscriptions of one customer on the same day: equal lines on both sides."""
    partner, on = books.partner(), books.day(*month)
    at_bank, words = books.at_bank(on), books.firm.words
    for _ in range(2):
        event = books.new_event()
        books.book(event, on, 49_900, words["subscription"], books.firm.receivable, partner)
        books.pay(event, at_bank, 49_900, words["subscription"], partner)


def bank_fee(books: Books, month: Month) -> None:
    """A fee the ledger has not booked yet."""
    minor = books.draw.choice([250, 1_250, 4_500, 9_900])
    books.pay(books.new_event(), books.day(*month), -minor, books.firm.words["fee"])


def under_way(books: Books, month: Month) -> None:
    """A payment the ledger has booked and the bank has not."""
    partner, on = books.partner(), books.day(*month, least=20)
    books.book(books.new_event(), on, -books.amount(), books.firm.words["cheque"], books.firm.payable, partner)


def _recurring(word: str, counter: str, day: int, minor: int) -> Callable[[Books, Month], None]:
    """The same amount on the same day every month, to the same partner, without a reference."""

    def write(books: Books, month: Month) -> None:
        partner, event = books.partners[day], books.new_event()
        on = books.day(*month, least=day, most=day)
        books.book(event, on, -minor, books.firm.words[word], counter, partner)
        books.pay(event, books.at_bank(on), -minor, books.firm.words[word], partner)

    return write


rent = _recurring("rent", "6300", 2, 4_250_000)
lease = _recurring("lease", "6440", 5, 689_500)
phone = _recurring("phone", "6900", 12, 184_900)
salary = _recurring("salary", "5000", 25, 14_764_200)
tax = _recurring("tax", "2600", 15, 6_205_300)

_MONTHLY: tuple[tuple[Callable[[Books, Month], None], int], ...] = (
    (paid_by_reference, 34),
    (paid_with_text, 9),
    (paid_with_slip, 3),
    (paid_by_name, 5),
    (paid_less_fee, 2),
    (card_settlement, 4),
    (payment_run, 2),
    (supplier_paid, 8),
    (paid_in_parts, 1),
    (booked_and_paid_in_parts, 1),
    (reversed_booking, 1),
    (returned_payment, 1),
    (twins, 1),
    (bank_fee, 3),
    (under_way, 2),
)
