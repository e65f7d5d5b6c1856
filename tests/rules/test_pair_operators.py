"""Every operator between the sides: where it holds, where it does not, and that a missing value fails it."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest

from rules.evaluate import pair_truth, similarity
from rules.fields import FieldType
from rules.model import ROUNDINGS, All, Any, Not, PairTest
from rules.model import Test as Leaf
from rules.operators import PAIR
from tests.rules.line_frames import lines, pairing

EVERY_STEP = ("case", "spaces", "punctuation", "leading_zeros")


@pytest.mark.parametrize(
    ("test", "left", "right", "holds"),
    [
        (PairTest("text", "same", "text"), "INV 1 2", "inv12", True),
        (PairTest("text", "same", "text"), "INV-12", "inv12", False),
        (PairTest("text", "same", "text", ()), "a", "A", False),
        (PairTest("text", "same", "text", ()), "a b", "a b", True),
        (PairTest("text", "same", "text", EVERY_STEP), "00-INV.12", "inv12", True),
        (PairTest("text", "same", "text", ("leading_zeros",)), "0012", "12", True),
        (PairTest("text", "contains", "text"), "Faktura 10045 takk", "10045", True),
        (PairTest("text", "contains", "text"), "Faktura 100456", "10045", False),
        (PairTest("text", "contains", "text"), "faktura 910045-10045", "10045", True),
        (PairTest("text", "contains", "text"), "x_10045.", "10045", True),
        (PairTest("text", "contains", "text"), "Nordlys AS, Oslo", "NORDLYS as", True),
        (PairTest("text", "contains", "text"), "10045", "Faktura 10045", False),
        (PairTest("text", "contained_in", "text"), "10045", "Faktura:10045", True),
        (PairTest("text", "contained_in", "text"), "10045", "Faktura10045", False),
        (PairTest("text", "contained_in", "text"), "10045", "Årø10045ø 10045", True),
        (PairTest("text", "shares_token", "text"), "Faktura 10045", "inv10045 / 10045", True),
        (PairTest("text", "shares_token", "text"), "faktura mars", "faktura mars", False),
        (PairTest("text", "shares_token", "text"), "nr 123", "123", False),
        (PairTest("text", "shares_token", "text", at_least=3.0), "nr 123", "123", True),
        (PairTest("text", "shares_token", "text", at_least=6.0), "10045", "10045", False),
        (PairTest("text", "similar", "text", at_least=1.0), "Nordlys AS", "as NORDLYS,", True),
        (PairTest("text", "similar", "text", at_least=0.9), "Nordlys AS", "Østbygg AS", False),
        (PairTest("text", "one_edit", "text"), "100450", "100460", True),
        (PairTest("text", "one_edit", "text"), "100450", "100540", True),
        (PairTest("text", "one_edit", "text"), "100450", "1004500", True),
        (PairTest("text", "one_edit", "text"), "100450", "10045", False),
        (PairTest("text", "one_edit", "text"), "1004509", "100450", True),
        (PairTest("text", "one_edit", "text"), "10045", "10046", False),
        (PairTest("text", "one_edit", "text"), "100450", "200460", False),
        (PairTest("text", "one_edit", "text"), "abcdef", "badcfe", False),
        (PairTest("text", "one_edit", "text"), "INV 1004", "inv1004", True),
    ],
)
def test_text(test: PairTest, left: str, right: str, holds: bool) -> None:
    assert pairing(test, lines(text=[left]), lines(text=[right])) == [holds]


@pytest.mark.parametrize("op", [row.key for row in PAIR.values() if FieldType.TEXT in row.types])
def test_an_empty_value_never_agrees_with_anything(op: str) -> None:
    test = PairTest("text", op, "text", at_least=0.0 if op == "similar" else None)
    empty = [None, " ", "---", "000"]
    assert pairing(test, lines(text=empty), lines(text=empty)) == [False] * 4
    assert pairing(test, lines(text=empty), lines(text=["100450"] * 4)) == [False] * 4
    assert pairing(test, lines(text=["100450"] * 4), lines(text=empty)) == [False] * 4


def test_same_and_within_on_dates() -> None:
    left = lines(booking_date=["2026-03-30", "2026-03-30", "2026-03-30", None])
    right = lines(value_date=["2026-03-30", "2026-03-31", "2026-04-02", None])
    assert pairing(PairTest("booking_date", "same", "value_date"), left, right) == [True, False, False, False]
    near = PairTest("booking_date", "within", "value_date", value=Decimal(1))
    assert pairing(near, left, right) == [True, True, False, False]


def test_amounts_are_compared_in_one_currency_and_exactly() -> None:
    left = lines(amount=[1000, 1000, 1000, 1000], currency=["NOK", "NOK", "JPY", "KWD"])
    right = lines(amount=[1000, 1000, 1001, 1001], currency=["NOK", "SEK", "JPY", "KWD"])
    assert pairing(PairTest("amount", "same", "amount"), left, right) == [True, False, False, False]
    near = PairTest("amount", "within", "amount", value=Decimal("0.0019"))
    assert pairing(near, left, right) == [True, False, False, True]
    assert pairing(PairTest("amount", "within", "amount", value=Decimal(1)), left, right) == [True, False, True, True]


def test_named_amounts_use_their_own_currency() -> None:
    left = lines(original_amount=[500, 500, None], original_currency=["EUR", "EUR", "EUR"])
    right = lines(amount=[500, 500, 500], currency=["EUR", "NOK", "EUR"])
    assert pairing(PairTest("original_amount", "same", "amount"), left, right) == [True, False, False]


@pytest.mark.parametrize(
    ("left", "right", "alike"),
    [
        ("10.005", "10.004", {"floor", "truncate"}),
        ("10.005", "10.01", {"half_up"}),
        ("10.0049999999999999999999999", "10.00", {"half_up", "floor", "truncate"}),
        ("-10.005", "-10.01", {"half_up", "floor"}),
        ("-10.005", "-10.004", {"floor", "truncate"}),
        ("-0.004", "0.004", {"half_up", "truncate"}),
        ("1.115", "1.12", {"half_up"}),
        ("7", "+7.000", {"half_up", "floor", "truncate"}),
        (" 7.00 ", "7", {"half_up", "floor", "truncate"}),
        ("9" * 40 + ".995", "1" + "0" * 40, set()),
        ("9" * 39 + ".995", "1" + "0" * 39, {"half_up"}),
        ("10,00", "10,00", set()),
        ("1e1", "10", set()),
        ("10.", "10", set()),
        ("١٠", "10", set()),
        ("0.00", "0.00", set()),
    ],
)
def test_numbers_in_texts_are_rounded_exactly(left: str, right: str, alike: set[str]) -> None:
    for mode in ROUNDINGS:
        test = PairTest("extra.price", "same_rounded", "text", places=2, mode=mode)
        assert pairing(test, lines(extra__price=[left]), lines(text=[right])) == [mode in alike], mode


def test_amounts_are_rounded_in_their_currency() -> None:
    left = lines(amount=[10005, 1099, 1099, 10, 2**62], currency=["KWD", "NOK", "NOK", "JPY", "KWD"])
    right = lines(amount=[10004, 1001, 1001, 10, 2**62 + 1], currency=["KWD", "NOK", "SEK", "JPY", "KWD"])
    cents = PairTest("amount", "same_rounded", "amount", places=2, mode="floor")
    assert pairing(cents, left, right) == [True, False, False, True, True]
    assert pairing(replace(cents, mode="half_up"), left, right) == [False, False, False, True, False]
    assert pairing(replace(cents, places=0), left, right) == [True, True, False, True, True]
    assert pairing(replace(cents, places=12), left, right) == [False, False, False, True, False]


def test_an_amount_and_a_number_in_a_text_are_rounded_alike() -> None:
    left = lines(amount=[1001, 1001, 1001, 0, -1001], currency=["NOK", "NOK", "NOK", "NOK", "JPY"])
    right = lines(extra__price=["10.005", "10.004", None, "0.001", "-1000.9"])
    test = PairTest("amount", "same_rounded", "extra.price", places=2)
    turned = PairTest("extra.price", "same_rounded", "amount", places=2)
    assert pairing(test, left, right) == pairing(turned, right, left) == [True, False, False, True, False]
    whole = replace(test, places=0, mode="floor")
    assert pairing(whole, left, right) == [True, True, False, True, True]


def test_codes() -> None:
    left, right = lines(amount=[1, -1], currency=["NOK", "NOK"]), lines(amount=[5, 5], currency=["NOK", "SEK"])
    assert pairing(PairTest("sign", "same", "sign"), left, right) == [True, False]
    assert pairing(PairTest("currency", "same", "currency"), left, right) == [True, False]


def test_one_sided_leaves_and_trees() -> None:
    left, right = lines(reference=[None, "1234"], text=["a", "b"]), lines(reference=["x", "1234"], text=["a", "z"])
    open_left = Leaf("reference", "is_empty", side="left")
    far = Leaf("text", "equals", "z", side="right")
    same = PairTest("reference", "same", "reference")
    assert pairing(open_left, left, right) == [True, False]
    assert pairing(Any((open_left, All((same, far)))), left, right) == [True, True]
    assert pairing(Not(same), left, right) == [True, False]


def test_pairs_are_read_by_position() -> None:
    left, right = lines(reference=["a", "b", "c"]), lines(reference=["c", "a"])
    same = PairTest("reference", "same", "reference")
    one, other = np.array([0, 0, 2, 1]), np.array([0, 1, 0, 1])
    assert pair_truth(same, left, right, one, other).tolist() == [False, True, True, False]
    nothing = np.array([], dtype=np.int64)
    assert pair_truth(same, left, right, nothing, nothing).tolist() == []
    assert pair_truth(None, left, right, one, other).tolist() == [True] * 4


def test_similarity_is_the_lowest_score_of_the_rule() -> None:
    left = lines(text=["nordlys as", "nordlys as"], counterparty=["øst", None])
    right = lines(text=["as nordlys", "as nordlys"], counterparty=["vest", "vest"])
    positions = np.arange(2)
    name = PairTest("text", "similar", "text", at_least=0.5)
    party = PairTest("counterparty", "similar", "counterparty", at_least=0.9)
    assert similarity(name, left, right, positions, positions).tolist() == [1.0, 1.0]
    both = similarity(Any((name, Not(party))), left, right, positions, positions)
    assert 0 < both[0] < 0.7
    assert both[1] == 0.0
    assert np.isnan(similarity(PairTest("text", "same", "text"), left, right, positions, positions)).all()


def test_every_operator_of_the_language_is_there() -> None:
    assert list(PAIR) == "same contains contained_in shares_token similar within same_rounded one_edit".split()
