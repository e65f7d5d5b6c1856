"""The two-sided proof: what is left of each side's balance once everything open is taken away must be the same.

left balance - open left - deactivated left + accepted differences + vouchers not yet in the ledger
= right balance - open right - deactivated right.

An accepted difference is Σ right - Σ left of a match: what the ledger lacks while its adjustment is not released, so
it is added to the left. A released adjustment is a voucher with a line of its own, which is open or matched like any
other but not in the ledger's balance until the ledger's own line takes its place; so it is added too. Opening items are
open lines inside the opening balance and need no term of their own.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from recon.closing.balances import SideName
from rules.wording import _


class Term(StrEnum):
    BALANCE = "balance"
    OPEN = "open"
    DEACTIVATED = "deactivated"
    ACCEPTED = "accepted_differences"
    EXPORTED = "exported"


@dataclass(frozen=True, slots=True)
class ProofLine:
    """One term with the sign in which it enters its side's sum, and the number of lines behind it."""

    side: SideName
    term: Term
    amount_minor: int
    count: int = 0

    @property
    def label(self) -> str:
        labels = {
            (Term.BALANCE, "left"): _("Balance, left"),
            (Term.BALANCE, "right"): _("Balance, right"),
            (Term.OPEN, "left"): _("less open lines, left"),
            (Term.OPEN, "right"): _("less open lines, right"),
            (Term.DEACTIVATED, "left"): _("less deactivated lines, left"),
            (Term.DEACTIVATED, "right"): _("less deactivated lines, right"),
            (Term.ACCEPTED, "left"): _("plus accepted differences, not yet in the ledger"),
            (Term.EXPORTED, "left"): _("plus vouchers exported, not yet in ledger"),
        }
        return labels[self.term, self.side]


@dataclass(frozen=True, slots=True)
class SideTotals:
    """Balance, open and deactivated amounts of a side as of one date, minor units, with the number of lines."""

    balance_minor: int
    open_minor: int = 0
    open_count: int = 0
    deactivated_minor: int = 0
    deactivated_count: int = 0


@dataclass(frozen=True, slots=True)
class Proof:
    """Both sides, term by term; `difference_minor` is right - left of what remains, 0 when the proof holds."""

    lines: tuple[ProofLine, ...]

    def explained_minor(self, side: SideName) -> int:
        return sum(line.amount_minor for line in self.lines if line.side == side)

    def of(self, side: SideName) -> tuple[ProofLine, ...]:
        return tuple(line for line in self.lines if line.side == side)

    @property
    def difference_minor(self) -> int:
        return self.explained_minor("right") - self.explained_minor("left")

    @property
    def holds(self) -> bool:
        return self.difference_minor == 0


def prove(
    left: SideTotals,
    right: SideTotals,
    accepted_minor: int = 0,
    accepted_count: int = 0,
    exported_minor: int = 0,
    exported_count: int = 0,
) -> Proof:
    """The proof of two sides; `accepted_minor` is Σ (right - left) of the differences that matches treat, and
    `exported_minor` the sum of the vouchers that the ledger does not have yet; without any it is no term."""
    added = [ProofLine("left", Term.ACCEPTED, accepted_minor, accepted_count)]
    if exported_count:
        added.append(ProofLine("left", Term.EXPORTED, exported_minor, exported_count))
    return Proof((*_side("left", left), *added, *_side("right", right)))


def _side(side: SideName, totals: SideTotals) -> tuple[ProofLine, ...]:
    return (
        ProofLine(side, Term.BALANCE, totals.balance_minor),
        ProofLine(side, Term.OPEN, -totals.open_minor, totals.open_count),
        ProofLine(side, Term.DEACTIVATED, -totals.deactivated_minor, totals.deactivated_count),
    )
