"""A check measures one figure and says whether it is what was asked."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Outcome:
    """`figure` is what was measured, in words, and `parts` what of it was measured apart; `detail` is shown where it
    does not hold."""

    holds: bool
    figure: str
    detail: str = ""
    parts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Check:
    """`asked` says the bound beside which the figure is printed."""

    name: str
    asked: str
    measure: Callable[[], Outcome]


def run(checks: Iterable[Check], wanted: str = "") -> bool:
    """Measure those whose name contains `wanted`, a line each; whether all hold."""
    outcomes = [_report(check) for check in checks if wanted in check.name]
    print(f"{sum(outcomes)} of {len(outcomes)} hold", flush=True)
    return bool(outcomes) and all(outcomes)


def _report(check: Check) -> bool:
    outcome = _measure(check)
    print(f"[{'ok' if outcome.holds else 'FAILED'}] {check.name}: {outcome.figure} ({check.asked})", flush=True)
    for part in outcome.parts:
        print(f"    {part}", flush=True)
    if outcome.detail and not outcome.holds:
        print("    " + outcome.detail.strip().replace("\n", "\n    "), flush=True)
    return outcome.holds


def _measure(check: Check) -> Outcome:
    """A check that breaks is a failed one: the others still run."""
    try:
        return check.measure()
    except Exception as error:
        return Outcome(False, f"{type(error).__name__}: {error}", traceback.format_exc(limit=-4))
