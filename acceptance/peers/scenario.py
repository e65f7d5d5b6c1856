"""The scenario file of the shared pages, and its rows as the CSV that `recon match` reads."""

from __future__ import annotations

import csv
import json
import os
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from rules.fields import line_field

Row = dict[str, Any]

_FIELDS = {
    "date": "booking_date",
    "party": "counterparty",
    "e2e": "end_to_end_id",
    "amount_base": "original_amount",
    "currency_base": "original_currency",
    "amount_company": "original_amount",
    "doc_type": "voucher_type",
}
"""Peers' column names that are called otherwise here; any further column becomes `extra.<column>`."""

COMPANY_CURRENCY = "EUR"
"""Currency of peers' company amounts, which name none."""

OF_THREE_DECIMALS = "KWD"
"""Currency of a scenario whose amounts are finer than its own currency has: such an amount is refused when read."""


class NotExpressible(Exception):
    """The rule language of today cannot say this; the reason is the sentence."""


@dataclass(frozen=True)
class Scenario:
    """One case; `raw` is its JSON with exact decimals. Sides are as given there, which the engine treats alike."""

    raw: dict[str, Any]

    @property
    def id(self) -> str:
        return str(self.raw["id"])

    @property
    def rule(self) -> dict[str, Any]:
        return dict(self.raw["rule"])

    @property
    def single_source(self) -> bool:
        return bool(self.raw["rule"].get("single_source"))

    @property
    def adopted(self) -> bool:
        """Whether the peer's own result is ours too; else `recommended` is."""
        return str(self.raw["stance"]) == "adopt"

    def side(self, name: str) -> list[Row]:
        return list(self.raw[name])

    def lines(self, name: str) -> list[Row]:
        """The rows of a side under our field names. One source's lines all stand left, for an internal rule."""
        if not self.single_source:
            return [_line(row, self._decimals) for row in self.side(name)]
        return [_line(row, self._decimals) for row in self.side("left") + self.side("right")] if name == "left" else []

    @property
    def _decimals(self) -> int:
        """Two, as most currencies have, or three where an amount needs them."""
        amounts = [Decimal(row["amount"]) for side in ("left", "right") for row in self.side(side)]
        return 2 if all(amount == round(amount, 2) for amount in amounts) else 3


def field(name: str) -> str:
    """Our name of a peer's field, as a rule writes it."""
    known = _FIELDS.get(name, name)
    return known if line_field(known) else f"extra.{known}"


def _line(row: Row, decimals: int) -> Row:
    if row.get("date") is None:
        raise NotExpressible("the choice is by score, and a statement line without a booking date is refused when read")
    line = {_FIELDS.get(name, name): value for name, value in row.items() if value not in (None, "")}
    line["booking_date"] = str(row["date"])[:10]
    line["amount"] = _money(row["amount"], decimals)
    if decimals > 2:
        line["currency"] = OF_THREE_DECIMALS
    line["account_number"] = "1"  # all rows of a scenario stand on one account: the key of "all lines there are"
    if "original_amount" in line:
        line["original_amount"] = _money(line["original_amount"], 2)
        line.setdefault("original_currency", COMPANY_CURRENCY)
    return line


def _money(value: Any, decimals: int) -> str:
    amount = Decimal(value)
    exact = round(amount, decimals)
    if exact != amount:
        raise NotExpressible("an amount finer than its currency's minor unit is refused, never rounded")
    return str(exact)


def write_side(lines: list[Row], path: Path) -> None:
    names = list(dict.fromkeys(["id", "booking_date", "amount", "currency", *(n for line in lines for n in line)]))
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, names, restval="")
        writer.writeheader()
        writer.writerows(lines)


def shared_folder() -> Path:
    return Path(os.environ.get("RECON_SHARED", "../shared"))


def load(folder: Path | None = None) -> list[Scenario]:
    """Every scenario, or none where the shared pages are absent."""
    path = (folder or shared_folder()) / "scenarios" / "peers.json"
    if not path.exists():
        return []
    return [Scenario(raw) for raw in json.loads(path.read_text(), parse_float=Decimal)["scenarios"]]
