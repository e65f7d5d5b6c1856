"""Documents → condition trees: where, pair and when, with every leaf checked against its field and its operator."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal, cast

import pyarrow as pa
import pyarrow.compute as pc
import re2

from rules.cursor import Cursor, shown
from rules.fields import CANDIDATE_FIELDS, LINE_FIELDS, Field, FieldType, line_field
from rules.model import ROUNDINGS, All, Any, Condition, Not, PairTest, Rounding, Test
from rules.operators import LINE, PAIR, LineOperator
from rules.rounding import MOST_PLACES
from rules.text import SAME_DEFAULT, STEPS
from rules.values import AmountError, exponent
from rules.wording import N_, _

MOST_LEAVES = 200
"""Tests of one condition: the rules engine takes about 250 properties of a fact."""
MOST_DEEP = 20
MOST_PROGRAM = 30_000
"""Steps of a compiled pattern: `\\pL{1,200}\\d` has 239,000 and takes 0.1 ms a text."""
_BRANCHES = ("all", "any", "not")
_LINE_KEYS = ("value", "case", "at_least")
_PAIR_KEYS = ("normalise", "at_least", "value", "places", "mode")

KIND_NAMES = {
    FieldType.TEXT: N_("a text"),
    FieldType.DATE: N_("a date"),
    FieldType.MONEY: N_("an amount"),
    FieldType.CURRENCY: N_("a currency"),
    FieldType.SIGN: N_("a sign"),
    FieldType.NUMBER: N_("a number"),
}

LeafReader = Callable[[Cursor], Condition]


def where(cursor: Cursor) -> Condition:
    """A condition on one line."""
    return _Tree(_where_leaf).condition(cursor)


def when(cursor: Cursor) -> Condition:
    """A condition on a candidate."""
    return _Tree(_when_leaf).condition(cursor)


def pair(cursor: Cursor) -> Condition:
    """A condition between the sides."""
    return _Tree(_pair_leaf).condition(cursor)


@dataclass
class _Tree:
    leaf: LeafReader
    leaves: int = 0

    def condition(self, cursor: Cursor, depth: int = 1) -> Condition:
        if depth == MOST_DEEP + 1:
            cursor.fault(_("The condition is nested more than {most} deep.").format(most=MOST_DEEP))
            return _STAND_IN
        branch = next((key for key in _BRANCHES if cursor.has(key)), None)
        if branch is not None:
            return self._branch(cursor.mapping((branch,))[branch], branch, depth)
        self.leaves += 1
        if self.leaves == MOST_LEAVES + 1:
            cursor.fault(_("The condition has more than {most} tests.").format(most=MOST_LEAVES))
        return self.leaf(cursor)

    def _branch(self, inner: Cursor, branch: str, depth: int) -> Condition:
        if branch == "not":
            return Not(self.condition(inner, depth + 1))
        items = tuple(self.condition(item, depth + 1) for item in inner.items())
        if inner.value == []:
            inner.fault(_("The list holds no test; leave the condition out to take every line."))
        return All(items) if branch == "all" else Any(items)


_STAND_IN = Test("text", "is_empty")


def field_name(cursor: Cursor) -> Field:
    """A field of a line, by name."""
    return _known(cursor, line_field(str(cursor.value)), LINE_FIELDS)


def _candidate_field(cursor: Cursor) -> Field:
    return _known(cursor, CANDIDATE_FIELDS.get(str(cursor.value)), CANDIDATE_FIELDS)


def _known(cursor: Cursor, found: Field | None, names: Collection[str]) -> Field:
    return found or LINE_FIELDS.get(cursor.choice(names), LINE_FIELDS["text"])


def _where_leaf(cursor: Cursor) -> Condition:
    return _one_line(cursor, "field", field_name)


def _when_leaf(cursor: Cursor) -> Condition:
    return _one_line(cursor, "field", _candidate_field)


def _pair_leaf(cursor: Cursor) -> Condition:
    if cursor.has("left") and cursor.has("right"):
        return _between_sides(cursor)
    if cursor.has("right"):
        return _one_line(cursor, "right", field_name, "right")
    if cursor.has("left"):
        return _one_line(cursor, "left", field_name, "left")
    if isinstance(cursor.value, Mapping):
        cursor.fault(_("A test in “pair” names a field as “left”, as “right”, or one of each."))
    else:
        cursor.mapping(())
    return _STAND_IN


def _one_line(
    cursor: Cursor, key: str, read_field: Callable[[Cursor], Field], side: Literal["left", "right"] | None = None
) -> Condition:
    entries = cursor.mapping((key, "op", *_LINE_KEYS), (key, "op"))
    if key not in entries or "op" not in entries:
        return _STAND_IN
    field = read_field(entries[key])
    operator = _operator(entries["op"], field)
    if operator is None:
        return _STAND_IN
    entries, at_least = _similarity(entries, operator)
    return Test(
        field.name,
        operator.key,
        _values(cursor, entries.get("value"), field, operator),
        _case(entries.get("case"), field),
        at_least,
        side,
    )


def _operator(cursor: Cursor, field: Field) -> LineOperator | None:
    if isinstance(cursor.value, str) and cursor.value in PAIR and cursor.value not in LINE:
        cursor.fault(_("“{op}” compares two sides: name the other side's field too.").format(op=cursor.value))
        return None
    operator = LINE.get(cursor.choice(LINE))
    if cursor.value in LINE and operator is not None and field.type not in operator.types:
        cursor.fault(_no_operator_for(str(cursor.value), field))
        return None
    return operator if cursor.value in LINE else None


def _no_operator_for(op: str, field: Field) -> str:
    kind = _(KIND_NAMES[field.type])
    return _("“{op}” does not apply to {field}, which is {kind}.").format(op=op, field=field.name, kind=kind)


def _similarity(entries: dict[str, Cursor], operator: LineOperator) -> tuple[dict[str, Cursor], float | None]:
    """The threshold of `similar`, which may also stand inside its value: `{value: …, at_least: …}`."""
    value = entries.get("value")
    if operator.key == "similar" and value is not None and isinstance(value.value, Mapping):
        entries = {**entries, **value.mapping(("value", "at_least"), ("value",))}
        if entries["value"] is value:
            del entries["value"]
    threshold = entries.get("at_least")
    if operator.key == "similar":
        if threshold is None:
            entries["op"].fault(_("“similar” needs “at_least”, a number between 0 and 1."))
        return entries, threshold.share() if threshold else None
    if threshold is not None:
        threshold.fault(_("“at_least” has no place beside “{op}”.").format(op=operator.key))
    return entries, None


def _case(cursor: Cursor | None, field: Field) -> bool:
    if cursor is not None and field.type is not FieldType.TEXT:
        cursor.fault(_("“case” has a meaning for text only."))
    return cursor.flag() if cursor else False


def _values(leaf: Cursor, cursor: Cursor | None, field: Field, operator: LineOperator) -> str | tuple[str, ...] | None:
    if operator.takes == "none":
        if cursor is not None:
            cursor.fault(_("“{op}” takes no value.").format(op=operator.key))
        return None
    if cursor is None:
        leaf.fault(_("“{key}” is missing.").format(key="value"), "value")
        return None
    read = _literal(field, operator)
    if operator.takes == "two":
        return _two(cursor, read)
    if isinstance(cursor.value, list | tuple):
        return _listed(cursor, field, operator, read)
    return read(cursor)


def _two(cursor: Cursor, read: Callable[[Cursor], str]) -> tuple[str, ...]:
    if not isinstance(cursor.value, list | tuple) or len(cursor.value) != 2:
        cursor.fault(_("“between” takes two values, the lowest and the highest: [low, high]."))
        return ()
    return tuple(read(item) for item in cursor.items())


def _listed(cursor: Cursor, field: Field, operator: LineOperator, read: Callable[[Cursor], str]) -> tuple[str, ...]:
    if operator.takes != "several" or field.type not in operator.listed:
        sentence = _("“{op}” takes one value of {field}, not a list.")
        cursor.fault(sentence.format(op=operator.key, field=field.name))
        return ()
    if not cursor.value:
        cursor.fault(_("The list is empty."))
    return tuple(read(item) for item in cursor.items())


def _literal(field: Field, operator: LineOperator) -> Callable[[Cursor], str]:
    if operator.key == "matches":
        return pattern
    readers: dict[FieldType, Callable[[Cursor], str]] = {
        FieldType.TEXT: lambda cursor: _text(cursor, field),
        FieldType.DATE: _date,
        FieldType.MONEY: _number,
        FieldType.NUMBER: _number,
        FieldType.CURRENCY: _currency,
        FieldType.SIGN: lambda cursor: cursor.choice(("positive", "negative", "zero")),
    }
    return readers[field.type]


def _text(cursor: Cursor, field: Field) -> str:
    if isinstance(cursor.value, int | Decimal | float) and not isinstance(cursor.value, bool):
        sentence = _("{value} is a number, but {field} is a text: write it in quotes, “{value}”.")
        cursor.fault(sentence.format(value=cursor.value, field=field.name))
        return str(cursor.value)
    if cursor.value == "":
        cursor.fault(_("The text is empty; use “is_empty” to test for that."))
        return ""
    return cursor.text()


def _date(cursor: Cursor) -> str:
    text = cursor.value if isinstance(cursor.value, str) else ""
    try:
        if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
            raise ValueError(text)
        return date.fromisoformat(text).isoformat()
    except ValueError:
        sentence = _("Expected a date such as “2026-01-31” here, not {value}.")
        cursor.fault(sentence.format(value=shown(cursor.value)))
        return "1970-01-01"


def _number(cursor: Cursor) -> str:
    number = cursor.decimal()
    return cursor.value if isinstance(cursor.value, str) else f"{number:f}"


def _currency(cursor: Cursor) -> str:
    code = cursor.text()
    try:
        exponent(code.upper())
    except AmountError as error:
        cursor.fault(str(error))
    return code


def pattern(cursor: Cursor) -> str:
    """An RE2 pattern, refused unless both readers of patterns take it."""
    text = cursor.text()
    options = re2.Options()
    options.log_errors = False
    try:
        if re2.compile(text, options).programsize > MOST_PROGRAM:
            cursor.fault(_("“{pattern}” is too large a pattern: allow fewer repetitions.").format(pattern=text))
        pc.match_substring_regex(pa.array([""]), text)
    except (re2.error, pa.ArrowInvalid) as error:
        reason = error.args[0].decode("utf-8", "replace") if isinstance(error.args[0], bytes) else str(error)
        cursor.fault(_("“{pattern}” is not a pattern (RE2): {reason}.").format(pattern=text, reason=reason))
    return text


def _between_sides(cursor: Cursor) -> Condition:
    entries = cursor.mapping(("left", "op", "right", *_PAIR_KEYS), ("op",))
    left, right = field_name(entries["left"]), field_name(entries["right"])
    if "op" not in entries or not _pair_operator(entries["op"]):
        return _STAND_IN
    operator = PAIR[str(entries["op"].value)]
    for key in _PAIR_KEYS:
        if key in entries and key not in operator.keys:
            entries[key].fault(_("“{key}” has no place beside “{op}”.").format(key=key, op=operator.key))
        if key not in entries and key in operator.needs:
            cursor.fault(_("“{op}” needs “{key}”.").format(op=operator.key, key=key), key)
    if left.type not in operator.types:
        entries["op"].fault(_no_operator_for(operator.key, left))
    elif left.type is not right.type and not (operator.mixes and right.type in operator.types):
        names = {"left": _(KIND_NAMES[left.type]), "right": _(KIND_NAMES[right.type])}
        sentence = _("The left field is {left}, the right one {right}: they cannot be compared.").format(**names)
        entries["right"].fault(sentence)
    return PairTest(
        left.name,
        operator.key,
        right.name,
        _steps(entries["normalise"], left) if "normalise" in entries else SAME_DEFAULT,
        _threshold(entries["at_least"], operator.key) if "at_least" in entries else None,
        entries["value"].decimal(Decimal(0)) if "value" in entries else None,
        entries["places"].whole(0, MOST_PLACES) if "places" in entries else None,
        cast(Rounding, entries["mode"].choice(ROUNDINGS)) if "mode" in entries else ROUNDINGS[0],
    )


def _pair_operator(cursor: Cursor) -> bool:
    if isinstance(cursor.value, str) and cursor.value in LINE and cursor.value not in PAIR:
        cursor.fault(_("“{op}” reads one side: name only “left” or only “right”.").format(op=cursor.value))
        return False
    cursor.choice(PAIR)
    return cursor.value in PAIR


def _steps(cursor: Cursor, field: Field) -> tuple[str, ...]:
    named = [item.choice(STEPS) for item in cursor.items()]
    if field.type is not FieldType.TEXT:
        cursor.fault(_("“normalise” has a meaning for text only."))
    if len(set(named)) < len(named):
        cursor.fault(_("A step stands twice."))
    return tuple(step for step in STEPS if step in named)


def _threshold(cursor: Cursor, op: str) -> float:
    return float(cursor.whole(1, 100)) if op == "shares_token" else cursor.share()
