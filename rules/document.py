"""Text ↔ plain objects: YAML or JSON as people write rule sets, read so that nothing written is lost.

Numbers with decimals become `Decimal`. Only what looks like a whole number, a decimal number, true, false or null is
other than text: `NO`, `on`, `1:30` and `2026-01-31` are text. A key that stands twice is refused, and so are aliases
(`*name`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Hashable
from decimal import Decimal
from typing import Any, NoReturn

import yaml

from rules.errors import RuleError, RuleErrors
from rules.wording import _


def parse(text: str | bytes, source: str = "") -> object:
    """The plain object that a YAML or JSON text holds. Raises `RuleErrors` with the place where it cannot be read."""
    try:
        decoded = (
            text.decode("utf-8-sig") if isinstance(text, bytes) else text.removeprefix("\N{ZERO WIDTH NO-BREAK SPACE}")
        )
        if decoded.lstrip().startswith("{"):
            return _json(decoded)
        return yaml.load(decoded, Loader=_Loader)  # noqa: S506 - a SafeLoader with fewer types
    except UnicodeDecodeError as error:
        sentence = _("Byte {place} is not UTF-8 text; save the file as UTF-8.").format(place=error.start + 1)
    except _Unreadable as error:
        sentence = str(error)
    except yaml.MarkedYAMLError as error:
        sentence = _yaml_sentence(error)
    except yaml.YAMLError:
        sentence = _("The file holds a character that YAML does not allow.")
    except RecursionError:
        sentence = _("The document is nested too deeply to be read.")
    except ValueError:
        sentence = _("A number in the document is too long to be read.")
    raise RuleErrors([RuleError("", sentence)], source)


class _Unreadable(Exception):
    """What is wrong with the text, as a sentence."""


def _json(text: str) -> object:
    try:
        return json.loads(text, parse_float=Decimal, parse_constant=_no_constant, object_pairs_hook=_json_mapping)
    except json.JSONDecodeError as error:
        try:  # YAML may begin with a brace too
            return yaml.load(text, Loader=_Loader)  # noqa: S506
        except yaml.YAMLError:
            sentence = _("Line {line}, column {column} is not JSON: {reason}.")
            raise _Unreadable(sentence.format(line=error.lineno, column=error.colno, reason=error.msg)) from None


def _no_constant(name: str) -> NoReturn:
    raise _Unreadable(_("“{name}” is not a number that a rule can hold.").format(name=name))


def _json_mapping(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    mapping = dict(pairs)
    if len(mapping) < len(pairs):
        names = [name for name, _value in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise _Unreadable(_("The key “{key}” stands twice in one place.").format(key=twice))
    return mapping


def _yaml_sentence(error: yaml.MarkedYAMLError) -> str:
    reason = error.problem or error.context or ""
    if error.problem_mark is None:
        return _("This is not YAML: {reason}.").format(reason=reason)
    line, column = error.problem_mark.line + 1, error.problem_mark.column + 1
    return _("Line {line}, column {column}: {reason}.").format(line=line, column=column, reason=reason)


class _Loader(yaml.SafeLoader):
    """YAML's JSON-like core: fewer kinds of plain scalar than PyYAML's, no aliases, no key twice."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012 - the class attribute that PyYAML looks up

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]
            raise yaml.composer.ComposerError(None, None, _("aliases (*name) have no place in a rule set"), mark)
        return super().compose_node(parent, index)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[str] = set()
        for key, _value in node.value:
            if key.value in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, _("the key “{key}” stands twice").format(key=key.value), key.start_mark
                )
            seen.add(str(key.value))
        return super().construct_mapping(node, deep=deep)

    def construct_decimal(self, node: yaml.ScalarNode) -> Decimal:
        return Decimal(node.value)

    def construct_whole(self, node: yaml.ScalarNode) -> int:
        return int(node.value)


_PLAIN_TYPES = {
    "bool": (r"true|True|TRUE|false|False|FALSE", [*"tTfF"]),
    "null": (r"~|null|Null|NULL|", [*"~nN", ""]),
    "int": (r"[-+]?[0-9]+", [*"-+0123456789"]),
    "float": (r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", [*"-+.0123456789"]),
}
for _tag, (_pattern, _first) in _PLAIN_TYPES.items():
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(f"^(?:{_pattern})$"), _first)
_Loader.add_constructor("tag:yaml.org,2002:int", _Loader.construct_whole)
_Loader.add_constructor("tag:yaml.org,2002:float", _Loader.construct_decimal)


class _Dumper(yaml.SafeDumper):
    """Block style, with each test on a line of its own."""


def _represent_mapping(dumper: yaml.SafeDumper, mapping: dict[str, Any]) -> yaml.Node:
    return dumper.represent_mapping("tag:yaml.org,2002:map", mapping.items(), flow_style="op" in mapping)


_Dumper.add_representer(dict, _represent_mapping)


def dump_yaml(document: dict[str, Any]) -> str:
    return yaml.dump(document, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=120)


def dump_json(document: dict[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"
