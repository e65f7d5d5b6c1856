"""The adjustments of a group that stand: those a person acts on, and those that lines were posted by."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from recon.database.models import AccountGroup, Adjustment
from recon.errors import NotFound, Refusal
from rules.wording import _

LIVE = ("proposed", "unreleased", "released")


def adjustments_of(
    session: Session, group: AccountGroup, adjustment_ids: Iterable[int], states: Sequence[str]
) -> list[Adjustment]:
    """The group's adjustments with these keys, all in these states; NotFound, or Refusal naming the first other."""
    wanted = sorted(set(adjustment_ids))
    query = select(Adjustment).where(Adjustment.id.in_(wanted), Adjustment.group_id == group.id)
    found = list(session.scalars(query.order_by(Adjustment.id).execution_options(populate_existing=True)))
    if not wanted or len(found) != len(wanted):
        raise NotFound(_("Some of the adjustments are not in {group}.").format(group=group.name))
    for adjustment in found:
        if adjustment.state not in states:
            told = _("Adjustment {id} is {state}, not {wanted}.")
            raise Refusal(told.format(id=adjustment.id, state=adjustment.state, wanted=_(" or ").join(states)))
    return found


def posted_by(session: Session, group_id: int, line_ids: Iterable[int] | None = None) -> dict[int, Adjustment]:
    """Line -> the live adjustment that was posted from it; of these lines, or of all."""
    live = (Adjustment.group_id == group_id, Adjustment.from_line_id.is_not(None), Adjustment.state.in_(LIVE))
    query = select(Adjustment).where(*live)
    if line_ids is not None:
        query = query.where(Adjustment.from_line_id.in_(set(line_ids)))
    return {adjustment.from_line_id or 0: adjustment for adjustment in session.scalars(query)}


def require_unposted(session: Session, group_id: int, line_ids: Iterable[int], released_too: bool = False) -> list[int]:
    """Keys of the proposals that give way to a person's work on these lines.

    Raises Refusal where the adjustment of one waits for its release, or `released_too`, is released, or a line is a
    voucher itself: nothing is posted twice.
    """
    if released_too:
        _refuse_vouchers(session, line_ids)
    giving_way = []
    for line_id, adjustment in sorted(posted_by(session, group_id, line_ids).items()):
        if adjustment.state == "proposed":
            giving_way.append(adjustment.id)
        elif adjustment.state == "unreleased":
            told = _("Line {line} is posted: adjustment {id} waits to be released. Delete it first.")
            raise Refusal(told.format(line=line_id, id=adjustment.id))
        elif released_too:
            told = _("Line {line} is posted already, by voucher {series} {number}.")
            raise Refusal(told.format(line=line_id, series=adjustment.series, number=adjustment.number))
    return giving_way


def _refuse_vouchers(session: Session, line_ids: Iterable[int]) -> None:
    """A line that a released voucher became is taken back by reversing it, and never booked once more."""
    of_lines = Adjustment.line_id.in_(list(line_ids)), Adjustment.state == "released"
    found = session.scalar(select(Adjustment).where(*of_lines).order_by(Adjustment.line_id).limit(1))
    if found is not None:
        raise _reverse_first(found, found.line_id)


def _reverse_first(voucher: Adjustment, line_id: int | None) -> Refusal:
    told = _("Line {line} was posted by voucher {series} {number}: reverse it first.")
    return Refusal(told.format(line=line_id, series=voucher.series, number=voucher.number))


def drop(session: Session, adjustment_ids: Iterable[int]) -> None:
    """End adjustments that were never released."""
    ending = update(Adjustment).where(
        Adjustment.id.in_(list(adjustment_ids)), Adjustment.state.in_(("proposed", "unreleased"))
    )
    session.execute(ending.values(state="dropped").execution_options(synchronize_session="fetch"))


def end_postings(session: Session, line_ids: Sequence[int]) -> None:
    """End what was posted from lines that leave their groups. Raises Refusal where a voucher was released."""
    for start in range(0, len(line_ids), 5_000):
        some = line_ids[start : start + 5_000]
        query = select(Adjustment).where(Adjustment.from_line_id.in_(some), Adjustment.state.in_(LIVE))
        found = list(session.scalars(query.order_by(Adjustment.id)))
        for adjustment in found:
            if adjustment.state == "released":
                raise _reverse_first(adjustment, adjustment.from_line_id)
        drop(session, [adjustment.id for adjustment in found])
