"""Where the parts of a rule stand in its document: paths such as `rules[2].pair.all[0].op`, which editors show at."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from rules.model import All, Any, Condition, Leaf, Match, Not, Rule


class Placed(NamedTuple):
    """A leaf test with the path of its mapping in the document."""

    path: str
    leaf: Leaf


def conditions(rule: Rule) -> list[tuple[str, Condition]]:
    """The conditions of a rule with their paths inside it."""
    if isinstance(rule, Match):
        found = [("left.where", rule.left.where), ("right.where", rule.right.where), ("pair", rule.pair)]
    else:
        found = [("where", rule.where)]
    return [(path, condition) for path, condition in found if condition is not None]


def inner(condition: Condition, path: str) -> list[tuple[str, Condition]]:
    """The conditions that one is made of, with their paths; a leaf has none."""
    match condition:
        case All(items) | Any(items):
            word = "all" if isinstance(condition, All) else "any"
            return [(f"{path}.{word}[{number}]", item) for number, item in enumerate(items)]
        case Not(item):
            return [(f"{path}.not", item)]
    return []


def placed(condition: Condition, path: str) -> Iterator[Placed]:
    """Every leaf test of a tree with its path, in order of reading."""
    parts = inner(condition, path)
    for below, item in parts:
        yield from placed(item, below)
    if not parts and not isinstance(condition, All | Any | Not):
        yield Placed(path, condition)


def required(condition: Condition, path: str) -> Iterator[Placed]:
    """The leaf tests that must all hold where the tree does: nested `all` flattened, nothing below `any` or `not`."""
    match condition:
        case All():
            for below, item in inner(condition, path):
                yield from required(item, below)
        case Any() | Not():
            return
        case _:
            yield Placed(path, condition)


def leaves_of(rule: Rule) -> Iterator[Placed]:
    """Every leaf test of a rule, with its path inside the rule."""
    for path, condition in conditions(rule):
        yield from placed(condition, path)
