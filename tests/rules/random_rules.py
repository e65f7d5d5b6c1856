"""Random rule sets, conditions and frames from a seed, with values that collide, are missing, or nearly agree.

Reusable by other tests: everything takes a `random.Random`, so a failing case is its seed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Literal

import pandas as pd
import pyarrow as pa

from rules.fields import CANDIDATE_FIELDS, Field, FieldType, arrow_type, line_field
from rules.model import (
    POLICIES,
    ROUNDINGS,
    All,
    Allowance,
    Any,
    Cardinality,
    Condition,
    DateWindow,
    Decision,
    Derive,
    Difference,
    Exclude,
    Extract,
    Match,
    Not,
    PairTest,
    Post,
    Rule,
    RuleSet,
    Search,
    Test,
    Unit,
)
from rules.operators import LINE, PAIR
from rules.text import STEPS

CURRENCIES = ("NOK", "SEK", "JPY", "KWD")
DAYS = [date(2026, 3, 27) + timedelta(days=number) for number in range(10)]
TEXTS = (
    "",
    " ",
    "---",
    "000",
    "KID 0012345678",
    "kid: 12345678",
    "Faktura 10045 Nordlys AS",
    "NORDLYS AS faktura 10045",
    "faktura 10054",
    "Gebyr for mars",
    "Årsavgift Øst-Bygg",
    "øst bygg",
    "100 450",
    "100450",
    "10045",
    "100540",
    "1004500",
    "ref-100450.",
    "ß ĳ İ",
    "a\N{NO-BREAK SPACE}b",
    "(x) [y] .*",
    "10.505",
    "10.4951",
    " -0.5",
    "-361.5000",
    "10,505",
)
PATTERNS = (r"KID[ :]*(\d{4,25})", r"\d{5}", r"^faktura", r"(a)|b", r"[æøå]", r"\bAS\b", r"\(x\)", r"^\D+$")
TEXT_FIELDS = ("reference", "text", "counterparty", "extra.branch")
AMOUNTS = ("0", "1", "-1", "10.5", "0.005", "-0.5", "10.50", "1000", "-361.5")
MINORS = (0, 1, -1, 5, 100, -100, 1050, -50, 100000, -36150, 1000)
COUNTS = ("0", "1", "2", "0.5", "3")


def frame(random: Random, rows: int) -> pd.DataFrame:
    """A frame of lines with every type of field, holes included."""
    columns: dict[str, list[object]] = {
        "id": [f"{number:04}" for number in range(rows)],
        "booking_date": [random.choice([*DAYS, None]) for _row in range(rows)],
        "value_date": [random.choice([*DAYS, None]) for _row in range(rows)],
        "amount": [random.choice(MINORS) for _row in range(rows)],
        "currency": [random.choice(CURRENCIES) for _row in range(rows)],
        "original_amount": [random.choice([*MINORS, None]) for _row in range(rows)],
        "original_currency": [random.choice([*CURRENCIES, None]) for _row in range(rows)],
    }
    for name in TEXT_FIELDS:
        columns[name] = [random.choice([*TEXTS, None]) for _row in range(rows)]
    return pd.DataFrame({name: _column(line_field(name), values) for name, values in columns.items()})


def candidates(random: Random, rows: int) -> pd.DataFrame:
    """A frame of candidates as decisions read them."""
    choices: dict[FieldType, Sequence[object]] = {
        FieldType.TEXT: ("one-to-one", "one_to_many"),
        FieldType.MONEY: MINORS,
        FieldType.NUMBER: (0.0, 1.0, 2.0, 3.0, 0.5),
    }
    made = {
        field.name: _column(field, [random.choice(choices[field.type]) for _row in range(rows)])
        for field in CANDIDATE_FIELDS.values()
    }
    made["similarity"] = _column(CANDIDATE_FIELDS["similarity"], [random.choice([0.5, 1.0, None]) for _ in range(rows)])
    made["currency"] = _column(line_field("currency"), [random.choice(CURRENCIES) for _row in range(rows)])
    return pd.DataFrame(made)


def _column(field: Field | None, values: list[object]) -> pd.Series:
    kind = arrow_type(field.type if field else FieldType.TEXT)
    return pd.Series(pd.arrays.ArrowExtensionArray(pa.array(values, kind)))


def condition(random: Random, leaf: Callable[[Random], Condition], depth: int = 3) -> Condition:
    """A tree of all, any and not over random leaves."""
    draw = random.random()
    if depth == 0 or draw < 0.35:
        return leaf(random)
    if draw < 0.5:
        return Not(condition(random, leaf, depth - 1))
    items = tuple(condition(random, leaf, depth - 1) for _item in range(random.randint(1, 3)))
    return All(items) if draw < 0.75 else Any(items)


def line_test(random: Random) -> Test:
    """A leaf of `where`."""
    names = ("amount", "abs_amount", "sign", "currency", "booking_date", "original_amount", "due_date")
    field = line_field(random.choice([*TEXT_FIELDS, *TEXT_FIELDS, *names]))
    assert field is not None
    return _test(random, field)


def candidate_test(random: Random) -> Test:
    """A leaf of `when`."""
    return _test(random, random.choice(list(CANDIDATE_FIELDS.values())))


def _test(random: Random, field: Field, side: Literal["left", "right"] | None = None) -> Test:
    operator = LINE[random.choice([row.key for row in LINE.values() if field.type in row.types])]
    if operator.takes == "none":
        return Test(field.name, operator.key, side=side)
    value: str | tuple[str, ...] = _literal(random, field, operator.key)
    if operator.takes == "two":
        value = (_literal(random, field, operator.key), _literal(random, field, operator.key))
    elif operator.takes == "several" and field.type in operator.listed and random.random() < 0.4:
        value = tuple(_literal(random, field, operator.key) for _value in range(random.randint(1, 3)))
    case = field.type is FieldType.TEXT and random.random() < 0.2
    at_least = random.choice([0.0, 0.5, 0.8, 1.0]) if operator.key == "similar" else None
    return Test(field.name, operator.key, value, case, at_least, side)


def _literal(random: Random, field: Field, op: str) -> str:
    match field.type:
        case FieldType.DATE:
            return random.choice(DAYS).isoformat()
        case FieldType.MONEY:
            return random.choice(AMOUNTS)
        case FieldType.NUMBER:
            return random.choice(COUNTS)
        case FieldType.CURRENCY:
            return random.choice(CURRENCIES)
        case FieldType.SIGN:
            return random.choice(["positive", "negative", "zero"])
    if op == "matches":
        return random.choice(PATTERNS)
    text = random.choice([text for text in TEXTS if text])
    return text if random.random() < 0.6 else text[: random.randint(1, len(text))]


def pair_leaf(random: Random) -> Condition:
    """A leaf of `pair`: between the sides, sometimes of one side."""
    if random.random() < 0.2:
        field = line_field(random.choice([*TEXT_FIELDS, "amount", "booking_date"]))
        assert field is not None
        return _test(random, field, random.choice(["left", "right"]))
    return pair_test(random)


def pair_test(random: Random) -> PairTest:
    """A test between the sides on text, dates, amounts or codes."""
    kinds: list[tuple[str, ...]] = [
        TEXT_FIELDS,
        TEXT_FIELDS,
        TEXT_FIELDS,
        ("booking_date", "value_date"),
        ("amount", "original_amount", "abs_amount"),
        ("sign",),
        ("currency", "original_currency"),
    ]
    names = random.choice(kinds)
    field = line_field(names[0])
    assert field is not None
    op = random.choice([row.key for row in PAIR.values() if field.type in row.types])
    if op == "same_rounded":
        return _rounding_test(random)
    return PairTest(
        random.choice(names),
        op,
        random.choice(names),
        _steps(random) if op == "same" and field.type is FieldType.TEXT else ("case", "spaces"),
        {"similar": random.choice([0.5, 0.8, 1.0]), "shares_token": float(random.randint(3, 8))}.get(op),
        _distance(random, field) if op == "within" else None,
    )


def _rounding_test(random: Random) -> PairTest:
    left, right = (random.choice([*TEXT_FIELDS, "amount", "original_amount", "abs_amount"]) for _side in range(2))
    return PairTest(left, "same_rounded", right, places=random.randint(0, 4), mode=random.choice(ROUNDINGS))


def _steps(random: Random) -> tuple[str, ...]:
    return tuple(step for step in STEPS if random.random() < 0.5)


def _distance(random: Random, field: Field) -> Decimal:
    return Decimal(random.randint(0, 4)) if field.type is FieldType.DATE else Decimal(random.choice(["0", "0.5", "10"]))


def rule_set(random: Random) -> RuleSet:
    """A rule set that the codec takes, of every kind."""
    makers = (_exclude, _derive, _match, _match, _match, _post)
    rules = tuple(random.choice(makers)(random, number) for number in range(random.randint(1, 6)))
    decide = tuple(
        Decision(f"Decision {number}", condition(random, candidate_test), random.choice(["suggest", "leave"]))
        for number in range(random.randint(0, 3))
    )
    return RuleSet(random.choice(["", "Bank", "Øvrig"]), rules, decide)


def where(random: Random) -> Condition | None:
    return None if random.random() < 0.4 else condition(random, line_test)


def _side(random: Random) -> Literal["left", "right", "both"]:
    return random.choice(["left", "right", "both"])


def _exclude(random: Random, number: int) -> Rule:
    return Exclude(f"exclude-{number}", f"Exclude {number}", _side(random), where(random))


def _derive(random: Random, number: int) -> Rule:
    step = Extract(random.choice(TEXT_FIELDS), random.choice(PATTERNS))
    return Derive(
        f"derive-{number}", f"Derive {number}", _side(random), where(random), ((random.choice(TEXT_FIELDS), step),)
    )


def _post(random: Random, number: int) -> Rule:
    outcome: Literal["confirmed", "suggested"] = random.choice(["confirmed", "suggested"])
    return Post(f"post-{number}", f"Post {number}", _side(random), where(random), "BANKFEE", outcome)


def _match(random: Random, number: int) -> Rule:
    shapes: list[tuple[Cardinality, bool, bool]] = [
        ("one_to_one", False, False),
        ("one_to_many", False, True),
        ("many_to_one", True, False),
        ("many_to_many", True, True),
        ("internal_left", True, False),
        ("internal_right", False, False),
    ]
    cardinality, left_many, right_many = random.choice(shapes)
    searched = cardinality in ("one_to_many", "many_to_one") and random.random() < 0.3
    allowance = Allowance() if searched else _allowance(random)
    pair = condition(random, pair_leaf) if random.random() < 0.8 else None
    difference = None if allowance.exact else _difference(random, allowance)
    if allowance.anything:
        anchor = PairTest("reference", random.choice(["same", "contains", "shares_token"]), "reference")
        pair = All((anchor, pair)) if pair else anchor
    return Match(
        f"match-{number}",
        f"Match {number}",
        cardinality,
        _unit(random, left_many and not searched) if cardinality != "internal_right" else Unit(),
        _unit(random, right_many and not searched) if cardinality != "internal_left" else Unit(),
        pair,
        _window(random) if random.random() < 0.8 else None,
        allowance,
        random.choice(POLICIES),
        random.choice(["confirmed", "suggested"]),
        difference,
        Search(random.randint(2, 9), random.randint(1, 10**6), ("booking_date",)) if searched else None,
    )


def _unit(random: Random, grouped: bool) -> Unit:
    keys = random.sample(["reference", "booking_date", "sign", "extra.branch"], random.randint(1, 2))
    return Unit(where(random), tuple(keys) if grouped else ())


def _window(random: Random) -> DateWindow:
    days = sorted((random.randint(-5, 5), random.randint(-5, 5)))
    calendar = random.choice(["calendar", "banking", "banking:NO"])
    return DateWindow(random.choice(["booking_date", "value_date"]), days[0], days[1], calendar)


def _difference(random: Random, allowance: Allowance) -> Difference:
    named = (allowance.left, allowance.right) != (Allowance().left, Allowance().right)
    if allowance.anything or (random.random() < 0.3 and not named):
        return Difference(keep_open=True)
    return Difference(entry_type="ROUNDING")


def _allowance(random: Random) -> Allowance:
    draw = random.random()
    if draw < 0.1:
        return Allowance(anything=True)
    if draw < 0.2:
        return Allowance(left="original_amount", right=random.choice(["amount", "original_amount"]))
    if draw < 0.5:
        return Allowance()
    percent = random.choice([None, Decimal("0.5"), Decimal(2)])
    return Allowance(
        Decimal(random.choice(["0", "0.5"])),
        Decimal(random.choice(["1", "2.25"])),
        percent,
        Decimal(10) if percent and random.random() < 0.5 else None,
        random.choice(["left", "right", "larger", "smaller"]),
    )
