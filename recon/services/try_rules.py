"""A preview or a backtest by plain arguments, as pages and jobs ask for it: JSON in, JSON out."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal

from sqlalchemy.orm import Session

from recon.access import Actor
from recon.services.backtest_rules import backtest_rules
from recon.services.preview_rules import preview_rules
from recon.services.run_plan import Progress
from recon.services.trial_matches import stored
from rules.codec import from_document

What = Literal["preview", "backtest"]


def try_rules(
    session: Session, actor: Actor, what: What, arguments: dict[str, Any], progress: Progress | None = None
) -> dict[str, Any]:
    """`group_id`, `body` (a document of rules) and for a backtest `from_on` and `to_on` (ISO days or None).

    Answers what `trial_matches.stored` makes of the preview or backtest. Raises RuleErrors, and Refusal as those do.
    """
    group_id, rules = int(arguments["group_id"]), from_document(arguments["body"])
    if what == "preview":
        return stored(preview_rules(session, actor, group_id, rules, progress=progress))
    from_on, to_on = (_day(arguments.get(name)) for name in ("from_on", "to_on"))
    return stored(backtest_rules(session, actor, group_id, rules, from_on=from_on, to_on=to_on, progress=progress))


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
