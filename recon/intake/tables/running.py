"""A balance beside every line proves the amounts, their signs and the order of the lines."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Int64s = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Running:
    """`newest_first` is the order of the file. `breaks` counts the balances that are not the one before them plus the
    amount, `first_break` is the row (0-based among the lines) of the oldest, -1 if there is none. Balances are minor
    units; `opening_minor` is that before the oldest line.
    """

    newest_first: bool
    checked: int
    breaks: int
    first_break: int
    opening_minor: int
    closing_minor: int

    @property
    def holds(self) -> bool:
        return self.breaks == 0


def running(amounts: Int64s, balances: Int64s, known: NDArray[np.bool_], newest_first: bool | None) -> Running | None:
    """Try both orders; `newest_first` decides where both hold equally. None without a balance.

    Lines without a balance (`known` false) count towards the next that has one.
    """
    if not known.any():
        return None
    orders = (False, True) if newest_first is None else (newest_first, not newest_first)
    return min((_in_order(amounts, balances, known, order) for order in orders), key=lambda found: found.breaks)


def _in_order(amounts: Int64s, balances: Int64s, known: NDArray[np.bool_], newest_first: bool) -> Running:
    rows = np.arange(len(amounts))
    if newest_first:
        amounts, balances, known, rows = amounts[::-1], balances[::-1], known[::-1], rows[::-1]
    total = np.cumsum(amounts)
    at = np.flatnonzero(known)
    off = np.diff(balances[at]) != np.diff(total[at])
    return Running(
        newest_first=newest_first,
        checked=len(at) - 1,
        breaks=int(off.sum()),
        first_break=int(rows[at[1:][off][0]]) if off.any() else -1,
        opening_minor=int(balances[at[0]] - total[at[0]]),
        closing_minor=int(balances[at[-1]] + total[-1] - total[at[-1]]),
    )
