"""OCR giro: payments with KID to a Norwegian account, records of 80 characters. AvtaleGiro assignments are refused.

Every payment is a line; those that the bank books as one sum share an `entry`. A minus in the sign field is a credit
note. Card reversals (types 18 and 20) count as the file's own totals count them. Source: Nets, OCR giro System
Specification.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import BinaryIO

from recon.errors import Unreadable
from recon.intake.camt.texts import usable
from recon.intake.canonical import quoted
from recon.intake.entry_names import EntryNames
from recon.intake.place import Place
from recon.intake.remarks import Remarks
from recon.intake.rows import Rows, Value
from recon.intake.statement import Declared, Reading, Statement
from recon.intake.text_file import text_of
from rules.errors import Finding
from rules.values import from_minor
from rules.wording import _

FORMAT = "ocr"
CURRENCY = "NOK"
_CLAIM = re.compile(rb"NY000010.{70,80}\r?\n\s*NY09", re.DOTALL)
_WIDTH = 80
_TYPES = frozenset(map(str, range(10, 22)))
_REVERSALS = ("18", "20")


def sniff(head: bytes, name: str) -> bool:
    """A start of transmission, then an assignment of the OCR service."""
    return bool(_CLAIM.match(head.removeprefix(b"\xef\xbb\xbf")))


def read(stream: BinaryIO, name: str) -> Reading:
    """A statement for each assignment. Raises Unreadable naming the line; totals that differ are findings."""
    file = _File(name)
    for number, line in enumerate(text_of(stream, name, "cp1252").split("\n"), start=1):
        if line.strip():
            file.record(line, number)
    return file.reading()


@dataclass(slots=True)
class _Payment:
    """An amount item. `lump` tells the payments that the bank has booked as one sum."""

    number: str
    kind: str
    minor: int
    on: date
    lump: str
    kid: str
    form: str = ""
    archive: str = ""
    account: str = ""
    text: str = ""


@dataclass(slots=True)
class _Assignment:
    number: str
    account: str
    line: int
    records: int = 1
    payments: list[_Payment] = field(default_factory=list)

    @property
    def total(self) -> int:
        return sum(payment.minor for payment in self.payments)


class _File:
    """One file, record by record."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._remarks = Remarks()
        self._statements: list[Statement] = []
        self._names = EntryNames()
        self._assignment: _Assignment | None = None
        self._records = self._payments = self._total = 0
        self._ended = False
        self._place = Place(name, "")

    def record(self, line: str, number: int) -> None:
        self._place = Place(self._name, _("line {n}").format(n=number))
        if not re.match(r"NY\d{6}", line) or len(line.rstrip()) > _WIDTH or self._ended:
            raise self._place.refuse(_("“{record}” is no record of OCR giro").format(record=quoted(line[:20])))
        line = line.ljust(_WIDTH)
        self._records += 1
        service, kind, code = line[2:4], line[4:6], line[6:8]
        match service, code:
            case "00", "10":
                pass
            case "00", "89":
                self._end(line)
            case "09", "20":
                self._open(line, number)
            case "09", "30" | "31" | "32":
                self._item(line, kind, code)
            case "09", "88":
                self._close(line)
            case "21", _code:
                raise Unreadable(
                    _("{file} is an AvtaleGiro agreement file, which holds no payments.").format(file=self._name)
                )
            case _:
                raise self._place.refuse(_("“{record}” is no record of OCR giro").format(record=quoted(line[:20])))

    def _open(self, line: str, number: int) -> None:
        if self._assignment is not None:
            raise self._place.refuse(_("an assignment begins inside another"))
        self._assignment = _Assignment(line[17:24].strip(), line[24:35].strip(), number)

    def _item(self, line: str, kind: str, code: str) -> None:
        assignment = self._assignment
        if assignment is None:
            raise self._place.refuse(_("a payment stands outside an assignment"))
        if kind not in _TYPES:
            raise self._place.refuse(_("“{kind}” is no type of payment").format(kind=quoted(kind)))
        assignment.records += 1
        if code == "30":
            assignment.payments.append(self._payment(line, kind))
        elif not assignment.payments or assignment.payments[-1].number != line[8:15]:
            raise self._place.refuse(_("an amount item does not follow its payment"))
        elif code == "31":
            payment = assignment.payments[-1]
            payment.form, payment.archive, payment.account = line[15:25].strip(), line[25:34].strip(), line[47:58]
        else:
            assignment.payments[-1].text = line[15:55].strip()

    def _payment(self, line: str, kind: str) -> _Payment:
        minor = self._number(line[32:49], _("amount"))
        if line[31] not in "0 -":
            raise self._place.refuse(_("“{sign}” is no sign").format(sign=quoted(line[31])))
        on = self._day(line[15:21])
        return _Payment(line[8:15], kind, -minor if line[31] == "-" else minor, on, line[15:31], line[49:74].strip())

    def _number(self, text: str, what: str) -> int:
        if not (text.isascii() and text.isdecimal()):
            raise self._place.refuse(_("“{text}” is no {what}").format(text=quoted(text), what=what))
        return int(text)

    def _day(self, text: str) -> date:
        try:
            if not (text.isascii() and text.isdecimal()):
                raise ValueError(text)
            return date(2000 + int(text[4:]), int(text[2:4]), int(text[:2]))
        except ValueError:
            raise self._place.refuse(_("“{date}” is no date (DDMMYY)").format(date=quoted(text))) from None

    def _close(self, line: str) -> None:
        assignment = self._assignment
        if assignment is None:
            raise self._place.refuse(_("an assignment ends that has not begun"))
        assignment.records += 1
        declared = self._declared(line)
        self._remarks.extend(
            self._control(line, declared, len(assignment.payments), assignment.records, assignment.total)
        )
        self._payments += len(assignment.payments)
        self._total += assignment.total
        self._statements.append(self._statement(assignment, declared))
        self._assignment = None

    def _declared(self, line: str) -> Declared:
        count, total = self._number(line[8:16], _("count")), self._number(line[24:41], _("amount"))
        return Declared(entries=count, net_minor=total)

    def _control(self, line: str, declared: Declared, payments: int, records: int, total: int) -> Iterator[Finding]:
        """The totals of a record 88 or 89. They have no sign."""
        stated = {
            "payments": (declared.entries, payments),
            "records": (self._number(line[16:24], _("count")), records),
        }
        for name, (given, found) in stated.items():
            if given != found:
                sentence = _("{where}: {given} {name} are declared, {found} are there.")
                said = sentence.format(where=self._place.where, name=name, given=given, found=found)
                yield Finding("control-count", "warning", self._place.where, said)
        if declared.net_minor != abs(total):
            sentence = _("{where}: the control sum is {given}, the payments give {found}.")
            shown = {"given": from_minor(declared.net_minor or 0, CURRENCY), "found": from_minor(total, CURRENCY)}
            said = sentence.format(where=self._place.where, **shown)
            yield Finding("control-sum", "warning", self._place.where, said)

    def _statement(self, assignment: _Assignment, declared: Declared) -> Statement:
        rows = Rows()
        for row in self._rows(assignment):
            rows.add(row)
        reversals = sum(payment.kind in _REVERSALS for payment in assignment.payments)
        if reversals:
            sentence = _("{where}: {n} card reversals count as the file's totals count them.")
            said = sentence.format(where=self._place.where, n=reversals)
            self._remarks.add("card-reversals", "info", self._place.where, said)
        return Statement(
            account=assignment.account or None,
            currency=CURRENCY,
            lines=rows.table(),
            entries=len(assignment.payments),
            statement_id=assignment.number or None,
            declared=declared,
        )

    def _rows(self, assignment: _Assignment) -> Iterator[dict[str, Value]]:
        """The payments of each lump, named by the lump's day, running number and sum."""
        lumps: dict[str, list[_Payment]] = defaultdict(list)
        for payment in assignment.payments:
            lumps[payment.lump].append(payment)
        for lump, payments in lumps.items():
            total = sum(payment.minor for payment in payments)
            name = self._names.name(payments[0].on, lump[10:], total, CURRENCY)
            for part, payment in enumerate(payments, start=1):
                yield {"entry": name, "part": part if len(payments) > 1 else 0, **_fields(payment)}

    def _end(self, line: str) -> None:
        if self._assignment is not None:
            raise self._place.refuse(_("the file ends inside an assignment"))
        self._ended = True
        self._remarks.extend(self._control(line, self._declared(line), self._payments, self._records, self._total))

    def reading(self) -> Reading:
        if not self._ended:
            raise Unreadable(_("{file} ends before its last record; it has been cut off.").format(file=self._name))
        if not self._statements:
            raise Unreadable(_("{file} holds no assignment of OCR giro.").format(file=self._name))
        self._note_repeated()
        return Reading(FORMAT, "", tuple(self._statements), self._remarks.all())

    def _note_repeated(self) -> None:
        for (account, number), count in Counter((s.account, s.statement_id) for s in self._statements).items():
            if count > 1:
                sentence = _("The assignment {number} of {account} stands {n} times in the file.")
                said = sentence.format(number=number, account=account, n=count)
                self._remarks.add("statement-repeated", "warning", str(account), said)


def _fields(payment: _Payment) -> dict[str, Value]:
    kid = usable(payment.kid)
    return {
        "booking_date": payment.on,
        "amount": payment.minor,
        "currency": CURRENCY,
        "kid": kid,
        "reference": kid,
        "archive_reference": usable(payment.archive),
        "counterparty_account": usable(payment.account.strip()),
        "text": payment.text,
        "transaction_code": payment.kind,
        "extra.form_number": usable(payment.form),
        "extra.payment_number": payment.number,
    }
