"""Post rules: which lines they post, what holding a line means, and that a run ends where the next one starts."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from recon.matching.result import RunResult, set_hash
from rules.encoding import rule_hash
from tests.matching.tables import Line, frame, line, reconcile, rule_set
from tests.matching.test_laws import rules, still_open, tables, written

FEE = {
    "kind": "post",
    "key": "fees",
    "side": "right",
    "where": {"field": "text", "op": "contains", "value": "gebyr"},
    "entry_type": "BANKFEE",
}
EXACT = {"kind": "match", "key": "exact", "cardinality": "one_to_one", "date": {"within": 3}}
FAST = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def fee(name: str = "x", amount: str = "-50", **more: Any) -> Line:
    return line(name, "2024-03-01", amount, text="Gebyr", **more)


def posted(result: RunResult) -> list[tuple[Any, ...]]:
    return list(result.postings[["rule", "side", "row", "amount", "outcome"]].itertuples(index=False, name=None))


def test_a_bank_line_is_posted_as_it_is_and_a_ledger_line_with_the_other_sign() -> None:
    result = reconcile([fee("a")], [fee("x", "-40"), fee("y", "12.34")], FEE | {"side": "both"})
    assert posted(result) == [
        ("fees", "left", 0, 5000, "suggested"),
        ("fees", "right", 0, -4000, "suggested"),
        ("fees", "right", 1, 1234, "suggested"),
    ]
    assert set(result.postings["entry_type"]) == {"BANKFEE"}


def test_a_posted_line_is_held_from_the_rules_below_and_taken_by_those_above() -> None:
    ledger = [fee("a")]
    assert len(reconcile(ledger, [fee()], FEE, EXACT).matches) == 0
    above = reconcile(ledger, [fee()], EXACT, FEE)
    assert (len(above.matches), posted(above)) == (1, [])


def test_a_held_line_still_counts_as_an_alternative() -> None:
    ledger, bank = [line("a", "2024-03-01", "-50")], [fee("x"), line("y", "2024-03-01", "-50")]
    below = EXACT | {"ambiguous": "unique_only"}
    assert len(reconcile(ledger, bank, FEE, below).matches) == 0
    assert len(reconcile(ledger, bank[1:], FEE, below).matches) == 1


def test_a_group_with_a_posted_member_is_not_formed() -> None:
    ledger = [line("a", "2024-03-01", "-60")]
    bank = [fee("x", reference="B1"), line("y", "2024-03-01", "-10", reference="B1")]
    batch = EXACT | {"cardinality": "one_to_many", "right": {"group_by": ["reference"]}}
    assert len(reconcile(ledger, bank, batch).matches) == 1
    assert len(reconcile(ledger, bank, FEE, batch).matches) == 0


def test_a_line_excluded_above_and_a_line_of_0_are_not_posted() -> None:
    hide = {"kind": "exclude", "side": "right", "where": FEE["where"]}
    assert posted(reconcile([], [fee()], hide, FEE)) == []
    assert posted(reconcile([], [fee(amount="0")], FEE)) == []


def test_what_was_posted_before_is_not_posted_again_and_stays_held_until_released() -> None:
    ledger = [fee("a")]
    for word, matches in (("unreleased", 0), ("released", 1)):
        result = reconcile(ledger, [fee("x", posted=word)], FEE, EXACT)
        assert (len(result.postings), len(result.matches)) == (0, matches)


def test_a_rejected_posting_is_not_made_again_and_another_rule_only_proposes_it() -> None:
    mine = FEE | {"outcome": "confirmed"}
    refused = (set_hash(["x"]), rule_hash(rule_set(mine).rules[0]))
    assert posted(reconcile([], [fee()], mine, refusals=[refused])) == []
    other = mine | {"key": "other", "entry_type": "OTHER"}
    result = reconcile([], [fee()], mine, other, refusals=[refused])
    assert posted(result) == [("other", "right", 0, -5000, "suggested")]
    assert list(result.postings["marked"]) == [True]


def test_a_remainder_is_posted_with_what_is_left() -> None:
    part = EXACT | {"amount": "any", "difference": "keep_open", "pair": {"left": "text", "op": "same", "right": "text"}}
    result = reconcile([fee("a", "-30")], [fee("x", "-50")], part, FEE)
    assert posted(result) == [("fees", "right", 0, -2000, "suggested")]


def post_rules() -> st.SearchStrategy[Line]:
    wheres = st.sampled_from(
        [
            {"field": "text", "op": "equals", "value": "x"},
            {"field": "reference", "op": "is_empty"},
            {"field": "amount", "op": "less_than", "value": "0"},
        ]
    )
    return st.builds(
        lambda where, side, outcome, number: {
            "kind": "post",
            "key": f"p{number}",
            "side": side,
            "where": where,
            "entry_type": "FEE",
            "outcome": outcome,
        },
        wheres,
        st.sampled_from(["left", "right", "both"]),
        st.sampled_from(["suggested", "confirmed"]),
        st.integers(0, 10_000),
    )


@FAST
@given(tables("l"), tables("r"), rules(), post_rules(), st.data())
def test_running_again_makes_the_same_proposals_and_nothing_else(
    left: list[Line], right: list[Line], chosen: list[Line], post: Line, data: st.DataObject
) -> None:
    """Law: the next run withdraws suggestions and proposals and makes exactly them again."""
    place = data.draw(st.integers(0, len(chosen)))
    every = [*chosen[:place], post, *chosen[place:]]
    result = reconcile(left, right, *every)
    rest_left = still_open(told(left, "left", result), "left", result)
    rest_right = still_open(told(right, "right", result), "right", result)
    again = reconcile(rest_left, rest_right, *every)
    proposed = {key for key in named(result, left, right) if key[-1] == "suggested"}
    assert set(named(again, rest_left, rest_right)) == proposed
    suggested = {key: n for key, n in written(result, left, right).items() if key[1] == "suggested"}
    assert dict(written(again, rest_left, rest_right)) == suggested


def told(lines: list[Line], side: str, result: RunResult) -> list[Line]:
    """The lines as the next run reads them: those with a confirmed posting wait for release."""
    mine = result.postings[(result.postings["side"] == side) & (result.postings["outcome"] == "confirmed")]
    waiting = set(mine["row"])
    return [each | ({"posted": "unreleased"} if row in waiting else {}) for row, each in enumerate(lines)]


def named(result: RunResult, left: list[Line], right: list[Line]) -> list[tuple[Any, ...]]:
    sides = {"left": left, "right": right}
    return [(rule, sides[side][row]["id"], minor, how) for rule, side, row, minor, how in posted(result)]


@FAST
@given(tables("l"), tables("r"), rules(), post_rules())
def test_a_line_is_posted_once_or_matched_never_both(
    left: list[Line], right: list[Line], chosen: list[Line], post: Line
) -> None:
    result = reconcile(left, right, post, *chosen)
    places = list(result.postings[["side", "row"]].itertuples(index=False, name=None))
    assert len(places) == len(set(places))
    kept_open = set(result.matches.loc[result.matches["keep_open"], "match"])
    whole = result.members[~result.members["match"].isin(kept_open)]
    assert not set(places) & set(whole[["side", "row"]].itertuples(index=False, name=None))
    amounts = {"left": -frame(left)["amount"], "right": frame(right)["amount"]}
    for _rule, side, row, minor, _how in posted(result):
        assert 0 < abs(minor) <= abs(amounts[side].iloc[row])
