"""BgMax: bankgiro payments to a Swedish account, records of 80 characters; deposits that the bank books as one sum.

20 is a payment, 21 a deduction from the deposit, 22 and 23 are further references of the payment before them, 15 is the
deposit. Source: Bankgirot, Bankgiro Inbetalningar, technical manual. Bankgirot ended the format in November 2026.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import BinaryIO

from recon.errors import Unreadable
from recon.intake.camt.texts import usable
from recon.intake.canonical import known_currency, quoted
from recon.intake.entry_names import EntryNames
from recon.intake.place import Place
from recon.intake.remarks import Remarks
from recon.intake.rows import Rows, Value
from recon.intake.statement import Declared, Reading, Statement
from recon.intake.text_file import text_of
from rules.errors import Finding
from rules.values import exponent, from_minor
from rules.wording import _

FORMAT = "bgmax"
_CLAIM = re.compile(rb"01BGMAX")
_WIDTH = 80


def sniff(head: bytes, name: str) -> bool:
    return bool(_CLAIM.match(head.removeprefix(b"\xef\xbb\xbf").lstrip()))


def read(stream: BinaryIO, name: str) -> Reading:
    """A statement for each deposit. Raises Unreadable naming the line; totals that differ are findings."""
    file = _File(name)
    for number, line in enumerate(text_of(stream, name, "cp1252").split("\n"), start=1):
        if line.strip():
            file.record(line.ljust(_WIDTH), number)
    return file.reading()


@dataclass(slots=True)
class _Payment:
    minor: int
    sender: str
    reference: str
    serial: str
    channel: str
    more: list[str] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    organisation: str = ""


@dataclass(slots=True)
class _Deposit:
    account: str
    currency: str
    line: int
    payments: list[_Payment] = field(default_factory=list)


class _File:
    """One file, record by record."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._version = ""
        self._remarks = Remarks()
        self._statements: list[Statement] = []
        self._names = EntryNames()
        self._deposit: _Deposit | None = None
        self._counts: Counter[str] = Counter()
        self._ended = False
        self._place = Place(name, "")

    def record(self, line: str, number: int) -> None:
        self._place = Place(self._name, _("line {n}").format(n=number))
        code = line[:2]
        if self._ended:
            raise self._place.refuse(_("a record stands behind the last one"))
        self._counts[code] += 1
        match code:
            case "01":
                self._version = line[22:24].strip()
            case "05":
                self._open(line, number)
            case "15":
                self._close(line)
            case "70":
                self._end(line)
            case "20" | "21" | "22" | "23" | "25" | "26" | "27" | "28" | "29":
                self._payment(line, code)
            case _:
                raise self._place.refuse(_("“{record}” is no BgMax record").format(record=quoted(line[:20])))

    def _open(self, line: str, number: int) -> None:
        if self._deposit is not None:
            raise self._place.refuse(_("a deposit begins inside another"))
        currency = line[22:25]
        if not known_currency(currency):
            raise self._place.refuse(_("“{code}” is no ISO currency").format(code=quoted(currency)))
        account = line[2:12].strip().lstrip("0") or line[12:22].strip().lstrip("0")
        self._deposit = _Deposit(account, currency, number)

    def _payment(self, line: str, code: str) -> None:
        deposit = self._deposit
        if deposit is None:
            raise self._place.refuse(_("a payment stands outside a deposit"))
        if code in ("20", "21"):
            minor = self._minor(line[37:55], deposit.currency)
            signed = minor if code == "20" else -minor
            sender, reference = line[2:12].strip(), " ".join(line[12:37].split())
            deposit.payments.append(_Payment(signed, sender, reference, line[57:69].strip(), line[56]))
        elif not deposit.payments:
            raise self._place.refuse(_("a record stands without its payment"))
        else:
            _add(deposit.payments[-1], line, code)

    def _minor(self, text: str, currency: str) -> int:
        """Amounts have two decimals whatever the currency; there are kronor and euro only."""
        if not (text.isascii() and text.isdecimal()) or exponent(currency) != 2:
            raise self._place.refuse(_("“{amount}” is no amount").format(amount=quoted(text)))
        return int(text)

    def _close(self, line: str) -> None:
        deposit = self._deposit
        if deposit is None:
            raise self._place.refuse(_("a deposit ends that has not begun"))
        on = self._day(line[37:45])
        stated = self._minor(line[50:68], deposit.currency)
        total = sum(payment.minor for payment in deposit.payments)
        serial = line[45:50].strip()
        declared = Declared(entries=int(line[71:79]) if line[71:79].isdecimal() else None, net_minor=stated)
        self._remarks.extend(self._control(line, deposit, declared, total))
        rows = Rows()
        for row in self._rows(deposit, on, serial, line[2:37].strip().lstrip("0")):
            rows.add(row)
        self._statements.append(
            Statement(
                account=deposit.account or None,
                currency=deposit.currency,
                lines=rows.table(),
                entries=len(deposit.payments),
                legal_number=serial or None,
                from_on=on,
                to_on=on,
                declared=declared,
            )
        )
        self._deposit = None

    def _day(self, text: str) -> date:
        try:
            if not (text.isascii() and text.isdecimal()):
                raise ValueError(text)
            return date(int(text[:4]), int(text[4:6]), int(text[6:]))
        except ValueError:
            raise self._place.refuse(_("“{date}” is no date (YYYYMMDD)").format(date=quoted(text))) from None

    def _control(self, line: str, deposit: _Deposit, declared: Declared, total: int) -> Iterator[Finding]:
        where = self._place.where
        if line[68:71].strip() not in ("", deposit.currency):
            sentence = _("{where}: the deposit is in {other}, its payments in {currency}.")
            said = sentence.format(where=where, other=line[68:71], currency=deposit.currency)
            yield Finding("deposit-currency", "warning", where, said)
        if declared.net_minor != total:
            sentence = _("{where}: the deposit is {given}, the payments give {found}.")
            shown = {"given": from_minor(declared.net_minor or 0, deposit.currency)}
            said = sentence.format(where=where, found=from_minor(total, deposit.currency), **shown)
            yield Finding("control-sum", "warning", where, said)
        if declared.entries is not None and declared.entries != len(deposit.payments):
            sentence = _("{where}: {given} payments are declared, {found} are there.")
            said = sentence.format(where=where, given=declared.entries, found=len(deposit.payments))
            yield Finding("control-count", "warning", where, said)

    def _rows(self, deposit: _Deposit, on: date, serial: str, account: str) -> Iterator[dict[str, Value]]:
        total = sum(payment.minor for payment in deposit.payments)
        name = self._names.name(on, serial, total, deposit.currency)
        split = len(deposit.payments) > 1
        for part, payment in enumerate(deposit.payments, start=1):
            shared: dict[str, Value] = {"booking_date": on, "currency": deposit.currency, "entry": name}
            yield {**shared, "part": part if split else 0, **_fields(payment), "extra.deposit_account": account}

    def _end(self, line: str) -> None:
        if self._deposit is not None:
            raise self._place.refuse(_("the file ends inside a deposit"))
        self._ended = True
        counts = self._counts
        found = {2: counts["20"], 10: counts["21"], 18: counts["22"] + counts["23"], 26: counts["15"]}
        for at, number in found.items():
            stated = line[at : at + 8]
            if stated.isdecimal() and int(stated) != number:
                sentence = _("{where}: the last record counts {given} where the file has {found}.")
                said = sentence.format(where=self._place.where, given=int(stated), found=number)
                self._remarks.add("control-count", "warning", self._place.where, said)

    def reading(self) -> Reading:
        if not self._ended:
            raise Unreadable(_("{file} ends before its last record; it has been cut off.").format(file=self._name))
        if not self._statements:
            raise Unreadable(_("{file} holds no deposit.").format(file=self._name))
        return Reading(FORMAT, self._version, tuple(self._statements), self._remarks.all())


def _add(payment: _Payment, line: str, code: str) -> None:
    """What a record behind a payment says of it."""
    match code:
        case "22" | "23":
            payment.more.append(_reference(line))
        case "25":
            payment.texts.append(line[2:52].strip())
        case "26":
            payment.names += [line[2:37].strip(), line[37:72].strip()]
        case "29":
            payment.organisation = line[2:14].strip().lstrip("0")
        case _:
            pass  # an address


def _reference(line: str) -> str:
    """Files that went through an editor have tabs for the blanks before a reference."""
    if "\t" in line:
        found = re.match(r"\d+\s+(\S*?)\d{18}", line[2:])
        return found[1] if found else ""
    return " ".join(line[12:37].split())


def _fields(payment: _Payment) -> dict[str, Value]:
    references = [usable(reference) for reference in (payment.reference, *payment.more)]
    told = list(dict.fromkeys(reference for reference in references if reference))
    return {
        "amount": payment.minor,
        "reference": told[0] if len(told) == 1 else "",
        "archive_reference": usable(payment.serial),
        "counterparty": " ".join(name for name in payment.names if name),
        "counterparty_account": usable(payment.sender.lstrip("0")),
        "text": " ".join([*payment.texts, *(told if len(told) > 1 else [])]),
        "transaction_code": payment.channel.strip(),
        "extra.organisation_number": payment.organisation,
    }
