"""Lint of the fields that rules read and set: what is read before it is set, and fuzzy tests of exact numbers."""

from __future__ import annotations

from collections.abc import Iterator

from rules.fields import LINE_FIELDS
from rules.impossible import Said
from rules.model import MANY_SIDES, Derive, Leaf, Match, PairTest, Rule, RuleSet
from rules.names import field_words
from rules.places import leaves_of
from rules.wording import _

EXACT_FIELDS = frozenset(
    "reference archive_reference end_to_end_id kid invoice_number voucher_number account_number counterparty_account "
    "customer_number supplier_number".split()
)
"""Numbers that mean something else when one digit differs."""

Reading = tuple[str, str, str]
"""Path inside the rule, side, field."""


def fuzzy_numbers(rule: Rule) -> Iterator[Said]:
    for path, leaf in leaves_of(rule):
        field = leaf.left if isinstance(leaf, PairTest) else leaf.field
        if leaf.op == "similar" and field in EXACT_FIELDS:
            sentence = _("“similar” on the {field} takes other numbers for the same; use “same” or “one_edit”.")
            yield f"{path}.op", sentence.format(field=field_words(field))


def similar_to_anything(rule: Rule) -> Iterator[Said]:
    for path, leaf in leaves_of(rule):
        if leaf.op == "similar" and not leaf.at_least:
            yield f"{path}.at_least", _("“similar” with at_least 0 is met by any two texts; ask for 0.6 or more.")


def read_before_set(rule_set: RuleSet, place: int) -> Iterator[Said]:
    """Fields that a rule reads and that only rules below it fill; each side and field once.

    A field that files fill too may well be read before and after its gaps are filled: nothing is said where it is.
    """
    above, below = _set_fields(rule_set.rules[:place]), _set_fields(rule_set.rules[place + 1 :])
    told = {field for field in below if field[1] in LINE_FIELDS and _read_after_set(rule_set, field)}
    for path, side, field in _readings(rule_set.rules[place]):
        if (side, field) in below and (side, field) not in above and (side, field) not in told:
            told.add((side, field))
            sentence = _("The rule reads the {field}, which only a rule further down fills in.")
            yield path, sentence.format(field=field_words(field))


def _read_after_set(rule_set: RuleSet, field: tuple[str, str]) -> bool:
    """Whether a rule below one that fills the field of a side reads it."""
    places = [place for place, rule in enumerate(rule_set.rules) if field in _set_fields((rule,))]
    below = rule_set.rules[min(places) + 1 :]
    return any(field == (side, name) for rule in below for _path, side, name in _readings(rule))


def sides_of(rule: Rule) -> tuple[str, ...]:
    """The sides whose lines a rule looks at."""
    if isinstance(rule, Match):
        return (rule.internal,) if rule.internal else ("left", "right")
    return ("left", "right") if rule.side == "both" else (rule.side,)


def _set_fields(rules: tuple[Rule, ...]) -> set[tuple[str, str]]:
    derives = [rule for rule in rules if isinstance(rule, Derive)]
    return {(side, field) for rule in derives for side in sides_of(rule) for field, _step in rule.set}


def _readings(rule: Rule) -> Iterator[Reading]:
    """Each field whose value a rule depends on. An emptiness test guards a derive rule's own field."""
    if isinstance(rule, Match):
        yield from _match_readings(rule)
        return
    own = {field for field, _step in rule.set} if isinstance(rule, Derive) else set()
    found = [(f"{path}.field", leaf.field) for path, leaf in leaves_of(rule) if not isinstance(leaf, PairTest)]
    if isinstance(rule, Derive):
        found += [(f"set.{field}.from", step.source) for field, step in rule.set]
    yield from ((path, side, field) for path, field in found if field not in own for side in sides_of(rule))


def _match_readings(rule: Match) -> Iterator[Reading]:
    for path, leaf in leaves_of(rule):
        for side, key, field in _leaf_readings(path, leaf):
            yield f"{path}.{key}", rule.internal or side, field
    for side, unit in (("left", rule.left), ("right", rule.right)):
        yield from ((f"{side}.group_by[{n}]", rule.internal or side, field) for n, field in enumerate(unit.group_by))
    if rule.search is not None:
        side = searched_side(rule)
        yield from ((f"search.same[{n}]", side, field) for n, field in enumerate(rule.search.same))


def _leaf_readings(path: str, leaf: Leaf) -> list[tuple[str, str, str]]:
    """Side, key and name of each field that a leaf of a match rule reads."""
    if isinstance(leaf, PairTest):
        return [("left", "left", leaf.left), ("right", "right", leaf.right)]
    return [(leaf.side or path.partition(".")[0], leaf.side or "field", leaf.field)]


def searched_side(rule: Match) -> str:
    """The "many" side whose lines a search puts together."""
    bare = [side for side in MANY_SIDES[rule.cardinality] if not (rule.left if side == "left" else rule.right).group_by]
    return bare[0]
