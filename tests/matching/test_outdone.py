"""Rules whose matches others take, seen on lines; and that what lint proves of shadows is so on any lines."""

from __future__ import annotations

from random import Random

from recon.matching.outdone import shadowed_on_data
from rules.lint import lint
from tests.matching.tables import Line, frame, line, reconcile, rule_set

MATCH: Line = {"kind": "match", "cardinality": "one_to_one"}
REFERENCE: Line = MATCH | {"key": "reference", "pair": {"left": "reference", "op": "same", "right": "reference"}}
TEXT: Line = MATCH | {"key": "text", "pair": {"left": "text", "op": "same", "right": "text"}}


def table(side: str, referenced: int, texts: int) -> list[Line]:
    """Lines of different amounts; the first `referenced` share references across sides, the last `texts` texts."""
    made = []
    for n in range(6):
        fields = {"reference": f"r{n}" if n < referenced else None, "text": f"t{n}" if n >= 6 - texts else None}
        made.append(line(f"{side}{n}", "2026-03-02", f"{100 + n}.00", **fields))
    return made


def said(referenced: int, texts: int) -> list[tuple[str, str]]:
    left, right = (frame(table(side, referenced, texts)) for side in ("l", "r"))
    found = shadowed_on_data(left, right, rule_set(REFERENCE, TEXT))
    return [(finding.where, finding.sentence) for finding in found]


def test_a_rule_all_of_whose_matches_others_take_is_named_with_them() -> None:
    taken = "On these lines other rules take all 4 matches that this rule would make: “Rule 0” (4)."
    assert said(6, 4) == [("rules[1]", taken)]


def test_a_rule_that_takes_something_or_could_take_little_is_not() -> None:
    assert said(5, 4) == []
    assert said(6, 2) == []
    assert said(6, 0) == []


def drawn(random: Random, number: int) -> Line:
    where = random.choice([None, "a", "ab"])
    test: Line = {"field": "text", "op": random.choice(["contains", "starts_with"]), "value": where}
    if random.random() < 0.2 and where:
        return {"kind": "exclude", "key": f"k{number}", "side": random.choice(["left", "both"]), "where": test}
    rule = MATCH | {"key": f"k{number}", "ambiguous": random.choice(["first", "closest", "unique_only"])}
    if where:
        rule |= {side: {"where": test} for side in random.choice([["left"], ["left", "right"]])}
    if random.random() < 0.7:
        rule["pair"] = {"left": "reference", "op": "same", "right": "reference"}
    if random.random() < 0.7:
        rule["date"] = {"within": random.choice([0, 2, 4])}
    return rule | {"outcome": random.choice(["confirmed", "suggested"])}


def lines(random: Random, side: str) -> list[Line]:
    return [
        line(
            f"{side}{n}",
            f"2026-03-0{random.randint(1, 7)}",
            random.choice(["1.00", "2.00"]),
            reference=random.choice(["x", "y", None]),
            text=random.choice(["ab", "a", "b", None]),
        )
        for n in range(8)
    ]


def test_a_rule_that_lint_proves_to_be_shadowed_takes_nothing() -> None:
    proved = 0
    for seed in range(50):
        random = Random(seed)
        rules = [drawn(random, number) for number in range(5)]
        found = [finding.where for finding in lint(rule_set(*rules)) if finding.code == "shadowed"]
        shadowed = {rules[int(where[6:-1])]["key"] for where in found}
        proved += len(shadowed)
        result = reconcile(lines(random, "l"), lines(random, "r"), *rules)
        assert not shadowed & set(result.matches["rule"]), f"seed {seed}"
    assert proved > 20
