"""What the rules engine costs: a large rule set over many lines, its facts, and the agenda's share of the run.

    python -m benchmarks.agenda --events 900000 [--rules 50] [--tests 200] [--seed 1] [--json]

The rule set is drawn by seed: every `where` tests what lines of `benchmarks.events` hold, no test stands twice.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from itertools import islice
from typing import Any

import pandas as pd

from benchmarks.events import PROFILES, generate
from benchmarks.vocabulary import ACCRUAL_TEXTS, BANK_TEXTS, FEE_TEXTS, LEDGER_TEXTS, RECURRING_PHRASES
from recon.matching.run import run_rules
from rules.agenda import work_done
from rules.codec import from_document
from rules.model import RuleSet

MOST_FACTS = 20_000
MOST_SHARE = 0.05

Json = dict[str, Any]

_DECISIONS: list[Json] = [
    {"when": {"field": "alternatives", "op": "at_least", "value": 3}, "then": "suggest"},
    {
        "when": {
            "all": [
                {"field": "abs_amount", "op": "at_least", "value": "100000"},
                {"field": "days_apart", "op": "at_least", "value": 4},
            ]
        },
        "then": "suggest",
    },
]
_KEPT_OPEN = 5
"""One match rule in so many leaves remainders: after each the engine must be asked about amounts again."""

_WORDS = sorted({word for texts in (ACCRUAL_TEXTS, BANK_TEXTS, FEE_TEXTS, LEDGER_TEXTS, RECURRING_PHRASES)
                 for text in texts for word in text.split() if len(word) > 2})  # fmt: skip
_NUMBERS = ("reference", "voucher_number", "customer_number", "archive_reference", "counterparty_account")
_SYLLABLES = ("nord", "fj", "by", "au", "da", "tr", "a", "o", "in", "er", "vik", "en", "s", "ø", "å", "el")
_KINDS = ("exclude", "derive", "post", *["match"] * 7)


@dataclass(frozen=True)
class Cost:
    """One run: lines of both sides, seconds of the whole run, what the agenda did and what its columns took."""

    rules: int
    tests: int
    left: int
    right: int
    matches: int
    passes: int
    facts: int
    run_seconds: float
    agenda_seconds: float
    column_seconds: float

    @property
    def share(self) -> float:
        return self.agenda_seconds / self.run_seconds

    @property
    def holds(self) -> bool:
        return self.facts < MOST_FACTS and self.share < MOST_SHARE

    def sentence(self) -> str:
        size = f"{self.rules} rules with {self.tests} tests over {self.left:,} and {self.right:,} lines"
        found = f"{self.matches:,} matches in {self.passes} passes, {self.run_seconds:.1f} s"
        facts = f"{self.facts:,} facts (asked below {MOST_FACTS:,})"
        agenda = f"agenda {self.agenda_seconds:.2f} s, {self.share:.1%} of the run (asked below {MOST_SHARE:.0%})"
        return f"{size}: {found}; {facts}; {agenda}; truth columns {self.column_seconds:.1f} s"


def rule_set(rules: int, tests: int, seed: int) -> RuleSet:
    """A rule set of so many rules whose `where` conditions hold so many different tests together."""
    draw = random.Random(seed)
    drawn = _distinct_tests(draw)
    sizes = [tests // rules + (number < tests % rules) for number in range(rules)]
    made = [_rule(draw, number, list(islice(drawn, size))) for number, size in enumerate(sizes)]
    return from_document({"version": 1, "name": "Agenda", "rules": made, "decide": _DECISIONS})


def _distinct_tests(draw: random.Random) -> Iterator[Json]:
    seen: set[str] = set()
    while True:
        test = _test(draw)
        if (written := json.dumps(test)) not in seen:
            seen.add(written)
            yield test


def _test(draw: random.Random) -> Json:
    """A test that a good part of the lines passes and a good part does not, so that signatures are many."""
    match draw.randrange(6):
        case 0:
            amount = f"{10 ** draw.uniform(2, 4.5):.2f}"
            return {"field": "abs_amount", "op": draw.choice(["at_least", "less_than"]), "value": amount}
        case 1:
            day = f"2025-{draw.randint(2, 11):02}-{draw.randint(1, 28):02}"
            return {"field": "booking_date", "op": draw.choice(["at_least", "less_than"]), "value": day}
        case 2:
            digits = "".join(sorted(draw.sample("0123456789", draw.randint(3, 7))))
            return {"field": draw.choice(_NUMBERS), "op": "matches", "value": f"[{digits}]$"}
        case 3:
            op = draw.choice(["contains", "not_contains"])
            return {"field": draw.choice(_NUMBERS), "op": op, "value": str(draw.randrange(40))}
        case 4:
            return {
                "field": "counterparty",
                "op": "contains",
                "value": draw.choice(_SYLLABLES) + draw.choice(["", "n", "r"]),
            }
        case _:
            values = draw.sample(_WORDS, draw.randint(2, 6))
            return {"field": "text", "op": draw.choice(["contains", "not_contains"]), "value": values}


def _condition(draw: random.Random, tests: list[Json], wide: bool) -> Json:
    """A tree over the tests; a `wide` one lets most lines in, as the conditions of a match rule do."""
    if len(tests) < 3:
        return {"any" if wide else "all": tests}
    half = draw.randint(1, len(tests) - 1)
    inner = {"all" if wide else "any": tests[half:]}
    return {"any" if wide else "all": [*tests[:half], {"not": inner} if draw.random() < 0.3 else inner]}


def _rule(draw: random.Random, number: int, tests: list[Json]) -> Json:
    head: Json = {"key": f"rule-{number}", "name": f"Rule {number}", "kind": draw.choice(_KINDS)}
    if head["kind"] == "match":
        return head | _match(draw, tests)
    head |= {"side": draw.choice(["left", "right", "both"]), "where": _condition(draw, tests, wide=False)}
    match head["kind"]:
        case "derive":
            pattern = draw.choice([r"(?:KID|OCR)[ :]*(\d{4,25})", r"faktura\D{0,8}(\d{4,})", r"ref\.? (\w+)"])
            return head | {"set": {f"extra.number{number}": {"from": "text", "pattern": f"(?i){pattern}"}}}
        case "post":
            return head | {"entry_type": "FEE", "outcome": "suggested"}
    return head


def _match(draw: random.Random, tests: list[Json]) -> Json:
    half = max(1, len(tests) // 2)
    sides = {"left": tests[:half], "right": tests[half:]}
    units = {side: {"where": _condition(draw, own, wide=True)} for side, own in sides.items() if own}
    field = draw.choice(["reference", "reference", "counterparty", "counterparty_account", "customer_number"])
    common: Json = {
        "cardinality": "one_to_one",
        "date": {"within": draw.randint(1, 9)},
        "ambiguous": draw.choice(["closest", "closest", "unique_only", "suggest"]),
        "outcome": draw.choice(["confirmed", "confirmed", "suggested"]),
    }
    if draw.randrange(_KEPT_OPEN) == 0:
        field, common = "reference", common | {"amount": "any", "difference": "keep_open"}
    return common | units | {"pair": {"left": field, "op": "same", "right": field}}


def measure(left: pd.DataFrame, right: pd.DataFrame, rules: RuleSet, tests: int) -> Cost:
    """One run over the frames. The engine is loaded and asked once before the clock starts."""
    before, started = work_done(), time.perf_counter()
    result = run_rules(left, right, rules)
    seconds = time.perf_counter() - started
    work = work_done() - before
    return Cost(
        len(rules.rules), tests, len(left), len(right), len(result.matches), result.passes,
        work.facts, seconds, work.seconds, work.column_seconds,
    )  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.agenda", description=__doc__.splitlines()[0])
    parser.add_argument("--events", type=int, default=900_000)
    parser.add_argument("--rules", type=int, default=50)
    parser.add_argument("--tests", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--profile", choices=PROFILES, default="standard")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    events = generate(args.events, args.seed, profile=args.profile)
    found = measure(events.left, events.right, rule_set(args.rules, args.tests, args.seed), args.tests)
    print(json.dumps(asdict(found)) if args.json else found.sentence())
    sys.exit(0 if found.holds else 1)


if __name__ == "__main__":
    main()
