"""The kinds of job: what each does with its arguments, and the result it leaves (plain JSON)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session, sessionmaker

from recon.access import Actor
from recon.database.models import Account
from recon.database.session import read_only
from recon.services.collect import collect
from recon.services.import_file import import_file
from recon.services.judge_lines import Decisions
from recon.services.run_group import run_group
from recon.services.try_rules import What, try_rules

Json = dict[str, Any]
Progress = Callable[[str, float], None]
"""Told the step at work and the share of the job that is done."""

Sessions = sessionmaker[Session]
Kind = Callable[[Sessions, Actor, Json, Progress], Json]


def import_kind(sessions: Sessions, actor: Actor, arguments: Json, progress: Progress) -> Json:
    """`path` (the bytes), `name` (what the user calls them), `company_id`, `account_id`, `create` (names of accounts),
    `format`, `decisions` (`Decisions.to_json`)."""
    progress(str(arguments["name"]), 0.0)
    with sessions.begin() as session:
        account_id = arguments.get("account_id")
        done = import_file(
            session,
            actor,
            Path(arguments["path"]),
            name=arguments["name"],
            format=arguments.get("format"),
            company_id=arguments.get("company_id"),
            account=session.get_one(Account, account_id) if account_id else None,
            missing=frozenset(arguments.get("create", ())),
            decisions=Decisions.from_json(arguments.get("decisions")),
        )
    return {
        "new": done.new,
        "known": done.known,
        "batches": list(done.batches),
        "groups": [list(entered) for entered in done.groups],
        "findings": [asdict(finding) for finding in done.plan.findings],
    }


def run_kind(sessions: Sessions, actor: Actor, arguments: Json, progress: Progress) -> Json:
    """`group_id`: the sources of its company are read, then its rule set runs over its open lines."""
    report = run_group(sessions, actor, int(arguments["group_id"]), progress=progress)
    return {**asdict(report), "matches": report.matches}


def trial_kind(what: What) -> Kind:
    """`group_id`, `body` and the days of a backtest, as `try_rules` takes them; `set_id` says whose page asked."""

    def try_them(sessions: Sessions, actor: Actor, arguments: Json, progress: Progress) -> Json:
        with sessions() as session:
            return {"trial": try_rules(read_only(session), actor, what, arguments, progress)}

    return try_them


def collect_kind(sessions: Sessions, actor: Actor, arguments: Json, progress: Progress) -> Json:
    """`source_id`: whatever lies there is taken in."""
    done = collect(sessions, actor, int(arguments["source_id"]))
    return {**asdict(done), "new": done.new}


KINDS: Mapping[str, Kind] = {
    "collect": collect_kind,
    "import": import_kind,
    "run": run_kind,
    "preview": trial_kind("preview"),
    "backtest": trial_kind("backtest"),
}
