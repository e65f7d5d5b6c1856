"""Lines as a reader finds them, one at a time, kept as Arrow batches: memory grows with the data, not with objects."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from itertools import chain

import pyarrow as pa
import pyarrow.compute as pc

from recon.intake.statement import NO_LINES, column_type, trimmed

BATCH = 2_000
_NO_TEXT = pa.scalar(None, pa.string())

Value = str | int | date | None


class Rows:
    """Collects lines: field name -> value, of the fields and types that `statement.LINE_SCHEMA` tells."""

    def __init__(self) -> None:
        self._rows: list[Mapping[str, Value]] = []
        self._batches: list[pa.Table] = []

    def add(self, line: Mapping[str, Value]) -> None:
        self._rows.append(line)
        if len(self._rows) == BATCH:
            self._flush()

    def table(self) -> pa.Table:
        self._flush()
        if not self._batches:
            return NO_LINES
        return trimmed(pa.concat_tables(self._batches, promote_options="default").combine_chunks())

    def _flush(self) -> None:
        if self._rows:
            names = dict.fromkeys(chain.from_iterable(self._rows))
            self._batches.append(pa.table({name: self._column(name) for name in names}))
            self._rows = []

    def _column(self, name: str) -> pa.Array:
        column = pa.array([row.get(name) for row in self._rows], column_type(name))
        return pc.replace_with_mask(column, pc.equal(column, ""), _NO_TEXT) if column.type == pa.string() else column
