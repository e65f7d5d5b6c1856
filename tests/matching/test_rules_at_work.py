"""What a match rule does, paragraph by paragraph of the rule language."""

from __future__ import annotations

from typing import Any

import pytest

from recon.errors import Refusal
from recon.matching import join
from recon.matching.result import set_hash
from rules.encoding import rule_hash
from rules.model import POLICIES
from tests.matching.tables import Line, groups, line, reconcile, rule_set

DAY = "2024-03-04"
SAME = {"left": "reference", "op": "same", "right": "reference"}
ONE: Line = {"kind": "match", "cardinality": "one_to_one", "key": "one"}
ROUNDING: Line = {"difference": {"entry_type": "ROUNDING"}}


def pair(left: str, right: str, *, outcome: str = "confirmed", **rule: Any) -> bool:
    """Does one ledger amount match one bank amount under a rule on the same reference?"""
    lefts, rights = [line("l", DAY, left, reference="A")], [line("r", DAY, right, reference="A")]
    return bool(groups(reconcile(lefts, rights, ONE | {"pair": SAME} | rule), lefts, rights, outcome))


@pytest.mark.parametrize(
    ("left", "right", "amount", "matched"),
    [
        ("100", "99.50", {"minus": "0.50"}, True),
        ("100", "99.49", {"minus": "0.50"}, False),
        ("100", "100.50", {"minus": "0.50"}, False),
        ("100", "100.50", {"plus": "0.50"}, True),
        ("200", "250", {"percent": "25"}, True),
        ("200", "250.01", {"percent": "25"}, False),
        ("200", "250", {"percent": "20", "basis": "right"}, True),
        ("200", "250", {"percent": "20", "basis": "smaller"}, False),
        ("200", "250", {"percent": "20", "basis": "larger"}, True),
        ("1000", "990", {"percent": "1", "cap": "9.99"}, False),
        ("1000", "990", {"percent": "1", "cap": "9.99", "minus": "10"}, True),
        ("0", "0.01", {"plus": "1"}, False),
        ("-1", "1", {"plus": "5"}, False),
        ("0", "0", {"plus": "1"}, True),
    ],
)
def test_allowed_differences(left: str, right: str, amount: Line, matched: bool) -> None:
    assert pair(left, right, amount=amount, **ROUNDING) is matched


def test_the_difference_is_what_the_ledger_lacks() -> None:
    result = reconcile(
        [line("l", DAY, "100", reference="A")],
        [line("r", DAY, "97.50", reference="A")],
        ONE | {"pair": SAME, "amount": {"minus": "5"}} | ROUNDING,
    )
    assert result.matches["difference"].tolist() == [-250]
    assert result.matches["entry_type"].tolist() == ["ROUNDING"]


@pytest.mark.parametrize(
    ("window", "days", "matched"),
    [
        ({"within": 3}, "2024-03-07", True),
        ({"within": 3}, "2024-03-08", False),
        ({"from": 0, "to": 2}, "2024-03-03", False),
        ({"from": -1, "to": 0}, "2024-03-03", True),
        ({"from": 0, "to": 1, "calendar": "banking:NO"}, "2024-03-05", True),
    ],
)
def test_the_date_window_includes_its_ends(window: Line, days: str, matched: bool) -> None:
    left, right = [line("l", DAY, "1")], [line("r", days, "1")]
    assert bool(groups(reconcile(left, right, ONE | {"date": window}), left, right)) is matched


def test_banking_days_skip_the_easter_of_the_groups_country() -> None:
    left, right = [line("l", "2024-03-27", "1")], [line("r", "2024-04-02", "1")]
    rule = ONE | {"date": {"from": 0, "to": 1, "calendar": "banking"}}
    assert groups(reconcile(left, right, rule, country="NO"), left, right)
    with pytest.raises(Refusal, match="country"):
        reconcile(left, right, rule)


def test_currencies_never_mix() -> None:
    left = [line("l", DAY, "100", reference="A", currency="EUR")]
    right = [line("r", DAY, "100", reference="A")]
    assert not groups(reconcile(left, right, ONE | {"pair": SAME}), left, right)


def test_named_amounts_compare_in_their_own_currency() -> None:
    left = [line("l", DAY, "1150", original_amount="100", original_currency="EUR")]
    right = [line("r", DAY, "100", currency="EUR")]
    rule = ONE | {"amount": {"left": "original_amount", "right": "amount"}}
    assert groups(reconcile(left, right, rule), left, right) == {frozenset({"l", "r"})}


def test_a_group_is_never_cut_by_date() -> None:
    left = [line("a", DAY, "60", voucher_number="7"), line("b", "2024-03-30", "40", voucher_number="7")]
    right = [line("r", DAY, "60"), line("s", DAY, "100")]
    rule = ONE | {"cardinality": "many_to_one", "left": {"group_by": ["voucher_number"]}, "date": {"within": 3}}
    assert not groups(reconcile(left, right, rule), left, right)


def test_a_pair_test_holds_for_every_member() -> None:
    left = [line("a", DAY, "60", voucher_number="7", text="x 4711"), line("b", DAY, "40", voucher_number="7", text="y")]
    right = [line("r", DAY, "100", text="invoice 4711")]
    rule = ONE | {"cardinality": "many_to_one", "left": {"group_by": ["voucher_number"]}}
    test = {"left": "text", "op": "shares_token", "right": "text"}
    assert groups(reconcile(left, right, rule), left, right)
    assert not groups(reconcile(left, right, rule | {"pair": test}), left, right)


def test_an_empty_key_forms_no_group() -> None:
    left = [line("a", DAY, "60"), line("b", DAY, "40", voucher_number="000")]
    right = [line("r", DAY, "100")]
    rule = ONE | {"cardinality": "many_to_one", "left": {"group_by": ["voucher_number"]}}
    assert not groups(reconcile(left, right, rule), left, right)


def test_many_to_many_needs_three_lines() -> None:
    rule = ONE | {
        "cardinality": "many_to_many",
        "left": {"group_by": ["reference"]},
        "right": {"group_by": ["reference"]},
        "pair": SAME,
    }
    left, right = [line("l", DAY, "100", reference="A")], [line("r", DAY, "100", reference="A")]
    assert not groups(reconcile(left, right, rule), left, right)
    more = [line("r", DAY, "30", reference="A"), line("s", DAY, "70", reference="A")]
    assert groups(reconcile(left, more, rule), left, more) == {frozenset({"l", "r", "s"})}


def test_keep_open_allocates_the_smaller_side_whole_and_leaves_the_rest() -> None:
    rule = ONE | {"pair": SAME, "amount": "any", "difference": "keep_open", "ambiguous": "closest"}
    left = [line("invoice", DAY, "100", reference="A")]
    right = [line("first", DAY, "30", reference="A"), line("second", "2024-03-05", "50", reference="A")]
    result = reconcile(left, right, rule)
    assert groups(result, left, right) == {frozenset({"invoice", "first"}), frozenset({"invoice", "second"})}
    assert sorted(result.members["allocated"]) == [3000, 3000, 5000, 5000]


def test_keep_open_takes_opposite_signs_first_and_whole() -> None:
    left = [
        line("a", DAY, "100", voucher_number="7"),
        line("credit", "2024-03-09", "-20", voucher_number="7"),
        line("b", "2024-03-08", "50", voucher_number="7"),
    ]
    right = [line("r", DAY, "90", reference="7")]
    rule = ONE | {
        "cardinality": "many_to_one",
        "left": {"group_by": ["voucher_number"]},
        "pair": {"left": "voucher_number", "op": "same", "right": "reference"},
        "amount": "any",
        "difference": "keep_open",
    }
    result = reconcile(left, right, rule)
    mine = result.members[result.members["side"] == "left"]
    assert dict(zip(mine["row"], mine["allocated"], strict=True)) == {0: 10000, 1: -2000, 2: 1000}


def test_a_suggestion_holds_its_lines_and_stays_a_rival() -> None:
    left = [line("l1", DAY, "100", text="x"), line("l2", DAY, "100", text="y", reference="B")]
    right = [line("r1", DAY, "100", text="x")]
    suggest = ONE | {"key": "s", "pair": {"left": "text", "op": "same", "right": "text"}, "outcome": "suggested"}
    result = reconcile(left, right, suggest, ONE)
    assert groups(result, left, right, "suggested") == {frozenset({"l1", "r1"})}
    assert groups(result, left, right, "confirmed") == set()


def test_of_twins_a_suggestion_holds_one_and_the_next_rule_takes_the_other() -> None:
    left = [line(name, DAY, "100", reference="A1", text="x") for name in ("l1", "l2")]
    right = [line("r1", DAY, "100", text="x"), line("r2", DAY, "100", reference="A1")]
    suggest = ONE | {"key": "s", "pair": SAME | {"left": "text", "right": "text"}, "outcome": "suggested"}
    result = reconcile(left, right, suggest | {"ambiguous": "first"}, ONE | {"pair": SAME, "ambiguous": "first"})
    assert groups(result, left, right, "suggested") == {frozenset({"l1", "r1"})}
    assert groups(result, left, right, "confirmed") == {frozenset({"l2", "r2"})}


def test_what_a_later_rule_confirms_lets_an_earlier_one_see_clearly() -> None:
    left = [line("l1", DAY, "100"), line("l2", DAY, "100", reference="B")]
    right = [line("r1", DAY, "100"), line("r2", DAY, "100", reference="B")]
    result = reconcile(left, right, ONE | {"key": "any"}, ONE | {"key": "same", "pair": SAME})
    assert groups(result, left, right) == {frozenset({"l1", "r1"}), frozenset({"l2", "r2"})}
    assert result.passes == 3


def test_derived_values_serve_the_rules_below_only() -> None:
    derive = {
        "kind": "derive",
        "side": "right",
        "where": {"field": "reference", "op": "is_empty"},
        "set": {"reference": {"from": "text", "pattern": r"KID[ :]*(\d{4,25})"}},
    }
    left = [line("l", DAY, "100", reference="12345")]
    right = [line("r", DAY, "100", text="KID: 12345")]
    above, below = ONE | {"key": "above", "pair": SAME}, ONE | {"key": "below", "pair": SAME}
    assert reconcile(left, right, above, derive, below).matches["rule"].tolist() == ["below"]


def test_excluded_lines_are_hidden_from_the_rules_below_and_listed() -> None:
    hide = {
        "key": "sweeps",
        "kind": "exclude",
        "side": "right",
        "where": {"field": "text", "op": "contains", "value": "SWEEP"},
    }
    left, right = [line("l", DAY, "100")], [line("r", DAY, "100", text="auto sweep")]
    result = reconcile(left, right, hide, ONE)
    assert result.matches.empty
    assert result.excluded[["rule", "side", "row"]].values.tolist() == [["sweeps", "right", 0]]
    assert groups(reconcile(left, right, ONE, hide), left, right)


@pytest.mark.parametrize(("then", "outcome"), [("suggest", "suggested"), ("leave", None)])
def test_decisions_only_lower_trust(then: str, outcome: str | None) -> None:
    left, right = [line("l", DAY, "5000")], [line("r", "2024-03-07", "5000")]
    decide = [
        {"name": "small", "when": {"field": "abs_amount", "op": "less_than", "value": "10"}, "then": "leave"},
        {"name": "far", "when": {"field": "days_apart", "op": "at_least", "value": 3}, "then": then},
    ]
    result = reconcile(left, right, ONE | {"date": {"within": 5}}, decide=decide)
    assert result.matches["outcome"].tolist() == ([outcome] if outcome else [])


def test_a_refused_set_is_not_made_again_and_by_another_rule_only_suggested() -> None:
    left, right = [line("l", DAY, "100", reference="A")], [line("r", DAY, "100", reference="A")]
    first, other = ONE | {"key": "first", "pair": SAME}, ONE | {"key": "other"}
    refused = (set_hash(["l", "r"]), rule_hash(rule_set(first).rules[0]))
    assert reconcile(left, right, first, refusals=[refused]).matches.empty
    again = reconcile(left, right, first, other, refusals=[refused])
    assert again.matches[["rule", "outcome", "marked"]].values.tolist() == [["other", "suggested", True]]


def test_a_refused_candidate_makes_nothing_else_ambiguous() -> None:
    left = [line("l", DAY, "100", reference="A")]
    right = [line("r1", DAY, "100", reference="A", text="x"), line("r2", DAY, "100", reference="A", text="y")]
    rule = ONE | {"pair": SAME, "ambiguous": "unique_only"}
    refused = (set_hash(["l", "r1"]), rule_hash(rule_set(rule).rules[0]))
    assert reconcile(left, right, rule).matches.empty
    assert groups(reconcile(left, right, rule, refusals=[refused]), left, right) == {frozenset({"l", "r2"})}


def test_twins_are_matched_in_id_order_under_every_policy() -> None:
    left = [line(f"l{n}", DAY, "100") for n in (2, 1)]
    right = [line(f"r{n}", DAY, "100") for n in (1, 2)]
    for policy in POLICIES:
        result = reconcile(left, right, ONE | {"ambiguous": policy})
        assert groups(result, left, right) == {frozenset({"l1", "r1"}), frozenset({"l2", "r2"})}
        assert result.matches["alternatives"].tolist() == [0, 0]


def test_unequal_twins_are_a_tie() -> None:
    left = [line(f"l{n}", DAY, "100") for n in (1, 2, 3)]
    right = [line(f"r{n}", DAY, "100") for n in (1, 2)]
    assert reconcile(left, right, ONE | {"ambiguous": "closest"}).matches.empty
    first = reconcile(left, right, ONE | {"ambiguous": "first"})
    assert groups(first, left, right) == {frozenset({"l1", "r1"}), frozenset({"l2", "r2"})}


def test_a_block_above_the_ceiling_is_named_and_the_others_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(join, "BLOCK_CEILING", 8)
    left = [line(f"l{n}", DAY, "100", text=str(n)) for n in range(3)] + [line("x", DAY, "7")]
    right = [line(f"r{n}", DAY, "100", text=str(n)) for n in range(3)] + [line("y", DAY, "7")]
    result = reconcile(left, right, ONE | {"pair": {"left": "text", "op": "similar", "right": "text", "at_least": 0.1}})
    assert result.matches.empty
    rule = ONE | {"ambiguous": "closest", "date": {"within": 3}}
    result = reconcile(left, right, rule)
    assert frozenset({"x", "y"}) in groups(result, left, right)
    assert [(finding.code, finding.where) for finding in result.findings] == [("block_too_large", "one")]
    assert "3 left and 3 right" in result.findings[0].sentence


def test_a_shared_number_joins_where_amounts_may_differ() -> None:
    rule = ONE | {
        "pair": {"all": [{"left": "text", "op": "shares_token", "right": "text"}]},
        "amount": "any",
        "difference": "keep_open",
    }
    left = [line("l", DAY, "100", text="order 12345")]
    right = [line("r", DAY, "90", text="paid 12345"), line("s", DAY, "90", text="paid 999")]
    assert groups(reconcile(left, right, rule), left, right) == {frozenset({"l", "r"})}


def test_internal_groups_cancel_out_inside_their_window() -> None:
    rule = ONE | {"cardinality": "internal_right", "right": {"group_by": ["reference"]}, "date": {"to": 5, "from": 0}}
    right = [line(f"r{n}", f"2024-03-0{n}", amount, reference="A") for n, amount in ((1, "50"), (2, "30"), (4, "-80"))]
    assert groups(reconcile([], right, rule), [], right) == {frozenset({"r1", "r2", "r4"})}
    late = [*right[:2], line("r4", "2024-03-09", "-80", reference="A")]
    assert not groups(reconcile([], late, rule), [], late)
