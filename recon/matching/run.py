"""A run: the rules from top to bottom, the list repeated until a pass adds nothing (rule language, a run)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import replace
from functools import partial

import numpy as np
import pandas as pd

from recon.matching import agreement
from recon.matching.abreast import abreast
from recon.matching.candidates import (
    Candidates,
    Opposed,
    find_candidates,
    only_candidates,
    remaining_candidates,
    standing,
)
from recon.matching.choices import Choices
from recon.matching.choose import alternatives, choose
from recon.matching.measure import Measures
from recon.matching.opposed import KeyGroups, internal_groups, opposed_units
from recon.matching.posting import Postings
from recon.matching.record import (
    Book,
    Entry,
    Members,
    Taken,
    cut_to_smaller,
    entry_lines,
    taken_matches,
    totals,
    whole_allocations,
)
from recon.matching.refusals import Refusals
from recon.matching.result import RunResult
from recon.matching.scope import Scope
from recon.matching.searching import search_rule
from recon.matching.side import Ints, Mask, Side, SideName
from recon.matching.subset_lists import Searches
from recon.matching.verdicts import verdicts
from rules.agenda import facts_posted
from rules.errors import Finding
from rules.model import Derive, Exclude, Match, Post, Rule, RuleSet
from rules.names import rule_title

Progress = Callable[[str, float], None]

SMALL = 20_000
"""Rows of a side for which leaving the matched ones behind is not worth the while."""


def run_rules(
    left: pd.DataFrame,
    right: pd.DataFrame,
    rule_set: RuleSet,
    *,
    country: str | None = None,
    refusals: Collection[tuple[str, str]] = (),
    progress: Progress | None = None,
) -> RunResult:
    """Reconcile two frames of lines.

    `country` (ISO 3166 alpha-2) is meant by `calendar: banking`. `refusals` are (set hash, rule hash) of what
    people took
    apart. `progress` is told a rule's name and the share of the first pass that is done. Raises `ValueError` where
    a banking
    calendar is asked for without a country.
    """
    return _Run(left, right, rule_set, country, refusals).carry_out(progress)


class _Run:
    def __init__(
        self,
        left: pd.DataFrame,
        right: pd.DataFrame,
        rule_set: RuleSet,
        country: str | None,
        refusals: Collection[tuple[str, str]],
    ) -> None:
        one, other = abreast(lambda: Side("left", left), lambda: Side("right", right))
        self.sides: dict[SideName, Side] = {"left": one, "right": other}
        self.rule_set = rule_set
        self.scope = Scope(rule_set.rules, self.sides)
        self.measures = Measures(self.sides, country)
        self.refusals = Refusals(refusals, self.sides, (left, right))
        self.postings = Postings(self.sides, self.refusals)
        self.book = Book()
        self.choices = Choices()
        self.findings: dict[str, list[Finding]] = {}
        self.changes = 0
        self.confirmed = 0
        self.found: dict[str, tuple[Opposed, Candidates]] = {}
        self.looked_at: dict[str, int] = {}
        self.searches: Searches = {}
        self.ends: dict[bytes, dict[str, list[Finding]]] = {}

    def carry_out(self, progress: Progress | None) -> RunResult:
        """Rounds of passes: suggestions are made anew until no rule confirms anything more, so that the next run, which
        starts by withdrawing them, finds nothing to add."""
        facts, passes = facts_posted(), self._round(progress)
        while self.book.suggests or self.postings.proposes:
            before = self.confirmed
            self._withdraw_suggestions()
            passes += self._round(None)
            if self.confirmed == before:
                break
        matches, members = self.book.frames()
        return RunResult(
            matches,
            members,
            self._given_rows(self.choices.frame(self.sides)),
            self._given_rows(self._excluded()),
            [finding for found in self.findings.values() for finding in found],
            facts_posted() - facts,
            passes,
            self._given_rows(self.postings.frame()),
        )

    def _round(self, progress: Progress | None) -> int:
        """Passes until one adds nothing; a pass that is known to, since an earlier one met the same, is not made."""
        passes = 1
        while self._pass(progress if passes == 1 else None):
            if (findings := self.ends.get(self._state())) is not None:
                self.findings = dict(findings)
                return passes
            passes += 1
        if all(isinstance(rule, Exclude | Derive) or _keeps_nothing(rule) for rule in self.rule_set.rules):
            self.ends[self._state()] = dict(self.findings)
        return passes

    def _state(self) -> bytes:
        """All that what the rules find depends on."""
        return b"".join(side.state() for side in self.sides.values())

    def _withdraw_suggestions(self) -> None:
        self.book.drop_suggestions()
        self.postings.drop_proposed()
        self.looked_at.clear()
        for side in self.sides.values():
            side.held[:] = False
        self.postings.hold()

    def _pass(self, progress: Progress | None) -> bool:
        before = self.changes
        self.scope.start_pass()
        for number, rule in enumerate(self.rule_set.rules):
            if progress:
                progress(rule_title(rule.name), number / len(self.rule_set.rules))
            self._shrink()
            match rule:
                case Exclude():
                    self.scope.exclude(rule)
                case Derive():
                    self.scope.derive(rule)
                case Match() if self.looked_at.get(rule.key) != self.changes:
                    self.looked_at[rule.key] = self.changes
                    self._match(rule)
                case Match():
                    pass
                case Post():
                    self._post(rule)
        return self.changes != before

    def _shrink(self) -> None:
        """Leave behind what is matched once it is most of a side: everything below costs by the number of rows."""
        for name, side in self.sides.items():
            if len(side) < SMALL or np.count_nonzero(side.live) * 2 > len(side):
                continue
            self.found = dict(_still_known(self.found))
            kept = np.flatnonzero(side.live)
            step = side.shrink(kept)
            for each in (self.scope, self.measures, self.refusals, self.postings, self.choices):
                each.shrink(name, step)
            self.found = {
                key: (_renumbered(opposed, side, step.place), known) for key, (opposed, known) in self.found.items()
            }

    def _post(self, rule: Post) -> None:
        made, confirmed = self.postings.post(rule, self.scope)
        self.changes += bool(made)
        self.confirmed += confirmed

    def _match(self, rule: Match) -> None:
        if rule.search is not None:
            self._search(rule)
            return
        if rule.internal and rule.left.group_by + rule.right.group_by:
            self._groups_of_one_side(rule)
            return
        opposed, candidates = self._candidates(rule)
        candidates = self._only_candidates(rule, opposed, candidates)
        if not len(candidates):
            self.choices.forget(rule.key)
            return
        chosen = choose(
            candidates,
            opposed.left,
            opposed.right,
            rule.ambiguous,
            (
                lambda positions: agreement.coarse_ranks(opposed, candidates, positions),
                lambda positions: agreement.ranks(opposed, candidates, positions),
            ),
        )
        rivals = alternatives(candidates)
        if rule.ambiguous == "suggest":
            self.choices.keep(rule.key, opposed, candidates, chosen.tied)
        self._write(rule, opposed, candidates, taken_matches(opposed, candidates, chosen), rivals)

    def _search(self, rule: Match) -> None:
        """Subsets of lines, each searched for once in a run."""
        found = search_rule(rule, self.scope, self.measures, partial(self._only_candidates, rule), self.searches)
        self.findings[rule.key] = found.findings
        if rule.ambiguous == "suggest":
            self.choices.keep(rule.key, *found.ties)
        self._write(rule, found.opposed, found.candidates, found.taken, found.rivals)

    def _only_candidates(self, rule: Match, opposed: Opposed, candidates: Candidates) -> Candidates:
        """Without what people refused and what leaves a difference that nothing treats."""
        return self._settled_differences(opposed, self.refusals.allowed(rule, opposed, candidates))

    def _candidates(self, rule: Match) -> tuple[Opposed, Candidates]:
        """All candidates of a rule; after its first look only what is left of them, for nothing new can arise."""
        known = self.found.get(rule.key)
        rest = remaining_candidates(*known) if known else None
        if rest is None:
            opposed = opposed_units(rule, self.scope, self.measures)
            candidates, findings = find_candidates(opposed)
            self.findings[rule.key] = findings
            rest = only_candidates(opposed, candidates)
        self.found[rule.key] = rest
        return standing(*rest)

    def _groups_of_one_side(self, rule: Match) -> None:
        groups: KeyGroups = internal_groups(rule, self.scope, self.measures)
        self._write(rule, groups.opposed, groups.candidates, groups.taken, alternatives(groups.candidates))

    def _settled_differences(self, opposed: Opposed, candidates: Candidates) -> Candidates:
        """With named amounts the accounts may differ by what no treatment takes: such a candidate is none."""
        rule = opposed.rule
        named = (rule.amount.left, rule.amount.right) != ("amount", "amount")
        if not named or rule.difference is not None:
            return candidates
        return candidates.keep(self.measures.accounts_agree(opposed, candidates))

    def _write(self, rule: Match, opposed: Opposed, candidates: Candidates, taken: Taken, rivals: Ints) -> None:
        if not len(taken):
            return
        at = taken.candidate
        verdict = verdicts(self.rule_set.decide, opposed, candidates, at, rivals[at], self.scope.memory)
        taken, verdict = taken.keep(verdict != "leave"), verdict[verdict != "leave"]
        refused, marked = self.refusals.of(rule, opposed, taken)
        taken, verdict, marked = taken.keep(~refused), verdict[~refused], marked[~refused]
        if not len(taken):
            return
        suggested = (verdict == "suggest") | marked | (rule.outcome == "suggested")
        self._enter(rule, opposed, candidates, taken, rivals, suggested, marked)

    def _enter(
        self,
        rule: Match,
        opposed: Opposed,
        candidates: Candidates,
        taken: Taken,
        rivals: Ints,
        suggested: Mask,
        marked: Mask,
    ) -> None:
        lefts = whole_allocations(opposed.left_side, taken.left)
        rights = whole_allocations(opposed.right_side, taken.right)
        keep_open = rule.difference is not None and rule.difference.keep_open
        if keep_open:
            self._leave_remainders(opposed, taken, lefts, rights)
        figures = {
            "difference": self._differences(rule, opposed, candidates, taken, lefts, rights),
            "days_apart": candidates.days[taken.candidate],
            "alternatives": rivals[taken.candidate],
            "marked": marked,
        }
        one, other = opposed.left_side, opposed.right_side
        sides = [(one.name, _given(one, taken.left), lefts), (other.name, _given(other, taken.right), rights)]
        entry_type = rule.difference.entry_type if rule.difference else None
        self.book.write(Entry(rule.key, entry_type, keep_open, figures, entry_lines(sides)), suggested)
        self._take(opposed.left_side, taken.left.row, lefts, suggested[taken.left.match])
        self._take(opposed.right_side, taken.right.row, rights, suggested[taken.right.match])
        self.changes += 1
        self.confirmed += int((~suggested).sum())

    def _differences(
        self, rule: Match, opposed: Opposed, candidates: Candidates, taken: Taken, lefts: Ints, rights: Ints
    ) -> Ints:
        """Of the lines' own amounts where both sides are in one currency, else of the compared ones; 0 where cut."""
        if rule.difference and rule.difference.keep_open:
            return np.zeros(len(taken), dtype=np.int64)
        compared = candidates.difference[taken.candidate]
        if (rule.amount.left, rule.amount.right) == ("amount", "amount"):
            return compared
        own = totals(taken.right, rights, len(taken)) - totals(taken.left, lefts, len(taken))
        return np.where(self.measures.one_currency(opposed, candidates, taken.candidate), own, compared)

    def _leave_remainders(self, opposed: Opposed, taken: Taken, lefts: Ints, rights: Ints) -> None:
        """keep_open: the smaller side is allocated whole, the larger is cut to it (within one side: to its
        opposite)."""
        turn = -1 if opposed.internal else 1
        left, right = totals(taken.left, lefts, len(taken)), totals(taken.right, rights, len(taken))
        numbers = np.arange(len(taken), dtype=np.int64)
        larger_left, larger_right = np.abs(left) > np.abs(right), np.abs(right) > np.abs(left)
        one, other = opposed.left_side, opposed.right_side
        cut_to_smaller(
            one, taken.left, lefts, turn * right[larger_left], numbers[larger_left], one.days("booking_date")
        )
        cut_to_smaller(
            other, taken.right, rights, turn * left[larger_right], numbers[larger_right], other.days("booking_date")
        )

    def _take(self, side: Side, rows: Ints, allocated: Ints, suggested: Mask) -> None:
        side.held[rows[suggested]] = True
        rows, allocated = rows[~suggested], allocated[~suggested]
        rest = side.amount[rows] - allocated
        part = rest != 0
        side.amount[rows[part]] = rest[part]
        side.live[rows[~part]] = False
        if part.any():
            side.cut = True
            self.scope.ask_again(side.name, rows[part])
            self.found.clear()

    def _excluded(self) -> pd.DataFrame:
        parts = [
            pd.DataFrame({"rule": key, "side": name, "row": rows[self._open(name, rows)]})
            for (key, name), rows in self.scope.excluded.items()
        ]
        columns = {"rule": "object", "side": "object", "row": "int64"}
        return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=list(columns)).astype(columns)

    def _open(self, name: SideName, rows: Ints) -> Mask:
        side = self.sides[name]
        return side.live[rows] & ~side.held[rows]

    def _given_rows(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Canonical positions turned back into positions of the frames that were given."""
        for name, side in self.sides.items():
            mine = (frame["side"] == name).to_numpy()
            rows = frame["row"].to_numpy(dtype=np.int64, copy=True)
            rows[mine] = side.order[rows[mine]]
            frame["row"] = rows
        return frame


def _keeps_nothing(rule: Rule) -> bool:
    """Whether a look that matches nothing leaves nothing behind but findings: neither choices nor postings."""
    return isinstance(rule, Match) and rule.ambiguous != "suggest"


def _given(side: Side, members: Members) -> Members:
    """The same lines by their rows in the frame that was given."""
    return Members(members.match, side.order[members.row])


def _still_known(found: dict[str, tuple[Opposed, Candidates]]) -> Iterator[tuple[str, tuple[Opposed, Candidates]]]:
    """Candidates without the lines that were matched since; those that must be found anew are left out."""
    for key, (opposed, candidates) in found.items():
        rest = remaining_candidates(opposed, candidates)
        if rest is not None:
            yield key, rest


def _renumbered(opposed: Opposed, side: Side, place: Ints) -> Opposed:
    left, right = opposed.left, opposed.right
    if opposed.left_side is side:
        left = replace(left, rows=place[left.rows])
    if opposed.right_side is side:
        right = replace(right, rows=place[right.rows])
    return replace(opposed, left=left, right=right)
