"""Which lines of a file are here already: the ladder's last rungs, line by line (docs/imports.md, "Nothing twice").

A line is known by its fingerprint, counted: of each fingerprint as many lines of the file are known as are stored, so
that twins live and a re-import adds nothing. What is left over is known by the bank's own reference, where that can be
trusted: it is no word or zero, and stands once on its day in the file and once in what is stored.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from recon.intake.fingerprint import FINGERPRINT, OCCURRENCE


class Rung(StrEnum):
    """Why a line of a file is not stored; each can be overruled for a file."""

    LINE = "line"
    REFERENCE = "reference"
    PARTS = "parts"
    STATEMENT = "statement"
    CHANGED = "changed"
    NO_LUMP = "no-lump"


STOP_WORDS = frozenset({"", "NONREF", "NOTPROVIDED", "NOT PROVIDED", "FISAM.POST", "N/A", "NONE", "-"})
"""References that banks write on many entries, upper case. Zeros alone are none either."""

REFERENCE = "archive_reference"
STORED = ("id", FINGERPRINT, OCCURRENCE, "booked_on", "amount_minor", REFERENCE)
"""Columns of what is stored of an account; a file's lines have the same but `id`, and REFERENCE where one has any."""


@dataclass(frozen=True)
class Recognised:
    """Per line of the file, in its order: the key of the stored line that it is again (None: it is new), by which rung,
    and the occurrence number it gets. `surplus` are places of new lines that are equal to stored ones."""

    keys: tuple[int | None, ...]
    rungs: tuple[Rung | None, ...]
    occurrences: pa.Array
    surplus: tuple[int, ...] = field(default=())

    @property
    def is_new(self) -> pa.Array:
        return pa.array([key is None for key in self.keys], pa.bool_())


def recognise(lines: pa.Table, stored: pa.Table, overruled: Collection[str] = ()) -> Recognised:
    """Compare a file's lines with those stored of their account on the days that the file has lines on.

    An `overruled` rung recognises nothing: its lines are new, with occurrence numbers of their own.
    """
    if not stored.num_rows:
        nothing = (None,) * lines.num_rows
        return Recognised(nothing, nothing, lines[OCCURRENCE].combine_chunks())
    keys, occurrences, surplus = _by_fingerprint(lines, stored, Rung.LINE in overruled)
    rungs: list[Rung | None] = [None if key is None else Rung.LINE for key in keys]
    if Rung.LINE not in overruled and Rung.REFERENCE not in overruled:
        taken = {key for key in keys if key is not None}
        for place, key in _by_reference(lines, stored, keys, taken):
            keys[place], rungs[place] = key, Rung.REFERENCE
    surplus = [place for place in surplus if keys[place] is None]
    return Recognised(tuple(keys), tuple(rungs), pa.array(occurrences, pa.int64()), tuple(surplus))


def _by_fingerprint(lines: pa.Table, stored: pa.Table, all_new: bool) -> tuple[list[int | None], list[int], list[int]]:
    """Keys, occurrence numbers and surplus places. New lines get the numbers that nobody has."""
    held = _held(lines, stored)
    keys: list[int | None] = [None] * lines.num_rows
    occurrences = lines[OCCURRENCE].to_pylist()
    surplus: list[int] = []
    if not held:
        return keys, occurrences, surplus
    free = {mark: _free_numbers({number for number, _key in standing}) for mark, standing in held.items()}
    marks = lines[FINGERPRINT].to_pylist()
    for place, mark in enumerate(marks):
        standing = held.get(mark)
        if standing is None:
            continue
        rank = occurrences[place]
        if rank <= len(standing) and not all_new:
            occurrences[place], keys[place] = standing[rank - 1]
        else:
            occurrences[place] = next(free[mark])
            surplus.append(place)
    return keys, occurrences, surplus


def _held(lines: pa.Table, stored: pa.Table) -> dict[str, list[tuple[int, int]]]:
    """Fingerprint -> (occurrence, key) of the stored lines, of those fingerprints that the file has."""
    again = stored.filter(pc.is_in(stored[FINGERPRINT], value_set=lines[FINGERPRINT].combine_chunks()))
    held: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for mark, number, key in _rows(again, FINGERPRINT, OCCURRENCE, "id"):
        held[mark].append((number, key))
    return {mark: sorted(standing) for mark, standing in held.items()}


def _free_numbers(taken: set[int]) -> Iterator[int]:
    number = 0
    while True:
        number += 1
        if number not in taken:
            yield number


def _by_reference(
    lines: pa.Table, stored: pa.Table, keys: Sequence[int | None], taken: set[int]
) -> Iterable[tuple[int, int]]:
    """Places of lines that are not known yet, with the stored line of the same day, trusted reference and amount."""
    columns = ("booked_on", REFERENCE, "amount_minor")
    if not (_has_references(lines) and _has_references(stored)):
        return
    in_file = Counter((on, ref) for on, ref, _minor in _rows(lines, *columns))
    in_store = Counter((on, ref) for on, ref, _minor in _rows(stored, *columns))
    rows = zip(stored["id"].to_pylist(), _rows(stored, *columns), strict=True)
    open_to = {row: key for key, row in rows if key not in taken}
    for place, row in enumerate(_rows(lines, *columns)):
        once = in_file[row[:2]] == 1 and in_store[row[:2]] == 1
        if keys[place] is None and once and trusted(row[1]) and row in open_to:
            yield place, open_to[row]


def _has_references(table: pa.Table) -> bool:
    return REFERENCE in table.column_names and table[REFERENCE].null_count < table.num_rows


def trusted(reference: str | None) -> bool:
    """Whether a bank's reference can name a line: it is given, and neither a stop word nor zeros."""
    said = (reference or "").strip().upper()
    return said not in STOP_WORDS and said.strip("0") != ""


def possible_doubles(new: pa.Table, others: pa.Table) -> tuple[int, int]:
    """How many of the new lines have day and amount of a line that came through another format, and their sum in minor
    units: each stored line stands for one new line. Both tables have `booked_on` and `amount_minor`."""
    there = Counter(_rows(others, "booked_on", "amount_minor"))
    count = total = 0
    for row in _rows(new, "booked_on", "amount_minor"):
        if there[row] > 0:
            there[row] -= 1
            count, total = count + 1, total + row[1]
    return count, total


def _rows(table: pa.Table, *names: str) -> Iterator[tuple[Any, ...]]:
    return zip(*(table[name].to_pylist() for name in names), strict=True)
