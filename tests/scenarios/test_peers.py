"""Replay of other systems' scenarios (shared pages, `scenarios/peers.json`); absent pages skip it."""

from __future__ import annotations

from pathlib import Path

import pytest

from acceptance.peers.replay import replay
from acceptance.peers.scenario import NotExpressible, Scenario, load

SCENARIOS = load()
LACKING = {"odoo-27", "blnk-08-past", "bc-04", "erp-05", "form-01"}
"""What the language cannot say today; the reasons stand in docs/peers-scenarios.md. A word learnt leaves this list."""

if not SCENARIOS:
    pytest.skip("RECON_SHARED names no folder with scenarios/peers.json", allow_module_level=True)


@pytest.mark.parametrize("scenario", [s for s in SCENARIOS if s.id not in LACKING], ids=lambda s: s.id)
def test_scenario(scenario: Scenario, tmp_path: Path) -> None:
    assert replay(scenario, tmp_path) == []


@pytest.mark.parametrize("scenario", [s for s in SCENARIOS if s.id in LACKING], ids=lambda s: s.id)
def test_what_cannot_be_said_is_named_with_a_reason(scenario: Scenario, tmp_path: Path) -> None:
    with pytest.raises(NotExpressible, match=r"\w+ \w+"):
        replay(scenario, tmp_path)


def test_the_page_lists_every_lacking_scenario() -> None:
    page = Path(__file__).parents[2].joinpath("docs", "peers-scenarios.md").read_text(encoding="utf-8")
    assert [name for name in sorted(LACKING) if f"| {name} |" not in page] == []
