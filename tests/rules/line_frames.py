"""Small frames of lines written by hand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np
import pandas as pd
import pyarrow as pa

from rules.evaluate import pair_truth, truth
from rules.explain import line, pair, rows
from rules.fields import FieldType, arrow_type, field_named
from rules.model import Condition


def lines(**columns: Sequence[object]) -> pd.DataFrame:
    """A frame with these columns (`extra__x` for `extra.x`; dates as ISO text) and NOK 0.00 where nothing is said."""
    length = len(next(iter(columns.values())))
    full: dict[str, Sequence[object]] = {"amount": [0] * length, "currency": ["NOK"] * length, **columns}
    named = {name.replace("__", "."): values for name, values in full.items()}
    return pd.DataFrame({name: _column(name, values) for name, values in named.items()})


def _column(name: str, values: Sequence[object]) -> pd.Series:
    kind = field_named(name).type
    if kind is FieldType.DATE:
        values = [date.fromisoformat(value) if isinstance(value, str) else value for value in values]
    return pd.Series(pd.arrays.ArrowExtensionArray(pa.array(values, arrow_type(kind))))


def passing(condition: Condition, frame: pd.DataFrame) -> list[bool]:
    """For which rows a condition holds, after making sure that the explanation says the same."""
    by_columns = truth(condition, frame).tolist()
    assert by_columns == [line(condition, values).holds for values in rows(frame)]
    return list(by_columns)


def pairing(condition: Condition, left: pd.DataFrame, right: pd.DataFrame) -> list[bool]:
    """For which rows, side by side, a pair condition holds, after making sure that the explanation says the same."""
    positions = np.arange(len(left))
    by_columns = pair_truth(condition, left, right, positions, positions).tolist()
    assert by_columns == [pair(condition, one, other).holds for one, other in zip(rows(left), rows(right), strict=True)]
    return list(by_columns)
