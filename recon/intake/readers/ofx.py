"""OFX and QFX bank and card statements, as SGML (1.x, no end tags on values) or as XML (2.x).

Amounts are signed by themselves whatever the kind of transaction says. The header's charset is often wrong, so that
UTF-8 is tried first. Investment statements are named and not read. Source: OFX 1.0.3 and 2.2, sections 3 and 11.
"""

from __future__ import annotations

import html
import re
from collections import Counter
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
from recon.intake.statement import Balance, Reading, Statement
from recon.intake.text_file import text_of
from rules.values import AmountError, to_minor
from rules.wording import _

FORMAT = "ofx"
_CLAIM = re.compile(rb"(?is)\s*OFXHEADER|\s*<\?OFX\b|\s*<OFX>|\s*<\?xml.{0,400}?<OFX>")
_TOKEN = re.compile(r"<(/?)([A-Za-z0-9_.]{1,40})(?:\s[^<>]*)?/?>([^<]*)")
_STATEMENTS = frozenset({"STMTRS", "CCSTMTRS"})
_AGGREGATES = frozenset(
    "STMTTRN BANKACCTTO CCACCTTO PAYEE CURRENCY ORIGCURRENCY LEDGERBAL AVAILBAL BALLIST BANKACCTFROM CCACCTFROM".split()
)
_UNPARTED = re.compile(r"\s*OFXHEADER(?:[^\n]*\n(?!\s*\n))*?\s*<OFX>", re.IGNORECASE)
_AMOUNT = re.compile(r"([+-]?)\s*(\d{0,15})(?:[.,](\d*))?")


def sniff(head: bytes, name: str) -> bool:
    return bool(_CLAIM.match(head.removeprefix(b"\xef\xbb\xbf")))


def read(stream: BinaryIO, name: str) -> Reading:
    """A statement for each account. Raises Unreadable naming the line; the only balance is that of the closing day."""
    text = text_of(stream, name, "cp1252")
    if re.search(r"<!(DOCTYPE|ENTITY)", text, re.IGNORECASE):
        raise Unreadable(_("{file} holds a DOCTYPE, which a bank file never does; it is not read.").format(file=name))
    file = _File(name, _Lines(text))
    for token in _TOKEN.finditer(text):
        file.token(bool(token[1]), token[2].upper(), token[3], token.start())
    if _UNPARTED.match(text):
        file.note("header-form", _("No empty line parts the header from the statements."))
    version = re.search(r"(?:VERSION[:=]\s*\"?)(\d{3})", text[:1000])
    return file.reading(version[1] if version else "")


class _Lines:
    """Line numbers of places in the text, counted once and forwards."""

    def __init__(self, text: str) -> None:
        self._text, self._at, self._line = text, 0, 1

    def number(self, at: int) -> int:
        self._line += self._text.count("\n", self._at, at)
        self._at = at
        return self._line


@dataclass(slots=True)
class _Open:
    """A statement while its elements pass by."""

    line: int
    values: dict[str, str] = field(default_factory=dict)
    balances: dict[str, dict[str, str]] = field(default_factory=dict)
    transactions: list[tuple[int, dict[str, str]]] = field(default_factory=list)


class _File:
    """One file, token by token. Values in an aggregate are named `PAYEE.NAME`, those of a transaction directly."""

    def __init__(self, name: str, lines: _Lines) -> None:
        self._name = name
        self._lines = lines
        self._statements: list[Statement] = []
        self._remarks = Remarks()
        self._open: _Open | None = None
        self._transaction: dict[str, str] | None = None
        self._within: list[str] = []
        self._investments = 0
        self._ended = False

    def token(self, closing: bool, tag: str, value: str, at: int) -> None:
        if tag == "OFX":
            self._ended = self._ended or closing
        elif tag == "INVSTMTRS":
            self._investments += not closing
        elif tag in _STATEMENTS:
            self._statement(closing, at)
        elif self._open is not None and tag in _AGGREGATES:
            self._aggregate(self._open, closing, tag, at)
        elif self._open is not None and not closing:
            self._value(self._open, tag, " ".join(html.unescape(value).split()))

    def note(self, code: str, sentence: str) -> None:
        self._remarks.add(code, "info", self._name, sentence)

    def _statement(self, closing: bool, at: int) -> None:
        if self._open is not None and not closing:
            raise self._place(at).refuse(_("a statement begins inside another"))
        if not closing:
            self._open = _Open(self._lines.number(at))
        elif self._open is not None:
            self._require_closed(at)
            self._statements.append(self._closed(self._open))
            self._open = None

    def _place(self, at: int) -> Place:
        return Place(self._name, _("line {n}").format(n=self._lines.number(at)))

    def _require_closed(self, at: int) -> None:
        if self._transaction is not None:
            raise self._place(at).refuse(_("the transaction before it does not end"))

    def _aggregate(self, statement: _Open, closing: bool, tag: str, at: int) -> None:
        if tag != "STMTTRN":
            if closing:
                self._within = self._within[: self._within.index(tag)] if tag in self._within else self._within
            else:
                self._within.append(tag)
        elif closing:
            self._transaction, self._within = None, []
        else:
            self._require_closed(at)
            self._transaction, self._within = {}, []
            statement.transactions.append((self._lines.number(at), self._transaction))

    def _value(self, statement: _Open, tag: str, value: str) -> None:
        within = self._within[-1] if self._within else ""
        if self._transaction is not None:
            self._transaction.setdefault(f"{within}.{tag}" if within else tag, value)
        elif within in ("LEDGERBAL", "AVAILBAL"):
            statement.balances.setdefault(within, {}).setdefault(tag, value)
        elif within != "BALLIST":
            statement.values.setdefault(tag, value)

    def _closed(self, given: _Open) -> Statement:
        place = Place(self._name, _("statement {n} (line {line})").format(n=len(self._statements) + 1, line=given.line))
        currency = given.values.get("CURDEF", "").upper()
        if not known_currency(currency):
            raise place.refuse(_("“{code}” is no ISO currency").format(code=quoted(currency)))
        balances = [b for kind in ("LEDGERBAL", "AVAILBAL") if (b := _balance(given, kind, currency, place))]
        closing = next((b for b in balances if b.kind == "LEDGERBAL"), None)
        statement = Statement(
            account=given.values.get("ACCTID") or None,
            currency=currency,
            lines=self._rows(given, currency, place).table(),
            entries=len(given.transactions),
            from_on=_day_or_none(given.values.get("DTSTART", "")),
            to_on=_day_or_none(given.values.get("DTEND", "")),
            closing=closing,
            balances=tuple(b for b in balances if b is not closing),
        )
        self._note(given, place, closing)
        return statement

    def _note(self, given: _Open, place: Place, closing: Balance | None) -> None:
        repeated = Counter(values["FITID"] for _line, values in given.transactions if values.get("FITID"))
        twice = sum(count > 1 for count in repeated.values())
        if twice:
            sentence = _("{where}: {n} of the bank's own ids stand on several transactions; all of them are read.")
            self._remarks.add("id-repeated", "info", place.where, sentence.format(where=place.where, n=twice))
        if closing is None:
            sentence = _("{where}: the statement has no closing balance.")
            self._remarks.add("no-closing", "warning", place.where, sentence.format(where=place.where))

    def _rows(self, given: _Open, currency: str, statement: Place) -> Rows:
        rows, names = Rows(), EntryNames()
        for line, values in given.transactions:
            place = Place(self._name, _("line {n}").format(n=line))
            if not values:
                sentence = _("{where}: a transaction without content is left out.")
                self._remarks.add("empty-transaction", "warning", place.where, sentence.format(where=place.where))
            else:
                rows.add(_row(values, currency, place, names))
        return rows

    def reading(self, version: str) -> Reading:
        if self._open is not None or not self._ended:
            raise Unreadable(_("{file} ends before its last element; it has been cut off.").format(file=self._name))
        if self._investments:
            sentence = _("{n} statements of investments are not read; they are no bank account's.")
            self._remarks.add("investments", "warning", self._name, sentence.format(n=self._investments))
        elif not self._statements:
            raise Unreadable(_("{file} holds no account statement.").format(file=self._name))
        return Reading(FORMAT, version, tuple(self._statements), self._remarks.all())


def _balance(given: _Open, kind: str, currency: str, place: Place) -> Balance | None:
    told = given.balances.get(kind, {})
    if not told.get("BALAMT"):
        return None
    return Balance(kind, _minor(told["BALAMT"], currency, place), currency, _day_or_none(told.get("DTASOF", "")))


def _minor(text: str, currency: str, place: Place) -> int:
    """A signed amount with a decimal point or comma; OFX has no mark for thousands."""
    given = _AMOUNT.fullmatch(text)
    if not given or not (given[2] or given[3]):
        raise place.refuse(_("“{amount}” is no amount").format(amount=quoted(text)))
    decimals = (given[3] or "").rstrip("0")
    try:
        return to_minor(f"{given[1]}{given[2] or 0}" + (f".{decimals}" if decimals else ""), currency)
    except AmountError as error:
        raise place.refuse(str(error).rstrip(".")) from None


def _day_or_none(text: str) -> date | None:
    """The first eight digits: the day as written, whatever hour and zone stand behind it."""
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:8]))
    except ValueError:
        return None


def _row(values: dict[str, str], own_currency: str, place: Place, names: EntryNames) -> dict[str, Value]:
    posted = values.get("DTPOSTED", "")
    on = _day_or_none(posted)
    if on is None:
        raise place.refuse(_("“{date}” is no date").format(date=quoted(posted)))
    # CURRENCY says that the amount is in another currency than the account's, ORIGCURRENCY only that it was
    currency = values.get("CURRENCY.CURSYM", own_currency).upper()
    if not known_currency(currency):
        raise place.refuse(_("“{code}” is no ISO currency").format(code=quoted(currency)))
    minor = _minor(values.get("TRNAMT", ""), currency, place)
    reference = usable(values.get("FITID", ""))
    return {
        "booking_date": on,
        "value_date": _day_or_none(values.get("DTAVAIL", "")),
        "amount": minor,
        "currency": currency,
        "entry": names.name(on, reference, minor, currency),
        "part": 0,
        "archive_reference": reference,
        "reference": usable(values.get("REFNUM", "")) or usable(values.get("CHECKNUM", "")),
        "counterparty": values.get("NAME") or values.get("PAYEE.NAME", ""),
        "counterparty_account": values.get("BANKACCTTO.ACCTID") or values.get("CCACCTTO.ACCTID", ""),
        "text": values.get("MEMO", ""),
        "transaction_code": values.get("TRNTYPE", ""),
        "extra.original_currency": values.get("ORIGCURRENCY.CURSYM", ""),
    }
