"""A new rule sketched from lines that somebody has selected in a group."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy.orm import Session

from recon.access import Actor, Permission
from recon.database.line_tables import group_frame
from recon.errors import NotFound, Refusal
from recon.matching.sketch import sketch
from recon.services.find_group import group_for
from rules import one_line
from rules.wording import _

MOST_LINES = 50


def sketch_rule(session: Session, actor: Actor, group_id: int, line_ids: Sequence[int]) -> dict[str, Any]:
    """A rule, without a key, as a document that the editor begins with. Writes nothing.

    Refused for no line or more than `MOST_LINES`; NotFound where one is not of the group.
    """
    group = group_for(session, actor, group_id, Permission.VIEW)
    wanted = sorted(set(line_ids))
    if not 0 < len(wanted) <= MOST_LINES:
        raise Refusal(_("Select from 1 to {most} lines to make a rule of.").format(most=MOST_LINES))
    frame = group_frame(session, group.id, f"gl.line_id IN ({', '.join(str(int(each)) for each in wanted)})")
    if len(frame) < len(wanted):
        raise NotFound(_("Some of the lines are not in this group any more."))
    rows = one_line.rows(frame)
    left, right = ([row for row in rows if row["side"] == side] for side in ("left", "right"))
    return sketch(left, right)
