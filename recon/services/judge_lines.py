"""The ladder of duplicates for one account: which lines of a file are new, and why each of the others is not stored."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy.orm import Session

from recon.database.bulk import read_table
from recon.database.line_tables import FIELD_OF_COLUMN, LINE_COLUMNS
from recon.database.models import Account
from recon.intake.duplicates import Recognised, Rung, recognise
from recon.intake.fingerprint import fingerprints, occurrences
from recon.intake.lumps import DAYS, tells_details
from recon.intake.revisions import Change, Covered
from recon.intake.statement import ID, Statement, account_key
from recon.services.known_statements import KnownStatement, statement_again
from rules.fields import EXTRA

_STORED = {
    "id": pa.int64(),
    "fingerprint": pa.string(),
    "occurrence": pa.int64(),
    "booked_on": pa.date32(),
    "amount_minor": pa.int64(),
    "archive_reference": pa.string(),
}


@dataclass(frozen=True)
class Decisions:
    """What a person decided about a file: the rungs of the ladder that are overruled, whether a ledger's changes are
    accepted, and the days that an export covers where the file does not say."""

    anyway: frozenset[str] = frozenset()
    accept_changes: bool = False
    covers: Covered | None = None

    def to_json(self) -> dict[str, Any]:
        """As a job carries it."""
        days = [self.covers.first.isoformat(), self.covers.last.isoformat()] if self.covers else None
        return {"anyway": sorted(self.anyway), "accept_changes": self.accept_changes, "covers": days}

    @classmethod
    def from_json(cls, given: Mapping[str, Any] | None) -> Decisions:
        if not given:
            return cls()
        days = [dt.date.fromisoformat(day) for day in given.get("covers") or ()]
        covers = Covered(*days) if len(days) == 2 else None
        return cls(frozenset(given.get("anyway") or ()), bool(given.get("accept_changes")), covers)


NO_DECISIONS = Decisions()


@dataclass(frozen=True)
class Refused:
    """Lines of a file (`to_line_table`) that one rung of the ladder keeps out."""

    rung: Rung
    lines: pa.Table


@dataclass(frozen=True)
class AccountLines:
    """What a file holds of one account.

    `new` lines (`to_line_table`) are stored. `known` are the keys of stored lines that the file holds again. `refused`
    shows what is left out and why. `changes` are those of a ledger exported again; `replacing` says which new line
    (place) takes the place of which stored one where they are accepted. `parts` says which new lines are the parts of
    which stored lump. `covered` are the days of which a ledger's export says that it holds them whole.
    """

    account: Account
    statements: tuple[Statement, ...]
    new: pa.Table
    known: tuple[int, ...]
    refused: tuple[Refused, ...] = ()
    changes: tuple[Change, ...] = ()
    replacing: Mapping[int, int] = field(default_factory=dict)
    parts: Mapping[int, tuple[int, ...]] = field(default_factory=dict)
    surplus: int = 0
    again: tuple[tuple[Statement, KnownStatement], ...] = ()
    decisions: Decisions = NO_DECISIONS
    covered: Covered | None = None

    @property
    def accepted(self) -> bool:
        """Whether the changes of a ledger are taken over."""
        return self.decisions.accept_changes and bool(self.changes)

    @property
    def overruled(self) -> frozenset[str]:
        return self.decisions.anyway

    @property
    def rows(self) -> int:
        return int(self.new.num_rows) + len(self.known)


class Judgement:
    """The lines of one account with their verdicts so far: by place, the stored lines each one is, and its rung."""

    def __init__(self, account: Account, statements: Sequence[Statement], decisions: Decisions) -> None:
        self.account, self.statements, self.decisions = account, tuple(statements), decisions
        self.lines = to_line_table(account, pa.concat_tables([s.lines for s in statements], promote_options="default"))
        self.known: set[int] = set()
        self.surplus: tuple[int, ...] = ()
        self._rungs: list[Rung | None] = [None] * self.lines.num_rows

    def recognise(self, stored: pa.Table) -> None:
        """The rungs of single lines: fingerprint, then reference."""
        if not stored.num_rows:
            return
        found: Recognised = recognise(self.lines, stored, self.decisions.anyway)
        place = self.lines.column_names.index("occurrence")
        self.lines = self.lines.set_column(place, "occurrence", found.occurrences)
        self._rungs = list(found.rungs)
        self.known = {key for key in found.keys if key is not None}
        self.surplus = found.surplus

    def refuse(self, places: Iterable[int], rung: Rung, known: Iterable[int] = ()) -> None:
        """Keep lines out, unless their rung is overruled; `known` are stored lines that they are."""
        if rung in self.decisions.anyway:
            return
        self.known |= set(known)
        for place in places:
            self._rungs[place] = rung

    def new_places(self, within: range | None = None) -> list[int]:
        return [place for place in within or range(len(self._rungs)) if self._rungs[place] is None]

    def rows(self, places: Sequence[int]) -> list[tuple[int, dict[str, Any]]]:
        """(place, line) of some lines."""
        return list(zip(places, self.lines.take(pa.array(places, pa.int64())).to_pylist(), strict=True))

    def ranges(self) -> list[tuple[Statement, range]]:
        """Each statement with the places of its lines."""
        ends = np.cumsum([0, *(statement.lines.num_rows for statement in self.statements)])
        return [(s, range(int(a), int(b))) for s, a, b in zip(self.statements, ends, ends[1:], strict=False)]

    def new_lines(self) -> tuple[pa.Table, dict[int, int]]:
        """The lines to store, and the place each has among them."""
        if self.known or any(self._rungs):
            kept = self.new_places()
            return self.lines.take(pa.array(kept, pa.int64())), {place: n for n, place in enumerate(kept)}
        return self.lines, {}

    def refused(self) -> tuple[Refused, ...]:
        if not any(self._rungs):
            return ()
        rungs = np.array([rung or "" for rung in self._rungs], dtype=object)
        found = (Refused(rung, self.lines.filter(pa.array(rungs == rung))) for rung in Rung)
        return tuple(each for each in found if each.lines.num_rows)

    def again(self, known: Sequence[KnownStatement]) -> tuple[tuple[Statement, KnownStatement], ...]:
        """Statements that were imported before; lines that such a one did not have then are kept out."""
        found = []
        for statement, places in self.ranges():
            before = statement_again(statement, known)
            if before is None:
                continue
            found.append((statement, before))
            self.refuse(self.new_places(places), Rung.STATEMENT)
        return tuple(found)


def stored_of(session: Session, account: Account, first: dt.date, last: dt.date) -> pa.Table:
    """What is stored of an account on some days: live lines, and lumps whose parts stand in their place."""
    replaced = (
        "EXISTS (SELECT 1 FROM replacement r WHERE r.old_line_id = l.id AND r.kind = 'parts'"
        " AND r.undone_event_id IS NULL)"
    )
    query = (
        f"SELECT {', '.join('l.' + name for name in _STORED)} FROM line l WHERE l.account_id = {int(account.id)}"  # noqa: S608
        f" AND l.booked_on BETWEEN '{first}' AND '{last}' AND l.origin = 'imported'"
        f" AND (l.withdrawn_event_id IS NULL OR {replaced})"
    )
    return read_table(session, query, _STORED)


def days_of(lines: pa.Table, format: str, covered: Covered | None) -> tuple[dt.date, dt.date] | None:
    """The days to look at: those of the lines (wider for details), and those that a ledger covers."""
    ends = pc.min_max(lines["booked_on"]).as_py()
    told = [ends["min"], ends["max"], *((covered.first, covered.last) if covered else ())]
    days = [day for day in told if day is not None]
    if not days:
        return None
    slack = dt.timedelta(days=DAYS if tells_details(format) else 0)
    return min(days) - slack, max(days) + slack


def to_line_table(account: Account, lines: pa.Table) -> pa.Table:
    """Lines as readers give them (`recon.intake.statement`) under the names of the database, `origin` imported.

    Columns without a value are left out, and `extra.<column>` stay as they are: `line_tables.whole` makes them of the
    form in which they are stored, a part of them at a time.
    """
    prints = fingerprints(lines, account_key(account.number))
    # What the file calls a line is kept beside it: it says nothing about sameness across files.
    names = {EXTRA + "id" if name == ID else name: lines[name] for name in lines.column_names}
    given = {name: names[field] for name in LINE_COLUMNS if (field := FIELD_OF_COLUMN.get(name, name)) in names}
    extra = {name: column for name, column in names.items() if name.startswith(EXTRA)}
    own = {
        "account_id": _same(account.id, lines.num_rows),
        "origin": _same("imported", lines.num_rows),
        "fingerprint": prints,
        "occurrence": occurrences(prints),
    }
    return pa.table({**given, **extra, **own})


def _same(value: Any, count: int) -> pa.Array:
    """One value for all, as a dictionary of one."""
    return pa.DictionaryArray.from_arrays(pa.repeat(pa.scalar(0, pa.int8()), count), [value])
