"""Which fields of lines a run of a rule set may read: what is not among them need not be loaded."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from recon.matching.agreement import COMPARED
from recon.matching.side import TWIN_FIELDS
from rules.codec import to_document
from rules.fields import EXTRA, line_field
from rules.model import RuleSet


def fields_needed(rules: RuleSet) -> frozenset[str]:
    """Every field that the set names anywhere, and those by which every run tells twins and rivals apart."""
    named = {text for text in _texts(to_document(rules)) if text.startswith(EXTRA) or line_field(text)}
    currencies = {spec.currency_field for name in named if (spec := line_field(name)) and spec.currency_field}
    return frozenset({*named, *currencies, *TWIN_FIELDS, *COMPARED})


def _texts(document: Any) -> Iterator[str]:
    """Every key and text of a document: a field stands as either."""
    match document:
        case str():
            yield document
        case dict():
            for name, value in document.items():
                yield name
                yield from _texts(value)
        case list() | tuple():
            for value in document:
                yield from _texts(value)
