"""Subset search as a rule: which lines of the many side add up to a target (rule language, what a match rule does, 8).

A candidate is a target and a found subset. A single line that fits the target, a second subset, or a subset of another
target with a line in common are its rivals; where a search was not carried to its end, every line it might have used
counts as taken by somebody unknown, and nothing that needs one of them is matched.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from recon.matching import agreement
from recon.matching.candidates import (
    Candidates,
    Opposed,
    days_apart,
    find_candidates,
    pairs_hold,
)
from recon.matching.contest import Claims, Contest, Takes, alone
from recon.matching.measure import Measures
from recon.matching.record import Taken
from recon.matching.scope import Scope
from recon.matching.search_blocks import Ground, Tasks, ground_of, tasks
from recon.matching.side import Ints, Mask
from recon.matching.subset_lists import Lists, Pairs, Searches, solve_lists
from recon.matching.subset_matches import write_subsets
from recon.matching.subsets import Limits, most_items
from recon.matching.units import Units, spans
from rules.errors import Finding
from rules.model import SETTLING, Match
from rules.wording import ngettext

MOST_SOLUTIONS = 20
"""Subsets listed for a target. With more of them nothing is certain about any of their lines."""

Filter = Callable[[Opposed, Candidates], Candidates]
"""Takes away what is no candidate: what people refused, and differences nobody treats."""


@dataclass(frozen=True, slots=True)
class Searched:
    """What a search rule takes: `taken` of `candidates`, whose rivals are counted; `ties` for a person to choose."""

    opposed: Opposed
    candidates: Candidates
    taken: Taken
    rivals: Ints
    ties: tuple[Opposed, Candidates, Ints]
    findings: list[Finding]


def search_rule(rule: Match, scope: Scope, measures: Measures, only: Filter, known: Searches) -> Searched:
    """Everything a search rule finds among the lines it sees."""
    ground = ground_of(rule, scope, measures)
    searching, findings = tasks(ground)
    hunt = _Hunt(ground, known)
    hunt.search(searching)
    findings += hunt.findings()
    opposed, candidates = hunt.candidates()
    candidates = only(opposed, candidates)
    claims, takeable = _claims(ground, opposed, candidates, hunt.unknown)
    takes, tied = _settled(rule, ground, opposed, candidates, claims, takeable)
    takes.sort()
    rivals = claims.rivals(np.array([at for at, _ in takes], dtype=np.int64))
    copies = np.array([times for _, times in takes], dtype=np.int64)
    written = write_subsets(ground, opposed, candidates, takes)
    return Searched(*written, np.repeat(rivals, copies), (opposed, candidates, tied), findings)


class _Hunt:
    """Solutions of all targets: lists of item units, a unit as often as its twins are used."""

    def __init__(self, ground: Ground, known: Searches) -> None:
        self.ground = ground
        rule = ground.opposed.rule
        assert rule.search is not None
        least, lines = (1, rule.search.max_lines - 1) if rule.internal else (2, rule.search.max_lines)
        self.limits = Limits(lines, rule.search.max_steps, MOST_SOLUTIONS, least)
        self.solutions: dict[int, list[Ints]] = {}
        self.unfinished: Mask = np.zeros(len(ground.targets), dtype=bool)
        self.unknown: Mask = np.zeros(len(ground.items), dtype=bool)
        self.given_up = 0
        self.known = known

    def search(self, tasks: Tasks) -> None:
        """Targets all of whose lists can be searched first; the others only where these found something, as rivals."""
        units, number = self._lines(tasks)
        lists, order = Lists.of(self.ground.items.total[units], units, number, len(tasks.start) - 1)
        units, drowned = units[order], self._drowned(tasks, lists)
        sure = ~self.unfinished[tasks.targets]
        fruitful = self._solve(tasks, np.flatnonzero(~drowned & sure), lists, units)
        rivals = ~drowned & ~sure & fruitful[tasks.of_list]
        self._solve(tasks, np.flatnonzero(rivals), lists, units)

    def _drowned(self, tasks: Tasks, lists: Lists) -> Mask:
        """Searches in lists of which some target needs more lines than can be searched to the end: it may need any of
        those a smaller target needs, so nothing is certain there, and whoever might be made up there is unfinished."""
        limit = most_items(self.limits.max_lines, self.limits.max_steps)
        wanted = self._wanted(tasks.targets)
        hopeful = lists.hopeful(wanted, tasks.of_list, self.limits.max_lines)
        beyond = hopeful & (np.abs(wanted) >= lists.amount_after(limit)[tasks.of_list])
        drowned: Mask = _marked(len(lists.sizes), tasks.of_list[beyond])[tasks.of_list]
        self.unfinished[tasks.targets[drowned & hopeful]] = True
        self.given_up += int(beyond.sum())
        return drowned

    def _wanted(self, targets: Ints) -> Ints:
        turn = -1 if self.ground.opposed.internal else 1
        return turn * self.ground.targets.total[targets]

    def _solve(self, tasks: Tasks, asked: Ints, lists: Lists, units: Ints) -> Mask:
        """Search for some targets; in which lists there was something."""
        targets, of_list = tasks.targets[asked], tasks.of_list[asked]
        if not len(asked):
            return _marked(len(lists.sizes), of_list)
        found = solve_lists(lists, Pairs(targets, self._wanted(targets), of_list), self.limits, self.known)
        for pair, answer in found.solved:
            first = int(lists.start[of_list[pair]])
            subsets = [units[first + np.array(solution)] for solution in answer.solutions]
            self.solutions.setdefault(int(targets[pair]), []).extend(subsets)
        self.given_up += len(found.given_up)
        cut_short = [pair for pair, answer in found.solved if not answer.complete]
        left = np.union1d(found.given_up, np.array(cut_short, dtype=np.int64))
        self.unfinished[targets[left]] = True
        self._leave(of_list[left], found.reach[left], lists, units)
        return _marked(len(lists.sizes), of_list[[pair for pair, _ in found.solved]])

    def _lines(self, tasks: Tasks) -> tuple[Ints, Ints]:
        """The lines of every list, a unit as often as it has twins that could serve, and the list each is in."""
        number = np.repeat(np.arange(len(tasks.start) - 1), np.diff(tasks.start))
        copies = self.ground.items.copies[tasks.items]
        if self.ground.opposed.internal:
            own = np.zeros(len(tasks.start) - 1, dtype=np.int64)
            own[tasks.of_list] = tasks.targets
            copies = copies - (tasks.items == own[number])
        copies = copies.clip(max=self.limits.max_lines)
        return np.repeat(tasks.items, copies), np.repeat(number, copies)

    def _leave(self, of_list: Ints, reach: Ints, lists: Lists, units: Ints) -> None:
        """The lines that subsets nobody knows may need."""
        within = np.zeros(len(lists.sizes), dtype=np.int64)
        np.maximum.at(within, of_list, reach)
        self.unknown[units[spans(lists.start[:-1], within)]] = True

    def findings(self) -> list[Finding]:
        if not self.given_up:
            return []
        rule = self.ground.opposed.rule
        sentence = ngettext(
            "Rule {rule}: {n} search needs more than {steps} steps; the lines concerned were left open.",
            "Rule {rule}: {n} searches need more than {steps} steps; the lines concerned were left open.",
            self.given_up,
        ).format(rule=rule.key, n=self.given_up, steps=self.limits.max_steps)
        return [Finding("search_gave_up", "warning", rule.key, sentence)]

    def candidates(self) -> tuple[Opposed, Candidates]:
        """Every target with every subset found for it; those of an unfinished target are rivals only."""
        found = [(target, lines) for target in sorted(self.solutions) for lines in _by_line(self.solutions[target])]
        for target, subset in found:
            if self.unfinished[target]:
                self.unknown[subset] = True
        targets = np.array([target for target, _ in found], dtype=np.int64)
        subsets = [lines for _, lines in found]
        opposed = _opposed(self.ground, _subset_units(self.ground, subsets, targets))
        return opposed, _all_pass(self.ground, opposed, targets)


def _marked(count: int, places: Ints) -> Mask:
    """True at these of `count` places."""
    marks = np.zeros(count, dtype=bool)
    marks[places] = True
    return marks


def _by_line(subsets: list[Ints]) -> list[Ints]:
    return sorted(subsets, key=lambda lines: tuple(lines.tolist()))


def _subset_units(ground: Ground, subsets: list[Ints], targets: Ints) -> Units:
    """A unit for each subset, told by the first of twins."""
    units = ground.items
    sizes = np.array([len(lines) for lines in subsets], dtype=np.int64)
    lines = np.concatenate(subsets) if subsets else np.zeros(0, dtype=np.int64)
    start = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    return _grouped(ground, units.rows[units.start[lines] + _nth(lines, start)], lines, start, targets)


def _nth(lines: Ints, start: Ints) -> Ints:
    """How many of the same twins stand before each line in its subset (they stand together)."""
    new = np.ones(len(lines), dtype=bool)
    new[1:] = lines[1:] != lines[:-1]
    new[start[:-1]] = True
    heads = np.flatnonzero(new)
    places: Ints = np.arange(len(lines)) - heads[np.cumsum(new) - 1] if len(lines) else np.zeros(0, dtype=np.int64)
    return places


def _grouped(ground: Ground, rows: Ints, lines: Ints, start: Ints, targets: Ints) -> Units:
    units, heads = ground.items, start[:-1]
    currency = ground.targets.currency[targets]
    if not len(heads):
        nothing = np.zeros(0, dtype=np.int64)
        return Units(rows, start, nothing, currency, nothing, nothing, np.zeros(0, dtype=bool), grouped=True)
    return Units(
        rows,
        start,
        np.add.reduceat(units.total[lines], heads),
        currency,
        np.minimum.reduceat(units.first_day[lines], heads),
        np.maximum.reduceat(units.last_day[lines], heads),
        np.logical_or.reduceat(units.held[lines], heads),
        grouped=True,
    )


def _opposed(ground: Ground, subsets: Units) -> Opposed:
    if ground.many == "left":
        return replace(ground.opposed, left=subsets)
    return replace(ground.opposed, right=subsets)


def _all_pass(ground: Ground, opposed: Opposed, targets: Ints) -> Candidates:
    subsets = np.arange(len(targets), dtype=np.int64)
    pairs = ground.pairs(targets, subsets)
    days, inside = days_apart(opposed, pairs)
    none = np.zeros(len(targets), dtype=np.int64)
    candidates = Candidates.of(pairs.left, pairs.right, none, days)
    return candidates.keep(inside & _members_agree(ground, opposed, candidates))


def _members_agree(ground: Ground, opposed: Opposed, candidates: Candidates) -> Mask:
    """Within one side the tests hold for every earlier with every later line, the target being the first."""
    holds = np.ones(len(candidates), dtype=bool)
    if not opposed.internal or ground.parts.rest is None:
        return holds
    for at in range(len(candidates)):
        rows = opposed.right.take(candidates.right[at : at + 1]).rows
        one, other = np.triu_indices(len(rows), k=1)
        holds[at] = not len(one) or pairs_hold(opposed, ground.parts.rest, rows[one], rows[other])
    return holds


def _claims(ground: Ground, opposed: Opposed, candidates: Candidates, unknown: Mask) -> tuple[Claims, Mask]:
    """What every candidate needs, then what every single line that fits a target needs: it can never be taken."""
    unit_of = np.full(len(ground.many_side), -1, dtype=np.int64)
    unit_of[ground.items.rows] = np.repeat(np.arange(len(ground.items)), ground.items.copies)
    targets, subsets = _places(ground, candidates)
    units = _subsets(ground, opposed).take(subsets)
    lines, sizes = unit_of[units.rows], np.diff(units.start)
    number = np.repeat(np.arange(len(candidates)), sizes)
    single_targets, single_lines = _singles(ground, np.unique(targets), np.unique(lines))
    singles = np.arange(len(single_targets)) + len(candidates)
    shift = 0 if opposed.internal else len(ground.targets)
    candidate = np.concatenate([np.arange(len(candidates)), singles, number, singles])
    unit = np.concatenate([targets, single_targets, lines + shift, single_lines + shift])
    copies = ground.targets.copies[np.concatenate([targets, single_targets])]
    there = ground.items.copies if opposed.internal else np.r_[ground.targets.copies, ground.items.copies]
    claims = _summed(candidate, unit, copies, there)
    doubtful = np.bincount(number[unknown[lines]], minlength=len(candidates)) > 0
    takeable = ~ground.targets.held[targets] & ~doubtful
    return claims, np.r_[takeable, np.zeros(len(singles), dtype=bool)]


def _summed(candidate: Ints, unit: Ints, copies: Ints, there: Ints) -> Claims:
    """Claims of one candidate on one unit together."""
    order = np.lexsort((unit, candidate))
    candidate, unit = candidate[order], unit[order]
    new = (np.diff(candidate, prepend=-1) != 0) | (np.diff(unit, prepend=-1) != 0)
    heads = np.flatnonzero(new)
    need = np.diff(np.append(heads, len(candidate))).astype(np.int64)
    return Claims(candidate[heads], unit[heads], need, copies, there)


def _places(ground: Ground, candidates: Candidates) -> tuple[Ints, Ints]:
    """Targets and subsets of candidates."""
    return (candidates.right, candidates.left) if ground.many == "left" else (candidates.left, candidates.right)


def _subsets(ground: Ground, opposed: Opposed) -> Units:
    return opposed.left if ground.many == "left" else opposed.right


def _singles(ground: Ground, targets: Ints, items: Ints) -> tuple[Ints, Ints]:
    """Single lines that fit a target, where the target has a subset or the line is part of one."""
    none = np.zeros(0, dtype=np.int64)
    if ground.opposed.internal or not len(targets):
        return none, none
    amounts = np.concatenate([ground.targets.total[targets], ground.items.total[items]])
    lefts, rights = (
        np.flatnonzero(np.isin(units.total, amounts)) for units in (ground.opposed.left, ground.opposed.right)
    )
    rule = replace(ground.opposed.rule, cardinality="one_to_one", search=None)
    left, right = ground.opposed.left.take(lefts), ground.opposed.right.take(rights)
    pairs, _ = find_candidates(replace(ground.opposed, rule=rule, left=left, right=right))
    one, other = _places(ground, replace(pairs, left=lefts[pairs.left], right=rights[pairs.right]))
    concerned = np.isin(one, targets) | np.isin(other, items)
    return one[concerned], other[concerned]


def _settled(
    rule: Match, ground: Ground, opposed: Opposed, candidates: Candidates, claims: Claims, takeable: Mask
) -> tuple[Takes, Ints]:
    """What the rule's policy takes, and what is tied for a person to choose."""
    nothing = np.zeros(0, dtype=np.int64)
    if not len(candidates):
        return [], nothing
    if rule.ambiguous == "unique_only":
        return alone(claims, takeable), nothing
    everything = np.arange(len(candidates), dtype=np.int64)
    rank = agreement.ranks(opposed, candidates, everything)
    ahead = np.full(len(claims) - len(rank), -1, dtype=np.int64)  # a line that fits alone is for another rule to match
    contest = Contest(claims, takeable, np.r_[rank, ahead])
    if rule.ambiguous in SETTLING:
        contest.settle_all(np.r_[_in_order(opposed, candidates), ahead])
    return contest.taken, contest.tied() if rule.ambiguous == "suggest" else nothing


def _in_order(opposed: Opposed, candidates: Candidates) -> Ints:
    """Place of every candidate by left date, left id, right date, right id; under `newest` the latest date first."""
    newest = opposed.rule.ambiguous == "newest"
    keys: list[Ints] = []
    for units, at in ((opposed.right, candidates.right), (opposed.left, candidates.left)):
        keys += [units.first_row[at], (-units.last_day if newest else units.first_day)[at]]
    order = np.lexsort(keys)
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order))
    return place
