"""The words of the rule editor: fields, comparisons and choices as people read them, from the language's own tables."""

from __future__ import annotations

import json
from typing import Any

from recon.web.wording import _
from rules.fields import CANDIDATE_FIELDS, LINE_FIELDS, Field, FieldType
from rules.names import field_label
from rules.operators import LINE, PAIR, LineOperator

TAKES = {"none": "nothing", "one": "value", "two": "range"}


def field_labels() -> dict[str, str]:
    """The fields of a line, as the sentences call them."""
    return {name: field_label(name) for name in LINE_FIELDS}


def line_operator_labels() -> dict[str, str]:
    return {
        "equals": _("is"),
        "not_equals": _("is not"),
        "in": _("is one of"),
        "not_in": _("is none of"),
        "contains": _("contains"),
        "not_contains": _("does not contain"),
        "starts_with": _("starts with"),
        "ends_with": _("ends with"),
        "matches": _("matches the pattern"),
        "is_empty": _("is empty"),
        "is_not_empty": _("is filled in"),
        "greater_than": _("is greater than"),
        "at_least": _("is at least"),
        "less_than": _("is less than"),
        "at_most": _("is at most"),
        "between": _("is between"),
        "similar": _("is similar to"),
    }


def pair_operator_labels() -> dict[str, str]:
    return {
        "same": _("is the same as"),
        "contains": _("contains"),
        "contained_in": _("stands in"),
        "shares_token": _("shares a number with"),
        "similar": _("is similar to"),
        "within": _("is near"),
        "same_rounded": _("is, once rounded, the same as"),
        "one_edit": _("is, but for one typing error,"),
    }


def builder_texts() -> dict[str, str]:
    return {
        "all": _("All of these hold"),
        "any": _("Any of these holds"),
        "none": _("None of these holds"),
        "not_all": _("Not all of these hold"),
        "group": _("How the conditions are joined"),
        "nothing": _("No condition: all of them."),
        "add_condition": _("+ Condition"),
        "add_group": _("+ Group"),
        "remove_condition": _("Remove this condition"),
        "remove_group": _("Remove this group"),
        "added": _("Condition added"),
        "removed": _("Removed"),
        "shape": _("What is tested"),
        "shape_both": _("Left with right"),
        "shape_left": _("Left line"),
        "shape_right": _("Right line"),
        "field": _("Field"),
        "left_field": _("Field of the left line"),
        "right_field": _("Field of the right line"),
        "other_column": _("another column …"),
        "column": _("Name of the column"),
        "comparison": _("Comparison"),
        "case": _("Capital and small letters differ"),
        "value": _("Value"),
        "value_of_within": _("how far apart at most"),
        "from": _("from"),
        "to": _("to"),
        "and": _("and"),
        "at_least": _("at least"),
        "at_least_percent": _("at least, percent"),
        "at_least_of_shares_token": _("characters at least"),
        "places": _("decimals"),
        "mode": _("How it is rounded"),
        "half_up": _("to the nearest"),
        "floor": _("down"),
        "truncate": _("cut off"),
        "one_a_line": _("one value a line"),
        "positive": _("positive"),
        "negative": _("negative"),
        "zero": _("zero"),
        "ignoring": _("apart from"),
        "ignore_case": _("capitals"),
        "ignore_spaces": _("spaces"),
        "ignore_punctuation": _("punctuation"),
        "ignore_leading_zeros": _("leading zeros"),
    }


def builder_config(mode: str) -> str:
    """The configuration of a <rule-builder>: `mode` is "line", "pair" or "candidate"."""
    fields = CANDIDATE_FIELDS if mode == "candidate" else LINE_FIELDS
    config = {
        "mode": mode,
        "extras": mode != "candidate",
        "fields": [{"name": key, "label": field_label(key), "type": str(row.type)} for key, row in ordered(fields)],
        "line": {str(kind): _line_operators(kind) for kind in FieldType},
        "pair": _pair_operators() if mode == "pair" else [],
        "texts": builder_texts(),
    }
    return json.dumps(config, ensure_ascii=False)


def ordered(fields: dict[str, Field]) -> list[tuple[str, Field]]:
    """Text, reference and amount first: what most conditions are about."""
    first = [name for name in ("text", "reference", "amount", "booking_date", "counterparty") if name in fields]
    return [(name, fields[name]) for name in [*first, *(name for name in fields if name not in first)]]


def _line_operators(kind: FieldType) -> list[dict[str, Any]]:
    names = line_operator_labels()
    return [
        {
            "value": row.key,
            "label": names.get(row.key, row.key),
            "takes": _takes(row, kind),
            "folds": row.folds and row.takes != "none" and row.key != "similar",
        }
        for row in LINE.values()
        if kind in row.types
    ]


def _takes(row: LineOperator, kind: FieldType) -> str:
    if row.key == "similar":
        return "similar"
    if kind is FieldType.SIGN and row.key in ("equals", "not_equals"):
        return "sign"
    return TAKES.get(row.takes, "list" if kind in row.listed else "value")


def _pair_operators() -> list[dict[str, Any]]:
    names = pair_operator_labels()
    return [
        {
            "value": row.key,
            "label": names.get(row.key, row.key),
            "takes": sorted(row.keys),
            "types": sorted(map(str, row.types)),
            "mixes": row.mixes,
        }
        for row in PAIR.values()
    ]
