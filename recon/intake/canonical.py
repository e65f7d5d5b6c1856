"""Tables with our own column names, from CSV or Excel: cells arrive as text and leave exact, or the file is refused.

Required: `id,booking_date,amount,currency`. Other line fields are optional, other columns become `extra.<column>`.
Amounts have a decimal point and no more decimals than their currency, dates are ISO, an empty cell is missing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from recon.errors import Unreadable
from recon.intake.amounts import amounts
from recon.intake.statement import ID, Statement, TableStatements, column_type, trimmed
from rules.fields import EXTRA, LINE_FIELDS, FieldType
from rules.text import repeats
from rules.values import exponent
from rules.wording import _

REQUIRED = (ID, "booking_date", "amount", "currency")
_STORED = frozenset(f.name for f in LINE_FIELDS.values() if f.stored)


@dataclass(frozen=True, slots=True)
class Source:
    """Where a table came from, for the sentence about a cell: file name, and data row number (0-based) -> "line 17"."""

    name: str
    place: Callable[[int], str]

    def below(self, rows: int) -> Source:
        """For a part of the table with so many rows above it."""
        return replace(self, place=lambda row: self.place(row + rows))

    def refuse(self, row: int, column: str, reason: str) -> Unreadable:
        return Unreadable(
            _("{file}, {place}, column {column}: {reason}.").format(
                file=self.name, place=self.place(row), column=column, reason=reason
            )
        )


def field_names(header: Sequence[str], name: str) -> list[str]:
    """Field of each column: a line field, `id`, or `extra.<column>`. Refuses a header that lacks or repeats some."""
    columns = [column.strip() for column in header]
    missing = [column for column in REQUIRED if column not in columns]
    if missing:
        raise Unreadable(
            _("{file}: the header row lacks the column(s) {missing}; it reads “{header}”.").format(
                file=name, missing=", ".join(missing), header=quoted(", ".join(columns), 120)
            )
        )
    if "" in columns:
        raise Unreadable(_("{file}: column {n} has no name.").format(file=name, n=columns.index("") + 1))
    fields = [_field(column) for column in columns]
    repeated = next((c for c, f in zip(columns, fields, strict=True) if fields.count(f) > 1), None)
    if repeated:
        raise Unreadable(_("{file}: the header names the column {column} twice.").format(file=name, column=repeated))
    return fields


def _field(column: str) -> str:
    known = column == ID or column in _STORED or column.startswith(EXTRA)
    return column if known else EXTRA + column


def quoted(text: str, longest: int = 60) -> str:
    """Someone's own text inside our sentence: one line, of bounded length."""
    shown = " ".join(text.split())
    return shown if len(shown) <= longest else shown[: longest - 1] + "…"


def statements(cells: Iterable[pa.Table], source: Source) -> Sequence[Statement]:
    """Statements of a table of text columns named by `field_names`; one for each account number and currency in it.

    `cells` are its rows, in as many parts as the file is read in.
    """
    parts: list[pa.Table] = []
    row = 0
    for part in cells:
        parts.append(_typed_part(part, source.below(row)))
        row += part.num_rows
    if not row:
        return ()
    lines = pa.concat_tables(parts)
    _refuse_repeated(lines[ID], source)
    return _by_account(trimmed(lines))


def _typed_part(cells: pa.Table, source: Source) -> pa.Table:
    _require(cells, source)
    return pa.table({name: _typed(name, cells, source) for name in cells.column_names})


def _flat(column: pa.ChunkedArray) -> pa.Array:
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column


def _require(cells: pa.Table, source: Source) -> None:
    for column in REQUIRED:
        if cells[column].null_count:
            raise source.refuse(_first(pc.is_null(cells[column])), column, _("the cell is empty"))


def _first(mask: pa.ChunkedArray | pa.Array) -> int:
    return int(pc.index(mask, True).as_py())


def _refuse_repeated(column: pa.ChunkedArray, source: Source) -> None:
    ids = _flat(column)
    if not repeats(ids):
        return
    seen: dict[str, int] = {}
    for row, value in enumerate(ids.to_pylist()):
        if value in seen:
            reason = _("“{id}” stands on {first} already").format(id=quoted(value), first=source.place(seen[value]))
            raise source.refuse(row, ID, reason)
        seen[value] = row


def _typed(name: str, cells: pa.Table, source: Source) -> pa.Array:
    texts = _flat(cells[name])
    field = LINE_FIELDS.get(name)
    match field.type if field else FieldType.TEXT:
        case FieldType.DATE:
            return _dates(name, texts, source)
        case FieldType.CURRENCY:
            return _currencies(name, texts, source)
        case FieldType.MONEY:
            return _money(name, texts, _currency_field(name), cells, source)
        case _:
            return pc.cast(texts, column_type(name))


def _currency_field(name: str) -> str:
    return LINE_FIELDS[name].currency_field or "currency"


def _dates(name: str, texts: pa.Array, source: Source) -> pa.Array:
    try:
        dates = pc.cast(texts, pa.date32())
        if not pc.any(pc.match_substring_regex(texts, "^0000"), min_count=0).as_py():
            return dates
    except pa.ArrowInvalid:
        pass
    row = next(row for row, text in enumerate(texts.to_pylist()) if text is not None and not _is_date(text))
    raise source.refuse(row, name, _("“{value}” is no ISO date").format(value=quoted(texts[row].as_py())))


def _is_date(text: str) -> bool:
    try:
        pc.cast(pa.scalar(text), pa.date32())
    except pa.ArrowInvalid:
        return False
    return not text.startswith("0000")


def _currencies(name: str, texts: pa.Array, source: Source) -> pa.Array:
    for code in pc.unique(texts).to_pylist():
        if code is not None and not known_currency(code):
            row = _first(pc.equal(texts, code))
            raise source.refuse(row, name, _("“{value}” is no ISO currency").format(value=quoted(code)))
    return texts


def known_currency(code: str) -> bool:
    try:
        exponent(code)
    except ValueError:
        return False
    return True


def _money(name: str, texts: pa.Array, currency_field: str, cells: pa.Table, source: Source) -> pa.Array:
    if currency_field not in cells.column_names:
        currencies = pa.nulls(len(texts), pa.string())
    else:
        currencies = _currencies(currency_field, _flat(cells[currency_field]), source)
    minor = amounts(texts, currencies, exponent)
    if minor.null_count != texts.null_count:
        row = _first(pc.and_(pc.is_null(minor), pc.is_valid(texts)))
        raise source.refuse(row, name, _why_no_amount(texts[row].as_py(), currencies[row].as_py(), currency_field))
    return minor


def _why_no_amount(text: str, currency: str | None, currency_field: str) -> str:
    if currency is None:
        return _("“{value}” has no {currency_field}").format(value=quoted(text), currency_field=currency_field)
    whole, point, decimals = text.lstrip("+-").partition(".")
    if point and whole.isdecimal() and decimals.isdecimal() and len(decimals) > exponent(currency):
        return _("“{value}” has more decimals than {currency} has").format(value=quoted(text), currency=currency)
    return _("“{value}” is no amount (digits with a decimal point)").format(value=quoted(text))


def _by_account(lines: pa.Table) -> Sequence[Statement]:
    """One statement for each (account number, currency), in order of first appearance."""
    if not len(lines):
        return ()
    if all(len(pc.unique(column)) == 1 for column in (_accounts(lines), lines["currency"])):
        return (_statement(_accounts(lines)[0].as_py(), lines),)
    return TableStatements(lines, _parted)


def _parted(lines: pa.Table) -> tuple[Statement, ...]:
    accounts = _accounts(lines)
    kinds = _codes(accounts) * (len(pc.unique(lines["currency"])) + 1) + _codes(lines["currency"])
    first = np.sort(np.unique(kinds, return_index=True)[1])
    return tuple(_statement(accounts[int(at)].as_py(), lines.filter(pa.array(kinds == kinds[at]))) for at in first)


def _accounts(lines: pa.Table) -> pa.ChunkedArray | pa.Array:
    return lines["account_number"] if "account_number" in lines.column_names else pa.nulls(len(lines), pa.string())


def _codes(column: pa.ChunkedArray | pa.Array) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Equal values, equal codes; missing is a value of its own."""
    indices = pc.dictionary_encode(_flat(column), null_encoding="encode").indices
    return np.asarray(indices.to_numpy(zero_copy_only=False), dtype=np.int64)


def _statement(account: str | None, lines: pa.Table) -> Statement:
    days = pc.min_max(lines["booking_date"]).as_py()
    return Statement(
        account=account,
        currency=lines["currency"][0].as_py(),
        lines=lines,
        entries=len(lines),
        details=0,
        from_on=days["min"],
        to_on=days["max"],
    )
