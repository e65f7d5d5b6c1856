"""One tree, three readings: truth columns, the rules engine and the explanation say the same of every row and pair."""

from __future__ import annotations

import subprocess
import sys
from functools import cache
from pathlib import Path
from random import Random
from typing import Any, Literal

import numpy as np
import pandas as pd
import pytest

from rules import agenda, explain
from rules.columns import Columns
from rules.evaluate import line_truths, pair_truth, pair_truths, truth
from rules.model import Condition, Match, Rule, RuleSet, leaves
from rules.model import Test as Leaf
from tests.rules.random_rules import candidate_test, candidates, condition, frame, line_test, pair_leaf, rule_set

ROOT = Path(__file__).parents[2]
LINE_CASES, PAIR_CASES, CANDIDATE_CASES, SET_CASES, FRAMES = 900, 900, 200, 150, 40
Side = Literal["left", "right"]
SIDES: tuple[Side, ...] = ("left", "right")


@cache
def lines(number: int) -> pd.DataFrame:
    return frame(Random(number), 9)


@cache
def line_rows(number: int) -> list[dict[str, Any]]:
    return explain.rows(lines(number))


@cache
def matches(number: int) -> pd.DataFrame:
    return candidates(Random(number), 9)


def check_rows(tree: Condition, table: pd.DataFrame, case: str) -> None:
    columns = Columns.of(table)
    by_columns = truth(tree, columns)
    tests = [leaf for leaf in leaves(tree) if isinstance(leaf, Leaf)]
    by_engine = agenda.fires(tree, line_truths(tests, columns), len(table))
    by_line = [explain.line(tree, values).holds for values in explain.rows(table)]
    assert by_columns.tolist() == by_line == by_engine.tolist(), f"{case}: {tree}"


def check_line(seed: int) -> None:
    random = Random(seed)
    check_rows(condition(random, line_test, random.randint(0, 4)), lines(random.randrange(FRAMES)), f"line seed {seed}")


def check_candidate(seed: int) -> None:
    random = Random(seed)
    tree = condition(random, candidate_test, random.randint(0, 4))
    check_rows(tree, matches(random.randrange(FRAMES)), f"candidate seed {seed}")


def check_pair(seed: int) -> None:
    random = Random(seed)
    one_side, other_side = random.randrange(FRAMES), random.randrange(FRAMES)
    left, right = Columns.of(lines(one_side)), Columns.of(lines(other_side))
    tree = condition(random, pair_leaf, random.randint(0, 4))
    pairs = [(random.randrange(len(left)), random.randrange(len(right))) for _pair in range(random.randint(0, 12))]
    one, other = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
    by_columns = pair_truth(tree, left, right, one, other)
    by_engine = agenda.fires(tree, pair_truths(leaves(tree), left, right, one, other), len(pairs))
    left_rows, right_rows = line_rows(one_side), line_rows(other_side)
    by_line = [explain.pair(tree, left_rows[i], right_rows[j]).holds for i, j in pairs]
    assert by_columns.tolist() == by_line == by_engine.tolist(), f"pair seed {seed}: {tree}"


def wheres(rule: Rule, side: Side) -> list[Condition | None]:
    """What a rule asks of the lines of a side; empty where it does not look at it."""
    if isinstance(rule, Match):
        return [(rule.left if side == "left" else rule.right).where] if rule.internal in (None, side) else []
    return [rule.where] if rule.side in (side, "both") else []


def check_rule_set(seed: int) -> None:
    """Every rule of a set at once, as a run asks: exclude, derive, post and match on both sides, then decisions. The
    engine remembers its answers from one question to the next.
    """
    random = Random(seed)
    made, number, memory = rule_set(random), random.randrange(FRAMES), agenda.Memory()
    for side in SIDES:
        by_engine = agenda.participation(made.rules, side, lines(number), memory)
        for rule in made.rules:
            for where in wheres(rule, side):
                by_columns = truth(where, lines(number)).tolist()
                by_line = [explain.line(where, values).holds for values in line_rows(number)]
                assert by_engine[rule.key].tolist() == by_columns == by_line, f"set seed {seed}: {rule.key}"
    decided = agenda.decisions(made.decide, matches(number), memory).tolist()
    assert decided == [first_decision(made, values) for values in explain.rows(matches(number))], f"set seed {seed}"


def first_decision(made: RuleSet, candidate: dict[str, Any]) -> str:
    return next((each.then for each in made.decide if explain.line(each.when, candidate).holds), "")


def test_readings_agree_on_whole_rule_sets() -> None:
    for seed in range(SET_CASES):
        check_rule_set(seed)


def test_readings_agree_on_lines() -> None:
    for seed in range(LINE_CASES):
        check_line(seed)


def test_readings_agree_between_sides() -> None:
    for seed in range(PAIR_CASES):
        check_pair(seed)


def test_readings_agree_on_candidates() -> None:
    for seed in range(CANDIDATE_CASES):
        check_candidate(seed)


@pytest.mark.parametrize("start", [10_000, 20_000])
def test_a_process_of_its_own_survives(start: int) -> None:
    """A crash of the rules engine would take the test run with it; in a child it is an exit code."""
    code = (
        "from tests.rules.test_readings_agree import check_candidate, check_line, check_pair, check_rule_set\n"
        f"for seed in range({start}, {start} + 60):\n"
        "    check_line(seed)\n"
        "    check_pair(seed)\n"
        "    check_candidate(seed)\n"
        "    check_rule_set(seed)\n"
    )
    child = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert child.returncode == 0, f"exit code {child.returncode}\n{child.stderr[-2000:]}"
