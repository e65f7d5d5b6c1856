"""Names of entries: what the parts of a bank's lump share, and a later file with its parts can be told it by."""

from __future__ import annotations

from collections import Counter
from datetime import date

from rules.values import from_minor


class EntryNames:
    """`2024-01-31 LUMP77 1500.00 NOK #1`: day, bank's reference, amount, and which of equal ones it is."""

    def __init__(self) -> None:
        self._seen: Counter[str] = Counter()

    def name(self, on: date, reference: str, minor: int, currency: str) -> str:
        label = " ".join(part for part in (on.isoformat(), reference, from_minor(minor, currency), currency) if part)
        self._seen[label] += 1
        return f"{label} #{self._seen[label]}"
