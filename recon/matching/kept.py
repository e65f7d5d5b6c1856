"""What is remembered of the rows of a side that leaves rows behind, brought up to date where it is asked for again."""

from __future__ import annotations

from collections.abc import Callable, Hashable, KeysView, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Step:
    """Rows left behind at one time: `kept` are the others, `place` gives every old row its new number, -1 where it is
    gone."""

    kept: NDArray[np.int64]
    place: NDArray[np.int64]

    @classmethod
    def of(cls, kept: NDArray[np.int64], size: int) -> Step:
        """For a side that had `size` rows."""
        place = np.full(size, -1, dtype=np.int64)
        place[kept] = np.arange(len(kept))
        return cls(kept, place)

    def placed(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """The new numbers of those rows that are left."""
        there = self.place[rows]
        return there[there >= 0]


class Kept(Generic[Key, Value]):
    """Values by key, each about the rows that were there when it was last asked for. `shrunk` takes one step."""

    def __init__(self, steps: Sequence[Step], shrunk: Callable[[Value, Step], Value]) -> None:
        self._steps, self._shrunk = steps, shrunk
        self._values: dict[Key, tuple[int, Value]] = {}

    def __contains__(self, key: Key) -> bool:
        return key in self._values

    def __setitem__(self, key: Key, value: Value) -> None:
        self._values[key] = len(self._steps), value

    def __getitem__(self, key: Key) -> Value:
        """Raises KeyError where there is none."""
        seen, value = self._values[key]
        if seen < len(self._steps):
            for step in self._steps[seen:]:
                value = self._shrunk(value, step)
            self[key] = value
        return value

    def keys(self) -> KeysView[Key]:
        return self._values.keys()

    def clear(self) -> None:
        self._values.clear()
