"""Every file of the sample set does what its `expect` column says, or is refused by name.

The set is not part of the project: RECON_SHARED names the folder that holds `samples/` (default: ../shared).
"""

import csv
import os
import re
from collections import defaultdict
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
REFUSED_BY_NAME = {
    "camt/genkgo_camt052_v08.xml": "a camt.052 account report",
    "mt940/mt942_interim.sta": "an MT942 interim report",
    "ocr/avtalegiro_agreements.txt": "an AvtaleGiro agreement file",
    "bgmax/lb_supplier_payments_example.txt": "a Bankgirot LB file",
    "bgmax/old_bg_inbetalningar_multiple.txt": "a Bankgirot file older than BgMax",
    "bgmax/zimpler_isolated_deposit.txt": "a piece of a BgMax file",
    "telepay/hoopla_betfor.txt": "a Telepay payment file",
}
"""The manifest has figures for some of them; its README refuses the formats by name, and so does `how_computed`."""
TRUTHS = {
    # the manifest has closing - opening (1069.34) for the sum: -50.00 - 100.00 - 80.68 + 1300.00
    "csv/oca_meta_header.xlsx": {"sum_of_transactions": "1069.32", "expect": "values+finding"},
    # the manifest looks at line starts; the file has records behind others on a line, and its trailer counts 15
    # accounts, whose control totals all agree
    "bai2/moov_sample3.bai2": {
        "statements": "15",
        "transactions": "26",
        "sum_of_transactions": "-197.05",
        "expect": "values",
    },
}
"""Where the manifest is mistaken about a file."""

pytestmark = pytest.mark.skipif(
    not MANIFEST.exists(), reason=f"no sample set at {SAMPLES}; RECON_SHARED names its folder"
)

Row = dict[str, str]


def rows() -> list[Row]:
    if not MANIFEST.exists():
        return []
    with MANIFEST.open(encoding="utf-8", newline="") as file:
        return [row | TRUTHS.get(row["file"], {}) for row in csv.DictReader(file)]


READ = [row for row in rows() if row["file"] not in REFUSED_BY_NAME]
REFUSED = [row for row in rows() if row["file"] in REFUSED_BY_NAME]


def identity(row: Row) -> str:
    return row["file"]


def figures(values: list[str | None]) -> list[Decimal]:
    return [Decimal(value) for value in values if value is not None]


def stated(text: str) -> list[Decimal | None]:
    """Balances of the manifest: one a statement, nothing where a statement has none, "..." for those left out."""
    return [Decimal(part) if re.fullmatch(r"-?\d[\d.]*", part) else None for part in text.split(";")]


def sums(text: str) -> dict[str, Decimal]:
    """Sum of each currency: `SEK 1900;SEK 8000;EUR 4000`, or an amount alone under ""."""
    found: dict[str, Decimal] = defaultdict(Decimal)
    for part in text.replace(" ", "").split(";"):
        found[part[:3] if part[:3].isalpha() else ""] += Decimal(part.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ") or 0)
    return found


def check_statements(row: Row, said: Report) -> None:
    """Number of statements, and the balances where the manifest has them; a statement without lines may be left out."""
    columns: dict[str, Literal["opening", "closing"]] = {"opening_balance": "opening", "closing_balance": "closing"}
    if row["format"] != "csv":  # a table has one block for the manifest, and here a statement a currency
        assert len(said["statements"]) == int(row["statements"])
    for column, key in columns.items():
        wanted, found = stated(row[column]), [s[key] for s in said["statements"]]
        if "..." in row[column]:
            wanted, found = [wanted[0], wanted[-1]], [found[0], found[-1]]
        assert [f and Decimal(f) for f, w in zip(found, wanted, strict=False) if w is not None] == [
            w for w in wanted if w is not None
        ]
    details = re.search(r"TxDtls=(\d+)", row["details"])
    assert said["details"] == int(details[1] if details else 0)


def check_sie(row: Row, said: Report) -> None:
    columns: dict[str, Literal["opening", "closing"]] = {"opening_balance": "opening", "closing_balance": "closing"}
    for column, key in columns.items():
        told = re.fullmatch(r"sum #[IU]B 0=(\S+) \((\d+)\)", row[column])
        balances = figures([s[key] for s in said["statements"]])
        assert (sum(balances), len(balances)) == ((Decimal(told[1]), int(told[2])) if told else (0, 0))
    unbalanced = re.search(r"unbalanced vouchers=(\d+)", row["details"])
    found = [f for f in said["findings"] if f["code"] == "voucher-balance"]
    assert len(found) == int(unbalanced[1] if unbalanced else 0)


def check_saft(row: Row, said: Report) -> None:
    for column, balances in (
        ("opening_balance", figures([s["opening"] for s in said["statements"]])),
        ("closing_balance", figures([s["closing"] for s in said["statements"]])),
    ):
        assert sum(balances) == Decimal(row[column].rpartition(" ")[2])


CHECKS = {"sie": check_sie, "saft": check_saft}


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
        assert "\n" not in refusal
        return
    assert row["expect"] != "refused"
    assert said["entries"] == int(row["transactions"])
    found, wanted = sums(said["sum"]), sums(row["sum_of_transactions"])
    assert found == wanted if "" not in wanted else sum(found.values()) == wanted[""]
    CHECKS.get(row["format"], check_statements)(row, said)
    if row["expect"] != "values":
        assert said["findings"]


@pytest.mark.parametrize("row", REFUSED, ids=identity)
def test_a_sample_that_holds_no_transactions_is_refused_by_name(row: Row) -> None:
    with pytest.raises(Unreadable) as caught:
        read_file(SAMPLES / row["file"])
    sentence = str(caught.value)
    assert sentence.startswith(Path(row["file"]).name)
    assert "\n" not in sentence
    assert REFUSED_BY_NAME[row["file"]] in sentence
