"""camt.053 (statements) and camt.054 (notifications without balances), versions 02 to 14, with or without envelope.

The file is read as a stream, an entry at a time. camt.052 is recognised and refused: it is not final.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import BinaryIO

from lxml import etree

from recon.errors import Unreadable
from recon.intake.camt.entry import BOOKED, entry, lines, status
from recon.intake.camt.header import Header, declared, header
from recon.intake.camt.shapes import ENTRY
from recon.intake.camt.texts import usable
from recon.intake.entry_names import EntryNames
from recon.intake.place import Place
from recon.intake.proof import proof
from recon.intake.remarks import Remarks
from recon.intake.rows import Rows
from recon.intake.shape import Record
from recon.intake.statement import Reading, Statement
from recon.intake.xml import Node, elements, line_of, local, opening
from rules.errors import Finding
from rules.wording import _

FORMAT = "camt"
_MESSAGES = {"BkToCstmrStmt": "camt.053", "BkToCstmrDbtCdtNtfctn": "camt.054", "BkToCstmrAcctRpt": "camt.052"}
_HOLDERS = ("Stmt", "Ntfctn")
_CLAIM = re.compile(rf"<(?:[\w.\-]+:)?(?:{'|'.join(_MESSAGES)})\b")
_VERSION = re.compile(r"camt\.05\d\.(\d{3}\.\d{2})")
_SKIPPED = frozenset({"PstlAdr", "CtctDtls", "RltdAgts", "Svcr", "RltdDts", "Avlbty", "Tax", "OrgId", "PrvtId"})
"""Branches that no field of a header is read from."""


def sniff(head: bytes, name: str) -> bool:
    return bool(_CLAIM.search(opening(head)))


def read(stream: BinaryIO, name: str) -> Reading:
    """A statement for each `Stmt` or `Ntfctn`. Raises Unreadable; what does not add up is a finding."""
    format, version = "", ""
    statements: list[Statement] = []
    remarks = Remarks()
    current: _Open | None = None
    for _start, element in elements(stream, name, (*_MESSAGES, *_HOLDERS, "Ntry"), ends=()):
        tag = local(element)
        if tag in _MESSAGES:
            format, version = _message(element, name)
        elif tag in _HOLDERS:
            if current is not None and current.element not in element.iterancestors():
                statements.append(current.close())
            current = _Open(name, len(statements) + 1, remarks, element)
        elif current is not None and element.getparent() is current.element:
            current.begin(element)
    if current is not None:
        statements.append(current.close())
    if not statements:
        raise Unreadable(_("{file} holds no account statement.").format(file=name))
    remarks.extend(_repeated(statements))
    return Reading(format, version, tuple(statements), remarks.all())


def _message(element: etree._Element, name: str) -> tuple[str, str]:
    format = _MESSAGES[local(element)]
    if format == "camt.052":
        raise Unreadable(
            _("{file} is a camt.052 account report; its entries are not final, import the camt.053 instead.").format(
                file=name
            )
        )
    found = _VERSION.search(str(element.tag))
    return format, found[1] if found else ""


class _Open:
    """A statement, `element`, while its entries pass by.

    An entry is read when the next one begins, for then it is whole, and its element is let go of.
    """

    def __init__(self, file: str, number: int, remarks: Remarks, element: etree._Element) -> None:
        self.element = element
        self._remarks = remarks
        self._file = file
        self._number = number
        self._rows = Rows()
        self._entry: etree._Element | None = None
        self._header: Header | None = None
        self._entries = self._details = self._undated = 0
        self._currency: str | None = None
        self._not_booked: Counter[str] = Counter()
        self._names = EntryNames()

    @property
    def _where(self) -> str:
        return _("statement {n}").format(n=self._number)

    def begin(self, entry: etree._Element) -> None:
        """Read the entry before this one, whose element is not whole yet."""
        self._read_entry()
        self._entry = entry

    def _read_entry(self) -> None:
        element = self._entry
        if element is None:
            return
        if self._header is None:
            self._header = self._read_header()
        record, line = ENTRY.read(element), line_of(element)
        # What is below an element is looked through once more where it is removed, so it goes before; the line of a
        # late entry is known by what is below it, so that is asked before.
        element.clear()
        self.element.remove(element)
        self._entry = None
        if status(record) == BOOKED:
            self._book(record, line)
        else:
            self._not_booked[status(record)] += 1

    def _read_header(self) -> Header:
        return header(Node(self.element, _SKIPPED | {"Ntry"}), Place(self._file, self._where))

    def _book(self, record: Record, line: int) -> None:
        assert self._header is not None, "read before the first entry"
        self._entries += 1
        where = _("statement {n}, entry {m} (line {line})").format(n=self._number, m=self._entries, line=line)
        booked = entry(record, self._header.currency or self._currency, Place(self._file, where))
        self._currency = self._currency or booked.currency
        on = booked.booked_on or booked.valued_on or self._header.on
        if on is None:
            raise booked.place.refuse(_("the entry has no booking date and the statement no date"))
        self._undated += booked.booked_on is None
        self._details += len(booked.details)
        reference = usable(record.text["AcctSvcrRef"])
        entry_name = self._names.name(on, reference, booked.amount_minor, booked.currency)
        for row in lines(booked, entry_name, on, self._remarks):
            self._rows.add(row)

    def close(self) -> Statement:
        """The whole statement; its element is let go of."""
        self._read_entry()
        node = Node(self.element, _SKIPPED | {"Ntry"})
        self.element.clear()
        place = Place(self._file, self._where)
        found = header(node, place)
        currency = found.currency or self._currency or ""
        statement = Statement(
            account=found.account,
            currency=currency,
            lines=self._rows.table(),
            entries=self._entries,
            details=self._details,
            account_name=found.account_name,
            owner=found.owner,
            statement_id=found.statement_id,
            electronic_number=found.electronic_number,
            legal_number=found.legal_number,
            from_on=found.from_on,
            to_on=found.to_on,
            opening=found.opening,
            closing=found.closing,
            balances=found.balances,
            declared=declared(node, currency, place) if currency else Statement("", "").declared,
            copy=found.copy,
        )
        self._remarks.extend(proof(statement, self._where))
        self._remarks.extend(self._silences(found))
        return statement

    def _silences(self, found: Header) -> Iterator[Finding]:
        for mark, count in sorted(self._not_booked.items()):
            sentence = _("{where}: {n} entries with the status {status} are not booked and not read.")
            yield self._info("not-booked", sentence, n=count, status=mark[:20])
        if self._undated:
            sentence = _("{where}: {n} entries have no booking date; the value date or the statement's date stands in.")
            yield self._info("no-booking-date", sentence, n=self._undated)
        if not found.last_page:
            yield self._info("more-pages", _("{where}: this is not the statement's last page."))
        if found.account is None:
            yield self._info("no-account", _("{where}: the statement names no account."))

    def _info(self, code: str, sentence: str, **facts: object) -> Finding:
        return Finding(code, "info", self._where, sentence.format(where=self._where, **facts))


def _repeated(statements: list[Statement]) -> Iterator[Finding]:
    """Two statements of one file with the same account and id: a page or a copy, seldom meant."""
    seen = Counter((s.account_key, s.currency, s.statement_id) for s in statements if s.statement_id)
    for (account, _currency, statement_id), count in seen.items():
        if count > 1:
            where = str(account or "")
            sentence = _("The statement {id} of {account} stands {n} times in the file.")
            said = sentence.format(id=statement_id, account=where, n=count)
            yield Finding("statement-repeated", "warning", where, said)
