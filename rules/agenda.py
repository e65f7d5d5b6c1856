"""Truth signatures → durable-rules → what fires: the rules engine evaluates the stored trees, one fact a signature.

Every leaf test is a truth column already; rows with the same truths share one signature, and each distinct signature
is one fact. durable-rules is used only in the way that is safe (docs/decisions/durable-rules-by-signature.md): rules
on a single fact, facts asserted one at a time under a `sid` of their own whose state is deleted, and every fact
checked to have been answered. No other module imports it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from threading import Lock
from time import perf_counter
from typing import Any as AnyValue
from typing import Literal

import durable_rules_engine
import numpy as np
import pandas as pd
from durable.engine import Host
from numpy.typing import NDArray

from rules.columns import Columns
from rules.evaluate import Truths, line_truths
from rules.model import All, Any, Condition, Decision, Leaf, Match, Not, Rule, Test, leaves
from rules.signatures import Asked, Mask, branches, chunks, signatures

SIGNATURES_A_CHUNK = 2_000
BRANCHES_A_RULE = 12
"""durable-rules refuses a test with more than 15 nodes of and/or (error 113)."""

Stored = dict[str, AnyValue]


def participation(
    rules: Iterable[Rule],
    side: Literal["left", "right"],
    frame: pd.DataFrame | Columns,
    memory: Memory | None = None,
) -> dict[str, Mask]:
    """By key, which rows of a side each rule's `where` lets in. Rules that do not concern the side give no entry.

    A match rule concerns both sides, an internal one its own; a rule without `where` lets all in and asks no engine.
    `memory` holds the answers to earlier questions: nothing is asked twice.
    """
    columns = Columns.of(frame)
    wanted = {rule.key: _where(rule, side) for rule in rules if _concerns(rule, side)}
    return dict(zip(wanted, _fired_on(list(wanted.values()), columns, memory), strict=True))


def decisions(
    decide: Sequence[Decision], candidates: pd.DataFrame | Columns, memory: Memory | None = None
) -> NDArray[np.object_]:
    """What the first decision that fires says of each candidate: "suggest", "leave", or "" where none fires.

    `candidates` has the columns of `rules.fields.CANDIDATE_FIELDS`, and `currency`.
    """
    columns = Columns.of(candidates)
    result = np.full(len(columns), "", dtype=object)
    fired = _fired_on([decision.when for decision in decide], columns, memory)
    for decision, rows in reversed(list(zip(decide, fired, strict=True))):
        result[rows] = decision.then
    return result


def fires(condition: Condition | None, truths: Truths, length: int) -> Mask:
    """For which of `length` rows a tree over ready truth columns holds, decided by the engine (pair conditions too)."""
    return _timed([condition], truths, length, Memory())[0]


@dataclass(frozen=True, slots=True)
class Work:
    """What the agenda has done since the process began: facts handed to durable-rules, seconds that signatures and
    engine took, and seconds of reading the truth columns that they stand on.
    """

    facts: int = 0
    seconds: float = 0.0
    column_seconds: float = 0.0

    def __sub__(self, earlier: Work) -> Work:
        return Work(
            self.facts - earlier.facts,
            self.seconds - earlier.seconds,
            self.column_seconds - earlier.column_seconds,
        )


def work_done() -> Work:
    return Work(_tally.facts, _tally.seconds, _tally.column_seconds)


def facts_posted() -> int:
    """Facts handed to durable-rules since the process began."""
    return _tally.facts


@dataclass
class _Tally:
    facts: int = 0
    seconds: float = 0.0
    column_seconds: float = 0.0


_tally = _Tally()


def _concerns(rule: Rule, side: str) -> bool:
    if isinstance(rule, Match):
        return rule.internal in (None, side)
    return rule.side in ("both", side)


def _where(rule: Rule, side: str) -> Condition | None:
    if isinstance(rule, Match):
        return rule.left.where if side == "left" else rule.right.where
    return rule.where


def _fired_on(conditions: Sequence[Condition | None], columns: Columns, memory: Memory | None) -> list[Mask]:
    started = perf_counter()
    tests = (leaf for condition in conditions for leaf in leaves(condition) if isinstance(leaf, Test))
    truths = line_truths(tests, columns)
    _tally.column_seconds += perf_counter() - started
    return _timed(conditions, truths, len(columns), memory or Memory())


_one_at_a_time = Lock()
"""Truth columns of both sides may be read abreast; durable-rules and its earlier answers are asked by one thread."""


def _timed(conditions: Sequence[Condition | None], truths: Truths, length: int, memory: Memory) -> list[Mask]:
    with _one_at_a_time:
        started = perf_counter()
        fired = _Question(dict(truths), memory).fired(conditions, length)
        _tally.seconds += perf_counter() - started
        return fired


class _Question:
    """Which conditions hold on which rows, over truth columns that grow by what is decided on the way."""

    def __init__(self, truths: dict[Leaf, Mask], memory: Memory) -> None:
        self._truths = truths
        self._memory = memory

    def fired(self, conditions: Sequence[Condition | None], length: int) -> list[Mask]:
        result = [np.ones(length, dtype=bool) for _condition in conditions]
        asked = [(place, condition) for place, condition in enumerate(conditions) if condition is not None]
        if length:
            for chunk in chunks([(place, self._shallow(condition)) for place, condition in asked]):
                for place, rows in self._of_chunk(chunk):
                    result[place] = rows
        return result

    def _shallow(self, condition: Condition) -> Condition:
        """A condition with few enough branches: subtrees too many are decided first, and their truths stand for
        them.
        """
        match condition:
            case Not(item):
                return Not(self._shallow(item))
            case All(items) | Any(items):
                kept = [self._shallow(item) for item in items]
                while 1 + sum(map(branches, kept)) > BRANCHES_A_RULE and any(map(branches, kept)):
                    largest = max(range(len(kept)), key=lambda place: branches(kept[place]))
                    kept[largest] = self._decided(kept[largest])
                return type(condition)(tuple(kept))
        return condition

    def _decided(self, condition: Condition) -> Leaf:
        """A stand-in for a subtree, with the engine's answer to it among the truths."""
        stand_in = Test("note", "decided", str(len(self._truths)))
        length = len(next(iter(self._truths.values())))
        self._truths[stand_in] = self.fired([condition], length)[0]
        return stand_in

    def _of_chunk(self, chunk: Asked) -> Iterator[tuple[int, Mask]]:
        """The rows on which each condition of a chunk fires; a chunk with too many signatures is halved."""
        tests = list(dict.fromkeys(leaf for _place, condition in chunk for leaf in leaves(condition)))
        found, row_codes = signatures([self._truths[test] for test in tests])
        if len(found) <= SIGNATURES_A_CHUNK:
            fired = self._memory.answers([condition for _place, condition in chunk], tests, found)
            yield from ((place, fired[row_codes, number]) for number, (place, _condition) in enumerate(chunk))
        elif len(chunk) > 1:
            half = len(chunk) // 2
            yield from self._of_chunk(chunk[:half])
            yield from self._of_chunk(chunk[half:])
        else:
            yield chunk[0][0], self._parted(chunk[0][1])

    def _parted(self, condition: Condition) -> Mask:
        """One condition with too many signatures: its parts are decided first, and their truths stand for them."""
        if isinstance(condition, Not):
            return ~self._parted(condition.item)
        assert isinstance(condition, All | Any), "a single test has two signatures"
        if len(condition.items) == 1:
            return self._parted(condition.items[0])
        half = len(condition.items) // 2
        halves = (condition.items[:half], condition.items[half:])
        decided = tuple(self._decided(type(condition)(items)) for items in halves)
        return self.fired([type(condition)(decided)], len(self._truths[decided[0]]))[0]


class Memory:
    """What the engine has answered, by stored trees and signature: what it knows is not handed to it again.

    A run keeps one, since a remainder that changes makes it ask the same trees anew about the lines concerned.
    """

    def __init__(self) -> None:
        self._known: dict[str, dict[bytes, Mask]] = {}

    def answers(
        self, conditions: Sequence[Condition], tests: Sequence[Leaf], asked: NDArray[np.bool_]
    ) -> NDArray[np.bool_]:
        """Which conditions (columns) fire on each signature (rows; columns are the truths of `tests`)."""
        place = {test: f"t{number}" for number, test in enumerate(tests)}
        trees = [_tree(condition, place, True) for condition in conditions]
        known = self._known.setdefault(json.dumps(trees), {})
        names = [signature.tobytes() for signature in asked]
        new = [number for number, name in enumerate(names) if name not in known]
        if new:
            fired = _Ruleset(trees).fired(asked[new])
            known.update((names[number], rows) for number, rows in zip(new, fired, strict=True))
        return np.array([known[name] for name in names], dtype=bool)


class _SilentHost(Host):  # type: ignore[misc]
    """A host without the two timer threads that the library starts and never ends."""

    def _run(self) -> None:
        pass


class _Ruleset:
    """Some trees stored in durable-rules, over numbered truths t0, t1, … of one fact."""

    def __init__(self, trees: Sequence[Stored]) -> None:
        self._fired: list[int] = []
        self._width = len(trees)
        self._name = f"rules{next(_names)}"
        stored = {f"rule{number}": _rule(tree, self._noted(number)) for number, tree in enumerate(trees)}
        # Every fact fires this one, so that a fact without an answer is seen.
        stored["answered"] = _rule(_ALWAYS, self._noted(self._width))
        self._host = _SilentHost()
        self._host.register_rulesets({self._name: stored})

    def _noted(self, number: int) -> Callable[[AnyValue], None]:
        # A closure, since an action with a second parameter is taken for asynchronous.
        def note(_context: AnyValue) -> None:
            self._fired.append(number)

        return note

    def fired(self, asked: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Which trees (columns) fire on each signature (rows). Asked once: the stored rules are given up then."""
        result = np.zeros((len(asked), self._width + 1), dtype=bool)
        try:
            for number, signature in enumerate(asked):
                result[number, self._answers(number, signature)] = True
        finally:
            # Else the library keeps about 90 KB for every rule set that a long-lived process ever compiled.
            durable_rules_engine.delete_ruleset(self._host.get_ruleset(self._name)._handle)
        return result[:, : self._width]

    def _answers(self, number: int, signature: NDArray[np.bool_]) -> list[int]:
        sid = f"s{number}"
        self._fired.clear()
        fact: Stored = {f"t{place}": int(truth) for place, truth in enumerate(signature)}
        state = self._host.assert_fact(self._name, fact | {"sid": sid, "id": sid, "kind": 1})
        _tally.facts += 1
        if self._fired.count(self._width) != 1 or (isinstance(state, Mapping) and "exception" in state):
            raise RuntimeError(f"durable-rules left signature {number} of {self._name} without an answer: {state}")
        self._host.delete_state(self._name, sid)
        return list(self._fired)


_names = count()


def _rule(tree: Stored, action: Callable[[AnyValue], None]) -> Stored:
    return {"all": [{"m": tree}], "run": action}


_NEVER = {"kind": 0}
_ALWAYS = {"kind": 1}


def _tree(condition: Condition, place: Mapping[Leaf, str], holds: bool) -> Stored:
    """A condition (or, with `holds` false, its opposite) in durable-rules' own syntax, which knows no general not."""
    match condition:
        case Not(item):
            return _tree(item, place, not holds)
        case All(items) | Any(items):
            every = isinstance(condition, All) is holds
            parts = [_tree(item, place, holds) for item in items]
            if len(parts) > 1:
                return {"$and" if every else "$or": parts}
            return parts[0] if parts else (_ALWAYS if every else _NEVER)
        case _:
            return {place[condition]: int(holds)}
