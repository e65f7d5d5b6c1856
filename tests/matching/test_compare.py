"""Two sets of matches beside each other: laws on random ones, and each kind by example."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from recon.matching.compare import KINDS, MatchSet, compare, fates, rule_figures
from recon.matching.components import joined

Made = tuple[str | None, str, dict[int, int]]
"""Rule, outcome, and what the match takes of each line; even lines are left."""


def match_set(made: Sequence[Made]) -> MatchSet:
    members = [
        (number, line, "right" if line % 2 else "left", minor)
        for number, (_rule, _outcome, taken) in enumerate(made)
        for line, minor in taken.items()
    ]
    return MatchSet(
        pd.DataFrame([(rule, outcome) for rule, outcome, _ in made], columns=["rule", "outcome"], dtype=object),
        pd.DataFrame(members, columns=["match", "line", "side", "amount_minor"]).astype(
            {"match": "int64", "line": "int64", "amount_minor": "int64"}
        ),
    )


MADE = st.tuples(
    st.sampled_from(["a", "b", None]),
    st.sampled_from(["confirmed", "suggested"]),
    st.dictionaries(st.integers(0, 9), st.sampled_from([-5, 1, 2]), min_size=1, max_size=4),
)
SETS = st.lists(MADE, max_size=8)


@settings(deadline=None, max_examples=50)
@given(SETS)
def test_a_set_beside_itself_is_all_the_same(made: list[Made]) -> None:
    compared = compare(match_set(made), match_set(made))
    assert set(compared.kinds) <= {"same"}
    assert sorted(compared.stood_group) == sorted(compared.found_group) == list(range(len(made)))
    figures = compared.figures().set_index("kind")
    assert figures["stood_turnover_minor"].tolist() == figures["found_turnover_minor"].tolist()


@settings(deadline=None, max_examples=50)
@given(SETS, SETS)
def test_every_match_is_in_one_group_and_nothing_is_lost_in_the_sums(stood: list[Made], found: list[Made]) -> None:
    one, other = match_set(stood), match_set(found)
    compared = compare(one, other)
    assert (len(compared.stood_group), len(compared.found_group)) == (len(stood), len(found))
    sizes = Counter(compared.stood_group.tolist()), Counter(compared.found_group.tolist())
    for group, kind in enumerate(compared.kinds):
        here = (sizes[0][group], sizes[1][group])
        assert {"same": here == (1, 1), "lost": here == (1, 0), "new": here == (0, 1), "changed": min(here) > 0}[kind]
    figures = compared.figures()
    assert figures["kind"].tolist() == list(KINDS)
    assert figures["groups"].sum() == len(compared.kinds)
    assert (figures["stood"].sum(), figures["found"].sum()) == (len(stood), len(found))
    assert figures["stood_lines"].sum() == sum(len(taken) for *_, taken in stood)
    assert figures["found_turnover_minor"].sum() == other.turnover().sum()


@settings(deadline=None, max_examples=50)
@given(SETS, SETS)
def test_the_same_are_those_with_the_same_lines_and_amounts(stood: list[Made], found: list[Made]) -> None:
    compared = compare(match_set(stood), match_set(found))
    equal = Counter(frozenset(m[2].items()) for m in stood) & Counter(frozenset(m[2].items()) for m in found)
    assert compared.kinds.count("same") == equal.total()
    for group in np.flatnonzero(np.array(compared.kinds, dtype=object) == "same"):
        (one,), (other,) = np.flatnonzero(compared.stood_group == group), np.flatnonzero(compared.found_group == group)
        assert stood[one][2] == found[other][2]


@settings(deadline=None, max_examples=50)
@given(SETS, SETS)
def test_turned_round_new_is_lost(stood: list[Made], found: list[Made]) -> None:
    there, back = (compare(match_set(a), match_set(b)) for a, b in ((stood, found), (found, stood)))
    turned = {"new": "lost", "lost": "new"}
    assert Counter(there.kinds) == Counter(turned.get(kind, kind) for kind in back.kinds)


@settings(deadline=None, max_examples=50)
@given(SETS, SETS)
def test_a_rules_figures_add_up(stood: list[Made], found: list[Made]) -> None:
    compared = compare(match_set(stood), match_set(found))
    table = rule_figures(compared)
    before = Counter(rule or "" for rule, *_ in stood)
    kept_now = table["matches"] - table["newly"] - table["taken_over"]
    kept_before = pd.Series({rule: before[rule] for rule in table.index}) - table["no_longer"] - table["handed_over"]
    assert kept_now.tolist() == kept_before.reindex(table.index).tolist()
    assert table["matches"].sum() == len(found)
    for which, made in (("stood", stood), ("found", found)):
        assert fates(compared, which)["matches"].sum() == len(made)  # type: ignore[arg-type]


def test_each_kind_by_example() -> None:
    stood = match_set(
        [("a", "confirmed", {0: 5, 1: 5}), (None, "confirmed", {2: 7, 3: 7}), ("a", "confirmed", {4: 9, 5: 9})]
    )
    found = match_set(
        [("b", "suggested", {0: 5, 1: 5}), ("a", "confirmed", {2: 7, 9: 7}), ("a", "confirmed", {6: 1, 7: 1})]
    )
    compared = compare(stood, found)
    assert compared.kinds == ("same", "changed", "lost", "new")
    assert compared.stood_group.tolist() == [0, 1, 2]
    assert compared.found_group.tolist() == [0, 1, 3]
    table = rule_figures(compared)
    assert table["taken_over"].to_dict() == {"": 0, "a": 0, "b": 1}
    assert table["handed_over"].to_dict() == {"": 0, "a": 1, "b": 0}


def test_turnover_is_the_larger_column_whatever_the_sign() -> None:
    made = [("a", "confirmed", {0: -40, 1: -41}), ("a", "confirmed", {2: 5, 4: -5}), ("a", "confirmed", {6: 3, 7: 3})]
    assert match_set(made).turnover().tolist() == [41, 5, 3]


def test_a_line_cut_twice_makes_two_matches_that_are_told_apart() -> None:
    made: list[Made] = [("a", "confirmed", {0: 1, 1: 1}), ("a", "confirmed", {0: 1, 1: 1})]
    assert compare(match_set(made), match_set(made[:1])).kinds == ("same", "lost")


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20)), max_size=30))
def test_what_is_joined_has_one_root_and_it_is_the_smallest(pairs: list[tuple[int, int]]) -> None:
    roots = joined(21, pairs)
    assert all(roots[one] == roots[other] for one, other in pairs)
    assert all(roots[number] <= number and roots[roots[number]] == roots[number] for number in range(21))
