"""Lines that a person matches although they do not agree: booked as an entry type, or the rest kept open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy.orm import Session

from recon.database.models import AccountGroup
from recon.errors import Refusal
from recon.services.open_members import Member, money
from recon.services.vouchers import entry_type_for, usual_counter_account, usual_ledger_account
from rules.model import Difference
from rules.wording import _


def difference_of(members: Sequence[Member]) -> int:
    """Right − left of what is taken."""
    return sum(m.amount_minor if m.side == "right" else -m.amount_minor for m in members)


def treated(
    session: Session, group: AccountGroup, members: list[Member], treatment: Difference | None, reason: str | None
) -> list[Member]:
    """The members as they are matched: cut where the rest is kept open. Raises Refusal where the difference may not
    stand: no treatment, no reason, or an entry type that cannot book it."""
    difference = difference_of(members)
    if not difference:
        return members
    if treatment is None:
        told = _("The lines do not sum to 0: right minus left is {difference}.")
        raise Refusal(told.format(difference=money(difference, group)))
    if not (reason or "").strip():
        told = _("Say why lines are matched that differ by {difference}.")
        raise Refusal(told.format(difference=money(difference, group)))
    if treatment.keep_open:
        return cut_to_smaller(members)
    entry_type = entry_type_for(session, group, treatment.entry_type, difference)
    if not usual_counter_account(entry_type, difference, usual_ledger_account(session, group)):
        raise Refusal(_("Entry type {key} names no account for this difference.").format(key=entry_type.key))
    return members


def cut_to_smaller(members: list[Member]) -> list[Member]:
    """The smaller side whole; of the larger one lines of opposite sign first and whole, then by booking date and key,
    so that the last one keeps the remainder (rule language, keep_open). Raises Refusal where the signs differ."""
    totals = {side: sum(m.amount_minor for m in members if m.side == side) for side in ("left", "right")}
    if totals["left"] * totals["right"] <= 0:
        raise Refusal(_("A rest can be kept open only where both sides go the same way; these do not."))
    larger = max(totals, key=lambda side: abs(totals[side]))
    rest = totals["right" if larger == "left" else "left"]
    sign = 1 if rest > 0 else -1
    order = sorted(
        (m for m in members if m.side == larger), key=lambda m: (m.amount_minor * sign > 0, m.booked_on, m.line_key)
    )
    taken: dict[int, int] = {}
    for member in order:
        against = member.amount_minor * sign < 0
        taken[member.line_id] = member.amount_minor if against or abs(member.amount_minor) <= abs(rest) else rest
        rest -= taken[member.line_id]
    kept = [replace(m, amount_minor=taken.get(m.line_id, m.amount_minor)) for m in members]
    return [m for m in kept if m.amount_minor or not m.open_minor]
