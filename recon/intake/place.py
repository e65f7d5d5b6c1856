"""Where in a file something stands, for the sentence about it."""

from __future__ import annotations

from dataclasses import dataclass

from recon.errors import Unreadable
from rules.wording import _


@dataclass(frozen=True, slots=True)
class Place:
    """`where` reads like "line 17" or "statement 1, entry 3 (line 120)"."""

    file: str
    where: str

    def refuse(self, reason: str) -> Unreadable:
        """The exception that stops the reading. What the file put into the reason stays on one line."""
        said = " ".join(reason.split())
        return Unreadable(_("{file}, {where}: {reason}.").format(file=self.file, where=self.where, reason=said))
