"""Truth signatures → durable-rules → what fires: the rules engine evaluates the stored trees, one fact a signature.

Every leaf test is a truth column already; rows with the same truths share one signature, and each distinct signature
is one fact. durable-rules is used only in the way that is safe (docs/decisions/durable-rules-by-signature.md): rules
on a single fact, facts asserted one at a time under a `sid` of their own whose state is deleted, and every fact
checked to have been answered. No other module imports it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
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

Mask = NDArray[np.bool_]
Codes = NDArray[np.int64]

LEAVES_A_CHUNK = 8
RULES_A_CHUNK = 32
"""durable-rules refuses more than 64 rules that fire on one fact."""
SIGNATURES_A_CHUNK = 2_000
BRANCHES_A_RULE = 12
"""durable-rules refuses a test with more than 15 nodes of and/or (error 113)."""
_BITS_AT_ONCE = 24


def participation(
    rules: Iterable[Rule], side: Literal["left", "right"], frame: pd.DataFrame | Columns
) -> dict[str, Mask]:
    """By key, which rows of a side each rule's `where` lets in. Rules that do not concern the side give no entry.

    A match rule concerns both sides, an internal one its own; a rule without `where` lets all in and asks no engine.
    """
    columns = Columns.of(frame)
    wanted = {rule.key: _where(rule, side) for rule in rules if _concerns(rule, side)}
    return dict(zip(wanted, _fired_on(list(wanted.values()), columns), strict=True))


def decisions(decide: Sequence[Decision], candidates: pd.DataFrame | Columns) -> NDArray[np.object_]:
    """What the first decision that fires says of each candidate: "suggest", "leave", or "" where none fires.

    `candidates` has the columns of `rules.fields.CANDIDATE_FIELDS`, and `currency`.
    """
    columns = Columns.of(candidates)
    result = np.full(len(columns), "", dtype=object)
    fired = _fired_on([decision.when for decision in decide], columns)
    for decision, rows in reversed(list(zip(decide, fired, strict=True))):
        result[rows] = decision.then
    return result


def fires(condition: Condition | None, truths: Truths, length: int) -> Mask:
    """For which of `length` rows a tree over ready truth columns holds, decided by the engine (pair conditions too)."""
    return _fired([condition], truths, length)[0]


def facts_posted() -> int:
    """Facts handed to durable-rules since the process began."""
    return _tally.facts


@dataclass
class _Tally:
    facts: int = 0


_tally = _Tally()


def _concerns(rule: Rule, side: str) -> bool:
    if isinstance(rule, Match):
        return rule.internal in (None, side)
    return rule.side in ("both", side)


def _where(rule: Rule, side: str) -> Condition | None:
    if isinstance(rule, Match):
        return rule.left.where if side == "left" else rule.right.where
    return rule.where


def _fired_on(conditions: Sequence[Condition | None], columns: Columns) -> list[Mask]:
    tests = (leaf for condition in conditions for leaf in leaves(condition) if isinstance(leaf, Test))
    return _fired(conditions, line_truths(tests, columns), len(columns))


def _fired(conditions: Sequence[Condition | None], truths: Truths, length: int) -> list[Mask]:
    result = [np.ones(length, dtype=bool) for _condition in conditions]
    known = dict(truths)
    asked = [(place, condition) for place, condition in enumerate(conditions) if condition is not None]
    if length:
        for chunk in _chunks([(place, _shallow(condition, known)) for place, condition in asked]):
            for place, rows in _chunk_fired(chunk, known):
                result[place] = rows
    return result


def _shallow(condition: Condition, truths: dict[Leaf, Mask]) -> Condition:
    """A condition with few enough branches: subtrees too many are decided first, and their truths stand for them."""
    match condition:
        case Not(item):
            return Not(_shallow(item, truths))
        case All(items) | Any(items):
            kept = [_shallow(item, truths) for item in items]
            while 1 + sum(map(_branches, kept)) > BRANCHES_A_RULE and any(map(_branches, kept)):
                largest = max(range(len(kept)), key=lambda place: _branches(kept[place]))
                kept[largest] = _decided(kept[largest], truths)
            return type(condition)(tuple(kept))
    return condition


def _branches(condition: Condition) -> int:
    match condition:
        case Not(item):
            return _branches(item)
        case All(items) | Any(items):
            return sum(map(_branches, items)) + (len(items) > 1)
    return 0


def _decided(condition: Condition, truths: dict[Leaf, Mask]) -> Leaf:
    """A stand-in for a subtree, with the engine's answer to it among the truths."""
    stand_in = Test("note", "decided", str(next(_names)))
    length = len(next(iter(truths.values())))
    truths[stand_in] = _fired([condition], truths, length)[0]
    return stand_in


Asked = list[tuple[int, Condition]]


def _chunks(asked: Asked) -> Iterator[Asked]:
    """Consecutive conditions that share few leaf tests; one with many tests stands alone."""
    chunk: Asked = []
    tests: set[Leaf] = set()
    for place, condition in asked:
        own = set(leaves(condition))
        if chunk and (len(tests | own) > LEAVES_A_CHUNK or len(chunk) == RULES_A_CHUNK):
            yield chunk
            chunk, tests = [], set()
        chunk.append((place, condition))
        tests |= own
    if chunk:
        yield chunk


def _chunk_fired(chunk: Asked, truths: Truths) -> Iterator[tuple[int, Mask]]:
    """The rows on which each condition of a chunk fires; a chunk with too many signatures is halved."""
    tests = list(dict.fromkeys(leaf for _place, condition in chunk for leaf in leaves(condition)))
    signatures, row_codes = _signatures([truths[test] for test in tests])
    if len(signatures) <= SIGNATURES_A_CHUNK:
        fired = _Ruleset([condition for _place, condition in chunk], tests).fired(signatures)
        yield from ((place, fired[row_codes, number]) for number, (place, _condition) in enumerate(chunk))
    elif len(chunk) > 1:
        half = len(chunk) // 2
        yield from _chunk_fired(chunk[:half], truths)
        yield from _chunk_fired(chunk[half:], truths)
    else:
        yield chunk[0][0], _parted(chunk[0][1], truths)


def _parted(condition: Condition, truths: Truths) -> Mask:
    """One condition with too many signatures: its parts are decided first, and their truths stand for them."""
    if isinstance(condition, Not):
        return ~_parted(condition.item, truths)
    assert isinstance(condition, All | Any), "a single test has two signatures"
    if len(condition.items) == 1:
        return _parted(condition.items[0], truths)
    half = len(condition.items) // 2
    halves = (condition.items[:half], condition.items[half:])
    known = dict(truths)
    decided = tuple(_decided(type(condition)(items), known) for items in halves)
    return _fired([type(condition)(decided)], known, len(known[decided[0]]))[0]


def _signatures(columns: Sequence[Mask]) -> tuple[NDArray[np.bool_], Codes]:
    """The distinct rows of truth columns (signatures × columns), and which of them each row is."""
    codes = np.zeros(len(columns[0]), dtype=np.int64)
    for start in range(0, len(columns), _BITS_AT_ONCE):
        for column in columns[start : start + _BITS_AT_ONCE]:
            codes = codes * 2 + column
        codes = _ranked(codes)
    known = int(codes.max()) + 1
    example = np.zeros(known, dtype=np.int64)
    example[codes] = np.arange(len(codes))
    return np.column_stack([column[example] for column in columns]), codes


def _ranked(codes: Codes) -> Codes:
    """Codes made dense, so that further columns fit beside them."""
    if codes.max() < 1 << 20:
        seen = np.flatnonzero(np.bincount(codes))
        ranks = np.zeros(int(codes.max()) + 1, dtype=np.int64)
        ranks[seen] = np.arange(len(seen))
        return ranks[codes]
    return np.unique(codes, return_inverse=True)[1].astype(np.int64)


class _SilentHost(Host):  # type: ignore[misc]
    """A host without the two timer threads that the library starts and never ends."""

    def _run(self) -> None:
        pass


class _Ruleset:
    """Some conditions stored in durable-rules, over numbered truths t0, t1, … of one fact."""

    def __init__(self, conditions: Sequence[Condition], tests: Sequence[Leaf]) -> None:
        self._fired: list[int] = []
        self._width = len(conditions)
        self._name = f"rules{next(_names)}"
        place = {test: f"t{number}" for number, test in enumerate(tests)}
        stored = {f"rule{n}": _stored(_tree(c, place, True), self._noted(n)) for n, c in enumerate(conditions)}
        # Every fact fires this one, so that a fact without an answer is seen.
        stored["answered"] = _stored({"kind": 1}, self._noted(self._width))
        self._host = _SilentHost()
        self._host.register_rulesets({self._name: stored})

    def _noted(self, number: int) -> Callable[[AnyValue], None]:
        # A closure, since an action with a second parameter is taken for asynchronous.
        def note(_context: AnyValue) -> None:
            self._fired.append(number)

        return note

    def fired(self, signatures: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Which conditions (columns) fire on each signature (rows). Asked once: the stored rules are given up then."""
        result = np.zeros((len(signatures), self._width + 1), dtype=bool)
        try:
            for number, signature in enumerate(signatures):
                result[number, self._answers(number, signature)] = True
        finally:
            # Else the library keeps about 90 KB for every rule set that a long-lived process ever compiled.
            durable_rules_engine.delete_ruleset(self._host.get_ruleset(self._name)._handle)
        return result[:, : self._width]

    def _answers(self, number: int, signature: NDArray[np.bool_]) -> list[int]:
        sid = f"s{number}"
        self._fired.clear()
        fact: dict[str, AnyValue] = {f"t{place}": int(truth) for place, truth in enumerate(signature)}
        state = self._host.assert_fact(self._name, fact | {"sid": sid, "id": sid, "kind": 1})
        _tally.facts += 1
        if self._fired.count(self._width) != 1 or (isinstance(state, Mapping) and "exception" in state):
            raise RuntimeError(f"durable-rules left signature {number} of {self._name} without an answer: {state}")
        self._host.delete_state(self._name, sid)
        return list(self._fired)


_names = count()


def _stored(tree: Mapping[str, AnyValue], action: Callable[[AnyValue], None]) -> dict[str, AnyValue]:
    return {"all": [{"m": tree}], "run": action}


_NEVER = {"kind": 0}
_ALWAYS = {"kind": 1}


def _tree(condition: Condition, place: Mapping[Leaf, str], holds: bool) -> dict[str, AnyValue]:
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
