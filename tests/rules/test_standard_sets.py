"""The shipped rule sets load, round-trip, raise no finding, and can be said in sentences."""

from __future__ import annotations

from typing import Literal

import pytest

from rules.codec import dump_yaml, load, rule_hash
from rules.lint import lint
from rules.model import Match
from rules.sentence import rule_sentence
from rules.standard import NAMES
from rules.standard import load as shipped

Name = Literal["standard", "autopay"]


@pytest.mark.parametrize("name", NAMES)
def test_a_shipped_set_is_sound(name: Name) -> None:
    made = shipped(name)
    assert load(dump_yaml(made)) == made
    assert lint(made) == []
    assert len({rule_hash(rule) for rule in made.rules}) == len(made.rules)
    assert all(rule_sentence(rule) for rule in made.rules)


def test_the_autopay_ladder() -> None:
    ladder = shipped("autopay").rules
    assert [rule.key for rule in ladder] == [
        "one-to-one",
        "one-to-many",
        "many-to-one",
        "same-date-and-amount",
        "next-day-and-amount",
        "bank-reference",
    ]
    assert all(isinstance(rule, Match) and rule.amount.exact for rule in ladder)
    weak = {rule.key: rule.ambiguous for rule in ladder if isinstance(rule, Match) and rule.pair is None}
    assert set(weak.values()) == {"unique_only"}
