"""A file as cells of text, before anybody knows what its columns mean."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import pyarrow as pa

from recon.errors import Unreadable
from recon.intake.canonical import quoted
from rules.errors import Finding
from rules.wording import _


@dataclass(frozen=True, slots=True)
class Grid:
    """`cells` has one text column a column of the file, named "0", "1", ...; an empty cell is null. Every row of the
    file is a row, those above the header too. `numbers` marks the cells that were numbers of a sheet, not text: they
    are written with a decimal point whatever the texts around them do. `place` tells a row (0-based) as "line 17".
    """

    name: str
    format: str
    cells: pa.Table
    place: Callable[[int], str]
    numbers: Mapping[str, pa.Array] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()

    @property
    def width(self) -> int:
        return int(self.cells.num_columns)

    def __len__(self) -> int:
        return int(self.cells.num_rows)

    def row(self, number: int) -> list[str]:
        """The cells of one row, stripped; "" where it is empty."""
        return [(self.cells[column][number].as_py() or "").strip() for column in self.cells.column_names]

    def head(self, count: int) -> list[list[str]]:
        """The first rows, stripped."""
        columns = [column.to_pylist() for column in self.cells.slice(0, count).columns]
        return [[(cell or "").strip() for cell in row] for row in zip(*columns, strict=True)]

    def column(self, place: int, start: int = 0) -> pa.Array:
        return flat(self.cells[str(place)].slice(start))

    def is_number(self, place: int, start: int = 0) -> pa.Array | None:
        """Which cells of a column were numbers of a sheet; None where none was."""
        found = self.numbers.get(str(place))
        return found.slice(start) if found is not None else None

    def refuse(self, row: int, column: str, reason: str) -> Unreadable:
        return Unreadable(
            _("{file}, {place}, column {column}: {reason}.").format(
                file=self.name, place=self.place(row), column=quoted(column) or "–", reason=reason
            )
        )


def flat(column: pa.ChunkedArray | pa.Array) -> pa.Array:
    """In one piece; copied only where it is in several."""
    if not isinstance(column, pa.ChunkedArray):
        return column
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()


def of_rows(rows: Sequence[Sequence[str]]) -> pa.Table:
    """Rows of any length as text columns; what is missing or empty is null."""
    width = max((len(row) for row in rows), default=0)
    columns = ([row[n] or None if n < len(row) else None for row in rows] for n in range(width))
    return pa.table({str(n): pa.array(column, pa.string()) for n, column in enumerate(columns)})
