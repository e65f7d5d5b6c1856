"""Documents ↔ rule sets: YAML and JSON in and out, every fault at once with its path, and the hash of a rule's meaning.

The language is one document with three faces: what the builder edits, what the database stores, what files hold.
"""

from __future__ import annotations

from pathlib import Path
from typing import cast

from rules import document, kinds
from rules.cursor import Cursor
from rules.encoding import decision_document, rule_document, rule_hash, set_hash, to_document
from rules.errors import RuleError, RuleErrors
from rules.model import Decision, Rule, RuleSet
from rules.wording import _

__all__ = [
    "decision_document",
    "decision_from_document",
    "dump_json",
    "dump_yaml",
    "from_document",
    "load",
    "load_file",
    "rule_document",
    "rule_from_document",
    "rule_hash",
    "set_hash",
    "to_document",
]

VERSION = 1


def load(text: str | bytes, *, source: str = "") -> RuleSet:
    """The rule set that a YAML or JSON text holds. Raises `RuleErrors` with every fault; `source` names the text."""
    return from_document(document.parse(text, source), source=source)


def load_file(path: str | Path) -> RuleSet:
    """The rule set of a file, YAML or JSON. Raises `RuleErrors`, and OSError where the file cannot be read."""
    return load(Path(path).read_bytes(), source=str(path))


def from_document(obj: object, *, source: str = "") -> RuleSet:
    """The rule set of a plain object such as the database stores. Raises `RuleErrors` with every fault."""
    cursor = Cursor(obj)
    made = _rule_set(cursor)
    if cursor.errors:
        raise RuleErrors(cursor.errors, source)
    return made


def rule_from_document(obj: object) -> Rule:
    """One rule by itself, as the editor sends it. Raises `RuleErrors` with paths inside the rule."""
    cursor = Cursor(obj)
    made = kinds.rule(cursor)
    if cursor.errors:
        raise RuleErrors(cursor.errors)
    return cast(Rule, made)


def decision_from_document(obj: object) -> Decision:
    """One decision by itself, as the editor sends it. Raises `RuleErrors` with paths inside the decision."""
    cursor = Cursor(obj)
    made = kinds.decision(cursor)
    if cursor.errors:
        raise RuleErrors(cursor.errors)
    return made


def _rule_set(cursor: Cursor) -> RuleSet:
    entries = cursor.mapping(("version", "name", "rules", "decide"), ("rules",))
    if "version" in entries and entries["version"].whole() != VERSION:
        entries["version"].fault(_("Version {version} of the rule language is the one known.").format(version=VERSION))
    name = entries["name"].text() if entries.get("name") and entries["name"].value != "" else ""
    rules = [kinds.rule(item) for item in entries["rules"].items()] if "rules" in entries else []
    decide = tuple(kinds.decision(item) for item in entries["decide"].items()) if "decide" in entries else ()
    _check_keys(rules, cursor)
    return RuleSet(name, tuple(rule for rule in rules if rule), decide)


def _check_keys(rules: list[Rule | None], cursor: Cursor) -> None:
    first: dict[str, int] = {}
    for place, rule in enumerate(rules):
        if rule is None or not rule.key:
            continue
        if rule.key in first:
            sentence = _("The key “{key}” is taken by rules[{place}]; give one of the two another “key”.")
            cursor.errors.append(RuleError(f"rules[{place}].key", sentence.format(key=rule.key, place=first[rule.key])))
        first.setdefault(rule.key, place)


def dump_yaml(rule_set: RuleSet) -> str:
    """The rule set as a YAML file for people."""
    return document.dump_yaml(to_document(rule_set))


def dump_json(rule_set: RuleSet) -> str:
    """The rule set as JSON text."""
    return document.dump_json(to_document(rule_set))
