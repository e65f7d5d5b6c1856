"""Theme `main-job`: the lines under "Holds when" of the issue about the product's spine, in their order."""

from __future__ import annotations

from functools import partial

from acceptance import fresh, quality, speed, spine
from acceptance.check import Check, Outcome
from acceptance.peers.table import replay_all
from acceptance.suites import scenario_tests, suite

SCENARIOS = [6, 7, 13, 14, 15, 17, 19, 30]


def peers() -> Outcome:
    results = replay_all()
    faults = [f"{name}: {'; '.join(faults)}" for name, faults in results.failed.items()]
    return Outcome(results.holds and bool(results.passed), results.sentence(), "\n".join(faults))


CHECKS = [
    *fresh.CHECKS,
    Check("story in a real browser", "sign in, reconcile, why, approve, PDF", partial(suite, "tests/browser")),
    *quality.CHECKS,
    *speed.CHECKS,
    Check("samples camt.053 and SIE", "each does what its `expect` says", partial(suite, "tests/intake", least=20)),
    Check("scenarios of peers", "all that can be said pass", peers),
    Check("named scenarios", "T6 T7 T13–T15 T17 T19 T30 pass", partial(scenario_tests, SCENARIOS)),
    Check("laws", "hold on random cases", partial(suite, "tests/matching", "tests/rules", least=8)),
    *spine.CHECKS,
]
