"""A frame as rule tests read it: one field at a time, cast once, missing values null, computed fields computed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from rules.fields import FieldType, arrow_type, field_named
from rules.text import folded, present, strings

Rows = NDArray[np.int64]


class Columns:
    """Fields of a frame of lines or of candidates (rules.fields). What was read is kept, so read many tests from one
    object.

    Absent columns are missing everywhere. `abs_x` and `sign` are computed where the frame does not hold them.
    """

    def __init__(self, frame: pd.DataFrame) -> None:
        self.frame = frame
        self._kept: dict[tuple[str, str], Any] = {}

    @staticmethod
    def of(frame: pd.DataFrame | Columns) -> Columns:
        return frame if isinstance(frame, Columns) else Columns(frame)

    def __len__(self) -> int:
        return len(self.frame)

    def rows(self, positions: Rows) -> Columns:
        """The rows at these positions, with nothing read yet."""
        return Columns(self.frame.iloc[positions])

    def text(self, name: str) -> pa.Array:
        """A text, currency or sign field: strings, null where missing."""
        return self._keep("text", name, self._text)

    def folded(self, name: str) -> pa.Array:
        """The same in lower case."""
        return self._keep("folded", name, lambda name: folded(self.text(name)))

    def encoded(self, name: str) -> pa.DictionaryArray:
        """The same as a dictionary of the distinct values that occur, as they stand."""
        return self._keep("encoded", name, lambda name: pc.dictionary_encode(self.text(name)))

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
        if name not in self.frame.columns:
            return pa.nulls(len(self), kind)
        values = self.frame[name].array
        arrow = isinstance(values, pd.arrays.ArrowExtensionArray)
        column = values.__arrow_array__() if arrow else pa.array(self.frame[name], from_pandas=True)
        whole = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
        return whole if whole.type == kind else pc.cast(whole, kind)

    def _text(self, name: str) -> pa.Array:
        if name == "sign" and name not in self.frame.columns:
            return _sign(self._stored("amount"))
        return present(strings(self._stored(name)))

    def _numbers(self, name: str) -> tuple[NDArray[Any], NDArray[np.bool_]]:
        if name.startswith("abs_") and name not in self.frame.columns:
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


def _sign(amounts: pa.Array) -> pa.Array:
    words = pa.array(["negative", "zero", "positive"])
    return words.take(pc.cast(pc.add(pc.sign(amounts), 1), pa.int64()))
