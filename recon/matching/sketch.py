"""A rule sketched from lines that a person has selected: which lines it is about, what ties them, how far apart.

It is a beginning for the editor, careful on purpose: it only suggests matches, and it asks for all that the selected
lines have in common rather than for little. A test is taken up only where the language's own reading of it holds for
every selected pair.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import product
from typing import Any

from rules import one_line
from rules.model import PairTest
from rules.names import field_label
from rules.text import fold, is_missing
from rules.values import from_minor
from rules.wording import _

Row = Mapping[str, Any]
"""A line as `rules.one_line` reads it: field -> value, amounts in minor units."""
Pair = tuple[Row, Row]
Document = dict[str, Any]

KEYS = (
    "reference kid archive_reference end_to_end_id invoice_number voucher_number customer_number supplier_number "
    "counterparty_account counterparty"
).split()
"""Fields that can tie lines, the strongest first."""
GROUPING = "archive_reference entry reference kid voucher_number invoice_number counterparty".split()
SHORTEST_WORD = 4
SHORTEST_SHARED = 5
MOST_TIES = 2


def sketch(left: Sequence[Row], right: Sequence[Row]) -> Document:
    """The rule, without a key, as a document of the rule language; it may lack what only a person can choose.

    Lines of one side that cancel out give an internal match; others of one side a rule that leaves such lines aside.
    Raises ValueError without any line.
    """
    if left and right:
        return _between(left, right)
    lines, side = (left, "left") if left else (right, "right")
    if not lines:
        raise ValueError(_("Select lines first."))
    if len(lines) > 1 and _sum(lines) == 0:
        return _inside(lines, side)
    where = _where(lines)
    return {"name": _name(where, []), "kind": "exclude", "side": side, **({"where": where} if where else {})}


def _between(left: Sequence[Row], right: Sequence[Row]) -> Document:
    pairs = _examples(left, right)
    single = len(pairs) == len(left) == len(right)
    ties = _ties(pairs)
    sides = {"left": left, "right": right}
    many = {side: not single and len(lines) > 1 for side, lines in sides.items()}
    units = {side: _unit(lines, many[side]) for side, lines in sides.items()}
    searched = [lines for side, lines in sides.items() if many[side] and "group_by" not in units[side]]
    return {
        "name": _name(units["right"].get("where") or units["left"].get("where"), ties),
        "kind": "match",
        "cardinality": f"{'many' if many['left'] else 'one'}_to_{'many' if many['right'] else 'one'}",
        **{side: unit for side, unit in units.items() if unit},
        **_pair(ties),
        "date": _window([_days(pair) for pair in pairs]),
        **(_search(searched) if searched else _allowance(left, right)),
        "ambiguous": "closest" if ties else "unique_only",
        "outcome": "suggested",
    }


def _inside(lines: Sequence[Row], side: str) -> Document:
    """Lines of one side that sum to 0, as a rule within that side."""
    ordered = sorted(lines, key=lambda row: (row["booking_date"], str(row.get("id", ""))))
    ties = _ties([(ordered[0], later) for later in ordered[1:]])
    unit = _unit(lines, many=len(lines) > 2, signed=False)
    span = (ordered[-1]["booking_date"] - ordered[0]["booking_date"]).days
    return {
        "name": _name(unit.get("where"), ties),
        "kind": "match",
        "cardinality": f"internal_{side}",
        **({side: unit} if unit else {}),
        **_pair(ties),
        "date": {"field": "booking_date", "from": 0, "to": span},
        "ambiguous": "closest" if ties else "unique_only",
        "outcome": "suggested",
    }


def _examples(left: Sequence[Row], right: Sequence[Row]) -> list[Pair]:
    """One with one where the amounts of both sides are the same; else every left with every right line."""
    by_amount = [sorted(lines, key=lambda row: (row["amount"], row["booking_date"])) for lines in (left, right)]
    pairs = list(zip(*by_amount, strict=False))
    if len(left) == len(right) and all(one["amount"] == other["amount"] for one, other in pairs):
        return pairs
    return list(product(left, right))


# which lines


def _unit(lines: Sequence[Row], many: bool, signed: bool = True) -> Document:
    where = _where(lines, signed)
    keys = _shared_keys(lines) if many else []
    return ({"where": where} if where else {}) | ({"group_by": keys} if keys else {})


def _where(lines: Sequence[Row], signed: bool = True) -> Document | None:
    tests = [*_text_tests(lines), *(_sign_tests(lines) if signed else [])]
    return {"all": tests} if tests else None


def _text_tests(lines: Sequence[Row]) -> list[Document]:
    texts = [str(row.get("text") or "") for row in lines]
    if beginning := _common_beginning(texts):
        return [{"field": "text", "op": "starts_with", "value": beginning}]
    if word := _common_word(texts):
        return [{"field": "text", "op": "contains", "value": word}]
    return []


def _common_beginning(texts: Sequence[str]) -> str:
    """The words that all texts begin with, up to the first that holds a digit."""
    split = [text.split() for text in texts]
    common: list[str] = []
    for words in zip(*split, strict=False):
        if len({fold(word) for word in words}) > 1 or any(char.isdigit() for char in words[0]):
            break
        common.append(words[0])
    beginning = " ".join(common).rstrip(" .,:;-/*")
    return beginning if sum(map(str.isalpha, beginning)) >= SHORTEST_WORD - 1 else ""


def _common_word(texts: Sequence[str]) -> str:
    """The longest word without digits that stands in every text; the first of equally long ones."""
    words = [word for word in texts[0].split() if word.isalpha() and len(word) >= SHORTEST_WORD]
    common = [word for word in words if all(fold(word) in map(fold, text.split()) for text in texts)]
    return max(common, key=len, default="")


def _sign_tests(lines: Sequence[Row]) -> list[Document]:
    signs = {"positive" if row["amount"] > 0 else "negative" if row["amount"] < 0 else "zero" for row in lines}
    return [{"field": "sign", "op": "equals", "value": signs.pop()}] if len(signs) == 1 else []


def _shared_keys(lines: Sequence[Row]) -> list[str]:
    """What the lines of one unit share: the strongest text field, and their day; with a day alone also their sign."""
    strong = [name for name in GROUPING if _shared(lines, name)][:1]
    day = ["booking_date"] if _shared(lines, "booking_date") else []
    sign = ["sign"] if day and not strong and _sign_tests(lines) else []
    return [*strong, *day, *sign]


def _shared(lines: Sequence[Row], name: str) -> bool:
    values = {row.get(name) for row in lines}
    value = next(iter(values))
    return len(values) == 1 and (not is_missing(value) if isinstance(value, str) else value is not None)


# what ties them


def _ties(pairs: Sequence[Pair]) -> list[PairTest]:
    """The strongest tests that hold for every pair: the same number, one inside the other's text, a shared number."""
    for kind in (_same_tests, _inside_tests, _token_tests):
        found = [test for test in kind() if all(one_line.pair(test, *pair).holds for pair in pairs)]
        if found:
            return _unlike(found)
    return []


def _unlike(tests: Sequence[PairTest]) -> list[PairTest]:
    """The first tests of which no two read the same field of a side."""
    taken: list[PairTest] = []
    for test in tests:
        if all(test.left != other.left and test.right != other.right for other in taken):
            taken.append(test)
    return taken[:MOST_TIES]


def _same_tests() -> Iterator[PairTest]:
    yield from (PairTest(name, "same", name) for name in KEYS)
    yield from (PairTest(one, "same", other) for one, other in product(KEYS, KEYS) if one != other)


def _inside_tests() -> Iterator[PairTest]:
    for name in KEYS:
        yield PairTest(name, "contained_in", "text")
        yield PairTest("text", "contains", name)


def _token_tests() -> Iterator[PairTest]:
    for one, other in (("text", "text"), ("reference", "text"), ("text", "reference")):
        yield PairTest(one, "shares_token", other, at_least=SHORTEST_SHARED)


def _pair(ties: Sequence[PairTest]) -> Document:
    tests = [
        {"left": test.left, "op": test.op, "right": test.right}
        | ({"at_least": int(test.at_least)} if test.at_least else {})
        for test in ties
    ]
    return {"pair": {"all": tests}} if tests else {}


# how far apart


def _days(pair: Pair) -> int:
    on: list[date] = [row["booking_date"] for row in pair]
    return (on[1] - on[0]).days


def _window(days: Sequence[int]) -> Document:
    """As far as the selected lines are apart, with the same day inside."""
    return {"field": "booking_date", "from": min(0, *days), "to": max(0, *days)}


def _sum(lines: Sequence[Row]) -> int:
    return sum(int(row["amount"]) for row in lines)


def _allowance(left: Sequence[Row], right: Sequence[Row]) -> Document:
    """Nothing for equal sums; else the difference seen, whose treatment a person chooses."""
    difference = _sum(right) - _sum(left)
    if not difference:
        return {}
    return {"amount": {"plus" if difference > 0 else "minus": from_minor(abs(difference), str(right[0]["currency"]))}}


def _search(many: Sequence[Sequence[Row]]) -> Document:
    """Subset search in the place of keys that the lines of a side lack."""
    same = [name for name in ("booking_date", "value_date") if all(_shared(lines, name) for lines in many)]
    return {"search": {"max_lines": max(8, *map(len, many)), **({"same": same[:1]} if same else {})}}


def _name(where: Document | None, ties: Sequence[PairTest]) -> str:
    """By its text, else by what ties the lines."""
    texts = [test["value"] for test in (where or {}).get("all", ()) if test["field"] == "text"]
    if texts:
        return str(texts[0])
    if ties:
        return _("Same {field}").format(field=field_label(ties[0].left))
    return ""
