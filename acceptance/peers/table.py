"""All scenarios in one go, and the page `docs/peers-scenarios.md` that lists them by name."""

from __future__ import annotations

import tempfile
import textwrap
from dataclasses import dataclass, field
from pathlib import Path

from acceptance.peers.replay import SAID_IN_PART, replay
from acceptance.peers.scenario import NotExpressible, Scenario, load

_HEAD = """# Matching scenarios of other systems

Written by `python -m acceptance.peers`. Each scenario's rule is said in our rule language, its rows run through
`recon match`, and the matches, differences and remainders compared with what is expected (our own recommendation where
the peer's result is not ours). What people do by hand (bc-12, akau-01) runs through the services that do it.
"""


@dataclass
class Results:
    """Scenarios by outcome: `passed` ids, `failed` id to faults, `lacking` id to the reason it cannot be said."""

    names: dict[str, str] = field(default_factory=dict)
    passed: list[str] = field(default_factory=list)
    failed: dict[str, list[str]] = field(default_factory=dict)
    lacking: dict[str, str] = field(default_factory=dict)

    @property
    def holds(self) -> bool:
        return not self.failed

    def sentence(self) -> str:
        return f"{len(self.passed)} pass, {len(self.failed)} differ, {len(self.lacking)} cannot be said"

    def markdown(self) -> str:
        lacking = [f"| {i} | {self.names[i]} | {reason} |" for i, reason in self.lacking.items()]
        failed = [f"| {i} | {self.names[i]} | {'; '.join(faults)} |" for i, faults in self.failed.items()]
        parts = [_HEAD, f"{self.sentence().capitalize()}.\n", _table("Not to be said in the rule language", lacking)]
        partly = [f"| {i} | {self.names[i]} | {why} |" for i, why in SAID_IN_PART.items() if i in self.names]
        parts.append(_table("Said in part, or otherwise", partly))
        if failed:
            parts.append(_table("Different from what is expected", failed))
        return "\n".join([*parts, "## Pass\n", *textwrap.wrap(", ".join(self.passed), 118), ""])


def _table(title: str, rows: list[str]) -> str:
    return "\n".join([f"## {title}\n", "| scenario | name | reason |", "|---|---|---|", *rows, ""])


def replay_all(scenarios: list[Scenario] | None = None) -> Results:
    results = Results()
    for scenario in load() if scenarios is None else scenarios:
        results.names[scenario.id] = str(scenario.raw["name"]).replace("|", "\\|")
        _replay_one(scenario, results)
    return results


def _replay_one(scenario: Scenario, results: Results) -> None:
    with tempfile.TemporaryDirectory() as folder:
        try:
            faults = replay(scenario, Path(folder))
        except NotExpressible as lack:
            results.lacking[scenario.id] = str(lack)
            return
        except Exception as error:  # one scenario that breaks is one that fails; the others are still told
            faults = [f"{type(error).__name__}: {error}"]
    if faults:
        results.failed[scenario.id] = faults
    else:
        results.passed.append(scenario.id)
