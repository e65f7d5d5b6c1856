"""What every reader gives: statements of accounts with their lines, and what is to be said about the file.

A line is the finest part the file knows. A lump that the bank splits into details gives one line a detail; `entry`
names the lump and `part` is the detail's place in it (0 = the lump is not split). The sum of a statement's lines is
always the sum of its entries, so a balance is proved on either.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import overload

import pyarrow as pa
import pyarrow.compute as pc

from rules.errors import Finding
from rules.fields import LINE_FIELDS, arrow_type, line_field

PART = "part"
ID = "id"

LINE_SCHEMA = pa.schema([(f.name, arrow_type(f.type)) for f in LINE_FIELDS.values() if f.stored] + [(PART, pa.int64())])
"""Every column a line may have beside `extra.<column>` (text) and, from canonical files, `id` (text).

Money is int64 minor units of the line's `currency` (`original_amount`: of `original_currency`). A table holds
`booking_date`, `amount`, `currency` always and of the rest only the columns in which some line has a value.
"""

NO_LINES = pa.Table.from_batches([], LINE_SCHEMA).select(["booking_date", "amount", "currency"])


@dataclass(frozen=True, slots=True)
class Balance:
    """A balance as given: `kind` is the format's own word (OPBD, CLBD, IB, UB); money in is plus.

    `written` is the file's own figure where it has more decimals than the currency; the minor units are then rounded.
    """

    kind: str
    amount_minor: int
    currency: str
    on: date | None = None
    written: str | None = None


@dataclass(frozen=True, slots=True)
class Declared:
    """What a file says about its own content, None where it says nothing; sums in the statement's currency.

    `turnover_minor` is the sum without signs, `net_minor` the sum with signs, credit and debit sums are without signs.
    """

    entries: int | None = None
    turnover_minor: int | None = None
    net_minor: int | None = None
    credits: int | None = None
    credit_minor: int | None = None
    debits: int | None = None
    debit_minor: int | None = None


@dataclass(frozen=True, slots=True)
class Statement:
    """One account over one stretch of time.

    `account` is the number as written (None: the file does not say, the importer must). `entries` and `details` count
    what the file holds: booked entries and the details below them; of a ledger, the transaction rows, and no details.
    `balances` are those beside opening and closing. `copy` is the bank's own mark of a copy or duplicate.
    """

    account: str | None
    currency: str
    lines: pa.Table = field(default_factory=lambda: NO_LINES, compare=False)
    entries: int = 0
    details: int = 0
    account_name: str | None = None
    owner: str | None = None
    statement_id: str | None = None
    electronic_number: str | None = None
    legal_number: str | None = None
    from_on: date | None = None
    to_on: date | None = None
    opening: Balance | None = None
    closing: Balance | None = None
    balances: tuple[Balance, ...] = ()
    declared: Declared = Declared()
    copy: str | None = None

    @property
    def account_key(self) -> str | None:
        return account_key(self.account) if self.account else None

    @property
    def iban(self) -> str | None:
        """The account as an IBAN, if that is how it is written."""
        return _compact(self.account) if self.account and _IBAN.fullmatch(_compact(self.account)) else None

    @property
    def bban(self) -> str | None:
        """The account as written, if that is no IBAN."""
        return None if self.iban else self.account

    @property
    def covers(self) -> tuple[date | None, date | None]:
        """First and last day: the stated period, else those of the booking dates; None without either."""
        days = pc.min_max(self.lines["booking_date"]).as_py()
        return self.from_on or days["min"], self.to_on or days["max"]

    @property
    def sum_minor(self) -> int:
        """Sum of all lines = sum of all entries, in minor units of the statement's currency."""
        exact = pc.cast(self.lines["amount"], pa.decimal128(19, 0))  # a sum of int64 would wrap around unseen
        return int(pc.sum(exact).as_py() or 0)


class TableStatements(Sequence[Statement]):
    """The statements of one `table` that holds lines of several accounts, parted when somebody asks for one."""

    def __init__(self, table: pa.Table, part: Callable[[pa.Table], tuple[Statement, ...]]) -> None:
        self.table, self._part = table, part
        self._parted: tuple[Statement, ...] | None = None

    @property
    def parted(self) -> tuple[Statement, ...]:
        if self._parted is None:
            self._parted = self._part(self.table)
        return self._parted

    @overload
    def __getitem__(self, place: int) -> Statement: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[Statement]: ...
    def __getitem__(self, place: int | slice) -> Statement | Sequence[Statement]:
        return self.parted[place]

    def __len__(self) -> int:
        return len(self.parted)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and self.parted == tuple(other)

    __hash__ = None  # type: ignore[assignment]


@dataclass(frozen=True, slots=True)
class Reading:
    """A whole file: its format and the format's version as the file names it, and all that stands in it.

    `sha256` is the hex digest of the file's bytes; readers leave it empty and `detect.read_file` fills it in.
    """

    format: str
    version: str
    statements: Sequence[Statement]
    findings: tuple[Finding, ...] = ()
    sha256: str = ""

    @property
    def entries(self) -> int:
        return sum(s.entries for s in self.statements)

    @property
    def details(self) -> int:
        return sum(s.details for s in self.statements)

    def with_sha256(self, digest: str) -> Reading:
        return replace(self, sha256=digest)


_IBAN = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{10,30}")
_NORWEGIAN_IBAN = re.compile(r"NO\d{2}(\d{11})")


def account_key(account: str) -> str:
    """One key for all spellings of an account: no spaces, dots or hyphens, and a Norwegian IBAN as its 11 digits."""
    compact = _compact(account)
    norwegian = _NORWEGIAN_IBAN.fullmatch(compact)
    return norwegian[1] if norwegian else compact


def _compact(account: str) -> str:
    return re.sub(r"[\s.\-]", "", account).upper()


def trimmed(lines: pa.Table) -> pa.Table:
    """The table without the columns in which no line has a value, in the order of `LINE_SCHEMA`, `extra` last."""
    always = {"booking_date", "amount", "currency"}
    kept = [n for n in lines.column_names if n in always or lines[n].null_count < len(lines)]
    order = {name: place for place, name in enumerate([ID, *LINE_SCHEMA.names])}
    return lines.select(sorted(kept, key=lambda n: (order.get(n, len(order)), n)))


def column_type(name: str) -> pa.DataType | None:
    """Arrow type of a column of `lines`, or None if no line has such a field."""
    if name in (ID, PART):
        return pa.string() if name == ID else pa.int64()
    found = line_field(name)
    return arrow_type(found.type) if found and found.stored else None
