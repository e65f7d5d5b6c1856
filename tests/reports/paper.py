"""A document to draw, as large as asked for."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pandas as pd

from recon.reports.reconciliation import (
    BLOCKS,
    MATCH_COLUMNS,
    OPEN_COLUMNS,
    BalanceRow,
    ProofRow,
    Reconciliation,
    RuleRow,
    Signature,
)

END = date(2026, 3, 31)
TEXTS = ("Innbetaling Ærlig Østgård", "Överföring till Åkerström", "Kortgebyr €", "Zażółć Łódź")


def document(opened: int = 4, matched: int = 4, *, draft: bool = False, language: str = "en") -> Reconciliation:
    """`opened` open lines over all blocks and `matched` lines in pairs."""
    open_rows = [
        (BLOCKS[n % 4], date(2026, 3, 1 + n % 28), f"{n:05d}", TEXTS[n % 4], "", _amount(n), _later(n))
        for n in range(opened)
    ]
    match_rows = [
        (
            n // 2 + 1,
            "Same reference",
            ("left", "right")[n % 2],
            date(2026, 3, 2),
            f"KID {n:06d}",
            TEXTS[n % 4],
            100 * n,
        )
        for n in range(matched)
    ]
    return Reconciliation(
        company="Fjordlys Handel AS",
        group="1920-Driftskonto",
        kind="bank",
        currency="NOK",
        from_on=date(2026, 3, 1),
        to_on=END,
        number=None if draft else "CARECON000003",
        draft=draft,
        prepared=Signature("Kari Nordmann", datetime(2026, 4, 2, 8, 15, tzinfo=UTC)),
        approved=None if draft else Signature("Ola Hansen", datetime(2026, 4, 3, 9, 0, tzinfo=UTC)),
        balances=(
            BalanceRow("left", "1920 Bank", "NOK", 713415455, END, 713415455, 713415455, END, 713415455, END, 0, None),
            BalanceRow("right", "DNB", "NOK", -36196976, END, -36196976, 0, END, -36196000, END, 976, None),
            BalanceRow("right", "Visa", "NOK", 5, END, 5, 5, END, None, None, None, "not comparable: no statement"),
        ),
        proof=(ProofRow("left", "Balance, left", 713415455, 0), ProofRow("right", "Balance, right", 713415455, 0)),
        open_lines=pd.DataFrame(open_rows, columns=list(OPEN_COLUMNS), dtype=object),
        rules=(RuleRow("Same reference", "Standard 1", matched // 2, matched, 100, 100),),
        match_lines=pd.DataFrame(match_rows, columns=list(MATCH_COLUMNS), dtype=object),
        rule_sets=("Standard, version 1",),
        digest="0" * 64,
        reason="Visa delivers monthly",
        language=language,
    )


def _amount(number: int) -> int:
    return 12345 + number if BLOCKS[number % 4].endswith("deposit") else -12345 - number


def _later(number: int) -> date | None:
    return date(2026, 4, 30) if number % 5 == 1 else None
