"""Check the whole database against itself: every finding names the row that does not hold."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from recon.access import Actor, Permission
from recon.errors import NotAllowed
from recon.services.verify_adjustments import adjustment_findings
from recon.services.verify_documents import document_findings
from recon.services.verify_events import broken, event_findings
from recon.services.verify_lines import line_findings
from recon.services.verify_matches import match_findings
from recon.services.verify_setup import setup_findings
from rules.errors import Finding
from rules.wording import _


def verify_database(session: Session, actor: Actor) -> list[Finding]:
    """What does not hold, empty if all does: the audit chain, the digests of all that events wrote, lines, matches and
    remainders, vouchers, sealed documents, balances, rule versions. Reads only.
    """
    if not actor.may_anywhere(Permission.VERIFY):
        raise NotAllowed(_("{name} may not verify the database").format(name=actor.name or _("you")))
    return list(_findings(session))


CHECKS: dict[str, Callable[[Session], Iterator[Finding]]] = {
    "events": event_findings,
    "lines": line_findings,
    "matches": match_findings,
    "adjustments": adjustment_findings,
    "documents": document_findings,
    "setup": setup_findings,
}


def _findings(session: Session) -> Iterator[Finding]:
    for name, check in CHECKS.items():
        try:
            yield from check(session)
        except (ValueError, TypeError, KeyError, DBAPIError) as fault:
            # A value of the wrong kind, which nothing of ours writes; what comes after it is not looked at.
            reason = " ".join(str(fault).split())[:200]
            yield broken(f"{name}-unreadable", name, _("a row cannot be read: {reason}").format(reason=reason))
