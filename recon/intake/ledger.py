"""A ledger file as it is read: vouchers with rows, balances of the accounts, and in the end a statement an account."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from recon.intake.remarks import Remarks
from recon.intake.rows import Rows, Value
from recon.intake.statement import NO_LINES, Balance, Statement, trimmed
from rules.errors import Finding
from rules.values import said_money
from rules.wording import _

DIMENSIONS = {"1": "department", "6": "project", "8": "customer_number", "9": "supplier_number", "10": "invoice_number"}
"""Reserved dimensions of SIE (specification 4B, 8.17) that are fields of a line; others become `extra.dim_<number>`."""


@dataclass(frozen=True, slots=True)
class Voucher:
    """`series` and `number` as written, either may be empty; `where` is its place in the file."""

    series: str
    number: str
    on: date
    text: str
    where: str

    @property
    def name(self) -> str:
        return f"{self.series} {self.number}".strip()


@dataclass(slots=True)
class Ledger:
    """Amounts are minor units of `currency`, debit plus. Period and names may come after the vouchers."""

    currency: str
    owner: str | None = None
    from_on: date | None = None
    to_on: date | None = None
    names: dict[str, str] = field(default_factory=dict)
    opening: dict[str, int] = field(default_factory=dict)
    closing: dict[str, int] = field(default_factory=dict)
    remarks: Remarks = field(default_factory=Remarks)
    _rows: Rows = field(default_factory=Rows)
    _counts: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    _sums: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    def book(self, voucher: Voucher, rows: list[Mapping[str, Value]]) -> None:
        """Add a voucher: its rows hold `account_number`, `amount` and what else they have. One that does not sum to 0
        is a finding, and is read all the same.
        """
        total = 0
        for row in rows:
            account, amount = str(row["account_number"]), row["amount"]
            assert isinstance(amount, int), "readers give minor units"
            total += amount
            self._counts[account] += 1
            self._sums[account] += amount
            self._rows.add(self._line(voucher, row))
        if total:
            self._unbalanced(voucher, total)

    def _line(self, voucher: Voucher, row: Mapping[str, Value]) -> dict[str, Value]:
        return {
            "booking_date": row.get("booking_date") or voucher.on,
            "currency": self.currency,
            "voucher_type": voucher.series,
            "voucher_number": voucher.number,
            "extra.voucher_text": voucher.text,
            **{name: value for name, value in row.items() if name not in ("booking_date", "text")},
            "text": row.get("text") or voucher.text,
        }

    def _unbalanced(self, voucher: Voucher, total: int) -> None:
        sentence = _("{where}: the voucher {name} does not balance; debit − credit is {total}.")
        said = sentence.format(where=voucher.where, name=voucher.name or "–", total=said_money(total, self.currency))
        self.remarks.add("voucher-balance", "warning", voucher.where, said)

    def statements(self) -> tuple[Statement, ...]:
        """One for every account with a row or a balance, in order of account number."""
        lines = self._by_account()
        accounts = sorted({*lines, *self.opening, *self.closing})
        return tuple(self._statement(account, lines.get(account, NO_LINES)) for account in accounts)

    def _by_account(self) -> dict[str, pa.Table]:
        """The lines of each account, in the order of the file."""
        table = self._rows.table()
        if not len(table):
            return {}
        encoded = pc.dictionary_encode(table["account_number"].combine_chunks())
        codes = encoded.indices.to_numpy(zero_copy_only=False)
        ordered = table.take(pa.array(np.argsort(codes, kind="stable")))
        starts = np.concatenate([[0], np.cumsum(np.bincount(codes))])
        names = encoded.dictionary.to_pylist()
        return {
            name: trimmed(ordered.slice(int(start), int(end - start)))
            for name, start, end in zip(names, starts[:-1], starts[1:], strict=True)
        }

    def _statement(self, account: str, lines: pa.Table) -> Statement:
        return Statement(
            account=account,
            currency=self.currency,
            lines=lines,
            entries=self._counts.get(account, 0),
            account_name=self.names.get(account) or None,
            owner=self.owner,
            from_on=self.from_on,
            to_on=self.to_on,
            opening=self._balance("IB", self.opening.get(account), self.from_on),
            closing=self._balance("UB", self.closing.get(account), self.to_on),
        )

    def _balance(self, kind: str, minor: int | None, on: date | None) -> Balance | None:
        return None if minor is None else Balance(kind, minor, self.currency, on)

    def proof(self) -> Iterator[Finding]:
        """Opening + rows = closing for every account with a closing balance; a balance that is not given is 0.

        Only of files that have both balances and vouchers.
        """
        if not self._counts:
            return
        for account, closing in sorted(self.closing.items()):
            opening, total = self.opening.get(account, 0), self._sums.get(account, 0)
            if opening + total != closing:
                figures = {"opening": opening, "total": total, "closing": closing, "off": closing - opening - total}
                shown = {name: said_money(minor, self.currency) for name, minor in figures.items()}
                sentence = _(
                    "Account {account}: opening {opening} + rows {total} is not closing {closing} ({off} off)."
                )
                yield Finding("balance-proof", "warning", account, sentence.format(account=account, **shown))
