"""Filters of accounts and account imports: one condition of the rule language, read like a rule's `where`."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from recon.errors import Refusal
from rules import conditions
from rules.cursor import Cursor
from rules.evaluate import truth
from rules.model import Condition
from rules.wording import _


def parsed(where: dict[str, Any]) -> Condition:
    """The condition a filter holds. Raises Refusal with the path of everything that is wrong in it."""
    cursor = Cursor(where)
    condition = conditions.where(cursor)
    if cursor.errors:
        raise Refusal(_("filter: {faults}").format(faults="; ".join(map(str, cursor.errors))))
    return condition


def passing(where: dict[str, Any], frame: pd.DataFrame) -> NDArray[np.bool_]:
    """Which lines of a frame (`rules.fields`) the filter lets through."""
    return truth(parsed(where), frame)
