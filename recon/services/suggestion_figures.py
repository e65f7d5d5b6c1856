"""What a proposed rule would do: on the open lines now, and in the approved periods. Writes nothing."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from recon.access import Actor
from recon.database.models import Document
from recon.matching.compare import BY_HAND
from recon.services.backtest_rules import backtest_rules
from recon.services.draft_suggestion import named_suggestion
from recon.services.preview_rules import preview_rules
from recon.services.suggest_rules import Suggestion


@dataclass(frozen=True, slots=True)
class Tested:
    """The rule's matches in approved periods by kind (same, changed, lost, new).

    Of the whole set: `by_hand` of the matches people made it would have found, `lost` of all that stood it would not.
    """

    matches: dict[str, int]
    by_hand: int
    lost: int


@dataclass(frozen=True, slots=True)
class SuggestionFigures:
    """On open lines what the rule matches, newly among them, what the set no longer matches, and lines left aside.

    `tested` is None where no period is approved.
    """

    matches: int
    newly: int
    no_longer: int
    excluded: int
    tested: Tested | None


def suggestion_figures(session: Session, actor: Actor, group_id: int, name: str) -> SuggestionFigures:
    """Preview and backtest of the newest version with the proposal in it. Raises NotFound as `named_suggestion`."""
    suggestion = named_suggestion(session, actor, group_id, name)
    preview = preview_rules(session, actor, group_id, suggestion.rules, examples=0)
    row = next(each for each in preview.rules if each.rule == suggestion.proposal.rule.key)
    approved = select(Document.id).where(Document.group_id == group_id, Document.state == "approved")
    return SuggestionFigures(
        matches=row.matches,
        newly=row.newly,
        no_longer=sum(each.no_longer for each in preview.rules),
        excluded=row.excluded,
        tested=_tested(session, actor, group_id, suggestion) if session.scalars(approved.limit(1)).first() else None,
    )


def _tested(session: Session, actor: Actor, group_id: int, suggestion: Suggestion) -> Tested:
    key = suggestion.proposal.rule.key
    result = backtest_rules(session, actor, group_id, suggestion.rules, listed=0)
    fate = next(each for each in result.found_by if each.rule == key)
    by_hand = next((each.matches["same"] for each in result.stood_by if each.rule == BY_HAND), 0)
    return Tested(fate.matches, by_hand, result.figures("lost").stood)
