"""A group with lines, rules, a confirmed match and a suggestion, for tests of its pages."""

from __future__ import annotations

import datetime as dt
from typing import Any

from recon.services.reconcile_group import reconcile_group
from recon.services.set_statement_balance import set_statement_balance
from tests.entered import EXACT, enter, use_rules
from tests.web.conftest import Site

SUGGESTING: dict[str, Any] = {
    **EXACT,
    "rules": [
        *EXACT["rules"],  # type: ignore[misc]
        {
            "key": "amount",
            "name": "Same amount",
            "kind": "match",
            "cardinality": "one_to_one",
            "date": {"field": "booking_date", "within": 5},
            "outcome": "suggested",
        },
    ],
}
LEDGER = [("l1", "2025-01-10", "100.00", "A1"), ("l2", "2025-01-11", "250.00", ""), ("l3", "2025-01-12", "-40.00", "X")]
BANK = [("b1", "2025-01-10", "100.00", "A1"), ("b2", "2025-01-12", "250.00", ""), ("b3", "2025-01-15", "-35.00", "Y")]
"""l1-b1 match by reference, l2-b2 are suggested, l3 and b3 stay open."""


def work(site: Site) -> int:
    """The group's key."""
    with site.session() as session:
        books = site.books
        enter(session, books, books.ledger, LEDGER)
        enter(session, books, books.bank, BANK)
        use_rules(session, books, SUGGESTING)
        for account, minor in ((books.ledger, 310_00), (books.bank, 315_00)):
            set_statement_balance(session, books.preparer, account.id, dt.date(2025, 1, 31), minor)
        reconcile_group(session, books.preparer, books.group.id)
        session.commit()
        return books.group.id
