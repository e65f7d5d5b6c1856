"""What came nearest to an open line, named by keys of the database and told in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from recon.matching.nearest import Miss, Verdict
from recon.matching.side import SideName
from recon.matching.view import Rows
from recon.services.known_refusals import Refused
from recon.services.told_tests import plain_test, told_failing
from rules.codec import rule_hash
from rules.explain import Explanation
from rules.names import rule_title
from rules.values import said_day, said_money
from rules.wording import _, ngettext

LISTED = 5
"""Lines of a candidate that are told one by one."""


@dataclass(frozen=True, slots=True)
class NearMiss:
    """What came nearest under one rule: the other lines, what kept it from being matched, and the tests it fails.

    `own`: the other lines that the rule takes together with the asked one. `rivals`: the lines of other candidates that
    are as good. `reason`: why not, in words.
    """

    rule: str
    name: str
    verdict: Verdict
    line_ids: tuple[int, ...]
    own_ids: tuple[int, ...]
    lines: tuple[str, ...]
    first_failing: Explanation | None
    failing: int
    reason: str
    rivals: tuple[tuple[int, ...], ...] = ()

    def sentence(self) -> str:
        lines = ", ".join(self.lines)
        mark = "✗" if self.first_failing else "·"
        return f"{self.name}: {lines}\n    {mark} {self.reason}" if lines else f"{self.name}\n    {mark} {self.reason}"

    def plain(self) -> dict[str, Any]:
        return {
            "rule": self.rule,
            "name": self.name,
            "verdict": self.verdict,
            "lines": list(self.line_ids),
            "together_with": list(self.own_ids),
            "first_failing": plain_test(self.first_failing) if self.first_failing else None,
            "failing": self.failing,
            "reason": self.reason,
            "rivals": [list(rival) for rival in self.rivals],
        }


class Telling:
    """Misses of `recon.matching.nearest`, named by keys of the database and told in words."""

    def __init__(self, sides: dict[SideName, pd.DataFrame], side: SideName, refusals: Sequence[Refused]) -> None:
        self.sides = sides
        self.side = side
        self.refusals = {(refused.set_hash, refused.rule_hash): refused for refused in refusals}

    def miss(self, miss: Miss) -> NearMiss:
        failing = miss.failing
        return NearMiss(
            rule=miss.rule.key,
            name=rule_title(miss.rule.name),
            verdict=miss.verdict,
            line_ids=self._ids(miss.other, miss.others),
            own_ids=self._ids(self.side, miss.own),
            lines=self._lines(miss.other, miss.others),
            first_failing=failing[0] if failing else None,
            failing=len(failing),
            reason=self._reason(miss),
            rivals=tuple(self._ids(name, rows) for name, rows in miss.rivals),
        )

    def _ids(self, name: SideName, rows: Rows) -> tuple[int, ...]:
        return tuple(int(line) for line in self.sides[name]["line_id"].iloc[list(rows)])

    def _lines(self, name: SideName, rows: Rows) -> tuple[str, ...]:
        found = self.sides[name].iloc[list(rows[:LISTED])]
        told = [
            f"{said_day(on)} {said_money(int(minor), currency)}"
            for on, minor, currency in zip(found["booking_date"], found["amount"], found["currency"], strict=True)
        ]
        more = [_("and {count} more").format(count=len(rows) - LISTED)] if len(rows) > LISTED else []
        return (*told, *more)

    def _reason(self, miss: Miss) -> str:
        match miss.verdict:
            case "fails":
                return told_failing(miss.failing[0])
            case "aside":
                return _("the rule is not about this line: {test}").format(test=told_failing(miss.failing[0]))
            case "nobody":
                return _("nothing open on the other side has this sign and passes its conditions")
            case "refused":
                refused = self.refusals[miss.set_hash, rule_hash(miss.rule)]
                told = _("{name} took these lines apart or rejected them on {day}")
                return told.format(name=refused.by, day=said_day(refused.at.date()))
            case "held":
                return _("fails nothing, but a suggestion holds one of the lines")
            case "rivals":
                told = ngettext(
                    "fails nothing, but {count} other candidate has a claim on one of the lines",
                    "fails nothing, but {count} other candidates have a claim on one of the lines",
                    len(miss.rivals),
                )
                return told.format(count=len(miss.rivals))
            case "left":
                return _("fails nothing, but the decision “{name}” leaves it open").format(
                    name=rule_title(miss.decision or "")
                )
            case "free":
                return _("fails nothing: the next Reconcile takes it")
