"""Numbers inside rules as the reader writes them: `7 134 154,55` on the form, `7134154.55` in the rule language.

Only the decimal mark is put in on the way to the form, so that what nobody touched comes back letter for letter.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from recon.web.formats import number_locale
from rules.errors import RuleError, RuleErrors
from rules.fields import CANDIDATE_FIELDS, FieldType, line_field
from rules.values import AmountError, decimal_mark, parse_amount

NUMBERS = (FieldType.MONEY, FieldType.NUMBER)
_PLAIN = re.compile(r"-?[0-9]+(\.[0-9]+)?")

Change = Callable[[Any, str], Any]
"""Of one number and its path to what takes its place."""


def shown_number(number: Any) -> Any:
    """A number of the language as the form shows it; whatever is none stays as it is."""
    text = str(number)
    return text.replace(".", decimal_mark(number_locale())) if _PLAIN.fullmatch(text) else number


def typed_number(text: str, path: str) -> str:
    """What a person typed, as the language writes it. Raises `RuleErrors` at the path where it is no number."""
    try:
        value = parse_amount(text, number_locale())
    except AmountError as fault:
        raise RuleErrors([RuleError(path, str(fault))]) from None
    plain = text.strip().replace(decimal_mark(number_locale()), ".")
    if _PLAIN.fullmatch(plain) and Decimal(plain) == value:
        return plain
    return re.sub(r"\.0$", "", f"{value:f}")


def shown_condition(tree: Any) -> Any:
    """A condition of the language as the builder shows it."""
    return _changed(tree, "", lambda number, _path: shown_number(number))


def typed_condition(tree: Any, path: str) -> Any:
    """A condition of the builder as the language has it. Raises `RuleErrors` with every number that is none."""
    faults: list[RuleError] = []

    def read(number: Any, at: str) -> Any:
        if not isinstance(number, str) or not number.strip():
            return number
        try:
            return typed_number(number, at)
        except RuleErrors as found:
            faults.extend(found.errors)
            return number

    made = _changed(tree, path, read)
    if faults:
        raise RuleErrors(faults)
    return made


def _changed(node: Any, path: str, change: Change) -> Any:
    """The tree with every number changed; what is no condition stays for the language's reader to judge."""
    if isinstance(node, list):
        return [_changed(item, f"{path}[{place}]", change) for place, item in enumerate(node)]
    if not isinstance(node, Mapping):
        return node
    branches = {key: _changed(node[key], f"{path}.{key}", change) for key in ("all", "any", "not") if key in node}
    if branches or "value" not in node or _type(node) not in NUMBERS:
        return {**node, **branches}
    value, at = node["value"], f"{path}.value"
    if isinstance(value, list):
        return {**node, "value": [change(each, f"{at}[{place}]") for place, each in enumerate(value)]}
    return {**node, "value": change(value, at)}


def _type(leaf: Mapping[str, Any]) -> FieldType | None:
    name = str(leaf.get("field") or leaf.get("left") or leaf.get("right") or "")
    field = line_field(name) or CANDIDATE_FIELDS.get(name)
    return field.type if field else None
