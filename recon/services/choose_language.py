"""The language a person reads pages and sentences in."""

from __future__ import annotations

from sqlalchemy.orm import Session

from recon.access import Actor, require_operator
from recon.database.audit import record
from recon.database.models import User
from recon.errors import Refusal
from recon.languages import LANGUAGES
from rules.wording import NP_, _


def choose_language(session: Session, actor: Actor, user: User, language: str | None) -> bool:
    """Let a user read in one of LANGUAGES, or in what their browser asks for (None): their own, or as the operator.
    False if nothing changed. Raises Refusal for a language we do not have.
    """
    if actor.user_id != user.id:
        require_operator(actor, NP_("may", "choose another user's language"))
    if language is not None and language not in LANGUAGES:
        known = ", ".join(LANGUAGES)
        raise Refusal(_("There is no language {code}; there are {known}.").format(code=language, known=known))
    if user.locale == language:
        return False
    before, user.locale = user.locale, language
    was, now = {"language": before}, {"language": language}
    record(session, actor, None, "choose language", f"user {user.id}", before=was, after=now)
    return True
