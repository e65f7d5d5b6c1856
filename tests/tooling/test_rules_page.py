"""docs/rules.md says what the code does: its tables are those of rules.operators, its example is a rule set."""

from __future__ import annotations

import re
from pathlib import Path

from rules.codec import load
from rules.fields import CANDIDATE_FIELDS, LINE_FIELDS, FieldType
from rules.operators import LINE, PAIR, LineOperator, PairOperator

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


def test_every_field_is_named() -> None:
    section = PAGE.partition("\n## Fields\n")[2].partition("\n## ")[0]
    of_line, of_candidate = (re.findall(r"`(\w+)`", part) for part in section.split("Of a candidate")[:2])
    assert of_line[: len(LINE_FIELDS)] == list(LINE_FIELDS)
    assert of_candidate[: len(CANDIDATE_FIELDS) + 1] == ["decide", *CANDIDATE_FIELDS]


def test_the_example_is_a_rule_set_without_remarks() -> None:
    example = PAGE.partition("```yaml\n")[2].partition("```")[0]
    rule_set = load(example)
    assert [rule.key for rule in rule_set.rules] == ["own-sweeps", "kid-in-text", "same-reference"]
