"""Tests of a rule as machines and people read them."""

from __future__ import annotations

from typing import Any

from rules.explain import Explanation


def plain_test(test: Explanation) -> dict[str, Any]:
    """Plain values, with the tests it is made of."""
    return {
        "holds": test.holds,
        "sentence": test.sentence,
        "values": list(test.values),
        "figures": test.figures or None,
        "tests": [plain_test(part) for part in test.parts],
    }


def told_test(test: Explanation) -> str:
    """One test with its mark and the values it compared, those of its parts where it has none of its own."""
    values = test.said or tuple(value for part in test.parts[:3] for value in part.said)
    shown = " / ".join(value or "–" for value in values)
    told = f"{'✓' if test.holds else '✗'} {test.sentence}" + (f": {shown}" if shown else "")
    return told if test.holds or not test.figures else f"{told} ({test.figures})"


def told_failing(test: Explanation) -> str:
    """A test that fails, with how far it is from holding, else with the values it compared."""
    if test.figures:
        return f"{test.figures} ({test.sentence.rstrip('.')})"
    values = " / ".join(value or "–" for value in test.said)
    return f"{test.sentence} ({values})" if values else test.sentence
