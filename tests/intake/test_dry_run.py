"""The report of a dry run, as scripts read it."""

import json
from pathlib import Path

from recon.intake.detect import read_file
from recon.intake.dry_run import report

FIXTURES = Path(__file__).parents[1] / "fixtures"


def test_a_bank_file() -> None:
    said = report(read_file(FIXTURES / "bank.camt053.xml"))
    finding = said["findings"].pop()
    assert json.loads(json.dumps(said)) == {
        "format": "camt.053",
        "statements": [
            {
                "account": "NO2486011117947",
                "currency": "NOK",
                "opening": "1000.00",
                "closing": "2323.50",
                "from": "2024-01-31",
                "to": "2024-01-31",
            }
        ],
        "entries": 4,
        "details": 3,
        "sum": "1323.50",
        "new": 5,
        "known": 0,
        "findings": [],
    }
    assert finding == {
        "code": "not-booked",
        "severity": "info",
        "where": "statement 1",
        "sentence": "statement 1: 1 entries with the status PDNG are not booked and not read.",
    }


def test_a_ledger_file_with_lines_that_are_known() -> None:
    said = report(read_file(FIXTURES / "ledger.se"), known=3)
    assert (said["entries"], said["details"], said["sum"], said["new"], said["known"]) == (4, 0, "0.00", 1, 3)
    assert [(s["account"], s["opening"], s["closing"]) for s in said["statements"]] == [
        ("1930", "1000.00", "2162.50"),
        ("3010", None, None),
        ("6570", None, None),
    ]


def test_several_currencies_and_none() -> None:
    header = b"id,booking_date,amount,currency\n"
    assert report(read_file(header + b"1,2024-01-02,-33.50,USD\n2,2024-01-01,1525,EUR\n", "x.csv"))["sum"] == (
        "USD -33.50; EUR 1525.00"
    )
    empty = report(read_file(header, "x.csv"))
    assert (empty["sum"], empty["statements"], empty["new"]) == ("0", [], 0)
