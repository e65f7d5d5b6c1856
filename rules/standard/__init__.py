"""The shipped rule sets: what a new group starts with, and the ladder of fixed rules for integrated bank accounts."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Literal

from rules.codec import load as load_text
from rules.model import RuleSet

NAMES = ("standard", "autopay")


@cache
def load(name: Literal["standard", "autopay"]) -> RuleSet:
    """A shipped rule set by name."""
    return load_text((files(__name__) / f"{name}.yaml").read_bytes(), source=f"{name}.yaml")
