"""More kinds of events, in none of the usual profiles: the same difficulties, told in other ways.

Rules are tuned on `benchmarks.kinds`; what they make of these shows whether they learnt the trade or the generator.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from benchmarks.kinds import lump_deals, sizes, split, with_own_numbers
from benchmarks.vocabulary import REFERENCE_PHRASES, choose
from benchmarks.world import World


def reference_in_both_texts(w: World, n: int) -> None:
    """Neither side fills a reference field: both say it in words."""
    deals = with_own_numbers(w, w.deals(n))
    none = np.full(n, "", dtype=object)
    says = [
        np.array([w.phrase(REFERENCE_PHRASES, deals, i, deals.ref[i]) for i in range(n)], dtype=object) for _ in "ab"
    ]
    w.write_both(
        "reference_in_both_texts", w.ledger(deals, ref=none, text=says[0]), w.bank(deals, ref=none, text=says[1])
    )


def reference_in_other_field(w: World, n: int) -> None:
    """The ledger keeps it as invoice number, customer's order or end-to-end id, the bank elsewhere or in its text."""
    deals = with_own_numbers(w, w.deals(n))
    none = np.full(n, "", dtype=object)
    left, right = w.ledger(deals, ref=none), w.bank(deals, ref=none)
    for chunk, fields in ((left, ("invoice_number", "kid", "reference")), (right, ("kid", "end_to_end_id", "text"))):
        place = w.rng.integers(0, len(fields), n)
        for k, name in enumerate(fields):
            chunk[name] = np.where(place == k, deals.ref, chunk.get(name, ""))
    w.write_both("reference_in_other_field", left, right)


def batch_in_text(w: World, n: int) -> None:
    """The bank's one line names the payment file only in words; the ledger's lines carry its number."""
    lumps = lump_deals(w, n)
    minor, owner = split(w, lumps.minor, sizes(w, n, 9))
    run = w.serials(n, "66")
    members = lumps.take(owner, minor=minor, party=w.some_parties(len(owner)), ref=w.references(len(owner)))
    left = w.ledger(members)
    left["voucher_number"] = run[owner]
    words = choose(w.rng, ["Utbetaling bunt {}", "Betalfil {}", "Remittering nr. {}", "Batch {} salary", "Bilag {}"], n)
    text = np.array([phrase.format(number) for phrase, number in zip(words, run, strict=True)], dtype=object)
    none = np.full(n, "", dtype=object)
    w.write_both("batch_in_text", left, w.bank(lumps, ref=none, text=text))


def reversal_in_words(w: World, n: int) -> None:
    """The storno carries no reference: its text names the voucher it takes back."""
    deals = w.deals(n)
    first = w.ledger(deals)
    vouchers = w.serials(n, "5")
    first["voucher_number"] = vouchers
    said = np.array([f"Reversal of voucher {v}" for v in vouchers], dtype=object)
    back = deals.take(slice(None), minor=-deals.minor, day=w.working_day(deals.day + w.rng.integers(0, 9, n)))
    w.write("left", "reversal_in_words", first)
    w.write("left", "reversal_in_words", w.ledger(back, ref=np.full(n, "", dtype=object), text=said))


def fee_booked(w: World, n: int) -> None:
    """The ledger books the gross amount and the fee under one reference; the bank pays the net."""
    deals = lump_deals(w, n)
    fee = np.sign(deals.minor) * w.rng.choice(np.array([1500, 2500, 5000, 9900]), n)
    w.write("left", "fee_booked", w.ledger(deals))
    w.write("left", "fee_booked", w.ledger(deals.take(slice(None), minor=-fee)))
    w.write("right", "fee_booked", w.bank(deals.take(slice(None), minor=deals.minor - fee)))


def credit_note(w: World, n: int) -> None:
    """An invoice and its later credit note are paid in one sum under the invoice's reference."""
    deals = lump_deals(w, n)
    credited = (deals.minor * w.rng.choice(np.array([10, 20, 25, 50]), n)) // 100
    later = deals.take(slice(None), minor=-credited, day=w.working_day(deals.day + w.rng.integers(1, 6, n)))
    w.write("left", "credit_note", w.ledger(deals))
    w.write("left", "credit_note", w.ledger(later))
    paid = later.take(slice(None), minor=deals.minor - credited)
    w.write("right", "credit_note", w.bank(paid))


_ALL = (reference_in_both_texts, reference_in_other_field, batch_in_text, reversal_in_words, fee_booked, credit_note)
OTHER_KINDS: dict[str, Callable[[World, int], None]] = {kind.__name__: kind for kind in _ALL}
