"""SIE 5 entry files (`SieEntry`): journals of vouchers, no balances. Whole SIE 5 ledgers (`Sie`) are refused by name.

Source: the schema sie5.xsd, http://www.sie.se/sie5. A struck-over row (`Overstrike`) is no longer in the ledger.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import BinaryIO

from recon.errors import Unreadable
from recon.intake.ledger import DIMENSIONS, Ledger, Voucher
from recon.intake.place import Place
from recon.intake.rows import Value
from recon.intake.statement import Reading
from recon.intake.xml import Node, elements, line_of, local, root_name
from rules.values import AmountError, to_minor
from rules.wording import _

FORMAT = "sie5"
CURRENCY = "SEK"
"""SIE 5 names no accounting currency in an entry file; the standard is Swedish."""


def sniff(head: bytes, name: str) -> bool:
    return root_name(head) in ("SieEntry", "Sie")


def read(stream: BinaryIO, name: str) -> Reading:
    """A statement for each account. Raises Unreadable naming the line; an unbalanced voucher is a finding."""
    ledger = Ledger(CURRENCY)
    series = ""
    for event, element in elements(stream, name, ("Sie", "Journal"), ("Company", "Account", "JournalEntry")):
        tag = local(element)
        if tag == "Sie":
            raise Unreadable(_("{file} is a whole SIE 5 ledger; of SIE 5 only entry files are read.").format(file=name))
        if event == "start":
            series = str(element.get("id", ""))
        elif tag == "Company":
            ledger.owner = str(element.get("name", "")) or None
        elif tag == "Account":
            ledger.names[str(element.get("id", ""))] = str(element.get("name", ""))
        else:
            _book(Node(element), series, ledger, Place(name, _("line {n}").format(n=line_of(element))))
            element.clear()
    statements = ledger.statements()
    if not statements:
        raise Unreadable(_("{file} holds neither vouchers nor balances.").format(file=name))
    return Reading(FORMAT, "5", statements, ledger.remarks.all())


def _book(node: Node, series: str, ledger: Ledger, place: Place) -> None:
    voucher = Voucher(
        series=series,
        number=node.attributes.get("id", ""),
        on=_date(node.attributes.get("journalDate", ""), place),
        text=node.attributes.get("text", ""),
        where=place.where,
    )
    rows = [_row(row, place) for row in node.all("LedgerEntry") if not row.children.get("Overstrike")]
    ledger.book(voucher, rows)


def _row(node: Node, place: Place) -> Mapping[str, Value]:
    given = node.attributes
    day = given.get("ledgerDate", "")
    account = given.get("accountId", "")
    if not account:
        raise place.refuse(_("the account number is missing"))
    return {
        "account_number": account,
        "amount": _amount(given.get("amount", ""), place),
        "booking_date": _date(day, place) if day else None,
        "text": given.get("text", ""),
        "extra.quantity": given.get("quantity", ""),
        **{
            _dimension(o.attributes.get("dimId", "")): o.attributes.get("objectId") for o in node.all("ObjectReference")
        },
    }


def _dimension(number: str) -> str:
    return DIMENSIONS.get(number, f"extra.dim_{number}")


def _amount(text: str, place: Place) -> int:
    try:
        return to_minor(Decimal(text), CURRENCY)
    except (AmountError, InvalidOperation):
        raise place.refuse(_("“{amount}” is no amount").format(amount=text[:60])) from None


def _date(text: str, place: Place) -> date:
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        raise place.refuse(_("“{value}” is no date").format(value=text[:40])) from None
