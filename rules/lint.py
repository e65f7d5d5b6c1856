"""What is plainly wrong or doubtful in a rule set that can nevertheless be read: findings for its author.

Codes are permanent: empty-rule, catch-all-first, shadowed, never-true, fuzzy-reference, similar-to-anything,
read-before-set, search-without-same, any-amount-confirmed, unused-difference, pattern-of-nothing, unknown-rule.
"""

from __future__ import annotations

from collections.abc import Iterator

from rules.errors import Finding, Severity
from rules.evaluate import capture
from rules.impossible import contradictions
from rules.model import (
    Condition,
    Derive,
    Exclude,
    Leaf,
    Match,
    PairTest,
    Post,
    Rule,
    RuleSet,
    Test,
    leaves,
)
from rules.names import field_words
from rules.shadow import is_covered
from rules.wording import _

EXACT_FIELDS = frozenset(
    "reference archive_reference end_to_end_id kid invoice_number voucher_number account_number counterparty_account "
    "customer_number supplier_number".split()
)
"""Numbers that mean something else when one digit differs."""


def lint(rule_set: RuleSet) -> list[Finding]:
    """Findings about a rule set, in the order of its rules; `where` is the path in the document."""
    found = [finding for place, rule in enumerate(rule_set.rules) for finding in _of_rule(rule_set, place, rule)]
    return found + list(_of_decisions(rule_set))


def _finding(code: str, where: str, sentence: str, severity: Severity = "warning") -> Finding:
    return Finding(code, severity, where, sentence)


def _of_rule(rule_set: RuleSet, place: int, rule: Rule) -> Iterator[Finding]:
    path = f"rules[{place}]"
    yield from _empty(rule, path, last=place == len(rule_set.rules) - 1)
    yield from _impossible(rule, path)
    yield from _fuzzy(rule, path)
    yield from _read_before_set(rule_set, place, rule)
    yield from _covered(rule_set, place, rule)
    if isinstance(rule, Match):
        yield from _match_terms(rule, path)
    if isinstance(rule, Derive):
        yield from _patterns(rule, path)


def conditions(rule: Rule) -> list[tuple[str, Condition]]:
    """The conditions of a rule with their paths inside it."""
    if isinstance(rule, Match):
        found = [("left.where", rule.left.where), ("right.where", rule.right.where), ("pair", rule.pair)]
    else:
        found = [("where", rule.where)]
    return [(path, condition) for path, condition in found if condition is not None]


def _empty(rule: Rule, path: str, last: bool) -> Iterator[Finding]:
    if conditions(rule):
        return
    match rule:
        case Match(date=None) if not rule.left.group_by and not rule.right.group_by and not rule.search:
            sentence = _("The rule tests nothing but the amount: any two lines of one amount match, however far apart.")
            yield _finding("empty-rule", path, sentence)
        case Exclude():
            sentence = _("The rule leaves every line aside, so that no rule below sees any.")
            yield _finding("empty-rule" if last else "catch-all-first", path, sentence)
        case Post():
            yield _finding("empty-rule", path, _("The rule proposes an entry for every open line."))


def _impossible(rule: Rule, path: str) -> Iterator[Finding]:
    for inner, condition in conditions(rule):
        for sentence in contradictions(condition):
            yield _finding("never-true", f"{path}.{inner}", sentence, "error")


def _fuzzy(rule: Rule, path: str) -> Iterator[Finding]:
    for inner, condition in conditions(rule):
        for leaf in leaves(condition):
            if leaf.op == "similar" and not leaf.at_least:
                sentence = _("“similar” with at_least 0 is met by any two texts; ask for 0.6 or more.")
                yield _finding("similar-to-anything", f"{path}.{inner}", sentence, "error")
            field = leaf.left if isinstance(leaf, PairTest) else leaf.field
            if leaf.op == "similar" and field in EXACT_FIELDS:
                sentence = _("“similar” on the {field} takes other numbers for the same; use “same” or “one_edit”.")
                yield _finding("fuzzy-reference", f"{path}.{inner}", sentence.format(field=field_words(field)))


def _read_before_set(rule_set: RuleSet, place: int, rule: Rule) -> Iterator[Finding]:
    above = _set_fields(rule_set.rules[:place])
    below = _set_fields(rule_set.rules[place + 1 :])
    for side, field in sorted(_read_fields(rule)):
        if (side, field) in below and (side, field) not in above:
            sentence = _("The rule reads the {field}, which only a rule further down fills in.")
            yield _finding("read-before-set", f"rules[{place}]", sentence.format(field=field_words(field)))


def _sides(rule: Rule) -> tuple[str, ...]:
    if isinstance(rule, Match):
        return (rule.internal,) if rule.internal else ("left", "right")
    return ("left", "right") if rule.side == "both" else (rule.side,)


def _set_fields(rules: tuple[Rule, ...]) -> set[tuple[str, str]]:
    derives = [rule for rule in rules if isinstance(rule, Derive)]
    return {(side, field) for rule in derives for side in _sides(rule) for field, _step in rule.set}


def _read_fields(rule: Rule) -> set[tuple[str, str]]:
    """Side and name of each field whose value a rule depends on. An emptiness test guards a derive rule's own field."""
    if isinstance(rule, Match):
        return _match_reads(rule)
    own = {field for field, _step in rule.set} if isinstance(rule, Derive) else set()
    fields = {leaf.field for leaf in leaves(rule.where) if isinstance(leaf, Test) and leaf.field not in own}
    if isinstance(rule, Derive):
        fields |= {step.source for _field, step in rule.set} - own
    return {(side, field) for side in _sides(rule) for field in fields}


def _match_reads(rule: Match) -> set[tuple[str, str]]:
    reads: set[tuple[str, str]] = set()
    for side, unit in (("left", rule.left), ("right", rule.right)):
        reads |= {(side, leaf.field) for leaf in leaves(unit.where) if isinstance(leaf, Test)}
        reads |= {(side, key) for key in unit.group_by}
    for leaf in leaves(rule.pair):
        reads |= _leaf_reads(leaf)
    return {(rule.internal, field) for _side, field in reads} if rule.internal else reads


def _leaf_reads(leaf: Leaf) -> set[tuple[str, str]]:
    if isinstance(leaf, PairTest):
        return {("left", leaf.left), ("right", leaf.right)}
    return {(leaf.side or "left", leaf.field)}


def _covered(rule_set: RuleSet, place: int, rule: Rule) -> Iterator[Finding]:
    if not isinstance(rule, Match):
        return
    for earlier in rule_set.rules[:place]:
        if isinstance(earlier, Match) and (how := is_covered(rule, earlier)):
            sentence = {
                "shadowed": _("“{name}” above takes everything that this rule could take."),
                "catch-all-first": _("“{name}” above asks for less and acts first; put the stricter rule above it."),
            }[how]
            yield _finding(how, f"rules[{place}]", sentence.format(name=earlier.name))
            return


def _match_terms(rule: Match, path: str) -> Iterator[Finding]:
    if rule.search is not None and not rule.search.same:
        sentence = _(
            "The search has no “same” field: among many lines nearly every amount can be made up, and in many ways."
        )
        yield _finding("search-without-same", f"{path}.search", sentence)
    if rule.amount.anything and rule.outcome == "confirmed":
        sentence = _("The rule confirms matches whatever the difference is; let it suggest them.")
        yield _finding("any-amount-confirmed", f"{path}.amount", sentence)
    if rule.difference is not None and rule.amount.exact:
        sentence = _("The amounts must be equal, so the treatment of a difference is never used.")
        yield _finding("unused-difference", f"{path}.difference", sentence)


def _patterns(rule: Derive, path: str) -> Iterator[Finding]:
    for field, step in rule.set:
        if capture("", step.pattern) is not None:
            sentence = _("The pattern “{pattern}” is also found in a text that holds none of it.")
            yield _finding("pattern-of-nothing", f"{path}.set.{field}", sentence.format(pattern=step.pattern))


def _of_decisions(rule_set: RuleSet) -> Iterator[Finding]:
    keys = {rule.key.lower() for rule in rule_set.rules}
    for place, decision in enumerate(rule_set.decide):
        path = f"decide[{place}].when"
        for sentence in contradictions(decision.when) if decision.when else ():
            yield _finding("never-true", path, sentence, "error")
        for leaf in leaves(decision.when):
            for key in _unknown_rules(leaf, keys):
                sentence = _("There is no rule with the key “{key}”.").format(key=key)
                yield _finding("unknown-rule", path, sentence)


def _unknown_rules(leaf: Leaf, keys: set[str]) -> list[str]:
    if not isinstance(leaf, Test) or leaf.field != "rule" or leaf.op not in ("equals", "in", "not_equals", "not_in"):
        return []
    named = (leaf.value,) if isinstance(leaf.value, str) else leaf.value or ()
    return [key for key in named if key.lower() not in keys]
