"""Faults in people's data and rules."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning", "info"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One remark on somebody's data: a permanent code, where it is (file and line, rule path), and one sentence."""

    code: str
    severity: Severity
    where: str
    sentence: str


@dataclass(frozen=True, slots=True)
class RuleError:
    """One fault in a rule document, at a path such as `rules[2].pair.all[0].op`."""

    path: str
    sentence: str

    def __str__(self) -> str:
        return f"{self.path}: {self.sentence}" if self.path else self.sentence


class RuleErrors(ValueError):
    """A rule document is refused; `errors` lists every fault with its path."""

    def __init__(self, errors: list[RuleError], source: str = "") -> None:
        self.errors = errors
        self.source = source
        head = f"{source}: " if source else ""
        super().__init__(head + "; ".join(map(str, errors)))
