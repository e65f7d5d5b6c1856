"""The sentences of a match rule beyond its conditions: what is matched with what, days, amounts, ties, outcome."""

from __future__ import annotations

from rules.model import Allowance, DateWindow, Match, Unit
from rules.names import field_label, field_words
from rules.phrases import days
from rules.values import said_number
from rules.wording import _, listed, ngettext


def taking_phrase(rule: Match) -> str:
    """What is set against what: `Match one left line with one right line`."""
    if rule.internal:
        return _internal_phrase(rule)
    left, right = {
        "one_to_one": (_("one left line"), _("one right line")),
        "one_to_many": (_("one left line"), _many(rule.right, _("right lines"))),
        "many_to_one": (_many(rule.left, _("left lines")), _("one right line")),
        "many_to_many": (_many(rule.left, _("left lines")), _many(rule.right, _("right lines"))),
    }[rule.cardinality]
    return _("Match {left} with {right}").format(left=left, right=right)


def _internal_phrase(rule: Match) -> str:
    unit = rule.left if rule.internal == "left" else rule.right
    lines = {"left": _("left lines"), "right": _("right lines")}[rule.internal or "left"]
    if unit.group_by:
        return _("Match {lines} that cancel out among themselves").format(lines=_many(unit, lines))
    if rule.search:
        return _("Match a few {lines} that cancel out among themselves").format(lines=lines)
    return _("Match two {lines} that cancel out").format(lines=lines)


def _many(unit: Unit, lines: str) -> str:
    if not unit.group_by:
        return _("several {lines}").format(lines=lines)
    keys = listed([field_label(key) for key in unit.group_by], _("and"))
    return _("all {lines} of the same {keys}").format(lines=lines, keys=keys)


def date_phrase(rule: Match) -> str:
    """The date window, or "" without one."""
    window = rule.date
    if window is None:
        return ""
    field = field_words(window.field)
    if window.earliest == window.latest == 0:
        return _("the {field} is the same day").format(field=field)
    if rule.internal or -window.earliest == window.latest:
        sentence = _("the {field} differs by at most {days}")
        return sentence.format(field=field, days=_calendar_days(window.latest, window.calendar))
    if window.earliest == 0:
        sentence = _("the right {field} is the left one's day or at most {days} later")
        return sentence.format(field=field, days=_calendar_days(window.latest, window.calendar))
    if window.latest == 0:
        sentence = _("the right {field} is the left one's day or at most {days} earlier")
        return sentence.format(field=field, days=_calendar_days(-window.earliest, window.calendar))
    sentence = _("the right {field} lies from {earliest} to {latest} the left one")
    return sentence.format(
        field=field,
        earliest=_from_left(window.earliest, window.calendar),
        latest=_from_left(window.latest, window.calendar),
    )


def days_apart_phrase(window: DateWindow, apart: int) -> str:
    """How far two days are apart (right minus left) beside what the window allows: `5 days apart, 3 allowed`."""
    if -window.earliest == window.latest:
        return _("{days} apart, {allowed} allowed").format(
            days=_calendar_days(abs(apart), window.calendar), allowed=window.latest
        )
    return _("right is {place} left; allowed from {earliest} to {latest}").format(
        place=_from_left(apart, window.calendar),
        earliest=_from_left(window.earliest, window.calendar),
        latest=_from_left(window.latest, window.calendar),
    )


def _from_left(number: int, calendar: str) -> str:
    phrase = _("{days} before") if number < 0 else _("{days} after")
    return phrase.format(days=_calendar_days(abs(number), calendar))


def _calendar_days(number: int, calendar: str) -> str:
    if calendar == "calendar":
        return days(number)
    phrase = ngettext("{n} banking day", "{n} banking days", number).format(n=number)
    country = calendar.partition(":")[2]
    return f"{phrase} ({country})" if country else phrase


def amount_sentence(rule: Match) -> str:
    """Which amounts are compared and how far they may differ, with what becomes of the difference."""
    amount = rule.amount
    if amount.anything:
        return _("The amounts may differ; what is left of the larger side stays open.")
    if amount.exact:
        return _exact_sentence(amount)
    limits = listed(_limits(amount), _("or"))
    kept = rule.difference is not None and rule.difference.keep_open
    entry = rule.difference.entry_type if rule.difference else None
    treated = _("it stays open") if kept else _("it is posted as {entry}").format(entry=entry)
    return _("The difference (right less left) may be {limits}; {treated}.").format(limits=limits, treated=treated)


def _exact_sentence(amount: Allowance) -> str:
    if amount.left == amount.right == "amount":
        return _("The amounts are equal.")
    left, right = field_words(amount.left), field_words(amount.right)
    return _("The left {left} equals the right {right}.").format(left=left, right=right)


def _limits(amount: Allowance) -> list[str]:
    limits = []
    if amount.minus or amount.plus:
        lowest = f"−{said_number(amount.minus)}" if amount.minus else "0"
        limits.append(_("from {lowest} to {highest}").format(lowest=lowest, highest=said_number(amount.plus)))
    if amount.percent:
        basis = {
            "left": _("the left amount"),
            "right": _("the right amount"),
            "larger": _("the larger amount"),
            "smaller": _("the smaller amount"),
        }[amount.basis]
        share = _("up to {percent} % of {basis}").format(percent=said_number(amount.percent), basis=basis)
        if amount.cap is not None:
            share = _("{share}, at most {cap}").format(share=share, cap=said_number(amount.cap))
        limits.append(share)
    return limits


def policy_sentence(rule: Match) -> str:
    """What happens where a line has several candidates."""
    return {
        "unique_only": _("Where a line has several candidates, it is left open."),
        "closest": _("Of several candidates the one that agrees best is taken; a tie is left open."),
        "first": _("Of several candidates the one that agrees best is taken; in a tie the first by date."),
        "newest": _("Of several candidates the one with the newest date is taken; in a tie the one that agrees best."),
        "suggest": _("Of several candidates the one that agrees best is taken; a tie is put forward as a choice."),
    }[rule.ambiguous]


def outcome_sentences(rule: Match) -> list[str]:
    said = []
    if rule.search is not None:
        sentence = _("At most {n} lines are tried together.").format(n=rule.search.max_lines)
        same = listed([field_words(field) for field in rule.search.same], _("and"))
        said.append(
            sentence if not same else _("{sentence} They share the {same}.").format(sentence=sentence, same=same)
        )
    if rule.outcome == "suggested":
        said.append(_("The match is only suggested."))
    return said
