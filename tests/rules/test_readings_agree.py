"""One tree, three readings: truth columns, the rules engine and the explanation say the same of every row and pair."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from random import Random

import numpy as np
import pytest

from rules import agenda, explain
from rules.columns import Columns
from rules.evaluate import line_truths, pair_truth, pair_truths, truth
from rules.model import Test as Leaf
from rules.model import leaves
from tests.rules.random_rules import candidate_test, candidates, condition, frame, line_test, pair_leaf

ROOT = Path(__file__).parents[2]
LINE_CASES, PAIR_CASES, CANDIDATE_CASES = 900, 900, 200


def check_line(seed: int) -> None:
    random = Random(seed)
    rows = frame(random, 8)
    tree = condition(random, line_test, random.randint(0, 4))
    columns = Columns(rows)
    by_columns = truth(tree, columns)
    tests = [leaf for leaf in leaves(tree) if isinstance(leaf, Leaf)]
    by_engine = agenda.fires(tree, line_truths(tests, columns), len(rows))
    by_line = [explain.line(tree, explain.row(rows, place)).holds for place in range(len(rows))]
    assert by_columns.tolist() == by_line == by_engine.tolist(), f"line seed {seed}: {tree}"


def check_pair(seed: int) -> None:
    random = Random(seed)
    left, right = frame(random, 6), frame(random, 5)
    tree = condition(random, pair_leaf, random.randint(0, 4))
    left_rows = np.array([random.randrange(6) for _pair in range(random.randint(0, 14))], dtype=np.int64)
    right_rows = np.array([random.randrange(5) for _pair in left_rows], dtype=np.int64)
    by_columns = pair_truth(tree, left, right, left_rows, right_rows)
    truths = pair_truths(leaves(tree), left, right, left_rows, right_rows)
    by_engine = agenda.fires(tree, truths, len(left_rows))
    pairs = zip(left_rows, right_rows, strict=True)
    by_line = [explain.pair(tree, explain.row(left, one), explain.row(right, other)).holds for one, other in pairs]
    assert by_columns.tolist() == by_line == by_engine.tolist(), f"pair seed {seed}: {tree}"


def check_candidates(seed: int) -> None:
    random = Random(seed)
    rows = candidates(random, 8)
    tree = condition(random, candidate_test, random.randint(0, 4))
    columns = Columns(rows)
    by_columns = truth(tree, columns)
    tests = [leaf for leaf in leaves(tree) if isinstance(leaf, Leaf)]
    by_engine = agenda.fires(tree, line_truths(tests, columns), len(rows))
    by_line = [explain.line(tree, explain.row(rows, place)).holds for place in range(len(rows))]
    assert by_columns.tolist() == by_line == by_engine.tolist(), f"candidate seed {seed}: {tree}"


def test_readings_agree_on_lines() -> None:
    for seed in range(LINE_CASES):
        check_line(seed)


def test_readings_agree_between_sides() -> None:
    for seed in range(PAIR_CASES):
        check_pair(seed)


def test_readings_agree_on_candidates() -> None:
    for seed in range(CANDIDATE_CASES):
        check_candidates(seed)


@pytest.mark.parametrize("start", [10_000, 20_000])
def test_a_process_of_its_own_survives(start: int) -> None:
    """A crash of the rules engine would take the test run with it; in a child it is an exit code."""
    code = (
        "from tests.rules.test_readings_agree import check_line, check_pair\n"
        f"for seed in range({start}, {start} + 150):\n"
        "    check_line(seed)\n"
        "    check_pair(seed)\n"
    )
    child = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert child.returncode == 0, f"exit code {child.returncode}\n{child.stderr[-2000:]}"
