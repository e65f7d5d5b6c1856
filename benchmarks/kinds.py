"""One function a kind of reconciliation event: what the ledger wrote, what the bank wrote, and which belong together.

Each takes the world and the number of events, and writes the lines of exactly that many true groups.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from benchmarks.vocabulary import (
    ACCRUAL_TEXTS,
    FEE_TEXTS,
    RECURRING_PHRASES,
    REFERENCE_PHRASES,
    REVERSAL_PHRASES,
    Ints,
    Texts,
    choose,
    mistype,
)
from benchmarks.world import FIRST_DAY, Chunk, Deals, World


def clean(w: World, n: int) -> None:
    """One ledger line, one bank line, same reference and amount; where it is written depends on the dialect."""
    deals = w.deals(n)
    late = w.rng.random(n) < 0.02
    day = np.where(late, w.working_day(deals.day + w.rng.integers(6, 30, n)), w.bank_day(deals.day))
    left, right = w.ledger(deals), w.bank(deals, day=day)
    if w.habits.dialect == "nordic":
        _write_as_kid(w, left, right)
    if w.habits.dialect == "erp":
        _write_as_end_to_end(w, left, right)
    w.write_both("clean", left, right)


def _write_as_kid(w: World, left: Chunk, right: Chunk) -> None:
    """Some references stand in fields of their own: KID on both sides, or the ledger's invoice number."""
    place = w.rng.random(len(left["event"]))
    ref = left["reference"]
    left["kid"] = right["kid"] = np.where(place < 0.15, ref, "")
    left["invoice_number"] = np.where((place > 0.15) & (place < 0.30), ref, "")
    left["reference"] = np.where((place < 0.10) | ((place > 0.15) & (place < 0.20)), "", ref)
    right["reference"] = np.where(place < 0.08, "", right["reference"])


def _write_as_end_to_end(w: World, left: Chunk, right: Chunk) -> None:
    sent = (left["minor"] < 0) & (w.rng.random(len(left["event"])) < 0.5)
    ids = w.serials(len(sent), "E2E-")
    left["end_to_end_id"] = np.where(sent, ids, "")
    right["end_to_end_id"] = np.where(sent, ids, "NOTPROVIDED")
    right["reference"] = np.where(sent & (w.rng.random(len(sent)) < 0.5), "", right["reference"])


def reference_missing(w: World, n: int) -> None:
    """The reference stands on one side only; a name usually helps."""
    deals = w.deals(n)
    on_left = w.rng.random(n) < 0.7
    empty = np.full(n, "", dtype=object)
    w.write_both(
        "reference_missing",
        w.ledger(deals, ref=np.where(on_left, deals.ref, empty)),
        w.bank(deals, ref=np.where(on_left, empty, deals.ref)),
    )


def reference_in_text(w: World, n: int) -> None:
    """One side, mostly the bank, names the reference inside its free text only, among other numbers."""
    deals = with_own_numbers(w, w.deals(n))
    at_bank = w.rng.random(n) < 0.85
    texts = np.array([w.phrase(REFERENCE_PHRASES, deals, i, _spaced(w, deals.ref[i])) for i in range(n)], dtype=object)
    left, right = w.ledger(deals), w.bank(deals)
    left["reference"] = np.where(at_bank, deals.ref, "")
    right["reference"] = np.where(at_bank, "", deals.ref)
    left["text"] = np.where(at_bank, left["text"], texts)
    right["text"] = np.where(at_bank, texts, right["text"])
    w.write_both("reference_in_text", left, right)


def with_own_numbers(w: World, deals: Deals) -> Deals:
    """References of suppliers with three digits are nobody's to find in a text: such deals get a number of ours."""
    short = np.array([len(r) < 5 for r in deals.ref])
    return deals.take(slice(None), ref=np.where(short, w.serials(len(deals), "4"), deals.ref))


def _spaced(w: World, ref: str) -> str:
    """Now and then a long reference is written in groups of four, as printed on the slip."""
    if len(ref) < 12 or w.draw.random() > 0.05:
        return ref
    return " ".join(ref[i : i + 4] for i in range(0, len(ref), 4))


def reference_mistyped(w: World, n: int) -> None:
    """Somebody keyed the reference by hand."""
    deals = with_own_numbers(w, w.deals(n))
    typed = np.array([mistype(w.draw, r) for r in deals.ref], dtype=object)
    at_bank = w.rng.random(n) < 0.7
    w.write_both(
        "reference_mistyped",
        w.ledger(deals, ref=np.where(at_bank, deals.ref, typed)),
        w.bank(deals, ref=np.where(at_bank, typed, deals.ref)),
    )


def fee_netted(w: World, n: int) -> None:
    """The bank kept a fee: fixed and small, or one to three percent; the reference is right."""
    deals = w.deals(n)
    size = np.abs(deals.minor)
    fixed = w.rng.choice(np.array([250, 500, 900, 1500, 2500, 3500, 5000]), n)
    percent = size * w.rng.choice(np.array([100, 150, 175, 250, 290]), n) // 10_000
    fee = np.where((w.rng.random(n) < 0.3) & (size < 2_000_000), percent, np.minimum(fixed, np.maximum(size // 25, 1)))
    w.write_both("fee_netted", w.ledger(deals), w.bank(deals, minor=deals.minor - np.maximum(fee, 1)))


def sizes(w: World, n: int, most: int) -> Ints:
    return np.minimum(1 + w.rng.geometric(0.4, n), most).clip(2)


def split(w: World, minor: Ints, sizes: Ints) -> tuple[Ints, Ints]:
    """Member amounts that add up to each total and share its sign, and the index of the total each belongs to."""
    owner = np.repeat(np.arange(len(minor)), sizes)
    last = np.cumsum(sizes) - 1
    weight = w.rng.random(len(owner)) + 0.15
    share = weight / np.bincount(owner, weight)[owner]
    part = np.maximum((np.abs(minor)[owner] * share).astype(np.int64), 1)
    part[last] = 0
    part[last] = np.abs(minor) - np.bincount(owner, part).astype(np.int64)
    return part * np.sign(minor)[owner], owner


def lump_deals(w: World, n: int) -> Deals:
    """Deals large enough that the parts of one are not by chance the parts of another."""
    deals = w.deals(n)
    return deals.take(slice(None), minor=np.where(np.abs(deals.minor) < 100_000, deals.minor * 50, deals.minor))


def batch_left(w: World, n: int) -> None:
    """Several ledger lines are one bank line: a payment run, a deposit, a voucher."""
    lumps = lump_deals(w, n)
    minor, owner = split(w, lumps.minor, sizes(w, n, 12))
    how = w.rng.choice(6, n, p=[0.30, 0.27, 0.23, 0.02, 0.10, 0.08])
    members = lumps.take(owner, minor=minor, party=w.some_parties(len(owner)), ref=w.references(len(owner)))
    one_party = (how >= 4)[owner]
    members = members.take(slice(None), party=np.where(one_party, lumps.party[owner], members.party))
    run = w.serials(n, "7")
    left = w.ledger(members)
    right = w.bank(lumps, ref=np.where(how == 1, w.maybe(run, 0.6), np.where(how == 2, run, "")))
    left["archive_reference"] = np.where((how == 0)[owner], run[owner], "")
    right["archive_reference"] = np.where(how == 0, run, right.get("archive_reference", ""))
    left["voucher_number"] = np.where((how == 1)[owner], run[owner], left.get("voucher_number", ""))
    left["reference"] = np.where((how == 2)[owner], run[owner], left["reference"])
    _name_the_party(w, lumps, owner, how >= 4, left, right)
    right["text"] = np.where(how == 4, _listed(members.ref, owner, n), right["text"])
    w.write_both("batch_left", left, right)


def _name_the_party(w: World, lumps: Deals, owner: Ints, which: np.ndarray, left: Chunk, right: Chunk) -> None:
    names = w.parties.names[lumps.party, 0]
    left["counterparty"] = np.where(which[owner], names[owner], left["counterparty"])
    right["counterparty"] = np.where(which, names, right["counterparty"])


def _listed(refs: Texts, owner: Ints, n: int) -> Texts:
    lists: list[list[str]] = [[] for _ in range(n)]
    for ref, i in zip(refs.tolist(), owner.tolist(), strict=True):
        lists[i].append(ref)
    return np.array(["Faktura " + ", ".join(refs) for refs in lists], dtype=object)


def batch_right(w: World, n: int) -> None:
    """One ledger line is several bank lines: a card settlement or a collection file booked in one sum."""
    lumps = lump_deals(w, n)
    minor, owner = split(w, lumps.minor, sizes(w, n, 12))
    how = w.rng.choice(4, n, p=[0.25, 0.20, 0.35, 0.20])
    key = w.serials(n, "8")
    members = lumps.take(owner, minor=minor, party=w.some_parties(len(owner)), ref=w.references(len(owner)))
    day = w.bank_day(lumps.day)[owner]
    left = w.ledger(lumps, ref=np.where((how == 0) | (how == 3), key, ""))
    right = w.bank(members, ref=np.where((how == 3)[owner], key[owner], members.ref), day=day)
    right["entry"] = np.where((how <= 1)[owner], key[owner], "")
    left["archive_reference"] = np.where(how == 2, key, "")
    shared = (how == 2) | (how == 0)
    right["archive_reference"] = np.where(shared[owner], key[owner], right.get("archive_reference", ""))
    w.write_both("batch_right", left, right)


def keyless_batch(w: World, n: int) -> None:
    """A sum on one side, its parts on the other, and only the date in common: a deposit or a payment run that nobody
    numbered. In two of three the bank has the sum; else the ledger has booked a day's receipts as one."""
    lumps = lump_deals(w, n)
    minor, owner = split(w, lumps.minor, sizes(w, n, 8))
    at_bank = w.rng.random(n) < 0.65
    none = np.full(n, "", dtype=object)
    sums, parts = lumps.take(at_bank), at_bank[owner]
    of_ledger = lumps.take(owner[parts], minor=minor[parts]).take(slice(None), **_unlike(w, int(parts.sum())))
    w.write_both("keyless_batch", w.ledger(of_ledger), w.bank(sums, ref=none[at_bank]))
    booked, parts = lumps.take(~at_bank), ~at_bank[owner]
    of_bank = lumps.take(owner[parts], minor=minor[parts]).take(slice(None), **_unlike(w, int(parts.sum())))
    right = w.bank(of_bank, day=w.bank_day(lumps.day)[owner[parts]])
    w.write_both("keyless_batch", w.ledger(booked, ref=none[~at_bank]), right)


def _unlike(w: World, count: int) -> dict[str, Ints | Texts]:
    """Parties and references of their own, some without."""
    return {"party": w.some_parties(count), "ref": w.maybe(w.references(count), 0.8)}


def instalments(w: World, n: int) -> None:
    """One invoice paid by two to four payments with its reference, days or months apart."""
    lumps = lump_deals(w, n)
    minor, owner = split(w, lumps.minor, sizes(w, n, 4))
    payments = lumps.take(owner, minor=minor)
    order = np.arange(len(owner)) - np.searchsorted(owner, owner)
    step = w.rng.choice(np.array([1, 2, 7, 30]), n, p=[0.35, 0.25, 0.2, 0.2])[owner]
    right = w.bank(payments, day=w.working_day(w.bank_day(lumps.day)[owner] + order * step))
    w.write_both("instalments", w.ledger(lumps), right)


def many_to_many(w: World, n: int) -> None:
    """Several lines on each side share a reference; only their sums are equal."""
    lumps = lump_deals(w, n)
    left_minor, left_owner = split(w, lumps.minor, sizes(w, n, 4))
    right_minor, right_owner = split(w, lumps.minor, sizes(w, n, 4))
    left = w.ledger(lumps.take(left_owner, minor=left_minor))
    right = w.bank(lumps.take(right_owner, minor=right_minor), day=w.bank_day(lumps.day)[right_owner])
    w.write_both("many_to_many", left, right)


def reversal(w: World, n: int) -> None:
    """A line and its storno on the same side: in the ledger, or a payment the bank took back."""
    deals = w.deals(n)
    at_bank = w.rng.random(n) < 0.35
    for side, which in (("left", ~at_bank), ("right", at_bank)):
        _write_reversal(w, side, deals.take(which))


def _write_reversal(w: World, side: str, deals: Deals) -> None:
    n = len(deals)
    later = w.working_day(deals.day + w.rng.choice(np.array([0, 0, 1, 2, 3, 7, 14]), n))
    back = deals.take(slice(None), minor=-deals.minor, day=later)
    first = w.ledger(deals) if side == "left" else w.bank(deals, day=deals.day)
    second = w.ledger(back) if side == "left" else w.bank(back, day=back.day)
    how = w.rng.choice(3, n, p=[0.55, 0.25, 0.20])
    second["reference"] = np.where(how == 0, deals.ref, "")
    key = "voucher_number" if side == "left" else "end_to_end_id"
    shared = w.serials(n, "R")
    first[key] = np.where(how == 1, shared, first.get(key, ""))
    second[key] = np.where(how == 1, shared, second.get(key, ""))
    said = [w.phrase(REVERSAL_PHRASES, deals, i, deals.ref[i]) for i in range(n)]
    talks = (how == 2) | (w.rng.random(n) < 0.3)
    second["text"] = np.where(talks, np.array(said, dtype=object), second["text"])
    w.write(side, "reversal", first)
    w.write(side, "reversal", second)


def twins(w: World, n: int) -> None:
    """Two to four identical lines on each side in equal numbers: which is paired with which is nobody's business."""
    sizes = _exact_sizes(w, n, [2, 2, 2, 3, 4])
    base = w.deals(len(sizes))
    w._next_event += n - len(sizes)
    owner = np.repeat(np.arange(len(sizes)), sizes)
    event = base.event[0] + np.arange(n) if n else base.event
    blank = w.rng.random(len(sizes)) < 0.4
    ref = np.where(blank, "", base.ref)
    left, right = _repeat(w.ledger(base, ref=ref), owner), _repeat(w.bank(base, ref=ref), owner)
    left["event"] = right["event"] = event
    w.write_both("twins", left, right)


def _repeat(chunk: Chunk, owner: Ints) -> Chunk:
    return {name: values[owner] for name, values in chunk.items()}


def _exact_sizes(w: World, n: int, choices: list[int]) -> Ints:
    """Sizes from `choices` that add up to exactly n (the last one is cut)."""
    sizes = w.rng.choice(np.array(choices), n)
    ends = np.cumsum(sizes)
    kept = sizes[: int(np.searchsorted(ends, n)) + 1].copy()
    if len(kept):
        kept[-1] -= kept.sum() - n
    return kept


def unequal_twins(w: World, n: int) -> None:
    """Two identical ledger lines, one bank line (or the reverse): one pair and one line left over."""
    base = w.deals(n)
    extra = w.deals(n // 2) if n > 1 else base.take(slice(0, 0))
    pairs = base.take(slice(0, n - len(extra)))
    left, right = w.ledger(pairs), w.bank(pairs)
    w.write_both("unequal_twins", left, right)
    doubled = w.rng.random(len(extra)) < 0.5
    for side, chunk, which in (("left", left, doubled), ("right", right, ~doubled)):
        rows = np.flatnonzero(which)
        again = _repeat(chunk, rows)
        again["event"] = extra.event[rows]
        w.write(side, "unequal_twins", again)


def recurring(w: World, n: int) -> None:
    """Rents and subscriptions: the same amount each month or week, under one contract number, a new number, or none."""
    sizes = _exact_sizes(w, n, [4, 6, 9, 12])
    series = w.deals(len(sizes))
    owner = np.repeat(np.arange(len(sizes)), sizes)
    event = series.event[0] + np.arange(n) if n else series.event
    w._next_event += n - len(sizes)
    order = np.arange(n) - np.searchsorted(owner, owner)
    step = w.rng.choice(np.array([7, 14, 30, 30, 30]), len(sizes))[owner]
    day = w.working_day(FIRST_DAY + (series.day[owner] - FIRST_DAY) % 60 + order * step)
    how = w.rng.choice(3, len(sizes), p=[0.4, 0.35, 0.25])[owner]
    ref = np.where(how == 0, series.ref[owner], np.where(how == 1, w.references(n), ""))
    deals = series.take(owner, event=event, day=day)
    text = choose(w.rng, RECURRING_PHRASES, len(sizes))[owner]
    left, right = w.ledger(deals, ref=ref, text=text), w.bank(deals, ref=ref)
    unnamed = how == 2
    left["counterparty"] = np.where(unnamed, w.parties.names[deals.party, 0], left["counterparty"])
    right["counterparty"] = np.where(unnamed, w.parties.names[deals.party, 2], right["counterparty"])
    w.write_both("recurring", left, right)


def weekend_lag(w: World, n: int) -> None:
    """The ledger books on Friday to Sunday, the bank on Monday to Wednesday; half of them have no reference."""
    deals = w.deals(n)
    friday = deals.day - (deals.day + 3) % 7 + 4
    deals = deals.take(slice(None), day=friday + w.rng.integers(0, 3, n))
    day = friday + w.rng.choice(np.array([3, 4, 5]), n, p=[0.75, 0.2, 0.05])
    ref = w.maybe(deals.ref, 0.5)
    w.write_both("weekend_lag", w.ledger(deals, ref=ref), w.bank(deals, ref=ref, day=day))


def name_and_amount(w: World, n: int) -> None:
    """No reference at all: only the counterparty, spelled the bank's way, and the amount."""
    deals = w.deals(n)
    names = w.parties.names
    spelling = w.rng.integers(0, names.shape[1], n)
    none = np.full(n, "", dtype=object)
    left = w.ledger(deals, ref=none, counterparty=names[deals.party, 0])
    right = w.bank(deals, ref=none, counterparty=names[deals.party, spelling])
    w.write_both("name_and_amount", left, right)


def bank_only(w: World, n: int) -> None:
    """Fees, interest and payments nobody has booked yet."""
    deals = w.deals(n)
    fee = w.rng.random(n) < 0.6
    small = -w.rng.choice(np.array([250, 500, 1500, 2500, 4900, 7500, 12345]), n)
    none = np.full(n, "", dtype=object)
    chunk = w.bank(deals, ref=np.where(fee, none, w.maybe(deals.ref, 0.6)), minor=np.where(fee, small, deals.minor))
    chunk["text"] = np.where(fee, choose(w.rng, FEE_TEXTS, n), chunk["text"])
    chunk["counterparty"] = np.where(fee, "", chunk["counterparty"])
    w.write("right", "bank_only", chunk)


def ledger_only(w: World, n: int) -> None:
    """Uncleared cheques, accruals and payments still under way."""
    deals = w.deals(n)
    chunk = w.ledger(deals, ref=w.maybe(deals.ref, 0.7))
    accrual = w.rng.random(n) < 0.5
    chunk["text"] = np.where(accrual, choose(w.rng, ACCRUAL_TEXTS, n), chunk["text"])
    w.write("left", "ledger_only", chunk)


def corrected(w: World, n: int) -> None:
    """An invoice is booked wrongly, reversed and booked again under the same reference; the bank pays the right one."""
    pairs = w.deals(n // 2)
    paid = w.deals(n - len(pairs))
    wrong = paid.take(slice(0, len(pairs)), event=pairs.event, minor=pairs.minor)
    w.write("left", "corrected", w.ledger(wrong))
    w.write("left", "corrected", w.ledger(wrong.take(slice(None), minor=-wrong.minor)))
    w.write_both("corrected", w.ledger(paid), w.bank(paid))


_ALL = (
    clean, reference_missing, reference_in_text, reference_mistyped, fee_netted, batch_left, batch_right, keyless_batch,
    instalments, many_to_many, reversal, twins, unequal_twins, recurring, weekend_lag, name_and_amount, bank_only,
    ledger_only, corrected,
)  # fmt: skip
KINDS: dict[str, Callable[[World, int], None]] = {kind.__name__: kind for kind in _ALL}
