"""Among which lines a rule searches: the targets, and blocks of lines that share what the rule says they must."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from recon.matching.candidates import Opposed, same_codes, whatever_amount
from recon.matching.conditions import Cut, cut, tested_fields
from recon.matching.join import EMPTY, Pairs, agree, equality_join, key_codes
from recon.matching.measure import Measures
from recon.matching.scope import Scope
from recon.matching.side import NO_DAY, Ints, Side, SideName
from recon.matching.units import Measure, Units, folded, group_units, line_units, parted, spans, unit_codes
from rules.errors import Finding
from rules.model import MANY_SIDES, Match
from rules.wording import _

CHUNK = 2_000_000
"""Pairs of a target and a line tested in one go."""


@dataclass(frozen=True, slots=True)
class Ground:
    """Where a search goes on. `opposed` holds the targets on one side and the lines to be added up on the other; in
    an internal rule the same lines on both."""

    opposed: Opposed
    many: SideName
    parts: Cut

    @property
    def targets(self) -> Units:
        return self.opposed.right if self.many == "left" else self.opposed.left

    @property
    def items(self) -> Units:
        return self.opposed.left if self.many == "left" else self.opposed.right

    @property
    def many_side(self) -> Side:
        return self.opposed.left_side if self.many == "left" else self.opposed.right_side

    def pairs(self, targets: Ints, items: Ints) -> Pairs:
        return Pairs(items, targets) if self.many == "left" else Pairs(targets, items)


def ground_of(rule: Match, scope: Scope, measures: Measures) -> Ground:
    """The units of a search rule: twins together, in every field that the rule tests or wants shared."""
    if rule.internal:
        return _ground_of_one_side(rule, rule.internal, scope, measures)
    many: SideName = next(side for side in MANY_SIDES[rule.cardinality] if not _group_by(rule, side))
    tested = tested_fields(rule)
    same = rule.search.same if rule.search else ()
    units = {}
    for name, fields in zip(("left", "right"), tested, strict=True):
        side: SideName = "left" if name == "left" else "right"
        measure = measures.of(rule, side, rule.amount.left if side == "left" else rule.amount.right)
        rows = scope.rows(rule, side)
        if _group_by(rule, side):
            units[side] = group_units(scope.sides[side], rows, measure, _group_by(rule, side), 1)
        else:
            further = [*fields, *same] if side == many else fields
            units[side] = _lines(scope.sides[side], rows, measure, further)
    sides = scope.sides
    opposed = Opposed(rule, sides["left"], sides["right"], units["left"], units["right"], measures.currencies)
    return Ground(opposed, many, cut(rule.pair))


def _ground_of_one_side(rule: Match, name: SideName, scope: Scope, measures: Measures) -> Ground:
    side, rows = scope.sides[name], scope.rows(rule, name)
    measure = measures.of(rule, name, rule.amount.left)
    same = rule.search.same if rule.search else ()
    units = _lines(side, rows, measure, [*tested_fields(rule)[0], *same])
    by_day = units.take(np.lexsort((units.first_row, units.first_day)))
    opposed = Opposed(rule, side, side, by_day, by_day, measures.currencies)
    return Ground(opposed, "right", cut(rule.pair, one_side=True))


def _lines(side: Side, rows: Ints, measure: Measure, tested: Sequence[str]) -> Units:
    """Twins together, those that a suggestion holds apart."""
    units = line_units(side, rows[measure.filled[rows]], measure, tested)
    parts = parted(units, side)
    return units if parts is None else parts[0]


def _group_by(rule: Match, side: SideName) -> tuple[str, ...]:
    return (rule.left if side == "left" else rule.right).group_by


@dataclass(frozen=True, slots=True)
class _Blocks:
    """Block b holds the lines items[start[b]:start[b+1]]; `keys` are what its targets must have too."""

    items: Ints
    start: Ints
    keys: list[Ints]
    first_day: Ints
    last_day: Ints

    def __len__(self) -> int:
        return len(self.start) - 1


@dataclass(frozen=True, slots=True)
class Tasks:
    """What is to be searched: each of `targets` in the list beside it; list n are the lines (units of twins)
    items[start[n]:start[n+1]]. In an internal rule every target has a list of its own."""

    targets: Ints
    of_list: Ints
    items: Ints
    start: Ints


def tasks(ground: Ground) -> tuple[Tasks, list[Finding]]:
    """The searches of a rule. Blocks with too many targets to be faced one by one are left, with a finding."""
    targets, items = _keys(ground)
    blocks = _blocks(ground, items, len(targets))
    if not len(blocks):
        return Tasks(EMPTY, EMPTY, EMPTY, np.zeros(1, dtype=np.int64)), []
    faced, findings = _faced(ground, targets, blocks)
    rule = ground.opposed.rule
    days_differ = rule.date is not None and bool(np.any(blocks.first_day != blocks.last_day))
    if rule.internal or days_differ or ground.parts.rest is not None:
        return _tested(ground, blocks, faced), findings
    return Tasks(faced.left, faced.right, blocks.items, blocks.start), findings


def _keys(ground: Ground) -> tuple[list[Ints], list[Ints]]:
    """Columns of codes: of the targets what a block must have in common with them, of the lines also what they share
    among each other."""
    opposed, rule = ground.opposed, ground.opposed.rule
    lefts, rights = [opposed.left.currency], [opposed.right.currency]
    for test in ground.parts.same:
        one, other = same_codes(opposed, test)
        lefts.append(unit_codes(opposed.left, one))
        rights.append(unit_codes(opposed.right, other))
    targets, items = (rights, lefts) if ground.many == "left" else (lefts, rights)
    shared = [ground.many_side.key_codes(field) for field in rule.search.same] if rule.search else []
    own = [codes[ground.items.first_row] for codes in shared]
    return [*targets, *own] if rule.internal else targets, [*items, *own]


def _blocks(ground: Ground, keys: list[Ints], common: int) -> _Blocks:
    """Lines that share all keys; none that is held, of 0, with an empty key, or without a date where that is tested."""
    units = ground.items
    usable = ~units.held & (units.total != 0) & np.logical_and.reduce([column >= 0 for column in keys])
    if ground.opposed.rule.date is not None:
        usable &= units.first_day != NO_DAY
    items = np.flatnonzero(usable)
    items, block = _of_several(items, folded([column[items] for column in keys]), units.copies)
    order = np.argsort(block, kind="stable")
    items, heads = items[order], np.flatnonzero(np.diff(block[order], prepend=-1))
    start = np.append(heads, len(items)).astype(np.int64)
    if not len(heads):
        return _Blocks(items, start, keys[:common], items, items)
    days = units.first_day[items]
    of_block = [column[items[heads]] for column in keys[:common]]
    return _Blocks(items, start, of_block, np.minimum.reduceat(days, heads), np.maximum.reduceat(days, heads))


def _of_several(items: Ints, block: Ints, copies: Ints) -> tuple[Ints, Ints]:
    """The items of blocks with two lines at least: fewer are no sum."""
    several = np.bincount(block, weights=copies[items])[block] > 1
    return items[several], block[several]


def _faced(ground: Ground, keys: list[Ints], blocks: _Blocks) -> tuple[Pairs, list[Finding]]:
    """Targets (left) and blocks (right) with the keys in common whose days meet."""
    wanted = np.flatnonzero(ground.targets.total != 0)
    columns = [column[wanted] for column in keys]
    window = _window(ground, blocks)
    low, high = (window[0][wanted], window[1][wanted]) if window else (None, None)
    span = int((blocks.last_day - blocks.first_day).max(initial=0))
    dated = (low - span, high) if low is not None and high is not None else None
    joined = equality_join(*key_codes(columns, blocks.keys), dated, blocks.first_day)
    met = agree(columns, blocks.keys, joined)
    if low is not None:
        met &= blocks.last_day[joined.right] >= low[joined.left]
    pairs = joined.keep(met)
    rule = ground.opposed.rule.key
    findings = [_too_many(rule, *sizes) for sizes in joined.left_out]
    return Pairs(wanted[pairs.left], pairs.right), findings


def _window(ground: Ground, blocks: _Blocks) -> tuple[Ints, Ints] | None:
    """Earliest and latest day of the lines for every target."""
    date, targets = ground.opposed.rule.date, ground.targets
    if date is None:
        return None
    low, high = date.earliest, date.latest
    if ground.opposed.internal:
        low, high = 0, date.latest
    elif ground.many == "left":
        low, high = -date.latest, -date.earliest
    missing = targets.first_day == NO_DAY
    first, last = int(blocks.first_day.min()), int(blocks.last_day.max())
    return np.where(missing, last + 1, targets.last_day + low), np.where(missing, first - 1, targets.first_day + high)


def _tested(ground: Ground, blocks: _Blocks, faced: Pairs) -> Tasks:
    """Every target faces the lines of its blocks that pass the tests with it; equal lists are held once."""
    lists: dict[tuple[bytes, bytes], int] = {}
    found = [
        (target, lists.setdefault((own, lines), len(lists)))
        for part in _parts(np.diff(blocks.start)[faced.right])
        for target, own, lines in _lists(ground, blocks, Pairs(faced.left[part], faced.right[part]))
    ]
    targets, of_list = np.array(found, dtype=np.int64).reshape(-1, 2).T
    contents = [np.frombuffer(lines, dtype=np.int64) for _, lines in lists]
    sizes = [len(lines) for lines in contents]
    items = np.concatenate(contents) if contents else EMPTY
    return Tasks(targets, of_list, items, np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64))


def _parts(sizes: Ints) -> Iterator[slice]:
    ends = np.cumsum(sizes)
    start = 0
    while start < len(sizes):
        done = int(ends[start - 1]) if start else 0
        stop = max(start + 1, int(np.searchsorted(ends, done + CHUNK, side="right")))
        yield slice(start, stop)
        start = stop


def _lists(ground: Ground, blocks: _Blocks, faced: Pairs) -> Iterator[tuple[int, bytes, bytes]]:
    """Each target with the lines of one block, as bytes; in an internal rule marked as its own."""
    sizes = np.diff(blocks.start)[faced.right]
    block = np.repeat(faced.right, sizes)
    targets, items = np.repeat(faced.left, sizes), blocks.items[spans(blocks.start[:-1][faced.right], sizes)]
    if ground.opposed.internal:
        later = (items > targets) | ((items == targets) & (ground.items.copies[items] > 1))
        block, targets, items = block[later], targets[later], items[later]
    of_item = np.zeros(len(ground.items), dtype=np.int64)
    of_item[items] = block
    pairs, _ = whatever_amount(ground.opposed, ground.parts, ground.pairs(targets, items))
    targets, items = (pairs.right, pairs.left) if ground.many == "left" else (pairs.left, pairs.right)
    order = np.lexsort((items, of_item[items], targets))
    targets, items = targets[order], items[order]
    heads = np.flatnonzero((np.diff(targets, prepend=-1) != 0) | (np.diff(of_item[items], prepend=-1) != 0))
    for head, lines in zip(heads.tolist(), np.split(items, heads[1:]) if len(heads) else [], strict=True):
        own = targets[head].tobytes() if ground.opposed.internal else b""
        yield int(targets[head]), own, lines.tobytes()


def _too_many(rule: str, targets: int, blocks: int) -> Finding:
    sentence = _(
        "Rule {rule}: {targets} lines would have to be made up of the lines of {blocks} blocks each; "
        "they are too many and were left open."
    )
    return Finding("block_too_large", "warning", rule, sentence.format(rule=rule, targets=targets, blocks=blocks))
