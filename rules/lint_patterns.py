"""Lint of RE2 patterns: those found in any text, those slow to search with, and ends that change nothing."""

from __future__ import annotations

from collections.abc import Iterator

import re2

from rules.evaluate import capture
from rules.impossible import Said
from rules.model import Derive, Rule, Test
from rules.places import leaves_of
from rules.ranges import written
from rules.wording import _

SLOW_PROGRAM = 2_000
"""Steps of a compiled pattern from which on a search through a million texts takes seconds: usual ones have below 100,
`(\\w{1,50} ){20}` has 4,044.
"""


def patterns_of_nothing(rule: Rule) -> Iterator[Said]:
    for path, pattern in _patterns(rule):
        if capture("", pattern) is not None:
            sentence = _("The pattern “{pattern}” is also found in a text that holds none of it.")
            yield path, sentence.format(pattern=pattern)


def slow_patterns(rule: Rule) -> Iterator[Said]:
    for path, pattern in _patterns(rule):
        if re2.compile(pattern).programsize > SLOW_PROGRAM:
            sentence = _(
                "The pattern “{pattern}” takes long on many lines: repetitions such as {{1,50}} inside one another "
                "multiply. Allow fewer, or write + or *."
            )
            yield path, sentence.format(pattern=pattern)


def idle_ends(rule: Rule) -> Iterator[Said]:
    for path, leaf in leaves_of(rule):
        if not isinstance(leaf, Test) or leaf.op != "matches":
            continue
        for value in written(leaf):
            if value.startswith(".*") or (value.endswith(".*") and not value.endswith("\\.*")):
                sentence = _(
                    "A pattern is looked for anywhere in the text, so “.*” at the ends of “{pattern}” is idle."
                )
                yield f"{path}.value", sentence.format(pattern=value)


def _patterns(rule: Rule) -> Iterator[tuple[str, str]]:
    if isinstance(rule, Derive):
        yield from ((f"set.{field}.pattern", step.pattern) for field, step in rule.set)
    for path, leaf in leaves_of(rule):
        if isinstance(leaf, Test) and leaf.op == "matches":
            yield from ((f"{path}.value", value) for value in written(leaf))
