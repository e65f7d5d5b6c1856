"""New keys: what the lines of manual matches share though no rule looks there.

One with one: the same reference in two fields, or one side's reference inside the other's text. One with many: a field
that all of the many share.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import product

from recon.matching.learned import LEAST, Case, Kind, Proposal, last_key, shape
from recon.matching.widening import allowance_of, treatment_of
from rules.explain import Row, pair
from rules.kinds import slug
from rules.model import DateWindow, Match, PairTest, RuleSet, Unit
from rules.names import field_label
from rules.wording import _

REFERENCES = (
    "reference",
    "kid",
    "invoice_number",
    "end_to_end_id",
    "archive_reference",
    "voucher_number",
    "customer_number",
    "supplier_number",
    "counterparty_account",
)
"""Fields whose value names a business deal, the most telling first; `extra` fields come after them."""
TEXTS = ("text", "note", "counterparty")
"""Fields in which a reference may stand among other words."""
SHORTEST = 4
"""Characters below which a shared value says nothing."""

Key = PairTest | str
"""A test between the sides, or the field by which the many lines are one."""


def shared_keys(rules: RuleSet, cases: Sequence[Case]) -> Iterator[Proposal]:
    """The keys that explain most cases, each case counted for one of them only."""
    for cardinality in ("one_to_one", "one_to_many", "many_to_one"):
        mine = {case.number: case for case in cases if shape(case) == cardinality}
        while best := _most_telling(mine.values()):
            key, numbers = best
            made = _rule(cardinality, key, [mine.pop(number) for number in numbers])
            kind: Kind = "reference" if isinstance(key, PairTest) else "group"
            yield Proposal(kind, made, tuple(numbers), after=last_key(rules))


def _most_telling(cases: Iterable[Case]) -> tuple[Key, list[int]] | None:
    """The key that holds in most cases with values of their own, in LEAST at least."""
    found: dict[Key, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    for case in cases:
        for key, value in _keys(case):
            found[key][value].append(case.number)
    # A value that recurs in many cases names a customer, not a deal: values are counted, not cases.
    ranked = sorted(found.items(), key=lambda each: -len(each[1]))
    if not ranked or len(ranked[0][1]) < LEAST:
        return None
    key, values = ranked[0]
    return key, sorted(number for numbers in values.values() for number in numbers)


def _keys(case: Case) -> Iterator[tuple[Key, str]]:
    if shape(case) == "one_to_one":
        yield from _between(case.left[0], case.right[0])
        return
    many = case.left if len(case.left) > 1 else case.right
    for field in (*_fields(many[0]), "entry"):
        values = {str(row.get(field) or "").strip().casefold() for row in many}
        if len(values) == 1 and len(next(iter(values))) >= SHORTEST:
            yield field, values.pop()


def _between(left: Row, right: Row) -> Iterator[tuple[Key, str]]:
    for one, other in product(_fields(left), _fields(right)):
        yield from _held(PairTest(one, "same", other), left, right, left[one])
    for field, text in product(_fields(left), TEXTS):
        yield from _held(PairTest(field, "contained_in", text), left, right, left[field])
    for text, field in product(TEXTS, _fields(right)):
        yield from _held(PairTest(text, "contains", field), left, right, right[field])


def _held(test: PairTest, left: Row, right: Row, value: object) -> Iterator[tuple[Key, str]]:
    if len(str(value).strip()) >= SHORTEST and pair(test, left, right).holds:
        yield test, str(value).strip().casefold()


def _fields(row: Row) -> list[str]:
    """The filled fields of a line that may name a deal."""
    names = [*REFERENCES, *sorted(name for name in row if name.startswith("extra."))]
    return [name for name in names if row.get(name)]


def _rule(cardinality: str, key: Key, cases: Sequence[Case]) -> Match:
    name = _name(key)
    many = {"one_to_many": "right", "many_to_one": "left"}.get(cardinality)
    grouped = Unit(group_by=(key,)) if isinstance(key, str) else Unit()
    return Match(
        key=slug(name),
        name=name,
        cardinality=cardinality,  # type: ignore[arg-type]
        left=grouped if many == "left" else Unit(),
        right=grouped if many == "right" else Unit(),
        pair=key if isinstance(key, PairTest) else None,
        date=_window(cases),
        amount=allowance_of(cases),
        outcome="suggested",
        difference=treatment_of(cases),
    )


def _name(key: Key) -> str:
    if isinstance(key, str):
        return _("Sum per {field}").format(field=field_label(key))
    told = {
        "same": _("Left {left} is right {right}"),
        "contained_in": _("Left {left} in the right {right}"),
        "contains": _("Right {right} in the left {left}"),
    }
    return told[key.op].format(left=field_label(key.left), right=field_label(key.right))


def _window(cases: Sequence[Case]) -> DateWindow:
    """The days seen between any left and any right line, the same day inside."""
    lags = [_days(one, other) for case in cases for one, other in product(case.left, case.right)]
    return DateWindow(earliest=min(0, *lags), latest=max(0, *lags))


def _days(left: Row, right: Row) -> int:
    first, last = left["booking_date"], right["booking_date"]
    assert isinstance(first, date)
    return int((last - first).days)
