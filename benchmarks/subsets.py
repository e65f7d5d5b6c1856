"""How long a subset search takes, and who should make it: our own meet in the middle beside OR-Tools CP-SAT.

    python -m benchmarks.subsets [--runs 200] [--seed 1] [--cp-sat]

`--cp-sat` needs the package `ortools`, which the product does not use (docs/decisions/subset-search.md).
"""

from __future__ import annotations

import argparse
import importlib
import random
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from recon.matching.subsets import Items, Limits, Outcome

Solver = Callable[[Sequence[int], int, Limits], Outcome]


@dataclass(frozen=True)
class Case:
    """Problems of one kind: `items` amounts from 1 to `largest` (currency units where `whole`, else with two decimals),
    a target that is the sum of some of them or, in a third of the problems, some cents or units beside it."""

    name: str
    items: int
    whole: bool
    asked_ms: float
    asked_share: float
    largest: int = 2000
    max_lines: int = 8

    def problem(self, draw: random.Random) -> tuple[list[int], int]:
        unit = 1 if self.whole else 100
        amounts = [draw.randint(unit, self.largest * unit) for _ in range(self.items)]
        target = sum(draw.sample(amounts, draw.randint(2, self.max_lines)))
        return amounts, target + (draw.randint(-50, 50) * unit // 10 if draw.random() < 1 / 3 else 0)


SIXTY = "60 candidates, up to 8 members"
FIVE_HUNDRED = "500 candidates, up to 8 members"
CASES = [
    Case(f"{SIXTY}, amounts 1 to 2,000", 60, True, 100, 0.99),
    Case(f"{SIXTY}, amounts 1.00 to 2,000.00", 60, False, 100, 0.99),
    Case(f"{FIVE_HUNDRED}, amounts 1 to 2,000", 500, True, 1000, 1.0),
    Case(f"{FIVE_HUNDRED}, amounts 1.00 to 2,000.00", 500, False, 1000, 1.0),
    Case(f"{FIVE_HUNDRED}, amounts to 10,000,000.00", 500, False, 1000, 1.0, largest=10_000_000),
]
STEPS = 2_000_000


@dataclass(frozen=True)
class Measured:
    """Milliseconds of processor time of every problem, and what was answered."""

    case: Case
    problems: list[tuple[float, Outcome]]

    @property
    def decided(self) -> float:
        """Share within the time; of 60 candidates decided, of 500 decided or given up."""
        may_give_up = self.case.items > 60
        good = [taken <= self.case.asked_ms and (may_give_up or told != "gave_up") for taken, told in self.problems]
        return sum(good) / len(good)

    @property
    def holds(self) -> bool:
        return self.decided >= self.case.asked_share

    def sentence(self) -> str:
        ordered = sorted(taken for taken, _ in self.problems)
        counted = Counter(told.replace("_", " ") for _, told in self.problems)
        told = ", ".join(f"{count} {outcome}" for outcome, count in sorted(counted.items()))
        median, worst = ordered[len(ordered) // 2], ordered[-1]
        return (
            f"{self.case.name}: {100 * self.decided:.1f} % within {self.case.asked_ms:g} ms "
            f"(median {median:.1f}, longest {worst:.0f} ms; {told})"
        )


def own(amounts: Sequence[int], target: int, limits: Limits) -> Outcome:
    return Items(amounts).solve(target, limits).outcome


def cp_sat(amounts: Sequence[int], target: int, limits: Limits) -> Outcome:
    """The same question to CP-SAT: one solution, then another that differs from it, a second of wall time each."""
    model_of: Any = importlib.import_module("ortools.sat.python.cp_model")
    model = model_of.CpModel()
    taken = [model.new_bool_var("") for _ in amounts]
    model.add(sum(amount * var for amount, var in zip(amounts, taken, strict=True)) == target)
    model.add_linear_constraint(sum(taken), limits.least, limits.max_lines)
    answers: list[Outcome] = ["none", "unique"]
    for answer in answers:
        solver = model_of.CpSolver()
        solver.parameters.num_workers, solver.parameters.max_time_in_seconds = 1, 1.0
        status = solver.solve(model)
        if status == model_of.INFEASIBLE:
            return answer
        if status not in (model_of.OPTIMAL, model_of.FEASIBLE):
            return "gave_up"
        model.add_bool_or([var.negated() if solver.value(var) else var for var in taken])
    return "several"


def measure(case: Case, solver: Solver, runs: int, seed: int) -> Measured:
    draw = random.Random(seed)
    problems = []
    for _ in range(runs):
        amounts, target = case.problem(draw)
        started = time.process_time()
        told = solver(amounts, target, Limits(case.max_lines, STEPS))
        problems.append((1000 * (time.process_time() - started), told))
    return Measured(case, problems)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.subsets", description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--cp-sat", action="store_true")
    args = parser.parse_args()
    solvers: list[tuple[str, Solver]] = [("own", own), *([("CP-SAT", cp_sat)] if args.cp_sat else [])]
    for case in CASES:
        for name, solver in solvers:
            print(f"{name}: {measure(case, solver, args.runs, args.seed).sentence()}", flush=True)


if __name__ == "__main__":
    main()
