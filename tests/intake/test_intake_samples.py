"""Every camt and SIE file of the sample set does what its `expect` column says; every other one is refused in words.

The set is not part of the project: RECON_SHARED names the folder that holds `samples/` (default: ../shared).
"""

import csv
import os
import re
from decimal import Decimal
from pathlib import Path
from typing import Literal

import pytest

from recon.errors import Unreadable
from recon.intake.detect import read_file
from recon.intake.dry_run import Report, report

ROOT = Path(__file__).parents[2]
SAMPLES = (ROOT / os.environ.get("RECON_SHARED", "../shared") / "samples").resolve()
MANIFEST = SAMPLES / "MANIFEST.csv"
REFUSED_BY_NAME = {"camt/genkgo_camt052_v08.xml": "camt.052"}
"""The manifest has figures for it, its README refuses the format by name."""

pytestmark = pytest.mark.skipif(
    not MANIFEST.exists(), reason=f"no sample set at {SAMPLES}; RECON_SHARED names its folder"
)

Row = dict[str, str]


def rows() -> list[Row]:
    if not MANIFEST.exists():
        return []
    with MANIFEST.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


READ = [row for row in rows() if row["format"] in ("camt", "sie") and row["file"] not in REFUSED_BY_NAME]
OTHERS = [row for row in rows() if row["format"] not in ("camt", "sie") or row["file"] in REFUSED_BY_NAME]


def identity(row: Row) -> str:
    return row["file"]


def figures(values: list[str | None]) -> list[Decimal]:
    return [Decimal(value) for value in values if value is not None]


def manifest_balances(text: str) -> list[Decimal]:
    return [Decimal(part) for part in text.split(";") if part]


def check_camt(row: Row, said: Report) -> None:
    assert len(said["statements"]) == int(row["statements"])
    assert figures([s["opening"] for s in said["statements"]]) == manifest_balances(row["opening_balance"])
    assert figures([s["closing"] for s in said["statements"]]) == manifest_balances(row["closing_balance"])
    details = re.search(r"TxDtls=(\d+)", row["details"])
    assert said["details"] == int(details[1] if details else 0)


def check_sie(row: Row, said: Report) -> None:
    columns: dict[str, Literal["opening", "closing"]] = {"opening_balance": "opening", "closing_balance": "closing"}
    for column, key in columns.items():
        stated = re.fullmatch(r"sum #[IU]B 0=(\S+) \((\d+)\)", row[column])
        balances = figures([s[key] for s in said["statements"]])
        assert (sum(balances), len(balances)) == ((Decimal(stated[1]), int(stated[2])) if stated else (0, 0))
    unbalanced = re.search(r"unbalanced vouchers=(\d+)", row["details"])
    found = [f for f in said["findings"] if f["code"] == "voucher-balance"]
    assert len(found) == int(unbalanced[1] if unbalanced else 0)


def outcome(row: Row) -> tuple[Report | None, str]:
    try:
        return report(read_file(SAMPLES / row["file"])), ""
    except Unreadable as error:
        return None, str(error)


@pytest.mark.parametrize("row", READ, ids=identity)
def test_a_sample_does_what_is_expected_of_it(row: Row) -> None:
    said, refusal = outcome(row)
    if said is None:
        assert row["expect"] in ("refused", "either"), refusal
        assert refusal.startswith(Path(row["file"]).name)
        return
    assert row["expect"] != "refused"
    assert said["entries"] == int(row["transactions"])
    assert Decimal(said["sum"]) == Decimal(row["sum_of_transactions"])
    (check_camt if row["format"] == "camt" else check_sie)(row, said)
    if row["expect"] != "values":
        assert said["findings"]


@pytest.mark.parametrize("row", OTHERS, ids=identity)
def test_a_sample_without_a_reader_is_refused_in_one_sentence(row: Row) -> None:
    with pytest.raises(Unreadable) as caught:
        read_file(SAMPLES / row["file"])
    sentence = str(caught.value)
    name = Path(row["file"]).name
    assert sentence.startswith(name)
    assert "\n" not in sentence
    assert "no format that is known" not in sentence
    if row["format"] == "csv":
        assert "the header row lacks the column(s)" in sentence
    assert REFUSED_BY_NAME.get(row["file"], "") in sentence
