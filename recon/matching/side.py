"""One side of a run: its lines in canonical order, what of them is still open, and their fields as codes.

Lines are put in order of `id` once, so that a row's position *is* its place in the only order the engine knows; results
cannot depend on the order of the input.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from recon.matching.abreast import abreast
from recon.matching.kept import Kept, Step
from rules.columns import Columns
from rules.fields import FieldType, line_field
from rules.operators import normalised
from rules.text import in_byte_order, strings

Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]
SideName = Literal["left", "right"]

NO_DAY = np.int64(-(1 << 40))
"""Day number of a missing date: no window reaches it."""

TWIN_FIELDS = (
    "booking_date value_date currency reference counterparty counterparty_account text transaction_code"
).split()
"""What makes two lines twins besides their amount and the fields a rule tests (rule language, twins)."""

_COMPUTED = ("abs_amount", "sign")

REPEATING = 2_000
"""Values that tell whether most of a column are repeated."""

DEFAULT_STEPS = ("case", "spaces")


class Side:
    """Lines of one side during a run. `amount` is the remainder; `live` lines are not matched; `held` ones are
    suggested."""

    def __init__(self, name: SideName, frame: pd.DataFrame) -> None:
        table = pa.Table.from_pandas(frame, preserve_index=False)
        self.name = name
        self._given = _Columns(table)
        self.order: Ints = in_byte_order(strings(self._given["id"]))
        self._steps: list[Step] = []
        self._imported: Kept[str, pa.Array] = Kept(self._steps, _taken)
        self._derived: Kept[str, pa.Array] = Kept(self._steps, _taken)
        self.amount: Ints = self._money_column("amount")
        self.live: Mask = np.ones(len(self.order), dtype=bool)
        self.held: Mask = np.zeros(len(self.order), dtype=bool)
        self.hidden: Mask = np.zeros(len(self.order), dtype=bool)
        self._applied: dict[str, tuple[str, ...]] = {}
        self._codes: Kept[tuple[str, tuple[str, ...], tuple[str, ...]], Encoded] = Kept(self._steps, Encoded.shrunk)
        self._keys: Kept[tuple[str, tuple[str, ...]], Ints] = Kept(self._steps, lambda codes, step: codes[step.kept])
        self.cut = False
        self.shared: Kept[tuple[object, ...], Half] = Kept(self._steps, Half.shrunk)
        self.sizes: dict[SideName, Ints] | None = None
        self._twin: tuple[Ints, Mask] | None = None

    def __len__(self) -> int:
        return len(self.order)

    def shrink(self, kept: Ints) -> Step:
        """Go on with these rows alone, renumbered in their order.

        What is remembered of the lines shrinks with them; who holds row numbers of his own renumbers them.
        """
        step = Step.of(kept, len(self))
        self._steps.append(step)
        self.order, self.amount = self.order[kept], self.amount[kept]
        self.live, self.held, self.hidden = self.live[kept], self.held[kept], self.hidden[kept]
        if self.sizes is not None:
            self.sizes[self.name] = self.sizes[self.name][kept]
        if self._twin is not None:
            self._twin = _first_of_class(self._twin[0][kept])
        return step

    def state(self) -> bytes:
        """A digest of which lines there are, what remains of them, and which are matched or held."""
        digest = hashlib.blake2b(digest_size=32)
        for column in (self.order, self.amount, self.live, self.held):
            digest.update(column.tobytes())
        return digest.digest()

    @property
    def open_rows(self) -> Ints:
        return np.flatnonzero(self.live & ~self.held)

    def values(self, field: str, rows: Ints) -> pa.Array:
        """Current values of a field on some rows: derived where a rule set one, else imported; null is missing."""
        derived = self._derived[field].take(pa.array(rows)) if field in self._derived else None
        if derived is not None and field not in self._given.names:
            return derived
        imported = self._imported_values(field, rows)
        return imported if derived is None else pc.coalesce(derived, imported)

    def _imported_values(self, field: str, rows: Ints) -> pa.Array:
        """Texts are put in order only where a rule reads them."""
        if field in self._imported or field not in self._given.names:
            return self._imported_column(field).take(pa.array(rows))
        return self._given[field].take(pa.array(self.order[rows]))

    def has(self, field: str) -> bool:
        """Whether any line may have a value."""
        if field in self._derived:
            return True
        return field in self._given.names and self._given[field].null_count < len(self._given[field])

    def _imported_column(self, field: str) -> pa.Array:
        if field not in self._imported:
            there = field in self._given.names
            nothing = pa.nulls(len(self.order), pa.string())
            self._imported[field] = self._given[field].take(pa.array(self.order)) if there else nothing
        return self._imported[field]

    def _money_column(self, field: str) -> Ints:
        column = pc.fill_null(pc.cast(self._imported_column(field), pa.int64()), 0)
        return np.array(column.to_numpy(zero_copy_only=False), dtype=np.int64)

    def imported_amount(self) -> Ints:
        return self._money_column("amount")

    def money(self, field: str) -> tuple[Ints, Mask | None]:
        """Minor units of a money field and which are filled, None for all of them; `amount` reads the remainder."""
        if field == "amount":
            return self.amount, None
        if field == "abs_amount":
            return np.abs(self.amount), None
        return self._money_column(field), ~np.asarray(self._imported_column(field).is_null())

    def filled(self, field: str) -> Mask:
        """Where a field has a value (one that normalises to nothing counts as a value here)."""
        nothing = np.zeros(len(self), dtype=bool)
        filled = _valid(self._given[field])[self.order] if field in self._given.names else nothing
        return filled | _valid(self._derived[field]) if field in self._derived else filled

    def days(self, field: str) -> Ints:
        """Days since 1970-01-01, `NO_DAY` where missing."""
        column = self._imported_column(field)
        if pa.types.is_null(column.type) or pa.types.is_string(column.type):
            return np.full(len(self), NO_DAY, dtype=np.int64)
        days = pc.fill_null(pc.cast(pc.cast(column, pa.int32()), pa.int64()), pa.scalar(int(NO_DAY), pa.int64()))
        return np.array(days.to_numpy(zero_copy_only=False), dtype=np.int64)

    def sign(self) -> Ints:
        return np.sign(self.amount).astype(np.int64)

    def encoded(self, field: str, steps: tuple[str, ...] = DEFAULT_STEPS) -> Encoded:
        """A text field normalised and dictionary-encoded. Lines matched before it was first asked for are left out."""
        key = (field, steps, self.applied(field))
        if key not in self._codes:
            rows, values = self._read(field, np.flatnonzero(self.live & self.filled(field)))
            self._codes[key] = Encoded(rows, _encoded(values, steps), len(self))
        return self._codes[key]

    def _read(self, field: str, rows: Ints) -> tuple[Ints, pa.Array]:
        """Current values of some rows, and the rows in the order they come in: that of the file, which costs least."""
        if field in self._derived or field in self._imported or field not in self._given.names:
            return rows, self.values(field, rows)
        given = self._given[field]
        row_at = np.full(len(given), -1, dtype=np.int64)
        row_at[self.order[rows]] = rows
        places = np.flatnonzero(row_at >= 0)
        return row_at[places], given if len(places) == len(given) else given.take(pa.array(places))

    def words(self, field: str) -> tuple[Ints, list[str]]:
        """The few different values of a field as imported, and which of them every row has; -1 for missing."""
        there = field in self._given.names
        encoded = pc.dictionary_encode(self._given[field] if there else pa.nulls(len(self), pa.string()))
        codes = dictionary_codes(encoded)
        return codes[self.order] if there else codes, encoded.dictionary.to_pylist()

    def applied(self, field: str) -> tuple[str, ...]:
        """Keys of the derive rules that have set the field so far in this pass."""
        return self._applied.get(field, ())

    def derive(self, rule_key: str, field: str, values: pa.Array) -> None:
        """Set a field for the rules below; null leaves what stands."""
        self._derived[field] = pc.coalesce(values, self._derived[field]) if field in self._derived else values
        self._applied[field] = (*self._applied.get(field, ()), rule_key)

    def forget_derived(self) -> None:
        """Back to the imported values. Codes stay: they are kept by the rules that had set the field."""
        self._derived.clear()
        self._applied.clear()

    def fields(self, rows: Ints) -> Columns:
        """Fields of some rows as rules read them."""
        names = self._given.names.union(self._derived.keys()).difference(_COMPUTED)
        return Columns(len(rows), names, lambda field: self._field(field, rows))

    def _field(self, field: str, rows: Ints) -> pa.Array:
        return pa.array(self.amount[rows]) if field == "amount" else self.values(field, rows)

    def key_codes(self, field: str) -> Ints:
        """Codes in which equal values of a group key are equal (text as `same` sees it); -1 where the key is empty."""
        if field == "sign":
            return self.sign() + 1
        spec = line_field(field)
        kind = spec.type if spec else FieldType.TEXT
        if kind is FieldType.MONEY:
            amounts, filled = self.money(field)
            codes = dense(amounts)
            return codes if filled is None else np.where(filled, codes, -1)
        key = (field, self.applied(field))
        if key not in self._keys:
            self._keys[key] = self._day_codes(field) if kind is FieldType.DATE else self.encoded(field).codes()
        return self._keys[key]

    def _day_codes(self, field: str) -> Ints:
        days = self.days(field)
        known = days != NO_DAY
        return np.where(known, days - days[known].min(initial=0), -1)

    def twins(self) -> tuple[Ints, Mask]:
        """A class for every line, and which classes have several: lines of one class are twins on the imported
        fields."""
        if self._twin is None:
            self._twin = self._twin_classes()
        return self._twin

    def _twin_classes(self) -> tuple[Ints, Mask]:
        twin = np.arange(len(self), dtype=np.int64)
        amount, day = self._money_column("amount"), self.days("booking_date")
        perhaps = repeated(dense(amount ^ (day << np.int64(40))))  # unlike lines may look alike here
        rows = np.flatnonzero(perhaps)
        if len(rows):
            twin[rows] = refine(refined(dense(amount[rows]), dense(day[rows])), rows, self, TWIN_FIELDS)
        return _first_of_class(twin)


def _first_of_class(classes: Ints) -> tuple[Ints, Mask]:
    """Every row's class, told by its first row, and whether it has others."""
    first = np.zeros(int(classes.max(initial=-1)) + 1, dtype=np.int64)
    first[classes[::-1]] = np.arange(len(classes) - 1, -1, -1)  # of equal classes the last written stays: the first
    told = first[classes]
    return told, (np.bincount(told, minlength=len(told)) > 1)[told]


def first_of_equals(values: Ints) -> Ints:
    """For each value the place where it first stands."""
    first, number = np.unique(values, return_index=True, return_inverse=True)[1:]
    return first[number].astype(np.int64)


def _taken(column: pa.Array, step: Step) -> pa.Array:
    return column.take(pa.array(step.kept))


class _Columns(dict[str, pa.Array]):
    """The columns of a table, each in one piece once somebody reads it."""

    def __init__(self, table: pa.Table) -> None:
        super().__init__()
        self._table, self.names = table, frozenset(table.column_names)

    def __missing__(self, name: str) -> pa.Array:
        self[name] = column = whole(self._table[name])
        return column


def whole(column: pa.ChunkedArray) -> pa.Array:
    """A column in one piece."""
    if column.num_chunks == 1:
        return column.chunk(0)
    return pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], column.type)


def _encoded(values: pa.Array, steps: tuple[str, ...]) -> pa.DictionaryArray:
    """Normalised values as a dictionary. Where they repeat, as names do, each is normalised once."""
    head = values[:REPEATING]
    if len(pc.unique(head)) * 2 > len(head):
        return pc.dictionary_encode(normalised(values, steps))
    given = pc.dictionary_encode(values)
    return pc.dictionary_encode(normalised(given.dictionary, steps).take(given.indices))


def _valid(column: pa.Array) -> Mask:
    return np.asarray(column.is_valid().to_numpy(zero_copy_only=False), dtype=bool)


def refine(start: Ints, rows: Ints, side: Side, fields: Iterable[str]) -> Ints:
    """Smallest row among the rows that are equal in `start` (a code for each) and in the fields as they are.

    A row that differs from all others in some fields is not asked for the rest.
    """
    told, left, codes = rows.copy(), np.arange(len(rows)), start
    for field in fields:
        several = repeated(codes)
        left, codes = left[several], codes[several]
        if not len(left):
            return told
        codes = refined(codes, dictionary_codes(pc.dictionary_encode(side.values(field, rows[left]))))
    told[left] = rows[left][first_of_equals(codes)]
    return told


def refined(codes: Ints, further: Ints) -> Ints:
    """Dense codes of the combinations of two dense codes (-1 for missing), numbered as they come."""
    return dense(codes * (int(further.max(initial=-1)) + 2) + further + 1)


def dense(values: Ints) -> Ints:
    """Equal values, equal codes, numbered as they come."""
    return pd.factorize(values)[0].astype(np.int64)


def repeated(codes: Ints) -> Mask:
    """Whether a dense code stands more than once."""
    several: Mask = np.bincount(codes)[codes] > 1
    return several


def dictionary_codes(encoded: pa.DictionaryArray) -> Ints:
    indices = encoded.indices
    if indices.null_count:
        indices = pc.fill_null(indices, pa.scalar(-1, indices.type))
    return np.asarray(indices.to_numpy(zero_copy_only=False)).astype(np.int64)


@dataclass(frozen=True, slots=True)
class Encoded:
    """Dictionary codes of some rows of a side that has `size` rows."""

    rows: Ints
    values: pa.DictionaryArray
    size: int

    def shrunk(self, step: Step) -> Encoded:
        """The same of the rows that are left, under their new numbers."""
        left = step.place[self.rows] >= 0
        return Encoded(step.place[self.rows[left]], self.values.filter(pa.array(left)), len(step.kept))

    def codes(self, dictionary: pa.Array | None = None) -> Ints:
        """The codes of all rows, in the own dictionary or another; -1 for null, rows left out and unknown values."""
        codes = dictionary_codes(self.values)
        if dictionary is not None:
            place = pc.fill_null(pc.index_in(self.values.dictionary, value_set=dictionary), -1)
            places = np.append(place.to_numpy(zero_copy_only=False).astype(np.int64), -1)
            codes = places[codes]
        scattered = np.full(self.size, -1, dtype=np.int64)
        scattered[self.rows] = codes
        return scattered


@dataclass(frozen=True, slots=True)
class Half:
    """What `Shared` is for the rows of one side."""

    codes: Ints
    met: Ints

    def shrunk(self, step: Step) -> Half:
        """The same of the rows that are left, under their new numbers."""
        return Half(self.codes[step.kept], step.placed(self.met))


@dataclass(frozen=True, slots=True)
class Shared:
    """Codes of two text fields in one dictionary: equal text, equal code; -1 for null and for what only one side holds.

    `met_left` and `met_right` are the rows, ascending, whose value the other field had when it was first asked for:
    no other can ever be equal to anything.
    """

    left: Ints
    right: Ints
    met_left: Ints
    met_right: Ints


def shared_codes(left: Side, left_field: str, right: Side, right_field: str, steps: tuple[str, ...]) -> Shared:
    """Codes of two text fields in one dictionary, kept as long as the values stand."""
    key = (left.name, left_field, left.applied(left_field), right.name, right_field, right.applied(right_field), steps)
    mine, others = (key, "left"), (key, "right")
    if mine not in left.shared:
        one, other = _alike(left, left_field, right, right_field, steps)
        met_one, met_other = abreast(lambda: _met(one, other), lambda: _met(other, one))
        left.shared[mine], right.shared[others] = Half(one, met_one), Half(other, met_other)
    half, other_half = left.shared[mine], right.shared[others]
    return Shared(half.codes, other_half.codes, half.met, other_half.met)


def _alike(left: Side, left_field: str, right: Side, right_field: str, steps: tuple[str, ...]) -> tuple[Ints, Ints]:
    if left is right and left_field == right_field:
        codes = left.encoded(left_field, steps).codes()
        return codes, codes
    one, other = abreast(lambda: left.encoded(left_field, steps), lambda: right.encoded(right_field, steps))
    if len(one.values.dictionary) <= len(other.values.dictionary):
        return abreast(one.codes, lambda: other.codes(one.values.dictionary))
    return abreast(lambda: one.codes(other.values.dictionary), other.codes)


def _met(codes: Ints, others: Ints) -> Ints:
    return np.flatnonzero(among(codes, others))


def among(codes: Ints, others: Ints) -> Mask:
    """Where a code is not -1 and is one of the others'."""
    there = np.zeros(int(max(codes.max(initial=-1), others.max(initial=-1))) + 2, dtype=bool)
    there[others] = True
    there[-1] = False  # which is what -1 reads and has written
    return there[codes]


def amount_codes(left: Side, right: Side) -> tuple[Ints, Ints]:
    """Codes of the sizes of imported amounts in one numbering, whatever the sign and currency."""
    if left.sizes is None or (left is not right and left.sizes is not right.sizes):
        both = [left] if left is right else [left, right]
        amounts = np.concatenate([np.abs(side.imported_amount()) for side in both])
        codes = pd.factorize(amounts)[0].astype(np.int64)
        left.sizes = right.sizes = {left.name: codes[: len(left)]}
        right.sizes[right.name] = codes[-len(right) :] if len(right) else codes[:0]
    assert left.sizes is not None
    return left.sizes[left.name], left.sizes[right.name]
