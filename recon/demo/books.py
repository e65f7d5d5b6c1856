"""The books being written: what the ledger says, what the bank says, and which of it belongs together."""

from __future__ import annotations

import calendar
import random
from dataclasses import dataclass, field
from datetime import date, timedelta

from recon.demo.firms import Firm
from recon.demo.numbers import luhn

_TOWNS = {
    "NO": "Granli Myrstad Solberg Havnes Tornvik Bjørkås Fjelltun Kråkvik Sandmo Elvestad Nesodd Åmoen".split(),
    "SE": "Ekeby Lindholm Åstorp Björknäs Hammarby Sjövik Älvdal Granliden Norrtorp Källby Ormsjö Väsby".split(),
    "DK": "Ravnkilde Skovlund Sjølund Havnsø Lindved Tornby Græsted Nørreå Birkholm Egelund Klitbæk Møllerup".split(),
}
_TRADES = {
    "NO": "Bygg Elektro Møbler Transport Renhold Data Sport Bakeri Trevare Maskin Optikk Rør Interiør".split(),
    "SE": "Bygg El Möbler Åkeri Städ Data Sport Bageri Snickeri Maskin Optik Rör Inredning".split(),
    "DK": "Byg El Møbler Transport Rengøring Data Sport Bageri Tømrer Maskin Optik VVS Indretning".split(),
}
_FORMS = {"NO": ("AS", "A/S", "ENK"), "SE": ("AB", "Aktiebolag", "HB"), "DK": ("ApS", "A/S", "I/S")}


@dataclass(frozen=True)
class Booking:
    """A line on the ledger's bank account; `voucher` is its number, `counter` the account on the other side of it."""

    on: date
    minor: int
    voucher: str
    text: str
    counter: str
    event: int
    reference: str = ""
    archive_reference: str = ""
    counterparty: str = ""
    customer_number: str = ""


@dataclass(frozen=True)
class Payment:
    """A line of the bank; `lump` names the entry it is a part of, empty where it is an entry of its own."""

    on: date
    minor: int
    bank_reference: str
    text: str
    event: int
    reference: str = ""
    counterparty: str = ""
    counterparty_account: str = ""
    lump: str = ""


@dataclass(frozen=True)
class Partner:
    """A customer or supplier: `name` as the ledger writes it, `spelled` as the bank does."""

    name: str
    spelled: str
    number: str
    account: str


@dataclass
class Books:
    """One company's books while they are written. An event is one true group of lines, or one line alone."""

    firm: Firm
    draw: random.Random
    bookings: list[Booking] = field(default_factory=list)
    payments: list[Payment] = field(default_factory=list)
    event: int = 0
    _serial: int = 1000

    def __post_init__(self) -> None:
        self.partners = [self._partner(n) for n in range(60)]

    def _partner(self, n: int) -> Partner:
        country = self.firm.country
        town, trade = self.draw.choice(_TOWNS[country]), self.draw.choice(_TRADES[country])
        form, other = self.draw.sample(_FORMS[country], 2)
        name = f"{town} {trade} {form}"
        spelled = self.draw.choice([name, name.upper(), f"{town} {trade} {other}", f"{town} {trade}".upper()])
        return Partner(name, spelled, str(10_001 + n), f"{self.draw.randrange(10**10, 10**11)}")

    def new_event(self) -> int:
        self.event += 1
        return self.event

    def serial(self) -> int:
        self._serial += 1
        return self._serial

    def partner(self) -> Partner:
        return self.partners[int(len(self.partners) * self.draw.random() ** 1.6)]

    def reference(self, partner: Partner) -> str:
        """KID, OCR or FIK of a new invoice: customer number, invoice number, check digit."""
        body = f"{partner.number}{self.serial():06d}"
        return body + luhn(body)

    def amount(self, least: int = 30_000, most: int = 4_000_000) -> int:
        """Minor units: half of them odd, a third whole, some from a price list that makes them recur."""
        kind = self.draw.random()
        if kind < 0.15:
            return self.draw.choice([49_900, 99_900, 125_000, 250_000, 500_000])
        odd = int(least * (most / least) ** self.draw.random())
        return odd if kind < 0.65 else max(odd // 10_000, 1) * 10_000

    def day(self, year: int, month: int, least: int = 1, most: int = 31) -> date:
        """A working day of the month between these days: a weekend's becomes Monday, or Friday late in the month."""
        last = calendar.monthrange(year, month)[1]
        day = date(year, month, min(self.draw.randint(least, most), last))
        beyond = day.weekday() - 4  # 1 on Saturday, 2 on Sunday
        if beyond <= 0:
            return day
        return day + timedelta(3 - beyond) if day.day < 26 else day - timedelta(beyond)

    def at_bank(self, day: date) -> date:
        """When the bank books what the ledger booked: the same day to three days later, never on a weekend."""
        day += timedelta(self.draw.choices([0, 1, 2, 3], [60, 25, 10, 5])[0])
        while day.weekday() >= 5:
            day += timedelta(1)
        return day

    def book(
        self,
        event: int,
        on: date,
        minor: int,
        text: str,
        counter: str,
        partner: Partner | None = None,
        *,
        reference: str = "",
        archive_reference: str = "",
        voucher: str = "",
    ) -> None:
        """Write a line into the ledger; the voucher gets a new number unless one is given."""
        name, number = (partner.name, partner.number) if partner else ("", "")
        voucher = voucher or str(self.serial())
        line = Booking(on, minor, voucher, text, counter, event, reference, archive_reference, name, number)
        self.bookings.append(line)

    def pay(
        self,
        event: int,
        on: date,
        minor: int,
        text: str,
        partner: Partner | None = None,
        *,
        reference: str = "",
        bank_reference: str = "",
        lump: str = "",
    ) -> None:
        """Write a line onto the bank statement; it gets an archive reference of its own unless one is given."""
        name, account = (partner.spelled, partner.account) if partner else ("", "")
        bank_reference = bank_reference or f"{self.firm.country}{on:%y%m}{self.serial():06d}"
        self.payments.append(Payment(on, minor, bank_reference, text, event, reference, name, account, lump))
