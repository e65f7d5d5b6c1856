"""SAF-T Financial, Norway, versions 1.0 to 1.40: accounts with balances, customers, suppliers, and all vouchers.

Elements are found by name whatever the version and the prefix; nothing is validated against one schema, and a missing
amount is 0. The file is read as a stream, a voucher at a time. Source: Skatteetaten, Norwegian SAF-T Financial data.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import BinaryIO

from lxml import etree

from recon.errors import Unreadable
from recon.intake.canonical import known_currency, quoted
from recon.intake.ledger import Ledger, Voucher
from recon.intake.place import Place
from recon.intake.rows import Value
from recon.intake.statement import Reading
from recon.intake.xml import Node, elements, line_of, local, opening, root_name
from rules.values import AmountError, from_minor, to_minor
from rules.wording import _

FORMAT = "saft"
CURRENCY = "NOK"
_STARTS = ("Journal",)
_ENDS = (
    "Header", "Account", "AnalysisTypeTableEntry", "Customer", "Supplier", "NumberOfEntries", "TotalDebit",
    "TotalCredit", "Transaction", "Journal",
)  # fmt: skip
_COUNTRY = re.compile(r"StandardAuditFile[\w\-]*:([A-Z]{2})|AuditFileCountry>\s*([A-Z]{2})\b")
_TOTALS = ("NumberOfEntries", "TotalDebit", "TotalCredit")
_DIMENSIONS = {
    **dict.fromkeys(("avdeling", "department", "kostnadssted", "cost center", "cost centre"), "department"),
    **dict.fromkeys(("prosjekt", "project"), "project"),
}
"""Fields by the names of the tables of analysis; another becomes `extra.dim_<type>`."""


def sniff(head: bytes, name: str) -> bool:
    """An audit file of Norway: other countries name themselves in the namespace or the header."""
    if root_name(head) != "AuditFile":
        return False
    told = _COUNTRY.search(opening(head))
    return told is None or (told[1] or told[2]) == "NO"


def read(stream: BinaryIO, name: str) -> Reading:
    """A statement for each account. Raises Unreadable naming the line; what does not add up is a finding."""
    file = _File(name)
    for event, element in elements(stream, name, _STARTS, _ENDS):
        file.element(event, element)
    return file.reading()


@dataclass(slots=True)
class _Sums:
    """What the vouchers really hold, without signs turned, and what the file says they hold."""

    debit_minor: int = 0
    credit_minor: int = 0
    vouchers: int = 0
    lines: int = 0
    stated: dict[str, str] = field(default_factory=dict)


class _File:
    """One file, element by element. What has been dealt with is removed from the tree."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._ledger = Ledger(CURRENCY)
        self._version = ""
        self._journal = ""
        self._parties: dict[str, str] = {}
        self._dimensions: dict[str, str] = {}
        self._sums = _Sums()

    def element(self, event: str, element: etree._Element) -> None:
        tag, parent = local(element), element.getparent()
        within = local(parent) if parent is not None else ""
        if event == "start":
            self._journal = ""
        elif tag in _TOTALS:
            if within == "GeneralLedgerEntries":
                self._sums.stated[tag] = (element.text or "").strip()
        else:
            self._whole(tag, within, element)

    def _whole(self, tag: str, within: str, element: etree._Element) -> None:
        match tag, within:
            case "Header", "AuditFile":
                self._header(Node(element))
            case "AnalysisTypeTableEntry", _:
                node = Node(element)
                described = node.at("AnalysisTypeDescription").lower()
                self._dimensions[node.at("AnalysisType")] = _DIMENSIONS.get(described, "")
            case "Account", "GeneralLedgerAccounts":
                self._account(Node(element), self._place(element))
            case "Customer" | "Supplier", "Customers" | "Suppliers":
                node = Node(element)
                name = node.at("Name") or node.at("CompanyStructure", "Name") or node.at("CompanyName")
                self._parties[f"{tag} {node.at(f'{tag}ID')}"] = name
            case "Transaction", "Journal":
                if not self._journal:
                    self._journal = _journal(element)
                self._transaction(Node(element), self._place(element))
            case _:
                return
        _forget(element)

    def _place(self, element: etree._Element) -> Place:
        return Place(self._name, _("line {n}").format(n=line_of(element)))

    def _header(self, header: Node) -> None:
        self._version = header.at("AuditFileVersion")
        self._ledger.owner = header.at("Company", "Name") or header.at("Company", "CompanyName") or None
        code = header.at("DefaultCurrencyCode")
        if code and known_currency(code):
            self._ledger.currency = code
        elif code:
            sentence = _("The file's currency “{code}” is no ISO currency; {currency} is taken.")
            said = sentence.format(code=quoted(code), currency=CURRENCY)
            self._ledger.remarks.add("currency", "warning", self._name, said)
        chosen = header.first("SelectionCriteria")
        if chosen is not None:
            place = Place(self._name, _("the header"))
            self._ledger.from_on = _day(chosen.at("SelectionStartDate"), place)
            self._ledger.to_on = _day(chosen.at("SelectionEndDate"), place)

    def _account(self, node: Node, place: Place) -> None:
        account = node.at("AccountID")
        if not account:
            raise place.refuse(_("the account number is missing"))
        self._ledger.names[account] = node.at("AccountDescription")
        for kind, balances in (("Opening", self._ledger.opening), ("Closing", self._ledger.closing)):
            debit, credit = node.first(f"{kind}DebitBalance"), node.first(f"{kind}CreditBalance")
            if debit is not None or credit is not None:
                if account in balances:
                    self._note_repeated(account, place)
                minor = self._minor(debit, place) - self._minor(credit, place)
                balances[account] = balances.get(account, 0) + minor

    def _note_repeated(self, account: str, place: Place) -> None:
        sentence = _("{where}: the account {account} stands there again; its balances are added up.")
        said = sentence.format(where=place.where, account=account)
        self._ledger.remarks.add("account-repeated", "warning", place.where, said)

    def _minor(self, amount: Node | None, place: Place) -> int:
        """0 for an amount that is not there."""
        text = amount.text if amount is not None else ""
        return _exact(text, self._ledger.currency, place) if text else 0

    def _transaction(self, node: Node, place: Place) -> None:
        number = node.at("TransactionID")
        on = _day(node.at("GLPostingDate"), place) or _day(node.at("TransactionDate"), place)
        if on is None:
            raise place.refuse(_("the voucher {name} has no date").format(name=quoted(number)))
        year, period = node.at("PeriodYear"), node.at("Period")
        shared: dict[str, Value] = {"period": f"{year}-{period.zfill(2)}" if year and period else ""}
        rows: list[Mapping[str, Value]] = [{**self._row(line, place), **shared} for line in node.all("Line")]
        self._sums.vouchers += 1
        self._sums.lines += len(rows)
        voucher = Voucher(self._journal, number, on, node.at("Description"), place.where)
        self._ledger.book(voucher, rows)

    def _row(self, line: Node, place: Place) -> dict[str, Value]:
        account = line.at("AccountID")
        if not account:
            raise place.refuse(_("a line has no account number"))
        debit, credit = line.first("DebitAmount"), line.first("CreditAmount")
        plus, minus = (self._minor(each.first("Amount") if each else None, place) for each in (debit, credit))
        self._sums.debit_minor += plus
        self._sums.credit_minor += minus
        kid = line.at("CID")
        return {
            "account_number": account,
            "amount": plus - minus,
            "text": line.at("Description"),
            "value_date": _day(line.at("ValueDate"), place),
            "due_date": _day(line.at("DueDate"), place),
            "customer_number": line.at("CustomerID"),
            "supplier_number": line.at("SupplierID"),
            "counterparty": self._party(line),
            "invoice_number": line.at("SourceDocumentID"),
            "kid": kid,
            "reference": kid or line.at("ReferenceNumber"),
            "extra.reference_number": line.at("ReferenceNumber") if kid else "",
            "extra.cross_reference": line.at("CrossReference"),
            "extra.record_id": line.at("RecordID"),
            "extra.tax_code": line.at("TaxInformation", "TaxCode"),
            "extra.quantity": line.at("Quantity"),
            **self._original(debit or credit, minus > plus, place),
            **self._analysis(line),
        }

    def _party(self, line: Node) -> str:
        customer, supplier = line.at("CustomerID"), line.at("SupplierID")
        named = self._parties.get(f"Customer {customer}", "") if customer else ""
        return named or (self._parties.get(f"Supplier {supplier}", "") if supplier else "")

    def _original(self, amount: Node | None, credit: bool, place: Place) -> Mapping[str, Value]:
        """The amount in another currency; one that is not exact there is left out, nothing is proved by it."""
        code = amount.at("CurrencyCode") if amount is not None else ""
        text = amount.at("CurrencyAmount") if amount is not None else ""
        if not text or not known_currency(code) or code == self._ledger.currency:
            return {}
        try:
            minor = _exact(text, code, place)
        except Unreadable:
            sentence = _("{where}: the amount {amount} {currency} is not exact and is left out.")
            said = sentence.format(where=place.where, amount=quoted(text), currency=code)
            self._ledger.remarks.add("original-amount", "warning", place.where, said)
            return {}
        return {"original_amount": -minor if credit else minor, "original_currency": code}

    def _analysis(self, line: Node) -> Mapping[str, Value]:
        """Dimensions; several objects of one kind stand in one field."""
        found: dict[str, list[str]] = {}
        for node in line.all("Analysis"):
            kind = node.at("AnalysisType")
            if kind:
                found.setdefault(self._dimensions.get(kind) or f"extra.dim_{kind}", []).append(node.at("AnalysisID"))
        return {name: "; ".join(dict.fromkeys(filter(None, objects))) for name, objects in found.items()}

    def reading(self) -> Reading:
        ledger = self._ledger
        statements = ledger.statements()
        if not statements:
            raise Unreadable(_("{file} holds neither vouchers nor balances.").format(file=self._name))
        ledger.remarks.extend(ledger.proof())
        for sentence in self._totals():
            ledger.remarks.add("control-total", "warning", self._name, sentence)
        return Reading(FORMAT, self._version, statements, ledger.remarks.all())

    def _totals(self) -> Iterator[str]:
        """What the file says of its own vouchers. A part of a file that was split states the totals of the whole."""
        sums, currency = self._sums, self._ledger.currency
        count = sums.stated.get("NumberOfEntries", "")
        if count.isdecimal() and int(count) not in (sums.vouchers, sums.lines):
            sentence = _("{given} entries are declared, {found} are there.")
            yield sentence.format(given=int(count), found=sums.vouchers)
        for tag, found in (("TotalDebit", sums.debit_minor), ("TotalCredit", sums.credit_minor)):
            text = sums.stated.get(tag, "")
            if text and _exact_or_none(text, currency) != found:
                sentence = _("{tag} is declared as {given}, the lines give {found}.")
                yield sentence.format(tag=tag, given=quoted(text), found=from_minor(found, currency))


def _journal(transaction: etree._Element) -> str:
    """The number of the journal that a voucher stands in: it comes before its vouchers."""
    journal = transaction.getparent()
    named = journal.find("{*}JournalID") if journal is not None else None
    return (named.text or "").strip() if named is not None else ""


def _forget(element: etree._Element) -> None:
    """Let go of what has been read, and of what stood before it; the element itself is still the parser's."""
    element.clear()
    parent = element.getparent()
    while parent is not None and (before := element.getprevious()) is not None:
        if local(before) in ("JournalID", *_TOTALS):
            break
        parent.remove(before)


def _exact(text: str, currency: str, place: Place) -> int:
    try:
        return to_minor(Decimal(text), currency)
    except AmountError as error:
        raise place.refuse(str(error).rstrip(".")) from None
    except InvalidOperation:
        raise place.refuse(_("“{amount}” is no amount").format(amount=quoted(text))) from None


def _exact_or_none(text: str, currency: str) -> int | None:
    try:
        return to_minor(Decimal(text), currency)
    except (AmountError, InvalidOperation):
        return None


def _day(text: str, place: Place) -> date | None:
    """The day as written, whatever hour and zone stand behind it; None where nothing stands."""
    if not text:
        return None
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        raise place.refuse(_("“{value}” is no date").format(value=quoted(text))) from None
