"""CODA, the Belgian banks' coded statements: records of 128 characters.

A record 21 with the detail number 0000 is the entry; those with a higher one are its details, and where they sum up to
it they are the lines. Amounts have three decimals. Source: Febelfin, Coded statement of account, version 2.6.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from typing import BinaryIO

from recon.errors import Unreadable
from recon.intake.camt.texts import usable
from recon.intake.canonical import known_currency, quoted
from recon.intake.entry_names import EntryNames
from recon.intake.place import Place
from recon.intake.proof import proof
from recon.intake.remarks import Remarks
from recon.intake.rows import Rows, Value
from recon.intake.statement import Balance, Reading, Statement
from recon.intake.text_file import text_of
from rules.values import AmountError, exponent, from_minor, to_minor
from rules.wording import _

FORMAT = "coda"
_CLAIM = re.compile(rb"0000[0 ]\d{9}.{90,130}[12]\s*\n1", re.DOTALL)
_WIDTH = 128
_ENTRY = "0000"
_NO_DAY = "000000"


def sniff(head: bytes, name: str) -> bool:
    """A header record, then an old balance."""
    return bool(_CLAIM.match(head.removeprefix(b"\xef\xbb\xbf")))


def read(stream: BinaryIO, name: str) -> Reading:
    """A statement for each pair of balances. Raises Unreadable naming the line; what does not add up is a finding."""
    file = _File(name)
    for number, line in enumerate(text_of(stream, name, "cp1252").split("\n"), start=1):
        if line.strip():
            file.record(line.ljust(_WIDTH), number)
    return file.reading()


@dataclass(slots=True)
class _Move:
    """A record 21 with what 22, 23 and 31-33 say of it."""

    number: str
    amount: Decimal
    value_on: date | None
    entry_on: date | None
    reference: str
    code: str
    line: int
    structured: str = ""
    texts: list[str] = field(default_factory=list)
    customer: str = ""
    party: str = ""
    party_account: str = ""
    details: list[_Move] = field(default_factory=list)


@dataclass(slots=True)
class _Account:
    account: str
    currency: str
    number: str
    holder: str
    description: str
    opening: Balance
    line: int
    moves: list[_Move] = field(default_factory=list)


class _File:
    """One file, record by record."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._remarks = Remarks()
        self._statements: list[Statement] = []
        self._account: _Account | None = None
        self._move: _Move | None = None
        self._copy: str | None = None
        self._version = ""
        self._records = 0
        self._ended = False
        self._sums = {"1": Decimal(0), "0": Decimal(0)}
        self._place = Place(name, "")

    def record(self, line: str, number: int) -> None:
        self._place = Place(self._name, _("line {n}").format(n=number))
        if len(line.rstrip()) > _WIDTH:
            raise self._place.refuse(_("a record has more than 128 characters"))
        self._records += line[0] not in "09"
        match line[0]:
            case "0":
                self._header(line)
            case "1":
                self._old_balance(line, number)
            case "2":
                self._movement(line, number)
            case "3":
                self._information(line)
            case "8":
                self._new_balance(line)
            case "9":
                self._trailer(line)
            case "4":
                pass  # a message to the holder
            case _:
                raise self._place.refuse(_("“{record}” is no CODA record").format(record=quoted(line[:20])))

    def _header(self, line: str) -> None:
        if self._account is not None:
            raise self._place.refuse(_("a file begins before the statement before it has ended"))
        self._copy = "DUPL" if line[16] == "D" else None
        self._version = line[127].strip()
        self._records, self._ended = 0, False
        self._sums = {"1": Decimal(0), "0": Decimal(0)}

    def _old_balance(self, line: str, number: int) -> None:
        if self._account is not None:
            raise self._place.refuse(_("a statement begins inside another"))
        account, currency = _account(line[5:42], line[1])
        if not known_currency(currency):
            raise self._place.refuse(_("“{code}” is no ISO currency").format(code=quoted(currency)))
        opening = self._balance("1", line[42], line[43:58], line[58:64], currency)
        holder, description = line[64:90].strip(), line[90:125].strip()
        self._account = _Account(account, currency, line[2:5].strip(), holder, description, opening, number)

    def _balance(self, kind: str, sign: str, digits: str, on: str, currency: str) -> Balance:
        """A balance with more decimals than the currency has is rounded, and said: nothing is booked by it."""
        amount = self._amount(sign, digits)
        step = Decimal(1).scaleb(-exponent(currency))
        rounded = amount.quantize(step, ROUND_HALF_EVEN)
        written = None if rounded == amount else f"{amount:f}"
        if written is not None:
            sentence = _("{where}: the balance {amount} has more decimals than {currency} has.")
            said = sentence.format(where=self._place.where, amount=written, currency=currency)
            self._remarks.add("balance-decimals", "warning", self._place.where, said)
        return Balance(kind, to_minor(rounded, currency), currency, self._day(on), written)

    def _amount(self, sign: str, digits: str) -> Decimal:
        if sign not in "01" or not re.fullmatch(r"\d{15}", digits):
            raise self._place.refuse(_("“{amount}” is no amount").format(amount=quoted(sign + digits)))
        amount = Decimal(digits).scaleb(-3)
        return -amount if sign == "1" else amount

    def _day(self, text: str) -> date | None:
        if text in (_NO_DAY, " " * 6):
            return None
        try:
            if not text.isdecimal():
                raise ValueError(text)
            return date(2000 + int(text[4:]), int(text[2:4]), int(text[:2]))
        except ValueError:
            raise self._place.refuse(_("“{date}” is no date (DDMMYY)").format(date=quoted(text))) from None

    def _movement(self, line: str, number: int) -> None:
        account = self._account
        if account is None:
            raise self._place.refuse(_("a movement stands outside a statement"))
        if line[1] == "1":
            self._begin(account, line, number)
        elif self._move is None or line[1] not in "23":
            raise self._place.refuse(_("“{record}” is no CODA record").format(record=quoted(line[:20])))
        elif line[1] == "2":
            self._move.texts.append(line[10:63].rstrip())
            self._move.customer = line[63:98].strip()
        else:
            self._move.party_account = line[10:44].strip()
            self._move.party = line[47:82].strip()
            self._move.texts.append(line[82:125].rstrip())

    def _begin(self, account: _Account, line: str, number: int) -> None:
        move = _Move(
            number=line[2:6],
            amount=self._amount(line[31], line[32:47]),
            value_on=self._day(line[47:53]),
            entry_on=self._day(line[115:121]),
            reference=line[10:31].strip(),
            code=line[53:61].strip(),
            line=number,
        )
        if line[61] == "1":
            move.structured = _structured(line[62:115])
        else:
            move.texts.append(line[62:115].rstrip())
        self._move = move
        if line[6:10] == _ENTRY:
            account.moves.append(move)
            self._sums[line[31]] += abs(move.amount)
        elif account.moves and account.moves[-1].number == move.number:
            account.moves[-1].details.append(move)
        else:
            raise self._place.refuse(_("a detail stands without its entry"))

    def _information(self, line: str) -> None:
        if self._move is None:
            raise self._place.refuse(_("an information stands without its movement"))
        start, end = {"1": (40, 113), "2": (10, 115), "3": (10, 100)}.get(line[1], (10, 10))
        self._move.texts.append(line[start:end].rstrip())

    def _new_balance(self, line: str) -> None:
        account = self._account
        if account is None:
            raise self._place.refuse(_("a new balance stands without an old one"))
        where = _("statement {n} (line {line})").format(n=len(self._statements) + 1, line=account.line)
        closing = self._balance("8", line[41], line[42:57], line[57:63], account.currency)
        rows = Rows()
        for row in self._rows(account, closing):
            rows.add(row)
        statement = Statement(
            account=account.account,
            currency=account.currency,
            lines=rows.table(),
            entries=len(account.moves),
            details=sum(len(move.details) for move in account.moves),
            account_name=account.description or None,
            owner=account.holder or None,
            legal_number=account.number or None,
            to_on=closing.on,
            opening=account.opening,
            closing=closing,
            copy=self._copy,
        )
        self._statements.append(statement)
        self._remarks.extend(proof(statement, where))
        self._account = self._move = None

    def _rows(self, account: _Account, closing: Balance) -> Iterator[dict[str, Value]]:
        names = EntryNames()
        for move in account.moves:
            place = Place(self._name, _("line {n}").format(n=move.line))
            on = move.entry_on or move.value_on or closing.on
            if on is None:
                raise place.refuse(_("the entry has no date"))
            minor = _minor(move.amount, account.currency, place)
            name = names.name(on, usable(move.reference), minor, account.currency)
            shared: dict[str, Value] = {"booking_date": on, "currency": account.currency, "entry": name}
            for part, (each, amount) in enumerate(self._parts(move, minor, account.currency, place), start=1):
                own = _fields(each)
                yield {**shared, "part": part if each is not move else 0, "amount": amount, **own}

    def _parts(self, move: _Move, minor: int, currency: str, place: Place) -> list[tuple[_Move, int]]:
        """The details where they sum up to the entry; else the entry itself."""
        parts = [(detail, _minor(detail.amount, currency, place)) for detail in move.details]
        if parts and sum(amount for _detail, amount in parts) == minor:
            return parts
        if parts:
            sentence = _("{where}: the details sum up to {found}, the entry is {amount}; it is one line.")
            found = from_minor(sum(amount for _detail, amount in parts), currency)
            said = sentence.format(where=place.where, found=found, amount=from_minor(minor, currency))
            self._remarks.add("details-rest", "info", place.where, said)
        return [(move, minor)]

    def _trailer(self, line: str) -> None:
        if self._account is not None:
            raise self._place.refuse(_("the file ends inside a statement"))
        self._ended = True
        stated = {"records": line[16:22], "debit": line[22:37], "credit": line[37:52]}
        sums = {"debit": self._sums["1"], "credit": self._sums["0"]}
        found = {"records": self._records, **{name: int(total.scaleb(3)) for name, total in sums.items()}}
        for name, text in stated.items():
            if text.strip().isdecimal() and int(text) != found[name]:
                sentence = _("{where}: the trailer's {name} is {stated}, the file's {found}.")
                said = sentence.format(where=self._place.where, name=name, stated=int(text), found=found[name])
                self._remarks.add("control-total", "warning", self._place.where, said)

    def reading(self) -> Reading:
        if not self._ended:
            raise Unreadable(_("{file} ends before its last record; it has been cut off.").format(file=self._name))
        if not self._statements:
            raise Unreadable(_("{file} holds no account statement.").format(file=self._name))
        return Reading(FORMAT, self._version, tuple(self._statements), self._remarks.all())


def _account(text: str, structure: str) -> tuple[str, str]:
    """(account, currency): Belgian numbers have the currency behind 13 characters, all others behind 34."""
    number, currency = (text[:12], text[13:16]) if structure == "0" else (text[:34], text[34:37])
    return number.strip(), currency.strip().upper()


def _structured(text: str) -> str:
    """The structured communication (types 101 and 102: twelve digits) of a payment."""
    return text[3:15].strip() if text[:3] in ("101", "102") and text[3:15].isdecimal() else ""


def _minor(amount: Decimal, currency: str, place: Place) -> int:
    try:
        return to_minor(amount, currency)
    except AmountError as error:
        raise place.refuse(str(error).rstrip(".")) from None


def _fields(move: _Move) -> dict[str, Value]:
    customer = usable(move.customer)
    return {
        "value_date": move.value_on,
        "archive_reference": usable(move.reference),
        "reference": move.structured or customer,
        "end_to_end_id": customer,
        "counterparty": move.party,
        "counterparty_account": move.party_account,
        "text": " ".join(" ".join(move.texts).split()),
        "transaction_code": move.code,
    }
