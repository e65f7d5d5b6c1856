"""A ledger exported again: which stored vouchers the file has changed, and which it no longer has.

Only inside the days that the file says it covers. A voucher's line is the same line while its voucher is: series and
number, with the day where several have the number; lines without a number are paired by day and amount.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

Row = Mapping[str, Any]
"""A line as the store names its columns; a stored one has `id`."""

COMPARED = (
    "booked_on",
    "amount_minor",
    "text",
    "reference",
    "voucher_type",
    "voucher_number",
    "invoice_number",
    "due_on",
)


@dataclass(frozen=True)
class Covered:
    """The first and last day that a ledger export says it holds whole."""

    first: date
    last: date

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last


@dataclass(frozen=True)
class Change:
    """A stored line that the file tells otherwise: `place` is the file's line, or None where it is gone."""

    line_id: int
    was: Row
    place: int | None = None
    now: Row | None = None

    @property
    def gone(self) -> bool:
        return self.now is None

    @property
    def fields(self) -> tuple[tuple[str, Any, Any], ...]:
        """(column, was, is now) of what differs."""
        if self.now is None:
            return ()
        return tuple((n, self.was.get(n), self.now.get(n)) for n in COMPARED if self.was.get(n) != self.now.get(n))


def changes(missing: Sequence[Row], new: Sequence[tuple[int, Row]]) -> tuple[Change, ...]:
    """Pair stored lines that the file lacks (`missing`) with lines of the file that are new (place and row)."""
    left, right = list(missing), list(new)
    found: list[Change] = []
    for key in (_voucher_on_day, _voucher, _day_and_amount):
        pairs, left, right = _paired(left, right, key)
        found += pairs
    found += [Change(row["id"], row) for row in left]
    return tuple(sorted(found, key=lambda change: change.line_id))


def _paired(
    left: list[Row], right: list[tuple[int, Row]], key: Callable[[Row], Hashable | None]
) -> tuple[list[Change], list[Row], list[tuple[int, Row]]]:
    waiting: dict[Hashable, list[tuple[int, Row]]] = defaultdict(list)
    for place, row in right:
        if (name := key(row)) is not None:
            waiting[name].append((place, row))
    pairs: list[Change] = []
    rest: list[Row] = []
    for row in left:
        name = key(row)
        candidates = waiting.get(name) if name is not None else None
        if not candidates:
            rest.append(row)
            continue
        place, now = _closest(row, candidates)
        candidates.remove((place, now))
        pairs.append(Change(row["id"], row, place, now))
    used = {change.place for change in pairs}
    return pairs, rest, [each for each in right if each[0] not in used]


def _closest(row: Row, candidates: Iterable[tuple[int, Row]]) -> tuple[int, Row]:
    """Of several lines of one voucher the one of the same amount, else the first."""
    listed = list(candidates)
    return next((each for each in listed if each[1]["amount_minor"] == row["amount_minor"]), listed[0])


def _voucher(row: Row) -> Hashable | None:
    return (row.get("voucher_type"), row["voucher_number"]) if row.get("voucher_number") else None


def _voucher_on_day(row: Row) -> Hashable | None:
    return (row.get("voucher_type"), row["voucher_number"], row["booked_on"]) if row.get("voucher_number") else None


def _day_and_amount(row: Row) -> Hashable | None:
    return None if row.get("voucher_number") else (row["booked_on"], row["amount_minor"])
