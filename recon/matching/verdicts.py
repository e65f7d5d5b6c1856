"""What the decisions of a rule set say of the candidates that a rule has chosen."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from recon.matching import agreement
from recon.matching.candidates import Candidates, Opposed
from recon.matching.conditions import conjuncts
from recon.matching.record import known_days
from recon.matching.side import Ints
from rules.agenda import Memory, decisions
from rules.model import Decision, Test, leaves


def verdicts(
    decide: Sequence[Decision],
    opposed: Opposed,
    candidates: Candidates,
    at: Ints,
    rivals: Ints,
    memory: Memory,
) -> NDArray[np.object_]:
    """ "suggest", "leave" or "" for each candidate at `at`, which has `rivals` alternatives."""
    concerned = [decision for decision in decide if _concerns(decision, opposed.rule.key)]
    if not concerned:
        return np.full(len(at), "", dtype=object)
    return decisions(concerned, _facts(concerned, opposed, candidates, at, rivals), memory)


def _concerns(decision: Decision, rule: str) -> bool:
    """False where the decision names the rules it is about, and this is none of them."""
    for test in conjuncts(decision.when):
        if isinstance(test, Test) and test.field == "rule" and test.op in ("equals", "in"):
            named = (test.value,) if isinstance(test.value, str) else test.value or ()
            if rule.casefold() not in {name.casefold() for name in named}:
                return False
    return True


def _facts(
    decide: Sequence[Decision], opposed: Opposed, candidates: Candidates, at: Ints, rivals: Ints
) -> pd.DataFrame:
    left, right, rule = opposed.left, opposed.right, opposed.rule
    amount = left.total[candidates.left[at]]
    difference = candidates.difference[at]
    names = np.array([opposed.currencies[code] for code in range(len(opposed.currencies))], dtype=object)
    return pd.DataFrame(
        {
            "rule": rule.key,
            "cardinality": rule.cardinality,
            "currency": names[left.currency[candidates.left[at]]],
            "difference": difference,
            "abs_difference": np.abs(difference),
            "amount": amount,
            "abs_amount": np.abs(amount),
            "days_apart": known_days(candidates.days[at]),
            "left_count": left.sizes[candidates.left[at]],
            "right_count": right.sizes[candidates.right[at]],
            "alternatives": rivals,
            "similarity": _similarity(decide, opposed, candidates, at),
        }
    )


def _similarity(decide: Sequence[Decision], opposed: Opposed, candidates: Candidates, at: Ints) -> NDArray[np.float64]:
    """Missing without a `similar` test, and not worked out where no decision asks."""
    asked = any(isinstance(leaf, Test) and leaf.field == "similarity" for d in decide for leaf in leaves(d.when))
    if not asked or not any(leaf.op == "similar" for leaf in leaves(opposed.rule.pair)):
        return np.full(len(at), np.nan)
    return agreement.similarities(opposed, candidates, at)
