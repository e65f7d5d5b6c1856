"""Lint of what a match rule asks of its two sides together: its terms, its dates, and sides that can never meet."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from rules.fields import FieldType, field_named
from rules.implication import excludes, implies
from rules.impossible import Said
from rules.lint_fields import searched_side
from rules.model import Allowance, Condition, DateWindow, Match, PairTest, RuleSet, Test, Unit
from rules.names import field_words
from rules.phrases import days
from rules.places import Placed, placed, required
from rules.ranges import Range, together
from rules.values import MOST_DECIMALS
from rules.wording import _


def any_amount_confirmed(rule: Match) -> Iterator[Said]:
    if rule.amount.anything and rule.outcome == "confirmed":
        yield "amount", _("The rule confirms matches whatever the difference is; let it suggest them.")


def any_amount(rule: Match) -> Iterator[Said]:
    if rule.amount.anything and rule.outcome == "suggested":
        yield "amount", _("The rule matches whatever the difference is; what is left of the larger side stays open.")


def search_without_same(rule: Match) -> Iterator[Said]:
    if rule.search is not None and not rule.search.same:
        yield (
            "search",
            _("The search has no “same” field: among many lines nearly every amount can be made up, and in many ways."),
        )


def newest_of_one_day(rule: Match) -> Iterator[Said]:
    window = rule.date
    if rule.ambiguous != "newest" or window is None:
        return
    if window.earliest == window.latest or (rule.internal and window.latest == 0):
        sentence = _("All candidates of a line have one date here, so none is newer; use “first” or “closest”.")
        yield "ambiguous", sentence


def idle_rounding(rule: Match) -> Iterator[Said]:
    """Rounding of amounts that have no more decimals, or that must be equal as they stand."""
    equal = rule.amount.exact and _own_amounts(rule.amount) and rule.cardinality == "one_to_one"
    for path, leaf in placed(rule.pair, "pair") if rule.pair else ():
        if not isinstance(leaf, PairTest) or leaf.op != "same_rounded":
            continue
        if equal and leaf.left == leaf.right == Allowance().left:
            yield path, _("The rule asks for equal amounts, so rounding them changes nothing; let “amount” differ.")
        elif (leaf.places or 0) >= MOST_DECIMALS and _both_money(leaf):
            sentence = _("No currency has more than {most} decimals, so nothing is rounded; use “same”.")
            yield f"{path}.places", sentence.format(most=MOST_DECIMALS)


def _both_money(test: PairTest) -> bool:
    return all(field_named(name).type is FieldType.MONEY for name in (test.left, test.right))


def unused_difference(rule: Match) -> Iterator[Said]:
    if rule.difference is not None and rule.amount.exact and _own_amounts(rule.amount):
        yield "difference", _("The amounts must be equal, so the treatment of a difference is never used.")


def untreated_difference(rule: Match) -> Iterator[Said]:
    """With named amounts the accounts may differ although what is compared does not (rule language, evaluation)."""
    if rule.difference is None and not _own_amounts(rule.amount):
        sentence = _(
            "The rule compares other amounts than those booked. Where the booked ones differ nothing says what becomes "
            "of the difference, so such lines stay open; give the rule a treatment of the difference."
        )
        yield "amount", sentence


def _own_amounts(amount: Allowance) -> bool:
    return (amount.left, amount.right) == (Allowance().left, Allowance().right)


def empty_keys(rule: Match) -> Iterator[Said]:
    """Fields that the rule compares, groups by or searches in, on lines where they are asked to be empty."""
    for path, side, field in _needed(rule):
        empty = Test(field, "is_empty")
        if any(leaf == empty for _path, leaf in _asked(rule, side)):
            sentence = _("The rule needs the {field} of lines that it asks to have none: nothing passes.")
            yield path, sentence.format(field=field_words(field))


def _needed(rule: Match) -> Iterator[tuple[str, str, str]]:
    """Path, side and name of each field without which a line is in no candidate of the rule."""
    for path, leaf in required(rule.pair, "pair") if rule.pair else ():
        if isinstance(leaf, PairTest):
            yield f"{path}.left", rule.internal or "left", leaf.left
            yield f"{path}.right", rule.internal or "right", leaf.right
    for side, unit in (("left", rule.left), ("right", rule.right)):
        yield from ((f"{side}.group_by[{n}]", side, field) for n, field in enumerate(unit.group_by))
    if rule.search is not None:
        yield from ((f"search.same[{n}]", searched_side(rule), field) for n, field in enumerate(rule.search.same))
    if rule.date is not None:
        yield from (("date.field", side, rule.date.field) for side in _sides(rule))


def _sides(rule: Match) -> tuple[str, ...]:
    return (rule.internal,) if rule.internal else ("left", "right")


def _asked(rule: Match, side: str) -> list[Placed]:
    """The tests that every line of a side must pass, as tests of one line: `where`, and what `pair` asks of it."""
    unit: Unit = rule.left if side == "left" else rule.right
    found = list(_required(unit.where, f"{side}.where"))
    for path, leaf in _required(rule.pair, "pair"):
        if isinstance(leaf, Test) and (leaf.side == side or rule.internal):
            found.append(Placed(path, Test(leaf.field, leaf.op, leaf.value, leaf.case, leaf.at_least)))
    return found


def _required(condition: Condition | None, path: str) -> list[Placed]:
    return [] if condition is None else list(required(condition, path))


def sides_apart(rule: Match) -> Iterator[Said]:
    """Tests of the two sides that no two lines of equal amount, sign and currency can pass."""
    if rule.internal:
        return
    one_line = rule.cardinality == "one_to_one"
    for field in ("sign", "currency", "amount"):
        exact = rule.amount.exact and _own_amounts(rule.amount)
        if (field == "currency" or (one_line and (field == "sign" or exact))) and _own_amounts(rule.amount):
            yield from _apart(rule, field)


def _apart(rule: Match, field: str) -> Iterator[Said]:
    left, right = _of_field(rule, "left", field), _of_field(rule, "right", field)
    tests = ([leaf for _path, leaf in side] for side in (left, right))
    if left and right and _never_equal(*tests):
        sentence = _("The {field} asked for on the left is never that asked for on the right: nothing matches.")
        yield right[-1][0], sentence.format(field=field_words(field))


def _of_field(rule: Match, side: str, field: str) -> list[tuple[str, Test]]:
    found = _asked(rule, side)
    return [(path, leaf) for path, leaf in found if isinstance(leaf, Test) and leaf.field == field]


def _never_equal(left: list[Test], right: list[Test]) -> bool:
    if field_named(left[0].field).type is FieldType.MONEY:
        return (together(left) & together(right)).empty
    return any(_positive_apart(one, other) for one in left for other in right)


def _positive_apart(one: Test, other: Test) -> bool:
    exact = ("equals", "in")
    if one.op in exact and other.op in exact:
        return excludes(one, other)
    if one.op in exact and other.op in ("not_equals", "not_in"):
        return implies(one, Test(other.field, "in", other.value))
    return other.op in exact and one.op in ("not_equals", "not_in") and _positive_apart(other, one)


def contradictory_dates(rule: Match) -> Iterator[Said]:
    """Tests of dates that the rule's own window never lets through."""
    window = rule.date
    if window is None:
        return
    if rule.internal and window.latest < 0:
        sentence = _("Inside one side the first and the last line are never less than 0 days apart, “to” is {to}.")
        yield "date.to", sentence.format(to=window.latest)
        return
    yield from _apart_by_where(rule, window)
    if window.calendar == "calendar":
        yield from _apart_by_pair(rule, window)


def _apart_by_where(rule: Match, window: DateWindow) -> Iterator[Said]:
    if rule.internal:
        return
    left, right = _of_field(rule, "left", window.field), _of_field(rule, "right", window.field)
    one, other = (together(test for _path, test in side) for side in (left, right))
    least = None if other.low is None or one.high is None else other.low - one.high
    most = None if other.high is None or one.low is None else other.high - one.low
    if window.calendar != "calendar":  # banking days between are between 0 and the days between
        least = None if least is None else min(least, Decimal(0))
        most = None if most is None else max(most, Decimal(0))
    if (Range(least, most) & Range(Decimal(window.earliest), Decimal(window.latest))).empty:
        sentence = _("The dates asked for on the two sides never lie so near each other as the date window wants.")
        yield (right or left)[-1][0], sentence


def _apart_by_pair(rule: Match, window: DateWindow) -> Iterator[Said]:
    for path, leaf in _required(rule.pair, "pair"):
        if not isinstance(leaf, PairTest) or (leaf.left, leaf.right) != (window.field, window.field):
            continue
        reach = Decimal(0) if leaf.op == "same" else leaf.value or Decimal(0)
        allowed = Range(Decimal(window.earliest), Decimal(window.latest))
        if not rule.internal and (Range(-reach, reach) & allowed).empty:
            sentence = _("The date window asks for {least} to {most}, this test for at most {reach}.")
            said = sentence.format(least=days(window.earliest), most=days(window.latest), reach=days(int(reach)))
            yield path, said


def unreachable_days(rule_set: RuleSet, tests: list[tuple[str, Test]]) -> Iterator[Said]:
    """Decisions about candidates that lie further apart than any rule of the set allows."""
    windows = [rule.date for rule in rule_set.rules if isinstance(rule, Match)]
    if not windows or None in windows:
        return
    furthest = max(max(abs(window.earliest), abs(window.latest)) for window in windows if window)
    for path, test in tests:
        if test.field == "days_apart" and (together([test]) & Range(high=Decimal(furthest))).empty:
            sentence = _("No rule matches lines that far apart: the widest date window is {days}.")
            yield f"{path}.value", sentence.format(days=days(furthest))
