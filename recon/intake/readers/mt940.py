"""MT940 customer statements, of one bank or of many in a file, with SWIFT blocks or without. MT942 is refused by name.

The statements are parted here, so that what stands before, between and behind them never gets into a line. Dates, marks
and amounts are read here too; `mt-940` (all its options on) reads the texts, and its amounts must be the same.
C, RD and EC are plus, D, RC and ED minus; the letter after the mark is a funds code.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import BinaryIO

from recon.errors import Unreadable
from recon.intake.canonical import known_currency, quoted
from recon.intake.entry_names import EntryNames
from recon.intake.place import Place
from recon.intake.proof import proof
from recon.intake.remarks import Remarks
from recon.intake.rows import Rows, Value
from recon.intake.statement import Balance, Reading, Statement
from recon.intake.swift_texts import text_fields
from recon.intake.text_file import text_of
from rules.values import AmountError, to_minor
from rules.wording import _

FORMAT = "mt940"
_CLAIM = re.compile(rb"(?m)^[^\r\n]{0,400}?:20:")
_TAG = re.compile(r"^\s?:([0-9]{2}[A-Z]?|NS):(.*)$")
_START = re.compile(r"^(?:.*[{ä]4:)?\s*:20:")
_END = re.compile(r"^\s*-(?:[}å].*|X+|\s*)?$")
_LINE = re.compile(
    r"(?P<value>\d{6})(?P<entry>\d{4})?\s*(?P<mark>R?[CD]|E[CD])(?P<funds>[A-Z])?\s*"
    r"(?P<amount>\d{1,15}(?:[,.]\d*)?)\s*(?P<code>[A-Z][A-Z0-9 ]{3})?(?P<rest>.*)",
    re.IGNORECASE,
)
_BALANCE = re.compile(r"(?P<mark>[CD])(?P<on>\d{6})(?P<currency>[A-Z]{3})(?P<amount>\d{1,15}(?:[,.]\d*)?)\s*")
_BIC = re.compile(r"[A-Z]{6}[A-Z0-9]{2}(?:[A-Z0-9]{3})?/(.+)")
_IBAN_CURRENCY = re.compile(r"([A-Z]{2}\d{2}[A-Z0-9]{10,30}?)([A-Z]{3})?")
_EXPECTED = re.compile(r"^(\d{6}(?:\d{4})?\s*)E([CD])")
_PLUS = frozenset({"C", "RD", "EC"})
_CENTURY_TURN = 80
_MOST_PARSED = 5_000_000
"""Characters of a statement that mt-940 is given: it takes half a second for a million of them."""

logging.getLogger("mt940").setLevel(logging.CRITICAL)  # it logs what it passes over; the user is told here


def sniff(head: bytes, name: str) -> bool:
    """Tag 20 at the start of a line, then a balance; interim reports have a floor limit instead."""
    found = _CLAIM.search(head)
    if not found or head.lstrip()[:1] == b"<":
        return False
    tags = set(re.findall(rb"(?m)^:(\d{2}[A-Z]?):", head[found.end() :]))
    return bool(tags & {b"60F", b"60M", b"61", b"62F", b"25"}) and b"34F" not in tags


def read(stream: BinaryIO, name: str) -> Reading:
    """A statement for each `:20:`. Raises Unreadable naming statement and line; what does not add up is a finding."""
    remarks = Remarks()
    text = text_of(stream, name)
    statements = [_statement(block, name, n, remarks) for n, block in enumerate(_blocks(text, name), start=1)]
    if not statements:
        raise Unreadable(_("{file} holds no account statement.").format(file=name))
    _note_letters(text, name, remarks)
    return Reading(FORMAT, "", tuple(statements), remarks.all())


def _note_letters(text: str, name: str, remarks: Remarks) -> None:
    if not text.isascii():
        letters = "".join(sorted({letter for letter in text if not letter.isascii()})[:20])
        sentence = _("The file has letters that SWIFT does not know ({letters}); look whether they are right.")
        remarks.add("letters", "info", name, sentence.format(letters=letters))


@dataclass(slots=True)
class _Field:
    """A tag with its lines; `line` is where it stands in the file."""

    tag: str
    lines: list[str]
    line: int

    @property
    def text(self) -> str:
        return self.lines[0].strip()


def _blocks(text: str, name: str) -> Iterator[list[_Field]]:
    """The fields of each statement; whatever stands outside `:20:` ... `-` is passed over, but for fields: a text may
    have a line that looks like an end.
    """
    fields: list[_Field] = []
    inside = False
    for number, line in enumerate(text.split("\n"), start=1):
        if _START.match(line):
            if fields:
                yield fields
            fields, inside = [_Field("20", [line.partition(":20:")[2]], number)], True
        elif inside and _END.match(line):
            inside = False
        elif (tag := _TAG.match(line)) and (fields or tag[1] == "61"):
            if not fields:
                raise Place(name, _("line {n}").format(n=number)).refuse(
                    _("an entry stands before the first statement")
                )
            fields.append(_Field(tag[1], [tag[2]], number))
            inside = True
        elif inside and line.strip():
            fields[-1].lines.append(line.rstrip())
    if fields:
        yield fields


@dataclass(slots=True)
class _Line:
    """A `:61:` with the `:86:` and `:NS:` behind it."""

    head: _Field
    informed: list[str] = field(default_factory=list)


def _lines(fields: Sequence[_Field]) -> list[_Line]:
    """Lines with their own information: that behind a balance belongs to the statement."""
    lines: list[_Line] = []
    open_line = False
    for each in fields:
        if each.tag == "61":
            lines.append(_Line(each))
            open_line = True
        elif each.tag in ("86", "NS") and open_line:
            lines[-1].informed += each.lines
        elif each.tag not in ("86", "NS"):
            open_line = False
    return lines


def _statement(fields: list[_Field], name: str, number: int, remarks: Remarks) -> Statement:
    where = _("statement {n} (line {line})").format(n=number, line=fields[0].line)
    place = Place(name, where)
    by_tag = {each.tag: each for each in reversed(fields)}
    if "34F" in by_tag and not by_tag.keys() & {"60F", "60M"}:
        raise Unreadable(_("{file} is an MT942 interim report, which is not final.").format(file=name))
    opening, closing = _balance(by_tag, ("60F", "60M"), place), _balance(by_tag, ("62F", "62M"), place)
    if opening is None and closing is None:
        raise place.refuse(_("the statement has no balance, and so no currency"))
    currency = (opening or closing or _NO_BALANCE).currency
    rows, count = _rows(_lines(fields), currency, name, where, remarks)
    account, told = (
        _account(by_tag["25"].text if "25" in by_tag else "", currency),
        by_tag.get("28C") or by_tag.get("28"),
    )
    statement = Statement(
        account=account,
        currency=currency,
        lines=rows.table(),
        entries=count,
        statement_id=by_tag["20"].text or None,
        legal_number=told.text if told else None,
        to_on=closing.on if closing else None,
        opening=opening,
        closing=closing,
        balances=tuple(_others(fields, place)),
    )
    remarks.extend(proof(statement, where))
    _note_pages(by_tag, where, remarks)
    return statement


_NO_BALANCE = Balance("", 0, "")


def _note_pages(by_tag: dict[str, _Field], where: str, remarks: Remarks) -> None:
    if "62M" in by_tag and "62F" not in by_tag:
        remarks.add(
            "more-pages", "info", where, _("{where}: this is not the statement's last page.").format(where=where)
        )
    if "62F" not in by_tag and "62M" not in by_tag:
        said = _("{where}: the statement has no closing balance.").format(where=where)
        remarks.add("no-closing", "warning", where, said)
    if "60F" not in by_tag and "60M" not in by_tag:
        said = _("{where}: the statement has no opening balance.").format(where=where)
        remarks.add("no-opening", "warning", where, said)


def _account(text: str, currency: str) -> str | None:
    """The number without the bank's BIC before it, and without the currency that some write behind an IBAN."""
    behind = _BIC.fullmatch(text)
    number = behind[1] if behind else text
    iban = _IBAN_CURRENCY.fullmatch(number)
    if iban and iban[2] == currency:
        number = iban[1]
    return number.strip() or None


def _balance(by_tag: dict[str, _Field], tags: Sequence[str], place: Place) -> Balance | None:
    found = next((by_tag[tag] for tag in tags if tag in by_tag), None)
    return _balance_of(found, place) if found else None


def _balance_of(field: _Field, place: Place) -> Balance:
    given = _BALANCE.fullmatch(field.text)
    if not given or not known_currency(given["currency"]):
        raise place.refuse(_("“{value}” is no balance").format(value=quoted(field.text)))
    minor = _minor(given["amount"], given["currency"], place)
    on = _day(given["on"], place)
    return Balance(field.tag, minor if given["mark"] == "C" else -minor, given["currency"], on)


def _others(fields: Sequence[_Field], place: Place) -> Iterator[Balance]:
    """Available balances (64, 65); one that cannot be read is left out, nothing is proved by it."""
    for each in fields:
        if each.tag in ("64", "65"):
            try:
                yield _balance_of(each, place)
            except Unreadable:
                continue


def _minor(text: str, currency: str, place: Place) -> int:
    whole, _mark, decimals = text.replace(".", ",").partition(",")
    try:
        return to_minor(f"{int(whole)}.{decimals or '0'}", currency)
    except AmountError as error:
        raise place.refuse(str(error).rstrip(".")) from None


def _day(text: str, place: Place) -> date:
    year = int(text[:2])
    try:
        return date(year + (1900 if year >= _CENTURY_TURN else 2000), int(text[2:4]), int(text[4:]))
    except ValueError:
        raise place.refuse(_("“{date}” is no date").format(date=text)) from None


def _booked_on(entry: str | None, value_on: date, place: Place) -> date:
    """MMDD in the year that brings it nearest to the value date."""
    if not entry:
        return value_on
    near = [day for year in (-1, 0, 1) if (day := _date(value_on.year + year, entry))]
    if not near:
        raise place.refuse(_("“{date}” is no date").format(date=entry))
    return min(near, key=lambda day: abs(day - value_on))


def _date(year: int, month_day: str) -> date | None:
    try:
        return date(year, int(month_day[:2]), int(month_day[2:]))
    except ValueError:
        return None


def _rows(lines: list[_Line], currency: str, name: str, statement: str, remarks: Remarks) -> tuple[Rows, int]:
    rows, names = Rows(), EntryNames()
    parsed = _parsed(lines, currency)
    for line, texts in zip(lines, parsed or [{}] * len(lines), strict=True):
        place = Place(name, _("{statement}, entry on line {line}").format(statement=statement, line=line.head.line))
        rows.add(_row(line, texts, currency, place, names, remarks))
    if lines and parsed is None:
        sentence = _("{where}: sub-fields of the texts cannot be told apart; the texts are kept whole.")
        remarks.add("plain-texts", "info", statement, sentence.format(where=statement))
    return rows, len(lines)


def _row(
    line: _Line, parsed: dict[str, str], currency: str, place: Place, names: EntryNames, remarks: Remarks
) -> dict[str, Value]:
    given = _LINE.fullmatch(line.head.text)
    if not given:
        raise place.refuse(_("“{value}” is no statement line").format(value=quoted(line.head.text)))
    value_on = _day(given["value"], place)
    booked_on = _booked_on(given["entry"], value_on, place)
    minor = _minor(given["amount"], currency, place)
    signed = minor if given["mark"].upper() in _PLUS else -minor
    own = text_fields(given["rest"], line.head.lines[1:], line.informed, parsed)
    if parsed and parsed["minor"] != str(signed):
        sentence = _("{where}: two ways of reading give {one} and {other} minor units; the first is used.")
        said = sentence.format(where=place.where, one=signed, other=parsed["minor"])
        remarks.add("amount-reading", "warning", place.where, said)
    return {
        "booking_date": booked_on,
        "value_date": value_on,
        "amount": signed,
        "currency": currency,
        "entry": names.name(booked_on, str(own["archive_reference"]), signed, currency),
        "part": 0,
        "transaction_code": (given["code"] or "").strip(),
        "extra.reversal": "true" if given["mark"].upper().startswith("R") else "",
        **own,
    }


_TEXTS = ("end_to_end_reference", "purpose", "applicant_name", "applicant_iban")


def _parsed(lines: list[_Line], currency: str) -> list[dict[str, str]] | None:
    """What mt-940 makes of the lines, one dict a line, with its amount in minor units; None where it refuses them."""
    block = "\n".join([":20:X", ":25:X", f":60F:C000101{currency}0,", *map(_written, lines)])
    if len(block) > _MOST_PARSED:
        return None
    import mt940  # here, because every reader is loaded to recognise any file

    try:
        (found,) = mt940.parse_statements(block, options=mt940.Options.all())
        told = [_texts(transaction.data, currency) for transaction in found.transactions]
    except Exception:
        return None
    return told if len(told) == len(lines) else None


def _written(line: _Line) -> str:
    informed = "\n".join(line.informed)
    known = _EXPECTED.sub(r"\1\2", line.head.text)  # mt-940 does not know marks of expected entries
    return "\n".join([":61:" + known, *line.head.lines[1:], *([":86:" + informed] if informed else [])])


def _texts(data: dict[str, object], currency: str) -> dict[str, str]:
    amount = getattr(data["amount"], "amount")  # noqa: B009 - the library gives no type for it
    texts = {name: " ".join(str(data.get(name) or "").split()) for name in _TEXTS}
    return {**texts, "minor": str(to_minor(amount, currency))}
