"""Release adjustments: from then on they are vouchers with a number, taken back only by reversing them."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from recon.access import Actor, Permission
from recon.database.audit import digest_of, record
from recon.database.models import Adjustment, EntryType
from recon.database.remainders import touch_group
from recon.errors import NotFound, Refusal
from recon.services.find_group import group_for
from recon.services.number_series import next_number, series_named
from rules.wording import _

VOUCHERS = "ADJ"
"""The series of entry types that name none."""


def release_adjustments(session: Session, actor: Actor, group_id: int, adjustment_ids: Sequence[int]) -> int:
    """Number and release unreleased adjustments of confirmed matches; how many.

    Raises Refusal where one is only proposed (its match is not accepted), released already or gone.
    """
    group = group_for(session, actor, group_id, Permission.RELEASE)
    wanted = sorted(set(adjustment_ids))
    query = select(Adjustment).where(Adjustment.id.in_(wanted), Adjustment.group_id == group_id)
    found = list(session.scalars(query.order_by(Adjustment.id)))
    if len(found) != len(wanted):
        raise NotFound(_("Some of the adjustments are not in {group}.").format(group=group.name))
    for adjustment in found:
        if adjustment.state != "unreleased":
            raise Refusal(
                _("Adjustment {id} is {state}, not unreleased.").format(id=adjustment.id, state=adjustment.state)
            )
    rows = [(adjustment.id, adjustment.amount_minor, adjustment.booked_on.isoformat()) for adjustment in found]
    after = {"adjustments": len(found), "rows": [list(row) for row in rows]}
    record(session, actor, group.company_id, "release", f"group {group.id}", after=after, digest=digest_of(rows))
    touch_group(session, group.id, seen=group.revision)
    for adjustment in found:
        entry_type = session.get_one(EntryType, adjustment.entry_type_id)
        series = entry_type.series or series_named(session, group.company_id, VOUCHERS, "voucher")
        adjustment.series, adjustment.number = series.name, next_number(session, series)
        adjustment.state = "released"
    session.flush()
    return len(found)
