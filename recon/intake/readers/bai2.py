"""BAI2 cash management files: balances and transactions of accounts in groups, records continued by 88.

Amounts have no decimal point: they are minor units of the account's currency. The type code tells the sign (100-399
money in, 400-699 money out). Source: BAI Cash Management Balance Reporting Specifications, version 2.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise
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
from rules.values import from_minor
from rules.wording import _

FORMAT = "bai2"
_CLAIM = re.compile(rb"\s*01,[^,\r\n]*,[^,\r\n]*,\d*,[^\r\n]*,2\s*/")
_RECORD = re.compile(r"(?:^|(?<=\n)|(?<=/))[ \t]*(?=(?:01|02|03|16|49|88|98|99),)")
_OPENING, _CLOSING = "010", "015"
_BALANCES = re.compile(r"0\d\d")
_DEFAULT_CURRENCY = "USD"
_AMOUNT = re.compile(r"[+-]?\d{1,18}")


def sniff(head: bytes, name: str) -> bool:
    """A file header of version 2."""
    return bool(_CLAIM.match(head.removeprefix(b"\xef\xbb\xbf")))


def read(stream: BinaryIO, name: str) -> Reading:
    """A statement for each account of each group. Raises Unreadable naming the line; wrong totals are findings."""
    file = _File(name)
    for record in _records(text_of(stream, name, "cp1252")):
        file.record(record)
    return file.reading()


@dataclass(slots=True)
class _Record:
    """`more` are the texts of the 88 records behind it, as they stand."""

    code: str
    text: str
    line: int
    more: list[str] = field(default_factory=list)

    @property
    def fields(self) -> list[str]:
        """All fields, those of the continuations too."""
        return [part for text in (self.text, *self.more) for part in text.split(",")]


def _records(text: str) -> Iterator[_Record]:
    """Records, whether one stands on a line or several; a slash ends one, and so does the end of the line."""
    record: _Record | None = None
    line = 1
    at = 0
    starts = [match.end() for match in _RECORD.finditer(text)]
    for start, end in pairwise([*starts, len(text)]):
        line += text.count("\n", at, start)
        at = start
        code, body = text[start : start + 2], _body(text[start + 3 : end])
        if code == "88" and record is not None:
            record.more.append(body)
        else:
            if record is not None:
                yield record
            record = _Record(code, body, line)
    if record is not None:
        yield record


def _body(text: str) -> str:
    text = text.strip()
    return text.removesuffix("/").rstrip()


@dataclass(slots=True)
class _Account:
    number: str
    currency: str
    line: int
    control_minor: int = 0
    balances: list[Balance] = field(default_factory=list)
    rows: Rows = field(default_factory=Rows)
    entries: int = 0
    names: EntryNames = field(default_factory=EntryNames)


class _File:
    """One file, record by record."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._remarks = Remarks()
        self._statements: list[Statement] = []
        self._account: _Account | None = None
        self._as_of: date | None = None
        self._currency = _DEFAULT_CURRENCY
        self._accounts = self._groups = 0
        self._ended = False
        self._place = Place(name, "")

    def record(self, record: _Record) -> None:
        self._place = Place(self._name, _("line {n}").format(n=record.line))
        match record.code:
            case "02":
                self._group(record.fields)
            case "03":
                self._open(record)
            case "16":
                self._entry(record)
            case "49":
                self._close(record.fields)
            case "98":
                self._note_count("98", record.fields, self._accounts)
                self._accounts = 0
            case "99":
                self._note_count("99", record.fields, self._groups)
                self._ended = True

    def _group(self, fields: Sequence[str]) -> None:
        self._groups += 1
        self._as_of = self._day(_at(fields, 3))
        self._currency = _at(fields, 5) or _DEFAULT_CURRENCY

    def _day(self, text: str) -> date | None:
        if not text:
            return None
        try:
            if not re.fullmatch(r"\d{6}", text):
                raise ValueError(text)
            return date(2000 + int(text[:2]), int(text[2:4]), int(text[4:]))
        except ValueError:
            raise self._place.refuse(_("“{date}” is no date (YYMMDD)").format(date=quoted(text))) from None

    def _open(self, record: _Record) -> None:
        if self._account is not None:
            raise self._place.refuse(_("an account begins before the one before it has ended"))
        fields = record.fields
        currency = (_at(fields, 1) or self._currency).upper()
        if not known_currency(currency):
            raise self._place.refuse(_("“{code}” is no ISO currency").format(code=quoted(currency)))
        self._accounts += 1
        self._account = account = _Account(_at(fields, 0), currency, record.line)
        for kind, amount in _summaries(fields[2:]):
            minor = self._minor(amount) if amount else 0
            account.control_minor += minor
            if amount and _BALANCES.fullmatch(kind):
                account.balances.append(Balance(kind, minor, currency, self._as_of))

    def _minor(self, text: str) -> int:
        if not _AMOUNT.fullmatch(text):
            raise self._place.refuse(_("“{amount}” is no amount").format(amount=quoted(text)))
        return int(text)

    def _entry(self, record: _Record) -> None:
        account = self._account
        if account is None:
            raise self._place.refuse(_("a transaction stands outside an account"))
        fields = record.text.split(",")
        amount = self._minor(_at(fields, 1))
        account.control_minor += amount
        account.entries += 1
        sign = self._sign(_at(fields, 0))
        if not sign:
            return
        rest, value_on = self._behind_funds(fields[2:])
        on = self._as_of or value_on
        if on is None:
            raise self._place.refuse(_("the group has no date"))
        account.rows.add(self._row(account, fields, rest, record.more, sign * amount, on, value_on))

    def _sign(self, code: str) -> int:
        """0 for codes that carry no money (890 and the 900s of the bank's own)."""
        if not re.fullmatch(r"\d{3}", code) or code < "100":
            raise self._place.refuse(_("“{code}” is no type code of a transaction").format(code=quoted(code)))
        if code >= "700":
            sentence = _("{where}: transactions of the type {code} have no sign and are not read.")
            self._remarks.add(
                "no-sign", "warning", self._place.where, sentence.format(where=self._place.where, code=code)
            )
            return 0
        return 1 if code < "400" else -1

    def _behind_funds(self, fields: list[str]) -> tuple[list[str], date | None]:
        """The fields behind the kind of funds, and the value date where it has one."""
        kind = _at(fields, 0).upper()
        taken = 1 + _funds_fields(kind, fields[1:])
        return fields[taken:], self._day(_at(fields, 1)) if kind == "V" else None

    def _row(
        self, account: _Account, fields: Sequence[str], rest: Sequence[str], more: Sequence[str], minor: int,
        on: date, value_on: date | None,
    ) -> dict[str, Value]:  # fmt: skip
        reference = usable(_at(rest, 0).strip())
        text = " ".join(" ".join([",".join(rest[2:]), *more]).split())
        return {
            "booking_date": on,
            "value_date": value_on,
            "amount": minor,
            "currency": account.currency,
            "entry": account.names.name(on, reference, minor, account.currency),
            "part": 0,
            "archive_reference": reference,
            "reference": usable(_at(rest, 1).strip()),
            "text": text.removesuffix("/").rstrip(),
            "transaction_code": fields[0],
        }

    def _close(self, fields: Sequence[str]) -> None:
        account = self._account
        if account is None:
            raise self._place.refuse(_("an account ends that has not begun"))
        where = _("account {n} (line {line})").format(n=len(self._statements) + 1, line=account.line)
        opening, closing = (next((b for b in account.balances if b.kind == k), None) for k in (_OPENING, _CLOSING))
        statement = Statement(
            account=account.number or None,
            currency=account.currency,
            lines=account.rows.table(),
            entries=account.entries,
            to_on=self._as_of,
            opening=opening,
            closing=closing,
            balances=tuple(b for b in account.balances if b is not opening and b is not closing),
        )
        self._statements.append(statement)
        self._account = None
        self._remarks.extend(proof(statement, where))
        self._note_total(_at(fields, 0), account, where)

    def _note_total(self, stated: str, account: _Account, where: str) -> None:
        if stated and self._minor(stated) != account.control_minor:
            sentence = _("{where}: the control total is {stated}, the amounts give {found}.")
            shown = (from_minor(minor, account.currency) for minor in (self._minor(stated), account.control_minor))
            said = sentence.format(where=where, **dict(zip(("stated", "found"), shown, strict=True)))
            self._remarks.add("control-total", "warning", where, said)

    def _note_count(self, code: str, fields: Sequence[str], found: int) -> None:
        stated = _at(fields, 1)
        if stated and self._minor(stated) != found:
            sentence = _("{where}: the trailer {code} counts {stated}, the file has {found}.")
            said = sentence.format(where=self._place.where, code=code, stated=int(stated), found=found)
            self._remarks.add("control-count", "warning", self._place.where, said)

    def reading(self) -> Reading:
        if not self._ended or self._account is not None:
            raise Unreadable(_("{file} ends before its last record; it has been cut off.").format(file=self._name))
        if not self._statements:
            raise Unreadable(_("{file} holds no account statement.").format(file=self._name))
        return Reading(FORMAT, "2", tuple(self._statements), self._remarks.all())


def _at(fields: Sequence[str], place: int) -> str:
    return fields[place].strip() if place < len(fields) else ""


def _summaries(fields: list[str]) -> Iterator[tuple[str, str]]:
    """(type code, amount) of the groups in a 03 record; each has a count, a kind of funds and what belongs to it."""
    at = 0
    while at < len(fields):
        yield _at(fields, at), _at(fields, at + 1)
        at += 4 + _funds_fields(_at(fields, at + 3).upper(), fields[at + 4 :])


def _funds_fields(kind: str, behind: Sequence[str]) -> int:
    """Fields that a kind of funds has behind it."""
    if kind == "D":
        count = _at(behind, 0)
        return 1 + 2 * int(count) if count.isdecimal() and len(count) < 4 else 1
    return {"V": 2, "S": 3}.get(kind, 0)
