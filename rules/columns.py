"""Lines as rule tests read them: one field at a time, cast once, missing values null, computed fields computed."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from rules.fields import FieldType, arrow_type, field_named
from rules.text import folded, present, strings
from rules.values import from_minor

Rows = NDArray[np.int64]


class Columns:
    """Fields of lines or of candidates (rules.fields). What was read is kept, so read many tests from one object.

    Absent columns are missing everywhere. `abs_x` and `sign` are computed where they are not held.
    """

    def __init__(self, size: int, names: Collection[str], read: Callable[[str], pa.Array]) -> None:
        """`read` gives the column of any of `names`, of `size` rows."""
        self._size, self._names, self._read = size, names, read
        self._kept: dict[tuple[str, str], Any] = {}

    @classmethod
    def of(cls, frame: pd.DataFrame | Columns) -> Columns:
        if isinstance(frame, Columns):
            return frame
        return cls(len(frame), frame.columns, lambda name: _of_series(frame[name]))

    def __len__(self) -> int:
        return self._size

    def rows(self, positions: Rows) -> Columns:
        """The rows at these positions, with nothing read yet."""
        at = pa.array(positions)
        return Columns(len(positions), self._names, lambda name: self._read(name).take(at))

    def text(self, name: str) -> pa.Array:
        """A text, currency or sign field: strings, null where missing."""
        return self._keep("text", name, self._text)

    def folded(self, name: str) -> pa.Array:
        """The same in lower case."""
        return self._keep("folded", name, lambda name: folded(self.text(name)))

    def encoded(self, name: str) -> pa.DictionaryArray:
        """The same as a dictionary of the distinct values that occur, as they stand."""
        return self._keep("encoded", name, lambda name: pc.dictionary_encode(self.text(name)))

    def written(self, name: str) -> pa.DictionaryArray:
        """Text as `encoded` has it; an amount as files write it, `-50.00`."""
        if field_named(name).type is not FieldType.MONEY:
            return self.encoded(name)
        return self._keep("written", name, self._written)

    def numbers(self, name: str) -> tuple[NDArray[Any], NDArray[np.bool_]]:
        """A date (days), amount (minor units) or number field, and where it is filled; elsewhere the number means
        nothing.

        An amount without a currency is missing: it has no unit.
        """
        numbers, filled = self._keep("numbers", name, self._numbers)
        return numbers, filled

    def currency(self, name: str) -> pa.DictionaryArray:
        """The currency of each value of an amount field."""
        return self.encoded(field_named(name).currency_field or "currency")

    def _keep(self, kind: str, name: str, read: Callable[[str], Any]) -> Any:
        if (kind, name) not in self._kept:
            self._kept[kind, name] = read(name)
        return self._kept[kind, name]

    def _stored(self, name: str) -> pa.Array:
        kind = arrow_type(field_named(name).type)
        if name not in self._names:
            return pa.nulls(len(self), kind)
        column = self._read(name)
        return column if column.type == kind else pc.cast(column, kind)

    def _text(self, name: str) -> pa.Array:
        if name == "sign" and name not in self._names:
            return _sign(self._stored("amount"))
        return present(strings(self._stored(name)))

    def _written(self, name: str) -> pa.DictionaryArray:
        numbers, filled = self.numbers(name)
        parts = zip(numbers.tolist(), self.currency(name).to_pylist(), filled.tolist(), strict=True)
        amounts = [from_minor(minor, currency) if there else None for minor, currency, there in parts]
        return pc.dictionary_encode(pa.array(amounts, pa.string()))

    def _numbers(self, name: str) -> tuple[NDArray[Any], NDArray[np.bool_]]:
        if name.startswith("abs_") and name not in self._names:
            numbers, filled = self.numbers(name.removeprefix("abs_"))
            return np.abs(numbers), filled
        kind = field_named(name).type
        column = self._stored(name)
        if kind is FieldType.DATE:
            column = pc.cast(pc.cast(column, pa.int32()), pa.int64())
        filled = np.asarray(pc.is_valid(column))
        if kind is FieldType.MONEY:
            filled = filled & np.asarray(pc.is_valid(self.currency(name).indices))
        return pc.fill_null(column, 0).to_numpy(zero_copy_only=False), filled


def _of_series(series: pd.Series) -> pa.Array:
    arrow = isinstance(series.array, pd.arrays.ArrowExtensionArray)
    column = series.array.__arrow_array__() if arrow else pa.array(series, from_pandas=True)
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column


def _sign(amounts: pa.Array) -> pa.Array:
    words = pa.array(["negative", "zero", "positive"])
    return words.take(pc.cast(pc.add(pc.sign(amounts), 1), pa.int64()))
