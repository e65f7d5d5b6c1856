"""Small tables of lines for tests: tuples in, frames of lines out, matches back as sets of ids."""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd
import pyarrow as pa

from recon.matching.result import RunResult
from recon.matching.run import run_rules
from rules.codec import from_document
from rules.fields import FieldType, arrow_type, line_field
from rules.values import to_minor

Line = dict[str, Any]


def frame(lines: list[Line]) -> pd.DataFrame:
    """Lines as dicts: `id`, `booking_date` (ISO), `amount` (decimal string), and any other fields. Currency NOK
    unless named."""
    names = dict.fromkeys(["id", "booking_date", "amount", "currency", *(name for line in lines for name in line)])
    columns = {}
    for name in names:
        values = [_value(name, line) for line in lines]
        field = line_field(name)
        kind = arrow_type(field.type if field else FieldType.TEXT)
        columns[name] = pd.Series(pd.arrays.ArrowExtensionArray(pa.array(values, kind)))
    return pd.DataFrame(columns)


def _value(name: str, line: Line) -> Any:
    if name == "currency":
        return line.get("currency", "NOK")
    value = line.get(name)
    if value is None:
        return None
    if name in ("booking_date", "value_date", "due_date"):
        return date.fromisoformat(value)
    if name in ("amount", "original_amount"):
        currency = "currency" if name == "amount" else "original_currency"
        return to_minor(value, line.get(currency, "NOK"))
    return value


def rule_set(*rules: Line, decide: list[Line] | None = None) -> Any:
    document: Line = {
        "version": 1,
        "name": "Test",
        "rules": [{"name": f"Rule {n}", **rule} for n, rule in enumerate(rules)],
    }
    return from_document(document | ({"decide": decide} if decide else {}))


def reconcile(left: list[Line], right: list[Line], *rules: Line, **options: Any) -> RunResult:
    decide = options.pop("decide", None)
    return run_rules(frame(left), frame(right), rule_set(*rules, decide=decide), **options)


def groups(result: RunResult, left: list[Line], right: list[Line], outcome: str | None = None) -> set[frozenset[str]]:
    """Every match as the set of its lines' ids."""
    found: dict[int, set[str]] = {}
    for match, side, row in result.members[["match", "side", "row"]].itertuples(index=False):
        found.setdefault(match, set()).add((left if side == "left" else right)[row]["id"])
    kept = result.matches if outcome is None else result.matches[result.matches["outcome"] == outcome]
    return {frozenset(found[match]) for match in kept["match"]}


def line(id: str, day: str, amount: str, **fields: Any) -> Line:
    return {"id": id, "booking_date": day, "amount": amount, **fields}
