"""Findings as a reader makes them: the first of a kind word for word, the rest as a number."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from rules.errors import Finding, Severity
from rules.wording import _

SHOWN = 50
"""Findings of one code that are kept. A file of a million bad rows must not become a million sentences."""


class Remarks:
    """Collects findings, at most `SHOWN` of a code and the count of those beyond."""

    def __init__(self) -> None:
        self._kept: list[Finding] = []
        self._counts: Counter[str] = Counter()
        self._severity: dict[str, Severity] = {}

    def add(self, code: str, severity: Severity, where: str, sentence: str) -> None:
        self.extend([Finding(code, severity, where, sentence)])

    def extend(self, findings: Iterable[Finding]) -> None:
        for finding in findings:
            self._counts[finding.code] += 1
            self._severity[finding.code] = finding.severity
            if self._counts[finding.code] <= SHOWN:
                self._kept.append(finding)

    def all(self) -> tuple[Finding, ...]:
        return (*self._kept, *(self._beyond(code) for code, n in self._counts.items() if n > SHOWN))

    def _beyond(self, code: str) -> Finding:
        last = next(finding for finding in reversed(self._kept) if finding.code == code)
        sentence = _("{n} more findings like this one: {example}").format(
            n=self._counts[code] - SHOWN, example=last.sentence
        )
        return Finding(code, self._severity[code], last.where, sentence)
