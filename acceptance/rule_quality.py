"""Theme `rules`: the standard set with subset search on data nothing was tuned on, and the subset solver itself."""

from __future__ import annotations

from functools import partial

from acceptance.check import Check, Outcome
from acceptance.quality import measured
from benchmarks.subsets import CASES, Case, measure, own

LEAST_RIGHT, LEAST_CONFIRMED, LEAST_FOUND, LEAST_SUGGESTED_RIGHT = 99.95, 90.0, 97.5, 80.0

SEEDS = [1401, 1402, 1403]

OTHERS = {
    "plain": 1404, "clean": 1405, "messy": 1406, "batchy": 1407, "no-reference": 1408, "recurring": 1409,
    "dense": 1410, "round": 1411, "anonymous": 1412, "other-mind": 1413, "keyless": 1414,
}  # fmt: skip

MORE_KEYLESS = {"keyless_batch": 0.05}

PROBLEMS = 300


def quality(profile: str, seed: int, shares: dict[str, float] | None = None) -> Outcome:
    found = measured(profile, seed, shares)
    holds = (
        found.confirmed_right >= LEAST_RIGHT
        and found.groups_confirmed >= LEAST_CONFIRMED
        and found.groups_found >= LEAST_FOUND
        and found.suggested_right >= LEAST_SUGGESTED_RIGHT
    )
    return Outcome(holds, found.summary(), found.kinds.to_string())


def subsets(case: Case) -> Outcome:
    found = measure(case, own, PROBLEMS, seed=1415)
    return Outcome(found.holds, found.sentence())


_ASKED = (
    f"≥ {LEAST_RIGHT} % right, ≥ {LEAST_CONFIRMED:g} % confirmed, ≥ {LEAST_FOUND:g} % found, "
    f"suggestions ≥ {LEAST_SUGGESTED_RIGHT:g} % right"
)

CHECKS = [
    *(Check(f"rules quality standard, seed {seed}", _ASKED, partial(quality, "standard", seed)) for seed in SEEDS),
    *(
        Check(f"rules quality {name}, seed {seed}", _ASKED, partial(quality, name, seed))
        for name, seed in OTHERS.items()
    ),
    Check("rules quality more batches without a key", _ASKED, partial(quality, "standard", 1416, MORE_KEYLESS)),
    *(
        Check(
            f"subset search, {case.name}",
            f"{100 * case.asked_share:g} % within {case.asked_ms:g} ms",
            partial(subsets, case),
        )
        for case in CASES
    ),
]
