"""The lines of a group with what is open of them and which match takes or holds them."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa
from sqlalchemy.orm import Session

from recon.access import Actor, Permission
from recon.database.bulk import read_table
from recon.database.line_tables import group_frame
from recon.services.find_group import group_for

CONDITIONS = {
    "all": "1 = 1",
    "open": "gl.is_open AND gl.state = 'active'",
    "matched": "NOT gl.is_open",
    "deactivated": "gl.state = 'deactivated'",
}
HEAD = ("id", "side", "booking_date", "amount_minor", "open_minor", "currency", "state", "match", "rule", "outcome")


def list_lines(
    session: Session, actor: Actor, group_id: int, which: str = "all", side: str | None = None
) -> pd.DataFrame:
    """Lines of a group by date and id: HEAD, then the fields that some line has, then `line_id`.

    `which` is a key of CONDITIONS. `amount_minor` and `open_minor` are int64 in the group's sign and currency; `match`
    is the newest live match of the line (suggested ones too), `rule` its rule, null for one made by hand.
    """
    group = group_for(session, actor, group_id, Permission.VIEW)
    wanted = CONDITIONS[which] + (f" AND gl.side = '{side}'" if side in ("left", "right") else "")
    frame = group_frame(session, group.id, wanted).rename(columns={"amount": "open_minor"}).drop(columns="held_by")
    frame = frame.merge(_standing(session, group.id), on="line_id").merge(
        _matches(session, group.id), on="line_id", how="left"
    )
    fields = [name for name in frame.columns if name not in (*HEAD, "line_id")]
    return frame[[*HEAD, *fields, "line_id"]].sort_values(["booking_date", "id"], ignore_index=True)


def _standing(session: Session, group_id: int) -> pd.DataFrame:
    query = f"SELECT line_id, amount_minor, state FROM group_line WHERE group_id = {int(group_id)}"  # noqa: S608
    schema = {"line_id": pa.int64(), "amount_minor": pa.int64(), "state": pa.string()}
    found: pd.DataFrame = read_table(session, query, schema).to_pandas(types_mapper=pd.ArrowDtype)
    return found


def _matches(session: Session, group_id: int) -> pd.DataFrame:
    query = f"""
        SELECT a.line_id, m.id, m.rule_key, m.state FROM match m JOIN allocation a ON a.match_id = m.id
        WHERE m.group_id = {int(group_id)} AND a.undone_event_id IS NULL AND a.line_id IS NOT NULL
        ORDER BY m.id"""  # noqa: S608
    schema = {"line_id": pa.int64(), "match": pa.int64(), "rule": pa.string(), "outcome": pa.string()}
    found: pd.DataFrame = read_table(session, query, schema).to_pandas(types_mapper=pd.ArrowDtype)
    return found.drop_duplicates("line_id", keep="last")
