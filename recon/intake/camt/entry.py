"""One entry (`Ntry`) as lines: its details where the file knows them, else itself; their sum is always the entry.

The sign comes from the entry's `CdtDbtInd` alone: `RvslInd` never turns it, and the instructed amount (`InstdAmt`) is
never what was booked. A part the details leave over becomes a line of its own, marked in `extra.rest`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from recon.intake.camt.header import day, unsigned
from recon.intake.camt.texts import shared_texts, texts
from recon.intake.canonical import quoted
from recon.intake.place import Place
from recon.intake.remarks import Remarks
from recon.intake.rows import Value
from recon.intake.shape import Record
from recon.intake.xml import Node
from rules.errors import Severity
from rules.values import AmountError, said_money, to_minor
from rules.wording import _

BOOKED = "BOOK"
_SIGNS = {"CRDT": 1, "DBIT": -1}


@dataclass(frozen=True, slots=True)
class Entry:
    """A booked entry. `amount_minor` is signed; dates are as given, None where the file is silent."""

    record: Record
    place: Place
    amount_minor: int
    currency: str
    booked_on: date | None
    valued_on: date | None
    details: Sequence[Record]

    @property
    def credit(self) -> bool:
        return self.record.text["CdtDbtInd"] == "CRDT"


def status(record: Record) -> str:
    """BOOK, PDNG, INFO: text in version 02, a code below it later. Files that leave it out mean booked."""
    return record.text["Sts/Cd"] or record.text["Sts/Prtry"] or record.text["Sts"] or BOOKED


def entry(record: Record, currency: str | None, place: Place) -> Entry:
    """Raises Unreadable if amount, sign or date cannot be read. `currency` is the account's, for an amount without."""
    amount, mark = record.node("Amt"), record.text["CdtDbtInd"]
    if amount is None:
        raise place.refuse(_("the entry has no amount"))
    if mark not in ("CRDT", "DBIT"):
        raise place.refuse(_("the entry's CdtDbtInd is “{mark}”, not CRDT or DBIT").format(mark=mark[:20]))
    own = amount.attributes.get("Ccy") or currency or ""
    minor = unsigned(amount, own, place)
    return Entry(
        record=record,
        place=place,
        amount_minor=minor if mark == "CRDT" else -minor,
        currency=own,
        booked_on=day(record.node("BookgDt"), place),
        valued_on=day(record.node("ValDt"), place),
        details=record.parts["NtryDtls/TxDtls"],
    )


def lines(entry: Entry, name: str, booked_on: date | None, remarks: Remarks) -> Iterator[dict[str, Value]]:
    """The entry's lines; `name` goes into `entry`, `booked_on` into `booking_date`."""
    parts = _parts(entry, remarks)
    rest = entry.amount_minor - sum(amount for _detail, amount in parts)
    split = len(parts) > 1 or (bool(parts) and rest != 0)
    shared: dict[str, Value] = {
        "booking_date": booked_on, "value_date": entry.valued_on, "currency": entry.currency, "entry": name,
        **shared_texts(entry.record),
    }  # fmt: skip
    for number, (detail, amount) in enumerate(parts, start=1):
        own = texts(entry.record, detail, alone=not split)
        ordered = _original(entry, detail, remarks, alone=not split)
        yield {**shared, "amount": amount, "part": number if split else 0, **own, **ordered}
    if not parts:
        own = texts(entry.record, None, alone=True) | _original(entry, None, remarks, alone=True)
        yield {**shared, "amount": rest, "part": 0, **own}
    elif rest:
        own = texts(entry.record, None, alone=False) | {"extra.rest": _rest_kind(entry, rest)}
        yield {**shared, "amount": rest, "part": len(parts) + 1, **own}
        _note_rest(entry, rest, remarks)


def _parts(entry: Entry, remarks: Remarks) -> list[tuple[Record, int]]:
    """Details with an amount, signed. A single detail without one is the whole entry."""
    known = [(detail, _detail_amount(detail, entry)) for detail in entry.details]
    if len(known) == 1 and known[0][1] is None:
        return [(known[0][0], entry.amount_minor)]
    whole = [(detail, amount) for detail, amount in known if amount is not None]
    if len(whole) < len(known):
        sentence = _("{missing} of {all} details have no amount in {currency}; what they hold stands in one line")
        facts = {"missing": len(known) - len(whole), "all": len(known), "currency": entry.currency}
        _note(entry, remarks, "detail-without-amount", "info", sentence.format(**facts))
    return _signed(entry, whole, remarks)


def _detail_amount(detail: Record, entry: Entry) -> int | None:
    """Without sign: the detail's own amount (version 04 on), else its transaction amount; in the entry's currency."""
    for node in (detail.node("Amt"), detail.node("AmtDtls/TxAmt/Amt")):
        if node is not None and node.attributes.get("Ccy", entry.currency) == entry.currency:
            return unsigned(node, entry.currency, entry.place)
    return None


def _signed(entry: Entry, whole: list[tuple[Record, int]], remarks: Remarks) -> list[tuple[Record, int]]:
    """Details with signs of their own are believed when that gives the entry (a credit note among invoices); else the
    entry's sign rules.
    """
    sign = 1 if entry.credit else -1
    own = [(detail, _own_sign(detail, sign) * amount) for detail, amount in whole]
    if sum(amount for _detail, amount in own) == entry.amount_minor:
        return own
    if any(_own_sign(detail, sign) != sign for detail, _amount in whole):
        sentence = _("a detail is marked {own}, the entry {entry}; the entry's sign is used")
        marks = {"entry": "CRDT" if entry.credit else "DBIT", "own": "DBIT" if entry.credit else "CRDT"}
        _note(entry, remarks, "detail-sign", "warning", sentence.format(**marks))
    return [(detail, sign * amount) for detail, amount in whole]


def _own_sign(detail: Record, sign: int) -> int:
    return _SIGNS.get(detail.text["CdtDbtInd"], sign)


def _rest_kind(entry: Entry, rest: int) -> str:
    return "charges" if abs(rest) in _charges(entry) else "rest"


def _charges(entry: Entry) -> set[int]:
    """What the file says was charged: each record, their sum, and the total it gives."""
    nodes = [node for part in (entry.record, *entry.details) for node in part.nodes["Chrgs"]]
    records = [node for part in nodes for node in (*part.all("Rcrd", "Amt"), *part.all("Amt"))]
    totals = [node for part in nodes for node in part.all("TtlChrgsAndTaxAmt")]
    own = [unsigned(n, entry.currency, entry.place) for n in records if n.attributes.get("Ccy") == entry.currency]
    return {*own, sum(own), *(unsigned(n, entry.currency, entry.place) for n in totals if n.text)} - {0}


def _note_rest(entry: Entry, rest: int, remarks: Remarks) -> None:
    kind = _rest_kind(entry, rest)
    sentence = _("the details leave {rest} {currency} of {amount} over; it stands as a line of its own")
    figures = {"rest": said_money(rest, entry.currency), "amount": said_money(entry.amount_minor, entry.currency)}
    said = sentence.format(currency=entry.currency, **figures)
    _note(entry, remarks, f"details-{kind}", "info" if kind == "charges" else "warning", said)


def _note(entry: Entry, remarks: Remarks, code: str, severity: Severity, sentence: str) -> None:
    remarks.add(code, severity, entry.place.where, f"{entry.place.where}: {sentence}.")


def _original(entry: Entry, detail: Record | None, remarks: Remarks, *, alone: bool) -> dict[str, Value]:
    """The amount in the currency it was ordered in, with the line's sign, where that differs from the account's."""
    found = _foreign(detail, entry.currency) if detail is not None else None
    if found is None and alone:
        found = _foreign(entry.record, entry.currency)
    if found is None:
        return {}
    amount, currency = found
    try:
        minor = to_minor(amount.text, currency)
    except AmountError:
        sentence = _("the original amount {amount} {currency} is not exact and is left out")
        said = sentence.format(amount=quoted(amount.text), currency=quoted(currency))
        _note(entry, remarks, "original-amount", "warning", said)
        return {}
    return {"original_amount": minor if entry.credit else -minor, "original_currency": currency}


def _foreign(source: Record, currency: str) -> tuple[Node, str] | None:
    """The first of instructed, transaction and own amount that is in another currency."""
    for path in ("AmtDtls/InstdAmt/Amt", "AmtDtls/TxAmt/Amt", "Amt"):
        amount = source.node(path)
        if amount is not None and amount.attributes.get("Ccy", currency) != currency:
            return amount, amount.attributes["Ccy"]
    return None
