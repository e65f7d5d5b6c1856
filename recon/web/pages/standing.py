"""How a group's balances stand at the end of a period, in one mark: agrees, differs, not comparable, approved."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy.orm import Session

from recon.database.models import AccountGroup
from recon.services.read_balances import GroupBalances, balances_as_of
from recon.web.formats import amount
from recon.web.wording import _


@dataclass(frozen=True)
class Standing:
    """A mark with its colour (`style`) and, for who points at it, the whole sentence."""

    words: str
    style: str
    note: str


def standing_of(session: Session, group: AccountGroup, to_on: dt.date) -> Standing | None:
    """None before the group's first day."""
    return None if to_on < group.start_on else reading(balances_as_of(session, group, to_on))


def reading(found: GroupBalances) -> Standing:
    """The worst first: a proof that fails, a real difference, a figure that cannot be compared."""
    if not found.proof.holds:
        unexplained = amount(found.proof.difference_minor, found.currency)
        return Standing(_("unexplained %(amount)s", amount=unexplained), "bad", _("The two-sided proof does not hold."))
    different = [each for each in found.accounts if each.difference_minor]
    if different:
        first = different[0]
        words = _("differs %(amount)s", amount=amount(first.difference_minor, first.currency))
        return Standing(words, "bad", _("%(account)s: statement minus calculated.", account=first.account))
    if found.document:
        return Standing(_("approved"), "good", found.document)
    reasons = [f"{each.account}: {each.not_comparable}" for each in found.accounts if each.not_comparable]
    if reasons:
        return Standing(_("not comparable"), "amber", "; ".join(reasons))
    told = _("Every account equals its statement balance, and the two-sided proof holds.")
    return Standing(_("agrees"), "good", told)
