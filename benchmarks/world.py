"""The bookkeeping world behind the synthetic events: business deals, and the lines a ledger and a bank write."""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.vocabulary import (
    BANK_TEXTS,
    LEDGER_TEXTS,
    PLAIN_PHRASES,
    Ints,
    Parties,
    Texts,
    choose,
    fill,
    make_parties,
    make_references,
)

FIRST_DAY = 20089
"""2025-01-01 as days since 1970-01-01; events spread over `Habits.days` days from it."""

Chunk = dict[str, Any]
"""Some lines of one side: column to array (or one value for all); always `event`, `day`, `minor`, `currency`."""

_PRICES = [
    4900,
    9900,
    10000,
    10000,
    14900,
    19900,
    20000,
    24900,
    25000,
    29900,
    29900,
    49900,
    49900,
    50000,
    75000,
    99900,
    100000,
    149900,
    250000,
    500000,
    1000000,
]
_LAGS = np.array([-2, -1, 0, 1, 2, 3])


@dataclass(frozen=True)
class Habits:
    """How this bookkeeper and this bank write. Shares are 0..1.

    `dialect` says which fields carry references: "plain" (reference only), "nordic" (KID, invoice number, archive
    reference) or "erp" (end-to-end id, voucher and customer numbers). `lags` weighs the bank's day minus the
    ledger's for -2 to 3 days, before the bank's weekend.
    """

    dialect: str = "nordic"
    days: int = 365
    styles: dict[str, float] = field(
        default_factory=lambda: {
            "kid": 3,
            "invoice": 3,
            "prefixed": 2,
            "yearly": 1.5,
            "rf": 0.7,
            "viite": 0.7,
            "supplier": 0.5,
        }
    )
    lags: tuple[float, ...] = (0.03, 0.07, 0.50, 0.25, 0.10, 0.05)
    round_amounts: float = 0.30
    outgoing: float = 0.30
    other_currency: float = 0.05
    ledger_name: float = 0.90
    bank_name: float = 0.75
    bank_account: float = 0.50
    chatter: float = 0.25


@dataclass(frozen=True)
class Deals:
    """Business events before anybody wrote them down; one element an event."""

    event: Ints
    day: Ints
    minor: Ints
    currency: Texts
    party: Ints
    ref: Texts

    def __len__(self) -> int:
        return len(self.event)

    def take(self, index: Any, **changes: Any) -> Deals:
        picked = {name: getattr(self, name)[index] for name in self.__dataclass_fields__}
        return replace(self, **(picked | changes))


class World:
    """Draws deals and keeps the lines written of them, by side and kind."""

    def __init__(self, events: int, seed: int, habits: Habits) -> None:
        self.rng = np.random.default_rng(seed)
        self.draw = random.Random(seed)
        self.habits = habits
        self.parties: Parties = make_parties(self.rng, max(150, min(events // 12, 20_000)))
        self.chunks: dict[str, list[pd.DataFrame]] = {"left": [], "right": []}
        self._next_event = 1
        self._next_serial = int(self.rng.integers(1000, 40_000))

    def deals(self, count: int) -> Deals:
        """`count` new business events, each with a party, an amount, a working day and a reference of its own."""
        event = np.arange(self._next_event, self._next_event + count)
        self._next_event += count
        sign = np.where(self.rng.random(count) < self.habits.outgoing, -1, 1)
        return Deals(
            event,
            self.working_day(FIRST_DAY + self.rng.integers(0, self.habits.days, count)),
            self.amounts(count) * sign,
            choose(self.rng, ["NOK", "EUR", "USD", "SEK"], count, self._currency_weights()),
            self.some_parties(count),
            self.references(count),
        )

    def _currency_weights(self) -> list[float]:
        other = self.habits.other_currency
        return [1 - other, other / 2, other / 4, other / 4]

    def references(self, count: int) -> Texts:
        refs = make_references(self.rng, self._next_serial, count, self.habits.styles)
        self._next_serial += count
        return refs

    def some_parties(self, count: int) -> Ints:
        """Parties by a long-tailed popularity: a few are seen every week, most twice a year."""
        skewed = self.parties.count * self.rng.random(count) ** 1.7
        return skewed.astype(np.int64)

    def amounts(self, count: int) -> Ints:
        """Positive minor units: price-list amounts, round hundreds, and odd ones from a log-normal."""
        odd = np.exp(self.rng.normal(12.2, 1.5, count)).clip(1500, 5e8).astype(np.int64)
        step = self.rng.choice(np.array([1000, 5000, 10000, 50000]), count)
        rounded = np.maximum(odd // step, 1) * step
        listed = self.rng.choice(np.array(_PRICES), count)
        kind = self.rng.random(count)
        third = self.habits.round_amounts / 3
        return np.where(kind < third, listed, np.where(kind < 3 * third, rounded, odd)).astype(np.int64)

    def working_day(self, day: Ints) -> Ints:
        weekday = (day + 3) % 7  # 1970-01-01 was a Thursday
        return day + np.where(weekday == 5, 2, np.where(weekday == 6, 1, 0))

    def bank_day(self, day: Ints) -> Ints:
        p = np.array(self.habits.lags)
        return self.working_day(day + self.rng.choice(_LAGS, len(day), p=p / p.sum()))

    def serials(self, count: int, prefix: str = "") -> Texts:
        first, self._next_serial = self._next_serial, self._next_serial + count
        return np.array([f"{prefix}{first + i}" for i in range(count)], dtype=object)

    def ledger(self, deals: Deals, ref: Texts | None = None, **columns: Any) -> Chunk:
        """The ledger's lines of these deals; `ref` is what it writes as reference (None: the deal's own)."""
        n = len(deals)
        chunk: Chunk = {
            "event": deals.event,
            "day": deals.day,
            "minor": deals.minor,
            "currency": deals.currency,
            "reference": deals.ref if ref is None else ref,
            "counterparty": self.maybe(self.parties.names[deals.party, 0], self.habits.ledger_name),
            "text": choose(self.rng, LEDGER_TEXTS, n),
        }
        if self.habits.dialect != "plain":
            chunk["voucher_number"] = self.serials(n)
            chunk["customer_number"] = self.maybe(self.parties.numbers[deals.party], 0.6)
            chunk["counterparty_account"] = self.maybe(self.parties.accounts[deals.party], 0.2)
        return chunk | columns

    def bank(self, deals: Deals, ref: Texts | None = None, **columns: Any) -> Chunk:
        """The bank's lines of these deals, some days later; spelling of names is the bank's own."""
        n = len(deals)
        spelling = self.rng.integers(0, self.parties.names.shape[1], n)
        day = columns.pop("day") if "day" in columns else self.bank_day(deals.day)
        chunk: Chunk = {
            "event": deals.event,
            "day": day,
            "value_day": day - (self.rng.random(n) < 0.3),
            "minor": deals.minor,
            "currency": deals.currency,
            "reference": deals.ref if ref is None else ref,
            "counterparty": self.maybe(self.parties.names[deals.party, spelling], self.habits.bank_name),
            "counterparty_account": self.maybe(self.parties.accounts[deals.party], self.habits.bank_account),
            "text": self.bank_texts(deals),
        }
        if self.habits.dialect == "nordic":
            chunk["archive_reference"] = self.serials(n, "90")
        return chunk | columns

    def bank_texts(self, deals: Deals) -> Texts:
        texts = choose(self.rng, BANK_TEXTS, len(deals))
        for i in np.flatnonzero(self.rng.random(len(deals)) < self.habits.chatter).tolist():
            texts[i] = self.phrase(PLAIN_PHRASES, deals, i, "")
        return texts

    def phrase(self, phrases: list[str], deals: Deals, i: int, ref: str) -> str:
        party = int(deals.party[i])
        name = self.parties.names[party, self.draw.randrange(6)]
        number, account = self.parties.numbers[party], self.parties.accounts[party]
        return fill(self.draw, self.draw.choice(phrases), ref, name, number, account, int(deals.minor[i]))

    def maybe(self, values: Texts, share: float) -> Texts:
        """The values, each kept with probability `share`, else empty."""
        return np.where(self.rng.random(len(values)) < share, values, "")

    def write(self, side: str, kind: str, chunk: Chunk) -> None:
        """Keep these lines."""
        frame = pd.DataFrame(chunk, index=range(len(chunk["event"])))
        frame["kind"] = kind
        self.chunks[side].append(frame)

    def write_both(self, kind: str, left: Chunk, right: Chunk) -> None:
        self.write("left", kind, left)
        self.write("right", kind, right)
