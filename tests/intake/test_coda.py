"""CODA: entries, or their details where these sum up to them; three decimals; totals of the last record."""

from pathlib import Path

import pytest

from recon.errors import Unreadable
from recon.intake.detect import read_file

FIXTURE = Path(__file__).parents[1] / "fixtures" / "bank.cod"
CONTENT = FIXTURE.read_text(encoding="ascii")


def changed(old: str, new: str) -> bytes:
    assert old in CONTENT
    return CONTENT.replace(old, new).encode()


def test_reads_the_details_of_an_entry_as_its_lines() -> None:
    reading = read_file(FIXTURE)
    (statement,) = reading.statements
    assert not reading.findings
    assert (statement.account, statement.currency, statement.legal_number) == ("BE68539007547034", "EUR", "021")
    assert (statement.entries, statement.details, statement.sum_minor) == (2, 2, 141750)
    one, other, charge = statement.lines.to_pylist()
    assert one["entry"] == other["entry"] != charge["entry"]
    assert [line["part"] for line in (one, other, charge)] == [1, 2, 0]
    assert (one["reference"], one["counterparty"], one["counterparty_account"]) == (
        "000123456789",
        "Orn As",
        "BE62510007547061",
    )
    assert one["end_to_end_id"] == "E2E-9"
    assert (charge["amount"], charge["text"], charge["transaction_code"]) == (-8250, "Gebyr for januar", "80137000")


def test_details_that_do_not_sum_up_leave_the_entry_whole() -> None:
    reading = read_file(changed("000000000500000", "000000000400000"), "x.cod")
    assert [line["amount"] for line in reading.statements[0].lines.to_pylist()] == [150000, -8250]
    assert [finding.code for finding in reading.findings] == ["details-rest"]


def test_a_balance_with_three_decimals_is_told_as_it_stands() -> None:
    reading = read_file(changed("000000002417500", "000000002417505"), "x.cod")
    closing = reading.statements[0].closing
    assert closing is not None
    assert (closing.amount_minor, closing.written) == (241750, "2417.505")
    assert [finding.code for finding in reading.findings] == ["balance-decimals"]


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("000000000082500310124", "000000000092500310124", "balance-proof"),
        ("9               000009", "9               000019", "control-total"),
    ],
)
def test_what_does_not_add_up_is_said(old: str, new: str, code: str) -> None:
    assert code in [finding.code for finding in read_file(changed(old, new), "x.cod").findings]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("000000000082500310124", "0000000000825x0310124", "line 8: “10000000000825x0” is no amount"),
        ("000000000500000", "000000000500005", "line 3: 500.005 has more decimals than EUR has"),
        ("300124FJORDVIK", "310224FJORDVIK", "line 2: “310224” is no date"),
        ("2100010002", "2100090002", "line 7: a detail stands without its entry"),
        ("EUR0000000001000000", "XYZ0000000001000000", "line 2: “XYZ” is no ISO currency"),
    ],
)
def test_refuses_with_the_line(old: str, new: str, said: str) -> None:
    with pytest.raises(Unreadable, match=said):
        read_file(changed(old, new), "x.cod")


def test_refuses_what_was_cut_off() -> None:
    with pytest.raises(Unreadable, match="it has been cut off"):
        read_file("\n".join(CONTENT.splitlines()[:-1]).encode(), "x.cod")
