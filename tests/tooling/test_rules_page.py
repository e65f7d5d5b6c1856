"""docs/rules.md says what the code does: its tables are those of rules.operators, its examples are run."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from rules import explain
from rules.agenda import fires
from rules.codec import load, rule_from_document
from rules.document import parse
from rules.evaluate import Truths, combined, line_truths, pair_truths
from rules.fields import CANDIDATE_FIELDS, LINE_FIELDS, FieldType, field_named
from rules.model import Condition, Exclude, Match, PairTest
from rules.model import Test as Leaf
from rules.operators import LINE, PAIR, LineOperator, PairOperator
from rules.values import to_minor
from tests.rules.line_frames import lines

PAGE = (Path(__file__).parents[2] / "docs" / "rules.md").read_text(encoding="utf-8")
OPPOSITE = " ✱"
TAKES = {"none": "nothing", "one": "a value", "several": "a value or a list", "two": "two values"}


def table(marker: str) -> list[list[str]]:
    """The cells of the table after an HTML comment that starts with `marker`, without its head."""
    after = PAGE.partition(f"<!-- {marker}")[2].partition("-->\n")[2]
    rows = after.partition("\n\n")[0].splitlines()[2:]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]


def kinds(types: frozenset[FieldType]) -> str:
    return "any" if types == frozenset(FieldType) else ", ".join(kind.value for kind in FieldType if kind in types)


def words(sentence: str) -> str:
    return re.sub(r"{(\w+)}", r"*\1*", sentence)


def line_row(row: LineOperator) -> list[str]:
    opposite = OPPOSITE if row.of else ""
    takes = TAKES[row.takes] if row.listed >= row.types or row.takes != "several" else "a value; text also a list"
    return [f"`{row.key}`{opposite}", words(row.sentence), kinds(row.types), takes]


def pair_row(row: PairOperator) -> list[str]:
    keys = ", ".join(f"`{key}`" + ("" if key in row.needs else " (optional)") for key in sorted(row.keys))
    return [f"`{row.key}`", words(row.sentence), kinds(row.types), keys or "–"]


def test_every_operator_on_one_line_is_described() -> None:
    assert table("operators on one line") == [line_row(row) for row in LINE.values()]


def test_every_operator_between_sides_is_described() -> None:
    assert table("operators between sides") == [pair_row(row) for row in PAIR.values()]


def said(cell: str) -> list[str | None]:
    """The values of a cell: code spans, and – for a missing one."""
    return [None if found == "–" else found.strip("`") for found in re.findall(r"`[^`]*`|–", cell)]


def stored(field: str, value: str | None) -> object:
    """A value as a frame of lines holds it."""
    if value is not None and field_named(field).type is FieldType.MONEY:
        return to_minor(value, "NOK")
    return value


def one_line(field: str, value: str | None) -> pd.DataFrame:
    name = field.removeprefix("abs_")
    columns: dict[str, list[object]] = {name: [stored(name, value)]}
    return lines(**columns)


def by_columns_and_engine(tree: Condition, truths: Truths) -> list[bool]:
    return [bool(combined(tree, truths, 1)[0]), bool(fires(tree, truths, 1)[0])]


def line_readings(test: dict[str, Any], value: str | None) -> list[bool]:
    """What columns, rules engine and explanation say of one line whose field holds the value."""
    rule = rule_from_document({"kind": "exclude", "name": "x", "side": "left", "where": test})
    assert isinstance(rule, Exclude)
    assert isinstance(rule.where, Leaf)
    table = one_line(rule.where.field, value)
    truths = line_truths([rule.where], table)
    return [*by_columns_and_engine(rule.where, truths), explain.line(rule.where, explain.rows(table)[0]).holds]


def pair_readings(test: dict[str, Any], one: str | None, other: str | None) -> list[bool]:
    """The same of a pair of lines."""
    rule = rule_from_document({"kind": "match", "name": "x", "cardinality": "one_to_one", "pair": test})
    assert isinstance(rule, Match)
    assert isinstance(rule.pair, PairTest)
    left, right, row = one_line(rule.pair.left, one), one_line(rule.pair.right, other), np.array([0])
    truths = pair_truths([rule.pair], left, right, row, row)
    told = explain.pair(rule.pair, explain.rows(left)[0], explain.rows(right)[0])
    return [*by_columns_and_engine(rule.pair, truths), told.holds]


LINE_EXAMPLES, PAIR_EXAMPLES = table("examples on one line"), table("examples between sides")


def test_every_operator_has_an_example_that_passes_and_one_that_fails() -> None:
    for examples, operators in ((LINE_EXAMPLES, LINE), (PAIR_EXAMPLES, PAIR)):
        assert list(dict.fromkeys(op.strip("`") for op, *_rest in examples)) == list(operators)
        assert all(passing and failing for _op, _test, passing, failing in examples)


@pytest.mark.parametrize(("op", "test", "passing", "failing"), LINE_EXAMPLES)
def test_examples_on_one_line_do_what_they_say(op: str, test: str, passing: str, failing: str) -> None:
    document = as_object(test)
    assert document["op"] == op.strip("`")
    for cell, holds in ((passing, True), (failing, False)):
        assert said(cell)
        for value in said(cell):
            assert line_readings(document, value) == [holds] * 3, value


@pytest.mark.parametrize(("op", "test", "passing", "failing"), PAIR_EXAMPLES)
def test_examples_between_sides_do_what_they_say(op: str, test: str, passing: str, failing: str) -> None:
    document = as_object(test)
    assert document["op"] == op.strip("`")
    for cell, holds in ((passing, True), (failing, False)):
        values = said(cell)
        assert values
        assert len(values) % 2 == 0
        for one, other in zip(values[::2], values[1::2], strict=True):
            assert pair_readings(document, one, other) == [holds] * 3, (one, other)


def as_object(test: str) -> dict[str, Any]:
    found = parse(test.strip("`"))
    assert isinstance(found, dict)
    return found


def test_every_field_is_named() -> None:
    section = PAGE.partition("\n## Fields\n")[2].partition("\n## ")[0]
    of_line, of_candidate = (re.findall(r"`(\w+)`", part) for part in section.split("Of a candidate")[:2])
    assert of_line[: len(LINE_FIELDS)] == list(LINE_FIELDS)
    assert of_candidate[: len(CANDIDATE_FIELDS) + 1] == ["decide", *CANDIDATE_FIELDS]


def test_the_example_is_a_rule_set_without_remarks() -> None:
    example = PAGE.partition("```yaml\n")[2].partition("```")[0]
    rule_set = load(example)
    assert [rule.key for rule in rule_set.rules] == ["own-sweeps", "kid-in-text", "same-reference"]
