"""What a run would do to a group: computed beside the database, from the lines as they stood at one revision."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
import pyarrow as pa
from sqlalchemy import select
from sqlalchemy.orm import Session

from recon.access import Actor, Permission
from recon.database.line_tables import open_lines
from recon.database.models import AccountGroup, EntryType, GroupLine, Refusal
from recon.matching.result import RunResult, set_hash
from recon.matching.run import run_rules
from recon.services.find_group import first_open_day, group_for
from recon.services.posted_pairs import PAIR_HASH, PAIR_KEY, pair_frames, posted_pairs
from recon.services.rule_versions import RulesInForce, rules_of_group
from recon.services.run_postings import bookable, with_postings
from rules.errors import Finding
from rules.model import RuleSet
from rules.wording import _

Progress = Callable[[str, float], None]


@dataclass(frozen=True, slots=True)
class Found:
    """What rules find in lines, named by keys of the database.

    `matches`: those of a run (`RunResult`), numbered by position; `members`: match, line_id, id, on, side,
    amount_minor. The rest as `RunPlan` has it.
    """

    lines: pd.DataFrame
    matches: pd.DataFrame
    members: pd.DataFrame
    choices: pd.DataFrame
    excluded: pd.DataFrame
    postings: pd.DataFrame
    findings: list[Finding]
    facts: int


@dataclass(frozen=True, slots=True)
class RunPlan:
    """What a run found, named by keys of the database.

    `matches`: rule_key, rule_hash, state, effective_on (days since 1970), set_hash, alternatives, difference_minor,
    entry_type; `members`: match (position), line_id, side, amount_minor. `choices`, `excluded` and `postings` are those
    of the run, with `line_id`. `lines` is the frame the run saw. Posted lines and their vouchers are matched first, as
    PAIR_KEY.
    """

    group_id: int
    revision: int
    rules: RulesInForce
    lines: pd.DataFrame
    matches: pd.DataFrame
    members: pd.DataFrame
    choices: pd.DataFrame
    excluded: pd.DataFrame
    findings: list[Finding]
    facts: int
    postings: pd.DataFrame


def plan_run(
    session: Session,
    actor: Actor,
    group_id: int,
    *,
    as_of: date | None = None,
    progress: Progress | None = None,
) -> RunPlan:
    """Run the rules in force over the group's open lines; lines held by suggestions are open to it. Writes nothing.

    `as_of` leaves later lines out. Raises Refusal where the group has no rules or lacks what they need.
    """
    group = group_for(session, actor, group_id, Permission.RUN)
    rules, lines = rules_of_group(session, group), open_lines(session, group_id)
    if as_of is not None:
        lines = lines[lines["booking_date"] <= as_of].reset_index(drop=True)
    found = find_matches(session, group, rules.rule_set, lines, progress)
    members = found.members.sort_values(["match", "id"], ignore_index=True)
    effective = _effective_days(session, group, members, len(found.matches))
    return RunPlan(
        group.id,
        group.revision,
        rules,
        found.lines,
        _drafts(found.matches, members, rules, effective),
        members[["match", "line_id", "side", "amount_minor"]],
        found.choices,
        found.excluded,
        found.findings,
        found.facts,
        found.postings,
    )


def find_matches(
    session: Session, group: AccountGroup, rules: RuleSet, lines: pd.DataFrame, progress: Progress | None = None
) -> Found:
    """What these rules find in lines of the group (`open_lines` names their columns; amounts are what is open).

    Read the group before its lines: its revision tells whether they changed since.
    """
    refusals = _refusals(session, group.id)
    lines = with_postings(session, group.id, lines)
    pairs = posted_pairs(session, group.id, lines, refusals)
    free = lines.drop(index=[at for pair in pairs for at in pair]) if pairs else lines
    sides = {side: free[free["side"] == side].reset_index(drop=True) for side in ("left", "right")}
    result = run_rules(
        sides["left"], sides["right"], rules, country=group.country, refusals=refusals, progress=progress
    )
    members = _with_lines(result.members, sides)
    known, findings = _without_unknown_entry_types(session, group, result)
    matches, members = _with_pairs(*_kept(result.matches, members, known), lines, pairs)
    postings, unbookable = bookable(session, group, _with_lines(result.postings, sides))
    return Found(
        lines,
        matches,
        members,
        _with_lines(result.choices, sides),
        _with_lines(result.excluded, sides),
        postings,
        [*result.findings, *findings, *unbookable],
        result.facts,
    )


def _refusals(session: Session, group_id: int) -> frozenset[tuple[str, str]]:
    query = select(Refusal.set_hash, Refusal.rule_hash).where(
        Refusal.group_id == group_id, Refusal.cleared_event_id.is_(None)
    )
    return frozenset((lines, rule) for lines, rule in session.execute(query))


def _with_lines(members: pd.DataFrame, sides: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """The rows of a result with `line_id`, `id`, `on` and `amount_minor` (what is taken, else all that is open)."""
    parts = []
    for side, frame in sides.items():
        part = members[members["side"] == side]
        rows = part["row"].to_numpy(dtype=np.int64)
        named = {
            "line_id": frame["line_id"].to_numpy(dtype=np.int64)[rows],
            "id": frame["id"].to_numpy(dtype=object)[rows],
            "on": _days(frame["booking_date"])[rows],
            "amount_minor": part["allocated"].to_numpy(dtype=np.int64)
            if "allocated" in part
            else frame["amount"].to_numpy(dtype=np.int64)[rows],
        }
        parts.append(part.assign(**named))
    return pd.concat(parts, ignore_index=True)


def _days(dates: pd.Series[date]) -> np.ndarray[tuple[int], np.dtype[np.int32]]:
    """Dates as days since 1970."""
    return np.asarray(pa.array(dates, pa.date32()).cast(pa.int32()))


def _without_unknown_entry_types(
    session: Session, group: AccountGroup, result: RunResult
) -> tuple[pd.Series[bool], list[Finding]]:
    """A difference that cannot be booked is not accepted: those matches are left out, one finding an entry type."""
    wanted = result.matches["entry_type"].dropna()
    keys = select(EntryType.key).where(EntryType.company_id == group.company_id)
    known = set(session.scalars(keys)) if len(wanted) else set()
    sentence = _("Matches whose difference is booked as {key} were left out: the company has no such entry type.")
    findings = [
        Finding("entry-type-unknown", "warning", group.name, sentence.format(key=key))
        for key in sorted(set(wanted) - known)
    ]
    return result.matches["entry_type"].isna() | result.matches["entry_type"].isin(known), findings


def _kept(matches: pd.DataFrame, members: pd.DataFrame, keep: pd.Series[bool]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Both frames without the matches that are not kept, numbered from 0 again."""
    kept = matches[keep.to_numpy(dtype=bool)]
    number = pd.Series(range(len(kept)), index=kept["match"].to_numpy())
    members = members[members["match"].isin(number.index)]
    members = members.assign(match=number.loc[members["match"].to_numpy()].to_numpy())
    return kept.reset_index(drop=True), members


def _with_pairs(
    matches: pd.DataFrame, members: pd.DataFrame, lines: pd.DataFrame, pairs: list[tuple[int, int]]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Both frames with the posted lines and their vouchers, which are named by places in `lines`."""
    if not pairs:
        return matches, members
    paired, theirs = pair_frames(lines, pairs, len(matches))
    theirs = _with_lines(theirs, {"left": lines, "right": lines})
    return (
        pd.concat([part for part in (matches, paired) if len(part)], ignore_index=True),
        pd.concat([part for part in (members, theirs) if len(part)], ignore_index=True),
    )


def _effective_days(
    session: Session, group: AccountGroup, members: pd.DataFrame, count: int
) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """max(latest member, first day not approved), as days since 1970, for each match."""
    late = select(GroupLine.line_id, GroupLine.period_on).where(
        GroupLine.group_id == group.id, GroupLine.period_on.is_not(None), GroupLine.is_open
    )
    counted = dict(session.execute(late).all())
    epoch = date(1970, 1, 1)
    days = members["on"].to_numpy(dtype=np.int64)
    if counted:
        later = [(counted[line] - epoch).days if line in counted else 0 for line in members["line_id"]]  # type: ignore[operator]
        days = np.maximum(days, np.array(later, dtype=np.int64))
    effective = np.full(count, (first_open_day(session, group) - epoch).days, dtype=np.int64)
    np.maximum.at(effective, members["match"].to_numpy(dtype=np.int64), days)
    return effective


def _drafts(
    matches: pd.DataFrame,
    members: pd.DataFrame,
    rules: RulesInForce,
    effective: np.ndarray[tuple[int], np.dtype[np.int64]],
) -> pd.DataFrame:
    hashes = rules.hashes | {PAIR_KEY: PAIR_HASH}
    return pd.DataFrame(
        {
            "rule_key": matches["rule"].to_numpy(dtype=object),
            "rule_hash": [hashes[key] for key in matches["rule"]],
            "state": matches["outcome"].to_numpy(dtype=object),
            "effective_on": effective,
            "set_hash": _set_hashes(members, len(matches)),
            "alternatives": matches["alternatives"].to_numpy(dtype=np.int64),
            "difference_minor": matches["difference"].to_numpy(dtype=np.int64),
            "entry_type": matches["entry_type"].to_numpy(dtype=object),
        }
    )


def _set_hashes(members: pd.DataFrame, count: int) -> list[str]:
    """The hash of each match's set of lines; `members` is sorted by match."""
    ids = members["id"].tolist()
    ends = np.cumsum(np.bincount(members["match"].to_numpy(dtype=np.int64), minlength=count)).tolist()
    return [set_hash(ids[start:end]) for start, end in zip([0, *ends[:-1]], ends, strict=True)] if count else []
