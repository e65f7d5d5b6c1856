"""`recon report`: every report is one row of `REPORTS`."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import click
from sqlalchemy.orm import Session

from recon.access import Actor
from recon.cli import commands
from recon.cli.acting import as_user, looking
from recon.cli.trials import named_rules
from recon.services.backtest_report import draw_backtest
from recon.services.backtest_rules import backtest_rules
from recon.services.draw_report import FORMATS, NAMES, draw_report
from recon.services.find_group import find_group
from recon.services.hit_rates import draw_hit_rates, read_hit_rates
from recon.services.trial_matches import stored
from rules.wording import _

DAY = click.DateTime(formats=["%Y-%m-%d"])


@dataclass(frozen=True, slots=True)
class Asked:
    """What the command was asked for."""

    session: Session
    actor: Actor
    group_id: int
    name: str
    from_on: date | None
    as_of: date | None
    rules: str
    kind: str


def _closing(asked: Asked) -> bytes:
    return draw_report(asked.session, asked.actor, asked.group_id, asked.name, asked.as_of, asked.kind)


def _backtest(asked: Asked) -> bytes:
    tried = named_rules(asked.session, asked.actor, asked.group_id, asked.rules)
    found = backtest_rules(asked.session, asked.actor, asked.group_id, tried, to_on=asked.as_of)
    return draw_backtest(stored(found), asked.kind)


def _hit_rates(asked: Asked) -> bytes:
    found = read_hit_rates(asked.session, asked.actor, asked.group_id, asked.from_on, asked.as_of)
    return draw_hit_rates(found, asked.kind)


REPORTS: dict[str, Callable[[Asked], bytes]] = {
    **dict.fromkeys(NAMES, _closing),
    "backtest": _backtest,
    "hit-rates": _hit_rates,
}
"""Report -> what draws it."""


@commands.command("report")
@click.argument("name", type=click.Choice(tuple(REPORTS)))
@click.argument("group")
@click.option("--as-of", type=DAY, help="The date of the report (default: the newest that is known).")
@click.option("--from", "from_on", type=DAY, help="For hit-rates: the first month (default: twelve in all).")
@click.option("--rules", metavar="FILE|SET[@VERSION]", help="For backtest: the rules to test on all approved periods.")
@click.option("--format", "kind", type=click.Choice(FORMATS), default="pdf", show_default=True)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write here (default: standard output).")
@as_user
def report(
    name: str,
    group: str,
    as_of: datetime | None,
    from_on: datetime | None,
    rules: str | None,
    kind: str,
    out: Path | None,
    user: str | None,
) -> None:
    """Write report NAME of GROUP; outside approval it is marked DRAFT.

    \b
    Example: recon report open-items "Fjord AS/1920-bank" --as-of 2025-01-31 --format csv
    """
    if (name == "backtest") != bool(rules):
        raise click.UsageError(_("--rules belongs to the report backtest, which needs it."))
    if from_on and name != "hit-rates":
        raise click.UsageError(_("--from belongs to the report hit-rates."))
    with looking(user) as (session, actor):
        found = find_group(session, actor, group)
        first, day = (moment.date() if moment else None for moment in (from_on, as_of))
        content = REPORTS[name](Asked(session, actor, found.id, name, first, day, rules or "", kind))
    if out:
        out.write_bytes(content)
    else:
        sys.stdout.buffer.write(content)
