"""What differs between two versions of a rule set: rules added, removed, moved, changed, put aside, in sentences.

A rule is the same rule where its key is; a decision where its name is, else where its sentence is. Moving one rule is
one change: those that keep their order among themselves (the longest such run) did not move.
"""

from __future__ import annotations

import json
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from rules.encoding import rule_document, to_document
from rules.match_sentence import amount_sentence, date_phrase, outcome_sentences, policy_sentence, taking_phrase
from rules.model import Condition, Decision, Derive, Match, Post, Rule, RuleSet
from rules.names import field_label, rule_title, side_words
from rules.phrases import condition_phrase, quoted
from rules.sentence import decision_sentence, rule_sentence
from rules.wording import _, listed

Kind = Literal["added", "removed", "deactivated", "reactivated", "moved", "changed"]


@dataclass(frozen=True, slots=True)
class PartChange:
    """One part of a rule that differs: what it is, and what it said before and says now ("" where nothing)."""

    part: str
    before: str
    after: str

    def sentence(self) -> str:
        if not self.before:
            return _("{part}: now {after}").format(part=self.part, after=self.after)
        if not self.after:
            return _("{part}: no longer {before}").format(part=self.part, before=self.before)
        return _("{part}: {after}, before: {before}").format(part=self.part, before=self.before, after=self.after)


@dataclass(frozen=True, slots=True)
class RuleChange:
    """A change of one rule, or of a decision (`key` is "" then). Places count from 1; sentences are whole rules."""

    kind: Kind
    key: str
    name: str
    old_place: int | None = None
    new_place: int | None = None
    before: str = ""
    after: str = ""
    parts: tuple[PartChange, ...] = ()

    def sentence(self) -> str:
        said = {
            "added": _("“{name}” is new: {after}"),
            "removed": _("“{name}” is gone: {before}"),
            "deactivated": _("“{name}” is deactivated: {before}"),
            "reactivated": _("“{name}” is active again: {after}"),
            "moved": _("“{name}” moved from place {old} to place {new}."),
            "changed": _("“{name}” changed: {parts}."),
        }[self.kind]
        parts = "; ".join(part.sentence() for part in self.parts)
        facts = {"before": self.before, "after": self.after, "old": self.old_place, "new": self.new_place}
        return said.format(name=rule_title(self.name), parts=parts, **facts)

    def plain(self) -> dict[str, Any]:
        """Plain values for machines."""
        return {
            "kind": self.kind,
            "rule": self.key or None,
            "name": self.name,
            "from_place": self.old_place,
            "to_place": self.new_place,
            "before": self.before,
            "after": self.after,
            "parts": [{"part": part.part, "before": part.before, "after": part.after} for part in self.parts],
            "sentence": self.sentence(),
        }


@dataclass(frozen=True, slots=True)
class _Item:
    """A rule or a decision as it is compared: by which name, what it says, of which parts, and all of it as data.

    `place` counts from 1; None for a deactivated rule.
    """

    identity: str
    place: int | None
    key: str
    name: str
    sentence: str
    parts: dict[str, str]
    document: dict[str, Any]


def differences(
    old: RuleSet, new: RuleSet, old_inactive: Sequence[Rule] = (), new_inactive: Sequence[Rule] = ()
) -> list[RuleChange]:
    """The changes from one set to the other: rules, then decisions; empty exactly where both mean and say the same.

    `old_inactive`, `new_inactive`: the rules deactivated beside each set.
    """
    return [
        *_compared(_listed(old.rules, old_inactive), _listed(new.rules, new_inactive)),
        *_compared(_decision_items(old), _decision_items(new)),
    ]


def _listed(active: Sequence[Rule], inactive: Sequence[Rule]) -> dict[str, _Item]:
    items = [_rule_item(rule, place) for place, rule in enumerate(active, 1)]
    items += [_rule_item(rule, None) for rule in inactive]
    return {item.identity: item for item in items}


def _compared(old: dict[str, _Item], new: dict[str, _Item]) -> list[RuleChange]:
    both = [item for identity, item in new.items() if item.place and identity in old and old[identity].place]
    stay = _in_order([old[item.identity].place or 0 for item in both])
    changes = [_gone(item) for identity, item in old.items() if identity not in new]
    for identity, item in new.items():
        was = old.get(identity)
        if was is None:
            changes.append(_come(item))
            continue
        changes += _put_aside(was, item) + _changed(was, item)
        if was.place and item.place and was.place not in stay:
            changes.append(_change("moved", was, item))
    return changes


def _gone(item: _Item) -> RuleChange:
    return RuleChange("removed", item.key, item.name, old_place=item.place, before=item.sentence)


def _come(item: _Item) -> RuleChange:
    """A new rule; one that comes deactivated (by rolling back) stands aside at once."""
    if item.place:
        return RuleChange("added", item.key, item.name, new_place=item.place, after=item.sentence)
    return RuleChange("deactivated", item.key, item.name, before=item.sentence)


def _put_aside(was: _Item, item: _Item) -> list[RuleChange]:
    if bool(was.place) == bool(item.place):
        return []
    return [_change("reactivated" if item.place else "deactivated", was, item)]


def _change(kind: Kind, was: _Item, item: _Item, parts: Sequence[PartChange] = ()) -> RuleChange:
    return RuleChange(kind, item.key, item.name, was.place, item.place, was.sentence, item.sentence, tuple(parts))


def _changed(was: _Item, item: _Item) -> list[RuleChange]:
    if was.document == item.document:
        return []
    parts = _part_changes(was.parts, item.parts) or _raw_changes(was.document, item.document)
    return [_change("changed", was, item, parts)]


def _part_changes(was: dict[str, str], now: dict[str, str]) -> list[PartChange]:
    names = [*was, *(name for name in now if name not in was)]
    return [
        PartChange(name, was.get(name, ""), now.get(name, ""))
        for name in names
        if was.get(name, "") != now.get(name, "")
    ]


def _raw_changes(was: dict[str, Any], now: dict[str, Any]) -> list[PartChange]:
    """For what no sentence tells: the keys of the language with their values as JSON."""
    changed = [key for key in {**was, **now} if was.get(key) != now.get(key)]
    return [PartChange(key, *(json.dumps(each.get(key), ensure_ascii=False) for each in (was, now))) for key in changed]


def _in_order(places: Sequence[int]) -> set[int]:
    """The longest increasing run among places: the fewest others have moved."""
    ends: list[int] = []
    came_from: dict[int, int | None] = {}
    for place in places:
        at = bisect_left(ends, place)
        came_from[place] = ends[at - 1] if at else None
        ends[at : at + 1] = [place]
    kept: set[int] = set()
    last = ends[-1] if ends else None
    while last is not None:
        kept.add(last)
        last = came_from[last]
    return kept


# what a rule says, part by part


def _rule_item(rule: Rule, place: int | None) -> _Item:
    return _Item(rule.key, place, rule.key, rule.name, rule_sentence(rule), _parts(rule), rule_document(rule))


def _decision_items(rules: RuleSet) -> dict[str, _Item]:
    """Decisions have no key: the name is one, with a number where it stands twice; without one it is the sentence."""
    items: dict[str, _Item] = {}
    documents = to_document(rules).get("decide", ())
    for place, (decision, document) in enumerate(zip(rules.decide, documents, strict=True), 1):
        sentence = decision_sentence(decision)
        name = decision.name or sentence
        like = sum(item.name == name for item in items.values())
        item = _Item(f"{name} {like}", place, "", name, sentence, _decision_parts(decision), document)
        items[item.identity] = item
    return items


def _decision_parts(decision: Decision) -> dict[str, str]:
    return {_("what it does"): decision_sentence(decision)}


def _parts(rule: Rule) -> dict[str, str]:
    head = {_("name"): quoted(rule.name)}
    return head | (_match_parts(rule) if isinstance(rule, Match) else _line_rule_parts(rule))


def _line_rule_parts(rule: Rule) -> dict[str, str]:
    assert not isinstance(rule, Match)
    kind = {
        "Exclude": _("lines are left aside"),
        "Derive": _("a field is filled"),
        "Post": _("an entry is proposed"),
    }
    parts = {_("kind"): kind[type(rule).__name__], _("side"): side_words(rule.side), _("lines"): _lines(rule.where)}
    if isinstance(rule, Derive):
        steps = [f"{field_label(name)}: {quoted(step.pattern)} ({field_label(step.source)})" for name, step in rule.set]
        parts[_("fields filled")] = listed(steps, _("and"))
    if isinstance(rule, Post):
        outcome = _("unreleased") if rule.outcome == "confirmed" else _("proposed")
        parts |= {_("entry type"): rule.entry_type, _("outcome"): outcome}
    return parts


def _match_parts(rule: Match) -> dict[str, str]:
    search = [] if rule.search is None else outcome_sentences(rule)[:1]
    return {
        _("kind"): _("lines are matched"),
        _("what is matched"): taking_phrase(rule),
        _("left lines"): _lines(rule.left.where),
        _("right lines"): _lines(rule.right.where),
        _("tests between the sides"): condition_phrase(rule.pair) if rule.pair else _("none"),
        _("days"): date_phrase(rule) or _("any number"),
        _("amount"): amount_sentence(rule).rstrip("."),
        _("several candidates"): policy_sentence(rule).rstrip("."),
        _("subset search"): "".join(search).rstrip("."),
        _("outcome"): _("suggested") if rule.outcome == "suggested" else _("confirmed"),
    }


def _lines(where: Condition | None) -> str:
    return condition_phrase(where) if where is not None else _("all")
