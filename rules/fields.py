"""The only list of field names, with the type of each and how a frame of lines stores it.

A *frame of lines* is a pandas DataFrame, one row a line, with Arrow-backed columns of `storage(type)`; a missing value
is null; a column that is absent is missing everywhere. Always there: `id` (text: content fingerprint with occurrence,
the only order the engine knows), `booking_date`, `amount`, `currency`. `abs_amount` and `sign` are never stored: they
are read from `amount`. `extra.<column>` fields are text. Row order and the index mean nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import pyarrow as pa

if TYPE_CHECKING:
    import pandas as pd


class FieldType(StrEnum):
    TEXT = "text"
    DATE = "date"
    MONEY = "money"
    CURRENCY = "currency"
    SIGN = "sign"
    NUMBER = "number"


@dataclass(frozen=True, slots=True)
class Field:
    """`currency_field` names the field that holds the currency of a MONEY field. `stored` is false for what is
    computed.
    """

    name: str
    type: FieldType
    currency_field: str | None = None
    stored: bool = True


_TEXT = (
    "reference archive_reference end_to_end_id kid invoice_number voucher_number voucher_type entry counterparty "
    "counterparty_account text transaction_code account_number customer_number supplier_number department project "
    "period note"
).split()

LINE_FIELDS: dict[str, Field] = {
    f.name: f
    for f in (
        Field("booking_date", FieldType.DATE),
        Field("value_date", FieldType.DATE),
        Field("due_date", FieldType.DATE),
        Field("amount", FieldType.MONEY, "currency"),
        Field("abs_amount", FieldType.MONEY, "currency", stored=False),
        Field("sign", FieldType.SIGN, stored=False),
        Field("currency", FieldType.CURRENCY),
        Field("original_amount", FieldType.MONEY, "original_currency"),
        Field("original_currency", FieldType.CURRENCY),
        *(Field(name, FieldType.TEXT) for name in _TEXT),
    )
}

CANDIDATE_FIELDS: dict[str, Field] = {
    f.name: f
    for f in (
        Field("rule", FieldType.TEXT),
        Field("cardinality", FieldType.TEXT),
        Field("difference", FieldType.MONEY, "currency"),
        Field("abs_difference", FieldType.MONEY, "currency"),
        Field("amount", FieldType.MONEY, "currency"),
        Field("abs_amount", FieldType.MONEY, "currency"),
        Field("days_apart", FieldType.NUMBER),
        Field("left_count", FieldType.NUMBER),
        Field("right_count", FieldType.NUMBER),
        Field("alternatives", FieldType.NUMBER),
        Field("similarity", FieldType.NUMBER),
    )
}

EXTRA = "extra."


def line_field(name: str) -> Field | None:
    """The field of that name, or None if there is none. Any `extra.<column>` is a text field."""
    if name.startswith(EXTRA) and len(name) > len(EXTRA):
        return Field(name, FieldType.TEXT)
    return LINE_FIELDS.get(name)


def field_named(name: str) -> Field:
    """The field of a line or of a candidate; KeyError for any other name, which no checked rule holds."""
    return line_field(name) or CANDIDATE_FIELDS[name]


def arrow_type(kind: FieldType) -> pa.DataType:
    """Arrow type in which a frame stores a field: money in minor units, dates as days."""
    match kind:
        case FieldType.MONEY:
            return pa.int64()
        case FieldType.DATE:
            return pa.date32()
        case FieldType.NUMBER:
            return pa.float64()
        case _:
            return pa.string()


def storage(kind: FieldType) -> pd.ArrowDtype:
    import pandas as pd  # here, because reading a file need not wait until all of pandas is loaded

    return pd.ArrowDtype(arrow_type(kind))
