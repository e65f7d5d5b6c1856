"""Files of our own for tests of imports."""

from __future__ import annotations

from collections.abc import Iterable

COLUMNS = "id,booking_date,amount,currency,account_number,reference,text"


def csv_file(rows: Iterable[tuple[str, str, str]], account: str = "12345678903", currency: str = "NOK") -> bytes:
    """A canonical table of one account from (booking date, amount, reference)."""
    lines = [
        f"{number},{day},{amount},{currency},{account},{reference},line {reference}"
        for number, (day, amount, reference) in enumerate(rows, 1)
    ]
    return "\n".join([COLUMNS, *lines, ""]).encode()
