"""Laws of a run on random small tables, where collisions, twins, groups and reversals abound."""

from __future__ import annotations

import random
from collections import Counter
from itertools import combinations
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from recon.matching import candidates, run
from recon.matching.result import RunResult
from recon.matching.run import run_rules
from rules.model import POLICIES, SETTLING
from tests.matching.tables import Line, frame, groups, line, reconcile, rule_set

DAYS = [f"2024-03-{day:02d}" for day in range(1, 9)]
FAST = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@st.composite
def tables(draw: st.DrawFn, prefix: str) -> list[Line]:
    drawn = draw(
        st.lists(
            st.tuples(
                st.sampled_from(DAYS),
                st.sampled_from(["10", "20", "30", "-10", "-20", "50", "0"]),
                st.sampled_from([None, "A1", "B2", "C3", "---"]),
                st.sampled_from([None, "x", "y"]),
            ),
            max_size=14,
        )
    )
    return [
        line(f"{prefix}{number}", day, amount, reference=reference, text=text)
        for number, (day, amount, reference, text) in enumerate(drawn)
    ]


SAME = {"left": "reference", "op": "same", "right": "reference"}
ONE = {"kind": "match", "cardinality": "one_to_one", "date": {"within": 3}}


@st.composite
def rules(draw: st.DrawFn) -> list[Line]:
    pool: list[Line] = [
        ONE | {"pair": SAME},
        ONE,
        ONE | {"outcome": "suggested"},
        ONE | {"pair": SAME, "amount": {"minus": "10", "plus": "10"}, "difference": {"entry_type": "ROUNDING"}},
        ONE | {"pair": SAME, "amount": "any", "difference": "keep_open"},
        ONE | {"cardinality": "many_to_one", "left": {"group_by": ["reference"]}},
        ONE | {"cardinality": "one_to_many", "right": {"group_by": ["booking_date", "sign"]}},
        ONE
        | {
            "cardinality": "many_to_many",
            "left": {"group_by": ["reference"]},
            "right": {"group_by": ["reference"]},
            "pair": SAME,
        },
        ONE | {"cardinality": "internal_left", "pair": SAME},
        ONE | {"cardinality": "internal_right", "right": {"group_by": ["text"]}},
        ONE | {"cardinality": "many_to_one", "search": {"max_lines": 4, "same": ["booking_date"]}},
        ONE | {"cardinality": "one_to_many", "search": {"max_lines": 3}, "outcome": "suggested"},
        ONE | {"cardinality": "one_to_many", "search": {"max_lines": 3, "max_steps": 40}, "pair": SAME},
        ONE | {"cardinality": "internal_left", "search": {"max_lines": 3, "same": ["text"]}},
    ]
    chosen = draw(st.lists(st.sampled_from(pool), min_size=1, max_size=4))
    policy = draw(st.sampled_from(POLICIES))
    return [rule | {"key": f"k{number}", "ambiguous": policy} for number, rule in enumerate(chosen)]


def written(result: RunResult, left: list[Line], right: list[Line]) -> Counter[tuple[Any, ...]]:
    """Matches as a multiset of rule, outcome, figures and members, free of numbering."""
    sides = {"left": left, "right": right}
    members: dict[int, list[tuple[str, str, int]]] = {}
    for member in result.members.to_dict("records"):
        line = sides[member["side"]][member["row"]]
        members.setdefault(member["match"], []).append((member["side"], line["id"], member["allocated"]))
    return Counter(
        (
            m["rule"],
            m["outcome"],
            m["difference"],
            str(m["days_apart"]),
            m["alternatives"],
            tuple(sorted(members[m["match"]])),
        )
        for m in result.matches.to_dict("records")
    )


@FAST
@given(tables("l"), tables("r"), rules(), st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(
    left: list[Line], right: list[Line], chosen: list[Line], rng: random.Random
) -> None:
    other_left, other_right = rng.sample(left, len(left)), rng.sample(right, len(right))
    one, other = reconcile(left, right, *chosen), reconcile(other_left, other_right, *chosen)
    assert written(one, left, right) == written(other, other_left, other_right)


@FAST
@given(tables("l"), tables("r"), rules())
def test_leaving_matched_lines_behind_changes_nothing(left: list[Line], right: list[Line], chosen: list[Line]) -> None:
    kept = reconcile(left, right, *chosen)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(run, "SMALL", 0)
        left_behind = reconcile(left, right, *chosen)
    assert written(kept, left, right) == written(left_behind, left, right)
    for one, other in ((kept.choices, left_behind.choices), (kept.excluded, left_behind.excluded)):
        assert (
            one.sort_values(list(one.columns)).values.tolist() == other.sort_values(list(one.columns)).values.tolist()
        )


@pytest.mark.parametrize(
    ("module", "shortcut", "never"),
    [
        (run, "remaining_candidates", lambda *_known: None),  # all candidates are found anew at every look
        (candidates, "telling", lambda *_columns: False),  # units are joined by all keys, never by one alone
    ],
)
@settings(FAST, max_examples=120)
@given(tables("l"), tables("r"), rules())
def test_a_shortcut_changes_nothing(
    module: ModuleType, shortcut: str, never: object, left: list[Line], right: list[Line], chosen: list[Line]
) -> None:
    taken = reconcile(left, right, *chosen)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, shortcut, never)
        not_taken = reconcile(left, right, *chosen)
    assert written(taken, left, right) == written(not_taken, left, right)


@FAST
@given(tables("l"), tables("r"), rules())
def test_matched_and_open_are_all_each_once(left: list[Line], right: list[Line], chosen: list[Line]) -> None:
    result = reconcile(left, right, *chosen)
    for side, lines in (("left", left), ("right", right)):
        members = result.members[result.members["side"] == side]
        taken = members.groupby("row")["allocated"].sum()
        amounts = frame(lines)["amount"]
        for row, allocated in zip(taken.index.to_list(), taken.to_list(), strict=True):
            whole = amounts.iloc[row]
            assert abs(allocated) <= abs(whole)
            assert allocated * whole >= 0
        cut = set(result.matches.loc[result.matches["keep_open"], "match"])
        once = members[~members["match"].isin(cut)]
        assert once["row"].is_unique


@FAST
@given(tables("l"), tables("r"), rules())
def test_every_match_sums_to_its_difference(left: list[Line], right: list[Line], chosen: list[Line]) -> None:
    result = reconcile(left, right, *chosen)
    signs = result.members["side"].astype(str).map({"left": -1, "right": 1})
    sums = (result.members["allocated"] * signs).groupby(result.members["match"]).sum()
    for match in result.matches.to_dict("records"):
        assert sums[match["match"]] == match["difference"]


@FAST
@given(tables("l"), tables("r"), rules())
def test_running_again_on_what_is_open_changes_nothing(left: list[Line], right: list[Line], chosen: list[Line]) -> None:
    """The next run withdraws the suggestions first: the same ones come out again and nothing else."""
    result = reconcile(left, right, *chosen)
    rest_left, rest_right = still_open(left, "left", result), still_open(right, "right", result)
    again = run_rules(frame(rest_left), frame(rest_right), rule_set(*chosen))
    suggested = Counter({key: n for key, n in written(result, left, right).items() if key[1] == "suggested"})
    assert written(again, rest_left, rest_right) == suggested


def still_open(lines: list[Line], side: str, result: RunResult) -> list[Line]:
    """Lines as they stand when the next run starts: remainders, without what is matched for good."""
    amounts = frame(lines)["amount"].to_numpy(dtype=np.int64, copy=True)
    confirmed = result.matches.loc[result.matches["outcome"] == "confirmed", "match"]
    members = result.members[(result.members["side"] == side) & result.members["match"].isin(confirmed)]
    np.subtract.at(amounts, members["row"].to_numpy(), members["allocated"].to_numpy())
    touched = set(members["row"])
    return [
        each | {"amount": str(amounts[row] / 100)}
        for row, each in enumerate(lines)
        if row not in touched or amounts[row] != 0
    ]


def agreement(one: Line, other: Line) -> tuple[int, int, int]:
    """The oracle's own reading of agreement for an exact rule without `similar`: smaller is better."""
    days = abs(DAYS.index(one["booking_date"]) - DAYS.index(other["booking_date"]))
    same = sum(filled(one[field]) and one[field] == other[field] for field in ("reference", "text"))
    return (0, days, -same)


def liking(line: Line, other: Line, policy: str) -> tuple[int, ...]:
    """How well a line likes another: under `newest` first by that one's date alone."""
    newer = (-DAYS.index(other["booking_date"]),) if policy == "newest" else ()
    return (*newer, *agreement(line, other))


def filled(value: str | None) -> bool:
    return value not in (None, "---")


@FAST
@given(tables("l"), tables("r"), st.sampled_from(["closest", *SETTLING]))
def test_no_two_lines_prefer_each_other(left: list[Line], right: list[Line], policy: str) -> None:
    """Stability over every possible candidate: nobody's partner is worse than somebody who would rather have them
    too."""
    result = reconcile(left, right, ONE | {"ambiguous": policy})
    partner: dict[str, Line] = {}
    for pair in groups(result, left, right):
        mine, theirs = (next(x for x in side if x["id"] in pair) for side in (left, right))
        partner[mine["id"]], partner[theirs["id"]] = theirs, mine
    for one in left:
        for other in right:
            if one["amount"] != other["amount"] or agreement(one, other)[1] > 3:
                continue
            wants = _prefers(one, other, partner, policy)
            wanted = _prefers(other, one, partner, policy)
            assert not (wants and wanted)
            if policy in SETTLING:
                assert one["id"] in partner or other["id"] in partner


def _prefers(line: Line, other: Line, partner: dict[str, Line], policy: str) -> bool:
    """Whether a matched line would rather have another than what it got."""
    got = partner.get(line["id"])
    return got is not None and liking(line, other, policy) < liking(line, got, policy)


@FAST
@given(tables("l"), tables("r"))
def test_unique_only_never_chooses(left: list[Line], right: list[Line]) -> None:
    result = reconcile(left, right, ONE | {"ambiguous": "unique_only"})
    for pair in groups(result, left, right):
        one = next(x for x in left if x["id"] in pair)
        rivals = [x for x in right if x["amount"] == one["amount"] and agreement(one, x)[1] <= 3]
        distinct = {(x["booking_date"], x["reference"], x["text"]) for x in rivals}
        assert len(distinct) == 1


@FAST
@given(tables("l"), tables("r"), st.sampled_from(["many_to_one", "one_to_many"]), st.integers(2, 4))
def test_a_subset_is_taken_where_it_is_the_only_way(
    left: list[Line], right: list[Line], cardinality: str, most: int
) -> None:
    """Against the oracle of all subsets: nobody else could be made up of the lines, the target of no others."""
    search = {"max_lines": most, "same": ["booking_date"]}
    result = reconcile(left, right, ONE | {"cardinality": cardinality, "search": search, "ambiguous": "unique_only"})
    one, many = (right, left) if cardinality == "many_to_one" else (left, right)
    ways = possible_ways(one, many, most)
    for pair in groups(result, left, right):
        target = next(line for line in one if line["id"] in pair)
        members = [line for line in many if line["id"] in pair]
        mine = [way for way in ways if way[0] == kind(target)]
        assert {way[1] for way in mine} == {tuple(sorted(map(kind, members)))}
        wanted = sum(count(one, way[0]) * way[1].count(kind(line)) for way in ways for line in members[:1])
        assert wanted <= count(many, kind(members[0]))
    certain = sum(len(line) > 0 for line in groups(result, left, right))
    assert certain or not any(alone(way, ways, one, many) for way in ways)


Kind = tuple[str, ...]
Way = tuple[Kind, tuple[Kind, ...]]


def kind(line: Line) -> Kind:
    """What twins have in common."""
    return (line["booking_date"], line["amount"], str(line["reference"]), str(line["text"]))


def count(lines: list[Line], wanted: Kind) -> int:
    return sum(kind(line) == wanted for line in lines)


def possible_ways(one: list[Line], many: list[Line], most: int) -> set[Way]:
    """Every target with every one to `most` lines of one day near it that add up to it, as kinds."""
    ways = set()
    for target in one:
        near = [x for x in many if agreement(target, x)[1] <= 3 and x["amount"] != "0"]
        for size in range(1, most + 1):
            for lines in combinations(near, size):
                total = sum(int(x["amount"]) for x in lines)
                if total == int(target["amount"]) != 0 and len({x["booking_date"] for x in lines}) == 1:
                    ways.add((kind(target), tuple(sorted(map(kind, lines)))))
    return ways


def alone(way: Way, ways: set[Way], one: list[Line], many: list[Line]) -> bool:
    """Whether a way is the only one of its target, and there are lines enough for all who want them."""
    if len(way[1]) < 2 or sum(other[0] == way[0] for other in ways) > 1:
        return False
    return all(
        sum(count(one, other[0]) * other[1].count(line) for other in ways) <= count(many, line) for line in way[1]
    )
