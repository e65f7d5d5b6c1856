"""What a person types into a search field: an amount, a reference, or a piece of text."""

from __future__ import annotations

from sqlalchemy import ColumnElement, or_
from sqlalchemy.orm import InstrumentedAttribute

from recon.database.models import Line
from recon.web.formats import number_locale
from rules.values import AmountError, parse_amount, to_minor

EXACT = (Line.reference, Line.archive_reference, Line.kid, Line.invoice_number, Line.voucher_number)
WITHIN = (Line.text, Line.counterparty, Line.reference)


def fits(search: str, currency: str, amount: InstrumentedAttribute[int]) -> ColumnElement[bool]:
    """Lines with that amount in `amount` (of either sign), with that reference, or whose text holds it.

    SQLite's LIKE folds the letters a to z only, hence the usual spellings one by one.
    """
    said = search.strip()
    spellings = sorted({said, said.lower(), said.upper(), said.capitalize(), said.title()})
    found: list[ColumnElement[bool]] = [
        column.contains(each, autoescape=True) for column in WITHIN for each in spellings
    ]
    found += [column == said for column in EXACT]
    try:
        minor = to_minor(parse_amount(said, number_locale()), currency)
    except AmountError:
        return or_(*found)
    return or_(*found, amount.in_((minor, -minor)))
