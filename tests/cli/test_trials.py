"""`recon rules preview` and `recon rules backtest`, as a person types them."""

from __future__ import annotations

import json
from pathlib import Path

import click
import pytest

from recon.cli.trials import days_of
from tests.cli.test_database_commands import done, place, recon, refused
from tests.files import csv_file

__all__ = ["place"]
GROUP = "Fjord AS/bank"
RULES = """
version: 1
name: Ours
rules:
  - {key: amount, name: Same amount, kind: match, cardinality: one_to_one, date: {within: DAYS}}
"""
ROWS = [("2025-01-03", "500.00", "a"), ("2025-01-04", "-20.50", "b"), ("2025-02-04", "7.00", "c")]
LATER = [("2025-01-03", "500.00", "a"), ("2025-01-06", "-20.50", "b"), ("2025-02-04", "7.00", "c")]


@pytest.fixture
def reconciled(place: Path) -> Path:
    """January approved with two matches, one of them two days apart; February open."""
    (place / "bank.csv").write_bytes(csv_file(LATER))
    (place / "ledger.csv").write_bytes(csv_file(ROWS, account="1920"))
    for days in (1, 2):
        (place / f"{days}.yaml").write_text(RULES.replace("DAYS", str(days)), encoding="utf-8")
    done("db", "upgrade")
    done("user", "add", "--operator", "op")
    done("setup", "apply", place / "setup.yaml")
    done("rules", "import", place / "2.yaml", "--company", "Fjord AS")
    done("import", place / "bank.csv", "--account", "12345678903", "--company", "Fjord AS")
    done("import", place / "ledger.csv", "--account", "1920", "--company", "Fjord AS")
    return place


def linked(place: Path) -> Path:
    (place / "rules.yaml").write_text((place / "setup.yaml").read_text() + "        rule_set: Ours\n")
    done("setup", "apply", place / "rules.yaml")
    return place


def test_preview_tells_what_a_file_would_match(reconciled: Path) -> None:
    told = json.loads(done("rules", "preview", GROUP, reconciled / "1.yaml", "--json"))
    assert (told["rules"][0]["matches"], told["rules"][0]["rule"]) == (2, "amount")
    assert told["rules"][0]["turnover"] == "507.00"
    linked(reconciled)
    told = json.loads(done("rules", "preview", GROUP, reconciled / "1.yaml", "--json"))
    assert (told["against"], told["rules"][0]["newly"], told["rules"][0]["no_longer"]) == ("Ours 1", 0, 1)
    words = done("rules", "preview", GROUP, reconciled / "1.yaml")
    assert "−   ✗" in words
    assert "2025-01-06" in words


def test_backtest_compares_a_stored_set_and_a_file_with_what_was_approved(reconciled: Path) -> None:
    linked(reconciled)
    assert "no approved period" in refused("rules", "backtest", GROUP, "Ours")
    done("run", GROUP)
    balances = [f"--statement-balance={account}=479.50" for account in ("1920", "12345678903")]
    done("approve", GROUP, "202501", *balances)
    same = json.loads(done("rules", "backtest", GROUP, "Ours@1", "--json"))
    assert [each["groups"] for each in same["kinds"]] == [2, 0, 0, 0]
    assert (same["from_on"], same["to_on"], same["lines"]) == ("2025-01-01", "2025-01-31", 4)
    narrow = json.loads(done("rules", "backtest", GROUP, reconciled / "1.yaml", "--periods", "202501", "--json"))
    assert [each["groups"] for each in narrow["kinds"]] == [1, 0, 1, 0]
    assert narrow["kinds"][2]["stood_turnover"] == "20.50"
    assert "20.50" in done("rules", "backtest", GROUP, reconciled / "1.yaml")


def test_unknown_sets_versions_and_files_are_one_sentence(reconciled: Path) -> None:
    assert "no rule set nothing.yaml" in refused("rules", "preview", GROUP, "nothing.yaml")
    assert "no rule set Ours@9" in refused("rules", "preview", GROUP, "Ours@9")
    assert "number of a version" in refused("rules", "preview", GROUP, "Ours@x")
    both = recon("rules", "backtest", GROUP, "Ours", "--periods", "202501", "--to", "202502")
    assert both.exit_code == 2


@pytest.mark.parametrize(
    ("given", "days"),
    [
        ((None, None, None), (None, None)),
        (("202501", None, None), ("2025-01-01", "2025-01-31")),
        (("202501-202503", None, None), ("2025-01-01", "2025-03-31")),
        ((None, "2025-01-15", "202502"), ("2025-01-15", "2025-02-28")),
    ],
)
def test_periods_are_days(given: tuple[str | None, str | None, str | None], days: tuple[str | None, ...]) -> None:
    assert tuple(day.isoformat() if day else None for day in days_of(*given)) == days


def test_periods_and_days_together_are_wrong_usage() -> None:
    with pytest.raises(click.UsageError):
        days_of("202501", "2025-01-01", None)


def test_the_report_backtest_is_written_to_a_file(reconciled: Path) -> None:
    linked(reconciled)
    done("run", GROUP)
    balances = [f"--statement-balance={account}=479.50" for account in ("1920", "12345678903")]
    done("approve", GROUP, "202501", *balances)
    target = reconciled / "backtest.csv"
    done("report", "backtest", GROUP, "--rules", reconciled / "1.yaml", "--format", "csv", "--out", target)
    assert "lost" in target.read_text(encoding="utf-8")
    assert recon("report", "backtest", GROUP).exit_code == 2
