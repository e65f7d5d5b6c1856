"""SIE 1–4, export and import files: vouchers, opening and closing balances of the current year.

Source: SIE file format, edition 4B. `#BTRANS` (removed rows) is left out, and `#RTRANS` too, because an equal `#TRANS`
follows it (section `#RTRANS`). Unknown labels are passed over, as the specification asks.
"""

from __future__ import annotations

import io
import re
import zlib
from collections.abc import Callable, Mapping
from datetime import date
from typing import BinaryIO

from recon.errors import Unreadable
from recon.intake.charset import sie_encoding
from recon.intake.ledger import DIMENSIONS, Ledger, Voucher
from recon.intake.rows import Value
from recon.intake.statement import Reading
from recon.intake.text_file import refuse_long_lines
from rules.values import AmountError, exponent, to_minor
from rules.wording import _

FORMAT = "sie"
DEFAULT_CURRENCY = "SEK"
LARGEST = 200_000_000
"""Bytes: some millions of rows."""
_CLAIM = re.compile(rb"\s*#(FLAGGA|FORMAT|SIETYP|PROGRAM|KSUMMA|GEN)\b")
_QUOTED = r'"((?:[^"\\]|\\.)*)"'
_TOKEN = re.compile(rf'{_QUOTED}|\{{((?:[^}}"]|{_QUOTED})*)\}}|([^\s"{{}}]+|[{{}}"])')

_CONTROL = re.compile(rb"(?m)^[ \t]*#KSUMMA[ \t]*\"?([0-9]{0,10})\"?[ \t\r]*$")
_PLAIN = re.compile(rb'"((?:[^"\\]|\\.)*)"|([^\s"{}]+)')

Field = str | list[str]
"""A field of a record; `{...}` is a list of dimension numbers and objects, in turn."""


def sniff(head: bytes, name: str) -> bool:
    return bool(_CLAIM.match(head.removeprefix(b"\xef\xbb\xbf")))


def read(stream: BinaryIO, name: str) -> Reading:
    """A statement an account. Raises Unreadable naming the line; an unbalanced voucher is a finding."""
    data = stream.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise Unreadable(_("{file} is larger than {n} bytes; split it.").format(file=name, n=LARGEST))
    if b"\0" in data:
        raise Unreadable(_("{file} holds NUL bytes; it is no SIE file.").format(file=name))
    refuse_long_lines(io.BytesIO(data), name)
    text = io.TextIOWrapper(io.BytesIO(data), encoding=sie_encoding(data), errors="replace", newline=None)
    file = _File(name)
    for number, line in enumerate(text, start=1):
        file.record(number, line)
    file.control(data)
    return file.reading()


def control_sums(data: bytes) -> tuple[int, int] | None:
    """(stated, found) control sum of the records between two `#KSUMMA`, None without them: CRC-32 of labels and fields
    without separators, quotes and braces (specification 4B, section `#KSUMMA`).
    """
    marks = list(_CONTROL.finditer(data))
    if len(marks) != 2 or not marks[1][1]:
        return None
    records = data[marks[0].end() : marks[1].start()]
    parts = (quoted or bare for quoted, bare in _PLAIN.findall(records))
    return int(marks[1][1]), zlib.crc32(b"".join(parts))


def fields(line: str) -> list[Field]:
    """The fields of a record: bare, quoted (`\\"` is a quote), or `{...}`. Separators are blanks and tabs."""
    return [_field(match) for match in _TOKEN.finditer(line)]


def _field(match: re.Match[str]) -> Field:
    quoted, objects, _inner, bare = match.groups()
    if objects is not None:
        return [str(item) for item in fields(objects) if isinstance(item, str)]
    return quoted.replace('\\"', '"') if quoted is not None else bare


class _File:
    """One file, record by record."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._line = 0
        self._ledger = Ledger(DEFAULT_CURRENCY)
        self._version = ""
        self._voucher: Voucher | None = None
        self._rows: list[Mapping[str, Value]] = []
        self._hyphens = self._vouchers = 0
        self._labels: dict[str, Callable[[list[Field]], None]] = {
            "#SIETYP": self._sietyp,
            "#FNAMN": self._fnamn,
            "#VALUTA": self._valuta,
            "#RAR": self._rar,
            "#OMFATTN": self._omfattn,
            "#KONTO": self._konto,
            "#IB": lambda given: self._balance(given, self._ledger.opening),
            "#UB": lambda given: self._balance(given, self._ledger.closing),
            "#VER": self._ver,
            "#TRANS": self._trans,
        }

    def record(self, number: int, line: str) -> None:
        self._line = number
        text = line.strip()
        if text.startswith("}"):
            self._close()
        label = text[:12].split(maxsplit=1)[0].upper() if text.startswith("#") else ""
        if label in self._labels:
            self._labels[label](fields(text)[1:])

    def control(self, data: bytes) -> None:
        """What the file's own control sum says of it."""
        sums = control_sums(data)
        if sums is not None and sums[0] != sums[1]:
            sentence = _("The file's control sum is {stated}, its records give {found}: it has been changed.")
            said = sentence.format(stated=sums[0], found=sums[1])
            self._ledger.remarks.add("control-sum", "warning", self._name, said)

    def _note_kind(self) -> None:
        """Types 1 to 3 have no vouchers; a file for import (4I, `.si`) has no balances."""
        ledger = self._ledger
        if self._version == "4" and self._name.lower().endswith(".si"):
            self._version = "4I"
            if ledger.opening or ledger.closing:
                said = _("The file is for import (4I) and has balances; they are read.")
                ledger.remarks.add("kind", "warning", self._name, said)
        if self._version in ("1", "2", "3") and self._vouchers:
            said = _("The file is of type {type} and has vouchers; they are read.").format(type=self._version)
            ledger.remarks.add("kind", "warning", self._name, said)

    def reading(self) -> Reading:
        if self._voucher is not None:
            raise self._refuse(_("the file ends inside the voucher {name}").format(name=self._voucher.name))
        ledger = self._ledger
        statements = ledger.statements()
        if not statements:
            raise Unreadable(_("{file} holds neither vouchers nor balances.").format(file=self._name))
        ledger.remarks.extend(ledger.proof())
        self._note_hyphens()
        self._note_kind()
        return Reading(FORMAT, self._version, statements, ledger.remarks.all())

    def _note_hyphens(self) -> None:
        if self._hyphens:
            sentence = _("{n} dates are written with hyphens, which SIE 4 does not allow; they are read.")
            self._ledger.remarks.add("date-form", "warning", self._name, sentence.format(n=self._hyphens))

    def _refuse(self, reason: str) -> Unreadable:
        where = _("line {n}").format(n=self._line)
        return Unreadable(_("{file}, {where}: {reason}.").format(file=self._name, where=where, reason=reason))

    def _text(self, given: list[Field], place: int) -> str:
        """The field at that place; "" where it is left out."""
        found = given[place] if place < len(given) else ""
        if isinstance(found, list):
            raise self._refuse(_("an object list stands where a value is expected"))
        return found.strip()

    def _date(self, text: str) -> date:
        self._hyphens += "-" in text
        digits = text.replace("-", "")
        try:
            if not re.fullmatch(r"[0-9]{8}|[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
                raise ValueError(text)
            return date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
        except ValueError:
            raise self._refuse(_("“{value}” is no date (YYYYMMDD)").format(value=text[:40])) from None

    def _amount(self, text: str) -> int:
        """Minor units. A decimal comma is against the standard and unmistakable: no thousands separator is allowed."""
        try:
            return to_minor(text.replace(",", ".") if text.count(",") == 1 else text, self._ledger.currency)
        except AmountError as error:
            raise self._refuse(str(error).rstrip(".")) from None

    def _sietyp(self, given: list[Field]) -> None:
        self._version = self._text(given, 0)

    def _fnamn(self, given: list[Field]) -> None:
        self._ledger.owner = self._text(given, 0) or None

    def _valuta(self, given: list[Field]) -> None:
        code = self._text(given, 0).upper()
        try:
            exponent(code)
        except AmountError as error:
            raise self._refuse(str(error).rstrip(".")) from None
        self._ledger.currency = code

    def _rar(self, given: list[Field]) -> None:
        if self._text(given, 0) == "0" and self._text(given, 1) and self._text(given, 2):
            self._ledger.from_on = self._date(self._text(given, 1))
            self._ledger.to_on = self._ledger.to_on or self._date(self._text(given, 2))

    def _omfattn(self, given: list[Field]) -> None:
        """The day up to which the balances are: the year's end where it is left out."""
        if self._text(given, 0):
            self._ledger.to_on = self._date(self._text(given, 0))

    def _konto(self, given: list[Field]) -> None:
        self._ledger.names[self._text(given, 0)] = self._text(given, 1)

    def _balance(self, given: list[Field], balances: dict[str, int]) -> None:
        if self._text(given, 0) != "0":
            return
        account = self._account(given, 1)
        if account in balances:
            raise self._refuse(_("the account {account} has this balance already").format(account=account))
        balances[account] = self._amount(self._text(given, 2))

    def _account(self, given: list[Field], place: int) -> str:
        account = self._text(given, place)
        if not account:
            raise self._refuse(_("the account number is missing"))
        return account

    def _ver(self, given: list[Field]) -> None:
        if self._voucher is not None:
            raise self._refuse(_("a voucher begins inside the voucher {name}").format(name=self._voucher.name))
        given = [field for field in given if field != "{"]
        self._voucher = Voucher(
            series=self._text(given, 0),
            number=self._text(given, 1),
            on=self._date(self._text(given, 2)),
            text=self._text(given, 3),
            where=_("line {n}").format(n=self._line),
        )

    def _trans(self, given: list[Field]) -> None:
        if self._voucher is None:
            raise self._refuse(_("#TRANS stands outside a voucher"))
        objects = given[1] if len(given) > 1 else ""
        if not isinstance(objects, list):
            given.insert(1, objects := [])
        if len(given) < 3:
            raise self._refuse(_("#TRANS has no amount"))
        day = self._text(given, 3)
        self._rows.append(
            {
                "account_number": self._account(given, 0),
                "amount": self._amount(self._text(given, 2)),
                "booking_date": self._date(day) if day else None,
                "text": self._text(given, 4),
                "extra.quantity": self._text(given, 5),
                **_dimensions(objects),
            }
        )

    def _close(self) -> None:
        if self._voucher is not None:
            self._vouchers += 1
            self._ledger.book(self._voucher, self._rows)
        self._voucher, self._rows = None, []


def _dimensions(objects: list[str]) -> dict[str, Value]:
    pairs = zip(objects[::2], objects[1::2], strict=False)
    return {DIMENSIONS.get(number, f"extra.dim_{number}"): value for number, value in pairs if number}
