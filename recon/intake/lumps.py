"""Details that come later: a camt.054, OCR or BgMax file tells the parts of what a statement gave as one sum.

The money is the statement's. An entry's parts take the place of the one stored line that is their sum on their day;
where the file comes first, the statement's line is known by its parts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

Row = Mapping[str, Any]

DETAIL_FORMATS = ("camt.054", "ocr", "bgmax")
"""How the names of formats begin that tell details and no balance."""

DAYS = 3
"""Calendar days between a detail file's day and its statement's: banks book a collection on the next banking day."""

NAMING = ("archive_reference", "reference", "entry", "end_to_end_id", "text")
TELLING = ("kid", "reference", "invoice_number", "counterparty")


def tells_details(format: str) -> bool:
    return format.lower().startswith(DETAIL_FORMATS)


@dataclass(frozen=True)
class Lump:
    """A sum of `amount_minor` booked on a day: a stored line, or an entry of a file with the places of its parts."""

    booked_on: date
    amount_minor: int
    names: frozenset[str]
    line_id: int = 0
    places: tuple[int, ...] = ()


def entries(rows: Sequence[tuple[int, Row]]) -> list[Lump]:
    """The entries of a file's lines (place, row): lines that name the same `entry` on one day, else each line alone."""
    found: dict[tuple[Any, ...], list[tuple[int, Row]]] = defaultdict(list)
    for place, row in rows:
        name = row.get("entry")
        found[(row["booked_on"], name) if name else (row["booked_on"], None, place)].append((place, row))
    return [_lump(parts) for parts in found.values()]


def _lump(parts: list[tuple[int, Row]]) -> Lump:
    names = frozenset().union(*(words(row) for _place, row in parts))
    total = sum(row["amount_minor"] for _place, row in parts)
    return Lump(parts[0][1]["booked_on"], total, names, places=tuple(place for place, _row in parts))


def words(row: Row) -> frozenset[str]:
    """What a line calls itself by, for telling sums of one day and amount apart."""
    return frozenset(str(row[name]).strip().upper() for name in NAMING if row.get(name))


def tells_more(parts: Sequence[Row], lump: Row) -> bool:
    """Whether the parts say who paid or what for, and the stored line does not."""
    return len(parts) > 1 or any(parts[0].get(name) and not lump.get(name) for name in TELLING)


def attached(found: Sequence[Lump], stored: Sequence[Lump]) -> list[tuple[Lump, Lump]]:
    """(entry, stored line) for every entry that has a stored line of its sum; each line once.

    On its own day first: of several the one that shares a name, and equal ones are as good as each other. Then what is
    left, within DAYS, where only one entry and one line have that sum.
    """
    pairs = _on_the_day(found, stored)
    done, taken = {id(entry) for entry, _lump in pairs}, {id(lump) for _entry, lump in pairs}
    rest = [entry for entry in found if id(entry) not in done]
    return pairs + _near(rest, [lump for lump in stored if id(lump) not in taken])


def _on_the_day(found: Sequence[Lump], stored: Sequence[Lump]) -> list[tuple[Lump, Lump]]:
    waiting: dict[tuple[date, int], list[Lump]] = defaultdict(list)
    for lump in stored:
        waiting[lump.booked_on, lump.amount_minor].append(lump)
    pairs: list[tuple[Lump, Lump]] = []
    for entry in sorted(found, key=lambda entry: not _shares(entry, waiting[entry.booked_on, entry.amount_minor])):
        candidates = waiting[entry.booked_on, entry.amount_minor]
        if candidates:
            best = max(candidates, key=lambda lump: len(lump.names & entry.names))
            candidates.remove(best)
            pairs.append((entry, best))
    return pairs


def _near(found: Sequence[Lump], stored: Sequence[Lump]) -> list[tuple[Lump, Lump]]:
    return [
        (entry, near[0])
        for entry in found
        if len(near := _within(entry, stored)) == 1 and len(_within(near[0], found)) == 1
    ]


def _within(one: Lump, others: Sequence[Lump]) -> list[Lump]:
    return [
        other
        for other in others
        if other.amount_minor == one.amount_minor and abs(other.booked_on - one.booked_on).days <= DAYS
    ]


def _shares(entry: Lump, candidates: Sequence[Lump]) -> bool:
    return any(entry.names & lump.names for lump in candidates)
