"""What stands around the rows of a table: the account, its currency and balances, above the headings or below."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from recon.intake.canonical import known_currency
from recon.intake.tables.headings import is_account
from recon.intake.tables.written import DecimalMark

_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b")
_ACCOUNT = re.compile(
    r"(?i)(?:konto|account|tili|sąskait\w*|iban)(?:\s*(?:nummer|number|nr|no))?\.?\W{0,5}([0-9X*][0-9X*. \-/]{4,30})"
)
_CURRENCY = re.compile(r"(?i)\b(?:valuta|currency|ccy|valuutta|valuuta|valiuta|währung)\b\W{0,5}([A-Z]{3})\b")
_OPENING = re.compile(
    r"(?i)\b(opening balance|balance at (the )?start|start of period|inn?gående (saldo|balans)|saldo primo|primosaldo|"
    r"startsaldo|alkusaldo|likutis pradžiai|algsaldo|anfangssaldo|skyldig beløp|balance brought forward)"
)
_CLOSING = re.compile(
    r"(?i)\b(closing balance|balance at (the )?end|end of period|utgående (saldo|balans)|saldo ultimo|ultimosaldo|"
    r"slutt?saldo|loppusaldo|likutis pabaigai|lõppsaldo|endsaldo|schlusssaldo|balance carried forward)"
)
_TOTAL = re.compile(r"(?i)^\W*(sum|summa|sum[:\s]|totalt?|total|i alt|yhteensä|turnover|omsetning|apyvarta|käive)\b")


@dataclass(frozen=True, slots=True)
class Around:
    """Texts as written; None where the table does not say."""

    account: str | None = None
    currency: str | None = None
    opening: str | None = None
    closing: str | None = None


def around(rows: Iterable[Sequence[str]]) -> Around:
    """What rows that are no lines say; the first that says it counts."""
    found = Around()
    for row in rows:
        text = " ".join(cell for cell in row if cell)
        told = Around(_account(text), _currency(row, text), *_balances(row, text))
        names = ("account", "currency", "opening", "closing")
        found = replace(found, **{n: getattr(found, n) or getattr(told, n) for n in names})
    return found


def is_aside(row: Sequence[str]) -> bool:
    """A row that gives a balance or a total, or nothing: never a line."""
    text = " ".join(cell for cell in row if cell)
    return not text or any(pattern.search(text) for pattern in (_OPENING, _CLOSING, _TOTAL))


def _account(text: str) -> str | None:
    iban = _IBAN.search(text)
    if iban and is_account(iban[0]):
        return iban[0].strip()
    named = _ACCOUNT.search(text)
    return named[1].strip(" -/.") if named and is_account(named[1].strip(" -/.")) else None


def _currency(row: Sequence[str], text: str) -> str | None:
    named = _CURRENCY.search(text)
    alone = (re.sub(r"[\W\d_]+", "", cell) for cell in row if re.fullmatch(r"[\W_]*[A-Z]{3}[\W_]*", cell))
    return next((code for code in ([named[1]] if named else []) + list(alone) if known_currency(code)), None)


def _balances(row: Sequence[str], text: str) -> tuple[str | None, str | None]:
    amount = next((cell for cell in reversed(row) if re.search(r"\d", cell) and _amount_like(cell)), None)
    if amount is None:
        return None, None
    return amount if _OPENING.search(text) else None, amount if _CLOSING.search(text) else None


def _amount_like(cell: str) -> bool:
    words = re.sub(r"(?i)kr\.?|\b[a-z]{3}\b|[€$£¥'’\s()]", "", cell)
    return bool(re.fullmatch(r"[-+−]?[0-9][0-9.,]*[-+]?", words))


def marks_of(told: Around) -> set[DecimalMark]:
    """Decimal marks that the balances around the table are written with, where they tell."""
    texts = [text for text in (told.opening, told.closing) if text]
    found = (re.search(r"([.,])\d{2}\D*$", text) for text in texts)
    return {"," if match[1] == "," else "." for match in found if match}
