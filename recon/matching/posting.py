"""Post rules: open lines that become vouchers once a person releases them. A posted line is held as a suggestion's is.

A frame may say of its lines what became of earlier postings, in the column `posted`: `unreleased` (the adjustment
waits, the line stays held) or `released` (the voucher stands, the line is open until it meets the voucher's line).
Neither is posted again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from recon.matching.kept import Step
from recon.matching.refusals import Refusals
from recon.matching.result import no_postings
from recon.matching.scope import Scope, sides_of
from recon.matching.side import Ints, Mask, Side, SideName
from rules.encoding import rule_hash
from rules.model import Post

POSTED = "posted"


@dataclass(frozen=True, slots=True)
class Posting:
    """Lines of one side that a rule posts; `amount` is what the ledger lacks: right as it is, left with other sign."""

    rule: Post
    side: SideName
    rows: Ints
    amount: Ints
    marked: Mask

    @property
    def proposed(self) -> Mask:
        """Which are only proposed: by the rule's outcome, or because a person rejected the line under another rule."""
        return self.marked | (self.rule.outcome == "suggested")

    def part(self, kept: Mask) -> Posting:
        return Posting(self.rule, self.side, self.rows[kept], self.amount[kept], self.marked[kept])

    def frame(self) -> pd.DataFrame:
        return pd.DataFrame(
            {
                "rule": self.rule.key,
                "side": self.side,
                "row": self.rows,
                "amount": self.amount,
                "entry_type": self.rule.entry_type,
                "outcome": np.where(self.proposed, "suggested", "confirmed").astype(object),
                "marked": self.marked,
            }
        )


class Postings:
    """All postings of a run so far. Proposed ones can be taken back; the others stand."""

    def __init__(self, sides: Mapping[SideName, Side], refusals: Refusals) -> None:
        self._sides = sides
        self._refusals = refusals
        self._confirmed: list[Posting] = []
        self._proposed: list[Posting] = []
        self._settled = {name: _told(side, "unreleased", "released") for name, side in sides.items()}
        self._fixed = {name: _told(side, "unreleased") for name, side in sides.items()}
        self.hold()

    @property
    def proposes(self) -> bool:
        return bool(self._proposed)

    def hold(self) -> None:
        """Hold the lines whose postings stand."""
        for name, side in self._sides.items():
            side.held |= self._fixed[name]

    def drop_proposed(self) -> None:
        self._proposed.clear()

    def shrink(self, name: SideName, step: Step) -> None:
        """The side goes on with fewer rows; posted lines are among them, for they are held and not matched."""
        self._settled[name], self._fixed[name] = self._settled[name][step.kept], self._fixed[name][step.kept]
        for made in (self._confirmed, self._proposed):
            made[:] = [replace(each, rows=step.place[each.rows]) if each.side == name else each for each in made]

    def post(self, rule: Post, scope: Scope) -> tuple[int, int]:
        """Post what the rule sees of lines that nothing holds; how many, and how many of them are confirmed."""
        made = confirmed = 0
        for name in sides_of(rule.side):
            posting = self._posting(rule, name, scope)
            proposed = posting.proposed
            self._sides[name].held[posting.rows] = True
            self._fixed[name][posting.rows[~proposed]] = True
            for into, kept in ((self._confirmed, ~proposed), (self._proposed, proposed)):
                if kept.any():
                    into.append(posting.part(kept))
            made += len(posting.rows)
            confirmed += int((~proposed).sum())
        return made, confirmed

    def _posting(self, rule: Post, name: SideName, scope: Scope) -> Posting:
        side = self._sides[name]
        rows = scope.rows(rule, name)
        rows = rows[~side.held[rows] & ~self._settled[name][rows] & (side.amount[rows] != 0)]
        refused, marked = self._refusals.of_lines(rule_hash(rule), name, rows)
        rows, marked = rows[~refused], marked[~refused]
        amount = side.amount[rows] if name == "right" else -side.amount[rows]
        return Posting(rule, name, rows, amount, marked)

    def frame(self) -> pd.DataFrame:
        """POSTING_COLUMNS, confirmed ones first, in the order in which they were made."""
        parts = [posting.frame() for posting in (*self._confirmed, *self._proposed)]
        return pd.concat(parts, ignore_index=True) if parts else no_postings()


def _told(side: Side, *words: str) -> Mask:
    """The lines of which the frame tells one of these words."""
    told = pc.is_in(pc.cast(side.values(POSTED, np.arange(len(side))), pa.string()), value_set=pa.array(words))
    return np.array(told.to_numpy(zero_copy_only=False), dtype=bool)
